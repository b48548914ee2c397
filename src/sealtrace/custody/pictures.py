"""All pages of a version as marked pictures of one copy: what a print and a package for outsiders are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sealtrace.content.pages import DPI, render_many
from sealtrace.errors import CannotMark, InputTooLarge
from sealtrace.ids import CopyId
from sealtrace.marks.faint import draw_faint
from sealtrace.marks.files import find_grid
from sealtrace.marks.geometry import ChipGrid, Layout
from sealtrace.marks.halves import Book
from sealtrace.marks.ready import ReadyPage
from sealtrace.typefaces import FOLDER

from .model import Version
from .office import Office

MAX_PAGES = 300
PAGES_AT_ONCE = 4
QUALITY = 92
_FOOT = 20  # pixels of the line at the foot


@dataclass(frozen=True, slots=True)
class Picture:
    """One marked page as JPEG; sides in pixels, at DPI."""

    data: bytes
    width: int
    height: int

    @property
    def points(self) -> tuple[float, float]:
        """Its sides in points."""
        return self.width * 72 / DPI, self.height * 72 / DPI


def require_grids(version: Version) -> list[ChipGrid]:
    """Where the marks of each page go.

    Raises:
        CannotMark: the file has no pages, or one of them can't carry a mark.
        InputTooLarge: it has more than 300 pages.
    """
    grids = [grid for grid in (find_grid(version.plan, n) for n in range(version.pages)) if grid is not None]
    if not grids or len(grids) < version.pages:
        raise CannotMark(f"not every page of {version.ref} ({version.kind}) can carry an individual mark")
    if len(grids) > MAX_PAGES:
        raise InputTooLarge(
            f"{version.ref} has {len(grids)} pages; at most {MAX_PAGES} are given at once",
            advice="Register the part that is needed as a file of its own.",
        )
    return grids


def marked_pictures(
    office: Office, version: Version, copy: CopyId, book: Book | None, faint: str, foot: str | None = None
) -> Iterator[Picture]:
    """Give every page of a version, marked for one copy from `book`; `foot` is printed at the foot of each.

    Raises:
        CannotMark, InputTooLarge: as `require_grids`.
        NotaryAway, NotaryRefused: the home has two keys, and the notary did not give its half of this copy.
    """
    grids = require_grids(version)
    if book is None:
        raise CannotMark(f"no page of {version.ref} ({version.kind}) can carry an individual mark")
    word = book.word(copy)
    with office.staging("pictures") as folder:
        original = folder / f"original{Path(version.name).suffix}"
        office.vault.export(version.sha256, original)
        for start in range(0, len(grids), PAGES_AT_ONCE):
            numbers = range(start, min(start + PAGES_AT_ONCE, len(grids)))
            for number, raster in zip(numbers, render_many(original, version.kind, numbers), strict=True):
                grid = grids[number]
                marked = ReadyPage(raster, grid).mark(Layout(book.layout_key, grid, book.symbols).chips(word))
                draw_faint(marked, faint)
                if foot is not None:
                    _draw_foot(marked, foot)
                done, data = cv2.imencode(".jpg", marked, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
                assert done, "OpenCV encodes 8 bit pixels"
                yield Picture(data.tobytes(), raster.shape[1], raster.shape[0])


def _draw_foot(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], text: str) -> None:
    """Print a line at the foot of a page, in place."""
    height, width = picture.shape[:2]
    strip = Image.new("L", (width, _FOOT + 4), 255)
    font = ImageFont.truetype(str(FOLDER / "SealtraceSC-Regular.ttf"), _FOOT - 2)
    ImageDraw.Draw(strip).text((width / 2, _FOOT / 2), text, fill=0, font=font, anchor="mm")
    ink = np.asarray(strip)[: min(_FOOT + 4, height)]
    foot = picture[height - len(ink) :]
    foot[:] = np.minimum(foot, ink if foot.ndim == 2 else ink[..., None])
