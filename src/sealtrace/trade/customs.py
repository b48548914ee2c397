"""Training on general customs declarations with many outcomes: target encoding in time order, LightGBM, the dictionary.

For data sets such as the public Korean synthetic declarations (MIT), where every row has an outcome. The dictionary
baseline looks a row up by its heading and mass among the training rows: where it does as well as a model, the model
has learned the data set's templates and nothing about fraud, and its figure must stand beside the dictionary's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truth = NDArray[np.int64]
SMOOTHING = 10.0
"""Outcomes worth of prior in an encoded rate."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns mean what: categories to encode, pairs to encode together, numbers, and the two of a template."""

    categories: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    heading: str
    mass: str
    truth: str


KOREAN = Columns(
    categories=(
        "Office ID", "Process Type", "Import Type", "Import Use", "Payment Type", "Mode of Transport", "Declarant ID",
        "Importer ID", "Seller ID", "Courier ID", "HS10 Code", "Country of Departure", "Country of Origin", "Tax Type",
        "Country of Origin Indicator",
    ),
    pairs=(
        ("HS10 Code", "Country of Origin"), ("Importer ID", "HS10 Code"), ("HS10 Code", "Country of Departure"),
        ("Declarant ID", "Office ID"), ("HS10 Code", "Tax Type"), ("Importer ID", "Seller ID"),
    ),
    numbers=("Tax Rate", "Net Mass", "Item Price"),
    heading="HS10 Code",
    mass="Net Mass",
    truth="Fraud",
)  # fmt: skip


def dictionary(train: pl.DataFrame, test: pl.DataFrame, columns: Columns) -> Floats:
    """Score by looking up (heading, mass) among the training rows: their rate of fraud, or the base rate."""
    keys = [columns.heading, columns.mass]
    base = float(train[columns.truth].cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]  # a float column's mean
    known = train.group_by(keys).agg(pl.col(columns.truth).sum().alias("hits"), pl.len().alias("seen"))
    joined = test.join(known, on=keys, how="left", maintain_order="left")
    rate = (joined["hits"] + base) / (joined["seen"] + 1)
    return rate.fill_null(base).to_numpy().astype(np.float64)


def templates(frame: pl.DataFrame, columns: Columns) -> list[str]:
    """Name each row's template: heading and mass. Rows of one template must never stand on both sides of a split."""
    keys = pl.col(columns.heading, columns.mass).cast(pl.String)
    return frame.select(template=pl.concat_str(keys, separator="|"))["template"].to_list()


class Encoder:
    """Rates and counts of categories, from training rows only.

    A training row is encoded from the other folds, so that no row's own outcome is in its features.
    """

    def __init__(self, train: pl.DataFrame, columns: Columns, folds: NDArray[np.int64]) -> None:
        """Learn the rates of `train`; `folds` says which training rows may not see each other."""
        self._columns = columns
        self._train = _keyed(train, columns).with_columns(
            y=train[columns.truth].cast(pl.Float64), fold=pl.Series(folds)
        )
        self._base = float(self._train["y"].mean())  # type: ignore[arg-type]  # a float column's mean
        self._names = [c for c in self._train.columns if c not in (*columns.numbers, "y", "fold")]

    def train_features(self) -> Floats:
        """Features of the training rows, out of fold."""
        made = np.empty((len(self._train), self._width()))
        for fold in self._train["fold"].unique().sort():
            inside = (self._train["fold"] == fold).to_numpy()
            made[inside] = self._encode(
                self._train.filter(~pl.Series(inside)), self._train.filter(pl.Series(inside))
            )
        return made

    def features(self, frame: pl.DataFrame) -> Floats:
        """Features of new rows."""
        return self._encode(self._train, _keyed(frame, self._columns))

    def _width(self) -> int:
        return 2 * len(self._names) + len(self._columns.numbers) + 1

    def _encode(self, known: pl.DataFrame, rows: pl.DataFrame) -> Floats:
        made = [rows.select(pl.col(*self._columns.numbers).cast(pl.Float64)).to_numpy()]
        made.append((made[0][:, 2] / np.maximum(made[0][:, 1], 1e-9))[:, None])
        for name in self._names:
            rates = known.group_by(name).agg(pl.col("y").sum().alias("hits"), pl.len().alias("seen"))
            joined = rows.select(name).join(
                rates, on=name, how="left", maintain_order="left", nulls_equal=True
            )
            hits, seen = (joined[c].fill_null(0).to_numpy().astype(np.float64) for c in ("hits", "seen"))
            made.append(
                np.column_stack([(hits + SMOOTHING * self._base) / (seen + SMOOTHING), np.log1p(seen)])
            )
        return np.column_stack(made)


def _keyed(frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    pairs = {
        f"{a}|{b}": pl.concat_str(pl.col(a, b).cast(pl.String).fill_null(""), separator="|")
        for a, b in columns.pairs
    }
    heads = {
        f"{columns.heading}:{n}": pl.col(columns.heading).cast(pl.String).str.slice(0, n) for n in (4, 6)
    }
    return frame.select(*columns.categories, *columns.numbers).with_columns(**pairs, **heads)


_PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "min_data_in_leaf": 20, "feature_fraction": 0.8,
    "bagging_fraction": 0.9, "bagging_freq": 1, "lambda_l2": 1.0, "seed": 1, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip


def fit_and_score(
    train: pl.DataFrame, test: pl.DataFrame, columns: Columns, folds: Sequence[int], *, rounds: int = 200
) -> Floats:
    """Train on `train` and score `test`."""
    import lightgbm

    encoder = Encoder(train, columns, np.asarray(folds, dtype=np.int64))
    data = lightgbm.Dataset(encoder.train_features(), train[columns.truth].to_numpy())
    booster = lightgbm.train(dict(_PARAMETERS), data, rounds)
    return np.asarray(booster.predict(encoder.features(test), num_threads=1), dtype=np.float64)
