"""Time as a value: services take a Clock, so tests and simulations own the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Gives the present as an aware UTC datetime. Never goes backwards within one process."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where it is put; for tests and recomputation."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.at


def stamp(at: datetime) -> str:
    """Write a time as RFC 3339 in UTC with microseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
