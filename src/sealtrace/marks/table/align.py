"""Which held rows each leaked row is made of: by a key column, by order, by content; averages included.

A leaked row may be one held row, or the mean of a window of them. Windows are tried and the one with the
smallest remainder is kept. Nothing here looks at a codeword: alignments are chosen by how well they fit the
unmarked original, which is what the bound on false accusations needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.tables.model import Table

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
WINDOWS = (1, 2, 3, 4, 5, 6, 9, 10, 12, 15, 20, 24, 30, 48, 60)
GOOD = 0.2  # remainder a cell, in noise units squared, at which no other window is tried
BETTER, A_LITTLE_BETTER = 0.75, 0.95  # of the remainder: than single rows, than another window
MOST_DISTANCES = 40_000_000  # leaked rows x held rows compared at once
SAMPLE = 160  # rows that show which window was taken and whether the order was kept
IN_ORDER = 0.7  # of what rows in a random order come to: rows that fit better have kept their order
TELLING, APART = 8, 0.5
"""Columns from which on, and part of the remainder in order below which, rows that fit by themselves as well as marks
allow are taken so: they were moved a little, each for itself."""
KEYED = 0.8  # of the leaked keys that must be found
FAR = 36.0  # squared noise units that a cell counts at most when orders are compared


@dataclass(frozen=True, slots=True, eq=False)
class RowMatch:
    """Leaked row i is the mean of held rows start[i] .. start[i] + window - 1; -1 where it has no match.

    remainder: median over rows of the mean squared difference a cell, in noise units.
    """

    start: Rows
    window: int
    how: str
    remainder: float


def align(leak: Floats, held: Floats, noise: Floats, keys: Rows | None = None) -> RowMatch | None:
    """Align leaked rows, (n, k), with held ones, (r, k), columns matched and in the same units.

    `noise`, (k,), is the noise of each held column; `keys` are held rows told by a key column, -1 unknown.
    """
    if not (leak.size and held.size):
        return None
    mine, theirs = leak / noise, np.where(np.isfinite(held), held, np.nanmedian(held, axis=0)) / noise
    sample = np.unique(np.linspace(0, len(mine) - 1, min(SAMPLE, len(mine))).astype(int))
    best: _Trial | None = None
    for window in WINDOWS:
        if window > len(theirs):
            break
        trial = _try(mine, theirs, window, sample, keys)
        enough = BETTER if best is None or best.window == 1 else A_LITTLE_BETTER
        if best is None or trial.remainder < enough * best.remainder:
            best = trial
        if best.window == 1 and best.remainder < GOOD:
            break
    return None if best is None else best.finish(mine, moving_mean(theirs, best.window))


def find_keys(leak: Table, held: Table, marked: set[int]) -> Rows | None:
    """Find held rows by a column of distinct texts or numbers that was never marked; None without one."""
    best: Rows | None = None
    for column in range(len(held.columns)):
        if column in marked or len(set(held.columns[column])) < held.rows:
            continue
        place = {text.strip(): row for row, text in enumerate(held.columns[column])}
        for cells in leak.columns:
            rows = np.array([place.get(text.strip(), -1) for text in cells], np.int64)
            if (rows >= 0).mean() >= KEYED and (best is None or (rows >= 0).sum() > (best >= 0).sum()):
                best = rows
    return best


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """How well a sample of rows fits one window: by key, in order from `begin` on, or each for itself."""

    window: int
    how: str
    remainder: float
    keys: Rows | None = None
    begin: int = 0
    stride: int = 1

    def finish(self, mine: Floats, means: Floats) -> RowMatch:
        """Align all rows."""
        if self.keys is not None:
            start = np.where(self.keys < len(means), self.keys, -1)
        elif self.how == "order":
            start = self.begin + self.stride * np.arange(len(mine))
        else:
            start = np.full(len(mine), -1, np.int64)
            most = max(1, MOST_DISTANCES // len(means))
            step = max(1, most // 8)
            for at in range(0, min(len(mine), most), step):
                start[at : at + step] = _distances(mine[at : at + step], means).argmin(axis=1)
        return RowMatch(start, self.window, self.how, _remainder(mine, means, start))


def _try(mine: Floats, theirs: Floats, window: int, sample: Rows, keys: Rows | None) -> _Trial:
    means = moving_mean(theirs, window)
    if keys is not None:
        start = np.where(keys < len(means), keys, -1)[sample]
        return _Trial(window, "key", _remainder(mine[sample], means, start), keys)
    distance = _distances(mine[sample], means)
    nearest = distance.argmin(axis=1)
    free = _Trial(window, "content", _remainder(mine[sample], means, nearest))
    ordered = [
        trial
        for stride in sorted({1, window})
        if (trial := _in_order(mine, means, sample, distance, free, stride)) is not None
    ]
    best = min(ordered, key=lambda t: t.remainder, default=free)
    alone = mine.shape[1] >= TELLING and free.remainder < min(GOOD, APART * best.remainder)
    return free if alone else best


def _in_order(
    mine: Floats, means: Floats, sample: Rows, distance: Floats, free: _Trial, stride: int
) -> _Trial | None:
    """Try held row = start + stride x leaked row, for every start; None when the rows are in another order.

    Noise may hide each row's nearest, but not the start that suits the whole sample. The control is the
    same search with the sample's rows exchanged at random.
    """
    starts = len(means) - (len(mine) - 1) * stride
    if starts < 1 or len(mine) < 3:
        return None
    capped = np.minimum(distance, FAR * mine.shape[1])
    place = sample * stride
    begin, mean = _best_start(capped, place, starts)
    order = np.random.default_rng(0).permutation(len(sample))
    _, control = _best_start(capped, place[order], starts)
    remainder = _remainder(mine[sample], means, place + begin)
    if mean < IN_ORDER * control or remainder < 1.2 * free.remainder:
        return _Trial(free.window, "order", remainder, begin=begin, stride=stride)
    return None


def _best_start(distance: Floats, place: Rows, starts: int) -> tuple[int, float]:
    """The start whose mean distance over the sample is least."""
    total = np.zeros(starts)
    for row, at in enumerate(place):
        total += distance[row, at : at + starts]
    begin = int(total.argmin())
    return begin, float(total[begin]) / len(place)


def _distances(mine: Floats, means: Floats) -> Floats:
    """Squared distances, (n, r), summed over the cells a leaked row has and scaled to a whole row."""
    there = np.isfinite(mine)
    known = np.where(there, mine, 0.0)
    weight = there.astype(np.float64)
    square: Floats = np.square(known).sum(axis=1)[:, None] - 2 * known @ means.T + weight @ np.square(means).T
    whole: Floats = np.maximum(square, 0) * (mine.shape[1] / np.maximum(weight.sum(axis=1), 1))[:, None]
    return whole


def _remainder(mine: Floats, means: Floats, start: Rows) -> float:
    """Median over rows of the mean squared difference a cell, each column's constant offset left out."""
    known = start >= 0
    if not known.any():
        return np.inf
    gap = mine[known] - means[start[known]]
    with np.errstate(all="ignore"):
        gap = gap - median(gap)
        told = np.isfinite(gap).sum(axis=1)  # none in a row whose columns the original leaves empty
        rows = np.nansum(np.square(gap), axis=1) / np.where(told, told, np.nan)
    return float(np.nanmedian(rows)) if np.isfinite(rows).any() else np.inf


def median(values: Floats) -> Floats:
    """Medians down the columns, cells that are not there left out."""
    whole = bool(np.isfinite(values).all())
    return np.asarray(np.median(values, axis=0) if whole else np.nanmedian(values, axis=0))


def moving_mean(values: Floats, window: int) -> Floats:
    """Means of `window` rows from each row on, (r - window + 1, k)."""
    if window == 1:
        return values
    centre = np.nanmean(values, axis=0)
    sums = np.cumsum(np.vstack([np.zeros(values.shape[1]), values - centre]), axis=0)
    return np.asarray((sums[window:] - sums[:-window]) / window + centre)
