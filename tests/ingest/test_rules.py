"""The rules: every sample is kept or counted, what is kept is new, and nothing changes its order."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import UsageProblem
from sealtrace.ingest import rules
from sealtrace.ingest.model import SECOND, Arrival, Cut, Sample, Source, Value, moment, us, written_us

NOW = 1_000 * SECOND
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.text(max_size=3)
)
SAMPLES = st.builds(
    Sample, st.integers(0, 40).map(lambda s: s * SECOND), st.sampled_from(["flow", "acid", "time"]), VALUES
)


def arrivals(samples: list[Sample]) -> list[Arrival]:
    return [Arrival(n, s, NOW) for n, s in enumerate(samples)]


def settled(samples: list[Sample], earlier: rules.Seen | None = None, **how: object) -> rules.Settled:
    options = {"period_us": None, "late": False} | how
    return rules.settle(arrivals(samples), earlier or {}, {}, **options)


@given(st.lists(SAMPLES, max_size=60), st.lists(SAMPLES, max_size=10))
def test_every_sample_is_kept_or_counted(samples: list[Sample], before: list[Sample]) -> None:
    earlier = {(s.tag, s.at_us): s.value for s in before}
    got = settled(samples, earlier)
    found = got.findings
    assert len(got.kept) + found.duplicates + found.conflicts_in_all == len(samples)
    keys = [(a.sample.tag, a.sample.at_us) for a in got.kept]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set(earlier)
    assert set(keys) | set(earlier) >= {(s.tag, s.at_us) for s in samples}
    assert [a.number for a in got.kept] == sorted(a.number for a in got.kept)


@given(st.lists(SAMPLES, max_size=40))
def test_sealing_the_same_again_keeps_nothing(samples: list[Sample]) -> None:
    first = settled(samples)
    held = {(a.sample.tag, a.sample.at_us): a.sample.value for a in first.kept}
    again = settled([a.sample for a in first.kept], held)
    assert again.kept == ()
    assert again.findings.duplicates == len(first.kept)


def test_another_value_at_the_same_time_is_a_conflict_and_both_are_told() -> None:
    got = settled([Sample(1, "flow", 1.5), Sample(1, "flow", 1.5), Sample(1, "flow", 2.5)])
    assert got.findings.duplicates == 1
    [conflict] = got.findings.conflicts
    assert (conflict.kept, conflict.dropped) == (1.5, 2.5)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (math.nan, math.nan, True), (1, 1.0, True), (1, True, False), (0, False, False), (None, None, True),
        (None, "null", False), ("1.5", 1.5, True), ("a", "b", False), (None, 0, False),
    ],
)  # fmt: skip
def test_what_is_the_same_reading(one: Value, other: Value, same: bool) -> None:
    assert rules.same(one, other) is same
    assert rules.same(other, one) is same


def test_a_clock_that_goes_back_is_marked_and_nothing_is_put_in_order() -> None:
    samples = [Sample(t * SECOND, "flow", t) for t in (10, 11, 5, 6, 12)]
    got = settled(samples)
    [jump] = got.findings.jumps
    assert (jump.from_us, jump.to_us, jump.number) == (11 * SECOND, 5 * SECOND, 2)
    assert [a.sample.at_us // SECOND for a in got.kept] == [10, 11, 5, 6, 12]


def test_other_tags_do_not_make_a_jump() -> None:
    assert settled([Sample(9, "flow", 1), Sample(2, "acid", 1)]).findings.jumps == ()


def test_a_silence_longer_than_the_period_allows_is_a_gap_also_across_batches() -> None:
    samples = [Sample(t * SECOND, "flow", t) for t in (20, 30, 60, 74)]
    got = rules.settle(arrivals(samples), {}, {"flow": 2 * SECOND}, period_us=10 * SECOND, late=False)
    assert [(g.after_us // SECOND, g.before_us // SECOND) for g in got.findings.gaps] == [(2, 20), (30, 60)]


def test_late_data_fills_holes_and_has_none() -> None:
    got = settled([Sample(0, "flow", 1), Sample(99 * SECOND, "flow", 2)], period_us=SECOND, late=True)
    assert got.findings.gaps == ()
    assert got.findings.late == 2


def test_a_date_in_the_future_is_counted() -> None:
    got = settled([Sample(NOW, "flow", 1), Sample(NOW + rules.AHEAD_US + 1, "flow", 2)])
    assert got.findings.ahead == 1


@given(st.integers(-(2**50), 2**50))
def test_times_come_back_exactly(at_us: int) -> None:
    assert us(moment(at_us)) == at_us


@pytest.mark.parametrize("text", ["hour", "day", "rows:10", "lot:charge", "campaign:ns=2;s=C"])
def test_cuts_are_written_as_they_are_read(text: str) -> None:
    assert str(Cut.parse(text)) == text


@pytest.mark.parametrize("text", ["", "week", "rows", "rows:0", "rows:-1", "rows:9999999", "lot:", "hour:x"])
def test_other_cuts_are_refused(text: str) -> None:
    with pytest.raises(UsageProblem):
        Cut.parse(text)


def test_windows_of_time_begin_on_the_hour_also_before_1970() -> None:
    assert Cut("hour").window_of(0, Sample(-1, "flow", 1), "") == written_us(-3600 * SECOND)


@pytest.mark.parametrize("more", [{"name": "a b"}, {"name": "../x"}, {"grace_s": -1}, {"period_s": 0}])
def test_sources_are_correct_from_birth(more: dict[str, object]) -> None:
    with pytest.raises(UsageProblem):
        Source(**({"name": "a", "kind": "sql", "place": "x"} | more))


def test_when_a_window_is_due() -> None:
    how = {
        "window_end_us": 100, "first_arrived_us": 10, "last_arrived_us": 50, "grace_us": 5, "closed": False,
        "newest_window": "b", "samples": 3,
    }  # fmt: skip
    hour, lot, three = Cut("hour"), Cut("lot", tag="charge"), Cut("rows", samples=3)
    assert [rules.is_due(hour, "w", now_us=n, **how) for n in (104, 105)] == [False, True]
    assert [rules.is_due(hour, "w", now_us=n, **how | {"closed": True}) for n in (14, 15)] == [False, True]
    how["window_end_us"] = None
    assert [rules.is_due(lot, "a", now_us=n, **how) for n in (54, 55)] == [False, True]
    assert not rules.is_due(lot, "b", now_us=10**9, **how)
    assert rules.is_due(three, "0", now_us=0, **how)
    assert not rules.is_due(three, "0", now_us=0, **how | {"samples": 2})
