"""Pages as pictures: the canonical raster, on which marks are laid and leaks are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sealtrace import sandbox
from sealtrace.errors import InputDamaged, SealtraceError

from . import bounds
from .kinds import IMAGES, Kind
from .model import PageSize

Raster = NDArray[np.uint8]
DPI = 150
LIMITS = sandbox.Limits(seconds=bounds.SECONDS)


def canonical_size(page: PageSize) -> tuple[int, int]:
    """Return (width, height) in pixels of a page's canonical raster.

    PDF: 150 dpi of the visible box, rounded up; pictures: native pixels. Long side at most 3,000.
    """
    if page.unit == "pt":
        scale = pdf_scale(page.width, page.height)
        return math.ceil(page.width * scale), math.ceil(page.height * scale)
    shrink = min(1.0, bounds.LONG_SIDE / max(page.width, page.height))
    return max(1, round(page.width * shrink)), max(1, round(page.height * shrink))


def pdf_scale(width_pt: float, height_pt: float) -> float:
    """Pixels per point of a PDF page's canonical raster."""
    return min(DPI / 72, bounds.LONG_SIDE / max(width_pt, height_pt))


def render(path: Path, kind: Kind, page: int) -> Raster:
    """Render one page, counted from 0: (height, width, 3) RGB. In the sandbox.

    Raises:
        InputDamaged, InputTooLarge, InputRefused: it can't be drawn.
    """
    return render_many(path, kind, [page])[0]


def render_many(path: Path, kind: Kind, pages: Sequence[int]) -> list[Raster]:
    """Render several pages in one call to the sandbox."""
    return sandbox.call(render_here, path.absolute(), kind, list(pages), limits=LIMITS)


def render_here(path: Path, kind: Kind, pages: Sequence[int]) -> list[Raster]:
    """Render in this process. Only for the sandbox and for bytes we made ourselves."""
    try:
        if kind is Kind.PDF:
            return _pdf(path, pages)
        if kind in IMAGES:
            return [_picture(path, kind, page) for page in pages]
        if kind is Kind.SVG:
            return [_svg(path)]
    except (SealtraceError, MemoryError):
        raise
    except Exception as e:  # whatever a foreign renderer trips over on bad bytes is damage to us
        raise InputDamaged(f"{path.name} can't be drawn: {type(e).__name__}: {e}"[:300]) from e
    raise InputDamaged(f"{path.name} ({kind}) has no pages to draw")


def _pdf(path: Path, pages: Sequence[int]) -> list[Raster]:
    from .readers.pdf import open_document

    document = open_document(path)
    document.init_forms()
    try:
        return [_pdf_page(document[page]) for page in pages]
    finally:
        document.close()


def _pdf_page(page: Any) -> Raster:
    bitmap = page.render(
        scale=pdf_scale(*page.get_size()), may_draw_forms=True, rev_byteorder=True, no_smoothpath=False
    )
    drawn = bitmap.to_numpy()
    copied = (
        np.ascontiguousarray(drawn[:, :, :3]) if drawn.ndim == 3 else np.repeat(drawn[:, :, None], 3, axis=2)
    )
    bitmap.close()
    return copied


def _picture(path: Path, kind: Kind, frame: int) -> Raster:
    """A frame as it is shown: EXIF orientation applied, alpha over white, 16 bits scaled to 8."""
    from PIL import Image, ImageOps

    from .readers.image import opened

    with opened(path, kind) as picture:
        picture.seek(frame)
        shown = ImageOps.exif_transpose(picture)
        assert shown is not None
        if shown.mode.startswith(("I", "F")):
            shown = _to_eight_bits(shown)
        if shown.mode in ("RGBA", "LA", "PA") or "transparency" in shown.info:
            over = Image.new("RGBA", shown.size, "white")
            over.alpha_composite(shown.convert("RGBA"))
            shown = over
        shown = shown.convert("RGB")
        width, height = canonical_size(PageSize(shown.width, shown.height, "px"))
        if (width, height) != shown.size:
            shown = shown.resize((width, height), Image.Resampling.BOX, reducing_gap=None)
        return np.array(shown)


def _to_eight_bits(picture: Any) -> Any:
    from PIL import Image

    values = np.asarray(picture).astype(np.float64)
    top = 65535.0 if picture.mode.startswith("I") else max(float(values.max()), 1e-9)
    return Image.fromarray(np.clip(np.rint(values * 255 / top), 0, 255).astype(np.uint8))


def _svg(path: Path, zoom: int = 1) -> Raster:
    import io

    import resvg_py
    from PIL import Image

    from .readers.svg import read

    size = read(path, Kind.SVG).pages[0]
    data = resvg_py.svg_to_bytes(
        svg_string=path.read_text("utf-8-sig"),
        width=int(size.width) * zoom,
        height=int(size.height) * zoom,
        background="white",
        dpi=96.0,
    )
    with Image.open(io.BytesIO(bytes(data))) as drawn:
        return np.array(drawn.convert("RGB"))


Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""


def render_part(path: Path, kind: Kind, page: int, zoom: int, box: Box) -> Raster:
    """Render a part of one page, counted from 0, at `zoom` times its canonical raster. In the sandbox.

    `box` lies within the zoomed raster. Raises as `render`.
    """
    return sandbox.call(render_part_here, path.absolute(), kind, page, zoom, box, limits=LIMITS)


def render_part_here(path: Path, kind: Kind, page: int, zoom: int, box: Box) -> Raster:
    """Render a part in this process. Only for the sandbox."""
    left, top, width, height = box
    if kind is Kind.PDF:
        return _pdf_part(path, page, zoom, box)
    if kind is Kind.SVG:
        return np.ascontiguousarray(_svg(path, zoom)[top : top + height, left : left + width])
    import cv2

    whole = render_here(path, kind, [page])[0]  # a picture has no more pixels than it has: it is enlarged
    size = whole.shape[1] * zoom, whole.shape[0] * zoom
    enlarged = cv2.resize(whole, size, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(enlarged[top : top + height, left : left + width], dtype=np.uint8)


def _pdf_part(path: Path, page: int, zoom: int, box: Box) -> Raster:
    """Only the part is drawn: the rest is cropped before drawing, in whole pixels."""
    from .readers.pdf import open_document

    left, top, width, height = box
    document = open_document(path)
    document.init_forms()
    try:
        drawn = document[page]
        scale = pdf_scale(*drawn.get_size())
        whole = [math.ceil(side * scale) * zoom for side in drawn.get_size()]
        fine = scale * zoom
        crop = (left, whole[1] - top - height, whole[0] - left - width, top)  # left, bottom, right, top
        ends = [math.ceil(side * fine) for side in drawn.get_size()]
        short = whole[0] - ends[0], whole[1] - ends[1]  # rounding up happens once a zoom level
        crop = (crop[0], max(0, crop[1] - short[1]), max(0, crop[2] - short[0]), crop[3])
        bitmap = drawn.render(
            scale=fine,
            may_draw_forms=True,
            rev_byteorder=True,
            crop=tuple((c - 0.5 if c else 0) / fine for c in crop),
        )
        made = np.full((height, width, 3), 255, np.uint8)
        part = bitmap.to_numpy()
        part = (
            part[:height, :width, :3] if part.ndim == 3 else np.repeat(part[:height, :width, None], 3, axis=2)
        )
        made[: part.shape[0], : part.shape[1]] = part
        bitmap.close()
        return made
    finally:
        document.close()
