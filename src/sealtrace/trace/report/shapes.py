"""The report's shapes: the seal, the verdict's disc, ticks and crosses, the scores on one axis."""

from __future__ import annotations

import math

from .facts import Score
from .sheet import ACT, DOUBT, INK, LEFT, LINE, PALE, RIGHT, ROOM, SEAL, Row, Sheet, spans

FILLED = {"exact": 360.0, "strong": 270.0, "inconclusive": 180.0}
"""Degrees of the verdict's disc: certainty can be read without colour."""


def seal(sheet: Sheet, x: float, y: float) -> None:
    """The brand mark: a seal with a tree of hashes."""
    canvas = sheet.canvas
    canvas.setFillColor(SEAL)
    canvas.roundRect(x, y, 16, 16, 2.5, stroke=0, fill=1)
    canvas.setStrokeColor("#ffffff")
    canvas.setLineWidth(1.1)
    for x1, y1, x2, y2 in (
        (8, 12.6, 8, 9.6),
        (4.2, 9.6, 11.8, 9.6),
        (4.2, 9.6, 4.2, 3.6),
        (8, 9.6, 8, 3.6),
        (11.8, 9.6, 11.8, 3.6),
    ):
        canvas.line(x + x1, y + y1, x + x2, y + y2)


def disc(sheet: Sheet, x: float, y: float, result: str, tone: str, *, dashed: bool) -> None:
    """Certainty as a shape: full, three quarters, half, empty; a cross where the file fails."""
    canvas, radius = sheet.canvas, 22.0
    canvas.setStrokeColor(tone)
    canvas.setFillColor(tone)
    canvas.setLineWidth(2.4)
    canvas.setDash([5, 3] if dashed else {"inconclusive": [5, 3], "none": [1.5, 3]}.get(result, []))
    canvas.circle(x, y, radius, stroke=1, fill=0)
    canvas.setDash([])
    if result in ("fails", "unreadable"):
        canvas.setLineWidth(3.4)
        canvas.line(x - 8, y - 8, x + 8, y + 8)
        canvas.line(x - 8, y + 8, x + 8, y - 8)
        return
    degrees = FILLED.get(result, 0.0)
    if degrees == 360:
        canvas.circle(x, y, radius - 5, stroke=0, fill=1)
    elif degrees:
        inner = radius - 5
        canvas.wedge(x - inner, y - inner, x + inner, y + inner, 90, -degrees, stroke=0, fill=1)


def sign(sheet: Sheet, x: float, y: float, holds: bool | None, tone: str) -> None:
    """A tick, a cross or an open ring: readable in grey."""
    canvas = sheet.canvas
    canvas.setStrokeColor(tone)
    canvas.setLineWidth(1.5)
    if holds:
        canvas.lines([(x - 4, y, x - 1, y - 3.2), (x - 1, y - 3.2, x + 4.5, y + 4)])
    elif holds is None:
        canvas.circle(x, y, 3.4, stroke=1, fill=0)
    else:
        canvas.lines([(x - 3.5, y - 3.5, x + 3.5, y + 3.5), (x - 3.5, y + 3.5, x + 3.5, y - 3.5)])


def plot(sheet: Sheet, score: Score, own: str, limit: str, other: str, *, named: bool) -> None:
    """The scores on one axis: the next copy, the threshold, this copy; every mark has its value."""
    values = [v for v in (score.log_e, score.runner_up, score.threshold, 0.0) if v is not None]
    low, high = min(values), max(values)
    low, high = low - 0.06 * (high - low) - 1, high + 0.06 * (high - low) + 1
    sheet.need(78)
    base, canvas = sheet.y - 58, sheet.canvas

    def place(value: float) -> float:
        return LEFT + 8 + (ROOM - 16) * (value - low) / (high - low)

    sheet.rule(base, PALE, 0.7)
    step = next(s for s in (n * 10**p for p in range(10) for n in (1, 2, 5)) if (high - low) / s <= 11)
    for tick in range(math.ceil(low / step), math.floor(high / step) + 1):
        x = place(tick * step)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(x, base, x, base + 36)
        _centred(sheet, x, base - 11, spans(f"{tick * step:,}".replace("-", "−"), 7.5, PALE))
    x = line = place(score.threshold)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.1)
    canvas.setDash([3, 2.5])
    canvas.line(x, base, x, base + 40)
    canvas.setDash([])
    _centred(sheet, x, base + 44, spans(f"{limit} {nats(score.threshold)}", 8, INK))
    canvas.setFillColor(PALE)
    if score.runner_up is not None and named:
        x = place(score.runner_up)
        canvas.circle(x, base + 12, 3.2, stroke=0, fill=1)
        _beside(sheet, x, line, base + 20, spans(f"{other} {nats(score.runner_up)}", 8, PALE))
    if score.log_e is not None:
        x, tone = place(score.log_e), ACT if named else DOUBT
        canvas.setFillColor(tone)
        path = canvas.beginPath()
        for number, (dx, dy) in enumerate(((0, 5.5), (5.5, 0), (0, -5.5), (-5.5, 0))):
            (path.lineTo if number else path.moveTo)(x + dx, base + 12 + dy)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
        _beside(sheet, x, line, base + 22, spans(f"{own} {nats(score.log_e)}", 8, tone))
    sheet.space(78)


def _centred(sheet: Sheet, x: float, y: float, row: Row) -> None:
    width = sum(span.width for span in row)
    sheet.say(min(max(x - width / 2, LEFT), RIGHT - width), y, row)


def _beside(sheet: Sheet, x: float, line: float, y: float, row: Row) -> None:
    """Set a label above its mark, on the mark's own side of the threshold's line."""
    half = sum(span.width for span in row) / 2
    _centred(sheet, min(x, line - 5 - half) if x < line else max(x, line + 5 + half), y, row)


def nats(value: float) -> str:
    """A score with two decimals."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
