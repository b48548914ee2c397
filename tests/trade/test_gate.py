"""The gate and the bulk ranking are one thing: the same row gets the same evidence from both."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from sealtrace.testing.trade_scene import Scene
from sealtrace.trade import evidence, learn, ranking
from sealtrace.trade.checks import CHECKS, FIRST, SECOND
from sealtrace.trade.declarations import newest, read
from sealtrace.trade.desk import Surroundings, Weighed, weigh
from sealtrace.trade.gate import Gate

EXACTLY = {c.name for c in CHECKS} - {"party", "route", "company", "split"}
"""Checks whose context doesn't depend on whether the row itself is counted among its peers or on rows after it."""


@pytest.fixture(scope="module")
def parts(scene: Scene) -> tuple[pl.DataFrame, Surroundings, Weighed]:
    rows = newest(b.frame for b in read(scene.folder / "declarations.csv")).sort("date", "decl_id")
    labels = pl.DataFrame({"decl_id": [rows["decl_id"][5]], "date": [date(2031, 3, 1)], "label": [1.0]})
    around = Surroundings.fit(rows.lazy(), ranking.papers(scene.folder, labels, None))
    return rows, around, weigh(around.gather(rows))


def test_the_same_row_gets_the_same_scores(parts: tuple[pl.DataFrame, Surroundings, Weighed]) -> None:
    rows, around, found = parts
    gate = Gate(around, found, None)
    drawn = found.frame["licence"].to_list()
    for place in range(0, len(rows), 97):
        row = gate._gathered(rows.row(place, named=True))
        scores = evidence.scores_of_row(row, FIRST)
        for name in EXACTLY - ({"licence"} if drawn[place] else set()):
            assert scores[name][0] == pytest.approx(found.scores[name][place], rel=1e-6, abs=1e-9), (
                name,
                place,
            )


def test_an_answer_says_why_and_how_far_up(parts: tuple[pl.DataFrame, Surroundings, Weighed]) -> None:
    rows, around, found = parts
    rnd = np.random.default_rng(1)
    x = learn.features(found.frame, found.parts, found.total)
    y = (found.total > np.quantile(found.total, 0.97)).astype(np.int64)
    chosen = rnd.random(len(y)) < 0.3
    model = learn.train(x[chosen], y[chosen])
    assert model is not None
    gate = Gate(around, found, model)
    cheap = rows.filter(pl.col("hs6") == "250700").row(0, named=True)
    honest = gate.answer(cheap | {"decl_id": "new"})
    hidden = cheap | {
        "decl_id": "new2", "net_kg": 150.0, "weighbridge_kg": 156.0, "volume_m3": 0.055, "value_usd": 45.0,
        "insurance_usd": 40.0, "mode": "air", "dest": "VN",
    }  # fmt: skip
    caught = gate.answer(hidden, language="zh")
    assert caught.score > honest.score + 3
    assert {"density", "insurance"} <= {r.check for r in caught.reasons}
    assert any("吨/立方米" in r.text for r in caught.reasons)
    assert caught.raised
    assert not caught.exact


def test_an_overdraw_is_a_breach_at_the_gate(
    scene: Scene, parts: tuple[pl.DataFrame, Surroundings, Weighed]
) -> None:
    rows, around, found = parts
    licensed = rows.filter(pl.col("licence") != "").row(0, named=True)
    gate = Gate(around, found, None)
    assert gate.answer(licensed | {"decl_id": "new", "net_kg": 1e6}).exact
    assert {c.name for c in SECOND} == {"company"}
