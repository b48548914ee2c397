"""Align a written name with a reading lattice: which piece spells which character, in which system, at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations

from .lattice import (
    CANTONESE,
    NEVER,
    OLD,
    PINYIN,
    SOUTHERN,
    SYSTEMS,
    WADE,
    Costs,
    HanName,
    Options,
    Split,
)
from .legal import divides
from .tables import western
from .written import Part, Written, parse

# What a system costs before any letter is read, and what changing system inside one name costs.
PRIOR: Costs = (0.0, 0.1, 0.8, 0.1, 0.4, 0.5, 0.5, 0.3)
MIXED_NEAR, MIXED_FAR = 1.6, 4.0
MIXED_SETTLED = 1.4  # the family's spelling kept, the given name in pinyin: usual in Singapore and Malaysia
NEAR = (
    frozenset({PINYIN, WADE, OLD}),
    frozenset({CANTONESE, SOUTHERN, OLD}),
    frozenset({WADE, OLD, CANTONESE, SOUTHERN}),
)
MIXED = len(SYSTEMS)
# What stands for a choice between alignments of one pair; the name model has its own coefficients.
INITIAL, MISSING, KNOWN, UNKNOWN, SYLLABIC, AGAINST, GLUED = 1.6, 2.5, 0.7, 2.0, 2.5, 2.5, 0.6
SHORT_SYLLABLES = frozenset(
    ["li", "lu", "ma", "xu", "wu", "yu", "he", "hu", "du", "gu", "mo", "ng", "su", "qi", "xi", "ye", "yi"]
)
ONE_LETTER = frozenset("aeiou")


@dataclass(frozen=True, slots=True)
class Alignment:
    """One way to read the written name as the Han name. Costs in nats.

    `system` is an index into SYSTEMS, or MIXED. `initials` characters stand as a first letter only, `missing`
    have nothing. `unknown` counts leftover words that are no known Western name; `syllabic` those that could be
    another Chinese syllable. `glued` says that a boundary between surname and given name is not marked;
    `total` is all costs in one number.
    """

    cost: float
    system: int
    far: bool
    initials: int
    missing: int
    known: int
    unknown: int
    syllabic: int
    family_last: bool
    against_comma: bool
    glued: bool
    family: str
    total: float


@dataclass(frozen=True, slots=True)
class View:
    """One way to take a written name: which parts count, in which order, and what is left over."""

    parts: tuple[Part, ...]
    text: str
    ends: frozenset[int]
    family_last: bool
    against_comma: bool
    known: int
    unknown: int
    syllabic: int
    letters: bool
    whole: bool

    @property
    def extra_cost(self) -> float:
        """What the leftovers and the order cost before any letter is read."""
        return (
            KNOWN * self.known
            + UNKNOWN * self.unknown
            + SYLLABIC * self.syllabic
            + AGAINST * self.against_comma
        )


def best(name: HanName, written: Written) -> Alignment | None:
    """The cheapest alignment, None when no reading of the name gives the written form."""
    found: Alignment | None = None
    least = NEVER
    for extra, view in views(written.text):
        if extra >= least:
            break
        for split in name.splits:
            for cost, system, far, initials, missing, glued in _pieces(split, view):
                total = extra + cost + INITIAL * initials + MISSING * missing + GLUED * glued
                if total < least:
                    least = total
                    found = Alignment(
                        cost, system, far, initials, missing, view.known, view.unknown, view.syllabic,
                        view.family_last, view.against_comma, glued, split.family, total,
                    )  # fmt: skip
    return found


@lru_cache(maxsize=1 << 15)
def views(text: str) -> tuple[tuple[float, View], ...]:
    """All views of a written name, cheapest first."""
    written = parse(text)
    out = []
    for kept, known, unknown, syllabic in _without_extras(written):
        for family_last in (False, True):
            for parts, against in _orders(kept, written, family_last=family_last):
                letters = any(p.initial or (p.capitals and len(p.text) <= 3) for p in parts)
                whole = all(not p.initial or p.text in ONE_LETTER for p in parts)
                view = View(
                    parts, "".join(p.text for p in parts), _ends(parts), family_last, against, known, unknown,
                    syllabic, letters, whole,
                )  # fmt: skip
                out.append((view.extra_cost, view))
    return tuple(sorted(out, key=lambda pair: pair[0]))


def _without_extras(written: Written) -> Iterator[tuple[tuple[Part, ...], int, int, int]]:
    """The parts as they are, then without one or two words that may be Western names."""
    parts = written.parts
    yield parts, 0, 0, 0
    words = sorted({p.word for p in parts})
    if len(words) < 2 or len(parts) < 3:
        return
    extras = [e for w in words if (e := _extra([p for p in parts if p.word == w], len(parts))) is not None]
    for number, known, syllabic in extras:
        yield tuple(p for p in parts if p.word != number), int(known), int(not known), int(syllabic)
    if len(words) > 3:
        for (a, known_a, syllabic_a), (b, known_b, syllabic_b) in combinations(extras, 2):
            kept = tuple(p for p in parts if p.word not in (a, b))
            both = int(known_a) + int(known_b)
            yield kept, both, 2 - both, int(syllabic_a) + int(syllabic_b)


def _extra(word: list[Part], parts: int) -> tuple[int, bool, bool] | None:
    """A word that may be left over: its number, whether it is a known Western name, whether it reads as Chinese."""
    part = word[0]
    if len(word) > 1:
        return None
    known = part.text in western()
    if part.initial:
        return (part.word, False, False) if parts > 3 else None
    if part.capitals and len(part.text) == 2 and part.text not in SHORT_SYLLABLES:
        return part.word, True, False  # two capitals beside a name in full: somebody's Western initials
    if known or len(part.text) > 2:
        return part.word, known, not known and divides(part.text)
    return None


def _orders(
    parts: tuple[Part, ...], written: Written, *, family_last: bool
) -> Iterator[tuple[tuple[Part, ...], bool]]:
    """The parts in the order given; around a comma the surname stands before it, whatever else costs."""
    if not written.comma or len(parts) != len(written.parts) or written.comma == len(parts):
        yield parts, False
    elif family_last:
        yield (*parts[written.comma :], *parts[: written.comma]), False
        yield parts, True
    else:
        yield parts, False


Piece = tuple[float, int, bool, int, int, bool]


def _pieces(split: Split, view: View) -> Iterator[Piece]:
    """Take the surname off one end; read the rest as the given name."""
    if view.letters:
        yield from _with_initials(split, view)
        if not view.whole:
            return
    text, surname, n = view.text, split.surname, len(view.text)
    if not split.given:
        if text in surname:
            yield (*joint((surname[text],)), 0, 0, False)
        return
    strict = len(view.parts) > 1 and len(view.parts) > len(split.given)
    last = view.family_last
    for k in range(1, min(split.longest, n - 1) + 1):
        family = surname.get(text[n - k :] if last else text[:k])
        if family is None:
            continue
        glued = (n - k if last else k) not in view.ends
        if glued and strict:
            continue  # the writer marked boundaries, and this is not one of them
        for path in _given(split.syllables, text[: n - k] if last else text[k:]):
            cost, system, far = joint((family, *path))
            yield cost, system, far, 0, 0, glued


def _ends(parts: tuple[Part, ...]) -> frozenset[int]:
    return frozenset(accumulate(len(p.text) for p in parts))


def _given(syllables: tuple[Options, ...], text: str) -> Iterator[tuple[Costs, ...]]:
    first = syllables[0]
    if len(syllables) == 1:
        costs = first.get(text)
        if costs is not None:
            yield (costs,)
        return
    for k in range(1, min(len(text), 9)):
        costs = first.get(text[:k])
        if costs is not None:
            for rest in _given(syllables[1:], text[k:]):
                yield (costs, *rest)


def joint(path: tuple[Costs, ...]) -> tuple[float, int, bool]:
    """The cheapest consistent system, or the cheapest mixture with its penalty."""
    totals = [sum(costs) for costs in zip(PRIOR, *path, strict=True)]
    cost = min(totals)
    system = totals.index(cost)
    if cost < 2.0:
        return cost, system, False
    best_mix, far = NEVER, False
    for group in NEAR:
        total = sum(min(c[s] for s in group) for c in path) + MIXED_NEAR
        best_mix = min(best_mix, total)
    settled = path[0][SOUTHERN] + sum(c[PINYIN] for c in path[1:]) + MIXED_SETTLED
    best_mix = min(best_mix, settled)
    anything = sum(min(c) for c in path) + MIXED_FAR
    if anything < best_mix:
        best_mix, far = anything, True
    return (best_mix, MIXED, far) if best_mix < cost else (cost, system, False)


def _with_initials(split: Split, view: View) -> Iterator[Piece]:
    """A whole surname at one end; every other part is a letter, several letters, or a whole syllable."""
    parts = view.parts
    for k in range(1, len(parts)):
        own, rest = (parts[-k:], parts[:-k]) if view.family_last else (parts[:k], parts[k:])
        if any(p.initial for p in own):
            continue
        family = split.surname.get("".join(p.text for p in own))
        if family is None:
            continue
        read = _letters(split, rest)
        if read is not None:
            path, initials, missing = read
            cost, system, far = joint((family, *path))
            yield cost, system, far, initials, missing, False


def _letters(split: Split, rest: tuple[Part, ...]) -> tuple[tuple[Costs, ...], int, int] | None:
    path: list[Costs] = []
    at = initials = 0
    for part in rest:
        if part.initial or (part.capitals and len(part.text) <= 3 and len(part.text) <= len(split.given)):
            for letter in part.text:
                if letter == "'":
                    continue
                if at >= len(split.given) or letter not in split.initials[at]:
                    return None
                at += 1
                initials += 1
        else:
            found = None
            for end in range(at + 1, len(split.given) + 1):
                for option in _given(split.syllables[at:end], part.text):
                    if found is None or joint(option)[0] < joint(found[0])[0]:
                        found = (option, end)
            if found is None:
                return None
            path += found[0]
            at = found[1]
    if initials == 0:
        return None
    return tuple(path), initials, len(split.given) - at
