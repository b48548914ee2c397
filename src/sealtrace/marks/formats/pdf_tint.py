"""The tint of PDF pages that stay vector: a picture of chips under the content, or over it.

under  first in the page's content: 1 bit a chip, opaque, indexed to 252 and 255. For bare paper.
over   last in the page's content: 1 bit a chip, black or white, through a soft mask of the same size whose
       every sample is 3. For painted pages: it moves any colour by 3 levels between chips.
Both were measured in four renderers at 42 dB and above; graphics-state alpha, Multiply and stencil masks
were not: some renderers draw them opaque or not at all. Source: ISO 32000-1, 8.9.5 and 11.6.5.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, String

from sealtrace.marks.geometry import ChipGrid, MarkPlan, PagePlan

from .model import Job

PITCHES_PX = (8, 12, 16, 24)
"""Chip pitches tried, in pixels at 150 dpi; the smallest that keeps the size rule is taken."""
PX_PER_PT = 150 / 72
MARGIN = 0.035  # of each side stays free of chips: trimming and page borders
GROWTH, FREE_BYTES = 0.15, 5_000
"""A copy may be 15 % larger than its original, or 5 kB, whichever is more."""
PAGE_OVERHEAD, IMAGE_OVERHEAD, STAMP_OVERHEAD = 90, 420, 600  # bytes, measured
SYMBOLS = (2048, 1024, 512, 256)
CHIPS_A_SYMBOL = 8
FEWEST_CHIPS = 512
BARE_SHARE = 0.8  # of the chips must lie on bare paper for the tint to go under the content
PROBE_PX = 300  # long side of the rendering that tells bare paper from paint
PALETTE = bytes([252, 255])
VEIL = 3  # of 255: the alpha of the picture over the content
IMAGE_NAME = "/SealtraceTint"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is seen: visible box in user space, rotation, width and height in points."""

    box: tuple[float, float, float, float]
    rotation: int
    width: float
    height: float

    @classmethod
    def of(cls, page: pikepdf.Page) -> Sheet:
        """Read a page's visible box: crop box within media box, after rotation."""
        x0, y0, x1, y1 = (float(v) for v in page.cropbox)
        m0, n0, m1, n1 = (float(v) for v in page.mediabox)
        box = (max(min(x0, x1), min(m0, m1)), max(min(y0, y1), min(n0, n1)),
               min(max(x0, x1), max(m0, m1)), min(max(y0, y1), max(n0, n1)))  # fmt: skip
        width, height = box[2] - box[0], box[3] - box[1]
        rotation = _rotation(page.obj)
        return cls(box, rotation, *((height, width) if rotation in (90, 270) else (width, height)))

    def matrix(self, grid: ChipGrid) -> tuple[float, ...]:
        """The matrix that takes the unit square to the grid's box as it is seen."""
        x0, y0, x1, y1 = self.box
        w, h = x1 - x0, y1 - y0
        a, b, c, d, e, f = {
            0: (w, 0, 0, h, x0, y0),
            90: (0, h, -w, 0, x1, y0),
            180: (-w, 0, 0, -h, x1, y1),
            270: (0, -h, w, 0, x0, y1),
        }[self.rotation]
        left, bottom = grid.x0, 1 - grid.y1
        across, up = grid.x1 - grid.x0, grid.y1 - grid.y0
        return (a * across, b * across, c * up, d * up, e + a * left + c * bottom, f + b * left + d * bottom)


def plan(source: Path, pdf: pikepdf.Pdf) -> tuple[MarkPlan, tuple[str, ...]]:
    """Choose grid, group and construction for every page, within the size rule."""
    sheets = [Sheet.of(page) for page in pdf.pages]
    usable = [s if s.width > 36 and s.height > 36 else None for s in sheets]
    kinds = list(dict.fromkeys(s for s in usable if s is not None))
    if not kinds:
        return MarkPlan(0, (None,) * len(sheets)), ("its pages are too small for the tint",)
    budget = max(FREE_BYTES, GROWTH * source.stat().st_size) - STAMP_OVERHEAD - PAGE_OVERHEAD * len(sheets)
    pitch, own = _fit([s for s in usable if s is not None], kinds, budget)
    notes = (
        []
        if pitch == PITCHES_PX[0]
        else [f"the tint uses chips of {pitch} px at 150 dpi to keep the file small"]
    )
    symbols = _symbols(min(_grid(s, pitch, 0).chips for s in kinds))
    if not symbols:
        return MarkPlan(0, (None,) * len(sheets)), ("its pages are too small for the tint",)
    bare = _bare_shares(source, len(sheets))
    pages: list[PagePlan | None] = []
    for number, sheet in enumerate(usable):
        if sheet is None:
            pages.append(None)
            continue
        grid = _grid(sheet, pitch, number if own else kinds.index(sheet))
        share = _bare_chips(bare[number], grid)
        pages.append(PagePlan(grid, "under" if share >= BARE_SHARE else "over"))
    return MarkPlan(symbols, tuple(pages)), tuple(notes)


