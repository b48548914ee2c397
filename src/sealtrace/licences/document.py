"""The licence on paper: one A4 page in Chinese and English with the signed licence as a QR symbol.

The page says nothing that the symbol does not: whoever doubts the print scans it. The text of the symbol also
stands in the file's keywords, so that a file can be verified without a camera.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sealtrace import typefaces
from sealtrace.catalogue.lists import shipped
from sealtrace.errors import UsageProblem
from sealtrace.typefaces import BOLD, REGULAR

from .token import Licence

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

INK, SOFT, PALE, LINE, DEEP = "#1b2130", "#5d6679", "#98a0b0", "#d5d9e2", "#23326b"
WASH = "#f4f6fb"
WIDTH, HEIGHT = 595.28, 841.89
LEFT, RIGHT = 48.0, 547.28
QR_SIDE = 140.0  # 49 mm: the modules of a version 20 symbol are 0.47 mm
FIVE_LINES = 5
KINDS = {
    "single": ("单项许可", "Individual licence"),
    "general": ("通用许可", "General licence"),
    "registration": ("登记凭证", "Export certificate by registration"),
}


def write_pdf(licence: Licence, text: str, issuer_name: str) -> bytes:
    """Lay out a licence as PDF. The same licence gives the same bytes.

    Raises:
        UsageProblem: a name has a character that the typeface lacks, or the lines don't fit on the page.
    """
    from reportlab.pdfgen.canvas import Canvas

    typefaces.register()
    _must_have_glyphs(
        [issuer_name, licence.holder, licence.end_user, licence.end_use, licence.destination, licence.number]
    )
    if len(licence.lines) > 12:
        raise UsageProblem("a licence's page has room for 12 lines; issue two licences")
    out = io.BytesIO()
    page = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    page.setTitle(f"{licence.number} 两用物项出口许可证 Export licence")
    page.setAuthor(issuer_name)
    page.setSubject("Dual-use export licence; the keywords hold its signed text")
    page.setKeywords(text)
    y = _head(page, licence, issuer_name)
    y = _fields(page, licence, y)
    _goods(page, licence, y)
    _foot(page, licence, text)
    page.showPage()
    page.save()
    return out.getvalue()


def _must_have_glyphs(texts: Sequence[str]) -> None:
    missing = typefaces.missing(texts)
    if missing:
        raise UsageProblem(
            f"the typeface has no {' '.join(missing)}",
            advice="Write the name with characters of GB 2312 or Latin letters, as the register of companies has it.",
        )


# -- parts of the page ----------------------------------------------------------------------------


def _head(page: Canvas, licence: Licence, issuer_name: str) -> float:
    top = HEIGHT - 128
    _rosette(page, top)
    page.setFillColor(DEEP)
    page.rect(0, HEIGHT - 7, WIDTH, 7, stroke=0, fill=1)
    _say(page, LEFT, HEIGHT - 44, issuer_name, 10.5, SOFT)
    _say(page, LEFT, HEIGHT - 78, "两用物项出口许可证", 25, DEEP, bold=True)
    _say(page, LEFT, HEIGHT - 97, "Export licence for dual-use items", 12, INK)
    zh, en = KINDS[licence.kind]
    _say(page, RIGHT, HEIGHT - 44, f"{zh}  ·  {en}", 9, SOFT, right=True)
    _say(page, RIGHT, HEIGHT - 78, licence.number, 17, INK, bold=licence.number.isascii(), right=True)
    _say(page, RIGHT, HEIGHT - 97, "许可证编号  Licence number", 8, PALE, right=True)
    _rule(page, top, DEEP, 0.9)
    return top


def _rosette(page: Canvas, bottom: float) -> None:
    """Fine interwoven waves behind the head, as security printing has them."""
    page.saveState()
    clip = page.beginPath()
    clip.rect(0, bottom, WIDTH, HEIGHT - 7 - bottom)
    page.clipPath(clip, stroke=0, fill=0)
    page.setLineWidth(0.3)
    page.setStrokeColor("#e3e8f5")
    middle, steps = (HEIGHT - 7 + bottom) / 2, 150
    for number in range(26):
        phase, lift = number * math.pi / 13, 14 + 30 * math.sin(number * math.pi / 26)
        path = page.beginPath()
        for step in range(steps + 1):
            x = WIDTH * step / steps
            swing = math.sin(x / 47 + phase) * lift + math.sin(x / 19 - phase) * 9
            (path.moveTo if step == 0 else path.lineTo)(x, middle + swing)
        page.drawPath(path, stroke=1, fill=0)
    page.restoreState()


def _fields(page: Canvas, licence: Licence, top: float) -> float:
    half = (LEFT + RIGHT) / 2 + 8
    rows = [
        [("许可证持有人", "Holder", licence.holder), ("最终用户", "End user", licence.end_user)],
        [("目的国（地区）", "Destination", licence.destination), ("最终用途", "End use", licence.end_use)],
        [("起始日", "Valid from", _day(licence.valid_from)),
         ("截止日（含当日）", "Valid until, included", _day(licence.valid_to))],
    ]  # fmt: skip
    y = top - 26
    for row in rows:
        low = y
        for x, (zh, en, value) in zip((LEFT, half), row, strict=True):
            _label(page, x, y, zh, en)
            low = min(low, _wrapped(page, x, y - 17, value, 11, half - LEFT - 24))
        y = low - 25
    _rule(page, y + 6, LINE, 0.6)
    return y + 6


COLUMNS = (
    ("项", "No.", LEFT, False),
    ("管制编码", "Entry", LEFT + 24, False),
    ("货物", "Goods", LEFT + 92, False),
    ("元素", "Element", 316.0, False),
    ("元素量 kg", "Element", 398.0, True),
    ("毛重 kg", "Gross", 458.0, True),
    ("金额 元", "Value CNY", RIGHT, True),
)


def _goods(page: Canvas, licence: Licence, top: float) -> None:
    y = top - 22
    for zh, en, x, right in COLUMNS:
        _say(page, x, y, zh, 8.5, SOFT, right=right)
        _say(page, x, y - 10, en, 6.8, PALE, right=right)
    y -= 19
    step = 34.0 if len(licence.lines) <= FIVE_LINES else 26.0
    for number, line in enumerate(licence.lines, 1):
        if number % 2:
            page.setFillColor(WASH)
            page.rect(LEFT - 6, y - step + 3, RIGHT - LEFT + 12, step, stroke=0, fill=1)
        base = y - step / 2 + 3
        zh, en = _goods_name(line.key.entry)
        cells = (
            str(number), line.key.entry, "", line.key.element, _kg(line.amount.element_mg),
            _kg(line.amount.gross_mg) if line.amount.gross_mg else "—",
            f"{Decimal(line.amount.value_minor) / 100:,.2f}" if line.amount.value_minor else "—",
        )  # fmt: skip
        for (_, _, x, right), cell in zip(COLUMNS, cells, strict=True):
            _say(page, x, base - 1, cell, 9.5, INK, right=right, bold=x == COLUMNS[1][2])
        room = COLUMNS[3][2] - COLUMNS[2][2] - 10
        _say(page, COLUMNS[2][2], base + 4, _shortened(zh, 9.5, room), 9.5, INK)
        _say(page, COLUMNS[2][2], base - 7, _shortened(en, 7, room), 7, SOFT)
        y -= step
    _rule(page, y + 3, LINE, 0.6)


def _foot(page: Canvas, licence: Licence, text: str) -> None:
    bottom = 62.0
    _qr(page, text, RIGHT - QR_SIDE, bottom + 22, QR_SIDE)
    _say(page, RIGHT - QR_SIDE / 2, bottom + 10, "扫码离线验证  Scan to verify offline", 7, SOFT, centre=True)
    y = bottom + 22 + QR_SIDE - 8
    _say(page, LEFT, y, "查验", 10.5, DEEP, bold=True)
    _say(page, LEFT + 26, y, "Verification", 8.5, SOFT)
    for zh, en in (
        ("二维码内容即许可证本身，经数字签名；与纸面不符时以二维码为准。",
         "The symbol is the licence, digitally signed. Where the print differs, the symbol counts."),
        ("可用数量以账户为准；每次出口须登记，额度用尽即失效。",
         "What is left stands in the account; each export is posted, and nothing beyond the quantity."),
        ("暂停、撤销的许可证列于状态表；查验时须使用有效期内的状态表。",
         "Suspended and revoked licences stand on the status list; check against one that is in date."),
    ):  # fmt: skip
        y -= 21
        _say(page, LEFT, y, zh, 8.5, INK)
        _say(page, LEFT, y - 10, en, 7, SOFT)
        y -= 5
    y = bottom + 20
    rows = (
        ("签发时间 Issued", f"{licence.issued_at:%Y-%m-%d %H:%M} UTC"),
        ("签发方 Issuer", licence.issuer),
        ("管制清单 Control list", f"{shipped().id}  {licence.list_digest.hex()}"),
        ("状态表位置 Place in status list", f"{licence.status_index:,}"),
    )
    for name, value in reversed(rows):
        _say(page, LEFT, y, name, 7.5, PALE)
        _say(page, LEFT + 122, y, value, 7.5, SOFT)
        y += 11.5
    _rule(page, bottom - 8, DEEP, 0.9)
    _say(page, LEFT, bottom - 22, licence.number, 7.5, PALE)
    _say(page, RIGHT, bottom - 22, "第 1 页，共 1 页  Page 1 of 1", 7.5, PALE, right=True)


def _qr(page: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw the symbol as filled runs, level Q, four modules of quiet zone inside `side`."""
    import segno

    rows: list[Any] = [
        list(row) for row in segno.make(text, error="q", micro=False, boost_error=False).matrix
    ]
    module = side / (len(rows) + 8)
    page.setFillColor("#ffffff")
    page.rect(x, y, side, side, stroke=0, fill=1)
    page.setFillColor("#000000")
    path = page.beginPath()
    for number, row in enumerate(rows):
        start = None
        for column, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(
                    x + (4 + start) * module,
                    y + side - (5 + number) * module,
                    (column - start) * module,
                    module,
                )
                start = None
    page.drawPath(path, stroke=0, fill=1)


