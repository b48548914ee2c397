"""Stream table, equipment list and legend of the flow diagram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sealtrace.demo.plant.cascade import MOLAR_MASS_G, Cascade, Conditions, Floats

from .drawing import Label, Layer, Line, Point, Shape, Symbol, box, line
from .frame import BOTTOM, LEFT
from .symbols import instrument, stream_flag

QUIET, TEAL = "6B7780", "1F4E5F"
ROW = 5.6
EQUIPMENT = (
    ("E1–E18", "萃取混合澄清槽 Extraction mixer-settlers", "0.95 m³ × 18"),
    ("S1–S16", "洗涤混合澄清槽 Scrub mixer-settlers", "0.95 m³ × 16"),
    ("R1–R6", "反萃混合澄清槽 Strip mixer-settlers", "0.95 m³ × 6"),
    ("M-230", "皂化槽 Saponifier", "1.2 m³"),
    ("T-201 / 204 / 206", "料液、萃余液、反萃液槽 Liquor tanks", "20 m³"),
    ("T-202 / 205", "洗酸、反酸槽 Acid tanks", "12 m³"),
    ("T-203", "有机相贮槽 Organic store", "40 m³"),
    ("T-207", "氨水槽 Ammonia tank", "6 m³"),
    ("V-208", "有机相水洗塔 Organic wash", "3 m³"),
    ("P-201 … P-208", "磁力泵 Magnetic-drive pumps", "Q ≤ 6 m³/h"),
)


def stream_table(settled: Cascade, c: Conditions) -> list[Shape]:
    """Flows and composition of the numbered streams, at the lower left."""
    soap = np.zeros(3)
    state, shape = settled.state, settled.shape
    rows = (
        ("1", "皂化有机相 Saponified organic", c.organic_flow, soap, None),
        ("2", "料液 Feed", c.feed_flow, np.array(c.feed), c.feed_acid),
        ("3", "洗酸 Scrub acid", c.scrub_flow, soap, c.scrub_acid),
        ("4", "反酸 Strip acid", c.strip_flow, soap, c.strip_acid),
        ("5", "萃余液 Raffinate (Tb)", c.feed_flow + c.scrub_flow, settled.raffinate, float(state.acid[0])),
        ("6", "负载有机相 Loaded organic", c.organic_flow, settled.loaded_organic, None),
        (
            "7",
            "反萃液 Strip liquor (Dy, Y)",
            c.strip_flow,
            settled.strip_liquor,
            float(state.acid[shape.extraction + shape.scrub]),
        ),
        ("8", "再生有机相 Regenerated organic", c.organic_flow, settled.barren_organic, None),
    )
    head = ("号", "物流 Stream", "流量 L/h", "Tb g/L", "Dy g/L", "Y g/L", "酸度 mol/L", "温度 ℃")
    cells = [
        (no, name, f"{q:.0f}", *_grams(conc), "–" if acid is None else f"{acid:.2f}", "25")
        for no, name, q, conc, acid in rows
    ]
    widths = (9.0, 68.0, 24.0, 23.0, 23.0, 23.0, 26.0, 20.0)
    return _table((LEFT + 6, BOTTOM - 5 - ROW * (len(rows) + 1)), widths, head, cells)


def _grams(conc: Floats) -> list[str]:
    grams = conc * MOLAR_MASS_G
    return [f"{g:.3f}" if g >= 0.0005 else "–" for g in grams]


def _table(
    at: Point, widths: Sequence[float], head: Sequence[str], rows: Sequence[Sequence[str]], row: float = ROW
) -> list[Shape]:
    """A ruled table with a coloured head; `at` is its upper left corner, `row` the height of a row."""
    x, y = at
    total = sum(widths)
    parts: list[Shape] = [box(Layer.TEXT, (x, y, total, row), TEAL)]
    for number, cells in enumerate((head, *rows)):
        top = y + row * number
        if number and number % 2 == 0:
            band = ((x, top), (x + total, top), (x + total, top + row), (x, top + row))
            parts.append(Line(band, Layer.TEXT, True, "F4F7F8", 0.02, True))
        parts += _row((x, top + row / 2 + 0.95), widths, cells, heading=number == 0)
        parts.append(Line(((x, top + row), (x + total, top + row)), Layer.TEXT, width=0.12))
    parts.append(box(Layer.FRAME, (x, y, total, row * (len(rows) + 1)), None, 0.4))
    return parts


def _row(at: Point, widths: Sequence[float], cells: Sequence[str], *, heading: bool) -> list[Shape]:
    """The cells of a row: words to the left, figures to the right, stream numbers in the middle."""
    left, base = at
    parts: list[Shape] = []
    for i, (text, width) in enumerate(zip(cells, widths, strict=True)):
        words = i == 1 or (i == 0 and len(widths) < 5)
        place = left + 2 if words else left + width / 2 if i == 0 else left + width - 3
        anchor = "start" if words else "middle" if i == 0 else "end"
        colour = "FFFFFF" if heading else None
        parts.append(Label((place, base), text, 2.5, anchor, bold=heading or i == 0, colour=colour))
        left += width
    return parts


def equipment_list(x: float, y: float) -> list[Shape]:
    """What stands on the sheet, with its size."""
    return _table((x, y), (27.0, 59.0, 20.0), ("位号 Tag", "设备 Equipment", "规格 Size"), EQUIPMENT, 5.2)


NOTES = (
    ("有机相自左向右，水相自右向左，逐级逆流。", "Organic flows left to right, aqueous right to left."),
    ("省略号处各级与相邻级相同。", "Stages not drawn are like those beside the dots."),
    ("所有酸管线为 PVDF，有机相管线为 316L。", "Acid piping is PVDF, organic piping 316L."),
    ("取样点与限值见 YL-PS-207 表 7。", "Sampling points and limits: YL-PS-207, Table 7."),
)


def notes(x: float, y: float) -> list[Shape]:
    """What the lines don't say."""
    parts: list[Shape] = [Label((x, y), "说明 Notes", 2.9, "start", bold=True, colour=TEAL)]
    for i, (zh, en) in enumerate(NOTES):
        base = y + 6 + 7.6 * i
        parts += [
            Label((x, base), str(i + 1), 2.5, "start", bold=True),
            Label((x + 4, base), zh, 2.5, "start"),
            Label((x + 4, base + 3.1), en, 2.0, "start", colour=QUIET),
        ]
    return parts


KINDS = (
    (Layer.ORGANIC, "有机相 Organic phase"),
    (Layer.AQUEOUS, "水相 Aqueous phase"),
    (Layer.REAGENT, "试剂、水 Reagents, water"),
    (Layer.INSTRUMENT, "仪表信号 Instrument signal"),
)


def legend(x: float, y: float) -> list[Shape | Symbol]:
    """Kinds of line and the two numbered symbols."""
    parts: list[Shape | Symbol] = [
        box(Layer.FRAME, (x, y, 66, 40), "FFFFFF", 0.3),
        Label((x + 3, y + 5.4), "图例 Legend", 2.9, "start", bold=True, colour=TEAL),
    ]
    for i, (layer, text) in enumerate(KINDS):
        at = y + 11 + 5 * i
        parts += [line(layer, (x + 3, at), (x + 19, at)), Label((x + 23, at + 0.9), text, 2.4, "start")]
    at = y + 34
    parts += [
        stream_flag(2).placed(x + 7, at),
        Label((x + 12, at + 0.9), "物流号 Stream", 2.4, "start"),
        instrument("FIC", "201").placed(x + 40, at),
        Label((x + 45.5, at + 0.9), "仪表 Instrument", 2.4, "start"),
    ]
    return parts
