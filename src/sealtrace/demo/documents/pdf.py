"""Set a bilingual document as PDF: A4, vector, text selectable, the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid
from reportlab.platypus.tableofcontents import TableOfContents

from sealtrace.demo.typeface import PDF_BOLD, PDF_REGULAR, register_pdf_fonts

from . import cover
from .blocks import Block, Both, Cell, Document, Figure, Heading, Notice, Paragraph, Steps, Table
from .pdf_pages import MARGIN, TEAL, Numbered, furnish

LINE = A4[0] - 2 * MARGIN
BODY_GREY = HexColor("#55626B")
RULE, BAND = HexColor("#C9D2D6"), HexColor("#F4F7F8")
ALIGN = {"l": TA_LEFT, "c": TA_CENTER, "r": TA_RIGHT}


def _style(name: str, size: float, leading: float, *, bold: bool = False, **more: Any) -> ParagraphStyle:
    more.setdefault("textColor", HexColor("#1D262C"))
    return ParagraphStyle(
        name, fontName=PDF_BOLD if bold else PDF_REGULAR, fontSize=size, leading=leading, **more
    )


ZH = _style("zh", 9.8, 16.2, wordWrap="CJK", spaceBefore=3)
EN = _style("en", 8.7, 12.9, textColor=BODY_GREY, spaceBefore=2, spaceAfter=6)
HEAD = {
    1: _style("h1", 13, 18, bold=True, spaceBefore=15, spaceAfter=5, textColor=TEAL),
    2: _style("h2", 10.6, 15, bold=True, spaceBefore=9, spaceAfter=2, textColor=TEAL),
}
CAPTION = _style("caption", 8.4, 12, wordWrap="CJK", textColor=BODY_GREY, spaceBefore=7, spaceAfter=4)


def write_pdf(document: Document, draw: Callable[[str], Any], out: Path) -> None:
    """Write the document; `draw` gives a figure's drawing by its name."""
    register_pdf_fonts()
    template = _Template(str(out), document)
    contents = TableOfContents()
    contents.dotsMinLevel = 0
    contents.levelStyles = [_style("toc", 9.2, 15.4, rightIndent=6)]
    story: list[Flowable] = [*cover.first_page(document, contents, LINE)]
    for block in document.blocks:
        story += _set(block, draw)
    template.multiBuild(story, canvasmaker=Numbered)


class _Template(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no type information
    """A4 with one frame; header and footer come from the page furniture; headings go to the contents."""

    def __init__(self, path: str, document: Document) -> None:
        super().__init__(
            path,
            pagesize=A4,
            invariant=1,
            title=f"{document.title.zh} {document.title.en}",
            author=f"{document.organisation.zh} {document.organisation.en}",
            subject=f"{document.number} Rev. {document.revision}",
            lang="zh-CN",
        )
        frame = Frame(MARGIN, 22 * mm, LINE, A4[1] - 48 * mm, 0, 0, 0, 0)
        self.addPageTemplates(
            PageTemplate("page", [frame], onPage=lambda canvas, _t: furnish(canvas, document))
        )

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 (reportlab calls it)
        """Enter each first-level heading in the contents and the outline."""
        entry = getattr(flowable, "contents_entry", None)
        if entry is not None:
            key = f"section-{entry[0]}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(f"{entry[0]}  {entry[1]}", key, 0, closed=True)
            self.notify(
                "TOCEntry", (0, f"{escape(entry[0])}&nbsp;&nbsp;&nbsp;{escape(entry[1])}", self.page, key)
            )


# -- blocks --------------------------------------------------------------------------------------


def _set(block: Block, draw: Callable[[str], Any]) -> list[Flowable]:
    match block:
        case Heading():
            return _heading(block)
        case Paragraph(text):
            return [KeepTogether([Text(escape(text.zh), ZH), Text(escape(text.en), EN)])]
        case Steps(items):
            return [_step(i, item) for i, item in enumerate(items, 1)]
        case Notice(text):
            return [_notice(text)]
        case Table():
            return _table(block)
        case Figure(number, caption, name):
            drawing = draw(name)
            drawing.hAlign = "CENTER"
            label = _style(
                "figure", 8.4, 12, wordWrap="CJK", textColor=BODY_GREY, alignment=TA_CENTER, spaceAfter=8
            )
            return [
                KeepTogether(
                    [
                        Spacer(1, 8),
                        drawing,
                        Spacer(1, 6),
                        Text(_label("图", "Figure", number, caption), label),
                    ]
                )
            ]


def _heading(block: Heading) -> list[Flowable]:
    words = f"{escape(block.number)}&nbsp;&nbsp;{escape(block.text.zh)}"
    made = Text(
        f'{words}&nbsp;&nbsp;<font size="{10 if block.level == 1 else 9}">{escape(block.text.en)}</font>',
        HEAD[block.level],
    )
    if block.level == 1:
        made.contents_entry = (block.number, f"{block.text.zh}  {block.text.en}")
    made.keepWithNext = 1
    return [CondPageBreak((58 if block.level == 1 else 40) * mm), made]


def _step(number: int, text: Both) -> Flowable:
    mark = Text(f"{number}", _style("mark", 9.4, 16, bold=True, textColor=TEAL, alignment=TA_RIGHT))
    grid = Grid([[mark, [Text(escape(text.zh), ZH), Text(escape(text.en), EN)]]], [9 * mm, LINE - 9 * mm])
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *_padding(0, 0),
            ("RIGHTPADDING", (0, 0), (0, 0), 7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return grid


def _notice(text: Both) -> Flowable:
    mark = Text("注意", _style("mark", 9.4, 15, bold=True, textColor=HexColor("#9A4B12"), wordWrap="CJK"))
    grid = Grid([[mark, [Text(escape(text.zh), ZH), Text(escape(text.en), EN)]]], [16 * mm, LINE - 16 * mm])
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, -1), HexColor("#FBF3EA")),
            ("LINEBEFORE", (0, 0), (0, -1), 2.4, HexColor("#C97B3A")),
            *_padding(4, 9),
        ]
    )
    grid.spaceBefore = grid.spaceAfter = 8
    return grid


