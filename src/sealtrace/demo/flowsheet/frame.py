"""Border with zones and the title block, in the manner of ISO 5457 and ISO 7200."""

from __future__ import annotations

from .drawing import Label, Layer, Shape, box, line

WIDTH, HEIGHT = 420.0, 297.0
LEFT, TOP, RIGHT, BOTTOM = 20.0, 10.0, 410.0, 287.0
BLOCK_LEFT, BLOCK_TOP = 272.0, 231.0
TEAL, QUIET = "1F4E5F", "6B7780"


def frame() -> list[Shape]:
    """Border, zones, title block."""
    return [*_border(), *_title_block()]


def _border() -> list[Shape]:
    parts: list[Shape] = [
        box(Layer.FRAME, (LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP), None, 0.7),
        box(Layer.FRAME, (LEFT - 5, TOP - 5, RIGHT - LEFT + 10, BOTTOM - TOP + 10), None, 0.2),
    ]
    for i in range(8):
        x, step = LEFT + (RIGHT - LEFT) * i / 8, (RIGHT - LEFT) / 8
        for y in (TOP - 1.4, BOTTOM + 3.7):
            parts.append(Label((x + step / 2, y), str(i + 1), 2.6, colour=QUIET))
        if i:
            parts += [
                line(Layer.TEXT, (x, TOP - 5), (x, TOP)),
                line(Layer.TEXT, (x, BOTTOM), (x, BOTTOM + 5)),
            ]
    for i in range(6):
        y, step = TOP + (BOTTOM - TOP) * i / 6, (BOTTOM - TOP) / 6
        for x in (LEFT - 2.5, RIGHT + 2.5):
            parts.append(Label((x, y + step / 2 + 1), "ABCDEF"[i], 2.6, colour=QUIET))
        if i:
            parts += [
                line(Layer.TEXT, (LEFT - 5, y), (LEFT, y)),
                line(Layer.TEXT, (RIGHT, y), (RIGHT + 5, y)),
            ]
    return parts


def _title_block() -> list[Shape]:
    x, y, w, h = BLOCK_LEFT, BLOCK_TOP, RIGHT - BLOCK_LEFT, BOTTOM - BLOCK_TOP
    parts: list[Shape] = [
        box(Layer.FRAME, (x, y, w, h), "FFFFFF", 0.7),
        box(Layer.FRAME, (x, y, w, 10), TEAL, 0.35),
        Label((x + 4, y + 6.6), "云岭分离厂（虚构）", 3.6, "start", bold=True, colour="FFFFFF"),
        Label((x + w - 4, y + 6.5), "Yunling Separation Works (fictional)", 2.9, "end", colour="FFFFFF"),
        Label((x + 4, y + 18.4), "HX-2 萃取回路工艺流程图", 5.2, "start", bold=True, colour=TEAL),
        Label(
            (x + 4, y + 24.2),
            "Process flow diagram, solvent extraction circuit HX-2",
            3.1,
            "start",
            colour=QUIET,
        ),
        line(Layer.FRAME, (x, y + 28), (x + w, y + 28)),
    ]
    cells = (
        (
            ("图号 Drawing no.", "YL-PFD-207"),
            ("版次 Rev.", "B"),
            ("张次 Sheet", "1 / 1"),
            ("幅面 Size", "A3"),
        ),
        (
            ("绘图 Drawn", "沈知行"),
            ("审核 Checked", "陆婉清"),
            ("批准 Approved", "顾远山"),
            ("日期 Date", "2026-03-09"),
        ),
    )
    widths = (0.34, 0.22, 0.22, 0.22)
    for row, texts in enumerate(cells):
        top, left = y + 28 + 10 * row, x
        for (name, value), share in zip(texts, widths, strict=True):
            parts += [
                box(Layer.TEXT, (left, top, share * w, 10)),
                Label((left + 2, top + 3.2), name, 2.1, "start", colour=QUIET),
                Label((left + 2, top + 8), value, 3.3, "start", bold=True),
            ]
            left += share * w
    parts.append(
        Label(
            (x + 4, y + 53.4),
            "内部·重要 INTERNAL   虚构示例，数据由模拟生成 Fictional example, simulated figures",
            2.3,
            "start",
            colour="9A4B12",
        )
    )
    return parts
