"""A month as a grid of weeks, Monday first, with spans laid into lanes so that none covers another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """Something from its first to its last day, both included."""

    first: date
    last: date
    what: Any


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a lane: so many days of a span, or of nothing. It may come from, or go on into, another week."""

    days: int
    span: Span | None = None
    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days and the lanes beneath them; the pieces of each lane add up to seven days."""

    days: tuple[date, ...]
    lanes: tuple[tuple[Piece, ...], ...]


def bounds(year: int, month: int) -> tuple[date, date]:
    """The first day of a month, and of the month after."""
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def weeks(year: int, month: int, spans: Sequence[Span]) -> list[Week]:
    """The weeks that touch a month."""
    start, end = bounds(year, month)
    monday = start - timedelta(days=start.weekday())
    made = []
    while monday < end:
        made.append(_week(monday, spans))
        monday += timedelta(days=DAYS)
    return made


def _week(monday: date, spans: Sequence[Span]) -> Week:
    sunday = monday + timedelta(days=DAYS - 1)
    lanes: list[list[Span]] = []
    for span in sorted(spans, key=lambda s: (s.first, s.last)):
        if span.last >= monday and span.first <= sunday:
            free = next((lane for lane in lanes if lane[-1].last < span.first), None)
            if free is None:
                lanes.append([span])
            else:
                free.append(span)
    days = tuple(monday + timedelta(days=n) for n in range(DAYS))
    return Week(days, tuple(_lane(lane, monday, sunday) for lane in lanes))


def _lane(spans: Sequence[Span], monday: date, sunday: date) -> tuple[Piece, ...]:
    pieces, at = [], monday
    for span in spans:
        first, last = max(span.first, monday), min(span.last, sunday)
        if first > at:
            pieces.append(Piece((first - at).days))
        pieces.append(Piece((last - first).days + 1, span, span.first < monday, span.last > sunday))
        at = last + timedelta(days=1)
    if at <= sunday:
        pieces.append(Piece((sunday - at).days + 1))
    return tuple(pieces)