def apply(pdf: pikepdf.Pdf, job: Job) -> bool:
    """Tint every planned page; pages alike share one picture object. Returns whether any was tinted."""
    pictures: dict[tuple[ChipGrid, str], Any] = {}
    for number, page in enumerate(pdf.pages):
        found = job.chips(number)
        if found is None:
            continue
        plan = job.plan.mark_plan.pages[number]
        assert plan is not None
        key = (plan.grid, plan.construction)
        if key not in pictures:
            pictures[key] = _picture(pdf, found[1], over=plan.construction == "over")
        _place(pdf, page, pictures[key], Sheet.of(page).matrix(plan.grid), over=plan.construction == "over")
    return bool(pictures)


def _fit(sheets: list[Sheet], kinds: list[Sheet], budget: float) -> tuple[int, bool]:
    """The smallest pitch within the budget, and whether each page can have a picture of its own."""
    for pitch in PITCHES_PX:
        for own, pictured in ((True, sheets), (False, kinds)):
            if sum(_grid(s, pitch, 0).chips / 8 + IMAGE_OVERHEAD for s in pictured) <= budget:
                return pitch, own
    return PITCHES_PX[-1], False


def _grid(sheet: Sheet, pitch_px: int, group: int) -> ChipGrid:
    pitch = pitch_px / PX_PER_PT
    cols, rows = int(sheet.width / pitch), int(sheet.height / pitch)
    across, down = max(1, math.ceil(cols * MARGIN)), max(1, math.ceil(rows * MARGIN))
    cols, rows = max(1, cols - 2 * across), max(1, rows - 2 * down)
    x0, y0 = across * pitch / sheet.width, down * pitch / sheet.height
    return ChipGrid(
        rows, cols, x0, y0, x0 + cols * pitch / sheet.width, y0 + rows * pitch / sheet.height, group
    )


def _symbols(chips: int) -> int:
    if chips < FEWEST_CHIPS:
        return 0
    return next((m for m in SYMBOLS if chips >= CHIPS_A_SYMBOL * m), SYMBOLS[-1])


def _bare_shares(source: Path, pages: int) -> list[NDArray[np.uint8]]:
    """Render each page small on nothing: where alpha stays 0 the paper is bare."""
    import pypdfium2

    found = []
    with pypdfium2.PdfDocument(source) as document:
        document.init_forms()
        for number in range(pages):
            page = document[number]
            bitmap = page.render(
                scale=PROBE_PX / max(page.get_size()), fill_color=(255, 255, 255, 0), maybe_alpha=True,
                may_draw_forms=True,
            )  # fmt: skip
            drawn = bitmap.to_numpy()
            full = np.full(drawn.shape[:2], 255, np.uint8)
            found.append(drawn[:, :, 3].copy() if drawn.ndim == 3 and drawn.shape[2] == 4 else full)
            bitmap.close()
    return found


def _bare_chips(alpha: NDArray[np.uint8], grid: ChipGrid) -> float:
    """The share of the grid's chips whose area is mostly bare."""
    import cv2

    height, width = alpha.shape
    box = alpha[
        round(grid.y0 * height) : round(grid.y1 * height), round(grid.x0 * width) : round(grid.x1 * width)
    ]
    cells = cv2.resize(box, (grid.cols, grid.rows), interpolation=cv2.INTER_AREA)
    return float(np.mean(cells < 200))


def _picture(pdf: pikepdf.Pdf, chips: NDArray[np.int8], *, over: bool) -> Any:
    """The picture of chips: 1 bit a chip, rows from the top, random and so stored uncompressed."""
    rows, cols = chips.shape
    stream = pdf.make_stream(np.packbits(chips > 0, axis=1).tobytes())
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = cols, rows, 1
    if over:
        stream.ColorSpace = Name.DeviceGray
        veil = pdf.make_stream(bytes([VEIL]) * (rows * cols))
        veil.Type, veil.Subtype = Name.XObject, Name.Image
        veil.Width, veil.Height, veil.BitsPerComponent, veil.ColorSpace = cols, rows, 8, Name.DeviceGray
        stream.SMask = veil
    else:
        stream.ColorSpace = Array([Name.Indexed, Name.DeviceGray, 1, String(PALETTE)])
    return stream


def _place(
    pdf: pikepdf.Pdf, page: pikepdf.Page, picture: Any, matrix: tuple[float, ...], *, over: bool
) -> None:
    """Draw the picture before or after the page's own content, which is left as it is."""
    own = _inherited(page.obj, "/Resources")
    resources = Dictionary(dict(own.items())) if own is not None else Dictionary()
    images = Dictionary(dict(resources.get("/XObject", Dictionary()).items()))
    images[IMAGE_NAME] = picture
    resources.XObject = images
    page.obj.Resources = resources
    numbers = " ".join(f"{v:.4f}".rstrip("0").rstrip(".") for v in matrix)
    draw = f"q {numbers} cm {IMAGE_NAME} Do Q\n".encode()
    content = page.obj.get("/Contents")
    streams = list(content) if isinstance(content, Array) else [content] if content is not None else []
    if over:
        page.obj.Contents = Array([pdf.make_stream(b"q\n"), *streams, pdf.make_stream(b"\nQ\n" + draw)])
    else:
        page.obj.Contents = Array([pdf.make_stream(draw), *streams])


def _inherited(node: Any, key: str) -> Any:
    for _ in range(64):
        if node is None:
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _rotation(node: Any) -> int:
    value = _inherited(node, "/Rotate")
    return int(value) % 360 // 90 * 90 if value is not None else 0
