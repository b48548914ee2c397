"""Put a copy's codeword into the cells: rounded as the column is written, within every limit declared.

Rounding is by keyed chance: a change of a third of the last digit moves it in every third cell, so the mark
is there on average and nobody sees a pattern of steps. The chance is drawn for each copy anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.tables.model import Table
from sealtrace.content.tables.numbers import decimals, rewritten
from sealtrace.marks.keystream import subkey, uint64s

from . import formula
from .layout import TableLayout
from .plan import LAYER, STUCK, SheetPlan, TablePlan

Floats = NDArray[np.float64]
MOST_STD_CHANGE = 0.057  # of a column's standard deviation, in any copy; rounding may add a little to 6 %
KEPT_SHARES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1, 0.0)


def changes(
    tables: Sequence[Table], plan: TablePlan, layout_key: bytes, bits: NDArray[np.uint8]
) -> list[dict[int, list[str | None]]]:
    """Return the new texts of every table's changed columns for one copy."""
    found: list[dict[int, list[str | None]]] = [{} for _ in tables]
    for sheet in plan.sheets:
        table = tables[sheet.table]
        marked = marked_numbers(table, sheet, plan, layout_key, bits)
        for column, values in marked.items():
            found[sheet.table][column] = _texts(table, column, values)
    return found


def marked_numbers(
    table: Table, sheet: SheetPlan, plan: TablePlan, layout_key: bytes, bits: NDArray[np.uint8]
) -> dict[int, Floats]:
    """Return the new values of the columns that change, marked and derived, by column number."""
    columns = [c.column for c in sheet.columns]
    layout = TableLayout(layout_key, sheet.table, (table.rows, len(columns)), plan.symbols)
    before = table.numbers[:, columns]
    steps = np.array([10.0**-c.places for c in sheet.columns])
    wish = LAYER * layout.pattern(bits) * units(before, sheet)
    chance = _chances(layout_key, sheet.table, bits, before.shape)
    count = np.floor(wish / steps + chance)
    count = np.clip(count, -_most(before, sheet, steps), _most(before, sheet, steps))
    count[~np.isfinite(before) | at_rest(before)] = 0
    _thin_out(count, before, steps, chance)
    after = _within_limits(before, before + count * steps, sheet, plan)
    new = {column: after[:, i] for i, column in enumerate(columns)}
    _keep_sums(new, table, sheet, plan)
    _derive(new, table, plan)
    return new


def units(before: Floats, sheet: SheetPlan) -> Floats:
    """The mark's unit for every cell, (rows, columns), in the columns' own units; 0 where there is no number."""
    unit = np.array([c.unit for c in sheet.columns])
    relative = np.array([c.relative for c in sheet.columns])
    return np.where(np.isfinite(before), np.where(relative, np.abs(np.nan_to_num(before)), 1.0) * unit, 0.0)


def at_rest(values: Floats) -> NDArray[np.bool_]:
    """Cells within a run of equal readings, (rows, columns): an instrument at rest, off or stuck; exact zeros too."""
    same = np.zeros(values.shape, bool)
    equal = values[1:] == values[:-1]
    for column in range(values.shape[1]):
        edges = np.flatnonzero(~equal[:, column]) + 1
        starts, ends = np.r_[0, edges], np.r_[edges, len(values)]
        for start, end in zip(starts, ends, strict=True):
            if end - start >= STUCK:
                same[start:end, column] = True
    return np.asarray(same | (values == 0))


def _most(before: Floats, sheet: SheetPlan, steps: Floats) -> Floats:
    """How many steps a cell may move: never beyond the declared uncertainty."""
    declared = np.array([c.declared for c in sheet.columns])
    relative = np.array([c.relative for c in sheet.columns])
    allowed = np.where(relative, np.abs(np.nan_to_num(before)), 1.0) * declared
    return np.asarray(np.floor(allowed / steps + 1e-9))


def _chances(layout_key: bytes, table: int, bits: NDArray[np.uint8], shape: tuple[int, ...]) -> Floats:
    key = subkey(layout_key, f"rounding/{table}/{hashlib.sha256(np.packbits(bits).tobytes()).hexdigest()}")
    drawn = uint64s(key, int(np.prod(shape))) >> np.uint64(11)
    return drawn.reshape(shape).astype(np.float64) * 2.0**-53


def _thin_out(count: Floats, before: Floats, steps: Floats, chance: Floats) -> None:
    """Undo some cells, drawn by their key, of a column whose deviation would change by more than allowed.

    The plan keeps the expected change small; a codeword now and then falls in with a slow drift of the data.
    """
    for i in range(count.shape[1]):
        spread = float(np.nanstd(before[:, i]))
        for kept in KEPT_SHARES:
            stays = np.where(chance[:, i] * 1e6 % 1 < kept, count[:, i], 0.0)
            if abs(float(np.nanstd(before[:, i] + stays * steps[i])) - spread) <= MOST_STD_CHANGE * spread:
                count[:, i] = stays
                break


