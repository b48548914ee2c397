"""Which letter strings are whole syllables or surnames of a system: a slip of the pen rarely lands on one."""

from __future__ import annotations

from functools import cache, lru_cache

from . import romanise
from .lattice import CANTONESE, PINYIN, WADE, family_name
from .tables import given_shares, readings, surnames

COMMON = -1
"""Beside the systems: pinyin that characters of given names often have, and the chief surnames in pinyin."""


@cache
def syllables(system: int) -> frozenset[str]:
    """All usual spellings of all syllables of Mandarin (pinyin, Wade-Giles) or Cantonese, or the COMMON ones."""
    out: set[str] = set()
    chars = readings() if system != COMMON else {c: readings()[c] for c in given_shares()}
    for reading in chars.values():
        if system == CANTONESE:
            for syllable in reading.cantonese[:1]:
                out.update(t for t, c in romanise.cantonese(syllable).items() if c <= 0.7)
        else:
            spell = romanise.wade if system == WADE else romanise.pinyin
            for syllable in reading.mandarin[:1]:
                out.update(spell(syllable))
    return frozenset(out)


@cache
def families(system: int) -> frozenset[str]:
    """Spellings of all listed surnames in one system; for COMMON the pinyin of those with one bearer in 700."""
    if system == COMMON:
        chief = [n for n, known in surnames().items() if known.share >= 1 / 700]
        return frozenset(t for n in chief for t, c in family_name(n).items() if c[PINYIN] <= 0.5)
    return frozenset(t for name in surnames() for t, c in family_name(name).items() if c[system] <= 0.5)


@lru_cache(maxsize=1 << 16)
def divides(text: str, system: int = PINYIN) -> bool:
    """Whether a string is one to three whole syllables of the system."""
    known = syllables(system)
    reach = {0}
    for _ in range(3):
        reach = {
            end
            for start in reach
            for end in range(start + 1, min(start + 7, len(text)) + 1)
            if text[start:end] in known
        }
        if len(text) in reach:
            return True
    return False


@lru_cache(maxsize=1 << 16)
def could_be_a_name(parts: tuple[str, ...], system: int) -> bool:
    """Whether the parts read as a listed surname at one end and whole syllables elsewhere."""
    if not parts:
        return False
    known = families(system)
    if len(parts) == 1:
        text = parts[0]
        return any(
            (text[:k] in known and divides(text[k:], system))
            or (text[k:] in known and divides(text[:k], system))
            for k in range(1, len(text))
        )
    return (parts[0] in known and all(divides(p, system) for p in parts[1:])) or (
        parts[-1] in known and all(divides(p, system) for p in parts[:-1])
    )
