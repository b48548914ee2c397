"""How many other people a written name fits: the share of people with Chinese names who may be written so.

The share is a sum over surnames and given-name characters that have the spelling, by their frequency; it says
nothing about the person looked for. It is an estimate: surname shares follow published statistics, given-name
characters only steps of frequency (`data/given.tsv`), and both are taken as independent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache

from .align import views
from .lattice import Options, family_name, lattice, syllable
from .tables import UNLISTED_GIVEN, UNLISTED_SURNAME, given_shares, surnames
from .written import Part, parse

USUAL = 0.75
ONE_CHARACTER = 0.14
"""Share of given names of one character; published counts put it between 10 % and 20 % by birth year."""
FLOOR = 1e-9


def _usual(options: Options) -> list[str]:
    return [text for text, costs in options.items() if min(costs) <= USUAL]


@cache
def _families() -> Mapping[str, float]:
    out: dict[str, float] = defaultdict(lambda: UNLISTED_SURNAME)
    for name, known in surnames().items():
        for text in _usual(family_name(name)):
            out[text] += known.share
    return out


@cache
def _syllables() -> Mapping[str, float]:
    out: dict[str, float] = defaultdict(float)
    total = sum(given_shares().values())
    for char, share in given_shares().items():
        for text in _usual(syllable(char)):
            out[text] += share / max(total, 1.0)
    return out


@cache
def _letters() -> Mapping[str, float]:
    out: dict[str, float] = defaultdict(float)
    total = sum(given_shares().values())
    for char, share in given_shares().items():
        for letter in {text[0] for text in _usual(syllable(char))}:
            out[letter] += share / max(total, 1.0)
    return out


@lru_cache(maxsize=1 << 16)
def share(text: str) -> float:
    """Share of people with Chinese names whose name may be written as `text`; never below one in 10^9."""
    written = parse(text)
    if written.han:
        return max(FLOOR, _of_han(written.han))
    best = 0.0
    for _, view in views(text)[:6]:
        if view.unknown or view.against_comma:
            continue
        best = max(best, _of_view(view.parts, family_last=view.family_last))
    return max(FLOOR, best)


def _of_han(text: str) -> float:
    splits = lattice(text).splits
    if not splits:
        return 0.0
    split = splits[0]
    known = surnames().get(split.family)
    found = known.share if known else UNLISTED_SURNAME / 10
    for char in split.given:
        found *= given_shares().get(char, UNLISTED_GIVEN)
    return found * (ONE_CHARACTER if len(split.given) == 1 else 1 - ONE_CHARACTER)


def _of_view(parts: tuple[Part, ...], *, family_last: bool) -> float:
    if any(p.initial for p in parts):
        own, rest = (parts[-1], parts[:-1]) if family_last else (parts[0], parts[1:])
        if own.initial or not rest:
            return 0.0
        found = _families().get(own.text, UNLISTED_SURNAME)
        for part in rest[:2]:
            found *= (
                _letters().get(part.text[0], 0.01)
                if part.initial
                else _syllables().get(part.text, UNLISTED_GIVEN)
            )
        return found
    text = "".join(p.text for p in parts).replace("'", "")
    best = 0.0
    for k in range(1, min(9, len(text) - 1) + 1):
        piece, given = (text[-k:], text[:-k]) if family_last else (text[:k], text[k:])
        family = _families().get(piece)
        if family:
            best = max(best, family * _of_given(given))
    return best


def _of_given(text: str) -> float:
    known = _syllables()
    two = sum(known.get(text[:k], 0.0) * known.get(text[k:], 0.0) for k in range(1, len(text)))
    return (1 - ONE_CHARACTER) * max(two, UNLISTED_GIVEN**2) + ONE_CHARACTER * known.get(text, 0.0)


def expected_others(text: str, people: int) -> float:
    """How many others among `people` with Chinese names are expected to have a name that may be written so."""
    return share(text) * people
