"""The order of the rows as a channel: a permutation of each copy's own, where the owner says that order is free.

The held rows are put in a keyed base order, the same for all copies of a version. Place q of its first half and
place q of its second belong together; a copy that carries a 1 at the pair's symbol has the two rows exchanged.
So the two rows of a pair lie half a table apart, and which of them comes first survives the loss of rows and
changes of order nearby. Sorting or shuffling takes it away: what is then read is independent of every copy's
word, and every e-value has mean 1 (see `evalue`) whatever the order was made to be.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.keystream import uint64s

Rows = NDArray[np.int64]
LENGTHS = (128, 256, 512, 1024, 2048)
LEAST_ROWS = 2 * LENGTHS[0]


def symbols_for(rows: int) -> int:
    """How many symbols so many rows carry, one pair each at least; 0 when they are too few."""
    return max((length for length in LENGTHS if rows >= 2 * length), default=0)


class RowOrder:
    """The keyed pairs of rows, the same for every copy of a version. symbol: (pairs,) of each pair."""

    def __init__(self, layout_key: bytes, rows: int, symbols: int) -> None:
        self.symbols, self.rows = symbols, rows
        self.base: Rows = np.argsort(uint64s(layout_key, rows), kind="stable").astype(np.int64)
        self._half = rows // 2
        self.symbol = np.arange(self._half) % symbols

    def arranged(self, bits: NDArray[np.uint8]) -> Rows:
        """Return the held rows in the order that a copy with these bits has, (rows,)."""
        swapped = np.flatnonzero(bits[self.symbol])
        order = self.base.copy()
        order[swapped], order[swapped + self._half] = self.base[swapped + self._half], self.base[swapped]
        return order

    def read(self, start: Rows) -> SoftSymbols:
        """Read which of two rows comes first; `start` is the held row of each leaked row, -1 where unknown.

        A held row that several leaked ones were taken for says nothing.
        """
        known = np.flatnonzero((start >= 0) & (start < self.rows))
        count = np.bincount(start[known], minlength=self.rows)
        place = np.full(self.rows, -1, np.int64)
        place[start[known]] = known
        place[count != 1] = -1
        first, second = place[self.base[: self._half]], place[self.base[self._half : 2 * self._half]]
        both = (first >= 0) & (second >= 0)
        votes = np.where(second < first, 1.0, -1.0)[both]
        symbol = self.symbol[both]
        information = np.bincount(symbol, minlength=self.symbols).astype(np.float64)
        return SoftSymbols(np.bincount(symbol, votes, self.symbols).astype(np.float64), information)
