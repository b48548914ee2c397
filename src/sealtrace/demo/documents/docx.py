"""Set a bilingual document as DOCX: styles, real tables, header, footer with page numbers."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docx import Document as NewDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from sealtrace.demo.packing import settle_package

from .blocks import Block, Both, Cell, Document, Figure, Heading, Notice, Paragraph, Steps, Table
from .docx_frame import footer, header

LATIN, CHINESE = "Arial", "Noto Sans CJK SC"  # Word puts its own in place of a typeface it lacks
TEAL, GREY, WARM = RGBColor(0x1F, 0x4E, 0x5F), RGBColor(0x55, 0x62, 0x6B), RGBColor(0x9A, 0x4B, 0x12)
LINE_MM = 166.0
ALIGN = {"l": WD_ALIGN_PARAGRAPH.LEFT, "c": WD_ALIGN_PARAGRAPH.CENTER, "r": WD_ALIGN_PARAGRAPH.RIGHT}
FIGURE_DPI = 300


def write_docx(document: Document, draw: Callable[[str], Any], out: Path) -> None:
    """Write the document; `draw` gives a figure's drawing by its name, which is set as a picture."""
    made = NewDocument()
    _page(made)
    _styles(made)
    properties = made.core_properties
    properties.title = f"{document.title.zh} {document.title.en}"
    properties.author, properties.subject = (
        document.organisation.en,
        f"{document.number} Rev. {document.revision}",
    )
    header(made, document)
    footer(made, document)
    _first_page(made, document)
    for block in document.blocks:
        _set(made, block, draw)
    made.save(str(out))
    settle_package(out)


def _page(made: Any) -> None:
    section = made.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(26), Mm(22)
    section.header_distance, section.footer_distance = Mm(12), Mm(9)


def _styles(made: Any) -> None:
    base = made.styles["Normal"]
    _typeface(base, 10)
    base.paragraph_format.space_after = Pt(2)
    base.paragraph_format.line_spacing = 1.25
    for name, size, before, after in (
        ("Heading 1", 14, 16, 5),
        ("Heading 2", 11.5, 10, 3),
        ("Title", 25, 0, 2),
    ):
        style = made.styles[name]
        _typeface(style, size)
        style.font.bold, style.font.color.rgb = True, TEAL
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = True
    rule = made.styles["Title"].element.find(qn("w:pPr")).find(qn("w:pBdr"))
    if rule is not None:  # the template's blue line under titles
        rule.getparent().remove(rule)
    caption = made.styles["Caption"]
    _typeface(caption, 8.5)
    caption.font.bold, caption.font.color.rgb = False, GREY


def _typeface(style: Any, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), CHINESE)


def run(
    paragraph: Any, text: str, size: float | None = None, *, bold: bool | None = None, colour: Any = None
) -> None:
    """Add a run of text."""
    made = paragraph.add_run(text)
    made.bold = bold
    made.font.size = Pt(size) if size else None
    if colour is not None:
        made.font.color.rgb = colour


# -- first page ----------------------------------------------------------------------------------


def _first_page(made: Any, document: Document) -> None:
    top = made.add_paragraph()
    top.paragraph_format.space_before = Pt(14)
    run(top, f"{document.organisation.zh}  {document.organisation.en}", 9.5, colour=GREY)
    made.add_paragraph(document.title.zh, style="Title")
    for text, size, bold, colour in (
        (document.title.en, 14, False, TEAL),
        (document.subtitle.zh, 11.5, True, None),
        (document.subtitle.en, 9.5, False, GREY),
    ):
        run(made.add_paragraph(), text, size, bold=bold, colour=colour)
    facts = tuple((name, value) for name, value in document.facts)
    _gap(made)
    _table(made, ("项目\nItem", "设计值\nDesign"), facts, (0.45, 0.55), "ll")
    _gap(made)
    approvals = tuple((role, who, date) for role, who, date in document.approvals)
    _table(made, ("签批\nApproval", "姓名\nName", "日期\nDate"), approvals, (0.3, 0.4, 0.3), "lll")
    _gap(made)
    history = tuple((revision, date, what) for revision, date, what in document.history)
    _table(made, ("版次\nRev.", "日期\nDate", "内容\nChange"), history, (0.12, 0.2, 0.68), "cll")
    made.add_page_break()


def _gap(made: Any) -> None:
    """A line of air, half as high as a line of text."""
    form = made.add_paragraph().paragraph_format
    form.space_after, form.line_spacing = Pt(0), Pt(9)


# -- blocks --------------------------------------------------------------------------------------


