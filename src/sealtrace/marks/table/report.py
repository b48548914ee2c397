"""What the cells of a version's copies will carry, told before anything is issued."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sealtrace.content.tables.model import Table
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook

from .plan import SheetPlan, TablePlan
from .write import distortion, marked_numbers

CELLS_NEEDED = 1000
"""Marked cells, unchanged, that a traceable extract holds: rows in any order, without headings, above the
threshold of 35 (10^6 copies, 1e-9). Of extracts with 624 cells 19 in 20 were named, of those with 2,600 all
(`./run bench tables`). Noise of twice the instruments' own needs some twenty times as many cells."""
LEAST_COLUMNS = 4  # fewer can't tell which row is which once the order is lost


@dataclass(frozen=True, slots=True)
class TableRow:
    """One table: its marked columns, the smallest extract that can be traced, and how far a copy differs.

    cell, mean: in declared uncertainties, the largest change of a cell and of a column's mean; deviation:
    the largest change of a column's standard deviation, as a share. Measured on a copy made for the report.
    """

    table: int
    name: str
    columns: tuple[str, ...]
    rows: int
    cells: int
    smallest_rows: int | None
    cell: float
    mean: float
    deviation: float

    def to_dict(self) -> dict[str, Any]:
        """Give the row as JSON types."""
        return {
            "table": self.table,
            "name": self.name,
            "columns": list(self.columns),
            "rows": self.rows,
            "cells": self.cells,
            "smallest_extract": {"rows": self.smallest_rows, "columns": len(self.columns)},
            "distortion": {
                "largest_cell_u": round(self.cell, 4),
                "mean_u": round(self.mean, 4),
                "standard_deviation": round(self.deviation, 4),
            },
        }


def table_rows(tables: Sequence[Table], plan: TablePlan, keys: int = 1) -> tuple[TableRow, ...]:
    """Report each marked table, on a trial copy under a key that no copy has.

    Of `keys` codewords side by side each is read from its share of the cells.
    """
    book = CodeBook(bytes(32), "table", plan.symbols)
    bits = book.word(CopyId(1))
    found = []
    for sheet in plan.sheets:
        table = tables[sheet.table]
        change = distortion(table, sheet, marked_numbers(table, sheet, plan, book.layout_key, bits))
        found.append(
            TableRow(
                sheet.table, table.name, tuple(c.name for c in sheet.columns), sheet.rows, sheet.cells,
                smallest(sheet, keys), change["cell"], change["mean"], change["deviation"],
            )
        )  # fmt: skip
    return tuple(found)


def smallest(sheet: SheetPlan, keys: int = 1) -> int | None:
    """How many rows of all marked columns can be traced in any order; None when not even the whole table can."""
    rows = math.ceil(keys * CELLS_NEEDED / len(sheet.columns))
    return rows if len(sheet.columns) >= LEAST_COLUMNS and rows <= sheet.rows else None
