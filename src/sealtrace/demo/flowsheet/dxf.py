"""Write a drawing as DXF R2010: a layer for each kind of line, a block for each symbol, text as text."""

from __future__ import annotations

import io
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from .drawing import PENS, Circle, Drawing, Label, Line, Shape, Symbol

STYLE = "SEALTRACE"
FONT = "simhei.ttf"  # a Chinese typeface that CAD programs find by this name or replace by their own
LINE_WEIGHTS = (13, 18, 25, 30, 35, 40, 50, 53)  # hundredths of a millimetre; DXF knows no others here
CAP_HEIGHT = 0.72  # DXF gives the height of capitals, the drawing that of the em


def to_dxf(drawing: Drawing) -> bytes:
    """Give the DXF file. y points up in DXF, so everything is mirrored about the sheet's middle."""
    from ezdxf import units

    ezdxf: Any = import_module("ezdxf")  # its own type information leaves out what it exports
    ezdxf.options.write_fixed_meta_data_for_testing = True  # the same drawing gives the same bytes
    try:
        doc = ezdxf.new("R2010", setup=["linetypes"], units=units.MM)
        _prepare(doc, drawing)
        _paper(doc, drawing)
        _place(doc, doc.modelspace(), drawing.parts, drawing.height)
        out = io.StringIO()
        doc.write(out)
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = False
    return out.getvalue().encode("utf-8")


def _prepare(doc: Any, drawing: Drawing) -> None:
    doc.styles.add(STYLE, font=FONT)
    doc.linetypes.add("PIPE_DASHED", [3.6, 2.4, -1.2], description="Aqueous phase __ __ __")
    for layer, pen in PENS.items():
        made = doc.layers.add(
            str(layer), lineweight=min(LINE_WEIGHTS, key=lambda w: abs(w - 100 * pen.width))
        )
        made.rgb = _rgb(pen.colour)
        if pen.dashes:
            made.dxf.linetype = "PIPE_DASHED"
    doc.header["$LIMMAX"] = (drawing.width, drawing.height)
    doc.header["$EXTMAX"] = (drawing.width, drawing.height, 0)
    doc.set_modelspace_vport(drawing.height * 1.05, (drawing.width / 2, drawing.height / 2))


def _paper(doc: Any, drawing: Drawing) -> None:
    """Lay a white sheet beneath: the dark lines would vanish on a CAD program's dark background."""
    doc.layers.add("PAPER").rgb = (255, 255, 255)
    sheet = doc.modelspace().add_hatch(dxfattribs={"layer": "PAPER"})
    sheet.rgb = (255, 255, 255)
    w, h = drawing.width, drawing.height
    sheet.paths.add_polyline_path([(0, 0), (w, 0), (w, h), (0, h)], is_closed=True)


def _place(doc: Any, space: Any, parts: Iterable[Shape | Symbol], height: float) -> None:
    for part in parts:
        if isinstance(part, Symbol):
            if part.name not in doc.blocks:
                _place(doc, doc.blocks.new(part.name), part.shapes, 0.0)
            space.add_blockref(part.name, (part.at[0], height - part.at[1]))
        else:
            _draw(space, part, height)


def _draw(space: Any, shape: Shape, height: float) -> None:
    attribs: dict[str, Any] = {"layer": str(shape.layer)}
    match shape:
        case Line():
            _line(space, shape, height, attribs)
        case Circle((x, y), radius, _, fill):
            if fill:
                hatch = space.add_hatch(dxfattribs=attribs)
                hatch.rgb = _rgb(fill)
                hatch.paths.add_edge_path().add_ellipse((x, height - y), (radius, 0), 1.0)
            space.add_circle((x, height - y), radius, dxfattribs=attribs)
        case Label((x, y), text, size, anchor, _, _, colour):
            from ezdxf.enums import TextEntityAlignment

            place = {"start": "LEFT", "middle": "CENTER", "end": "RIGHT"}[anchor]
            made = space.add_text(text, height=size * CAP_HEIGHT, dxfattribs={**attribs, "style": STYLE})
            made.set_placement((x, height - y), align=TextEntityAlignment[place])
            if colour:
                made.rgb = _rgb(colour)


def _line(space: Any, line: Line, height: float, attribs: dict[str, Any]) -> None:
    points = [(x, height - y) for x, y in line.points]
    if line.fill:
        hatch = space.add_hatch(dxfattribs=attribs)
        hatch.rgb = _rgb(line.fill)
        hatch.paths.add_polyline_path(points, is_closed=True)
    more = {"linetype": "CONTINUOUS"} if line.solid else {}
    space.add_lwpolyline(points, close=line.closed, dxfattribs={**attribs, **more})


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)
