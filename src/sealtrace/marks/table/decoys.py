"""Decoy rows as a channel: rows that were never measured, some of them in each copy, where the owner says it is safe.

A keyed pool of decoys is made from the table itself, the same for all copies of a version; a copy holds decoy i
where its word carries a 1. So the copies of a blend share decoys, and comparing two of them does not show all.
A decoy is a held row that takes half of its marked columns, drawn by key, from another held row: every reading
is one that the column really has, and no column leaves its range. Counters, and columns of a declared sum, stay
as in the first row; derived columns are worked out; a column of keys gets a key that no row has.

Found is a decoy when a leaked row lies near it, and nearer than to any held row. That may happen by chance; it
is then evidence that no codeword had a part in, so an innocent copy's e-value still has mean 1 (see `evalue`):
chance finds cost power, never innocence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.tables.model import Table
from sealtrace.content.tables.numbers import decimals, number, rewritten
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.keystream import subkey, uint64s

from . import formula
from .plan import SheetPlan, TablePlan, fine_noise

Floats = NDArray[np.float64]
POOL = 128  # decoys to draw from; a copy holds half of them on average
LEAST_ROWS = 5 * POOL  # so that no more than every tenth row of a copy is a decoy
LEAST_COLUMNS = 6  # that decoys are told by
NEAR = 0.4  # mean squared difference a cell, in noise units, up to which a leaked row may be a decoy
NEARER = 0.5  # of the same to the nearest held row
JITTER = 0.5  # of a column's unit: what a decoy's readings differ by from copy to copy
MOST_SURE = 0.999
CERTAIN = 130.0  # twice the ratio of signal to noise at which symbols without noise are fitted


@dataclass(frozen=True, slots=True, eq=False)
class Decoys:
    """The pool of a version: the held row behind each decoy (m,), its marked readings (m, columns), its keys."""

    base: NDArray[np.int64]
    readings: Floats
    keys: Mapping[int, tuple[str, ...]]


def why_not(table: Table, sheet: SheetPlan, plan: TablePlan) -> str | None:
    """Say why a table can't have decoy rows; None when it can."""
    if table.rows < LEAST_ROWS:
        return f"decoy rows need a table of {LEAST_ROWS} rows; this one has {table.rows}"
    if len(_drawn(sheet, plan)) < LEAST_COLUMNS:
        return f"decoy rows need {LEAST_COLUMNS} marked columns that no sum or counter binds"
    for column in _key_columns(table, sheet, plan):
        if not all(any(c.isdigit() for c in text) for text in table.columns[column]):
            return f"decoy rows need new keys, and those of column {table.header[column]} have no digits"
    return None


def pool(table: Table, sheet: SheetPlan, plan: TablePlan, layout_key: bytes) -> Decoys:
    """Make a version's pool of decoys from the held table, by key."""
    drawn = uint64s(layout_key, table.rows)
    base = np.argsort(drawn, kind="stable")[:POOL].astype(np.int64)
    other = (uint64s(layout_key, POOL, 1) % np.uint64(table.rows)).astype(np.int64)
    columns = [c.column for c in sheet.columns]
    readings, taken = table.numbers[base][:, columns], table.numbers[other][:, columns]
    free = np.zeros(len(columns), bool)
    free[_drawn(sheet, plan)] = True
    half = (uint64s(layout_key, POOL * len(columns), 2) & np.uint64(1)).reshape(POOL, -1).astype(bool)
    use = half & free & np.isfinite(taken) & np.isfinite(readings)
    keys = {
        column: _new_keys(table.columns[column], base, uint64s(layout_key, POOL, 3))
        for column in _key_columns(table, sheet, plan)
    }
    return Decoys(base, np.where(use, taken, readings), keys)


def rows_of(
    table: Table, sheet: SheetPlan, plan: TablePlan, layout_key: bytes, bits: NDArray[np.uint8]
) -> dict[int, dict[int, str]]:
    """Return the decoys of one copy: by the held row that each follows, the texts of the columns that differ."""
    made = pool(table, sheet, plan, layout_key)
    units = np.array([c.unit for c in sheet.columns])
    units = np.where([c.relative for c in sheet.columns], np.abs(np.nan_to_num(made.readings)), 1.0) * units
    steps = np.array([10.0**-c.places for c in sheet.columns])
    key = subkey(layout_key, f"jitter/{hashlib.sha256(np.packbits(bits).tobytes()).hexdigest()}")
    drawn = [_uniform(key, stream, made.readings.shape) for stream in (0, 1)]
    moved = np.floor((2 * drawn[0] - 1) * JITTER * units / steps + drawn[1])
    readings = made.readings + moved * steps
    found = {}
    for i in np.flatnonzero(bits):
        base, texts = int(made.base[i]), dict[int, str]()
        for place, column in enumerate(sheet.columns):
            if np.isfinite(readings[i, place]):
                old = table.columns[column.column][base]
                texts[column.column] = rewritten(float(readings[i, place]), old, column.places)
        texts |= {column: keys[i] for column, keys in made.keys.items()}
        found[base] = texts | _derived(table, plan, base, {**texts})
    return found


