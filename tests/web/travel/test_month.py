"""The month's grid: every day of every span is covered once, in lanes that fill their week."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.web.travel import countries, month
from sealtrace.web.travel.month import Span

DAYS = st.dates(date(2026, 1, 20), date(2026, 4, 10))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(DAYS, st.integers(0, 20)), max_size=8), st.integers(1, 4))
def test_lanes_fill_weeks_and_cover_each_day_once(spans: list[tuple[date, int]], number: int) -> None:
    made = [Span(first, first + timedelta(days=long), n) for n, (first, long) in enumerate(spans)]
    grid = month.weeks(2026, number, made)
    start, end = month.bounds(2026, number)
    assert grid[0].days[0] <= start < end <= grid[-1].days[-1] + timedelta(days=1)
    seen: list[tuple[int, date]] = []
    for week in grid:
        for lane in week.lanes:
            assert sum(piece.days for piece in lane) == 7
            at = week.days[0]
            for piece in lane:
                if piece.span is not None:
                    seen += [(piece.span.what, at + timedelta(days=n)) for n in range(piece.days)]
                    assert piece.before == (piece.span.first < week.days[0])
                    assert piece.after == (piece.span.last > week.days[-1])
                at += timedelta(days=piece.days)
    shown = {d for week in grid for d in week.days}
    wanted = {(s.what, d) for s in made for d in shown if s.first <= d <= s.last}
    assert len(seen) == len(set(seen))
    assert set(seen) == wanted


def test_a_country_is_read_from_its_code_or_either_name() -> None:
    assert len(countries.names()) == 249
    for code, (zh, en) in countries.names().items():
        assert {countries.code_of(word) for word in (code.lower(), f" {zh} ", en.upper())} == {code}
    assert countries.code_of("Narnia") is None
    assert countries.code_of("") is None
