"""Slips of the pen and of recognition: the nearest usual spelling of a name, and what kind of edit leads there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .lattice import CANTONESE, KOREAN, PINYIN, SOUTHERN, WADE, HanName, Options, Split, lattice
from .legal import COMMON, could_be_a_name, families
from .tables import western
from .written import Written

TRIED = (PINYIN, WADE, CANTONESE, SOUTHERN, KOREAN)
SHAPES = (
    "li",
    "lj",
    "ij",
    "ec",
    "eo",
    "ao",
    "uv",
    "nu",
    "nh",
    "mn",
    "gq",
    "ft",
    "ce",
    "co",
    "it",
    "vy",
    "hb",
    "ua",
    "nr",
)
CONFUSED = frozenset(pair for shape in SHAPES for pair in (shape, shape[::-1]))
"""Letters that are taken for each other, by recognition or by eye."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A usual spelling of a whole name: where its surname ends, or begins when the surname is last."""

    text: str
    system: int
    family: str
    family_last: bool


@dataclass(frozen=True, slots=True)
class Slip:
    """How far the written name is from the nearest usual spelling.

    `edits` counts letters (a transposition is one); `likeness` is 1 - edits / length; `lawful` says that the
    written form is itself a possible name, `family_kept` that the surname stands untouched, `other_family` that the
    edit turns the surname into another one, `common` that it is lawful in syllables that given names often have;
    `edit` names the one edit, or is empty.
    """

    edits: int
    likeness: float
    length: int
    system: int
    lawful: bool
    family_kept: bool
    other_family: bool
    common: bool
    edit: str
    extras: int


def _cheap(options: Options, system: int) -> list[str]:
    found = [
        (c[system], len(t), t)
        for t, c in options.items()
        if c[system] <= 0.45 and "'" not in t and t.isascii()
    ]
    return [t for _, _, t in sorted(found)[:2]]


@lru_cache(maxsize=1 << 17)
def usual(name: str) -> tuple[Usual, ...]:
    """The usual spellings of a name in the systems where slips are looked for."""
    out: dict[str, Usual] = {}
    read: HanName = lattice(name)
    for split in read.splits[:1]:
        for system in TRIED:
            for family, given in _spelled(split, system):
                out.setdefault(family + given, Usual(family + given, system, family, False))
                out.setdefault(given + family, Usual(given + family, system, family, True))
    return tuple(out.values())


def _spelled(split: Split, system: int) -> list[tuple[str, str]]:
    pieces = [_cheap(o, system) for o in split.syllables]
    return [(f, "".join(g)) for f in _cheap(split.surname, system) for g in product(*pieces)]


@lru_cache(maxsize=1 << 17)
def _texts(name: str) -> tuple[str, ...]:
    return tuple(u.text for u in usual(name))


def nearest(name: HanName, written: Written) -> Slip | None:
    """The nearest usual spelling by optimal string alignment; None when the name has no spelling at all."""
    choices = _texts(name.text)
    if not choices:
        return None
    found: tuple[float, str, int, tuple[str, ...], int] | None = None
    for parts, extras in _cores(written):
        text = "".join(parts).replace("'", "")
        if len(text) < 2:
            continue
        match = process.extractOne(text, choices, scorer=OSA.distance)
        if match is not None and (found is None or match[1] + extras * 0.5 < found[0]):
            found = (match[1] + extras * 0.5, text, match[2], parts, extras)
    if found is None:
        return None
    _, text, place, parts, extras = found
    target = usual(name.text)[place]
    return _describe(text, target, parts, extras)


def _cores(written: Written) -> list[tuple[tuple[str, ...], int]]:
    parts = tuple(p.text for p in written.parts)
    cores = [(parts, 0)]
    if len(parts) > 2:
        known = [i for i, p in enumerate(parts) if p in western()]
        cores += [((*parts[:i], *parts[i + 1 :]), 1) for i in known[:2]]
    return cores


def _describe(text: str, target: Usual, parts: tuple[str, ...], extras: int) -> Slip:
    edits = int(OSA.distance(text, target.text))
    size = max(len(text), len(target.text))
    kept = text.endswith(target.family) if target.family_last else text.startswith(target.family)
    other = False
    if not kept and edits <= 2 and parts:
        end = parts[-1] if target.family_last else parts[0]
        other = end != target.family and any(end in families(s) for s in (PINYIN, WADE, CANTONESE))
    lawful = edits <= 2 and any(could_be_a_name(parts, s) for s in (PINYIN, WADE, CANTONESE))
    common = lawful and could_be_a_name(parts, COMMON)
    kind = edit(text, target.text) if edits == 1 else ""
    return Slip(edits, 1 - edits / size, size, target.system, lawful, kept, other, common, kind, extras)


def edit(text: str, target: str) -> str:
    """Name one edit: double, undouble, add, drop, swap, shape (letters that look alike) or change."""
    start = 0
    while start < min(len(text), len(target)) and text[start] == target[start]:
        start += 1
    if len(text) == len(target):
        if text[start + 1 :] != target[start + 1 :]:
            return "swap"
        return "shape" if text[start] + target[start] in CONFUSED else "change"
    longer = text if len(text) > len(target) else target
    twice = 0 < start < len(longer) and longer[start] == longer[start - 1]
    if len(text) > len(target):
        return "double" if twice else "add"
    return "undouble" if twice else "drop"
