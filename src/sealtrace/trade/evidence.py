"""From scores to evidence: rank each score among all rows, turn the rank into nats, add up.

The rank p of a score is the share of declarations that score as high. Evidence is -ln p, at most a bound for
each check, so that no single instrument decides alone; a check that says nothing adds nothing (Fisher 1932,
combining p-values; the checks are not independent, so the sum ranks and is never read as a probability).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .checks import CHECKS, FIRST, SECOND
from .model import Check

Floats = NDArray[np.float64]
BY_NAME = {check.name: check for check in CHECKS}
BOUND = 8.0
BOUNDS: Mapping[str, float] = {"xrf": 16.0, "lot": 4.0, "freight": 4.0, "mirror": 1.5, "price-high": 6.0}
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
    ran = frame.select(check.score().cast(pl.Float64).fill_nan(0.0).fill_null(0.0).alias(check.name) for check in checks)
    return {check.name: ran[check.name].to_numpy() for check in checks}


def hold(found: Mapping[str, Floats]) -> dict[str, Floats]:
    """Sort the scores that say something, to be the population later scores are ranked in."""
    return {name: np.sort(values[values > 0]) for name, values in found.items()}


def nats(calibration: Calibration, found: Mapping[str, Floats]) -> dict[str, Floats]:
    """Evidence of each check, bounded."""
    return {
        name: np.where(values > 0, EXACT, 0.0)
        if BY_NAME[name].exact
        else np.minimum(-np.log(calibration.p(name, values)), BOUNDS.get(name, BOUND))
        for name, values in found.items()
    }


def total(parts: Mapping[str, Floats], *, exact: bool = False) -> Floats:
    """Add the evidence up, with or without what the books say."""
    kept = [part for name, part in parts.items() if exact or not BY_NAME[name].exact]
    return np.sum(kept, axis=0)


__all__ = ["BOUND", "BOUNDS", "EXACT", "FIRST", "SECOND", "Calibration", "Floats", "hold", "nats", "scores", "total"]
