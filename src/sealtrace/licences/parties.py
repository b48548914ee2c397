"""What a case says of who uses the goods and what for: read from texts and objects, for the bars to judge."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MILITARY = re.compile(
    r"军事|军用|军方|军队|国防|武器|导弹|自卫队"
    r"|\b(?:military|armed forces|army|navy|air force|defen[cs]e|weapons?|missiles?)\b",
    re.I,
)
_DENIED_MILITARY = re.compile(r"非军[事用]|\bnon-military\b|\bcivil(?:ian)?\b|民用", re.I)
_BARRED = re.compile(r"管控名单|\bcontrol list\b|\bbarred\b", re.I)
MAX_TEXT = 4000


def texts_of(value: object, depth: int = 0) -> list[str]:
    """All texts in a value, and the names of flags that are set, three levels deep."""
    if isinstance(value, str):
        return [value[:MAX_TEXT]]
    if depth < 3 and isinstance(value, Mapping):
        flags = [str(k) for k, v in value.items() if v is True]
        return flags + [t for v in value.values() for t in texts_of(v, depth + 1)]
    if depth < 3 and isinstance(value, list):
        return [t for v in value for t in texts_of(v, depth + 1)]
    return []


def military(text: str) -> bool:
    """Tell whether a text speaks of military users or uses, and does not deny it."""
    return bool(_MILITARY.search(_DENIED_MILITARY.sub(" ", text)))


def barred(text: str) -> bool:
    """Tell whether a text says that a party is on the control list of barred parties."""
    return bool(_BARRED.search(text))
