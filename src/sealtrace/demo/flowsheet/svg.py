"""Write a drawing as SVG: user units are millimetres, text stays text."""

from __future__ import annotations

from xml.sax.saxutils import escape

from sealtrace.demo.typeface import FAMILY

from .drawing import PENS, Circle, Drawing, Label, Line, Shape, Symbol

PX_PER_MM = 96 / 25.4  # CSS pixels; sizes in mm are read as 0 by programs that know no resolution
FONTS = f"'{FAMILY}', 'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'Microsoft YaHei', sans-serif"


def to_svg(drawing: Drawing) -> str:
    """Give the SVG document."""
    w, h = drawing.width, drawing.height
    size = f'width="{_n(w * PX_PER_MM)}" height="{_n(h * PX_PER_MM)}"'
    body = "\n".join(_part(part) for part in drawing.parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {w:g} {h:g}">\n'
        f"<title>{escape(drawing.title)}</title>\n"
        f'<rect width="{w:g}" height="{h:g}" fill="#ffffff"/>\n'
        f'<g font-family="{FONTS}" stroke-linejoin="round">\n{body}\n</g>\n</svg>\n'
    )


def _part(part: Shape | Symbol) -> str:
    if isinstance(part, Symbol):
        inside = "".join(_shape(shape) for shape in part.shapes)
        at = f"{_n(part.at[0])} {_n(part.at[1])}"
        return f'<g id="{escape(_identifier(part))}" transform="translate({at})">{inside}</g>'
    return _shape(part)


def _identifier(symbol: Symbol) -> str:
    """A name that is unique on the sheet: the same valve stands in many places."""
    x, y = symbol.at
    return f"{symbol.name}-{_n(x)}-{_n(y)}".replace(".", "_")


def _shape(shape: Shape) -> str:
    match shape:
        case Line():
            return _line(shape)
        case Circle((x, y), radius, layer, fill):
            pen = PENS[layer]
            return (
                f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{_fill(fill)}" '
                f'stroke="#{pen.colour}" stroke-width="{pen.width:g}"/>'
            )
        case Label((x, y), text, size, anchor, bold, layer, colour):
            weight = ' font-weight="bold"' if bold else ""
            where = "" if anchor == "start" else f' text-anchor="{anchor}"'
            ink = colour or PENS[layer].colour
            place = f'x="{_n(x)}" y="{_n(y)}" font-size="{size:g}"'
            return f'<text {place} fill="#{ink}"{where}{weight}>{escape(text)}</text>'


def _line(line: Line) -> str:
    pen = PENS[line.layer]
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in line.points)
    dashes = (
        ""
        if line.solid or line.closed or not pen.dashes
        else f' stroke-dasharray="{" ".join(map(_n, pen.dashes))}"'
    )
    return (
        f'<{"polygon" if line.closed else "polyline"} points="{points}" fill="{_fill(line.fill)}" '
        f'stroke="#{pen.colour}" stroke-width="{line.width or pen.width:g}"{dashes}/>'
    )


def _fill(fill: str | None) -> str:
    return f"#{fill}" if fill else "none"


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"
