"""What a table can carry: which columns, how strongly, how long a codeword. Decided once, at registration.

A column is marked only when its measurement uncertainty was declared. The mark's unit is the smaller of
that uncertainty and the noise really in the data, so that it can't be seen in a column that is quieter than
its instrument's certificate; where a column hardly varies the unit is smaller still, so that its standard
deviation stays within 6 %. Set points, alarms and released values are never declared, or declared `fixed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.tables.model import Table
from sealtrace.content.tables.numbers import decimals

from .declaration import Declaration

Floats = NDArray[np.float64]
LAYER = 0.25  # strength of the fast and of the slow layer, in units of a column
STD_CHANGE = 0.028  # of a column's standard deviation, expected; chance adds some, the promise is 6 %
SECOND_MOMENT = 2 * LAYER**2  # of both layers together, in squared units, before rounding
LENGTHS = (256, 512, 1024, 2048, 4096, 8192)
CELLS_A_SYMBOL = 10
LEAST_CELLS = 1500
"""Below it a table carries nothing: even the whole of it could not name a copy."""
STUCK = 4  # equal readings in a row that look like an instrument at rest: left alone


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One marked column. `unit` is the mark's, in the column's own unit, or a share of the reading."""

    column: int
    name: str
    declared: float
    relative: bool
    unit: float
    places: int


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One marked table of a file, by its number."""

    table: int
    rows: int
    columns: tuple[ColumnPlan, ...]

    @property
    def cells(self) -> int:
        """How many cells may carry the mark."""
        return self.rows * len(self.columns)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How the tables of one version are marked: the codeword's length, the columns, the rules kept."""

    symbols: int
    sheets: tuple[SheetPlan, ...]
    rules: Declaration

    def to_dict(self) -> dict[str, Any]:
        """Give the plan as JSON types."""
        return {
            "symbols": self.symbols,
            "sheets": [asdict(sheet) for sheet in self.sheets],
            "rules": self.rules.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TablePlan:
        """Read what `to_dict` gave."""
        sheets = tuple(
            SheetPlan(s["table"], s["rows"], tuple(ColumnPlan(**c) for c in s["columns"]))
            for s in data["sheets"]
        )
        return cls(data["symbols"], sheets, Declaration.from_dict(data["rules"]))


def plan_tables(
    tables: Sequence[Table], declared: Declaration, keys: int = 1
) -> tuple[TablePlan | None, tuple[str, ...]]:
    """Plan the tables of a file; None, with the reason, when they can carry nothing.

    With `keys` independent codewords side by side each has its share of the cells.
    """
    notes: list[str] = []
    sheets = [
        sheet
        for number, table in enumerate(tables)
        if (sheet := _sheet(number, table, declared, notes)).columns
    ]
    cells = sum(sheet.cells for sheet in sheets)
    least = keys * LEAST_CELLS
    if cells < least:
        return None, (*notes, f"the tables have {cells} cells that may be marked; {least} are needed")
    symbols = max([n for n in LENGTHS if cells >= keys * CELLS_A_SYMBOL * n] or [LENGTHS[0]])
    return TablePlan(keys * symbols, tuple(sheets), declared), tuple(notes)


def _sheet(number: int, table: Table, declared: Declaration, notes: list[str]) -> SheetPlan:
    found = []
    for index, name in enumerate(table.header):
        column = declared.columns.get(name)
        if column is None or column.fixed or name in declared.derived:
            continue
        planned = (
            None if index in table.fixed else _column(index, name, table, column.uncertainty, column.relative)
        )
        if planned is None:
            notes.append(
                f"column {name} is left as it is: it does not vary, or is written more coarsely than declared"
            )
        else:
            found.append(planned)
    return SheetPlan(number, table.rows, tuple(found))


def _column(index: int, name: str, table: Table, uncertainty: float, relative: bool) -> ColumnPlan | None:
    values = table.numbers[:, index]
    there = np.isfinite(values)
    if there.sum() < 0.5 * len(values) or there.sum() < 8:
        return None
    known = values[there]
    places = max(decimals(text) for text, ok in zip(table.columns[index], there, strict=True) if ok)
    size = float(np.median(np.abs(known))) if relative else 1.0
    step, limit = 10.0**-places, uncertainty * size
    unit = min(limit, fine_noise(known))
    spread = float(known.std())
    if not (unit > 0 and spread > 0 and step <= limit):
        return None
    unit *= min(1.0, _quiet_enough(unit, step, spread))
    return ColumnPlan(index, name, uncertainty, relative, unit / size, places) if unit > 0.02 * step else None


def fine_noise(values: Floats) -> float:
    """The noise from one reading to the next, jumps left out: what a small change can hide in."""
    change = np.abs(np.diff(values))
    kept = change[change <= np.quantile(change, 0.98)]
    return float(np.sqrt(np.square(kept).mean() / 2)) if len(kept) else 0.0


def _quiet_enough(unit: float, step: float, spread: float) -> float:
    """By how much to scale the unit so that the standard deviation changes by at most STD_CHANGE.

    A change far below the written step becomes a whole step now and then: its second moment is then
    step x mean change, more than the change's own.
    """
    allowed = ((1 + STD_CHANGE) ** 2 - 1) * spread**2
    own, coarse = SECOND_MOMENT * unit**2, 0.3 * unit * step
    for scale in np.linspace(1, 0.05, 96):
        if max(own * scale**2 + step**2 / 6 * (scale * unit > step), coarse * scale) <= allowed:
            return float(scale)
    return 0.0
