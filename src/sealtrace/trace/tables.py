"""Leaked tables: which held table each shows, and the soft symbols it carries.

Nothing here looks at a codeword of any copy: tables are found, aligned and read on the leak, the held
original and the version's layout alone. That is what makes the e-values valid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sealtrace.content.tables.model import Table
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import Book
from sealtrace.marks.table import detect
from sealtrace.marks.table.detect import TableReading
from sealtrace.marks.table.extras import read_all
from sealtrace.marks.table.plan import TablePlan

from .model import TableFinding

CANDIDATES = 6  # versions whose tables a leaked table is aligned with
TIE = 2.0  # times the best fit: versions that fit so nearly as well are named too
SHOWN = 0.5  # of what rows paired by chance leave over: a table that leaves less is the one


class HeldTables(Protocol):
    """What the register holds of versions with marked tables."""

    def tables(self, version: int) -> Sequence[Table]:
        """The original's tables."""
        ...

    def table_plan(self, version: int) -> TablePlan | None:
        """What its copies carry; None when nothing."""
        ...

    def table_book(self, version: int) -> Book | None:
        """The version's code book for the table channel."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Leaked:
    """One leaked table: which piece it came from, its number there."""

    piece: int
    number: int
    table: Table


def read(leak: Leaked, version: int, held: HeldTables) -> tuple[TableFinding, SoftSymbols] | None:
    """Read a leaked table on the one of a version's tables that it fits best; None when it fits none."""
    plan, book = held.table_plan(version), held.table_book(version)
    if plan is None or book is None:
        return None
    best: tuple[int, TableReading] | None = None
    for sheet in plan.sheets:
        original = held.tables(version)[sheet.table]
        reading = read_all(leak.table, original, sheet, plan, book)
        if reading is not None and reading.fit < (best[1].fit if best else SHOWN):
            best = sheet.table, reading
    if best is None:
        return None
    number, reading = best
    finding = TableFinding(
        leak.piece, leak.number, version, number, reading.rows.how, reading.rows.window, leak.table.rows,
        reading.cells, reading.fit, tuple((m.leak, m.held, m.factor, m.shift, m.unit) for m in reading.columns),
    )  # fmt: skip
    return finding, reading.symbols


def recognise(leak: Leaked, version: int, held: HeldTables) -> float:
    """How well a leaked table fits the best table of a version whose cells carry nothing: 0 the same, 1 another."""
    return min((detect.recognise(leak.table, table) for table in held.tables(version)), default=1.0)


def shown(fits: Mapping[int, float]) -> list[int]:
    """The versions that leaked tables show, best first: those that fit, and fit about as well as the best."""
    order = sorted(fits, key=lambda row: fits[row])
    return [row for row in order if fits[row] < SHOWN and fits[row] <= TIE * fits[order[0]] + 0.01]
