"""Metrics, drift and the learning from general customs data."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.testing.trade_scene import START, Scene
from sealtrace.trade import context, customs, drift, evaluate
from sealtrace.trade.declarations import newest, read


def test_metrics_of_a_known_ranking() -> None:
    truth, scores = np.array([1, 0, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0])
    assert evaluate.average_precision(truth, scores) == pytest.approx((1 + 2 / 3) / 2)
    assert evaluate.precision_at(truth, scores, 0.5) == 0.5
    assert evaluate.recall_at(truth, scores, 0.25) == 0.5
    assert evaluate.average_precision(np.zeros(3, int), np.zeros(3)) == 0.0


def test_ties_give_no_advantage_to_the_order_of_rows() -> None:
    truth = np.zeros(4000, int)
    truth[:400] = 1
    assert evaluate.precision_at(truth, np.zeros(4000), 0.1) == pytest.approx(0.1, abs=0.05)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=4), min_size=1, max_size=60), st.integers(2, 7))
def test_a_group_never_straddles_folds(groups: list[str], folds: int) -> None:
    found = evaluate.group_folds(groups, folds)
    assert all(len({f for g, f in zip(groups, found, strict=True) if g == name}) == 1 for name in set(groups))


def test_calibration_error_of_a_coin() -> None:
    rnd = np.random.default_rng(1)
    chances = rnd.random(20_000)
    truth = (rnd.random(20_000) < chances).astype(np.int64)
    assert evaluate.expected_calibration_error(truth, chances) < 0.02
    assert evaluate.expected_calibration_error(truth, np.clip(chances + 0.3, 0, 1)) > 0.15


def test_stability_index_tells_a_shift_from_noise() -> None:
    rnd = np.random.default_rng(2)
    a, b = rnd.normal(size=5000), rnd.normal(size=2000)
    assert drift.psi(a, a) == 0
    assert drift.psi(a, b) < 0.1
    assert drift.psi(a, b + 1) > drift.PSI_ALARM
    assert drift.psi(a, np.array([])) == 0.0


def test_a_falling_hit_rate_is_noticed_and_a_steady_one_is_not() -> None:
    rnd = np.random.default_rng(3)
    steady = (rnd.random(600) < 0.4).astype(float)
    assert drift.page_hinkley(steady) is None
    where = drift.page_hinkley(np.concatenate([steady, np.zeros(200)]))
    assert where is not None
    assert 600 < where < 700


def rows_of(folder: Path) -> pl.LazyFrame:
    return newest(b.frame for b in read(folder / "declarations.csv")).lazy()


def test_a_price_shock_sounds_the_alarm(scene: Scene, tmp_path: Path) -> None:
    until = START + timedelta(days=199)
    assert not [a for a in drift.alarms(rows_of(scene.folder), until) if "price" in a.what]
    rows = pl.read_csv(scene.folder / "declarations.csv", infer_schema=False)
    late = pl.col("date") > (until - timedelta(days=28)).isoformat()
    value = pl.col("value_usd").cast(pl.Float64)
    folder = tmp_path
    rows.with_columns(pl.when(late).then(value * 6).otherwise(value).alias("value_usd")).write_csv(
        folder / "declarations.csv"
    )
    (alarm,) = [a for a in drift.alarms(rows_of(folder), until) if "price" in a.what]
    assert alarm.value > alarm.bound


def test_a_mirror_gap_is_what_the_partner_saw_and_nobody_declared() -> None:
    months = pl.date_range(START.replace(day=1), START.replace(day=1, month=12), "1mo", eager=True)
    ours = pl.DataFrame({"month": months, "dest": "JP", "hs6": "284690", "net_kg": 1000.0})
    quiet = ours.with_columns(dest=pl.lit("KR"))
    theirs = pl.concat([ours, quiet]).rename({"dest": "reporter", "net_kg": "kg"})
    theirs = theirs.with_columns(
        pl.when((pl.col("reporter") == "JP") & (pl.col("month").dt.month() == 7))
        .then(1600.0)
        .otherwise("kg")
        .alias("kg")
    )
    gaps = context.mirror_gaps(pl.concat([ours, quiet]), theirs)
    worst = gaps.sort("gap_z", descending=True).row(0, named=True)
    assert (worst["reporter"], worst["gap_kg"]) == ("JP", 600.0)
    assert worst["month"].month in (7, 8, 9)
    assert gaps.filter(pl.col("reporter") == "KR")["gap_kg"].abs().max() == 0


def templated(rows: int, seed: int) -> pl.DataFrame:
    """Near-copies of templates whose label is the template's: what a look-up solves."""
    rnd = np.random.default_rng(seed)
    which = rnd.integers(0, 150, rows)
    own = np.random.default_rng(9)
    fraud, mass, heading = (
        own.random(150) < 0.2,
        own.uniform(1, 900, 150).round(1),
        own.integers(10**9, 10**10, 150),
    )
    data = {c: rnd.integers(0, 9, rows).astype(str) for c in customs.KOREAN.categories}
    data |= {"HS10 Code": heading[which].astype(str), "Net Mass": mass[which], "Item Price": mass[which] * 3}
    data |= {"Tax Rate": np.full(rows, 8.0), "Fraud": fraud[which].astype(np.int64)}
    return pl.DataFrame(data)


def test_a_dictionary_solves_leaking_labels_and_grouping_takes_that_away() -> None:
    train, test = templated(1500, 1), templated(500, 2)
    truth = test["Fraud"].to_numpy()
    assert evaluate.precision_at(truth, customs.dictionary(train, test, customs.KOREAN), 0.1) == 1.0
    names = customs.templates(train, customs.KOREAN)
    fold = evaluate.group_folds(names, 3)
    held = pl.Series(fold == 0)
    lookup = customs.dictionary(train.filter(~held), train.filter(held), customs.KOREAN)
    assert len(set(lookup)) == 1, "no template of one side is known to the other"
    scores = customs.fit_and_score(
        train, test, customs.KOREAN, evaluate.group_folds([str(i) for i in range(1500)], 3), rounds=20
    )
    assert evaluate.precision_at(truth, scores, 0.1) > 0.9


def test_a_training_row_never_sees_its_own_outcome() -> None:
    train = templated(300, 3)
    folds = evaluate.group_folds([str(i) for i in range(300)], 5)
    first = customs.Encoder(train, customs.KOREAN, folds).train_features()
    flipped = train.with_columns(
        Fraud=pl.when(pl.int_range(pl.len()) == 8).then(1 - pl.col("Fraud")).otherwise("Fraud")
    )
    second = customs.Encoder(flipped, customs.KOREAN, folds).train_features()
    mine = folds == folds[8]
    changed = np.abs(first - second).max(axis=1) > 1e-9
    rates = np.abs(first[mine] - second[mine])
    base = abs(
        train["Fraud"].mean() - flipped["Fraud"].mean()
    )  # the shared prior moves by one outcome in all
    assert changed[~mine].any()
    assert rates.max() <= base + 1e-9
