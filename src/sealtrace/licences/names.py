"""What the name of goods says: the rare earths in it, denied or not, and contents such as `Dy 1800ppm`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sealtrace.catalogue.elements import CHINESE, ENGLISH, RARE_EARTHS

REACH = 60  # characters within which a denial speaks of an element
_BY_NAME = {CHINESE[e]: e for e in RARE_EARTHS} | {ENGLISH[e]: e for e in RARE_EARTHS if e in ENGLISH}
_BY_NAME |= {e: e for e in RARE_EARTHS if len(e) == 2}
_ZH, _EN = "".join(CHINESE[e] for e in RARE_EARTHS), "|".join(ENGLISH[e] for e in RARE_EARTHS)
_SYMBOLS = "|".join(sorted((e for e in RARE_EARTHS if len(e) == 2), reverse=True))
_NAME = re.compile(rf"([{_ZH}])|\b((?i:{_EN}))\b|(?<![A-Za-z])({_SYMBOLS})(?![a-z])")
_BEFORE = re.compile(
    rf"(?:不含|未含|无|未检出|未添加|不添加|(?i:\b(?:no|without|free of|non|not)\b))"
    rf"(?:[\s{_ZH}、和及与或,/-]|(?i:and|or|nor|any|added|{_EN})|(?:{_SYMBOLS}))*$"
)
_AFTER = re.compile(r"^[\s-]*(?:free\b|未检出|(?i:nd\b|not detected))")
_AMOUNT = re.compile(
    rf"(?:([{_ZH}])|(?<![A-Za-z])({_SYMBOLS}))\s*[:：=]?\s*(\d+(?:\.\d+)?\s*(?:%|ppm))"
    rf"|(\d+(?:\.\d+)?\s*(?:%|ppm))\s*(?:([{_ZH}])|({_SYMBOLS})(?![A-Za-z])|((?i:{_EN}))\b)"
)


def _matches(text: str) -> Iterator[tuple[str, bool]]:
    for found in _NAME.finditer(text):
        word = found[1] or found[3] or found[2].lower()
        before = text[max(0, found.start() - REACH) : found.start()]
        denied = bool(_BEFORE.search(before) or _AFTER.search(text[found.end() : found.end() + REACH]))
        yield _BY_NAME[word], denied


@lru_cache(maxsize=8192)
def named_elements(text: str) -> frozenset[str]:
    """The rare earths a text names in Chinese, English or by symbol, and does not deny."""
    return frozenset(element for element, denied in _matches(text) if not denied)


def named_amounts(text: str) -> Iterator[tuple[str, str]]:
    """The elements for which a text states a content, with the content as written."""
    for found in _AMOUNT.finditer(text):
        word = found[1] or found[2] or found[5] or found[6] or (found[7] or "").lower()
        yield _BY_NAME[word], found[3] or found[4]
