"""Quantities over time: one line each, named at its end, with dates below and values at the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .scale import Scale, plain
from .svg import Picture

ROOM_FOR_NAMES = 120.0
LEFT, TOP, BOTTOM = 60.0, 20.0, 170.0


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity: its name, its values (None where unknown), and whether it is the one that is looked at."""

    name: str
    values: Sequence[float | None]
    ours: bool = False


def series(title: str, description: str, days: Sequence[date], lines: Sequence[Line], unit: str) -> Picture:
    """Draw lines over the same days. Lines that are not looked at are rows of discs: told apart without colour."""
    made = Picture(title, description, BOTTOM + 44)
    if not days:
        return made
    right = made.width - ROOM_FOR_NAMES
    across = Scale(days[0].toordinal(), max(days[-1].toordinal(), days[0].toordinal() + 1), LEFT, right)
    up = Scale.around([v for line in lines for v in line.values if v is not None] or [0.0], BOTTOM, TOP)
    for tick in up.ticks(4):
        made.line(LEFT, up.at(tick), right, up.at(tick), "grid")
        made.say(LEFT - 6, up.at(tick) + 4, plain(tick), anchor="end")
    made.say(LEFT - 6, TOP - 8, unit, anchor="end")
    ends: list[float] = []
    for line in lines:
        points = [
            (across.at(d.toordinal()), up.at(v))
            for d, v in zip(days, line.values, strict=True)
            if v is not None
        ]
        if not points:
            continue
        if line.ours:
            made.trail(points)
        else:
            for x, y in points:
                made.dot(x, y, 2.2, "peer")
        place = points[-1][1] + 4
        while any(abs(place - other) < 14 for other in ends):
            place += 14
        ends.append(place)
        made.say(right + 8, place, line.name, cls="strong" if line.ours else "")
    made.line(LEFT, BOTTOM, right, BOTTOM, "axis")
    shown = days if len(days) <= 5 else [days[i * (len(days) - 1) // 4] for i in range(5)]
    for day in shown:
        made.say(across.at(day.toordinal()), BOTTOM + 18, day.isoformat()[:7], anchor="middle")
    return made
