"""Maps of flows: land without borders, one tapering arc for each flow, as wide as its kilograms, names beside.

The projection is Equal Earth (Šavrič, Patterson, Jenny 2018), so that areas compare.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .places import PLACES
from .scale import plain
from .svg import Picture, number
from .words import say

WIDTH, HEIGHT = 720.0, 330.0
_A = (1.340264, -0.081106, 0.000893, 0.003796)
_SPAN = 2.706630  # half the projection's width at the equator
_TOP = 84.0
CLOSEST = 0.7  # points nearer than this to the last one are left out
NAMED = 12
ACROSS = 1800  # tenths of a degree


@dataclass(frozen=True, slots=True)
class Flow:
    """Goods from one country to another; `ours` are those that are looked at."""

    source: str
    target: str
    kg: float
    ours: bool = False


def project(lon: float, lat: float) -> tuple[float, float]:
    """Degrees to the map's coordinates."""
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    sq = theta * theta
    slope = _A[0] + 3 * _A[1] * sq + sq**3 * (7 * _A[2] + 9 * _A[3] * sq)
    x = 2 * math.radians(lon) * math.cos(theta) / (math.sqrt(3) * slope)
    y = theta * (_A[0] + _A[1] * sq + sq**3 * (_A[2] + _A[3] * sq))
    scale = WIDTH / (2 * _SPAN)
    return WIDTH / 2 + x * scale, (1.29 - y) * scale + 4


@cache
def land() -> str:
    """The outline of land as one path. Read from the package's data once."""
    parts = []
    for line in (Path(__file__).parent / "land.txt").read_text("ascii").splitlines():
        x = y = 0
        rings: list[list[tuple[float, float]]] = [[]]
        for pair in line.split():
            dx, dy = (int(d) for d in pair.split(","))
            if (
                rings[-1] and abs(dx) > ACROSS
            ):  # round the back of the map: the ring goes on at the other side
                rings.append([])
            x, y = x + dx, y + dy
            point = project(x / 10, min(y / 10, _TOP))
            if not rings[-1] or math.dist(point, rings[-1][-1]) > CLOSEST:
                rings[-1].append(point)
        for drawn in rings:
            if len(drawn) > 2:
                parts.append("M" + "L".join(f"{number(a)} {number(b)}" for a, b in drawn) + "z")
    return "".join(parts)


def flow_map(flows: Sequence[Flow], language: str, *, title: str = "") -> str:
    """Draw flows, the widest first; those of places that are not on the map are told in the description.

    Of `ours`, all are named; of the others, the largest.
    """
    kept = sorted((f for f in flows if f.kg > 0), key=lambda f: (-f.kg, f.target))
    shown = [f for f in kept if f.source in PLACES and f.target in PLACES and f.source != f.target]
    told = "; ".join(f"{f.source} → {f.target}: {f.kg:,.0f} kg" for f in kept)
    made = Picture(title or say("map", language), told or "—", HEIGHT, WIDTH)
    made.path(land(), "band")
    most = max((f.kg for f in shown), default=1.0)
    for flow in sorted(shown, key=lambda f: f.ours):
        made.path(_arc(flow, 1.0 + 11.0 * math.sqrt(flow.kg / most)), "this" if flow.ours else "peer")
    taken: list[tuple[float, float]] = []
    named = 0
    for flow in sorted(shown, key=lambda f: (not f.ours, -f.kg)):
        if flow.ours or named < NAMED:
            named += 1
            _name(made, flow, taken)
    for source in sorted({f.source for f in shown}):
        x, y = project(*PLACES[source])
        made.diamond(x, y, 5)
        made.say(x, y - 9, source, cls="strong", anchor="middle")
    return made.svg()


def _arc(flow: Flow, width: float) -> str:
    """A tapering arc: as wide as the flow where it starts, a point where it arrives."""
    (x1, y1), (x2, y2) = project(*PLACES[flow.source]), project(*PLACES[flow.target])
    length = math.dist((x1, y1), (x2, y2)) or 1.0
    nx, ny = (y1 - y2) / length, (x2 - x1) / length
    if ny > 0:  # bend towards the pole, as great circles do
        nx, ny = -nx, -ny
    bend = min(0.22 * length, 70.0)
    cx, cy = (x1 + x2) / 2 + nx * bend, max((y1 + y2) / 2 + ny * bend, 2.0)
    half = width / 2
    return (
        f"M{number(x1 - nx * half)} {number(y1 - ny * half)}"
        f"Q{number(cx - nx * half / 2)} {number(cy - ny * half / 2)} {number(x2)} {number(y2)}"
        f"Q{number(cx + nx * half / 2)} {number(cy + ny * half / 2)} {number(x1 + nx * half)} {number(y1 + ny * half)}z"
    )


def _name(made: Picture, flow: Flow, taken: list[tuple[float, float]]) -> None:
    """Name a target beside its end, moved down until it covers no other name."""
    x, y = project(*PLACES[flow.target])
    place = y + 4
    while any(abs(place - b) < 13 and abs(x - a) < 92 for a, b in taken):
        place += 13
    taken.append((x, place))
    anchor = "end" if x > WIDTH - 90 else "start"
    made.say(x + (-5 if anchor == "end" else 5), place, f"{flow.target} {plain(flow.kg)} kg",
             cls="strong" if flow.ours else "", anchor=anchor)  # fmt: skip
