"""Where the dots of the plot of scores lie. Numbers only; the template draws them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BASE = 20.0, 600.0, 28.0, 92.0
_MOST_TICKS = 9
_ROOM = 70.0  # a label's width; beside the threshold it goes to the other side


@dataclass(frozen=True, slots=True)
class Label:
    """A mark with its words: x of the mark, x and anchor of the words, and the value."""

    x: float
    at: float
    anchor: str
    value: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """Scores on one axis. dots: SVG path of zero-length strokes, one a copy that is not named."""

    dots: str
    ticks: tuple[tuple[float, str], ...]
    threshold: Label
    named: tuple[Label, ...]
    next: Label | None
    shown: int


def plot(
    others: Sequence[tuple[str, float]],
    named: Sequence[tuple[str, float]],
    threshold: float,
    runner_up: float | None,
) -> Plot:
    """Lay the plot out. others and named: copy and log e-value in nats. Scores of -inf stand at the left end."""
    finite = [v for _, v in (*others, *named) if math.isfinite(v)]
    values = [*finite, threshold, 0.0] + ([runner_up] if runner_up is not None else [])
    low, high = min(values), max(values)
    low, high = low - 0.05 * (high - low) - 1, high + 0.08 * (high - low) + 1

    def place(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (max(value, low) - low) / (high - low), 1)

    line = place(threshold)

    def label(value: float, name: str = "") -> Label:
        """Words beside their mark: to the left where there is no room on the right, never across the threshold."""
        x = place(value)
        if x < line < x + _ROOM:
            return Label(x, line + 8, "start", value, name)
        if x > RIGHT - 2 * _ROOM:
            return Label(x, x - 12, "end", value, name)
        return Label(x, x + 12, "start", value, name)

    dots = "".join(f"M{place(value)} {_height(copy)}h0" for copy, value in others)
    right = line > RIGHT - 2 * _ROOM
    return Plot(
        dots, _ticks(low, high, place),
        Label(line, line - 6 if right else line + 6, "end" if right else "start", threshold),
        tuple(label(value, name) for name, value in named),
        label(runner_up) if runner_up is not None else None, len(others),
    )  # fmt: skip


def _height(copy: str) -> float:
    """A copy's place up and down: from its id, the same each time, and without meaning."""
    share = hashlib.sha256(copy.encode()).digest()[0] / 255
    return round(TOP + 10 + (BASE - TOP - 22) * share, 1)


def _ticks(low: float, high: float, place: object) -> tuple[tuple[float, str], ...]:
    assert callable(place)
    span = high - low
    step = next(n * 10.0**p for p in range(12) for n in (1, 2, 5) if span / (n * 10.0**p) <= _MOST_TICKS)
    numbers = range(math.ceil(low / step), math.floor(high / step) + 1)
    return tuple((place(n * step), f"{int(n * step):,}".replace("-", "−")) for n in numbers)
