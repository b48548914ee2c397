"""Selection: exact propensities, a draw nobody can steer and everybody can check, never an outcome from the future."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.errors import InputDamaged, InputMissing, UsageProblem
from sealtrace.testing.trade_scene import START, Scene
from sealtrace.trade import supervise
from sealtrace.trade.selection import Arm, Pick, base_rate, choose, commitment, shares, verify

KEY = bytes(range(32))
many = st.integers(1, 300).map(lambda n: [f"D{i}" for i in range(n)])


@settings(max_examples=60, deadline=None)
@given(many, st.integers(1, 320), st.floats(0.02, 0.5), st.binary(min_size=32, max_size=32))
def test_a_budget_is_kept_and_the_chances_add_up(
    ranked: list[str], budget: int, share: float, key: bytes
) -> None:
    picks = choose(ranked, budget=budget, key=key, round_name="r", audit_share=share)
    assert len(picks) == len({p.decl_id for p in picks}) == min(budget, len(ranked))
    targeted = [p.decl_id for p in picks if p.arm is Arm.TARGETED]
    assert targeted == ranked[: len(targeted)]
    # the expected number of picks over all candidates is the number of picks
    random = [p for p in picks if p.arm is Arm.RANDOM]
    chance = random[0].propensity if random else 0.0
    assert len(targeted) + chance * (len(ranked) - len(targeted)) == pytest.approx(len(picks))
    assert verify(picks, ranked, key=key, round_name="r") == []


def test_every_candidate_has_the_same_chance_of_the_random_arm() -> None:
    ranked = [f"D{i}" for i in range(60)]
    times: Counter[str] = Counter()
    for number in range(1500):
        picks = choose(ranked, budget=10, key=KEY, round_name=f"round {number}", audit_share=0.5)
        times.update(p.decl_id for p in picks if p.arm is Arm.RANDOM)
    drawn = [times[d] for d in ranked[5:]]
    expected = 1500 * 5 / 55
    assert max(abs(n - expected) for n in drawn) < 5 * expected**0.5
    assert not any(times[d] for d in ranked[:5])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: [*p[:-1], Pick("D57" if p[-1].decl_id != "D57" else "D56", p[-1].propensity, Arm.RANDOM)],
        lambda p: [*p[:-1], replace(p[-1], propensity=0.9)],
        lambda p: [*p, p[0]],
        lambda p: [replace(x, arm=Arm.TARGETED) for x in p],
        lambda p: [Pick("elsewhere", 1.0, Arm.TARGETED), *p],
    ],
)
def test_a_steered_draw_is_noticed(spoil: object) -> None:
    ranked = [f"D{i}" for i in range(60)]
    picks = choose(ranked, budget=50, key=KEY, round_name="r", audit_share=0.1)
    assert verify(picks, ranked, key=KEY, round_name="r") == []
    assert verify(spoil(picks), ranked, key=KEY, round_name="r")  # type: ignore[operator]
    assert verify(picks, ranked, key=bytes(32), round_name="r")


@pytest.mark.parametrize(("share", "budget"), [(0.01, 10), (0.6, 10), (0.1, 0)])
def test_a_share_or_budget_out_of_bounds_is_refused(share: float, budget: int) -> None:
    with pytest.raises(UsageProblem):
        shares(budget, 100, share)


def test_the_base_rate_comes_from_the_random_arm_alone() -> None:
    picks = [Pick(f"D{i}", 1.0, Arm.TARGETED) for i in range(50)] + [
        Pick(f"R{i}", 0.1, Arm.RANDOM) for i in range(100)
    ]
    outcomes = {p.decl_id: p.arm is Arm.TARGETED or p.decl_id in ("R1", "R2") for p in picks}
    found = base_rate(outcomes, picks)
    assert (found.hits, found.inspected, found.rate) == (2, 100, 0.02)
    assert found.low == pytest.approx(0.0055, abs=2e-4)  # Wilson's interval of 2 in 100
    assert found.high == pytest.approx(0.0700, abs=2e-4)
    assert base_rate({}, picks).high == 1.0


def outcomes(scene: Scene, until: date) -> pl.DataFrame:
    rows = pl.read_csv(scene.folder / "declarations.csv", infer_schema=False)
    seen = rows.filter((pl.col("label_observed") != "-1") & (pl.col("date") < until.isoformat()))
    return seen.select(
        "decl_id", pl.col("date").str.to_date(), pl.col("label_observed").cast(pl.Float64).alias("label")
    )


def test_picks_are_of_the_last_days_uninspected_and_better_than_chance(scene: Scene, tmp_path: Path) -> None:
    until = START + timedelta(days=120)
    labels = outcomes(scene, until)
    made = supervise.select(scene.folder, until=until, labels=labels, budget=40, key=KEY, window_days=30)
    rows = pl.read_csv(scene.folder / "declarations.csv", infer_schema=False)
    day = dict(rows.select("decl_id", "date").iter_rows())
    first = (until - timedelta(days=29)).isoformat()
    assert all(first <= day[p.decl_id] <= until.isoformat() for p in made.picks)
    assert not {p.decl_id for p in made.picks} & set(labels["decl_id"])
    hits = sum(p.decl_id in scene.truth for p in made.picks)
    there = sum(c in scene.truth for c in made.candidates)
    assert hits > 5 * there * len(made.picks) / len(made.candidates)
    later = supervise.select(
        scene.folder,
        until=until,
        labels=outcomes(scene, date(2099, 1, 1)),
        budget=40,
        key=KEY,
        window_days=30,
    )
    inspected_later = labels.height < outcomes(scene, date(2099, 1, 1)).height
    assert inspected_later
    known_then = {p.decl_id for p in later.picks}
    assert known_then <= set(made.candidates), (
        "outcomes dated later change nothing but what is inspected by then"
    )


def test_a_written_draw_can_be_checked_and_tampering_shows(scene: Scene, tmp_path: Path) -> None:
    until = START + timedelta(days=90)
    key_path = tmp_path / "key"
    key = supervise.audit_key(key_path)
    assert supervise.audit_key(key_path) == key
    assert key_path.stat().st_mode & 0o077 == 0
    made = supervise.select(scene.folder, until=until, labels=outcomes(scene, until), budget=30, key=key)
    picks = tmp_path / "picks.csv"
    record = supervise.write_picks(made, picks)
    assert picks.read_text().splitlines()[0] == "decl_id,propensity,arm"
    assert supervise.check_draw(picks, key_path) == []
    body = json.loads(record.read_text())
    assert body["commitment"] == commitment(key)
    drawn = next(p for p in made.picks if p.arm is Arm.RANDOM)
    other = next(c for c in made.candidates if c not in {p.decl_id for p in made.picks})
    picks.write_text(picks.read_text().replace(drawn.decl_id, other))
    assert supervise.check_draw(picks, key_path)
    record.unlink()
    with pytest.raises(InputMissing):
        supervise.check_draw(picks, key_path)
    (tmp_path / "short").write_text("ab")
    with pytest.raises(InputDamaged):
        supervise.audit_key(tmp_path / "short")
