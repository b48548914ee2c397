"""A home with a clock that is set by hand, and a live source in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.ingest.collect import Live, live
from sealtrace.ingest.model import Cut, Sample, Source, us

HOUR = datetime(2026, 3, 2, 8, tzinfo=UTC)
Open = Callable[..., Live]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(HOUR + timedelta(hours=2))


@pytest.fixture
def home(tmp_path: Path, clock: FixedClock) -> Iterator[Custody]:
    with Custody.create(tmp_path / "home", org="Test Works", org_code="TW", clock=clock) as made:
        yield made


@pytest.fixture
def opened(home: Custody) -> Iterator[Open]:
    """Open a live source; all are closed at the end."""
    with ExitStack() as stack:

        def go(cut: str = "hour", name: str = "line", place: str = "here", **more: object) -> Live:
            options = {"grace_s": 0.0} | more
            return stack.enter_context(live(home, Source(name, "test", place, Cut.parse(cut), **options)))

        yield go


def at(minute: float, hour: int = 0) -> int:
    """Microseconds of a minute after the hour every test starts from."""
    return us(HOUR + timedelta(hours=hour, minutes=minute))


def readings(*minutes: float, tag: str = "flow", hour: int = 0) -> list[Sample]:
    """One sample a minute given; its value tells which."""
    return [Sample(at(m, hour), tag, float(m)) for m in minutes]
