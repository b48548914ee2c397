"""Which registered table a fragment comes from: an index of the spread of every column of numbers.

A column is kept as nine quantiles under its median. A fragment's columns are looked up as they are and in
every other unit; tables are ranked by how many columns they explain and how closely. Rows in any order, some
rows, some columns, rounding and other units leave quantiles nearly as they are. Tables of one plant are
alike: hits are candidates, which cell-by-cell alignment then confirms; ties are always reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .segments import Segments
from .tables.model import Table
from .tables.units import CONVERSIONS

FORM = "table-quantiles 1"
ARRAYS = ("medians", "quantiles", "owners", "held")
QUANTILES = np.linspace(0.1, 0.9, 9)
MOST_SEGMENTS = 8
LEAST_ROWS = 3
NEAR = 0.6  # of a column's spread: medians farther apart are not compared
CLOSE = 0.5  # of a column's spread: quantiles farther apart explain nothing
OTHER_UNIT = 0.05  # what another unit must be better by
MOST_COMPARED = 400_000  # held columns compared with one leaked column in one unit, nearest medians first
TIE = 0.97
Floats = NDArray[np.float64]
Unit = int


@dataclass(frozen=True, slots=True)
class TableHit:
    """One held table: its unit, and the share of the fragment's columns it explains, 0 to 1."""

    unit: Unit
    score: float


@dataclass(eq=False)
class _Segment:
    """Columns ordered by their median. quantiles: (n, 9) float32."""

    medians: NDArray[np.float64]
    quantiles: NDArray[np.float32]
    owners: NDArray[np.int64]
    held: NDArray[np.int64]

    def near(self, quantiles: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Owners of columns whose median is near, and how far their quantiles are, in spreads."""
        median, spread = float(quantiles[4]), float(np.ptp(quantiles))
        reach = NEAR * spread
        first, last = np.searchsorted(self.medians, (median - reach, median + reach))
        if last - first > MOST_COMPARED:
            middle = int(np.searchsorted(self.medians, median))
            first, last = max(first, middle - MOST_COMPARED // 2), min(last, middle + MOST_COMPARED // 2)
        theirs = np.asarray(self.quantiles[first:last], np.float64)
        widest = np.maximum(np.ptp(theirs, axis=1), spread) if len(theirs) else np.zeros(0)
        gap = np.abs(theirs - quantiles).mean(axis=1) / np.maximum(widest, 1e-300)
        return np.asarray(self.owners[first:last]), gap


class TableIndex:
    """An index of tables in a folder; derived data that can be built again."""

    def __init__(self, segments: Segments) -> None:
        self._store = segments
        self._segments = [_Segment(**segments.load(name, ARRAYS)) for name in segments.names]
        self._held: set[Unit] = {int(unit) for segment in self._segments for unit in segment.held}
        self._fresh: dict[Unit, Floats] = {}

    @classmethod
    def open(cls, folder: Path) -> TableIndex:
        """Open the index, making it when there is none."""
        return cls(Segments(folder, FORM))

    def add(self, unit: Unit, table: Table) -> None:
        """Take in a table; adding one that is held changes nothing. Found at once, durable by `flush`."""
        if unit not in self._held and unit not in self._fresh:
            self._fresh[unit] = sketch(table)

    def flush(self) -> None:
        """Write what was added; durable when it returns."""
        if not self._fresh:
            return
        made = _build(self._fresh)
        merge = len(self._segments) + 1 > MOST_SEGMENTS
        if merge:
            made = _merged([*self._segments, made])
        arrays = {name: getattr(made, name) for name in ARRAYS}
        self._store.add(arrays, instead_of=self._store.names if merge else ())
        self._segments = [made] if merge else [*self._segments, made]
        self._held |= set(self._fresh)
        self._fresh = {}

    def search(self, table: Table, top: int = 8) -> list[TableHit]:
        """Find the tables a fragment may come from, best first; all that tie with the best are included."""
        columns = sketch(table)
        segments = [*self._segments, *([_build(self._fresh)] if self._fresh else [])]
        owners, gains = [], []
        for column in columns:
            found = [_explained(column, segment) for segment in segments]
            if found:
                mine, gain = _best_each(
                    np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])
                )
                owners.append(mine)
                gains.append(gain)
        if not owners:
            return []
        units, place = np.unique(np.concatenate(owners), return_inverse=True)
        score = np.bincount(place, weights=np.concatenate(gains)) / len(columns)
        order = np.argsort(-score, kind="stable")
        tied = int((score >= TIE * score[order[0]]).sum()) if len(order) else 0
        return [TableHit(int(units[i]), float(score[i])) for i in order[: max(top, tied)]]


def sketch(table: Table) -> Floats:
    """Return the quantiles of every column of numbers that varies, (columns, 9)."""
    found = []
    for column in table.numbers.T:
        there = column[np.isfinite(column)]
        if len(there) >= max(LEAST_ROWS, 0.5 * table.rows):
            quantiles = np.quantile(there, QUANTILES)
            if quantiles[0] < quantiles[-1]:
                found.append(quantiles)
    return np.array(found).reshape(-1, len(QUANTILES))


def _explained(column: Floats, segment: _Segment) -> tuple[NDArray[np.int64], Floats]:
    """Owners that may explain a leaked column in some unit, and how well, 0 to 1."""
    owners, gains = [], []
    for number, (_, factor, shift) in enumerate(CONVERSIONS):
        back = np.sort((column - shift) / factor)
        mine, gap = segment.near(back)
        gain = 1 - (gap + (OTHER_UNIT if number else 0.0)) / CLOSE
        owners.append(mine[gain > 0])
        gains.append(gain[gain > 0])
    return np.concatenate(owners), np.concatenate(gains)


def _best_each(owners: NDArray[np.int64], gains: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Each owner once, with its best gain."""
    order = np.lexsort((-gains, owners))
    owners, gains = owners[order], gains[order]
    first = np.r_[True, owners[1:] != owners[:-1]] if len(owners) else np.zeros(0, bool)
    return owners[first], gains[first]


def _build(fresh: dict[Unit, Floats]) -> _Segment:
    quantiles = np.concatenate([*fresh.values(), np.zeros((0, len(QUANTILES)))])
    owners = np.repeat(np.array(list(fresh), np.int64), [len(q) for q in fresh.values()])
    return _ordered(quantiles.astype(np.float32), owners, np.array(sorted(fresh), np.int64))


def _ordered(quantiles: NDArray[np.float32], owners: NDArray[np.int64], held: NDArray[np.int64]) -> _Segment:
    order = np.argsort(quantiles[:, 4], kind="stable")
    return _Segment(quantiles[order, 4].astype(np.float64), quantiles[order], owners[order], held)


def _merged(segments: list[_Segment]) -> _Segment:
    return _ordered(
        np.concatenate([s.quantiles for s in segments]),
        np.concatenate([s.owners for s in segments]),
        np.unique(np.concatenate([s.held for s in segments])),
    )
