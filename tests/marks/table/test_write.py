"""What marking may change, and what it must keep."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.content.tables.model import Table
from sealtrace.content.tables.numbers import decimals
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.table import formula
from sealtrace.marks.table.declaration import Declaration, MalformedDeclaration
from sealtrace.marks.table.plan import TablePlan, plan_tables

from .conftest import Held, altered

KEY = CodeBook(bytes(32), "table", 256)


def planned(table: Table, **declared: object) -> TablePlan:
    plan, notes = plan_tables([table], Declaration.from_dict(declared))
    assert plan is not None, notes
    return plan


def of(**columns: np.ndarray) -> Table:
    """A table of columns with two decimals."""
    cells = tuple(tuple(f"{v:.2f}" for v in values) for values in columns.values())
    return Table("t", tuple(columns), cells)


def test_every_cell_stays_within_the_declared_uncertainty(
    held: Held, copy_of: Callable[[int], Table]
) -> None:
    for number in range(3):
        copy = copy_of(number)
        moved = np.abs(copy.numbers - held.table.numbers)[:, 1:] / held.u
        assert moved.max() <= 1 + 1e-9
        assert 0.1 < moved.mean() < 0.5
        mean = np.abs((copy.numbers - held.table.numbers)[:, 1:].mean(axis=0)) / held.u
        assert mean.max() <= 0.07
        spread = copy.numbers[:, 1:].std(axis=0) / held.table.numbers[:, 1:].std(axis=0)
        assert np.abs(spread - 1).max() <= 0.06


def test_copies_differ_and_the_same_copy_is_the_same(held: Held, copy_of: Callable[[int], Table]) -> None:
    assert copy_of(0).columns == held.copy(0).columns
    assert copy_of(0).columns != copy_of(1).columns
    assert copy_of(0).columns[0] == held.table.columns[0]


def test_cells_keep_their_form(held: Held, copy_of: Callable[[int], Table]) -> None:
    for before, after in zip(held.table.columns[1:], copy_of(0).columns[1:], strict=True):
        assert [decimals(a) for a in before] == [decimals(b) for b in after]


def test_undeclared_and_fixed_columns_stay(held: Held) -> None:
    declared = {f"c{i}": {"uncertainty": float(held.u[i - 1])} for i in range(1, 21)}
    declared["c20"] = {"fixed": "it is a set point"}
    plan = planned(held.table, columns=declared)
    copy = altered(held.table, plan, KEY_FOR(plan), 0)
    same = [a == b for a, b in zip(held.table.columns, copy.columns, strict=True)]
    assert same == [True, *[False] * 19, True, True, True]


def KEY_FOR(plan: TablePlan) -> CodeBook:
    return CodeBook(bytes(32), "table", plan.symbols)


def walk(seed: int, rows: int = 800, level: float = 50.0) -> np.ndarray:
    return level + 0.5 * np.random.default_rng(seed).standard_normal(rows)


def test_sums_derived_columns_counters_and_limits_are_kept() -> None:
    a, b = walk(1, level=40.0), walk(2, level=35.0)
    a, b = np.round(a, 2), np.round(b, 2)
    table = of(
        a=a, b=b, c=np.round(100 - a - b, 2), total=np.round(a + b, 2), counter=np.cumsum(walk(3, level=1.2).clip(0)),
        tank=walk(4, level=9.9), loss=np.maximum(walk(5, level=0.4), 0), stuck=np.full(800, 3.0), p=walk(6), q=walk(7),
    )  # fmt: skip
    plan = planned(
        table,
        columns={name: {"uncertainty": 0.3} for name in table.header if name != "total"},
        derived={"total": "a + b"},
        sum_to=[{"columns": ["a", "b", "c"], "total": 100}],
        monotone={"counter": "increasing"},
        limits={"tank": [9.0, 10.0]},
    )
    copy = altered(table, plan, KEY_FOR(plan), 0)
    old, new = (
        dict(zip(table.header, table.numbers.T, strict=True)),
        dict(zip(copy.header, copy.numbers.T, strict=True)),
    )
    assert np.allclose(new["a"] + new["b"] + new["c"], 100)
    assert (np.abs(new["a"] - old["a"]) > 0).mean() > 0.3
    assert np.allclose(new["total"], new["a"] + new["b"])
    assert (np.diff(new["counter"]) >= 0).all()
    assert ((new["tank"] > 10) == (old["tank"] > 10)).all()
    assert ((new["tank"] < 9) == (old["tank"] < 9)).all()
    assert (new["loss"] >= 0).all()
    assert (new["loss"][old["loss"] == 0] == 0).all()
    assert copy.columns[table.header.index("stuck")] == table.columns[table.header.index("stuck")]
    for name in ("a", "b", "c", "counter", "tank", "loss", "p", "q"):
        assert np.abs(new[name] - old[name]).max() <= 0.3 + 1e-9, name
    assert TablePlan.from_dict(plan.to_dict()) == plan


def test_parts_keep_adding_up_to_a_total_that_is_a_column() -> None:
    a, b = np.round(walk(1, level=40.0), 2), np.round(walk(2, level=35.0), 2)
    table = of(a=a, b=b, total=np.round(a + b, 2))
    plan = planned(
        table,
        columns={name: {"uncertainty": 0.3} for name in table.header},
        sum_to=[{"columns": ["a", "b"], "total": "total"}],
        limits={"a": [39.5, 40.5]},
    )
    copy = altered(table, plan, KEY_FOR(plan), 0)
    assert copy.columns[2] == table.columns[2]
    assert np.allclose(copy.numbers[:, 0] + copy.numbers[:, 1], table.numbers[:, 2])
    assert copy.columns[0] != table.columns[0]
    assert ((copy.numbers[:, 0] > 40.5) == (a > 40.5)).all()


def test_relative_uncertainty_follows_the_reading() -> None:
    rng = np.random.default_rng(3)
    table = of(**{f"x{i}": np.exp(rng.normal(3, 1, 800)) for i in range(3)})
    plan = planned(table, columns={f"x{i}": {"uncertainty": 0.02, "relative": True} for i in range(3)})
    copy = altered(table, plan, KEY_FOR(plan), 1)
    share = np.abs(copy.numbers / table.numbers - 1)
    assert share.max() <= 0.02 + 1e-9
    assert (
        np.abs(copy.numbers - table.numbers)[table.numbers > 60].mean()
        > np.abs(copy.numbers - table.numbers)[table.numbers < 10].mean()
    )


def test_a_small_or_coarse_table_carries_nothing_and_says_why() -> None:
    few = of(x=walk(1, 40), y=walk(2, 40))
    plan, notes = plan_tables([few], Declaration.from_dict({"columns": {"x": {"uncertainty": 0.3}}}))
    assert plan is None
    assert "are needed" in notes[-1]
    coarse = Table("t", ("x",), (tuple(str(round(v)) for v in walk(1, 2000)),))
    plan, notes = plan_tables([coarse], Declaration.from_dict({"columns": {"x": {"uncertainty": 0.3}}}))
    assert plan is None
    assert "more coarsely" in notes[0]


@pytest.mark.parametrize(
    "said",
    [
        {}, {"columns": {"a": 1}}, {"columns": {"a": {"uncertainty": -1}}}, {"columns": {"a": {"uncertainty": True}}},
        {"columns": {"a": {"uncertainty": 1, "colour": 2}}}, {"columns": {"a": {"uncertainty": 2, "relative": True}}},
        {"columns": {"a": {"uncertainty": 1}}, "derived": {"b": "open('x')"}},
        {"columns": {"a": {"uncertainty": 1}}, "monotone": {"a": "sideways"}},
        {"columns": {"a": {"uncertainty": 1}}, "limits": {"a": [2, 1]}},
        {"columns": {"a": {"uncertainty": 1}}, "sum_to": [{"columns": ["a"]}]},
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_kept_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(MalformedDeclaration):
        Declaration.from_dict(said)


@settings(deadline=None)
@given(st.floats(-100, 100), st.floats(0.1, 100))
def test_formulas_are_arithmetic(a: float, b: float) -> None:
    columns = {"a": np.array([a]), "flow rate": np.array([b])}
    assert formula.value("-(a + 2) * 3 / `flow rate`", columns)[0] == pytest.approx(-(a + 2) * 3 / b)
    assert formula.names("a * `flow rate`") == {"a", "flow rate"}


@pytest.mark.parametrize(
    "text", ["a.b", "a[0]", "f(a)", "a if a else 1", "'x'", "a, b", "lambda: 1", "(" * 200]
)
def test_formulas_are_nothing_else(text: str) -> None:
    with pytest.raises(formula.NoFormula):
        formula.names(text)
