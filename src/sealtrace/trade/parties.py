"""Who is who: party records that are one party, by Fellegi and Sunter's weights, with the reasons of every link.

Records that share a telephone, an address or the beginning of a name are compared; each comparison falls in a level,
and a level is worth log2(m/u) bits: how much more often true pairs reach it than chance pairs. u is counted on pairs
drawn without looking, m by expectation and maximisation on the compared pairs. Agreement on what many share is worth
less (term frequencies). Features and procedure are those that splink made usual.

Source: Fellegi, Sunter, A Theory for Record Linkage, JASA 64 (1969).
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

LEGAL_FORMS = re.compile(
    r"\b(?:co|company|ltd|limited|inc|incorporated|corp|corporation|llc|gmbh|ag|kg|sa|sarl|bv|nv|pte|pvt|plc|oy|ab|srl|"
    r"spa|jsc|ooo|kk|trading|imp|exp|import|export)\b|股份|有限|责任|公司|集团|贸易|进出口|株式会社|주식회사"
)
NOT_WORDS = re.compile(r"[^\w]+")
NUMBERS = re.compile(r"\d+")
SHORT = {"rd": "road", "st": "street", "str": "street", "ave": "avenue", "blvd": "boulevard", "bldg": "building",
         "fl": "floor", "rm": "room", "no": ""}  # fmt: skip
CROWDED = 60
"""A block of more records than this ties nobody together: an agent's telephone, a free zone's address."""
SURE = 0.95
ROUNDS, DRAWN = 25, 20_000
NAME_LEVELS, ADDRESS_LEVELS = (0.80, 0.92), (0.85,)


@dataclass(frozen=True, slots=True)
class Party:
    """One record as somebody stated it. Empty text is unknown."""

    id: str
    name: str
    address: str = ""
    phone: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that are taken for one party: bits of evidence, chance that it is so, and what agreed."""

    left: str
    right: str
    bits: float
    probability: float
    levels: Mapping[str, int | None]

    def as_dict(self) -> dict[str, object]:
        """Give it for JSON."""
        return {"left": self.left, "right": self.right, "bits": self.bits, "probability": self.probability,
                "levels": dict(self.levels)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which records are one party: record to entity (its smallest id), and the links that say so."""

    entity: Mapping[str, str]
    links: tuple[Link, ...]
    compared: int


@dataclass(frozen=True, slots=True)
class _Known:
    """A record in the form it is compared in."""

    name: str
    address: str
    phone: str
    country: str


FIELDS = ("name", "address", "phone", "country")
LEVELS = {"name": 4, "address": 3, "phone": 2, "country": 2}
_PRIOR_M = {
    "name": (0.03, 0.07, 0.3, 0.6),
    "address": (0.25, 0.25, 0.5),
    "phone": (0.35, 0.65),
    "country": (0.1, 0.9),
}
_PRIOR_U = {"name": (0.97, 0.02, 0.008, 0.002), "address": (0.97, 0.02, 0.01), "phone": (0.999, 0.001),
            "country": (0.85, 0.15)}  # fmt: skip
_PRIOR_PAIRS = 20.0
"""So many pairs' worth of what is usual stands beside what is counted, so that few records mislead nobody."""
LEAST_RECORDS = 1000
"""A short list says nothing of how rare a value is: rarity is judged as if among at least so many records."""


def plain_name(text: str) -> str:
    """A name without case, width, punctuation, legal form and order of words."""
    folded = LEGAL_FORMS.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(sorted(NOT_WORDS.sub(" ", folded).split()))


def plain_text(text: str) -> str:
    """An address without case, width and punctuation, the usual abbreviations written out."""
    words = NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).split()
    return " ".join(filter(None, (SHORT.get(word, word) for word in words)))


def plain_phone(text: str) -> str:
    """The last nine digits of a telephone number: what country codes and trunk zeros leave alone."""
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))[-9:]


def resolve(parties: Sequence[Party], *, sure: float = SURE) -> Resolution:
    """Find the records that are one party. The same records give the same answer, in whatever order they come."""
    ordered = sorted(parties, key=lambda p: p.id)
    known = [_Known(plain_name(p.name), plain_text(p.address), plain_phone(p.phone), p.country.casefold().strip())
             for p in ordered]  # fmt: skip
    pairs = sorted(set(_candidates(known)))
    levels = [_compare(known[a], known[b]) for a, b in pairs]
    u = _chance(known)
    m, share = _maximise(levels, u)
    rarity = {f: Counter(getattr(k, f) for k in known) for f in FIELDS}
    links = []
    for (a, b), found in zip(pairs, levels, strict=True):
        bits = sum(_bits(f, found[f], known[a], m, u, rarity, len(known)) for f in FIELDS)
        odds = share / (1 - share) * 2.0 ** min(bits, 200.0)
        chance = odds / (1 + odds)
        if chance >= sure:
            links.append(Link(ordered[a].id, ordered[b].id, bits, chance, found))
    entity = _join([p.id for p in ordered], links)
    return Resolution(entity, tuple(sorted(links, key=lambda k: (-k.bits, k.left, k.right))), len(pairs))


