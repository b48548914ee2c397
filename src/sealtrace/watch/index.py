"""Find which of many Han names a written name may render, without comparing it with each.

Names are kept by surname, first and second given character; a written name is cut into spellings, each spelling
leads to the characters that may be spelled so, and only combinations that occur are looked at. What comes out can be
read in one system or in kindred ones; `names.compare` then scores it.

KNOWN LIMIT: spellings with slips of the pen are not found here, only by comparing pairs. Spellings dearer than
USUAL nats are left to pair comparison too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from .align import NEAR, views
from .lattice import (
    PINYIN,
    SOUTHERN,
    SYSTEMS,
    Options,
    divide,
    family_name,
    initial_letters,
    syllable,
)
from .tables import simplified, western
from .written import HAN, Part

USUAL = 0.95
ALL = (1 << len(SYSTEMS)) - 1
SETTLED = 1 << SOUTHERN
KINDRED = tuple(sum(1 << system for system in group) for group in NEAR)
INITIALS = re.compile(r"([A-Z][a-z]+),? ((?:[A-Z]\.[ -]?)+)|((?:[A-Z]\.[ -]?)+) ?([A-Z][a-z]+)")
Given = dict[tuple[str, str], list[int]]
"""The given names of one surname, as first character and rest, with the places of their bearers."""
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
    """The bearers of one surname, and by bit mask whose given name begins, or goes on, with which characters.

    A mask has one bit for each Han name, so that both halves of a given name are met by one `and`.
    """

    __slots__ = ("bearers", "firsts", "rests")

    def __init__(self, name: str, given: Given) -> None:
        self.bearers = [(name, first, rest, numbers) for (first, rest), numbers in given.items()]
        self.firsts, self.rests = defaultdict[str, int](int), defaultdict[str, int](int)
        for place, (_, first, rest, _) in enumerate(self.bearers):
            self.firsts[first] |= 1 << place
            self.rests[rest] |= 1 << place


class Household:
    """The families that one spelling of a surname may stand for, met at once: their masks stand side by side."""

    __slots__ = ("_chars", "_firsts", "_rests", "_starts", "bearers", "endings", "openings")

    def __init__(self, families: Iterable[Family], chars: Mapping[str, Sequence[str]]) -> None:
        self.bearers: list[tuple[str, str, str, Sequence[int]]] = []
        self._chars = chars
        self._starts: list[int] = []
        self._firsts, self._rests = defaultdict[str, int](int), defaultdict[str, int](int)
        for family in families:
            start = len(self.bearers)
            self._starts.append(start)
            self.bearers += family.bearers
            for whole, part in ((self._firsts, family.firsts), (self._rests, family.rests)):
                for characters, mask in part.items():
                    whole[characters] |= mask << start
        self.openings: dict[str, int] = {}
        self.endings: dict[str, int] = {"": self._rests.get("", 0)}

    def fitting(self, cuts: Iterable[tuple[str, str]]) -> list[tuple[int, int, int]]:
        """Whose given names may be spelled as one of the cuts: rank of the surname, cut, place; in this order."""
        openings, endings = self.openings, self.endings
        found: list[tuple[int, int, int]] = []
        for number, (first, rest) in enumerate(cuts):
            mask = openings.get(first)
            if mask is None:
                mask = openings[first] = self._mask(first, self._firsts)
            if mask:
                ending = endings.get(rest)
                if ending is None:
                    ending = endings[rest] = self._mask(rest, self._rests)
                mask &= ending
                while mask:
                    place = mask.bit_length() - 1
                    mask ^= 1 << place
                    found.append((bisect_right(self._starts, place), number, place))
        found.sort()
        return found

    def _mask(self, spelling: str, masks: Mapping[str, int]) -> int:
        mask = 0
        for char in self._chars.get(spelling, ()):
            if char in masks:
                mask |= masks[char]
        return mask


class NameIndex:
    """A directory of Han names that can be asked for all names a spelling may stand for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._han: dict[str, list[int]] = defaultdict(list)
        self._letters: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.size = 0
        given: dict[str, Given] = {}
        for number, name in enumerate(names):
            self._add(number, name, given)
        pieces = {c for of_family in given.values() for pair in of_family for c in pair if c}
        self._chars = _reverse((c, _options(c)) for c in pieces)
        families = {name: Family(name, of_family) for name, of_family in given.items()}
        named = _reverse((name, family_name(name)) for name in families)
        self._families = {text: [families[name] for name in found] for text, found in named.items()}
        self._households: dict[str, Household] = {}
        self.cuts = lru_cache(maxsize=1 << 17)(self._cuts)

    def _add(self, number: int, name: str, given: dict[str, Given]) -> None:
        self.size += 1
        _, folded, divisions = divide(name)
        self._han[folded].append(number)
        for family, rest in divisions[:1]:
            given.setdefault(family, {}).setdefault((rest[:1], rest[1:]), []).append(number)
            for letters in _abbreviations(rest[:2]):
                self._letters[family, letters].append(number)

    def candidates(self, text: str) -> list[Candidate]:
        """All names of the directory that `text` may render, each once, unmixed where it can be read so."""
        found: dict[int, Candidate] = {}
        for candidate in self.search(text):
            known = found.get(id(candidate.numbers))
            if known is None or (known.mixed and not candidate.mixed):
                found[id(candidate.numbers)] = candidate
        return list(found.values())

    def search(self, text: str) -> list[Candidate]:
        """As `candidates`, as they are found: a name may come more than once."""
        if PLAIN.fullmatch(text) and (text.istitle() or not any(map(str.isupper, text.split()))):
            words = text.lower().replace("-", " ").split()
            if min(map(len, words)) > 1:
                return self._plain(words)
        shortened = INITIALS.fullmatch(text)
        if shortened:
            own, letters = shortened[1] or shortened[4], shortened[2] or shortened[3]
            return self._shortened(own.lower(), re.sub(r"[^a-z]", "", letters.lower()))
        if HAN.search(text):
            numbers = self._han.get("".join(map(simplified, HAN.findall(text))))
            return [Candidate(numbers, False, False)] if numbers else []
        seen: set[tuple[tuple[str, ...], bool]] = set()
        found: list[Candidate] = []
        for _, view in views(text):
            words = [p.text for p in view.parts]
            key = (tuple(words), view.family_last)
            if view.unknown > 1 or view.against_comma or key in seen:
                continue
            seen.add(key)
            if view.letters:
                found += self._abbreviated(view.parts, family_last=view.family_last)
            if view.whole:
                found += self._ends(words, last=view.family_last)
        return found

    def _plain(self, words: list[str]) -> list[Candidate]:
        """The fast way for plain letters: no parsing beyond words."""
        found: list[Candidate] = []
        if len(words) > 2:
            known = western()
            for i, word in enumerate(words):
                if word in known:
                    rest = words[:i] + words[i + 1 :]
                    found += self._ends(rest, last=False)
                    found += self._ends(rest, last=True)
        found += self._ends(words, last=False)
        found += self._ends(words, last=True)
        return found

    def _ends(self, words: list[str], *, last: bool) -> list[Candidate]:
        """Take the surname from the beginning, or the end, of the words; glued words are cut everywhere."""
        families, found = self._families, list[Candidate]()
        if len(words) == 1:
            text = words[0]
            for k in range(1, min(len(text) - 1, 12) + 1):
                piece = text[-k:] if last else text[:k]
                if piece in families:
                    found += self._known(piece, text[:-k] if last else text[k:])
            return found
        for k in (1, 2) if len(words) > 2 else (1,):
            own, others = (words[-k:], words[:-k]) if last else (words[:k], words[k:])
            piece = "".join(own)
            if piece in families:
                found += self._known(piece, ("'" if len(others) == 2 else "").join(others))
        return found

    def _known(self, spelling: str, given: str) -> list[Candidate]:
        """Who has a surname that may be spelled so and a given name that may be `given`."""
        cuts = self.cuts(given)
        if not cuts:
            return []
        household = self._households.get(spelling)
        if household is None:
            household = self._households[spelling] = Household(self._families[spelling], self._chars)
        found: list[Candidate] = []
        for _, number, place in household.fitting(cuts):
            family, first, rest, numbers = household.bearers[place]
            opening, ending = cuts[number]
            pieces = (_systems(family, spelling, True), _systems(first, opening, False))
            mixed = _mixed(*pieces, _systems(rest, ending, False) if rest else ALL)
            if mixed is not None:
                found.append(Candidate(numbers, mixed, False))
        return found

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

    def _abbreviated(self, parts: tuple[Part, ...], *, family_last: bool) -> list[Candidate]:
        own = [p for p in parts if not p.initial]
        letters = "".join(p.text for p in parts if p.initial)
        if len(own) != 1 or not letters or own[0] is not parts[-1 if family_last else 0]:
            return []
        return self._shortened(own[0].text, letters)

    def _shortened(self, own: str, letters: str) -> list[Candidate]:
        names = (family.bearers[0][0] for family in self._families.get(own, ()))
        bearers = (self._letters.get((name, letters)) for name in names)
        return [Candidate(numbers, False, True) for numbers in bearers if numbers]


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


@lru_cache(maxsize=1 << 14)
def _abbreviations(given: str) -> frozenset[str]:
    """The letters a given name may be shortened to, from its first two characters: both characters' or the first's."""
    letters = [initial_letters(c) for c in given]
    if not letters:
        return frozenset()
    return frozenset(
        {*letters[0], *(a + b for a in letters[0] for b in (letters[1] if len(letters) > 1 else ()))}
    )