def _within_limits(before: Floats, after: Floats, sheet: SheetPlan, plan: TablePlan) -> Floats:
    """Keep every reading on its side of a limit, the sign of a column, and the order of a counter."""
    for i, column in enumerate(sheet.columns):
        old, new = before[:, i], after[:, i]
        new = np.where(_crosses(old, new, column.name, plan), old, new)
        way = plan.rules.monotone.get(column.name)
        if way:
            there = np.isfinite(new)
            sign = 1.0 if way == "increasing" else -1.0
            new[there] = sign * np.maximum.accumulate(sign * new[there])
        after[:, i] = new
    return after


def _crosses(old: Floats, new: Floats, name: str, plan: TablePlan) -> NDArray[np.bool_]:
    """Cells that would change sides of a declared limit, or of zero."""
    found = np.zeros(len(old), bool)
    for limit in (*plan.rules.limits.get(name, ()), 0.0):
        found |= ((old >= limit) != (new >= limit)) | ((old > limit) != (new > limit))
    return found


def _keep_sums(new: dict[int, Floats], table: Table, sheet: SheetPlan, plan: TablePlan) -> None:
    """Let what some columns add up to stay what it was, to the last digit: undo what is left over.

    The remainder goes to the columns in turn, a step at a time, each staying within its uncertainty.
    """
    planned = {c.column: c for c in sheet.columns}
    for names, total in plan.rules.sums:
        if isinstance(total, str) and total in table.header and table.header.index(total) in new:
            new[table.header.index(total)] = table.numbers[:, table.header.index(total)].copy()
        columns = [table.header.index(name) for name in names if name in table.header]
        marked = [c for c in columns if c in planned]
        if len(columns) < len(names) or not marked:
            continue
        for column in marked if len(marked) == 1 else ():
            new[column] = table.numbers[:, column].copy()  # nothing to balance it with
        steps = {c: 10.0 ** -planned[c].places for c in marked}
        finest = min(steps.values())
        moved = sum(np.rint((new[c] - table.numbers[:, c]) / finest) for c in marked)
        for column in sorted(marked, key=lambda c: -planned[c].declared / steps[c]):
            step = round(steps[column] / finest)
            old = table.numbers[:, column]
            size = np.abs(old) if planned[column].relative else 1.0
            most = np.floor(planned[column].declared * size / steps[column] + 1e-9)
            count = np.rint((new[column] - old) / steps[column])
            wanted = np.clip(count - np.trunc(moved / step), -most, most)
            moved = moved + (wanted - count) * step
            new[column] = old + wanted * steps[column]
        whole = np.nan_to_num(np.asarray(moved)) != 0
        for column in marked:
            whole |= _crosses(table.numbers[:, column], new[column], planned[column].name, plan)
        for column in marked:
            new[column] = np.where(whole, table.numbers[:, column], new[column])


def _derive(new: dict[int, Floats], table: Table, plan: TablePlan) -> None:
    """Work derived columns out again from what now stands in the table, keeping what set them apart before."""
    number = {name: i for i, name in enumerate(table.header)}
    old = {name: table.numbers[:, i] for name, i in number.items()}
    now = {name: new.get(i, old[name]) for name, i in number.items()}
    for name, text in plan.rules.derived.items():
        if name not in number or number[name] in table.fixed or not formula.names(text) <= number.keys():
            continue
        moved = formula.value(text, now) - formula.value(text, old)
        now[name] = np.where(np.isfinite(moved), old[name] + moved, old[name])
        new[number[name]] = now[name]


def _texts(table: Table, column: int, values: Floats) -> list[str | None]:
    """Write the values that changed in the column's own form."""
    cells, before = table.columns[column], table.numbers[:, column]
    places = max((decimals(t) for t, v in zip(cells, before, strict=True) if np.isfinite(v)), default=0)
    half = 0.5 * 10.0**-places
    moved = np.isfinite(values) & (np.abs(values - before) >= half * 0.999)
    return [
        rewritten(float(value), cell, places) if change else None
        for cell, value, change in zip(cells, values, moved, strict=True)
    ]


def distortion(table: Table, sheet: SheetPlan, marked: Mapping[int, Floats]) -> dict[str, float]:
    """How far a copy differs, in declared uncertainties: largest cell, mean and deviation of the worst column."""
    cell = mean = spread = 0.0
    for column in sheet.columns:
        old, new = table.numbers[:, column.column], marked[column.column]
        size = np.abs(old) if column.relative else np.ones(len(old))
        declared = column.declared * np.where(size > 0, size, 1)
        cell = max(cell, float(np.nanmax(np.abs(new - old) / declared)))
        mean = max(mean, abs(float(np.nanmean((new - old) / declared))))
        spread = max(spread, abs(float(np.nanstd(new) / np.nanstd(old)) - 1))
    return {"cell": cell, "mean": mean, "deviation": spread}
