"""Ranking a folder: frauds come first, why is said, nothing later is looked at, the truth file is never read."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sealtrace.errors import InputMissing
from sealtrace.testing.trade_scene import START, Scene
from sealtrace.trade import ranking
from sealtrace.trade.evaluate import average_precision

CUT = START + timedelta(days=140)


@pytest.fixture(scope="module")
def ranked(scene: Scene) -> ranking.Ranking:
    return ranking.rank(scene.folder)


def test_frauds_come_first_and_every_declaration_is_there_once(scene: Scene, ranked: ranking.Ranking) -> None:
    first = ranked.decl_id[: len(scene.truth)]
    assert sum(i in scene.truth for i in first) >= 0.75 * len(scene.truth)
    assert len(ranked.decl_id) == len(set(ranked.decl_id)) == scene.rows
    assert (np.diff(ranked.score) <= 0).all()
    frame = ranked.frame()
    assert frame.columns == ["decl_id", "score", "reasons"]


def test_overdrawn_licences_are_breaches_before_everything_else(
    scene: Scene, ranked: ranking.Ranking
) -> None:
    breached = {i for i, exact in zip(ranked.decl_id, ranked.exact, strict=True) if exact}
    assert breached == {i for i, kind in scene.truth.items() if kind == "overdrawn"}
    assert set(ranked.decl_id[: len(breached)]) == breached


def test_fusing_never_falls_far_below_the_checks_alone(scene: Scene, ranked: ranking.Ranking) -> None:
    truth = np.array([int(i in scene.truth) for i in ranked.decl_id])
    assert ranked.model is not None
    checks = np.where(ranked.exact, ranked.checks + 1e6, ranked.checks)
    assert average_precision(truth, ranked.score) >= average_precision(truth, checks) - 0.02


@pytest.mark.parametrize(("language", "says"), [("en", "t/m3"), ("zh", "吨/立方米")])
def test_reasons_are_words_and_numbers(scene: Scene, language: str, says: str) -> None:
    made = ranking.rank(scene.folder, language=language)
    hidden = [
        line for i, line in zip(made.decl_id, made.alerts, strict=False) if scene.truth.get(i) == "hidden"
    ]
    assert any(says in line for line in hidden)
    assert all(line.count(" | ") <= 5 for line in made.alerts)
    assert not any("{" in line for line in made.alerts)


def test_nothing_after_the_day_is_looked_at(scene: Scene, tmp_path: Path) -> None:
    """Ranking up to a day equals ranking a folder that ends there."""
    rows = pl.read_csv(scene.folder / "declarations.csv", infer_schema=False)
    past = tmp_path / "past"
    shutil.copytree(scene.folder, past)
    rows.filter(pl.col("date") <= CUT.isoformat()).write_csv(past / "declarations.csv")
    mirror = pl.read_csv(scene.folder / "mirror.csv", infer_schema=False)
    mirror.filter(pl.col("month") < "2031-04-01").write_csv(past / "mirror.csv")
    labels = rows.filter(pl.col("label_observed") != "-1").select(
        "decl_id", pl.col("date").str.to_date(), pl.col("label_observed").cast(pl.Float64).alias("label")
    )
    whole = ranking.rank(scene.folder, labels=labels, until=CUT, explain=False)
    (past / "xrf.csv").unlink()  # undated readings are of unknown time
    alone = ranking.rank(past, labels=labels.filter(pl.col("date") <= CUT), explain=False)
    assert whole.decl_id == alone.decl_id
    np.testing.assert_array_equal(whole.score, alone.score)


def test_parts_on_disk_rank_what_one_part_ranks(scene: Scene, ranked: ranking.Ranking) -> None:
    """Spread over parts, only the population that scores are ranked in is a sample: the order at the top stays."""
    size = (scene.folder / "declarations.csv").stat().st_size
    parts = ranking.rank(scene.folder, part_bytes=size // 3 + 1)
    assert sorted(parts.decl_id) == sorted(ranked.decl_id)
    many = len(scene.truth)
    caught = [sum(i in scene.truth for i in r.decl_id[:many]) for r in (parts, ranked)]
    assert abs(caught[0] - caught[1]) <= 0.1 * many
    assert len(parts.alerts) == len(ranked.alerts)


def test_only_the_named_files_are_read(scene: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    shutil.copy(scene.folder / "declarations.csv", folder)
    (folder / "oracle.csv").mkdir()  # opening it would fail
    made = ranking.rank(folder, explain=False)
    assert len(made.decl_id) == scene.rows
    with pytest.raises(InputMissing, match=r"declarations\.csv"):
        ranking.rank(tmp_path)


def test_corrections_replace_what_they_correct(scene: Scene, tmp_path: Path) -> None:
    rows = pl.read_csv(scene.folder / "declarations.csv", infer_schema=False)
    dear = rows[0].with_columns(value_usd=pl.lit("99999999"), exporter=pl.lit("another"))
    pl.concat([rows, dear]).write_csv(tmp_path / "declarations.csv")
    made = ranking.rank(tmp_path, part_bytes=200_000)
    assert len(made.decl_id) == scene.rows
    line = dict(zip(made.decl_id, made.alerts, strict=False)).get(rows["decl_id"][0], "")
    assert "USD/kg is high" in line


def test_outcomes_that_were_rarely_looked_for_weigh_more(scene: Scene) -> None:
    rows = pl.read_csv(scene.folder / "declarations.csv", infer_schema=False)
    labels = rows.filter(pl.col("label_observed") != "-1").select(
        "decl_id", pl.col("date").str.to_date(), pl.col("label_observed").cast(pl.Float64).alias("label")
    )
    plain = ranking.rank(scene.folder, labels=labels, explain=False)
    evenly = ranking.rank(scene.folder, labels=labels.with_columns(propensity=pl.lit(1.0)), explain=False)
    rarely = pl.when(pl.col("label") == 1).then(1.0).otherwise(0.1)
    weighted = ranking.rank(scene.folder, labels=labels.with_columns(propensity=rarely), explain=False)
    assert evenly.decl_id == plain.decl_id
    assert weighted.decl_id != plain.decl_id
