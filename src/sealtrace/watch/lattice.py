"""The reading lattice of a Han name: for each character, how each system may spell it and at what cost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from . import romanise
from .tables import (
    compound,
    frozen,
    hokkien,
    readings,
    simplified,
    surname_readings,
    surnames,
)
from .written import HAN, plain

SYSTEMS = ("pinyin", "wade", "old", "cantonese", "southern", "korean", "japanese", "vietnamese")
PINYIN, WADE, OLD, CANTONESE, SOUTHERN, KOREAN, JAPANESE, VIETNAMESE = range(8)
NEVER = 99.0
DEAREST = 3.2
GAPS = re.compile(r"[\s\u3000·・,，]+")

Costs = tuple[float, ...]
"""Cost in nats by system, NEVER where the system has no such spelling."""
Options = dict[str, Costs]


@dataclass(frozen=True, slots=True)
class Split:
    """One way to divide a name into surname and given name, with the spellings of each piece."""

    family: str
    given: str
    surname: Options
    syllables: tuple[Options, ...]
    longest: int
    initials: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class HanName:
    """A name in Han characters, folded to simplified form, with its possible divisions, likeliest first."""

    text: str
    folded: str
    splits: tuple[Split, ...]


def _gather(by_system: Iterable[tuple[int, romanise.Spellings, float]]) -> Options:
    found: dict[str, list[float]] = {}
    for system, spellings, dearer in by_system:
        for text, cost in spellings.items():
            total = cost + dearer
            if total <= DEAREST:
                costs = found.setdefault(text, [NEVER] * len(SYSTEMS))
                costs[system] = min(costs[system], total)
    return {text: tuple(costs) for text, costs in found.items()}


def _vietnamese(words: Iterable[str]) -> romanise.Spellings:
    return {plain(word): 0.2 * place for place, word in enumerate(words)}


def _korean(blocks: Iterable[str]) -> list[tuple[int, romanise.Spellings, float]]:
    out: list[tuple[int, romanise.Spellings, float]] = []
    for place, block in enumerate(blocks):
        soft = romanise.initial_law(block)
        out.append((KOREAN, {block: 0.0, soft: 0.0}, 0.3 * place))
        out += [(KOREAN, romanise.korean(form), 0.3 * place) for form in {block, soft}]
    return out


def _of_reading(char: str, mandarin: tuple[str, ...]) -> list[tuple[int, romanise.Spellings, float]]:
    reading = readings().get(char)
    out: list[tuple[int, romanise.Spellings, float]] = []
    for place, syllable in enumerate(mandarin):
        dearer = min(0.9 * place, 2.0)
        out += [
            (PINYIN, romanise.pinyin(syllable), dearer),
            (WADE, romanise.wade(syllable), dearer),
            (OLD, romanise.old(syllable), dearer),
        ]
    if reading is None:
        return out
    out += [(CANTONESE, romanise.cantonese(s), 0.5 * i) for i, s in enumerate(reading.cantonese)]
    out += _korean(reading.hangul)
    out += [(JAPANESE, romanise.japanese(s), 0.3 * i) for i, s in enumerate(reading.on)]
    out += [(JAPANESE, romanise.japanese(s), 1.5) for s in reading.kun]
    out.append((VIETNAMESE, _vietnamese(reading.vietnamese), 0.0))
    return out


@cache
def syllable(char: str) -> Options:
    """Spellings of one character of a given name."""
    reading = readings().get(char)
    found = _of_reading(char, reading.mandarin[:4] if reading else ())
    found += [(SOUTHERN, romanise.hokkien(s), 0.2 * i) for i, s in enumerate(hokkien().get(char, ()))]
    found.append((SOUTHERN, dict(frozen().get(char, ())), 0.2))
    return _gather(found)


def _family_mandarin(family: str) -> tuple[str, ...]:
    known = surname_readings()
    if family in known:
        return known[family]
    parts = [known.get(c) or (readings()[c].mandarin if c in readings() else ()) for c in family]
    return ("".join(p[0] for p in parts if p),)


@cache
def family_name(family: str) -> Options:
    """Spellings of a surname of one or two characters."""
    known = surnames().get(family)
    found: list[tuple[int, romanise.Spellings, float]] = []
    if len(family) == 1:
        found += _of_reading(family, _family_mandarin(family))
    else:
        for mandarin in _family_mandarin(family):
            found.append((PINYIN, {mandarin: 0.0}, 0.0))
        parts = [syllable(c) for c in family]
        for system in range(len(SYSTEMS)):
            if system != OLD:
                found.append((system, _joined(parts, system), 0.2))
    if known is not None:
        dear = dict(known.fixed)
        found.append((SOUTHERN, dear, 0.0))
        found.append((CANTONESE, dear, 0.3))
        found.append((OLD, dear, 1.2))
        found.append((KOREAN, dict.fromkeys(known.korean, 0.0), 0.0))
        found.append((VIETNAMESE, dict.fromkeys(known.vietnamese, 0.0), 0.0))
    elif len(family) == 1:
        found += [(SOUTHERN, romanise.hokkien(s), 0.2) for s in hokkien().get(family, ())]
    return _gather(found)


def _joined(parts: list[Options], system: int) -> romanise.Spellings:
    cheap = [
        [(t, c[system]) for t, c in sorted(p.items(), key=lambda o: o[1][system])[:6] if c[system] < NEVER]
        for p in parts
    ]
    return {"".join(t for t, _ in path): sum(c for _, c in path) for path in product(*cheap)}


@cache
def initial_letters(char: str) -> frozenset[str]:
    """First letters a given-name character may be abbreviated to."""
    return frozenset(t[0] for t, c in syllable(char).items() if min(c[:5]) <= 0.9 and t.isascii())


def _split(family: str, given: str) -> Split:
    options = family_name(family)
    syllables = tuple(syllable(c) for c in given)
    initials = tuple(initial_letters(c) for c in given)
    return Split(family, given, options, syllables, max(map(len, options), default=0), initials)


@lru_cache(maxsize=1 << 17)
def lattice(name: str) -> HanName:
    """Read a Han name: fold it, divide it, and give each piece its spellings."""
    text, folded, divisions = divide(name)
    return HanName(text, folded, tuple(_split(f, g) for f, g in divisions))


def divide(name: str) -> tuple[str, str, list[tuple[str, str]]]:
    """The name without its spaces, folded to simplified form, and surname and given name, likeliest first.

    A space or middle dot after the surname decides the division; otherwise known compound surnames come first,
    then one character, and for four characters a double surname (the married name kept before).
    """
    pieces = GAPS.split(name.strip())
    folded = ["".join(map(simplified, HAN.findall(piece))) for piece in pieces]
    text = "".join(folded)
    splits: list[tuple[str, str]] = []
    if len(folded) == 2 and 1 <= len(folded[0]) <= 2 and folded[1]:
        splits.append((folded[0], folded[1]))
    if len(text) > 2 and text[:2] in compound():
        splits.append((text[:2], text[2:]))
    if len(text) > 3 and text[:2] not in compound() and (text[1] in surnames() or text[0] not in surnames()):
        splits.append((text[:2], text[2:]))
    if len(text) > 1:
        splits.append((text[:1], text[1:]))
    if len(text) == 1:
        splits.append((text, ""))
    return "".join(pieces), text, list(dict.fromkeys(splits))
