"""PDF: pages, their text, the title. Through PDFium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, PageSize, Part
from sealtrace.errors import InputDamaged, InputEncrypted, InputTooLarge

MAX_POINTS = 14_400.0  # the largest page PDF allows: 200 inches (ISO 32000-1, annex C)


def open_document(path: Path) -> Any:
    """Open a PDF within bounds.

    Raises:
        InputEncrypted, InputDamaged, InputTooLarge.
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as e:
        # PDFium also says "password" of files that are merely broken: only an encrypted one has this key
        if "password" in str(e).lower() and b"/Encrypt" in path.read_bytes():
            raise InputEncrypted(f"{path.name} asks for a password") from e
        raise InputDamaged(f"{path.name} can't be opened as PDF: {e}") from e
    pages = len(document)
    if pages > bounds.PAGES:
        raise InputTooLarge(f"{path.name} has {pages} pages; at most {bounds.PAGES} are parsed")
    if pages == 0:
        raise InputDamaged(f"{path.name} has no pages that can be read")
    return document


def read(path: Path, kind: Kind) -> Content:
    """Read page sizes and text of every page."""
    document = open_document(path)
    sizes, parts, left = [], [], bounds.TEXT_CHARACTERS
    for number in range(len(document)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError as e:
            raise InputDamaged(f"{path.name}: page {number + 1} can't be read") from e
        width, height = page.get_size()
        if not (0 < width <= MAX_POINTS and 0 < height <= MAX_POINTS):
            raise InputDamaged(f"{path.name}: page {number + 1} has an impossible size")
        sizes.append(PageSize(width, height, "pt"))
        text = page.get_textpage().get_text_bounded() if left > 0 else ""
        left -= len(text)
        parts.append(Part(f"page {number + 1}", text.replace("\r\n", "\n").replace("\ufffe", "")))
        page.close()
    title = document.get_metadata_value("Title").strip()
    document.close()
    return Content(kind, title or None, tuple(parts), tuple(sizes))
