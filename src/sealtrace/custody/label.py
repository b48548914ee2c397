"""Machine-readable labels: a file's code as a QR code of its URN, with the code printed beneath for people."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from sealtrace.errors import UsageProblem
from sealtrace.ids import FileCode

from .home import storage_guard

if TYPE_CHECKING:
    import segno

MODULE = 8  # pixels, or user units, a module
QUIET = 4  # modules around the symbol. Source: ISO/IEC 18004, 9.1
LINE = 5  # modules for the printed code


def write_label(code: FileCode, out: Path) -> None:
    """Write the label as SVG or PNG, by the ending of `out`.

    Error correction Q (25 % of the symbol may be lost). Source: ISO/IEC 18004.

    Raises:
        UsageProblem: the ending is neither .svg nor .png.
    """
    import segno

    ending = out.suffix.lower().removeprefix(".")
    if ending not in ("svg", "png"):
        raise UsageProblem(f"a label is written as .svg or .png, not {out.suffix or 'without an ending'}")
    symbol = segno.make(code.urn, error="q", micro=False)
    made = _svg(symbol, str(code)) if ending == "svg" else _png(symbol, str(code))
    with storage_guard(f"writing {out}"):
        out.write_bytes(made)


def _sides(symbol: segno.QRCode) -> tuple[int, int]:
    """Width and height of the label."""
    side = int(symbol.symbol_size(MODULE, QUIET)[0])
    return side, side + LINE * MODULE


def _svg(symbol: segno.QRCode, code: str) -> bytes:
    inner = io.BytesIO()
    symbol.save(inner, kind="svg", scale=MODULE, border=QUIET, xmldecl=False, light="#fff", nl=False)
    width, height = _sides(symbol)
    drawn = inner.getvalue().decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<title>{escape(code)}</title>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>{drawn}'
        f'<text x="{width / 2}" y="{height - 2 * MODULE}" text-anchor="middle" font-family="monospace"'
        f' font-size="{3 * MODULE}">{escape(code)}</text></svg>\n'
    ).encode()


def _png(symbol: segno.QRCode, code: str) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    inner, out = io.BytesIO(), io.BytesIO()
    symbol.save(inner, kind="png", scale=MODULE, border=QUIET)
    width, height = _sides(symbol)
    label = Image.new("L", (width, height), 255)
    label.paste(Image.open(inner).convert("L"))
    ImageDraw.Draw(label).text(
        (width / 2, height - 3 * MODULE), code, fill=0, anchor="mm", font=ImageFont.load_default(3 * MODULE)
    )
    label.save(out, "PNG")
    return out.getvalue()