def read(
    leaked: Floats, columns: Sequence[int], table: Table, sheet: SheetPlan, plan: TablePlan,
    layout_key: bytes, biases: NDArray[np.uint8],
) -> tuple[SoftSymbols, NDArray[np.int64]]:  # fmt: skip
    """Look for the pool among leaked rows, (n, k), whose columns are the held `columns`, in the held units.

    Returns the symbols, and the leaked rows that are decoys. A decoy that is not there speaks against a copy
    only as far as decoys survive at all, which is told by how many of the pool are there.
    """
    place = {c.column: i for i, c in enumerate(sheet.columns)}
    chosen = [i for i, column in enumerate(columns) if column in place]
    nothing = SoftSymbols(*np.zeros((2, POOL))), np.zeros(0, np.int64)
    if len(chosen) < LEAST_COLUMNS or not len(leaked):
        return nothing
    numbers = [columns[i] for i in chosen]
    noise = np.array([max(fine_noise(_known(table.numbers[:, c])), 1e-12) for c in numbers])
    wanted = pool(table, sheet, plan, layout_key).readings[:, [place[c] for c in numbers]] / noise
    mine, held = leaked[:, chosen] / noise, table.numbers[:, numbers] / noise
    near = _distances(wanted, mine)
    row = near.argmin(axis=1)
    best = near[np.arange(POOL), row]
    other = _distances(mine[row], held).min(axis=1)
    seen = (best < NEAR) & (best < NEARER * other)
    if not seen.any():
        return nothing
    kept = min(MOST_SURE, float(seen.sum() / (biases / 256.0).sum()))
    absent = min(1.0, -float(np.log1p(-kept)) / CERTAIN)
    information = np.where(seen, 1.0, absent)
    return SoftSymbols(np.where(seen, 1.0, -absent), information), np.unique(row[seen])


def _drawn(sheet: SheetPlan, plan: TablePlan) -> list[int]:
    """The marked columns that a decoy may take from another row, by their place in the plan."""
    bound = {name for names, total in plan.rules.sums for name in (*names, str(total))} | set(
        plan.rules.monotone
    )
    return [i for i, column in enumerate(sheet.columns) if column.name not in bound]


def _key_columns(table: Table, sheet: SheetPlan, plan: TablePlan) -> list[int]:
    """Columns in which no two rows have the same text, beside those marked, derived or declared fixed."""
    settled = {c.column for c in sheet.columns} | set(table.fixed)
    fixed = {name for name, column in plan.rules.columns.items() if column.fixed} | set(plan.rules.derived)
    return [
        i
        for i, cells in enumerate(table.columns)
        if i not in settled and table.header[i] not in fixed and len(set(cells)) == table.rows
    ]


def _new_keys(cells: Sequence[str], base: NDArray[np.int64], drawn: NDArray[np.uint64]) -> tuple[str, ...]:
    """A key like each base row's own that no other row has: its last digits differ."""
    taken, made = set(cells), []
    for row, chance in zip(base, drawn, strict=True):
        text = cells[int(row)]
        digits = [i for i, c in enumerate(text) if c.isdigit() and c.isascii()]
        made.append(_altered(text, digits, int(chance), taken))
        taken.add(made[-1])
    return tuple(made)


def _altered(text: str, digits: Sequence[int], number: int, taken: set[str]) -> str:
    for place in reversed(digits):
        for turn in range(9):
            digit = (int(text[place]) + 1 + (number + turn) % 9) % 10
            new = f"{text[:place]}{digit}{text[place + 1 :]}"
            if new not in taken:
                return new
    return text  # every neighbour is taken; the base row's own key then stands twice


def _derived(table: Table, plan: TablePlan, base: int, texts: Mapping[int, str]) -> dict[int, str]:
    """Work derived columns of a decoy out from its readings, keeping what set them apart in its base row."""
    place = {name: i for i, name in enumerate(table.header)}
    old = {name: table.numbers[base : base + 1, i] for name, i in place.items()}
    now = {name: np.array([number(texts[i])]) if i in texts and np.isfinite(old[name][0]) else old[name]
           for name, i in place.items()}  # fmt: skip
    found = {}
    for name, text in plan.rules.derived.items():
        if name not in place or place[name] in table.fixed or not formula.names(text) <= place.keys():
            continue
        moved = formula.value(text, now) - formula.value(text, old)
        if np.isfinite(moved[0]) and np.isfinite(old[name][0]):
            now[name] = old[name] + moved
            cell = table.columns[place[name]][base]
            found[place[name]] = rewritten(float(now[name][0]), cell, decimals(cell))
    return found


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _distances(a: Floats, b: Floats) -> Floats:
    """Mean squared differences over the cells that both have, (len(a), len(b)); infinite without enough of them."""
    there_a, there_b = np.isfinite(a), np.isfinite(b)
    x, y = np.where(there_a, a, 0.0), np.where(there_b, b, 0.0)
    one, two = there_a.astype(np.float64), there_b.astype(np.float64)
    total = np.square(x) @ two.T + one @ np.square(y).T - 2 * x @ y.T
    count = one @ two.T
    return np.asarray(np.where(count >= LEAST_COLUMNS, np.maximum(total, 0) / np.maximum(count, 1), np.inf))


def _uniform(key: bytes, stream: int, shape: tuple[int, ...]) -> Floats:
    drawn = uint64s(key, int(np.prod(shape)), stream) >> np.uint64(11)
    return drawn.reshape(shape).astype(np.float64) * 2.0**-53