# -- setting text ---------------------------------------------------------------------------------


def _say(
    page: Canvas, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False,
    right: bool = False, centre: bool = False,
) -> None:  # fmt: skip
    page.setFont(BOLD if bold else REGULAR, size)
    page.setFillColor(colour)
    put = page.drawRightString if right else page.drawCentredString if centre else page.drawString
    put(x, y, text)


def _label(page: Canvas, x: float, y: float, zh: str, en: str) -> None:
    _say(page, x, y, zh, 8.5, SOFT)
    _say(page, x + _width(zh, 8.5) + 5, y, en, 7, PALE)


def _rule(page: Canvas, y: float, colour: str, width: float) -> None:
    page.setStrokeColor(colour)
    page.setLineWidth(width)
    page.line(LEFT - 6, y, RIGHT + 6, y)


def _width(text: str, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, REGULAR, size))


def _wrapped(page: Canvas, x: float, y: float, text: str, size: float, room: float) -> float:
    """Set a text on up to three lines; returns the last baseline."""
    from reportlab.lib.utils import simpleSplit

    lines: list[str] = []
    for rest in simpleSplit(text, REGULAR, size, room):
        left = rest
        while _width(left, size) > room:
            fits = next(n for n in range(len(left), 0, -1) if _width(left[:n], size) <= room)
            lines.append(left[:fits])
            left = left[fits:]
        lines.append(left)
    if len(lines) > 3:
        lines = [*lines[:2], _shortened(lines[2] + "…", size, room)]
    for number, line in enumerate(lines or ["—"]):
        _say(page, x, y - number * size * 1.35, line, size, INK)
    return y - (max(len(lines), 1) - 1) * size * 1.35


def _shortened(text: str, size: float, room: float) -> str:
    if _width(text, size) <= room:
        return text
    kept = text.rstrip("…")
    while kept and _width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"


def _goods_name(entry: str) -> tuple[str, str]:
    listed = shipped().by_code.get(entry)
    return (
        (listed.zh.partition("（")[0], listed.en.partition(" (")[0])
        if listed
        else (entry, "as the issuing list says")
    )


def _kg(mg: int) -> str:
    text = f"{Decimal(mg) / 10**6:,.6f}".rstrip("0")
    return text.rstrip(".")


def _day(day: date) -> str:
    return day.isoformat()
