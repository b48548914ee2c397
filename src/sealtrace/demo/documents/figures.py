"""The specification's figures as vector drawings, in points; one drawing serves PDF and DOCX alike."""

from __future__ import annotations

import math
from typing import Any

from sealtrace.demo.plant.cascade import ELEMENTS, MOLAR_MASS_G, Cascade, Floats
from sealtrace.demo.typeface import PDF_BOLD, PDF_REGULAR, register_pdf_fonts

INK, GREY, FAINT = "#22303A", "#6B7780", "#D5DBDF"
ORGANIC, AQUEOUS = "#B5651D", "#1F6F8B"
SECTION = {"E": "#E8F0F2", "S": "#F6EFE4", "R": "#ECEAF3"}
LINES = {"Tb": "#B5651D", "Dy": "#1F6F8B", "Y": "#6A4C93"}
WIDTH = 470.0


def draw(name: str, settled: Cascade) -> Any:
    """Draw the figure of this name: a reportlab Drawing, WIDTH points wide."""
    register_pdf_fonts()
    return {"circuit": _circuit, "profile": _profile}[name](settled)


def _colour(text: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(text)


def _text(drawing: Any, x: float, y: float, text: str, size: float = 7.4, **style: Any) -> None:
    from reportlab.graphics.shapes import String

    drawing.add(
        String(
            x, y, text,
            fontName=PDF_BOLD if style.get("bold") else PDF_REGULAR,
            fontSize=size,
            fillColor=_colour(style.get("colour", INK)),
            textAnchor=style.get("anchor", "middle"),
        )
    )  # fmt: skip


def _line(
    drawing: Any, points: list[tuple[float, float]], colour: str, width: float = 1.1, dash: Any = None
) -> None:
    from reportlab.graphics.shapes import PolyLine

    drawing.add(
        PolyLine(
            [v for p in points for v in p],
            strokeColor=_colour(colour),
            strokeWidth=width,
            strokeDashArray=dash,
        )
    )


def _arrow(drawing: Any, points: list[tuple[float, float]], colour: str, *, dashed: bool = False) -> None:
    """A line with a head at its last point."""
    from reportlab.graphics.shapes import Polygon

    (x0, y0), (x1, y1) = points[-2:]
    angle = math.atan2(y1 - y0, x1 - x0)
    back = (x1 - 5 * math.cos(angle), y1 - 5 * math.sin(angle))
    _line(drawing, [*points[:-1], back], colour, dash=[3, 2] if dashed else None)
    side = [(back[0] + s * 2.4 * math.sin(angle), back[1] - s * 2.4 * math.cos(angle)) for s in (1, -1)]
    head = [x1, y1, *side[0], *side[1]]
    drawing.add(Polygon(head, fillColor=_colour(colour), strokeColor=None))


def _box(drawing: Any, box: tuple[float, float, float, float], fill: str, stroke: str | None = GREY) -> None:
    """A rectangle: left, bottom, width, height."""
    from reportlab.graphics.shapes import Rect

    drawn = Rect(*box, rx=1.5, ry=1.5, fillColor=_colour(fill), strokeWidth=0.6)
    drawn.strokeColor = _colour(stroke) if stroke else None
    drawing.add(drawn)


STREAMS = (  # section, cell counted from its end or beginning, leaving, labels
    ("E", -1, False, "料液 F", "feed"),
    ("S", -1, False, "洗酸 W", "scrub acid"),
    ("R", -1, False, "反酸", "strip acid"),
    ("R", 0, True, "反萃液 P", "liquor: Dy, Y"),
)


def _circuit(settled: Cascade) -> Any:
    """Three sections of stages between their streams."""
    from reportlab.graphics.shapes import Drawing

    shape, drawing = settled.shape, Drawing(WIDTH, 128)
    cell, gap, base, height = 21.0, 25.0, 54.0, 40.0
    high, low, x = base + height - 9, base + 9, 76.0
    edges: dict[str, tuple[float, float]] = {}
    sections = (("E", "萃取段 Extraction", shape.extraction), ("S", "洗涤段 Scrub", shape.scrub))
    for key, title, count in (*sections, ("R", "反萃段 Strip", shape.strip)):
        drawn = [1, 0, count] if key == "R" else [1, 2, 0, count - 1, count]
        ends = [f"{key}{number}" if number else "…" for number in drawn]
        _section(drawing, (x, base), (cell, height), title, ends)
        edges[key] = (x, x + cell * len(ends))
        x = edges[key][1] + gap
    (e0, e1), (s0, s1), (r0, r1) = edges.values()
    for begin, end in ((4.0, e0), (e1, s0), (s1, r0), (r1, WIDTH - 4)):
        _arrow(drawing, [(begin, high), (end, high)], ORGANIC)
    for begin, end in ((s0, e1), (e0, 4.0)):
        _arrow(drawing, [(begin, low), (end, low)], AQUEOUS, dashed=True)
    for key, end_at, leaving, zh, en in STREAMS:
        middle = edges[key][end_at] + (cell / 2 if end_at == 0 else -cell / 2)
        ends_at = [(middle, base), (middle, base - 27)]
        _arrow(drawing, ends_at if leaving else ends_at[::-1], AQUEOUS, dashed=True)
        _text(drawing, middle, base - 37, zh)
        _text(drawing, middle, base - 46, en, 6.4, colour=GREY)
    for at, y, anchor, zh, en in (
        (4, high + 13, "start", "皂化有机相", "saponified organic"),
        (4, low - 11, "start", "萃余液 Q", "raffinate: Tb"),
        (WIDTH - 4, high + 13, "end", "再生有机相", "regenerated"),
    ):
        _text(drawing, at, y, zh, anchor=anchor)
        _text(drawing, at, y - 8.4, en, 6.4, colour=GREY, anchor=anchor)
    return drawing


def _section(
    drawing: Any, at: tuple[float, float], cell: tuple[float, float], title: str, labels: list[str]
) -> None:
    """A row of stages under its title."""
    x, base = at
    _text(drawing, x + cell[0] * len(labels) / 2, base + cell[1] + 9, title, 8, bold=True)
    for i, label in enumerate(labels):
        _box(drawing, (x + i * cell[0], base, *cell), SECTION[labels[0][0]])
        _text(drawing, x + (i + 0.5) * cell[0], base + cell[1] / 2 - 2.5, label, 7)


# -- the stage profile ---------------------------------------------------------------------------

LEFT, ACROSS, PANEL = 34.0, 428.0, 96.0  # of a chart: left edge, width, height


def _profile(settled: Cascade) -> Any:
    """Concentrations of both phases, stage by stage, one panel above the other."""
    from reportlab.graphics.shapes import Drawing

    drawing = Drawing(WIDTH, 276)
    state, shape = settled.state, settled.shape
    first_scrub, first_strip = shape.extraction, shape.extraction + shape.scrub
    bounds = (("E", 0, first_scrub), ("S", first_scrub, first_strip), ("R", first_strip, shape.stages))
    _panel(drawing, 160.0, "水相 Aqueous phase, g/L", state.x * MOLAR_MASS_G, bounds)
    _panel(drawing, 26.0, "有机相 Organic phase, g/L", state.y * MOLAR_MASS_G, bounds)
    for i, element in enumerate(ELEMENTS):
        x, y = LEFT + ACROSS - 84 + 30 * i, 160.0 + PANEL + 9
        _line(drawing, [(x - 12, y), (x - 2, y)], LINES[element], 1.6)
        _text(drawing, x, y - 2.6, element, 7.4, anchor="start")
    _text(drawing, LEFT + ACROSS / 2, 2, "级号 Stage", 7.4, colour=GREY)
    return drawing


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, ... that is not below `least`."""
    power = 10 ** math.floor(math.log10(least))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= least))


def _panel(
    drawing: Any, base: float, title: str, values: Floats, bounds: tuple[tuple[str, int, int], ...]
) -> None:
    """One chart: grid, axis labels, a line with dots for each element. values: (stages, 3)."""
    from reportlab.graphics.shapes import Circle

    tick_step = _round_step(float(values.max()) / 4)
    highest = tick_step * math.ceil(float(values.max()) / tick_step)
    pitch = ACROSS / len(values)
    middles = [LEFT + pitch * (i + 0.5) for i in range(len(values))]
    for key, first, last in bounds:
        _box(drawing, (LEFT + pitch * first, base, pitch * (last - first), PANEL), SECTION[key], None)
        for i in sorted({first, (first + last) // 2, last - 1}):
            _text(drawing, middles[i], base - 10, f"{key}{i - first + 1}", 6.4, colour=GREY)
    for tick in range(round(highest / tick_step) + 1):
        y = base + PANEL * tick * tick_step / highest
        _line(drawing, [(LEFT, y), (LEFT + ACROSS, y)], "#FFFFFF" if tick else GREY, 0.7)
        _text(drawing, LEFT - 4, y - 2.2, f"{tick * tick_step:g}", 6.4, colour=GREY, anchor="end")
    for i, element in enumerate(ELEMENTS):
        points = [(x, base + PANEL * float(v) / highest) for x, v in zip(middles, values[:, i], strict=True)]
        _line(drawing, points, LINES[element], 1.2)
        for x, y in points:
            drawing.add(Circle(x, y, 1.25, fillColor=_colour(LINES[element]), strokeColor=None))
    _text(drawing, LEFT, base + PANEL + 6.4, title, 7.8, anchor="start", bold=True)
