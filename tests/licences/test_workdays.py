"""The working-day clock equals two independent calendars, and says when it guesses."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import UsageProblem
from sealtrace.licences.workdays import DECISION_DAYS, QUESTION_DAYS, Clock, Deadline, shipped

D = date.fromisoformat
CHINA = holidays.country_holidays("CN", years=[2024, 2025, 2026])
DAYS = [D("2024-01-01") + timedelta(days=i) for i in range(1096)]


def test_every_day_agrees_with_both_calendars() -> None:
    ours = shipped()
    assert DAYS[-1] == D("2026-12-31")
    for day in DAYS:
        assert ours.is_working(day) == chinese_calendar.is_workday(day) == CHINA.is_working_day(day), day


@pytest.mark.parametrize("count", [1, QUESTION_DAYS, DECISION_DAYS])
def test_every_deadline_agrees_with_a_walk_through_the_other_calendars(count: int) -> None:
    ours = shipped()
    working = [day for day in DAYS if chinese_calendar.is_workday(day)]
    for start in DAYS[::3]:
        later = [day for day in working if day > start][:count] if start > DAYS[-200] else None
        expected = later if later is not None else working[_place(working, start) :][:count]
        made = ours.after(start, count)
        if len(expected) == count:
            assert made == Deadline(expected[-1], provisional=False), start
        else:
            assert made.provisional, start


def _place(working: list[date], start: date) -> int:
    return next((i for i, day in enumerate(working) if day > start), len(working))


@given(st.dates(D("2023-01-01"), D("2028-12-31")), st.integers(1, 300))
def test_counting_back_gives_the_count(start: date, count: int) -> None:
    ours = shipped()
    made = ours.after(start, count)
    assert ours.is_working(made.day)
    assert ours.between(start, made.day) == count
    assert made.provisional == (not (ours.covers(start) and ours.covers(made.day)))


def test_beyond_the_tables_is_provisional() -> None:
    assert shipped().after(D("2026-12-30"), 1) == Deadline(D("2026-12-31"), provisional=False)
    assert shipped().after(D("2026-12-31"), 1) == Deadline(D("2027-01-01"), provisional=True)
    assert shipped().after(D("2023-12-29"), 1).provisional
    for count in (0, -1, 2001):
        with pytest.raises(UsageProblem):
            shipped().after(D("2026-01-01"), count)


def test_questions_stop_the_clock() -> None:
    start = D("2026-03-02")
    free = Clock(start, DECISION_DAYS).deadline(shipped())
    assert free == shipped().after(start, DECISION_DAYS)
    asked, answered = D("2026-03-10"), D("2026-03-19")
    assert Clock(start, DECISION_DAYS, ((asked, None),)).deadline(shipped()) is None
    stopped = Clock(start, DECISION_DAYS, ((asked, answered),)).deadline(shipped())
    assert free is not None
    assert stopped is not None
    assert shipped().between(free.day, stopped.day) == shipped().between(asked, answered) == 7
    for stops in (((answered, asked),), ((asked, None), (answered, None)), ((D("2026-03-01"), asked),)):
        with pytest.raises(UsageProblem):
            Clock(start, DECISION_DAYS, stops)
