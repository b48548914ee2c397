"""Header and footer of the DOCX, with page numbers that the word processor fills in."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from .blocks import Document

TEAL, QUIET = RGBColor(0x1F, 0x4E, 0x5F), RGBColor(0x7B, 0x87, 0x90)
LINE = Mm(166)


def header(made: Any, document: Document) -> None:
    """Number and revision at the left, level at the right, a rule beneath."""
    paragraph = _line(made, made.sections[0].header)
    _run(paragraph, f"{document.number}   Rev. {document.revision}\t", 8, TEAL, bold=True)
    _run(paragraph, f"{document.level.zh}   {document.level.en}", 8, TEAL)
    _rule(paragraph, "bottom", 6, "1F4E5F")


def footer(made: Any, document: Document) -> None:
    """Organisation at the left, page of pages at the right, the disclaimer beneath."""
    part = made.sections[0].footer
    paragraph = _line(made, part)
    _rule(paragraph, "top", 4, "C9D2D6")
    _run(paragraph, f"{document.organisation.zh}   {document.organisation.en}\t", 7.5, QUIET)
    for before, field in (
        ("第 ", "PAGE"),
        (" 页 / 共 ", "NUMPAGES"),
        (" 页   Page ", "PAGE"),
        (" of ", "NUMPAGES"),
    ):
        _run(paragraph, before, 7.5, QUIET)
        _field(paragraph, field)
    second = part.add_paragraph()
    _run(second, f"{document.disclaimer.zh}   {document.disclaimer.en}", 6.5, QUIET)


def _line(made: Any, part: Any) -> Any:
    """The first line of a header or footer, without that style's own tab stops."""
    paragraph = part.paragraphs[0]
    paragraph.style = made.styles["Normal"]
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(LINE, WD_TAB_ALIGNMENT.RIGHT)
    return paragraph


def _run(paragraph: Any, text: str, size: float, colour: RGBColor, *, bold: bool = False) -> Any:
    made = paragraph.add_run(text)
    made.font.size, made.font.color.rgb, made.bold = Pt(size), colour, bold
    return made


def _field(paragraph: Any, instruction: str) -> None:
    """Add a field; the 1 shown is replaced when the document is laid out."""
    for kind, text in (
        ("begin", None),
        (None, instruction),
        ("separate", None),
        ("shown", "1"),
        ("end", None),
    ):
        if kind == "shown":
            element = OxmlElement("w:t")
            element.text = text
        elif kind is None:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = f" {text} "
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        _run(paragraph, "", 7.5, QUIET)._r.append(element)


def _rule(paragraph: Any, side: str, size: int, colour: str) -> None:
    borders, edge = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(size)), ("space", "4"), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)
    paragraph._p.get_or_add_pPr().append(borders)
