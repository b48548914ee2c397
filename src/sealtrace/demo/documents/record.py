"""An inspection record as a flatbed scanner would give it: filled in by hand, stamped, a little askew.

The form is set in type; the entries are set in the same typeface but shaken, slanted and in ink; the
signatures are strokes drawn from the signer's name; the stamp is red, worn and not quite level. Then the
sheet is turned, lit unevenly, given paper and grain. 150 dpi of A4. Seeded: the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from sealtrace.demo.plant.operation import ASSAYS, Week
from sealtrace.demo.typeface import drawn

from . import ink

SIZE = (1240, 1754)  # A4 at 150 dpi
SEED = 417
INK, RULE, QUIET = (38, 42, 46), (70, 74, 78), (96, 100, 104)
LEFT, RIGHT = 120, 1120
COLUMNS = (LEFT, 330, 560, 730, 900, RIGHT)
HEAD = (
    ("取样点", "Point"),
    ("项目", "Determination"),
    ("限值", "Limit g/L"),
    ("结果", "Result g/L"),
    ("判定", "Judgement"),
)
LIMITS = (  # sampling point, determination, column of the assays, limit in g/L; None: for information
    ("SP-3 萃余液", "铽 Tb", "raffinate_tb", None),
    ("SP-3 萃余液", "镝 Dy", "raffinate_dy", 0.10),
    ("SP-3 萃余液", "钇 Y", "raffinate_y", 0.005),
    ("SP-5 负载有机相", "铽 Tb", "loaded_organic_tb", 0.035),
    ("SP-6 反萃液", "铽 Tb", "strip_liquor_tb", 0.20),
    ("SP-6 反萃液", "镝 Dy", "strip_liquor_dy", None),
    ("SP-6 反萃液", "钇 Y", "strip_liquor_y", None),
)


def write_record(week: Week, out: Path, row: int = 16) -> None:
    """Write the scanned record of one assay round as PNG."""
    rng = np.random.default_rng(SEED)
    form = Image.new("RGB", SIZE, (255, 255, 255))
    pen = ImageDraw.Draw(form)
    at, readings = week.assays[row]
    _form(pen)
    written = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    _entries(written, f"{at:%Y-%m-%d}", f"{at:%H:%M}", readings, rng)
    form.paste(written, (0, 0), written)
    ink.stamp(form, (905, 1440), rng)
    Image.fromarray(ink.scanned(np.asarray(form), rng)).save(out, dpi=(150, 150))


def _form(pen: ImageDraw.ImageDraw) -> None:
    """The printed part: title, boxes, table, remarks, signature lines."""
    middle = SIZE[0] // 2
    pen.text((middle, 150), "检 验 记 录", INK, drawn(52, bold=True), "mm")
    pen.text((middle, 206), "INSPECTION RECORD", INK, drawn(25), "mm")
    pen.text((LEFT, 100), "云岭分离厂（虚构）化验室", QUIET, drawn(19), "lm")
    pen.text((RIGHT, 100), "YL-QR-031", QUIET, drawn(19), "rm")
    for x, y, text in (
        (LEFT, 280, "回路 Circuit"), (520, 280, "日期 Date"), (840, 280, "时间 Time"),
        (LEFT, 345, "规程 Specification"), (520, 345, "班次 Shift"), (840, 345, "样品数 Samples"),
    ):  # fmt: skip
        pen.text((x, y), text, INK, drawn(20), "lm")
    for x0, x1, y in (
        (245, 490, 296),
        (625, 815, 296),
        (945, RIGHT, 296),
        (305, 490, 361),
        (625, 815, 361),
        (1000, RIGHT, 361),
    ):
        pen.line((x0, y, x1, y), RULE, 2)
    _table(pen)
    pen.text((LEFT, 1105), "备注 Remarks", INK, drawn(20), "lm")
    for y in (1165, 1220, 1275):
        pen.line((LEFT, y, RIGHT, y), QUIET, 1)
    for x, text in ((LEFT, "检验 Analyst"), (480, "复核 Checked"), (820, "批准 Approved")):
        pen.text((x, 1440), text, INK, drawn(20), "lm")
        pen.line((x, 1520, x + 270, 1520), RULE, 2)
    pen.text((LEFT, 1600), "虚构示例  Fictional example", QUIET, drawn(16), "lm")
    pen.text((RIGHT, 1600), "保存 10 年  Keep for 10 years", QUIET, drawn(16), "rm")


def _table(pen: ImageDraw.ImageDraw) -> None:
    top, row = 420, 76
    bottom = top + row * (len(LIMITS) + 1)
    pen.rectangle((LEFT, top, RIGHT, top + row), (232, 234, 235))
    for i, (zh, en) in enumerate(HEAD):
        middle = (COLUMNS[i] + COLUMNS[i + 1]) // 2
        pen.text((middle, top + 26), zh, INK, drawn(21, bold=True), "mm")
        pen.text((middle, top + 54), en, QUIET, drawn(16), "mm")
    for i in range(len(LIMITS) + 2):
        pen.line((LEFT, top + row * i, RIGHT, top + row * i), RULE, 2)
    for x in COLUMNS:
        pen.line((x, top, x, bottom), RULE, 2)
    for i, (point, what, _, limit) in enumerate(LIMITS):
        y = top + row * (i + 1) + row // 2
        pen.text((COLUMNS[0] + 14, y), point, INK, drawn(20), "lm")
        pen.text((COLUMNS[1] + 20, y), what, INK, drawn(20), "lm")
        pen.text(
            ((COLUMNS[2] + COLUMNS[3]) // 2, y),
            "–" if limit is None else f"≤ {limit:.3f}",
            INK,
            drawn(20),
            "mm",
        )


def _entries(
    sheet: Image.Image, date: str, hour: str, readings: Sequence[float], rng: np.random.Generator
) -> None:
    """Everything written by hand."""
    value = {c.name: (v, c.decimals) for c, v in zip(ASSAYS, readings, strict=True)}
    for x, y, text in ((265, 282, "HX-2"), (640, 282, date), (965, 282, hour), (325, 347, "YL-PS-207 B"),
                       (650, 347, "甲班"), (1040, 347, str(len(LIMITS)))):  # fmt: skip
        ink.handwriting(sheet, (x, y), text, 27, rng)
    for i, (_, _, name, limit) in enumerate(LIMITS):
        y = 420 + 76 * (i + 1) + 38
        found, decimals = value[name]
        ink.handwriting(sheet, (COLUMNS[3] + 34, y), f"{found:.{decimals}f}", 28, rng)
        judged = "—" if limit is None else "合格" if found <= limit else "超限"
        ink.handwriting(sheet, (COLUMNS[4] + 70, y), judged, 27, rng)
    remarks = ("质控样偏差 0.8 %，有效。", "萃余液镝稳定，洗酸不调。")
    for y, text in zip((1140, 1196), remarks, strict=True):
        ink.handwriting(sheet, (LEFT + 40, y), text, 28, rng)
    for x, name in ((150, "许青禾"), (510, "陆婉清"), (850, "顾远山")):
        ink.signature(sheet, (x, 1490), name, rng)