def _label(zh: str, en: str, number: str, caption: Both) -> str:
    chinese = f"<b>{zh} {escape(number)}</b>&nbsp;&nbsp;{escape(caption.zh)}"
    return f"{chinese}&nbsp;&nbsp;{en} {escape(number)}. {escape(caption.en)}"


def _table(block: Table) -> list[Flowable]:
    head = [_cell(cell, block.align[i], head=True) for i, cell in enumerate(block.head)]
    rows = [[_cell(cell, block.align[i]) for i, cell in enumerate(row)] for row in block.rows]
    grid = Grid([head, *rows], [w * LINE for w in block.widths], repeatRows=1)
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("BACKGROUND", (0, 0), (-1, 0), TEAL),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [HexColor("#FFFFFF"), BAND]),
            ("LINEBELOW", (0, 1), (-1, -2), 0.4, RULE),
            ("LINEBELOW", (0, -1), (-1, -1), 0.9, TEAL),
            *_padding(3.2, 5),
            *(("LEFTPADDING", (i, 0), (i, -1), 14) for i in _after_numbers(block.align)),
        ]
    )
    caption = Text(_label("表", "Table", block.number, block.caption), CAPTION)
    if len(rows) <= 6:
        return [KeepTogether([caption, grid]), Spacer(1, 8)]
    return [CondPageBreak(44 * mm), caption, grid, Spacer(1, 8)]


def _after_numbers(align: str) -> list[int]:
    """Text columns that stand right of a column of numbers and need air before them."""
    return [i for i in range(1, len(align)) if align[i - 1] == "r" and align[i] == "l"]


def _cell(cell: Cell, align: str, *, head: bool = False) -> list[Flowable]:
    """A cell's paragraphs: Chinese over English, or one plain text whose second line is small."""
    zh, en = (
        (cell.zh, cell.en) if isinstance(cell, Both) else (cell.partition("\n")[0], cell.partition("\n")[2])
    )
    white = {"textColor": HexColor("#FFFFFF")} if head else {}
    big = _style("cell", 8.8, 12, bold=head, wordWrap="CJK", alignment=ALIGN[align], **white)
    quiet = {"textColor": HexColor("#D6E4E8") if head else BODY_GREY}
    small = _style("cell-en", 7.4, 9.6, alignment=ALIGN[align], **quiet)
    return [Text(escape(zh), big), *([Text(escape(en), small)] if en else [])]


def _padding(vertical: float, horizontal: float) -> list[tuple[Any, ...]]:
    sides = {"TOP": vertical, "BOTTOM": vertical, "LEFT": horizontal, "RIGHT": horizontal}
    return [(f"{side}PADDING", (0, 0), (-1, -1), value) for side, value in sides.items()]
