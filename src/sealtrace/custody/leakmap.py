"""The evidence picture: a leaked page read again, mark by mark, and compared with the accused copy.

Works on the leak's own picture; of the held original nothing is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sealtrace.content import pages
from sealtrace.content.kinds import detect
from sealtrace.content.page_index import PageRef
from sealtrace.ids import CopyId, VersionRef
from sealtrace.marks.detect import read_page
from sealtrace.marks.geometry import Layout
from sealtrace.marks.halves import Book, HalvedBook, Party

from .books import readable
from .office import Office
from .recall import KeptWeighing
from .tracing.held import HeldPages


@dataclass(frozen=True, slots=True, eq=False)
class LeakMap:
    """One leaked picture and the marks found on it.

    leak: (H, W, 3) RGB. marks: (rows, cols) float32, positive where a mark agrees with the copy, negative
    where it differs, 0 where it can't be read; the size says how clearly. box: where the grid lies, in
    fractions of the page. size: (width, height) of the page in pixels. to_leak: (3, 3), page pixels to leak
    pixels.
    """

    leak: NDArray[np.uint8]
    marks: NDArray[np.float32]
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    to_leak: NDArray[np.float64]

    @property
    def outline(self) -> list[tuple[float, float]]:
        """The corners of the page on the leak, in leak pixels."""
        width, height = self.size
        corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], float)
        at = corners @ self.to_leak.T
        return [(float(x / w), float(y / w)) for x, y, w in at]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many symbols were read, how many agree with the copy, and how many would with an innocent one."""

    read: int
    agree: int
    expected: float


def agreement(office: Office, weighing: KeptWeighing, copy: CopyId) -> Agreement | None:
    """Compare the leak's symbols with a copy's codeword. None without a page channel.

    A symbol is read when the leak says anything of it. An innocent copy agrees on symbol i with chance p_i or
    1 - p_i, whichever the leak says: the sum of these is `expected`.
    """
    book = readable(office, office.version(VersionRef.parse(weighing.ref)), "page")
    if isinstance(book, HalvedBook):
        book = book.own if weighing.half == Party.OFFICE else None
    if book is None or weighing.channel != "page":
        return None
    read = (weighing.symbols.information > 0) & (weighing.symbols.sums != 0)
    says, bits, p = weighing.symbols.sums > 0, book.word(copy).astype(bool), book.biases / 256.0
    expected = float(np.where(says, p, 1 - p)[read].sum())
    return Agreement(int(read.sum()), int((says == bits)[read].sum()), expected)


def _bits(book: Book, copy: CopyId) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A copy's bits, (symbols,), and which of them this home knows: with two keys only its own half."""
    own = book.own if isinstance(book, HalvedBook) else book
    bits, known = np.zeros(book.symbols, np.uint8), np.arange(book.symbols) < own.symbols
    bits[: own.symbols] = own.word(copy)
    return bits, known


def leak_map(office: Office, weighing: KeptWeighing, number: int, leak: Path, copy: CopyId) -> LeakMap | None:
    """Read finding `number` of a weighing again on the leaked file it came from; None where it can't be."""
    finding = weighing.pages[number]
    held = HeldPages(office, None)
    version = office.version(VersionRef.parse(weighing.ref))
    ref = PageRef(version.row, finding["page"])
    grid, book = held.grid(ref), readable(office, version, "page")
    if grid is None or book is None:
        return None
    picture = pages.render(leak, detect(leak), finding["picture"])
    to_leak = np.array(finding["to_leak"], float).reshape(3, 3)
    original = held.raster(ref)
    layout = Layout(book.layout_key, grid, book.symbols)
    reading = read_page(original, picture, grid, layout, to_leak[:2] / to_leak[2, 2])
    if reading is None:
        return None
    bits, known = _bits(book, copy)
    wanted = layout.chips(bits).astype(np.float32)
    seen = (reading.weights > 0) & known[layout.index]
    strength = np.abs(reading.chips)
    scale = float(np.percentile(strength[seen], 90)) if seen.any() else 1.0
    marks = np.where(seen, reading.chips * wanted / max(scale, 1e-12), 0.0).clip(-1, 1).astype(np.float32)
    height, width = original.shape[:2]
    return LeakMap(picture, marks, (grid.x0, grid.y0, grid.x1, grid.y1), (width, height), reading.to_leak)
