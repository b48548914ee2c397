"""Symbols of process engineering, drawn in the manner of ISO 10628-2: each about its own origin."""

from __future__ import annotations

import math

from .drawing import PENS, Circle, Label, Layer, Line, Shape, Symbol, arc, box, line

WHITE = "FFFFFF"
STAGE_WIDTH, STAGE_HEIGHT = 14.0, 25.0
ORGANIC_PORT, AQUEOUS_PORT = 6.0, 19.0  # heights of the pipes on a stage, from its top
TANK_WIDTH, TANK_HEIGHT = 15.0, 24.0
_EQ = Layer.EQUIPMENT


def stage(name: str, tint: str) -> Symbol:
    """A mixer-settler with its name beneath. Origin: upper left corner."""
    mixer, w, h = 5.2, STAGE_WIDTH, STAGE_HEIGHT
    blade = 13.0
    shapes: list[Shape] = [
        box(_EQ, (0, 0, w, h), tint),
        line(_EQ, (mixer, 2.5), (mixer, h)),
        line(_EQ, (mixer / 2, -3), (mixer / 2, blade)),
        Line(
            ((0.9, blade - 1.1), (0.9, blade + 1.1), (mixer - 0.9, blade - 1.1), (mixer - 0.9, blade + 1.1)),
            _EQ,
            True,
        ),
        box(_EQ, (mixer / 2 - 1.3, -5, 2.6, 2), WHITE),
        line(Layer.INSTRUMENT, (mixer, h / 2), (w, h / 2)),
        Label(((mixer + w) / 2, h / 2 - 1), "O", 2.0, colour=PENS[Layer.ORGANIC].colour),
        Label(((mixer + w) / 2, h / 2 + 2.6), "A", 2.0, colour=PENS[Layer.AQUEOUS].colour),
        Label((w / 2, h + 3.6), name, 2.9, bold=True),
    ]
    return Symbol(f"STAGE_{name}", tuple(shapes))


def tank(tag: str, zh: str, en: str) -> Symbol:
    """An upright vessel with dished ends and its name inside. Origin: middle of its top."""
    w, h, dish = TANK_WIDTH, TANK_HEIGHT, 2.6
    body = (
        *arc(_EQ, (0, dish), (w / 2, dish), (180, 360)).points,
        *arc(_EQ, (0, h - dish), (w / 2, dish), (0, 180)).points,
    )
    return Symbol(
        tag,
        (
            Line(body, _EQ, True, "F7F9FA", None, True),
            line(Layer.INSTRUMENT, (-w / 2, 7.4), (w / 2, 7.4)),
            Label((0, 12.2), tag, 2.8, bold=True),
            Label((0, 16.2), zh, 2.5),
            Label((0, 19.2), en, 1.9, colour="6B7780"),
        ),
    )


def pump(tag: str, towards: float = 90.0, side: str = "right") -> Symbol:
    """A centrifugal pump pumping towards an angle (0: right, 90: down), tag beside it. Origin: its centre."""
    r, turn = 2.7, math.radians(towards)
    tip = [(r * math.cos(turn + a), r * math.sin(turn + a)) for a in (0, 2.3, -2.3)]
    at, anchor = {
        "right": ((4.0, 1.0), "start"),
        "left": ((-4.0, 1.0), "end"),
        "above": ((0, -3.9), "middle"),
    }[side]
    return Symbol(
        f"PUMP_{tag}",
        (Circle((0, 0), r, _EQ, WHITE), Line(tuple(tip), _EQ, True, None, 0.25), Label(at, tag, 2.2, anchor)),
    )


def valve(*, upright: bool, controlled: bool = False) -> Symbol:
    """A valve in an upright or level pipe, with a diaphragm actuator when it is a control valve."""
    a, b = 2.1, 1.25
    tips = ((-b, -a), (b, -a), (-b, a), (b, a)) if upright else ((-a, -b), (-a, b), (a, -b), (a, b))
    shapes: list[Shape] = [Line((tips[0], tips[1], tips[2], tips[3]), _EQ, True, WHITE, 0.3, True)]
    if controlled:
        stem = ((0.0, 0.0), (2.6, 0.0)) if upright else ((0.0, 0.0), (0.0, -2.6))
        cap = (
            arc(_EQ, stem[1], (1.4, 1.4), (-90, 90)) if upright else arc(_EQ, stem[1], (1.4, 1.4), (180, 360))
        )
        shapes += [Line(stem, _EQ, width=0.25), Line(cap.points, _EQ, True, WHITE, 0.3, True)]
    kind = ("CONTROL_" if controlled else "") + ("VALVE_V" if upright else "VALVE_H")
    return Symbol(kind, tuple(shapes))


def instrument(letters: str, number: str) -> Symbol:
    """An instrument bubble: measured quantity and function over its number. Origin: its centre."""
    return Symbol(
        f"{letters}_{number}",
        (
            Circle((0, 0), 3.5, Layer.INSTRUMENT, WHITE),
            Label((0, -0.2), letters, 2.1, bold=True),
            Label((0, 2.3), number, 1.8),
        ),
    )


def stream_flag(number: int) -> Symbol:
    """The number of a stream in a diamond. Origin: its centre."""
    r = 3.0
    diamond = ((0, -r), (r, 0), (0, r), (-r, 0))
    return Symbol(
        f"STREAM_{number}",
        (
            Line(diamond, Layer.FRAME, True, "FFF4D6", 0.3, True),
            Label((0, 0.95), str(number), 2.5, bold=True),
        ),
    )


def off_sheet(zh: str, en: str, *, leaving: bool, leftward: bool = False) -> Symbol:
    """A flag where a stream comes from or goes to another drawing. Origin: the middle of its inner end.

    It points right, or left when the stream flows that way; a stream comes from its point, or goes to
    its flat end.
    """
    w, h = 25.0, 7.0
    left = 0.0 if leaving else -w
    right_going = (
        (left, -h / 2),
        (left + w - 3, -h / 2),
        (left + w, 0),
        (left + w - 3, h / 2),
        (left, h / 2),
    )
    way = -1 if leftward else 1
    points = tuple((way * x, y) for x, y in right_going)
    middle = way * (left + w / 2 - 0.8)
    return Symbol(
        f"OFF_SHEET_{en.upper().replace(' ', '_').replace(',', '')}",
        (
            Line(points, Layer.REAGENT, True, "F4F7F8", 0.3, True),
            Label((middle, -0.3), zh, 2.3),
            Label((middle, 2.3), en, 1.8, colour="6B7780"),
        ),
    )


def gap(height: float) -> Symbol:
    """Two slanted strokes and dots: stages not drawn. Origin: middle of the top of the stages beside it."""
    strokes = [Line(((x + 0.9, 1.0), (x - 0.9, height - 1)), _EQ, width=0.25) for x in (-2.0, 2.0)]
    return Symbol("GAP", (*strokes, Label((0, height / 2 + 0.8), "…", 3.4)))
