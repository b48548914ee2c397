"""Read the symbols of a leaked table against the held original: match columns, align rows, despread.

Nothing here, nor in what it calls, looks at a codeword of any copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sealtrace.content.tables.model import Table
from sealtrace.marks.evalue import SoftSymbols

from .align import RowMatch, align, find_keys, median, moving_mean
from .columns import ColumnMatch, match_columns, restored
from .layout import TableLayout
from .plan import LAYER, SheetPlan, fine_noise
from .write import units

Floats = NDArray[np.float64]
CLIP = 3.0  # robust deviations beyond which a cell counts no more
LEAST_SPREAD = 0.35  # of a remainder, in layers: a column read exactly still carries the other layer
MISPLACED = 6.0  # times the median column's remainder: not the column it was taken for
LEAST_ROWS_FOR_OFFSET = 12
MOST_LAYERS = 2.0  # what both layers of a mark come to, before rounding
SETTLED_ON = 300  # rows that columns are told apart by


@dataclass(frozen=True, slots=True, eq=False)
class TableReading:
    """One leaked table read on one held table: the symbols, and the log of how it was aligned."""

    symbols: SoftSymbols
    columns: tuple[ColumnMatch, ...]
    rows: RowMatch
    cells: int
    fit: float  # the remainder over what rows paired by chance leave: near 0 for this table, 1 for another


def read_table(
    leak: Table, held: Table, sheet: SheetPlan, layout_key: bytes, symbols: int
) -> TableReading | None:
    """Read a leaked table; None when its columns or rows can't be found in the held one."""
    marked = {c.column for c in sheet.columns}
    found = _placed(leak, held, marked)
    if found is None:
        return None
    rows, matches = found[0], [m for m in found[1] if m.held in marked]
    if not matches:
        return None
    layout = TableLayout(layout_key, sheet.table, (held.rows, len(sheet.columns)), symbols)
    symbols_read, cells = _despread(leak, held, sheet, matches, rows, layout)
    return TableReading(symbols_read, tuple(matches), rows, cells, _fit(leak, held, matches, rows))


def read_without(
    reading: TableReading, leak: Table, held: Table, sheet: SheetPlan, layout_key: bytes, rows: NDArray[np.int64]
) -> TableReading:  # fmt: skip
    """Read a table again that some leaked `rows` do not belong to; the others stay as they are aligned."""
    start = reading.rows.start.copy()
    start[rows] = -1
    layout = TableLayout(layout_key, sheet.table, (held.rows, len(sheet.columns)), len(reading.symbols))
    left = replace(reading.rows, start=start)
    symbols, cells = _despread(leak, held, sheet, reading.columns, left, layout)
    return replace(reading, symbols=symbols, rows=left, cells=cells)


def recognise(leak: Table, held: Table) -> float:
    """Tell how well a leaked table fits a held one that carries no marks: near 0 for the same, 1 for another."""
    found = _placed(leak, held, set())
    return _fit(leak, held, found[1], found[0]) if found is not None and found[1] else 1.0


def _placed(leak: Table, held: Table, marked: set[int]) -> tuple[RowMatch, list[ColumnMatch]] | None:
    """Match columns, align rows, match columns again by what then remains."""
    keys = find_keys(leak, held, marked)
    matches = match_columns(leak, held)
    rows = _align(leak, held, matches, keys)
    if rows is None:
        return None
    again = _settled(leak, held, matches, rows)
    if {(m.leak, m.held) for m in again} != {(m.leak, m.held) for m in matches}:
        rows = _align(leak, held, again, keys) or rows
    return rows, again


def _fit(leak: Table, held: Table, matches: Sequence[ColumnMatch], rows: RowMatch) -> float:
    """Compare what aligned rows leave over with what rows paired by chance would."""
    columns = [m.held for m in matches]
    known = np.flatnonzero(rows.start >= 0)
    if not len(known):
        return 1.0
    mine, noise = restored(leak, list(matches))[known], _noise(held, columns)
    means = moving_mean(held.numbers[:, columns], rows.window)
    chance = np.random.default_rng(0).integers(0, len(means), len(known))
    with np.errstate(all="ignore"):
        left, other = (
            float(np.nanmedian(np.square((mine - means[at]) / noise))) for at in (rows.start[known], chance)
        )
    return left / other if other > 0 and np.isfinite(left) else 1.0


def _align(
    leak: Table, held: Table, matches: Sequence[ColumnMatch], keys: NDArray[np.int64] | None
) -> RowMatch | None:
    chosen = list(matches)
    columns = [m.held for m in chosen]
    if not columns:
        return None
    return align(restored(leak, chosen), held.numbers[:, columns], _noise(held, columns), keys)


def _noise(held: Table, columns: Sequence[int]) -> Floats:
    """The fine noise of held columns; a hundredth of the spread where readings repeat."""
    found = []
    for column in columns:
        values = held.numbers[np.isfinite(held.numbers[:, column]), column]
        found.append(max(fine_noise(values), 0.01 * float(values.std()), 1e-12))
    return np.array(found)


