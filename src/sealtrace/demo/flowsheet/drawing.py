"""What a drawing is made of: lines, circles and labels on layers; symbols group them. Millimetres, y down."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

Point = tuple[float, float]


class Layer(StrEnum):
    """Layers by what they show; each has one pen."""

    FRAME = "FRAME"
    EQUIPMENT = "EQUIPMENT"
    ORGANIC = "ORGANIC"
    AQUEOUS = "AQUEOUS"
    REAGENT = "REAGENT"
    INSTRUMENT = "INSTRUMENT"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True)
class Pen:
    """Colour as RRGGBB, width in mm, and dashes in mm (none: a full line)."""

    colour: str
    width: float
    dashes: tuple[float, ...] = ()


PENS = {
    Layer.FRAME: Pen("2B3A42", 0.35),
    Layer.EQUIPMENT: Pen("1D262C", 0.4),
    Layer.ORGANIC: Pen("B5651D", 0.55),
    Layer.AQUEOUS: Pen("1F6F8B", 0.55, (2.4, 1.2)),
    Layer.REAGENT: Pen("5E6A71", 0.4),
    Layer.INSTRUMENT: Pen("6A4C93", 0.28),
    Layer.TEXT: Pen("1D262C", 0.25),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A chain of straight lines; closed ones may be filled with a colour."""

    points: tuple[Point, ...]
    layer: Layer
    closed: bool = False
    fill: str | None = None
    width: float | None = None
    solid: bool = False

    def moved(self, dx: float, dy: float) -> Line:
        """The same line elsewhere."""
        return replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle, perhaps filled."""

    centre: Point
    radius: float
    layer: Layer
    fill: str | None = None

    def moved(self, dx: float, dy: float) -> Circle:
        """The same circle elsewhere."""
        return replace(self, centre=(self.centre[0] + dx, self.centre[1] + dy))


@dataclass(frozen=True, slots=True)
class Label:
    """Text whose base line starts, centres or ends at a point. size: height of the em in mm."""

    at: Point
    text: str
    size: float = 2.6
    anchor: str = "middle"
    bold: bool = False
    layer: Layer = Layer.TEXT
    colour: str | None = None

    def moved(self, dx: float, dy: float) -> Label:
        """The same text elsewhere."""
        return replace(self, at=(self.at[0] + dx, self.at[1] + dy))


Shape = Line | Circle | Label


@dataclass(frozen=True, slots=True)
class Symbol:
    """Shapes that belong together, drawn about their own origin and placed at a point. One block in DXF."""

    name: str
    shapes: tuple[Shape, ...]
    at: Point = (0.0, 0.0)

    def placed(self, x: float, y: float) -> Symbol:
        """The symbol at another place."""
        return replace(self, at=(x, y))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sheet: its size in mm and everything on it, in drawing order."""

    width: float
    height: float
    title: str
    parts: tuple[Shape | Symbol, ...]


def line(layer: Layer, *points: Point) -> Line:
    """A chain of lines."""
    return Line(points, layer)


def box(
    layer: Layer,
    place: tuple[float, float, float, float],
    fill: str | None = None,
    width: float | None = None,
) -> Line:
    """A rectangle; place: left, top, width, height."""
    x, y, w, h = place
    return Line(((x, y), (x + w, y), (x + w, y + h), (x, y + h)), layer, True, fill, width, True)


def flow(layer: Layer, *points: Point, size: float = 2.0) -> list[Shape]:
    """A pipe with an arrow head at its end."""
    (x0, y0), (x1, y1) = points[-2:]
    along = math.atan2(y1 - y0, x1 - x0)
    back = (x1 - size * math.cos(along), y1 - size * math.sin(along))
    wings = [
        (back[0] - s * 0.42 * size * math.sin(along), back[1] + s * 0.42 * size * math.cos(along))
        for s in (1, -1)
    ]
    head = Line(((x1, y1), *wings), layer, True, PENS[layer].colour, 0.05, True)
    return [Line((*points[:-1], back), layer), head]


def arc(layer: Layer, centre: Point, radii: Point, span: Point) -> Line:
    """Part of an ellipse, angles in degrees, clockwise on the sheet because y points down."""
    (rx, ry), (begin, end), steps = radii, span, 16
    angles = [math.radians(begin + (end - begin) * i / steps) for i in range(steps + 1)]
    points = tuple((centre[0] + rx * math.cos(a), centre[1] + ry * math.sin(a)) for a in angles)
    return Line(points, layer, solid=True)


def flatten(parts: Iterable[Shape | Symbol]) -> Iterable[Shape]:
    """All shapes at their places."""
    for part in parts:
        if isinstance(part, Symbol):
            yield from (shape.moved(*part.at) for shape in part.shapes)
        else:
            yield part
