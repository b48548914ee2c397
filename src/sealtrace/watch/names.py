"""Score a pair of names in [0, 1]: the chance that the right one is a rendering of the left, at even odds.

The parts (alignment, slip, Han comparison) give a handful of features; a logistic model whose coefficients ship as
`data/name_model.json` (made by `benchmarks/train_watch.py`) turns them into a score. The score is about spelling
alone: how many other people a spelling fits is said separately (`rarity`), and a name alone opens nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from . import align, slips
from .latin import likeness
from .lattice import SYSTEMS, HanName, lattice
from .tables import same_character
from .written import HAN, Written, parse

Features = dict[str, float]
SHORT = 5
"""In so few letters an edit that gives another common name is no evidence of a slip."""
SAME_HAN, OTHER_HAN, OWN_SPELLING = 0.995, 0.004, 0.995
ODD_CASE = re.compile(r"[a-z][A-Z]|\b[A-Z]{2}[a-z]|\d")


@dataclass(frozen=True, slots=True)
class NameScore:
    """A score, the way the name was read, and the features it came from."""

    score: float
    reading: str
    features: Features


def compare(left: str, right: str) -> NameScore:
    """Score `right` as a rendering of `left`. Either may be in Han, Hangul or Latin letters; order is free."""
    left_written, right_written = parse(left), parse(right)
    if left_written.han and right_written.han:
        same = same_han(left_written.han, right_written.han)
        return NameScore(SAME_HAN if same else OTHER_HAN, "han" if same else "other characters", {})
    if right_written.han and not left_written.han:
        left, right = right, left
        left_written, right_written = right_written, left_written
    if not left_written.han:
        return NameScore(likeness(left_written, right_written), "letters", {})
    if not right_written.parts:
        return NameScore(0.0, "empty", {})
    name = lattice(left)
    features, reading = observe(name, right_written)
    return NameScore(_logistic(features), reading, features)


def compare_known(name: str, own: Iterable[str], right: str) -> NameScore:
    """Score `right` against a name and the person's own spellings of it: what the person says beats every model.

    An own spelling counts when its letters are the same, whatever the order, case, hyphens and marks.
    """
    written = parse(right)
    for spelling in own:
        if written.parts and letters_of(parse(spelling)) == letters_of(written):
            return NameScore(OWN_SPELLING, "own spelling", {})
    return compare(name, right)


def letters_of(written: Written) -> tuple[str, ...]:
    """The words of a written name in letters alone, in order of the alphabet: equal for one spelling however set."""
    words: dict[int, str] = {}
    for part in written.parts:
        words[part.word] = words.get(part.word, "") + part.text.replace("'", "")
    return tuple(sorted(words.values()))


def same_han(left: str, right: str) -> bool:
    """Whether two Han names have the same characters, simplified or traditional, spaces aside."""
    a, b = "".join(HAN.findall(left)), "".join(HAN.findall(right))
    return len(a) == len(b) and all(map(same_character, a, b))


def observe(name: HanName, written: Written) -> tuple[Features, str]:
    """The features of a Han name and a Latin or Hangul spelling, and how it was read, in words."""
    found = align.best(name, written)
    if found is not None and found.total < 7.0:
        return _aligned(name, found, written), _reading(found)
    slip = slips.nearest(name, written)
    if slip is None:
        return {"none": 1.0}, "no reading"
    features = _slipped(slip, written, found)
    return features, "no reading" if "none" in features else "slip"


def _reading(found: align.Alignment) -> str:
    system = "mixed" if found.system == align.MIXED else SYSTEMS[found.system]
    return f"{found.family} in {system}{', initials' if found.initials else ''}"


def _aligned(name: HanName, found: align.Alignment, written: Written) -> Features:
    given = len(name.folded) - len(found.family)
    out: Features = {"aligned": 1.0, "cost": min(found.cost, 6.0)}
    if found.system == align.MIXED:
        out["mixed"] = 1.0
        if found.far:
            out["far"] = 1.0
    elif found.system:
        out[SYSTEMS[found.system]] = 1.0
    for key in ("initials", "missing", "known", "unknown", "syllabic", "against_comma", "glued"):
        value = float(getattr(found, key))
        if value:
            out[key] = value
    if found.initials:
        out["abbreviated"] = 1.0
    if given == 1:
        out["one character"] = 1.0
    if len(written.parts) == 1:
        out["one word"] = 1.0
    return out


def _slipped(slip: slips.Slip, written: Written, aligned: align.Alignment | None) -> Features:
    chance = slip.common and slip.length <= SHORT
    if slip.edits > 2 or chance:
        out = {"none": 1.0, "likeness": slip.likeness}
        if slip.family_kept:
            out["family kept"] = 1.0
        if aligned is not None:
            out["dear"] = 1.0
        return out
    out = {f"edits {slip.edits}": 1.0, "length": min(slip.length, 16) / 10}
    for key, value in (
        ("lawful", slip.lawful), ("other family", slip.other_family), ("slip family kept", slip.family_kept),
        ("common", slip.common), ("odd case", bool(ODD_CASE.search(written.text))),
        ("short slip", slip.length <= 5), ("slip extras", slip.extras), ("slip other system", slip.system != 0),
    ):  # fmt: skip
        if value:
            out[key] = 1.0
    if slip.edit:
        out[f"{'lawful ' if slip.lawful else ''}{slip.edit}"] = 1.0
    return out


@cache
def coefficients() -> Mapping[str, float]:
    """The shipped model: a coefficient in nats for each feature."""
    model = json.loads((files(__package__) / "data" / "name_model.json").read_text("utf-8"))
    return {str(k): float(v) for k, v in model["coefficients"].items()}


def _logistic(features: Features) -> float:
    weights = coefficients()
    return 1 / (1 + math.exp(-sum(weights.get(k, 0.0) * v for k, v in features.items())))
