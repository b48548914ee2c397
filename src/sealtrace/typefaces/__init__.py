"""The typefaces of what is printed for outsiders: licences and reports on evidence."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FAMILY = "Sealtrace SC"
REGULAR, BOLD = "SealtraceSC-Regular", "SealtraceSC-Bold"


@cache
def register() -> None:
    """Make REGULAR and BOLD known to the PDF writer."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (REGULAR, BOLD):
        registerFont(TTFont(name, str(FOLDER / f"{name}.ttf")))


@cache
def characters(face: str) -> frozenset[str]:
    """Every character that a face can set."""
    from reportlab.pdfbase.pdfmetrics import getFont

    register()
    return frozenset(map(chr, getFont(face).face.charToGlyph))


def missing(texts: Iterable[str], face: str = REGULAR) -> list[str]:
    """The characters of `texts` that a face can't set, in order."""
    return sorted({c for text in texts for c in text} - characters(face))
