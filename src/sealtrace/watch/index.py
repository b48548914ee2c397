"""Find which of many Han names a written name may render, without comparing it with each.

Names are kept by surname, first and second given character; a written name is cut into spellings, each spelling
leads to the characters that may be spelled so, and only combinations that occur are looked at. What comes out can be
read in one system or in kindred ones; `names.compare` then scores it.

KNOWN LIMIT: spellings with slips of the pen are not found here, only by comparing pairs. Spellings dearer than
USUAL nats are left to pair comparison too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from .align import NEAR, views
from .lattice import (
    PINYIN,
    SOUTHERN,
    SYSTEMS,
    Options,
    family_name,
    initial_letters,
    lattice,
    syllable,
)
from .tables import simplified, western
from .written import HAN, Part

USUAL = 0.95
ALL = (1 << len(SYSTEMS)) - 1
SETTLED = 1 << SOUTHERN
KINDRED = tuple(sum(1 << system for system in group) for group in NEAR)
INITIALS = re.compile(r"([A-Z][a-z]+),? ((?:[A-Z]\.[ -]?)+)|((?:[A-Z]\.[ -]?)+) ?([A-Z][a-z]+)")
PLAIN = re.compile(r"[A-Za-z]+(?:[ -][A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Entries of the directory that the written name may render in one way.

    `numbers` are the places of the entries in the directory: all bearers of one Han name, or, for initials, all
    whose surname and letters fit. A number is in one candidate only, except beside one for initials. `mixed` says
    that surname and given name are spelled in different, kindred systems.
    """

    numbers: Sequence[int]
    mixed: bool
    initials: bool


class Family:
    """The bearers of one surname: their given names, and for each spelling a bit mask of those that fit.

    A mask has one bit a given name, so that both halves of a given name are met by one `and`.
    """

    __slots__ = ("_chars", "_firsts", "_rests", "endings", "given", "name", "openings")

    def __init__(
        self, name: str, given: dict[tuple[str, str], list[int]], chars: Mapping[str, Sequence[str]]
    ) -> None:
        self.name = name
        self.given = [(first, rest, numbers) for (first, rest), numbers in given.items()]
        self._chars = chars
        self._firsts, self._rests = defaultdict[str, int](int), defaultdict[str, int](int)
        for place, (first, rest, _) in enumerate(self.given):
            self._firsts[first] |= 1 << place
            self._rests[rest] |= 1 << place
        self.openings: dict[str, int] = {}
        self.endings: dict[str, int] = {"": self._rests.get("", 0)}

    def beginning(self, spelling: str) -> int:
        """Make and keep the mask of the given names whose first character may be spelled so."""
        mask = self.openings[spelling] = self._mask(spelling, self._firsts)
        return mask

    def ending(self, spelling: str) -> int:
        """Make and keep the mask of the given names whose rest may be spelled so; of one character where empty."""
        mask = self.endings[spelling] = self._mask(spelling, self._rests)
        return mask

    def _mask(self, spelling: str, masks: Mapping[str, int]) -> int:
        mask = 0
        for char in self._chars.get(spelling, ()):
            mask |= masks.get(char, 0)
        return mask


