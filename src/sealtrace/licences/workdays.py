"""Working days in China from shipped year tables; what lies beyond them is counted and marked provisional.

A deadline of n working days is the n-th working day after the day of the event. The tables are the State
Council's yearly notices; a year is published in the autumn before it, so a deadline that reaches into a year
without a table may move when the table appears, and says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from sealtrace.catalogue.lists import load_yaml
from sealtrace.errors import MalformedList, UsageProblem

DECISION_DAYS = 45  # for a licence application; Decree 792 of the State Council, 2024
QUESTION_DAYS = (
    7  # to answer customs' question; Announcement 123 of the General Administration of Customs, 2025
)
SATURDAY = 5
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day, and whether it rests on published tables alone."""

    day: date
    provisional: bool


class WorkCalendar:
    """The working days of the years that have tables; Monday to Friday elsewhere."""

    def __init__(self, off: Iterable[date], worked: Iterable[date], first: int, last: int) -> None:
        self._off, self._worked = frozenset(off), frozenset(worked)
        self.first, self.last = date(first, 1, 1), date(last, 12, 31)
        days = (self.last - self.first).days + 1
        self._days = [d for i in range(days) if self.is_working(d := self.first + timedelta(days=i))]

    def covers(self, day: date) -> bool:
        """Whether a table is published for the day's year."""
        return self.first <= day <= self.last

    def is_working(self, day: date) -> bool:
        """Whether a day is worked: make-up days are, holidays are not."""
        return day in self._worked or (day.weekday() < SATURDAY and day not in self._off)

    def after(self, day: date, count: int) -> Deadline:
        """Give the `count`-th working day after a day. O(log n) inside the tables.

        Raises:
            UsageProblem: the count is below 1 or above 2,000.
        """
        if not 1 <= count <= LONGEST:
            raise UsageProblem(f"a deadline has 1 to {LONGEST} working days, not {count}")
        if self.covers(day):
            place = bisect_right(self._days, day) + count - 1
            if place < len(self._days):
                return Deadline(self._days[place], provisional=False)
            day, count = self.last, place - len(self._days) + 1
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return Deadline(day, provisional=True)

    def between(self, start: date, end: date) -> int:
        """Count the working days after `start`, up to and including `end`."""
        if self.covers(start) and self.covers(end):
            return max(0, bisect_right(self._days, end) - bisect_right(self._days, start))
        return sum(self.is_working(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline's clock that questions stop: it runs on working days only, and not while a question is open."""

    started: date
    allowed: int
    stops: tuple[tuple[date, date | None], ...] = ()

    def __post_init__(self) -> None:
        last = self.started
        for i, (asked, answered) in enumerate(self.stops):
            open_before_end = answered is None and i < len(self.stops) - 1
            if asked < last or open_before_end or (answered is not None and answered < asked):
                raise UsageProblem("questions follow one another, each answered before the next is asked")
            last = answered or asked

    def deadline(self, calendar: WorkCalendar) -> Deadline | None:
        """The last day, or None while a question is open. The days a question was open are given back."""
        given_back, provisional = 0, False
        for asked, answered in self.stops:
            if answered is None:
                return None
            given_back += calendar.between(asked, answered)
            provisional |= not (calendar.covers(asked) and calendar.covers(answered))
        made = calendar.after(self.started, self.allowed + given_back)
        return Deadline(made.day, made.provisional or provisional)


@cache
def shipped() -> WorkCalendar:
    """The calendar of the shipped tables."""
    path = resources.files("sealtrace.licences") / "data" / "workdays-cn.yaml"
    document = load_yaml(path.read_bytes())
    off, worked, years = [], [], []
    for year, table in document["years"].items():
        years.append(int(year))
        off += [date.fromisoformat(f"{year}-{day}") for day in table["holidays"]]
        worked += [date.fromisoformat(f"{year}-{day}") for day in table["make_up"]]
    if sorted(years) != list(range(min(years), max(years) + 1)):
        raise MalformedList("the tables of working days have a gap between years")
    return WorkCalendar(off, worked, min(years), max(years))
