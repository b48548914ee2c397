"""Leaked tables: the source is named after what people do to tables, and nobody else is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sealtrace.content.tables.model import Table
from sealtrace.marks.evalue import Weigher, threshold
from sealtrace.marks.models import BLENDS
from sealtrace.marks.rounds import find_sources
from sealtrace.marks.table.detect import TableReading, read_table
from sealtrace.testing import tables as attacks

from .conftest import Held

LIMIT = threshold(10**6, 1e-9)
ATTACKS = {
    "as it is": attacks.some_columns(22),
    "100 shuffled rows": attacks.shuffled_rows(100),
    "40 shuffled rows": attacks.shuffled_rows(40),
    "mean of 5": attacks.averaged(5),
    "mean of 30": attacks.averaged(30),
    "moving mean of 9": attacks.averaged(9, stride=1),
    "other units, columns shuffled": attacks.other_units,
    "noise of 2 u": attacks.noisy(2),
    "rounded to 4 u": attacks.rounded(4),
    "6 columns": attacks.some_columns(6),
}


def read(held: Held, leak: Table) -> TableReading | None:
    return read_table(leak, held.table, held.plan.sheets[0], held.book.layout_key, held.plan.symbols)


@pytest.mark.parametrize("name", ATTACKS)
def test_the_source_is_named_and_nobody_else(held: Held, copy_of: Callable[[int], Table], name: str) -> None:
    leak = ATTACKS[name](copy_of(1), held.u, np.random.default_rng(5))
    reading = read(held, leak)
    assert reading is not None
    found = find_sources(reading.symbols, held.book, np.arange(200, dtype=np.uint64), LIMIT, BLENDS)
    assert [s.copy.value for s in found.named] == [1]
    assert found.runner_up is not None
    assert found.runner_up < LIMIT / 2


def test_rows_are_found_by_their_key_when_everything_else_is_gone(
    held: Held, copy_of: Callable[[int], Table]
) -> None:
    rng, copy = np.random.default_rng(6), copy_of(1)
    rows = rng.permutation(copy.rows)[:300]
    noisy = copy.numbers[:, 1:7] + held.u[:6] * rng.standard_normal((copy.rows, 6))
    keyed = Table(
        "t",
        ("when", *copy.header[1:7]),
        (
            tuple(copy.columns[0][i] for i in rows),
            *(tuple(f"{v:.6g}" for v in noisy[rows, c]) for c in range(6)),
        ),
    )
    reading = read(held, keyed)
    assert reading is not None
    assert reading.rows.how == "key"
    assert np.array_equal(reading.rows.start, rows)
    assert (
        Weigher(reading.symbols, held.book.biases, BLENDS).log_e(held.book.words(np.array([1], np.uint64)))[0]
        > 8
    )


def test_averages_and_units_are_told(held: Held, copy_of: Callable[[int], Table]) -> None:
    rng = np.random.default_rng(8)
    reading = read(held, attacks.averaged(10)(copy_of(1), held.u, rng))
    assert reading is not None
    assert (reading.rows.window, reading.rows.how) == (10, "order")
    reading = read(held, attacks.other_units(copy_of(1), held.u, rng))
    assert reading is not None
    assert {"same", "degC>degF", "/1000", "L>gal"} == {m.unit for m in reading.columns}


@pytest.mark.parametrize("case", ["unmarked", "unmarked and noisy", "another key", "columns reversed"])
def test_what_carries_no_copy_names_nobody(held: Held, case: str) -> None:
    from sealtrace.marks.codewords import CodeBook

    from .conftest import altered

    rng = np.random.default_rng(9)
    leak = {
        "unmarked": held.table,
        "unmarked and noisy": attacks.noisy(0.3)(held.table, held.u, rng),
        "another key": altered(held.table, held.plan, CodeBook(bytes(32), "table", held.plan.symbols), 3),
        "columns reversed": attacks.of_numbers(held.table.numbers[:, :0:-1]),
    }[case]
    reading = read(held, leak)
    assert reading is not None
    found = find_sources(reading.symbols, held.book, np.arange(20_000, dtype=np.uint64), LIMIT, BLENDS)
    assert not found.named
    assert found.best < 20


@pytest.mark.parametrize("how", ["mean", "cells", "rows", "median", "least"])
def test_blends_of_tables_name_a_source(held: Held, copy_of: Callable[[int], Table], how: str) -> None:
    rng = np.random.default_rng(10)
    copies = np.stack([copy_of(i).numbers[:, 1:] for i in range(3)])
    shape = copies.shape[1:]
    blended = {
        "mean": lambda: copies.mean(axis=0),
        "cells": lambda: np.take_along_axis(copies, rng.integers(0, 3, (1, *shape)), 0)[0],
        "rows": lambda: copies[rng.integers(0, 3, shape[0]), np.arange(shape[0])],
        "median": lambda: np.median(copies, axis=0),
        "least": lambda: copies.min(axis=0),
    }[how]()
    reading = read(held, attacks.of_numbers(blended))
    assert reading is not None
    found = find_sources(reading.symbols, held.book, np.arange(200, dtype=np.uint64), LIMIT, BLENDS)
    assert found.named
    assert {s.copy.value for s in found.named} <= {0, 1, 2}


@pytest.mark.parametrize(
    "leak",
    [
        Table("t", ("a", "b"), (("x", "y"), ("1", "1"))),
        Table("t", ("a",), (("3.5", "7.25", "1000"),)),
        Table("t", (), ()),
    ],
)
def test_tables_that_are_another_s_or_nobody_s_say_nothing(held: Held, leak: Table) -> None:
    reading = read(held, leak)
    if reading is not None:
        log_e = Weigher(reading.symbols, held.book.biases, BLENDS).log_e(
            held.book.words(np.arange(50, dtype=np.uint64))
        )
        assert log_e.max() < 10
