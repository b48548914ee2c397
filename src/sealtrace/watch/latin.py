"""Compare two names that are both in letters: same words in any order, initials, small slips."""

from __future__ import annotations

from rapidfuzz.distance import OSA

from .tables import western
from .written import Part, Written


def likeness(left: Written, right: Written) -> float:
    """Score in [0, 1]. Two Latin spellings never score above 0.9: characters behind them may differ."""
    if not left.parts or not right.parts:
        return 0.0
    return max(_one_way(left.parts, right.parts), _one_way(right.parts, left.parts))


def _one_way(a: tuple[Part, ...], b: tuple[Part, ...]) -> float:
    whole_a, whole_b = "".join(p.text for p in a), "".join(p.text for p in b)
    if whole_a == whole_b:
        return 0.9
    for turn in range(1, len(b)):
        if whole_a == "".join(p.text for p in (*b[turn:], *b[:turn])):
            return 0.88
    without = "".join(p.text for p in b if p.text not in western())
    if without and without == "".join(p.text for p in a if p.text not in western()):
        return 0.75
    if _abbreviates(a, b):
        return 0.55
    edits = OSA.distance(whole_a, whole_b)
    if edits == 1 and min(len(whole_a), len(whole_b)) >= 6:
        return 0.5
    return 0.05 * max(0.0, 1 - edits / max(len(whole_a), len(whole_b)))


def _abbreviates(short: tuple[Part, ...], full: tuple[Part, ...]) -> bool:
    letters = [p.text for p in short if p.initial]
    words = [p.text for p in short if not p.initial]
    rest = [p.text for p in full]
    if not letters or not words or len(rest) <= len(words):
        return False
    for word in words:
        if word not in rest:
            return False
        rest.remove(word)
    return len(letters) <= len(rest) and all(r.startswith(x) for x, r in zip(letters, rest, strict=False))
