"""From scores to evidence: rank each score among all rows, turn the rank into nats, add up.

The rank p of a score is the share of declarations that score as high. Evidence is how far -ln p exceeds what is
ordinary: among seventeen checks every honest row stands one in five somewhere, and adding those up drowns one
true signal (on scenarios, leaving out what is more usual than one in twenty lifts recall at 1 % from .80 to .88).
Each check's evidence is bounded, so that no single instrument decides alone. The checks are not independent: the
sum ranks, and is never read as a probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .algebra import Columns, Row
from .checks import CHECKS, FIRST, SECOND
from .model import Check

Floats = NDArray[np.float64]
BY_NAME = {check.name: check for check in CHECKS}
ORDINARY = 3.0
"""-ln of one in twenty: a score that is no rarer says nothing."""
BOUND = 7.0
BOUNDS: Mapping[str, float] = {
    "xrf": 16.0,
    "record": 8.0,
    "lot": 1.0,
    "freight": 1.0,
    "mirror": 1.0,
    "company": 8.0,
}
EXACT = 1000.0
"""What a breach by the books adds: more than every other check together."""


@dataclass(frozen=True)
class Calibration:
    """The scores of a reference population, sorted: where a new score stands among them."""

    scores: Mapping[str, Floats]
    rows: int
    mean: float
    """Mean evidence of the first checks, for comparing a pair's other consignments."""

    def p(self, check: str, score: Floats) -> Floats:
        """Give the share of the population that scores at least as high; 1 where the check says nothing."""
        if BY_NAME[check].in_nats:
            return np.exp(-np.maximum(score, 0.0))
        held = self.scores[check]
        above = len(held) - np.searchsorted(held, score, side="left")
        return np.where(score > 0, np.maximum(above, 1) / max(self.rows, 1), 1.0)


def scores(frame: pl.DataFrame, checks: tuple[Check, ...]) -> dict[str, Floats]:
    """Run checks: one array a check; what is null or not a number is 0."""
    columns = Columns()
    ran = frame.select(
        check.score(columns).cast(pl.Float64).fill_nan(0.0).fill_null(0.0).alias(check.name)
        for check in checks
    )
    return {check.name: ran[check.name].to_numpy() for check in checks}


def scores_of_row(row: Mapping[str, Any], checks: tuple[Check, ...]) -> dict[str, Floats]:
    """Run checks on one row: arrays of one number."""
    algebra = Row(row)
    found = {check.name: check.score(algebra).value for check in checks}
    return {n: np.array([0.0 if v is None or math.isnan(v) else float(v)]) for n, v in found.items()}


def hold(found: Mapping[str, Floats]) -> dict[str, Floats]:
    """Sort the scores that say something, to be the population later scores are ranked in."""
    return {name: np.sort(values[values > 0]) for name, values in found.items()}


def nats(calibration: Calibration, found: Mapping[str, Floats]) -> dict[str, Floats]:
    """Evidence of each check, bounded."""
    parts = {}
    for name, values in found.items():
        if BY_NAME[name].exact:
            parts[name] = np.where(values > 0, EXACT, 0.0)
            continue
        ordinary = 0.0 if BY_NAME[name].relative else ORDINARY
        beyond = -np.log(calibration.p(name, values)) - ordinary
        parts[name] = np.clip(beyond, 0.0, BOUNDS.get(name, BOUND))
    return parts


def total(parts: Mapping[str, Floats], *, exact: bool = False) -> Floats:
    """Add the evidence up, with or without what the books say."""
    kept = [part for name, part in parts.items() if exact or not BY_NAME[name].exact]
    summed: Floats = np.sum(kept, axis=0)
    return summed


__all__ = [
    "BOUND",
    "BOUNDS",
    "EXACT",
    "FIRST",
    "SECOND",
    "Calibration",
    "Floats",
    "hold",
    "nats",
    "scores",
    "total",
]