class NameIndex:
    """A directory of Han names that can be asked for all names a spelling may stand for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._han: dict[str, list[int]] = defaultdict(list)
        self._letters: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.size = 0
        given: dict[str, dict[tuple[str, str], list[int]]] = {}
        for number, name in enumerate(names):
            self._add(number, name, given)
        pieces = {c for of_family in given.values() for pair in of_family for c in pair if c}
        self._chars = _reverse((c, _options(c)) for c in pieces)
        families = {name: Family(name, of_family, self._chars) for name, of_family in given.items()}
        named = _reverse((f, family_name(f)) for f in families)
        self._families = {t: [families[n] for n in found] for t, found in named.items()}
        self.cuts = lru_cache(maxsize=1 << 17)(self._cuts)

    def _add(self, number: int, name: str, given: dict[str, dict[tuple[str, str], list[int]]]) -> None:
        self.size += 1
        read = lattice(name)
        self._han[read.folded].append(number)
        for split in read.splits[:1]:
            pair = split.given[:1], split.given[1:]
            given.setdefault(split.family, {}).setdefault(pair, []).append(number)
            for letters in _abbreviations(split.given):
                self._letters[split.family, letters].append(number)

    def candidates(self, text: str) -> list[Candidate]:
        """All names of the directory that `text` may render, each once, unmixed where it can be read so."""
        found: dict[int, Candidate] = {}
        for candidate in self.search(text):
            known = found.get(id(candidate.numbers))
            if known is None or (known.mixed and not candidate.mixed):
                found[id(candidate.numbers)] = candidate
        return list(found.values())

    def search(self, text: str) -> Iterator[Candidate]:
        """As `candidates`, as they are found: a name may come more than once."""
        if PLAIN.fullmatch(text) and not text.isupper():
            words = text.lower().replace("-", " ").split()
            if min(map(len, words)) > 1 and not any(w.isupper() for w in text.split()):
                yield from self._plain(words)
                return
        shortened = INITIALS.fullmatch(text)
        if shortened:
            own, letters = shortened[1] or shortened[4], shortened[2] or shortened[3]
            yield from self._shortened(own.lower(), re.sub(r"[^a-z]", "", letters.lower()))
            return
        if HAN.search(text):
            numbers = self._han.get("".join(map(simplified, HAN.findall(text))))
            if numbers:
                yield Candidate(numbers, False, False)
            return
        seen: set[tuple[tuple[str, ...], bool]] = set()
        for _, view in views(text):
            words = [p.text for p in view.parts]
            key = (tuple(words), view.family_last)
            if view.unknown > 1 or view.against_comma or key in seen:
                continue
            seen.add(key)
            if view.letters:
                yield from self._abbreviated(view.parts, family_last=view.family_last)
            if view.whole:
                yield from self._ends(words, last=view.family_last)

    def _plain(self, words: list[str]) -> Iterator[Candidate]:
        """The fast way for plain letters: no parsing beyond words."""
        if len(words) > 2:
            known = western()
            for i, word in enumerate(words):
                if word in known:
                    rest = words[:i] + words[i + 1 :]
                    yield from self._ends(rest, last=False)
                    yield from self._ends(rest, last=True)
        yield from self._ends(words, last=False)
        yield from self._ends(words, last=True)

    def _ends(self, words: list[str], *, last: bool) -> Iterator[Candidate]:
        if len(words) == 1:
            text = words[0]
            for k in range(1, min(len(text) - 1, 12) + 1):
                piece, rest = (text[-k:], text[:-k]) if last else (text[:k], text[k:])
                yield from self._known(piece, rest)
            return
        for k in (1, 2) if len(words) > 2 else (1,):
            own, others = (words[-k:], words[:-k]) if last else (words[:k], words[k:])
            yield from self._known("".join(own), ("'" if len(others) == 2 else "").join(others))

    def _known(self, spelling: str, given: str) -> Iterator[Candidate]:
        families = self._families.get(spelling)
        cuts = self.cuts(given) if families else ()
        if not families or not cuts:
            return
        for family in families:
            openings, endings = family.openings, family.endings
            for cut in cuts:
                mask = openings.get(cut[0])
                if mask is None:
                    mask = family.beginning(cut[0])
                if mask:
                    ending = endings.get(cut[1])
                    mask &= family.ending(cut[1]) if ending is None else ending
                while mask:
                    lowest = mask & -mask
                    mask ^= lowest
                    first, rest, numbers = family.given[lowest.bit_length() - 1]
                    pieces = (_systems(family.name, spelling, True), _systems(first, cut[0], False))
                    mixed = _mixed(*pieces, _systems(rest, cut[1], False) if rest else ALL)
                    if mixed is not None:
                        yield Candidate(numbers, mixed, False)

    def _cuts(self, text: str) -> tuple[tuple[str, str], ...]:
        """Cut a given name into two spellings, or one and nothing; an apostrophe is a boundary that was marked."""
        known = self._chars
        before, marked, after = text.partition("'")
        if marked and before in known and after in known:
            return ((before, after),)
        text = text.replace("'", "")
        cuts = [(text, "")] if text in known else []
        cuts += [(text[:k], text[k:]) for k in range(1, len(text)) if text[:k] in known and text[k:] in known]
        return tuple(cuts)

    def _abbreviated(self, parts: tuple[Part, ...], *, family_last: bool) -> Iterator[Candidate]:
        own = [p for p in parts if not p.initial]
        letters = "".join(p.text for p in parts if p.initial)
        if len(own) != 1 or not letters or own[0] is not parts[-1 if family_last else 0]:
            return
        yield from self._shortened(own[0].text, letters)

    def _shortened(self, own: str, letters: str) -> Iterator[Candidate]:
        for family in self._families.get(own, ()):
            numbers = self._letters.get((family.name, letters))
            if numbers:
                yield Candidate(numbers, False, True)


def _options(rest: str) -> Options:
    """Spellings of a character, or of the rest of a longer given name, joined in each system."""
    if len(rest) <= 1:
        return syllable(rest)
    out: Options = {}
    for text, costs in syllable(rest[0]).items():
        for more, others in _options(rest[1:]).items():
            total = tuple(a + b for a, b in zip(costs, others, strict=True))
            if min(total) <= USUAL:
                out[text + more] = total
    return out


@cache
def _systems(piece: str, spelling: str, family: bool) -> int:
    """A bit for each system in which the piece is usually spelled so."""
    options = family_name(piece) if family else _options(piece)
    costs = options.get(spelling)
    return sum(1 << system for system, cost in enumerate(costs) if cost <= USUAL) if costs else ALL


def _mixed(family: int, first: int, rest: int) -> bool | None:
    """Whether the pieces are spelled in one system (False) or in kindred ones (True); None when in neither."""
    if family & first & rest:
        return False
    if family & SETTLED and first & rest & 1 << PINYIN:
        return True
    return True if any(family & near and first & near and rest & near for near in KINDRED) else None


def _reverse(options: Iterable[tuple[str, Options]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for char, spellings in options:
        for text, costs in spellings.items():
            if min(costs) <= USUAL:
                out[text].append(char)
                if "'" in text:
                    out[text.replace("'", "")].append(char)
    return {text: list(dict.fromkeys(chars)) for text, chars in out.items()}


def _abbreviations(given: str) -> set[str]:
    """The letters a given name may be shortened to: its first characters', all or the first."""
    letters = [initial_letters(c) for c in given[:2]]
    if not letters:
        return set()
    return {*letters[0], *(a + b for a in letters[0] for b in (letters[1] if len(letters) > 1 else ()))}
