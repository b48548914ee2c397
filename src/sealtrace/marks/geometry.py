"""Where the chips of a page are, and which symbol of the codeword each carries.

A chip is one cell of a page's tint, a little lighter or darker than the page. Chips lie on a regular grid
over the page; a keyed layout gives each chip a symbol and a sign, the same in every copy of the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .keystream import uint64s

CONSTRUCTIONS = frozenset({"under", "over", "raster"})


@dataclass(frozen=True, slots=True)
class ChipGrid:
    """The chips of one page: `rows` x `cols` equal cells of the box (x0, y0)-(x1, y1).

    The box is in fractions of the visible page or image, x to the right, y down: the same grid fits every
    rendering of the page. Pages of one `group` share their chip-to-symbol layout.
    """

    rows: int
    cols: int
    x0: float
    y0: float
    x1: float
    y1: float
    group: int = 0

    def __post_init__(self) -> None:
        if self.rows < 1 or self.cols < 1:
            raise ValueError(f"a chip grid has at least one chip, not {self.rows} x {self.cols}")
        if not (0 <= self.x0 < self.x1 <= 1 and 0 <= self.y0 < self.y1 <= 1):
            raise ValueError(f"the box ({self.x0}, {self.y0})-({self.x1}, {self.y1}) is not inside the page")
        if not 0 <= self.group < 1 << 32:
            raise ValueError(f"group {self.group} is out of range")

    @property
    def chips(self) -> int:
        """How many chips there are."""
        return self.rows * self.cols

    def pitch(self, width: float, height: float) -> tuple[float, float]:
        """The size of one chip, (across, down), on a rendering of `width` x `height` pixels or points."""
        return (self.x1 - self.x0) * width / self.cols, (self.y1 - self.y0) * height / self.rows


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How one page is tinted: its grid, and the construction "under", "over" (PDF) or "raster" (pixels)."""

    grid: ChipGrid
    construction: str

    def __post_init__(self) -> None:
        if self.construction not in CONSTRUCTIONS:
            raise ValueError(f"no tint is constructed {self.construction!r}")


@dataclass(frozen=True, slots=True)
class MarkPlan:
    """How one registered version is tinted: the codeword's length and each page's plan.

    A page is None when it can't carry the tint; a file without pages has none, and 0 symbols.
    """

    symbols: int
    pages: tuple[PagePlan | None, ...] = ()

    def __post_init__(self) -> None:
        if self.symbols < 0 or self.symbols % 8:
            raise ValueError(f"a codeword has a multiple of 8 symbols, not {self.symbols}")

    def to_dict(self) -> dict[str, Any]:
        """Give the plan as JSON types. Pages alike are written once: a long document is mostly one grid."""
        distinct = list(dict.fromkeys(page for page in self.pages if page is not None))
        number = {page: i for i, page in enumerate(distinct)}
        return {
            "symbols": self.symbols,
            "plans": [asdict(page) for page in distinct],
            "pages": [None if page is None else number[page] for page in self.pages],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> MarkPlan:
        """Read what `to_dict` gave."""
        plans = [PagePlan(ChipGrid(**plan["grid"]), plan["construction"]) for plan in data["plans"]]
        return cls(data["symbols"], tuple(None if i is None else plans[i] for i in data["pages"]))


class Layout:
    """The keyed map from chips to symbols and signs, the same for every copy of a document.

    index: (rows, cols) int32, the symbol each chip carries. Every run of `symbols` chips along the square
        tiles of the page holds each symbol once, so a cropped piece still holds nearly all of them.
    sign: (rows, cols) int8, +1 or -1: whether the chip shows its symbol upright or inverted.
    """

    def __init__(self, layout_key: bytes, grid: ChipGrid, symbols: int) -> None:
        if symbols < 1:
            raise ValueError(f"a layout needs symbols, not {symbols}")
        runs = -(-grid.chips // symbols)
        order = uint64s(layout_key, runs * symbols, stream=2 * grid.group)
        permutations = np.argsort(order.reshape(runs, symbols), axis=1, kind="stable").astype(np.int32)
        index = np.empty(grid.chips, np.int32)
        index[_by_tile(grid.rows, grid.cols, symbols)] = permutations.reshape(-1)[: grid.chips]
        odd = uint64s(layout_key, -(-grid.chips // 64), stream=2 * grid.group + 1)
        signs = np.unpackbits(odd.astype(">u8").view(np.uint8))[: grid.chips]
        self.symbols = symbols
        self.grid = grid
        self.index: NDArray[np.int32] = index.reshape(grid.rows, grid.cols)
        self.sign: NDArray[np.int8] = (2 * signs.astype(np.int8) - 1).reshape(grid.rows, grid.cols)

    def chips(self, bits: NDArray[np.uint8]) -> NDArray[np.int8]:
        """Return the (rows, cols) pattern of +1 (lighter) and -1 (darker) chips for a codeword's bits."""
        if bits.shape != (self.symbols,):
            raise ValueError(f"the codeword has shape {bits.shape}, the layout takes {self.symbols} symbols")
        return (2 * bits.astype(np.int8) - 1)[self.index] * self.sign


def _by_tile(rows: int, cols: int, symbols: int) -> NDArray[np.int64]:
    """List the chips tile by tile, each tile about square and about `symbols` chips."""
    side = max(1, round(symbols**0.5))
    row, col = np.divmod(np.arange(rows * cols), cols)
    return np.lexsort((col, row, col // side, row // side))
