"""The demo's typefaces for each program that sets text: PDF writer, picture drawing, SVG renderer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDER = Path(__file__).resolve().parent / "fonts"
FAMILY = "Sealtrace Demo SC"
REGULAR, BOLD = FOLDER / "SealtraceDemoSC-Regular.ttf", FOLDER / "SealtraceDemoSC-Bold.ttf"
PDF_REGULAR, PDF_BOLD = "SealtraceDemoSC", "SealtraceDemoSC-Bold"


@cache
def register_pdf_fonts() -> None:
    """Make PDF_REGULAR and PDF_BOLD known to reportlab, with <b> leading from one to the other."""
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont(PDF_REGULAR, str(REGULAR)))
    registerFont(TTFont(PDF_BOLD, str(BOLD)))
    registerFontFamily(PDF_REGULAR, PDF_REGULAR, PDF_BOLD, PDF_REGULAR, PDF_BOLD)


@cache
def drawn(size_px: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Give the typeface for drawing on pictures, `size_px` pixels to the em."""
    return ImageFont.truetype(str(BOLD if bold else REGULAR), size_px, layout_engine=ImageFont.Layout.BASIC)


def render_svg(svg: str, width_px: int) -> bytes:
    """Render an SVG to PNG, `width_px` wide, with these typefaces and no others."""
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=width_px,
            background="#ffffff",
            skip_system_fonts=True,
            font_files=[str(REGULAR), str(BOLD)],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    )