def _settled(leak: Table, held: Table, matches: Sequence[ColumnMatch], rows: RowMatch) -> list[ColumnMatch]:
    """Match columns again by what remains cell by cell, now that rows are known; drop those that do not fit.

    Columns alike in spread, such as thermometers side by side, are told apart only so.
    """
    known = np.flatnonzero(rows.start >= 0)
    known = known[:: max(1, len(known) // SETTLED_ON)]
    mine = restored(leak, list(matches))[known]
    columns = [m.held for m in matches]
    theirs = moving_mean(held.numbers[:, columns], rows.window)[rows.start[known]]
    noise = _noise(held, columns)
    remains = np.full((len(matches), len(matches)), 1e6)
    for a in range(len(matches)):
        with np.errstate(all="ignore"):
            gap = (mine[:, a : a + 1] - theirs) / noise
            spread = median(np.abs(gap - median(gap)))
        remains[a] = np.where(np.isfinite(spread), spread, 1e6)
    pairs = list(zip(*linear_sum_assignment(np.minimum(remains, 1e3)), strict=True))
    usual = float(np.median([remains[a, b] for a, b in pairs]))
    kept = []
    for a, b in pairs:
        found = replace(matches[a], held=columns[b])
        if matches[a].unit == "fitted":
            found = _fitted(found, leak.numbers[known, found.leak], theirs[:, b])
        elif remains[a, b] > MISPLACED * max(usual, 0.2):
            continue
        kept.append(found)
    return kept


def _fitted(match: ColumnMatch, mine: Floats, theirs: Floats) -> ColumnMatch:
    """Fit an unknown unit again, now on rows that belong together: least squares without the outliers."""
    there = np.isfinite(mine) & np.isfinite(theirs)
    x, y = theirs[there], mine[there]
    if len(x) < LEAST_ROWS_FOR_OFFSET:
        return match
    for _ in range(2):
        slope, shift = np.polyfit(x, y, 1)
        gap = np.abs(y - slope * x - shift)
        keep = gap <= 3 * max(float(np.median(gap)), 1e-12) * 1.4826
        x, y = (x[keep], y[keep]) if keep.sum() >= LEAST_ROWS_FOR_OFFSET else (x, y)
    return replace(match, factor=float(slope), shift=float(shift)) if slope else match


def _despread(
    leak: Table,
    held: Table,
    sheet: SheetPlan,
    matches: Sequence[ColumnMatch],
    rows: RowMatch,
    layout: TableLayout,
) -> tuple[SoftSymbols, int]:
    """Correlate what remains of every cell with the symbols it carries.

    What remains of a column is weighed by its own robust spread and clipped, so that a torn or rewritten
    column can't outweigh the others.
    """
    place = {c.column: i for i, c in enumerate(sheet.columns)}
    known = rows.start >= 0
    start, window = rows.start[known], rows.window
    mine = restored(leak, list(matches))[known]
    columns = [m.held for m in matches]
    unit = units(held.numbers[:, [c.column for c in sheet.columns]], sheet)[:, [place[c] for c in columns]]
    theirs, scale = moving_mean(held.numbers[:, columns], window)[start], moving_mean(unit, window)[start]
    with np.errstate(all="ignore"):
        gap = np.where(scale > 0, (mine - theirs) / (LAYER * scale), np.nan)
    step = np.array([10.0 ** -sheet.columns[place[c]].places for c in columns])
    with np.errstate(all="ignore"):
        coarse = step / (LAYER * median(np.where(scale > 0, scale, np.nan)))
    weight, spread = _weights(gap, np.nan_to_num(coarse, nan=0.0, posinf=0.0))
    sums, information = np.zeros((2, layout.symbols))
    at = np.array([place[c] for c in columns])
    for row in range(window):
        cells = np.minimum(start + row, held.rows - 1)[:, None]
        knot, beyond = layout.knot[cells, at], layout.beyond[cells, at]
        for index, sign, share in (
            (layout.fast[cells, at], layout.fast_sign[cells, at], np.ones_like(beyond)),
            (layout.slow[knot, at], layout.slow_sign[knot, at], 1 - beyond),
            (layout.slow[knot + 1, at], layout.slow_sign[knot + 1, at], beyond),
        ):
            strength = sign * share / window
            sums += np.bincount(index.ravel(), (strength * weight).ravel(), layout.symbols)
            information += np.bincount(
                index.ravel(), (np.square(share) / window * spread).ravel(), layout.symbols
            )
    return SoftSymbols(sums, information), int((spread > 0).sum())


def _weights(gap: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Clip each column's remainders: (what each cell says, its information), both 0 where there is nothing.

    `step` is each column's last digit, in layers. Where it is coarse most cells have not moved at all and a few
    by a whole step: a median would take such a column for one without noise. So the spread is the mean square
    of remainders no larger than a mark can leave.
    """
    there = np.isfinite(gap)
    with np.errstate(all="ignore"):
        if len(gap) >= LEAST_ROWS_FOR_OFFSET:
            gap = gap - median(gap)
        usual = 1.4826 * median(np.abs(gap))
        most = MOST_LAYERS + step + CLIP * usual
        deviation = np.maximum(usual, np.sqrt(np.nanmean(np.square(np.clip(gap, -most, most)), axis=0)))
    deviation = np.maximum(np.nan_to_num(deviation, nan=np.inf), LEAST_SPREAD)
    says = np.clip(gap, -CLIP * deviation, CLIP * deviation) / np.square(deviation)
    information = np.broadcast_to(1 / np.square(deviation), gap.shape)
    return np.where(there, says, 0.0), np.where(there & (information > 0), information, 0.0)
