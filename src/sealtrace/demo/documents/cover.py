"""The PDF's first page: title, facts at a glance, approvals, revisions, contents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, PageBreak, Spacer, Table
from reportlab.platypus import Paragraph as Text

from sealtrace.demo.typeface import PDF_BOLD, PDF_REGULAR

from .blocks import Both, Document
from .pdf_pages import QUIET, TEAL

RULE = HexColor("#C9D2D6")


def _text(text: str, size: float, *, bold: bool = False, colour: Any = None, leading: float = 1.45) -> Text:
    style = ParagraphStyle(
        "cover",
        fontName=PDF_BOLD if bold else PDF_REGULAR,
        fontSize=size,
        leading=size * leading,
        textColor=colour or HexColor("#1D262C"),
    )
    return Text(text, style)


def first_page(document: Document, contents: Flowable, line: float) -> list[Flowable]:
    """Lay out the first page; `line` is the width of the text in points."""
    return [
        Spacer(1, 26),
        _text(f"{document.organisation.zh}　{document.organisation.en}", 9.5, colour=QUIET),
        Spacer(1, 10),
        _text(document.title.zh, 25, bold=True, colour=TEAL, leading=1.35),
        Spacer(1, 2),
        _text(document.title.en, 14, colour=TEAL, leading=1.35),
        Spacer(1, 12),
        _text(document.subtitle.zh, 11.5, bold=True),
        _text(document.subtitle.en, 9.5, colour=QUIET),
        Spacer(1, 18),
        _facts(document.facts, line),
        Spacer(1, 20),
        _side_by_side(document, line),
        Spacer(1, 20),
        _section(Both("目录", "Contents")),
        Spacer(1, 3),
        contents,
        PageBreak(),
    ]


def _section(text: Both) -> Text:
    return _text(
        f'{text.zh}&nbsp;&nbsp;<font name="{PDF_REGULAR}" size="8.6">{text.en}</font>',
        10.5,
        bold=True,
        colour=TEAL,
    )


def _facts(facts: Sequence[tuple[Both, str]], line: float) -> Table:
    cells = [
        [
            _text(value, 11.2, bold=True, leading=1.4),
            _text(name.zh, 8.4, colour=QUIET),
            _text(name.en, 7.4, colour=QUIET),
        ]
        for name, value in facts
    ]
    shares = (0.34, 0.2, 0.19, 0.27)
    table = Table([cells], [share * line for share in shares])
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor("#F4F7F8")),
            ("LINEABOVE", (0, 0), (-1, 0), 1.4, TEAL),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return table


def _side_by_side(document: Document, line: float) -> Table:
    """Approvals on the left, revisions on the right."""
    approvals = [
        [_text(f"{role.zh} {role.en}", 8.4, colour=QUIET), _text(f"{who.zh} {who.en}", 8.8), _text(date, 8.4)]
        for role, who, date in document.approvals
    ]
    history = [
        [
            _text(revision, 9, bold=True, colour=TEAL),
            _text(date, 8.4),
            [_text(what.zh, 8.6), _text(what.en, 7.4, colour=QUIET)],
        ]
        for revision, date, what in document.history
    ]
    left, right = 0.47 * line, 0.49 * line
    parts = [
        [
            _section(Both("签批", "Approvals")),
            Spacer(1, 4),
            _lined(approvals, [0.32 * left, 0.41 * left, 0.27 * left]),
        ],
        "",
        [
            _section(Both("修订", "Revisions")),
            Spacer(1, 4),
            _lined(history, [0.08 * right, 0.24 * right, 0.68 * right]),
        ],
    ]
    table = Table([parts], [left, line - left - right, right])
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *[(f"{s}PADDING", (0, 0), (-1, -1), 0) for s in ("LEFT", "RIGHT", "TOP", "BOTTOM")],
        ]
    )
    return table


def _lined(rows: list[list[Any]], widths: list[float]) -> Table:
    table = Table(rows, widths)
    table.setStyle(
        [
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, TEAL),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 3.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ]
    )
    return table
