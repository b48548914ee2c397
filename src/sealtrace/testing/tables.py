"""What people do to a table of measurements before it leaks, and seeded readings to do it to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sealtrace.content.tables.model import Table

Floats = NDArray[np.float64]
Attack = Callable[[Table, Floats, np.random.Generator], Table]


def readings(rng: np.random.Generator, rows: int, columns: int) -> Table:
    """Plant-like readings: slow wandering, a daily swing, noise; a time column first. Columns c1, c2, ..."""
    minutes = np.arange(rows) * 5
    cells, header = [tuple(f"2026-03-02T{m // 60:04d}:{m % 60:02d}" for m in minutes)], ["time"]
    for number in range(columns):
        noise, places = float(rng.choice([0.02, 0.2, 2.0])), int(rng.integers(0, 2))
        walk = np.zeros(rows)
        for i in range(1, rows):
            walk[i] = 0.97 * walk[i - 1] + 0.3 * noise * rng.standard_normal()
        swing = 2 * noise * np.sin(2 * np.pi * (minutes / 1440 + rng.random()))
        level = noise * float(rng.uniform(100, 900))
        values = level + walk + swing + noise * rng.standard_normal(rows)
        decimals = max(0, places - int(np.floor(np.log10(noise))))
        cells.append(tuple(f"{v:.{decimals}f}" for v in values))
        header.append(f"c{number + 1}")
    return Table("table", tuple(header), tuple(cells))


def uncertainties(table: Table) -> dict[str, object]:
    """Declare the fine noise of every column but the first as its uncertainty."""
    from sealtrace.marks.table.plan import fine_noise

    columns = {
        name: {"uncertainty": float(f"{fine_noise(table.numbers[:, i]):.3g}")}
        for i, name in enumerate(table.header)
        if i
    }
    return {"columns": columns}


def of_numbers(numbers: Floats, header: Sequence[str] | None = None) -> Table:
    """Make a table of numbers, written as Python writes them."""
    columns = tuple(tuple(f"{v:.10g}" for v in column) for column in numbers.T)
    return Table("table", tuple(header or [""] * len(columns)), columns)


def shuffled_rows(rows: int) -> Attack:
    """Keep some rows, in no order, without the headings and the time."""
    return lambda t, _u, rng: of_numbers(t.numbers[rng.permutation(t.rows)[:rows], 1:])


def averaged(rows: int, *, stride: int | None = None) -> Attack:
    """Average so many rows into one."""

    def attack(table: Table, _u: Floats, _rng: np.random.Generator) -> Table:
        values, step = table.numbers[:, 1:], stride or rows
        return of_numbers(
            np.stack([values[i : i + rows].mean(axis=0) for i in range(0, len(values) - rows + 1, step)])
        )

    return attack


def noisy(times_u: float) -> Attack:
    """Add Gaussian noise of so many declared uncertainties; rows stay in order."""
    return lambda t, u, rng: of_numbers(
        t.numbers[:, 1:] + times_u * u * rng.standard_normal((t.rows, len(u)))
    )


def rounded(times_u: float) -> Attack:
    """Round to multiples of so many declared uncertainties."""
    return lambda t, u, _rng: of_numbers(np.round(t.numbers[:, 1:] / (times_u * u)) * times_u * u)


def other_units(table: Table, _u: Floats, rng: np.random.Generator) -> Table:
    """Change every third column's unit (degF, thousandths, gallons), shuffle the columns, drop the headings."""
    values = table.numbers[:, 1:].copy()
    for column in range(0, values.shape[1], 3):
        factor, shift = ((1.8, 32), (1e-3, 0), (0.264172, 0))[column // 3 % 3]
        values[:, column] = factor * values[:, column] + shift
    return of_numbers(values[:, rng.permutation(values.shape[1])])


def some_columns(columns: int) -> Attack:
    """Keep some columns, rows in order."""
    return lambda t, u, rng: of_numbers(t.numbers[:, 1 + rng.permutation(len(u))[:columns]])
