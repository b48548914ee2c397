"""One table of plant-like readings, its plan, and copies of it, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest

from sealtrace.content.tables.model import Table
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.table.declaration import Declaration
from sealtrace.marks.table.plan import TablePlan, plan_tables
from sealtrace.marks.table.write import changes
from sealtrace.testing.tables import readings, uncertainties


@dataclass(frozen=True)
class Held:
    """A held table with everything needed to mark it and to read its leaks."""

    table: Table
    plan: TablePlan
    book: CodeBook
    u: np.ndarray

    def copy(self, number: int) -> Table:
        """The table as one copy has it."""
        return altered(self.table, self.plan, self.book, number)


def altered(table: Table, plan: TablePlan, book: CodeBook, number: int) -> Table:
    bits = np.unpackbits(book.words(np.array([number], np.uint64))[0])
    [new] = changes([table], plan, book.layout_key, bits)
    columns = [
        tuple(n if n is not None else o for n, o in zip(new[i], column, strict=True)) if i in new else column
        for i, column in enumerate(table.columns)
    ]
    return Table(table.name, table.header, tuple(columns))


@lru_cache(maxsize=1)
def made() -> Held:
    table = readings(np.random.default_rng(7), 1200, 22)
    declared = uncertainties(table)
    plan, notes = plan_tables([table], Declaration.from_dict(declared))
    assert plan is not None, notes
    u = np.array([c["uncertainty"] for c in declared["columns"].values()])  # type: ignore[attr-defined]
    return Held(table, plan, CodeBook(bytes(range(32)), "table", plan.symbols), u)


@pytest.fixture(scope="session")
def held() -> Held:
    return made()


@pytest.fixture(scope="session")
def copy_of(held: Held) -> Callable[[int], Table]:
    return lru_cache(maxsize=8)(held.copy)
