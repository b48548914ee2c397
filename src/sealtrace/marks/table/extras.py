"""Read everything a leaked table carries: its cells, the order of its rows, its decoys, put end to end.

Decoys are looked for first and taken out, so that what is left is rows of the held table. Nothing here looks at
a codeword of any copy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.tables.model import Table
from sealtrace.marks.codewords import CodeBook, JointBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import Book

from . import decoys
from .columns import restored
from .detect import TableReading, read_table, read_without
from .order import RowOrder
from .plan import SheetPlan, TablePlan


class Parts(Protocol):
    """A code book as far as adding needs it: its channels in their order, each with its symbols."""

    @property
    def parts_of(self) -> tuple[tuple[str, int], ...]:
        """Names and numbers."""
        ...


def read_all(leak: Table, held: Table, sheet: SheetPlan, plan: TablePlan, book: Book) -> TableReading | None:
    """Read a leaked table on one held table; the symbols are of all channels of `book`, in their order.

    A channel that this table does not carry, or that nothing is left of, has symbols without information.
    """
    reading = read_table(leak, held, sheet, book.layout_key, plan.symbols)
    if reading is None or not isinstance(book, JointBook):
        return reading
    keys = book.layout_keys()
    found = {name: SoftSymbols(*np.zeros((2, count))) for name, count in book.parts_of}
    if plan.decoy is not None and plan.decoy.table == sheet.table:
        biases = next(b.biases for b in book.books if b.channel == "decoy")
        columns = [match.held for match in reading.columns]
        values = restored(leak, list(reading.columns))
        found["decoy"], rows = decoys.read(values, columns, held, sheet, plan, keys["decoy"], biases)
        if len(rows):
            reading = _rest(reading, leak, held, sheet, book.layout_key, rows)
    found["table"] = reading.symbols
    if plan.order is not None and plan.order.table == sheet.table and reading.rows.window == 1:
        order = RowOrder(keys["order"], held.rows, plan.order.symbols)
        found["order"] = order.read(reading.rows.start)
    return replace(reading, symbols=joined(found, book))


def joined(found: dict[str, SoftSymbols], book: CodeBook) -> SoftSymbols:
    """Put the channels' symbols end to end, as `book` has them."""
    parts = [found[name] for name, _ in book.parts_of]
    return SoftSymbols(
        np.concatenate([part.sums for part in parts]), np.concatenate([part.information for part in parts])
    )


def together(one: SoftSymbols, other: SoftSymbols, book: Parts) -> SoftSymbols:
    """Add what two pieces of a leak say. A decoy is there when one piece has it: then the other says nothing."""
    both, first = one + other, 0
    for name, count in book.parts_of:
        if name == "decoy":
            part = slice(first, first + count)
            mine = [(s.sums[part], s.information[part]) for s in (one, other)]
            seen = (mine[0][0] > 0) | (mine[1][0] > 0)
            both.sums[part] = np.where(seen, 1.0, np.minimum(mine[0][0], mine[1][0]))
            both.information[part] = np.where(seen, 1.0, np.maximum(mine[0][1], mine[1][1]))
        first += count
    return both


def _rest(
    reading: TableReading, leak: Table, held: Table, sheet: SheetPlan, layout_key: bytes, rows: NDArray[np.int64]
) -> TableReading:  # fmt: skip
    """Read what is left without the decoys; where rows were counted on in order, they are aligned anew."""
    if reading.rows.how != "order" and reading.rows.window == 1:
        return read_without(reading, leak, held, sheet, layout_key, rows)
    return read_table(_without(leak, rows), held, sheet, layout_key, len(reading.symbols)) or reading


def _without(leak: Table, rows: NDArray[np.int64]) -> Table:
    gone = set(rows.tolist())
    kept = [i for i in range(leak.rows) if i not in gone]
    return replace(leak, columns=tuple(tuple(column[i] for i in kept) for column in leak.columns))
