"""Machine-readable labels: a file's code as a QR code of its URN with the code printed beneath."""

from __future__ import annotations

import io
from pathlib import Path

from sealtrace.errors import UsageProblem
from sealtrace.ids import FileCode

from .home import storage_guard

SCALE = 8


def write_label(code: FileCode, out: Path) -> None:
    """Write the label as SVG or PNG, by the ending of `out`.

    Error correction Q (25 % of the symbol may be lost), four modules of quiet zone. Source: ISO/IEC 18004.

    Raises:
        UsageProblem: the ending is neither .svg nor .png.
    """
    import segno

    ending = out.suffix.lower().removeprefix(".")
    if ending not in ("svg", "png"):
        raise UsageProblem(f"a label is written as .svg or .png, not {out.suffix or 'without an ending'}")
    symbol = segno.make(code.urn, error="q", micro=False)
    made = io.BytesIO()
    symbol.save(made, kind=ending, scale=SCALE, border=4, **({"title": str(code)} if ending == "svg" else {}))
    with storage_guard(f"writing {out}"):
        out.write_bytes(made.getvalue())
