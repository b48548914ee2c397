"""What a table can carry: which columns, how strongly, how long a codeword. Decided once, at registration.

A column is marked only when its measurement uncertainty was declared. The mark's unit is the smaller of
that uncertainty and the noise really in the data, so that it can't be seen in a column that is quieter than
its instrument's certificate; where a column hardly varies the unit is smaller still, so that its standard
deviation stays within 6 %. Set points, alarms and released values are never declared, or declared `fixed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.tables.model import ADD, Table
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
CELLS_ALONE = (
    "with two keys a table is marked in its cells alone: rows keep their order, and no decoys are put in"
)
"""Why a table with two keys has no channel beside its cells."""


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
class ExtraPlan:
    """A channel beside the cells: which table carries it, with how many symbols."""

    table: int
    symbols: int


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How the tables of one version are marked: the codeword's length, the columns, the rules kept.

    `order` and `decoy` are channels with code books of their own, only where the owner declared them.
    """

    symbols: int
    sheets: tuple[SheetPlan, ...]
    rules: Declaration
    order: ExtraPlan | None = None
    decoy: ExtraPlan | None = None

    @property
    def extras(self) -> dict[str, ExtraPlan]:
        """The channels beside the cells, in the order of their symbols in a codeword."""
        both = (("order", self.order), ("decoy", self.decoy))
        return {name: extra for name, extra in both if extra is not None}

    def sheet(self, table: int) -> SheetPlan:
        """The plan of one marked table."""
        return next(sheet for sheet in self.sheets if sheet.table == table)

    def to_dict(self) -> dict[str, Any]:
        """Give the plan as JSON types."""
        return {
            "symbols": self.symbols,
            "sheets": [asdict(sheet) for sheet in self.sheets],
            "rules": self.rules.to_dict(),
            **{name: asdict(extra) for name, extra in self.extras.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TablePlan:
        """Read what `to_dict` gave."""
        sheets = tuple(
            SheetPlan(s["table"], s["rows"], tuple(ColumnPlan(**c) for c in s["columns"]))
            for s in data["sheets"]
        )
        extras = {name: ExtraPlan(**data[name]) for name in ("order", "decoy") if name in data}
        return cls(data["symbols"], sheets, Declaration.from_dict(data["rules"]), **extras)


def plan_tables(
    tables: Sequence[Table], declared: Declaration, keys: int = 1
) -> tuple[TablePlan | None, tuple[str, ...]]:
    """Plan the tables of a file; None, with the reason, when they can carry nothing.

    With `keys` independent codewords side by side each has its share of the cells, and nothing beside the cells.
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
    plan = TablePlan(keys * symbols, tuple(sheets), declared)
    if keys > 1:
        notes += [CELLS_ALONE] if declared.order_free or declared.decoys_safe else []
        return plan, tuple(notes)
    return _with_extras(plan, tables, notes), tuple(notes)


def _with_extras(plan: TablePlan, tables: Sequence[Table], notes: list[str]) -> TablePlan:
    """Add the channels that were declared, on the largest marked table, or note why one can't be had."""
    from . import decoys, order

    sheet = max(plan.sheets, key=lambda s: s.cells)
    table, free = tables[sheet.table], plan.rules.order_free
    symbols = order.symbols_for(table.rows) if free else 0
    if free and not table.movable:
        notes.append("the order of rows can't be a mark in this format")
    elif free and not symbols:
        notes.append(
            f"the order of rows carries a mark from {order.LEAST_ROWS} rows on; here are {table.rows}"
        )
    elif free:
        plan = replace(plan, order=ExtraPlan(sheet.table, symbols))
    if plan.rules.decoys_safe:
        reason = (
            decoys.why_not(table, sheet, plan) if table.movable == ADD
            else "decoy rows can be put into CSV and TSV files only"
        )  # fmt: skip
        if reason is not None:
            notes.append(reason)
        else:
            plan = replace(plan, decoy=ExtraPlan(sheet.table, decoys.POOL))
    return plan


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