def _set(made: Any, block: Block, draw: Callable[[str], Any]) -> None:
    match block:
        case Heading(number, text, level):
            heading = made.add_heading("", level)
            run(heading, f"{number}  {text.zh}  ")
            run(heading, text.en, 10.5 if level == 1 else 9.5)
        case Paragraph(text):
            _both(made, text)
        case Steps(items):
            for position, item in enumerate(items, 1):
                _step(made, position, item)
        case Notice(text):
            _notice(made, text)
        case Table(number, caption, head, rows, widths, align):
            _caption(made, "表", "Table", number, caption, keep=True)
            _table(made, head, rows, widths, align)
            _gap(made)
        case Figure(number, caption, name):
            paragraph = made.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.keep_with_next = True
            paragraph.add_run().add_picture(io.BytesIO(picture(draw(name))), width=Mm(160))
            _caption(made, "图", "Figure", number, caption, keep=False).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _both(made: Any, text: Both) -> None:
    zh = made.add_paragraph(text.zh)
    zh.paragraph_format.keep_with_next = True
    en = made.add_paragraph()
    run(en, text.en, 8.8, colour=GREY)
    en.paragraph_format.space_after = Pt(6)
    zh.paragraph_format.keep_together = en.paragraph_format.keep_together = True


def _step(made: Any, number: int, text: Both) -> None:
    for zh, words in ((True, text.zh), (False, text.en)):
        paragraph = made.add_paragraph()
        form = paragraph.paragraph_format
        form.left_indent, form.first_line_indent = Mm(9), Mm(-6) if zh else Mm(0)
        form.tab_stops.add_tab_stop(Mm(9), WD_TAB_ALIGNMENT.LEFT)
        form.keep_with_next = zh
        if zh:
            run(paragraph, f"{number}\t", bold=True, colour=TEAL)
        run(paragraph, words, None if zh else 8.8, colour=None if zh else GREY)


def _notice(made: Any, text: Both) -> None:
    _gap(made)
    table = made.add_table(1, 2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _fix(table, (0.1, 0.9))
    mark, words = table.rows[0].cells
    for cell in (mark, words):
        _shade(cell, "FBF3EA")
    run(mark.paragraphs[0], "注意", bold=True, colour=WARM)
    run(words.paragraphs[0], text.zh)
    run(words.add_paragraph(), text.en, 8.8, colour=GREY)
    _gap(made)


def _caption(made: Any, zh: str, en: str, number: str, caption: Both, *, keep: bool) -> Any:
    paragraph = made.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = keep
    run(paragraph, f"{zh} {number}  ", bold=True)
    run(paragraph, f"{caption.zh}  {en} {number}. {caption.en}")
    return paragraph


def _table(
    made: Any,
    head: tuple[Cell, ...],
    rows: tuple[tuple[Cell, ...], ...],
    widths: tuple[float, ...],
    align: str,
) -> None:
    table = made.add_table(len(rows) + 1, len(head))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _fix(table, widths)
    _rules(table)
    for r, cells in enumerate((head, *rows)):
        row = table.rows[r]
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if r == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for c, content in enumerate(cells):
            if r == 0 or r % 2 == 0:
                _shade(row.cells[c], "1F4E5F" if r == 0 else "F4F7F8")
            _fill(row.cells[c], content, align[c], head=r == 0)


def _fill(cell: Any, content: Cell, align: str, *, head: bool) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    zh, en = (content.zh, content.en) if isinstance(content, Both) else (*content.split("\n"), "")[:2]
    white = RGBColor(0xFF, 0xFF, 0xFF) if head else None
    for i, (text, size, colour) in enumerate(
        ((zh, 9, white), (en, 7.5, RGBColor(0xD6, 0xE4, 0xE8) if head else GREY))
    ):
        if not text:
            continue
        paragraph = cell.add_paragraph() if i else cell.paragraphs[0]
        paragraph.alignment = ALIGN[align]
        paragraph.paragraph_format.space_before = Pt(0 if i else 2.5)
        paragraph.paragraph_format.space_after = Pt(2.5 if i or not en else 0)
        paragraph.paragraph_format.line_spacing = 1.0
        run(paragraph, text, size, bold=head and not i, colour=colour)


def _fix(table: Any, widths: tuple[float, ...]) -> None:
    """Give every column its share of the line; Word and LibreOffice both need it on the cells."""
    table.autofit = False
    for row in table.rows:
        for cell, share in zip(row.cells, widths, strict=True):
            cell.width = Mm(LINE_MM * share)
    for column, share in zip(table.columns, widths, strict=True):
        column.width = Mm(LINE_MM * share)


def _rules(table: Any) -> None:
    """Thin lines between rows, a strong one beneath the table, none upright."""
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (("bottom", 8, "1F4E5F"), ("insideH", 4, "C9D2D6")):
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", colour)):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    table._tbl.tblPr.append(borders)


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def picture(drawing: Any) -> bytes:
    """Render a figure to PNG at FIGURE_DPI, by way of a one-page PDF."""
    import pypdfium2
    from reportlab.graphics import renderPDF

    page = pypdfium2.PdfDocument(renderPDF.drawToString(drawing))[0]
    out = io.BytesIO()
    page.render(scale=FIGURE_DPI / 72).to_pil().save(out, "PNG", dpi=(FIGURE_DPI, FIGURE_DPI))
    return out.getvalue()
