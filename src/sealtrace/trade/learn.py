"""Learning: a small LightGBM over the evidence of the checks, trained on inspected declarations only.

More evidence can never lower the model's score (monotone constraints), so thirty outcomes cannot teach it nonsense.
It is fused with the checks by rank: what both put first comes first, and the checks keep their say however few
outcomes there are. No torch, no pickle: a model is LightGBM's own text.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .checks import CHECKS
from .evidence import Floats

Inputs = NDArray[np.float32]
MEASURES = (
    "log_price",
    "price_mid",
    "log_tare",
    "log_bulk",
    "log_net",
    "log_insured",
    "consignee_trader",
    "transit",
)
"""Quantities the model sees beside the evidence, free of direction."""
LEARNED = tuple(check.name for check in CHECKS if not check.exact)
FEATURES = ("total", *LEARNED, *MEASURES)
FOLDS = 5
ROUNDS = 60
ENOUGH_HITS, EQUAL_HITS, MOST_WEIGHT = 5, 50, 3.0
"""Below the first no model is trained; at the second it weighs as much as the checks, and never more than the third."""

_PARAMETERS: Mapping[str, Any] = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.08,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "monotone_constraints": [1] * (1 + len(LEARNED)) + [0] * len(MEASURES),
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


def features(frame: pl.DataFrame, parts: Mapping[str, Floats], total: Floats) -> Inputs:
    """Lay the model's input out: one row a declaration, columns as in `FEATURES`."""
    measures = frame.select(pl.col(*MEASURES).cast(pl.Float32)).to_numpy()
    return np.column_stack([total, *(parts[name] for name in LEARNED), measures]).astype(np.float32)


def features_of_row(row: Mapping[str, Any], parts: Mapping[str, Floats], total: Floats) -> Inputs:
    """Lay one row out in the same way."""
    measures = [math.nan if (v := row[name]) is None else float(v) for name in MEASURES]
    return np.array([[total[0], *(parts[name][0] for name in LEARNED), *measures]], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """A trained booster as text, with what it was trained on."""

    text: str
    rows: int
    hits: int
    training_sha256: str

    def booster(self) -> Any:
        """Give the booster, read from its text."""
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    @property
    def weight(self) -> float:
        """How much it weighs beside the checks."""
        return min(MOST_WEIGHT, self.hits / EQUAL_HITS)


def train(x: Inputs, y: NDArray[np.int64], weight: Floats | None = None) -> Model | None:
    """Train on inspected rows; None when there are too few outcomes of either kind to learn from.

    `weight` holds inverse propensities, where they are known; they are clipped at 20.
    """
    import lightgbm

    hits = int(y.sum())
    if hits < ENOUGH_HITS or len(y) - hits < ENOUGH_HITS:
        return None
    clipped = None if weight is None else np.clip(weight, 1.0, 20.0)
    data = lightgbm.Dataset(x, y, weight=clipped, feature_name=list(FEATURES), free_raw_data=True)
    booster = lightgbm.train(dict(_PARAMETERS), data, ROUNDS)
    digest = hashlib.sha256(np.ascontiguousarray(x).tobytes() + np.ascontiguousarray(y).tobytes()).hexdigest()
    return Model(booster.model_to_string(), len(y), hits, digest)


def folds(groups: Sequence[str]) -> NDArray[np.int64]:
    """Give each row a fold such that rows of one group share it; the same every time."""
    return np.array([hashlib.sha256(g.encode()).digest()[0] % FOLDS for g in groups], dtype=np.int64)


def cross_fitted(
    x: Inputs,
    inspected: NDArray[np.int64],
    y: NDArray[np.int64],
    groups: Sequence[str],
    weight: Floats | None = None,
) -> tuple[Floats | None, Model | None]:
    """Score all rows: with the full model where no outcome is known, else with one that never saw the outcome.

    `inspected` are the row numbers of the known outcomes `y`, `groups` their pairs of parties: an inspected row's
    score comes from a model that was trained without any row of its pair.
    """
    model = train(x[inspected], y, weight)
    if model is None:
        return None, None
    scores = np.asarray(model.booster().predict(x, num_threads=1), dtype=np.float64)
    fold = folds(groups)
    for number in range(FOLDS):
        away = fold == number
        if not away.any():
            continue
        kept = train(x[inspected[~away]], y[~away], None if weight is None else weight[~away])
        if kept is not None:
            scores[inspected[away]] = kept.booster().predict(x[inspected[away]], num_threads=1)
    return scores, model


def tail(values: Floats) -> Floats:
    """-ln of the share of rows that score at least as high: large at the top, where it matters."""
    ordered = np.sort(values)
    above = len(values) - np.searchsorted(ordered, values, side="left")
    return -np.log(above / len(values))


def fuse(checks: Floats, learned: Floats | None, weight: float) -> Floats:
    """Join the ranks of checks and model."""
    return tail(checks) if learned is None else tail(checks) + weight * tail(learned)


def shares(booster: Any, x: Inputs) -> list[list[tuple[str, float]]]:
    """Say what raised each row's score: up to three (feature, log-odds), largest first, by Shapley values."""
    parts = np.asarray(booster.predict(x, pred_contrib=True, num_threads=1))[:, :-1]
    order = np.argsort(-parts, axis=1)[:, :3]
    return [
        [(FEATURES[i], float(row[i])) for i in places if row[i] > 0]
        for row, places in zip(parts, order, strict=True)
    ]
