"""The sheet: cascade, tanks, pumps, valves and streams of circuit HX-2 on A3."""

from __future__ import annotations

from itertools import pairwise

from sealtrace.demo.plant.cascade import Cascade, Conditions

from .drawing import Drawing, Label, Layer, Shape, Symbol, flow, line
from .frame import HEIGHT, WIDTH, frame
from .symbols import (
    AQUEOUS_PORT,
    ORGANIC_PORT,
    STAGE_HEIGHT,
    STAGE_WIDTH,
    TANK_HEIGHT,
    gap,
    instrument,
    off_sheet,
    pump,
    stage,
    stream_flag,
    tank,
    valve,
)
from .table import equipment_list, legend, notes, stream_table

TITLE = "HX-2 回路工艺流程图  Process flow diagram of circuit HX-2"
TOP = 108.0  # of the stages
ORGANIC, AQUEOUS = TOP + ORGANIC_PORT, TOP + AQUEOUS_PORT
TINTS = {"E": "EDF4F6", "S": "FBF5EA", "R": "F1EFF7"}
PITCH, BREAK, BETWEEN = 18.5, 9.0, 13.0
TANK_TOP = 33.0
Part = Shape | Symbol


def flow_diagram(settled: Cascade, design: Conditions) -> Drawing:
    """Draw the sheet with the streams of the settled cascade."""
    places = _places(settled)
    parts: list[Part] = [
        *frame(),
        *_cascade(settled, places),
        *_reagents(places),
        *_organic(places),
        *_products(places),
        *legend(338.0, 22.0),
        *equipment_list(300.0, 155.0),
        *stream_table(settled, design),
        *notes(92.0, 172.0),
    ]
    return Drawing(WIDTH, HEIGHT, TITLE, tuple(parts))


def _places(settled: Cascade) -> dict[str, float]:
    """Left edge of each stage drawn, by name, and of the breaks between them."""
    shape, x = settled.shape, 84.0
    places: dict[str, float] = {}
    for key, count in (("E", shape.extraction), ("S", shape.scrub), ("R", shape.strip)):
        for number in (1, 2):
            places[f"{key}{number}"] = x
            x += PITCH
        places[f"{key}…"] = x - (PITCH - STAGE_WIDTH) / 2 + BREAK / 2
        x += BREAK
        for number in (count - 1, count) if key != "R" else (count,):
            places[f"{key}{number}"] = x
            x += PITCH
        x += BETWEEN - (PITCH - STAGE_WIDTH)
    return places


def _cascade(settled: Cascade, places: dict[str, float]) -> list[Part]:
    parts: list[Part] = []
    stages = [(name, x) for name, x in places.items() if "…" not in name]
    for name, x in places.items():
        parts.append(
            gap(STAGE_HEIGHT).placed(x, TOP) if "…" in name else stage(name, TINTS[name[0]]).placed(x, TOP)
        )
    for (left, x0), (right, x1) in pairwise(stages):
        begin, end = x0 + STAGE_WIDTH, x1
        parts += flow(Layer.ORGANIC, (begin, ORGANIC), (end, ORGANIC), size=1.7)
        if (left[0], right[0]) != ("S", "R"):
            parts += flow(Layer.AQUEOUS, (end, AQUEOUS), (begin, AQUEOUS), size=1.7)
    shape = settled.shape
    for key, title in (
        ("E", f"萃取段 Extraction  {shape.extraction} 级"),
        ("S", f"洗涤段 Scrub  {shape.scrub} 级"),
        ("R", f"反萃段 Strip  {shape.strip} 级"),
    ):
        xs = [x for name, x in places.items() if name[0] == key and "…" not in name]
        begin, end, y = min(xs), max(xs) + STAGE_WIDTH, TOP + STAGE_HEIGHT + 7
        parts.append(line(Layer.FRAME, (begin, y - 1), (begin, y), (end, y), (end, y - 1)))
        parts.append(Label(((begin + end) / 2, y + 4), title, 2.9, bold=True))
    for name, letters, number in (("E1", "LIC", "211"), ("E2", "TI", "212"), ("S2", "TI", "221")):
        x = places[name] + 9.6
        parts += [
            line(Layer.INSTRUMENT, (x, TOP), (x, TOP - 6.5)),
            instrument(letters, number).placed(x, TOP - 10),
        ]
    return parts


def _reagents(places: dict[str, float]) -> list[Part]:
    """Feed, scrub acid and strip acid: tank, pump, control valve with its flow meter, down into a stage."""
    parts: list[Part] = []
    last = {key: [x for name, x in places.items() if name[0] == key][-1] for key in "ESR"}
    for key, tag, zh, en, number, loop, layer in (
        ("E", "T-201", "料液", "Feed", 2, "201", Layer.AQUEOUS),
        ("S", "T-202", "洗酸", "Scrub acid", 3, "202", Layer.AQUEOUS),
        ("R", "T-205", "反酸", "Strip acid", 4, "205", Layer.AQUEOUS),
    ):
        x = last[key] + 10.4  # beside the impeller's motor
        bottom = TANK_TOP + TANK_HEIGHT
        parts += [
            tank(tag, zh, en).placed(x, TANK_TOP),
            *flow(layer, (x, bottom), (x, TOP)),
            pump(f"P-{loop}").placed(x, bottom + 9),
            stream_flag(number).placed(x, bottom + 19.5),
            valve(upright=True, controlled=True).placed(x, bottom + 30),
            line(Layer.INSTRUMENT, (x, bottom + 37), (x - 8.5, bottom + 37)),
            instrument("FIC", loop).placed(x - 12, bottom + 37),
            line(Layer.INSTRUMENT, (x - 12, bottom + 33.5), (x - 12, bottom + 30), (x - 2, bottom + 30)),
        ]
    x = last["E"] + 10.4
    parts += [
        *flow(Layer.AQUEOUS, (x - 18, TANK_TOP - 8), (x, TANK_TOP - 8), (x, TANK_TOP)),
        off_sheet("分组料液", "from grouping", leaving=False).placed(x - 18, TANK_TOP - 8),
    ]
    for key in "SR":
        x = last[key] + 10.4
        parts += [
            *flow(Layer.REAGENT, (x - 18, TANK_TOP - 8), (x, TANK_TOP - 8), (x, TANK_TOP)),
            off_sheet("盐酸、纯水", "HCl, water", leaving=False).placed(x - 18, TANK_TOP - 8),
        ]
    return parts


