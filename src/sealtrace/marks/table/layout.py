"""Which symbols each cell carries, and how: a fast layer cell by cell, a slow one over dozens of rows.

The fast layer is read from few rows in any order; the slow one survives averaging and resampling. Every
symbol stands in each column as often upright as inverted (rows i and i + half, knots likewise), so a
column's mean does not move, whatever the codeword says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sealtrace.marks.keystream import uint64s

Floats = NDArray[np.float64]
KNOT_ROWS = 24  # rows from one knot of the slow layer to the next
_STREAMS = 8  # keystreams set aside for each table of a file


class TableLayout:
    """The keyed map from cells and knots to symbols and signs, the same for every copy of a version.

    fast, fast_sign: (rows, columns) symbol and +1 or -1 of each cell.
    slow, slow_sign: (knots, columns) of each knot; column k's first knot lies `offset[k]` rows before row 0.
    """

    def __init__(self, layout_key: bytes, table: int, shape: tuple[int, int], symbols: int) -> None:
        rows, columns = shape
        self.symbols, self.rows, self.columns = symbols, rows, columns
        stream = _STREAMS * table
        self.fast, self.fast_sign = _paired(layout_key, stream, rows, columns, symbols)
        knots = -(-rows // KNOT_ROWS) + 2
        self.slow, self.slow_sign = _paired(layout_key, stream + 2, knots, columns, symbols)
        self.offset = (uint64s(layout_key, columns, stream + 4) % np.uint64(KNOT_ROWS)).astype(np.int64)
        place = (np.arange(rows)[:, None] + self.offset) / KNOT_ROWS
        self.knot = place.astype(np.int64)  # (rows, columns): the knot before each cell
        self.beyond: Floats = place - self.knot  # how far on the way to the next

    def pattern(self, bits: NDArray[np.uint8]) -> Floats:
        """Return (rows, columns): what a codeword adds to each cell, either layer with strength 1."""
        sign = 2.0 * bits.astype(np.float64) - 1
        knots = sign[self.slow] * self.slow_sign
        every = np.arange(self.columns)
        slow = (1 - self.beyond) * knots[self.knot, every] + self.beyond * knots[self.knot + 1, every]
        return sign[self.fast] * self.fast_sign + slow


def _paired(
    key: bytes, stream: int, rows: int, columns: int, symbols: int
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Symbols in runs that hold each once, signs at random; the second half repeats them inverted."""
    half = -(-rows // 2)
    cells = half * columns
    runs = -(-cells // symbols)
    order = np.argsort(uint64s(key, runs * symbols, stream).reshape(runs, symbols), axis=1, kind="stable")
    index = order.reshape(-1)[:cells].reshape(half, columns)
    odd = uint64s(key, -(-cells // 64), stream + 1)
    signs = (
        2 * np.unpackbits(odd.astype(">u8").view(np.uint8))[:cells].astype(np.int8).reshape(half, columns) - 1
    )
    both = np.concatenate([index, index])[:rows], np.concatenate([signs, -signs])[:rows]
    return both[0].astype(np.int64), both[1].astype(np.int8)