def _candidates(known: Sequence[_Known]) -> Iterator[tuple[int, int]]:
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, one in enumerate(known):
        if one.phone:
            blocks["phone", one.phone].append(place)
        if one.address:
            blocks["address", one.address].append(place)
        for word in set(one.name.split()):
            blocks["name", word[:5]].append(place)
    for members in blocks.values():
        if 2 <= len(members) <= CROWDED:
            yield from itertools.combinations(members, 2)


def _name_level(left: str, right: str) -> int | None:
    """How alike names are by their least alike word: firms of one trade share all words but the telling one."""
    if not left or not right:
        return None
    if left == right:
        return len(NAME_LEVELS) + 1
    if sorted(NUMBERS.findall(left)) != sorted(NUMBERS.findall(right)):
        return 0  # plant 2 is not plant 3
    a, b = left.split(), right.split()
    alike = min(
        max(JaroWinkler.similarity(x, y) for y in other) for one, other in ((a, b), (b, a)) for x in one
    )
    return sum(alike >= step for step in NAME_LEVELS)


def _address_level(left: str, right: str) -> int | None:
    """How alike addresses are; with other numbers in them they are two addresses."""
    if not left or not right:
        return None
    if left == right:
        return len(ADDRESS_LEVELS) + 1
    if sorted(NUMBERS.findall(left)) != sorted(NUMBERS.findall(right)):
        return 0
    alike = JaroWinkler.similarity(left, right)
    return sum(alike >= step for step in ADDRESS_LEVELS)


def _same(left: str, right: str) -> int | None:
    return None if not left or not right else int(left == right)


def _compare(left: _Known, right: _Known) -> dict[str, int | None]:
    return {
        "name": _name_level(left.name, right.name), "address": _address_level(left.address, right.address),
        "phone": _same(left.phone, right.phone), "country": _same(left.country, right.country),
    }  # fmt: skip


def _chance(known: Sequence[_Known]) -> dict[str, list[float]]:
    """How often two records that have nothing to do with each other reach each level."""
    counts = {f: [_PRIOR_PAIRS * p for p in _PRIOR_U[f]] for f in FIELDS}
    size = len(known)
    step = max(1, round(size * 0.618))
    for n in range(min(DRAWN, size * 8) if size > 1 else 0):
        a, b = n % size, (n * step + n // size + 1) % size
        if a != b:
            for name, level in _compare(known[a], known[b]).items():
                if level is not None:
                    counts[name][level] += 1
    return {f: [c / sum(row) for c in row] for f, row in counts.items()}


def _maximise(
    levels: Sequence[Mapping[str, int | None]], u: Mapping[str, Sequence[float]]
) -> tuple[dict[str, list[float]], float]:
    """Estimate m and the share of true pairs among those compared; u stays as it was counted."""
    m = {f: list(_PRIOR_M[f]) for f in FIELDS}
    share = 0.1
    patterns = Counter(tuple(row[f] for f in FIELDS) for row in levels)
    for _ in range(ROUNDS if patterns else 0):
        weight = {f: [_PRIOR_PAIRS * p for p in _PRIOR_M[f]] for f in FIELDS}
        true = 0.0
        for pattern, many in patterns.items():
            log_odds = math.log(share / (1 - share))
            for name, level in zip(FIELDS, pattern, strict=True):
                if level is not None:
                    log_odds += math.log(m[name][level] / u[name][level])
            chance = 1 / (1 + math.exp(-max(min(log_odds, 500.0), -500.0)))
            true += chance * many
            for name, level in zip(FIELDS, pattern, strict=True):
                if level is not None:
                    weight[name][level] += chance * many
        m = {f: [w / sum(row) for w in row] for f, row in weight.items()}
        share = min(max(true / len(levels), 1e-4), 0.9)
    return m, share


def _bits(
    name: str, level: int | None, left: _Known, m: Mapping[str, Sequence[float]], u: Mapping[str, Sequence[float]],
    rarity: Mapping[str, Counter[str]], records: int,
) -> float:  # fmt: skip
    """What a level is worth; full agreement on a rare value is worth more than on one that many share."""
    if level is None:
        return 0.0
    chance = u[name][level]
    if level == LEVELS[name] - 1 and name != "country":
        chance = rarity[name][getattr(left, name)] / max(records, LEAST_RECORDS)
    return math.log2(m[name][level] / chance)


def _join(ids: Sequence[str], links: Sequence[Link]) -> dict[str, str]:
    root = {i: i for i in ids}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for link in links:
        a, b = sorted((find(link.left), find(link.right)))
        root[b] = a
    return {i: find(i) for i in ids}
