"""Instruments: announcements of an authority, what happened to each, and the state that follows for a day.

Two times are kept apart: `on`, the day from which an event holds in law, and `known`, the day from which it
could be known. A question therefore has two dates: what was the law on this day, and as known on which day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from sealtrace.errors import MalformedList

FOREVER = date.max
ALARM_DAYS = (90, 30, 7)


class What(StrEnum):
    """What can happen to an instrument."""

    PUBLISHED = "published"
    COMMENCES = "commences"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    AMENDED = "amended"
    REPEALED = "repealed"


class Standing(StrEnum):
    """Whether an instrument binds on a day."""

    UNPUBLISHED = "unpublished"
    NOT_COMMENCED = "not_commenced"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    STATUS_UNKNOWN = "status_unknown"
    REPEALED = "repealed"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an instrument, or to some of its parts."""

    what: What
    on: date
    known: date
    until: date | None = None
    by: str | None = None
    parts: frozenset[str] | None = None
    source: str = ""
    confidence: str = "high"

    def __post_init__(self) -> None:
        if (self.until is not None) != (self.what is What.SUSPENDED):
            raise MalformedList(
                f"a suspension, and nothing else, states its last day: {self.what} of {self.on}"
            )
        if self.until is not None and self.until < self.on:
            raise MalformedList(f"a suspension ends on {self.until}, before it begins on {self.on}")

    def concerns(self, part: str | None) -> bool:
        """Tell whether the event is about this part of the instrument."""
        return self.parts is None or part in self.parts


@dataclass(frozen=True, slots=True)
class State:
    """Whether an instrument's part binds on a day; for a suspension, its last day and who ordered it."""

    standing: Standing
    until: date | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A suspension that runs out, or has run out, without anything known to follow it."""

    instrument: str
    part: str | None
    until: date
    days_left: int
    level: int  # 90, 30 or 7; 0 once it has run out and the status is unknown


@dataclass(frozen=True, eq=False)
class Instrument:
    """One announcement with its events in order of law."""

    id: str
    zh: str
    en: str
    events: tuple[Event, ...]
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "events", tuple(sorted(self.events, key=lambda e: (e.on, list(What).index(e.what))))
        )
        if not any(e.what is What.PUBLISHED for e in self.events):
            raise MalformedList(f"{self.id} was never published")

    @property
    def parts(self) -> tuple[str | None, ...]:
        """The parts that events name; None alone when no event names any."""
        named = sorted({part for e in self.events for part in e.parts or ()})
        return tuple(named) or (None,)

    def alarms(self, today: date, known: date = FOREVER) -> Iterator[Alarm]:
        """Give the alarms of this day: 90, 30 and 7 days before a suspension ends, and ever after."""
        for part in self.parts:
            last = self._last_suspension(part, known)
            if last is None or last.until is None or today < last.on:
                continue
            left = (last.until - today).days
            level = 0 if left < 0 else next((d for d in sorted(ALARM_DAYS) if left <= d), None)
            if level is not None:
                yield Alarm(self.id, part, last.until, left, level)

    def _last_suspension(self, part: str | None, known: date) -> Event | None:
        """The suspension after which nothing is known to happen."""
        about = [
            e for e in self.events
            if e.known <= known and e.concerns(part) and e.what not in (What.COMMENCES, What.AMENDED, What.PUBLISHED)
        ]  # fmt: skip
        return about[-1] if about and about[-1].what is What.SUSPENDED else None


@lru_cache(maxsize=65536)
def state(instrument: Instrument, part: str | None, on: date, known: date = FOREVER) -> State:
    """Tell whether a part of an instrument binds on a day, from what was known by `known`.

    A suspension holds through its last day. After it, without a later event, the status is unknown: silence
    is read neither as revival nor as repeal.
    """
    published = commenced = False
    pause: Event | None = None
    for event in instrument.events:
        if event.on > on:
            break
        if event.known > known or not event.concerns(part):
            continue
        if event.what is What.PUBLISHED:
            published = True
        elif event.what is What.COMMENCES:
            commenced = True
        elif event.what is What.SUSPENDED:
            pause = event
        elif event.what is What.RESUMED:
            pause = None
        elif event.what is What.REPEALED:
            return State(Standing.REPEALED, by=event.by)
    if pause is not None:
        assert pause.until is not None
        standing = Standing.SUSPENDED if on <= pause.until else Standing.STATUS_UNKNOWN
        return State(standing, pause.until, pause.by)
    if commenced:
        return State(Standing.IN_FORCE)
    return State(Standing.NOT_COMMENCED if published else Standing.UNPUBLISHED)
