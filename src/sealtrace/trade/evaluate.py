"""Honest evaluation: precision and recall at a budget, average precision, groups that never straddle a split."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truth = NDArray[np.int64]


def order(scores: Floats, *, seed: int = 0) -> NDArray[np.int64]:
    """Give the rows best first; ties are broken by seeded noise, so that equal scores can't be gamed."""
    noise = np.random.default_rng(seed).random(len(scores))
    return np.lexsort((noise, -scores))


def precision_at(truth: Truth, scores: Floats, share: float) -> float:
    """Share of frauds among the best `share` of rows (at least one row)."""
    many = max(1, int(len(truth) * share))
    return float(truth[order(scores)[:many]].mean())


def recall_at(truth: Truth, scores: Floats, share: float) -> float:
    """Share of all frauds that stand among the best `share` of rows; 0 when there are none."""
    many = max(1, int(len(truth) * share))
    frauds = int(truth.sum())
    return float(truth[order(scores)[:many]].sum() / frauds) if frauds else 0.0


def average_precision(truth: Truth, scores: Floats) -> float:
    """Mean, over the frauds, of the precision down to each; 0 when there are none."""
    ranked = truth[order(scores)]
    frauds = int(ranked.sum())
    if not frauds:
        return 0.0
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float((precision * ranked).sum() / frauds)


def expected_calibration_error(truth: Truth, chances: Floats, bins: int = 10) -> float:
    """Mean distance between stated chance and observed share over equal-count bins, weighted by size."""
    parts = np.array_split(np.argsort(chances), bins)
    gaps = [abs(chances[p].mean() - truth[p].mean()) * len(p) for p in parts if len(p)]
    return float(sum(gaps) / len(truth))


def group_folds(groups: Sequence[str], folds: int) -> NDArray[np.int64]:
    """Give each row a fold by a hash of its group: near-copies of one template never stand on both sides."""
    return np.array(
        [int.from_bytes(hashlib.sha256(g.encode()).digest()[:4], "big") % folds for g in groups],
        dtype=np.int64,
    )
