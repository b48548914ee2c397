"""What stands on each page of the PDF beside its text: header, footer, page number of the total."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sealtrace.demo.typeface import PDF_BOLD, PDF_REGULAR

from .blocks import Document

MARGIN = 22 * mm
TEAL = HexColor("#1F4E5F")
QUIET = HexColor("#7B8790")
WIDTH, HEIGHT = A4


class Numbered(Canvas):  # type: ignore[misc]  # reportlab has no type information
    """A canvas that knows the number of pages: each is finished when all have been laid out."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 (reportlab calls it)
        """Keep the page for later."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write the page numbers, then the file."""
        for page in self._pages:
            self.__dict__.update(page)
            self.setFont(PDF_REGULAR, 7.6)
            self.setFillColor(QUIET)
            number, total = self._pageNumber, len(self._pages)
            self.drawRightString(
                WIDTH - MARGIN, 12.4 * mm, f"第 {number} 页 / 共 {total} 页   Page {number} of {total}"
            )
            super().showPage()
        super().save()


def furnish(canvas: Canvas, document: Document) -> None:
    """Draw header and footer. The first page has no running title: its own stands there."""
    canvas.saveState()
    canvas.setStrokeColor(TEAL)
    canvas.setLineWidth(0.7)
    canvas.line(MARGIN, HEIGHT - 19 * mm, WIDTH - MARGIN, HEIGHT - 19 * mm)
    canvas.setFillColor(TEAL)
    canvas.setFont(PDF_BOLD, 8)
    canvas.drawString(MARGIN, HEIGHT - 16.4 * mm, f"{document.number}   Rev. {document.revision}")
    canvas.setFont(PDF_REGULAR, 8)
    if canvas.getPageNumber() > 1:
        canvas.drawCentredString(WIDTH / 2, HEIGHT - 16.4 * mm, document.title.zh)
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 16.4 * mm, f"{document.level.zh}   {document.level.en}")
    canvas.setStrokeColor(HexColor("#C9D2D6"))
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, 17 * mm, WIDTH - MARGIN, 17 * mm)
    canvas.setFont(PDF_REGULAR, 7.6)
    canvas.setFillColor(QUIET)
    canvas.drawString(MARGIN, 12.4 * mm, f"{document.organisation.zh}   {document.organisation.en}")
    canvas.setFont(PDF_REGULAR, 6.4)
    canvas.drawString(MARGIN, 8.6 * mm, f"{document.disclaimer.zh}   {document.disclaimer.en}")
    canvas.restoreState()
