"""The shipped tables: readings of Han characters, surnames, given-name characters, Western given names.

Readings come from the Unicode Han database 15.0 (`benchmarks/build_readings.py`); the other tables were compiled
for this project from published statistics and from usage. Each is read once, on first use.
"""

from __future__ import annotations

import lzma
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNLISTED_GIVEN = 0.15e-3
UNLISTED_SURNAME = 0.2e-3


@dataclass(frozen=True, slots=True)
class Reading:
    """How one character is read: toneless pinyin, Jyutping, on and kun, Hangul, Sino-Vietnamese; usual first."""

    fold: frozenset[str]
    mandarin: tuple[str, ...]
    cantonese: tuple[str, ...]
    on: tuple[str, ...]
    kun: tuple[str, ...]
    hangul: tuple[str, ...]
    vietnamese: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surname:
    """A surname's share of the population and its spellings that are fixed by use, with their costs in nats."""

    share: float
    fixed: tuple[tuple[str, float], ...]
    korean: tuple[str, ...]
    vietnamese: tuple[str, ...]


def _rows(name: str) -> Iterator[list[str]]:
    for line in (files(__package__) / "data" / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def readings() -> dict[str, Reading]:
    """Readings of every character the table knows."""
    packed = (files(__package__) / "data" / "readings.tsv.xz").read_bytes()
    more: dict[str, list[str]] = defaultdict(list)
    for reading, chars in _rows("vietnamese.tsv"):
        for char in chars.split():
            more[char].append(reading)
    out = {}
    for line in lzma.decompress(packed).decode().splitlines():
        char, fold, mandarin, cantonese, on, kun, hangul, vietnamese = line.split("\t")
        out[char] = Reading(
            frozenset(fold),
            tuple(mandarin.split()),
            tuple(cantonese.split()),
            tuple(on.split()),
            tuple(kun.split()),
            tuple(hangul.split()),
            (*vietnamese.split(), *more.get(char, ())),
        )
    return out


def _words(name: str) -> frozenset[str]:
    return frozenset(word for row in _rows(name) for word in row[0].split())


def _costed(words: str) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    for place, word in enumerate(words.split()):
        plain, _, rare = word.partition("@")
        found.setdefault(plain, 3.0 if rare else 0.1 * min(place, 8))
    return tuple(found.items())


@cache
def surnames() -> dict[str, Surname]:
    """The surnames with known share, in simplified characters."""
    rows = list(_rows("surnames.tsv"))
    total = sum(float(row[1]) for row in rows) * 1.03  # what is not listed is about 3 % of bearers
    out: dict[str, Surname] = {}
    for char, share, fixed, korean, vietnamese in rows:
        out.setdefault(
            char,
            Surname(float(share) / total, _costed(fixed), tuple(korean.split()), tuple(vietnamese.split())),
        )
    return out


@cache
def hokkien() -> dict[str, tuple[str, ...]]:
    """Hokkien readings of given-name characters."""
    out: dict[str, list[str]] = defaultdict(list)
    for reading, chars in _rows("southern.tsv"):
        for char in chars.split():
            out[char].append(reading)
    return {char: tuple(dict.fromkeys(found)) for char, found in out.items()}


@cache
def frozen() -> dict[str, tuple[tuple[str, float], ...]]:
    """Spellings of given-name characters that are fixed by use and follow no table."""
    out: dict[str, list[str]] = defaultdict(list)
    for char, words in _rows("frozen.tsv"):
        out[char] += words.split()
    return {char: _costed(" ".join(dict.fromkeys(words))) for char, words in out.items()}


@cache
def given_shares() -> dict[str, float]:
    """Share of each listed character among the characters of given names."""
    out: dict[str, float] = {}
    for weight, chars in _rows("given.tsv"):
        for char in chars.split():
            out.setdefault(char, float(weight) / 1000)
    return out


@cache
def western() -> frozenset[str]:
    """Western given names that people with Chinese names commonly add."""
    return _words("western.txt")


@cache
def simplified(char: str) -> str:
    """The simplified form of a character, itself when there is none or several."""
    reading = readings().get(char)
    if reading is None:
        return char
    others = sorted(c for c in reading.fold - {char} if c in readings())
    return others[0] if len(others) == 1 else _chosen(char, others)


def _chosen(char: str, others: list[str]) -> str:
    """Of several simpler forms take the one in use in names: listed as surname, else as given-name character."""
    for known in (surnames(), given_shares()):
        for other in [char, *others]:
            if other in known:
                return other
    return others[0] if others else char


def same_character(left: str, right: str) -> bool:
    """Whether two characters are one in different dress: simplified, traditional, or a mere graphic variant."""
    if left == right:
        return True
    a, b = readings().get(left), readings().get(right)
    return a is not None and b is not None and not a.fold.isdisjoint(b.fold)


@cache
def habits(system: str, piece: str) -> dict[str, tuple[str, ...]]:
    """How a system spells sounds: `piece` is initial, final, whole or habit; usual spelling first."""
    out: dict[str, tuple[str, ...]] = {}
    for of, kind, sound, spellings in _rows("habits.tsv"):
        if (of, kind) == (system, piece):
            out[sound.replace("-", "")] = tuple(s.replace("-", "") for s in spellings.split())
    return out


@cache
def surname_readings() -> dict[str, tuple[str, ...]]:
    """Pinyin of surnames that are read otherwise than their characters. Source: 现代汉语词典, entries marked 姓."""
    return {name: tuple(found.split()) for name, found in _rows("surname_readings.tsv")}


@cache
def compound() -> frozenset[str]:
    """Surnames of two characters."""
    return _words("compound.txt")
