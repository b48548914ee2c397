"""Which held column each leaked column is, and in which unit: by its name, by the spread of its values.

Looks at the leak and the held original only, never at a codeword.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sealtrace.content.tables.model import Table
from sealtrace.content.tables.units import CONVERSIONS

Floats = NDArray[np.float64]
QUANTILES = np.linspace(0.05, 0.95, 19)
CLOSE = 0.5  # of a column's spread: farther off is another column
OTHER_UNIT = 0.03  # what another unit must be better by
NUMERIC = 0.5  # of a column's cells


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """Leaked column `leak` is held column `held`; leaked value = factor x held value + shift."""

    leak: int
    held: int
    factor: float
    shift: float
    unit: str


def match_columns(leak: Table, held: Table) -> list[ColumnMatch]:
    """Find the held column behind every leaked column of numbers; those without one are left out."""
    mine, theirs = _numeric(leak), _numeric(held)
    if not (mine and theirs):
        return []
    mine_q, their_q = _quantiles(leak, mine), _quantiles(held, theirs)
    factors, shifts = (np.array([c[i] for c in CONVERSIONS], float) for i in (1, 2))
    back = (mine_q[None] - shifts[:, None, None]) / factors[:, None, None]  # (u, a, q)
    back = np.where((factors < 0)[:, None, None], back[..., ::-1], back)
    spread = np.maximum(np.ptp(their_q, axis=1), np.ptp(back, axis=2)[:, :, None])  # (u, a, b)
    cost = np.abs(back[:, :, None] - their_q[None, None]).mean(axis=-1) / np.maximum(spread, 1e-12)
    cost[1:] += OTHER_UNIT
    unit, best = cost.argmin(axis=0), cost.min(axis=0)
    named = np.array([[_same_name(leak.header[a], held.header[b]) for b in theirs] for a in mine])
    best = np.where(named, np.minimum(best, CLOSE) - 10.0, best)
    found = []
    for a, b in zip(*linear_sum_assignment(best), strict=True):
        factor, shift, name = factors[unit[a, b]], shifts[unit[a, b]], CONVERSIONS[unit[a, b]][0]
        if cost[unit[a, b], a, b] > CLOSE:
            if not named[a, b]:
                continue
            factor, shift, name = *_straight(their_q[b], mine_q[a]), "fitted"
        found.append(ColumnMatch(mine[a], theirs[b], float(factor), float(shift), name))
    return found


def restored(leak: Table, matches: list[ColumnMatch]) -> Floats:
    """Return the leaked values in the held columns' units, (rows, matches)."""
    columns = [(leak.numbers[:, m.leak] - m.shift) / m.factor for m in matches]
    return np.stack(columns, axis=1) if columns else np.zeros((leak.rows, 0))


def _numeric(table: Table) -> list[int]:
    """Columns of numbers that vary."""
    numbers = table.numbers
    found = []
    for i in range(numbers.shape[1]):
        there = numbers[np.isfinite(numbers[:, i]), i]
        if len(there) >= max(2, NUMERIC * table.rows) and there.min() < there.max():
            found.append(i)
    return found


def _quantiles(table: Table, columns: list[int]) -> Floats:
    return np.stack([np.nanquantile(table.numbers[:, i], QUANTILES) for i in columns])


def _same_name(a: str, b: str) -> bool:
    mine, theirs = (re.sub(r"[\W_]+", "", name.casefold()) for name in (a, b))
    return bool(mine) and mine == theirs


def _straight(x: Floats, y: Floats) -> tuple[float, float]:
    """The straight line through matching quantiles."""
    slope = float(np.ptp(y) / max(np.ptp(x), 1e-12)) or 1.0
    return slope, float(np.median(y) - slope * np.median(x))