def _organic(places: dict[str, float]) -> list[Part]:
    """The organic loop: store, saponification, cascade, washing, back to store."""
    store, soap_left, soap_top = 37.0, 58.0, 75.0
    end = max(x for name, x in places.items() if name[0] == "R") + STAGE_WIDTH
    wash, back, between = 352.0, 222.0, _between(places, "S", "R")
    bottom = TOP + 12 + TANK_HEIGHT
    base = TANK_TOP + TANK_HEIGHT
    soap = stage("M-230", "FBF5EA")
    return [
        tank("T-203", "有机相", "Organic").placed(store, TANK_TOP),
        *flow(Layer.ORGANIC, (store, base), (store, soap_top + 12), (soap_left, soap_top + 12)),
        pump("P-203").placed(store, base + 9),
        valve(upright=False).placed(store + 11, soap_top + 12),
        soap.placed(soap_left, soap_top),
        Label((soap_left - 2.5, soap_top + STAGE_HEIGHT - 4), "皂化", 2.4, "end"),
        Label((soap_left - 2.5, soap_top + STAGE_HEIGHT - 1), "Saponification", 1.9, "end", colour="6B7780"),
        tank("T-207", "氨水", "Ammonia").placed(soap_left + 9.6, TANK_TOP - 8),
        *flow(Layer.REAGENT, (soap_left + 9.6, base - 8), (soap_left + 9.6, soap_top)),
        pump("P-207").placed(soap_left + 9.6, base - 0.5),
        valve(upright=True, controlled=True).placed(soap_left + 9.6, base + 9),
        *flow(
            Layer.ORGANIC, (soap_left + STAGE_WIDTH, soap_top + 12), (77.5, soap_top + 12),
            (77.5, ORGANIC), (84, ORGANIC),
        ),
        stream_flag(1).placed(77.5, ORGANIC - 15),
        stream_flag(6).placed(between, ORGANIC - 9),
        line(Layer.FRAME, (between, ORGANIC - 6), (between, ORGANIC - 0.6)),
        *flow(Layer.ORGANIC, (end, ORGANIC), (wash, ORGANIC), (wash, TOP + 12)),
        stream_flag(8).placed(end + 9, ORGANIC),
        tank("V-208", "水洗", "Wash").placed(wash, TOP + 12),
        *flow(
            Layer.ORGANIC, (wash, bottom), (wash, 150), (292, 150), (292, back), (26, back),
            (26, TANK_TOP - 6), (store, TANK_TOP - 6), (store, TANK_TOP),
        ),
        pump("P-208", 180, "above").placed(320, 150),
        valve(upright=False).placed(120, back),
        Label((170, back - 1.6), "再生有机相返回  Regenerated organic to store", 2.4),
        *flow(Layer.REAGENT, (wash + 24, TOP + 16), (wash + 7.5, TOP + 16)),
        Label((wash + 24.8, TOP + 15.8), "纯水", 2.3, "start"),
        Label((wash + 24.8, TOP + 18.6), "water", 1.9, "start", colour="6B7780"),
    ]  # fmt: skip


def _between(places: dict[str, float], left: str, right: str) -> float:
    last = max(x for name, x in places.items() if name[0] == left) + STAGE_WIDTH
    return (last + places[f"{right}1"]) / 2


def _products(places: dict[str, float]) -> list[Part]:
    """Raffinate to T-204 and strip liquor to T-206, each with an analyser, then off the sheet."""
    parts: list[Part] = []
    for at, x, tag, zh, en, number, to in (
        ("E1", 60.0, "T-204", "萃余液", "Raffinate", 5, ("铽沉淀", "to Tb precipitation")),
        ("R1", places["R1"] - 7, "T-206", "反萃液", "Strip liquor", 7, ("HX-3 回路", "to circuit HX-3")),
    ):
        top = 172.0
        parts += [
            *flow(Layer.AQUEOUS, (places[at], AQUEOUS), (x, AQUEOUS), (x, top)),
            stream_flag(number).placed(x, AQUEOUS + 11 if number == 5 else AQUEOUS + 22),
            tank(tag, zh, en).placed(x, top),
            line(Layer.INSTRUMENT, (x, top - 8), (x - 8.5, top - 8)),
            instrument("AI", f"{number}01").placed(x - 12, top - 8),
            *flow(Layer.AQUEOUS, (x, top + TANK_HEIGHT), (x, 209), (x + (16 if number == 5 else -16), 209)),
        ]
        if number == 5:
            parts += [pump("P-204", 90).placed(x, 202), off_sheet(*to, leaving=True).placed(x + 16, 209)]
        else:
            parts += [
                pump("P-206", 90).placed(x, 202),
                off_sheet(*to, leaving=True, leftward=True).placed(x - 16, 209),
            ]
    return parts
