"""The rules by which collected samples become a batch. Pure: nothing here reads a clock or a table.

- A second sample of one tag and source time is dropped. The same value counts as a duplicate; another value
  is a conflict, and both values are listed.
- A tag whose next reading is further away than PATIENCE times its period has a gap there.
- A reading dated before the same tag's reading that arrived ahead of it marks a jump of the clock. Nothing
  is put in another order for it.
- A reading dated more than AHEAD_US after it arrived is counted as ahead of the clock.
- What arrives for a window that is closed is late: it goes into a correction batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .model import LISTED, SECOND, Arrival, Conflict, Cut, Findings, Gap, Jump, Value

PATIENCE = 1.5
AHEAD_US = 60 * SECOND
Seen = Mapping[tuple[str, int], Value]


@dataclass(frozen=True, slots=True)
class Settled:
    """The samples a batch will hold, in the order of arrival, and what was found among them."""

    kept: tuple[Arrival, ...]
    findings: Findings


def same(one: Value, other: Value) -> bool:
    """Whether two values are one and the same reading.

    NaN equals itself here, 1 equals 1.0 but not True. A column that had no common type was sealed as text,
    so text equals what is written like it.
    """
    if isinstance(one, str) != isinstance(other, str):
        return one is not None and other is not None and text_of(one) == text_of(other)
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return one == other or (one != one and other != other)  # noqa: PLR0124 (NaN)


def text_of(value: Value) -> str:
    """A value as it is written in a column of text."""
    return value if isinstance(value, str) else json.dumps(value)


def settle(
    arrivals: Sequence[Arrival],
    earlier: Seen,
    before: Mapping[str, int],
    *,
    period_us: float | None,
    late: bool,
) -> Settled:
    """Apply the rules to one window's samples, given in the order of arrival.

    earlier: what sealed batches of the same window hold. before: each tag's newest sealed source time, from
    which its silence is counted. Late samples fill holes, so no gaps are sought among them. O(n log n).
    """
    seen: dict[tuple[str, int], Value] = {}
    kept: list[Arrival] = []
    duplicates = ahead = 0
    conflicts: list[Conflict] = []
    for arrival in arrivals:
        sample = arrival.sample
        key = (sample.tag, sample.at_us)
        held = seen if key in seen else earlier
        if key in held:
            if same(held[key], sample.value):
                duplicates += 1
            else:
                conflicts.append(Conflict(sample.tag, sample.at_us, held[key], sample.value))
            continue
        seen[key] = sample.value
        kept.append(arrival)
        ahead += sample.at_us > arrival.arrived_us + AHEAD_US
    jumps = clock_jumps(kept)
    gaps = [] if late or period_us is None else silences(kept, before, period_us)
    findings = Findings(
        duplicates=duplicates,
        conflicts=tuple(conflicts[:LISTED]),
        conflicts_in_all=len(conflicts),
        gaps=tuple(gaps[:LISTED]),
        gaps_in_all=len(gaps),
        jumps=tuple(jumps[:LISTED]),
        jumps_in_all=len(jumps),
        ahead=ahead,
        late=len(kept) if late else 0,
    )
    return Settled(tuple(kept), findings)


def clock_jumps(kept: Iterable[Arrival]) -> list[Jump]:
    """Where a tag's readings, in the order of arrival, go back in time."""
    newest: dict[str, int] = {}
    found = []
    for arrival in kept:
        sample = arrival.sample
        last = newest.get(sample.tag)
        if last is not None and sample.at_us < last:
            found.append(Jump(sample.tag, last, sample.at_us, arrival.number))
        newest[sample.tag] = sample.at_us
    return found


def silences(kept: Iterable[Arrival], before: Mapping[str, int], period_us: float) -> list[Gap]:
    """Stretches longer than PATIENCE periods without a reading, by tag and time.

    A tag's first reading is measured from its newest one in earlier batches.
    """
    times: dict[str, list[int]] = {}
    for arrival in kept:
        times.setdefault(arrival.sample.tag, []).append(arrival.sample.at_us)
    found = []
    for tag in sorted(times):
        ordered = sorted(times[tag])
        last = before.get(tag)
        for at in ordered:
            if last is not None and at - last > PATIENCE * period_us:
                found.append(Gap(tag, last, at))
            last = at if last is None else max(last, at)
    return found


def is_due(
    cut: Cut,
    window: str,
    *,
    window_end_us: int | None,
    first_arrived_us: int,
    last_arrived_us: int,
    now_us: int,
    grace_us: float,
    closed: bool,
    newest_window: str,
    samples: int,
) -> bool:
    """Whether a window may be sealed now that its source has no more to give for the moment.

    Late data waits out the grace from its first arrival, so that it comes in few batches. A window of time
    is due the grace after its end, by this home's clock: a wrong date in the data closes nothing. A lot is
    due once another one runs and the grace has passed since its last sample; a number of samples when full.
    """
    if closed:
        return now_us >= first_arrived_us + grace_us
    if window_end_us is not None:
        return now_us >= window_end_us + grace_us
    if cut.samples:
        return samples >= cut.samples
    return window != newest_window and now_us >= last_arrived_us + grace_us
