"""Marks in table cells: single leaks after what people do to tables, blends, distortion, identification, time.

    ./run bench tables [--trials 1000] [--blends 20] [--tables 100000] [--parts quality,leaks,blends,grid,extras,tables]

The table is the simulated line's own record: 26 instruments, 2,016 rows, each trial under a fresh key. A copy
counts as named at ln(10^6 / 1e-9) + ln 2, and any other of 200 copies as an innocent one. u is the declared
uncertainty. Identification: sketches of generated tables, fragments of some of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sealtrace.content.table_index import TableIndex
from sealtrace.content.tables.model import Table
from sealtrace.content.tables.numbers import number
from sealtrace.demo.plant.instruments import INSTRUMENTS, as_csv, declaration, record
from sealtrace.demo.plant.operation import steady
from sealtrace.marks.codewords import CodeBook, JointBook
from sealtrace.marks.evalue import threshold
from sealtrace.marks.joint import JointWeigher
from sealtrace.marks.models import BLENDS
from sealtrace.marks.rounds import Sources, find_sources
from sealtrace.marks.table import decoys
from sealtrace.marks.table.declaration import Declaration
from sealtrace.marks.table.detect import read_table
from sealtrace.marks.table.extras import read_all
from sealtrace.marks.table.order import RowOrder
from sealtrace.marks.table.plan import TablePlan, plan_tables
from sealtrace.marks.table.write import distortion, marked_numbers
from sealtrace.testing import tables as attacks

from .trials import spread

LIMIT = threshold(10**6, 1e-9) + np.log(2)
COPIES = np.arange(200, dtype=np.uint64)
U = np.array([c.uncertainty for c in INSTRUMENTS])
ATTACKS = {
    "all cells, headings gone": attacks.some_columns(26),
    "100 shuffled rows": attacks.shuffled_rows(100),
    "24 shuffled rows": attacks.shuffled_rows(24),
    "means of 60 rows": attacks.averaged(60),
    "other units, columns shuffled": attacks.other_units,
    "noise of 2 u": attacks.noisy(2),
    "rounded to 4 u": attacks.rounded(4),
    "8 columns": attacks.some_columns(8),
}
Blend = Callable[[np.ndarray, np.random.Generator], np.ndarray]
BLENDED: dict[str, Blend] = {
    "mean": lambda t, _r: t.mean(axis=0),
    "cells": lambda t, r: np.take_along_axis(t, r.integers(0, len(t), (1, *t.shape[1:])), 0)[0],
    "rows": lambda t, r: t[r.integers(0, len(t), t.shape[1]), np.arange(t.shape[1])],
    "median": lambda t, _r: np.median(t, axis=0),
    "extremes": lambda t, r: np.where(r.random(t.shape[1:]) < 0.5, t.min(axis=0), t.max(axis=0)),
    "minority": lambda t, _r: _farthest(t),
}


DIAGONAL = ((2, 1024), (3, 2048), (5, 4096), (8, 8192))
GRID = tuple((k, m) for m in (1024, 2048, 4096, 8192) for k in (2, 3, 5, 8) if (k, m) not in DIAGONAL)


def _farthest(tables: np.ndarray) -> np.ndarray:
    """Of every cell, the value that lies farthest from the median."""
    away = np.abs(tables - np.median(tables, axis=0)).argmax(axis=0)
    return np.take_along_axis(tables, away[None], 0)[0]


class Bench:
    """The original, its plan, and copies of it."""

    def __init__(self, symbols: int | None = None) -> None:
        times, readings = record(steady())
        rows = [line.split(",") for line in as_csv(times, readings).splitlines()]
        self.table = Table("table", tuple(rows[0]), tuple(zip(*rows[1:], strict=True)))
        plan, notes = plan_tables([self.table], Declaration.from_dict(declaration()))
        assert plan is not None, notes
        self.plan: TablePlan = plan if symbols is None else replace(plan, symbols=symbols)

    def copy(self, book: CodeBook, number: int) -> tuple[Table, dict[str, float]]:
        """One copy, and how far it differs from the original."""
        sheet = self.plan.sheets[0]
        bits = np.unpackbits(book.words(COPIES[number : number + 1])[0])
        marked = marked_numbers(self.table, sheet, self.plan, book.layout_key, bits)
        numbers = self.table.numbers.copy()
        for column, values in marked.items():
            numbers[:, column] = values
        made = Table(self.table.name, self.table.header, self.table.columns)
        made.__dict__["numbers"] = numbers
        return made, distortion(self.table, sheet, marked)

    def trace(self, book: CodeBook, leak: Table) -> Sources:
        """Read a leak and weigh the copies."""
        reading = read_table(leak, self.table, self.plan.sheets[0], book.layout_key, self.plan.symbols)
        if reading is None:
            return Sources((), -np.inf, None)
        return find_sources(reading.symbols, book, COPIES, LIMIT, BLENDS)


_bench: Bench | None = None


def _prepare() -> None:
    global _bench  # noqa: PLW0603 (one in each process)
    _bench = Bench()


def one_leak(what: tuple[str, int]) -> tuple[bool, int, float, float]:
    """One attacked copy: whether it was named, how many others were, the best log e-value, processor seconds."""
    name, trial = what
    assert _bench is not None
    rng = np.random.default_rng([trial, sorted(ATTACKS).index(name)])
    book = CodeBook(rng.bytes(32), "table", _bench.plan.symbols)
    leak = ATTACKS[name](_bench.copy(book, 0)[0], U, rng)
    began = time.process_time()
    found = _bench.trace(book, leak)
    took = time.process_time() - began
    ids = {s.copy.value for s in found.named}
    return 0 in ids, len(ids - {0}), found.best, took


def leaks(trials: int, processes: int) -> None:
    """Print how often the single source is named after each attack."""
    for name in ATTACKS:
        results = list(spread(one_leak, [(name, trial) for trial in range(trials)], processes, _prepare))
        named, innocent, scores, seconds = zip(*results, strict=True)
        print(
            f"{name}: {sum(named) / trials:.1%} of {trials} named, {sum(innocent)} innocent; log e-value median "
            f"{statistics.median(scores):.0f}, least {min(scores):.0f}; {statistics.median(seconds):.2f} s",
            flush=True,
        )


def quality(bench: Bench, copies: int) -> None:
    """Print how far copies differ from the original."""
    worst = {"cell": 0.0, "mean": 0.0, "deviation": 0.0}
    for trial in range(copies):
        book = CodeBook(np.random.default_rng([trial, 77]).bytes(32), "table", bench.plan.symbols)
        change = bench.copy(book, 0)[1]
        worst = {k: max(worst[k], change[k]) for k in worst}
    print(
        f"distortion, worst of {copies} copies: cell {worst['cell']:.2f} u, column mean {worst['mean']:.3f} u, "
        f"standard deviation {worst['deviation']:.1%}"
    )


def one_blend(what: tuple[int, int, str, int]) -> tuple[int, int]:
    """One blend of copies: how many of its sources were named, and how many others."""
    sources, symbols, name, trial = what
    assert _bench is not None
    _bench.plan = replace(_bench.plan, symbols=symbols)
    rng = np.random.default_rng([trial, sources])
    book = CodeBook(rng.bytes(32), "table", symbols)
    copies = np.stack([_bench.copy(book, i)[0].numbers[:, 1:] for i in range(sources)])
    ids = {s.copy.value for s in _bench.trace(book, attacks.of_numbers(BLENDED[name](copies, rng))).named}
    mine = {i for i in ids if i < sources}
    return len(mine), len(ids - mine)


def blends(trials: int, processes: int, sizes: Sequence[tuple[int, int]]) -> None:
    """Print how often blends of so many copies, with codewords of so many symbols, name at least one of them."""
    for sources, symbols in sizes:
        cases = [(sources, symbols, name, trial) for name in BLENDED for trial in range(trials)]
        found = list(spread(one_blend, cases, processes, _prepare))
        rates = dict.fromkeys(BLENDED, 0.0)
        for (_, _, name, _), (mine, _) in zip(cases, found, strict=True):
            rates[name] += bool(mine) / trials
        guilty, innocent = (sum(part) for part in zip(*found, strict=True))
        least = min(rates, key=lambda n: rates[n])
        print(
            f"{sources} copies blended, {symbols} symbols: at least one named {np.mean(list(rates.values())):.1%}, "
            f"worst {rates[least]:.1%} ({least}); {guilty / len(cases):.2f} named on average, {innocent} "
            f"innocent; {trials} trials a way",
            flush=True,
        )


Choice = Callable[[int, np.random.Generator], np.ndarray]
KEPT: dict[str, Choice] = {
    "all rows": lambda n, _r: np.arange(n),
    "half of the rows": lambda n, r: np.sort(r.permutation(n)[: n // 2]),
    "every fifth row": lambda n, r: np.sort(r.permutation(n)[: n // 5]),
    "rows moved by 20 or so": lambda n, r: np.argsort(np.arange(n) + r.normal(0, 20, n)),
    "shuffled": lambda n, r: r.permutation(n),
}


def extras(bench: Bench, trials: int) -> None:
    """Print what the order of rows and decoy rows say by themselves, headings and times gone."""
    held = replace(bench.table, movable="add")
    declared = {**declaration(), "row_order": "free", "decoy_rows": "safe"}
    plan, notes = plan_tables([held], Declaration.from_dict(declared))
    assert plan is not None, notes
    assert plan.order is not None, notes
    assert plan.decoy is not None, notes
    sheet, names, seconds = plan.sheets[0], ("table", "order", "decoy"), list[float]()
    found: dict[str, list[np.ndarray]] = {name: [] for name in KEPT}
    innocent, most = 0, 0.0
    for trial in range(trials):
        rng = np.random.default_rng([trial, 41])
        key, sizes = rng.bytes(32), (plan.symbols, plan.order.symbols, plan.decoy.symbols)
        book = JointBook([CodeBook(key, name, size) for name, size in zip(names, sizes, strict=True)])
        leaked = _arranged(held, plan, book)
        for name, choose in KEPT.items():
            leak = attacks.of_numbers(leaked[choose(len(leaked), rng), 1:])
            began = time.process_time()
            reading = read_all(leak, held, sheet, plan, book)
            assert reading is not None
            sources = find_sources(reading.symbols, book, COPIES, LIMIT, BLENDS)
            seconds.append(time.process_time() - began)
            innocent += len({s.copy.value for s in sources.named} - {0})
            weigher = JointWeigher(reading.symbols, book.biases, sizes, BLENDS)
            scores = weigher.by_channel(book.words(COPIES))
            found[name].append(scores[:, 0])
            most = max(most, float(scores[:, 1:].max()))
    for name, scores in found.items():
        told = ", ".join(f"{c} {m:.0f}" for c, m in zip(names, np.median(scores, axis=0), strict=True))
        print(f"{name}: log e-values of the copy, medians of {trials}: {told}")
    print(
        f"{innocent} innocent copies named; the highest on one channel {most:.1f}; order {sizes[1]}, decoys "
        f"{sizes[2]} symbols; processor time to read and weigh, median {statistics.median(seconds):.2f} s"
    )


def _arranged(held: Table, plan: TablePlan, book: JointBook) -> np.ndarray:
    """The numbers of copy 0 with its rows in their own order and its decoys among them."""
    assert plan.order is not None
    sheet, keys, bits = plan.sheets[0], book.layout_keys(), np.unpackbits(book.words(COPIES[:1])[0])
    numbers = held.numbers.copy()
    for column, values in marked_numbers(held, sheet, plan, book.layout_key, bits[: plan.symbols]).items():
        numbers[:, column] = values
    order = RowOrder(keys["order"], held.rows, plan.order.symbols)
    cut = plan.symbols + order.symbols
    added = decoys.rows_of(held, sheet, plan, keys["decoy"], bits[cut:])
    made = []
    for row in order.arranged(bits[plan.symbols : cut]):
        made.append(numbers[row])
        if row in added:
            decoy = numbers[row].copy()
            for column, text in added[row].items():
                decoy[column] = number(text)
            made.append(decoy)
    return np.stack(made)


def identification(tables: int) -> None:
    """Print how often a fragment's table is found first among so many, and the time of a search."""
    rng = np.random.default_rng(5)
    columns, rows, probes = 8, 400, 60
    with tempfile.TemporaryDirectory() as folder:
        index, kept = TableIndex.open(Path(folder)), {}
        base = rng.uniform(1, 1000, (40, columns))  # forty plants, whose tables are alike
        for number in range(tables):
            plant = base[number % 40]
            level = plant * (1 + 0.01 * rng.standard_normal(columns))
            walk = np.cumsum(rng.standard_normal((rows, columns)), axis=0) * 0.05
            values = level * (1 + 0.004 * (rng.standard_normal((rows, columns)) + walk))
            if number % max(1, tables // probes) == 0:
                kept[number] = values
            table = Table("t", ("",) * columns, (("",) * rows,) * columns)
            table.__dict__["numbers"] = values
            index.add(number, table)
        index.flush()
        hits, among, seconds, tries = 0, 0, [], 0
        for number, values in kept.items():
            fragments = {
                "rows": values[rng.permutation(rows)[:120]],
                "columns": values[:, rng.permutation(columns)[:5]],
                "rounded": np.round(values / (0.01 * values.mean(axis=0))) * 0.01 * values.mean(axis=0),
                "units": values * np.where(np.arange(columns) % 2, 1.8, 1e-3)
                + np.where(np.arange(columns) % 2, 32, 0),
            }
            for fragment in fragments.values():
                began = time.process_time()
                found = index.search(attacks.of_numbers(fragment))
                seconds.append(time.process_time() - began)
                tries += 1
                hits += bool(found) and found[0].unit == number
                among += number in [hit.unit for hit in found]
        print(
            f"identification among {tables:,} tables of 40 plants: first {hits / tries:.1%}, among the candidates "
            f"{among / tries:.1%} of {tries} fragments; {statistics.median(seconds):.2f} s a search"
        )


def main() -> None:
    """Print the figures asked for."""
    parser = argparse.ArgumentParser(prog="./run bench tables", description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--blends", type=int, default=20)
    parser.add_argument("--tables", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--parts", default="quality,leaks,blends,tables")
    args = parser.parse_args()
    print(f"./run bench tables {' '.join(sys.argv[1:])}".rstrip())
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
    parts = args.parts.split(",")
    if "tables" in parts:
        identification(args.tables)
    if "quality" in parts:
        quality(Bench(), args.trials)
    if "leaks" in parts:
        leaks(args.trials, args.processes)
    if "blends" in parts:
        blends(args.blends, args.processes, DIAGONAL)
    if "extras" in parts:
        extras(Bench(), args.blends)
    if "grid" in parts:
        blends(args.blends, args.processes, GRID)


if __name__ == "__main__":
    main()
