"""The simulated plant obeys its physics, and its instruments their declared uncertainties."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.custody.uncertainty import read_uncertainty
from sealtrace.demo import library
from sealtrace.demo.plant import cascade, operation, tables
from sealtrace.demo.plant.cascade import Charge, Conditions, equilibrium

from .demo_library import Library, plant

mol = st.floats(0.0, 120.0)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("data")
    tables.write_csv(plant().week, folder / library.DATA_CSV)
    tables.write_uncertainties(folder / library.UNCERTAINTIES)
    tables.write_workbook(plant().week, folder / library.DATA_XLSX)
    return Library(plant(), folder)


@given(metal=st.tuples(mol, mol, mol), net=st.floats(-600.0, 600.0), guess=st.floats(0.0, 0.25))
@settings(max_examples=300, deadline=None)
def test_a_stage_keeps_its_mass_and_charge(
    metal: tuple[float, float, float], net: float, guess: float
) -> None:
    volumes, dimer = (190.0, 760.0), 0.75
    constants = cascade.K_TB * cascade.SEPARATION
    state = equilibrium(
        Charge(np.array([metal]), np.array([net]), np.array([guess])), volumes, dimer, constants
    )
    held = volumes[0] * state.x[0] + volumes[1] * state.y[0]
    np.testing.assert_allclose(held, metal, atol=1e-6)
    assert (state.x >= 0).all()
    assert (state.y >= 0).all()
    loaded = state.y[0].sum()
    assert 3 * loaded <= dimer
    if state.acid[0] > cascade.LEAST_ACID:
        free = volumes[0] * state.acid[0] - volumes[1] * state.base[0] - 3 * volumes[1] * loaded
        assert free == pytest.approx(net, abs=1e-4)
    expected = constants * ((dimer - 3 * loaded) / state.acid[0]) ** 3
    present = state.x[0] > 1e-9
    np.testing.assert_allclose(
        (state.y[0] / np.maximum(state.x[0], 1e-30))[present], expected[present], rtol=1e-3
    )


def test_more_acid_means_less_extraction() -> None:
    metal = np.array([[20.0, 60.0, 50.0]])
    loads = [
        equilibrium(
            Charge(metal, np.array([net]), np.zeros(1)),
            (190.0, 760.0),
            0.75,
            cascade.K_TB * cascade.SEPARATION,
        ).y.sum()
        for net in (-300.0, -100.0, 100.0, 400.0)
    ]
    assert loads == sorted(loads, reverse=True)


def test_the_cascade_balances_and_separates() -> None:
    settled, design = plant().settled, plant().design
    np.testing.assert_allclose(settled.balance(design), 1, atol=1.1e-3)
    raffinate, liquor = settled.raffinate, settled.strip_liquor
    assert raffinate[0] / raffinate.sum() > 0.99  # terbium leaves with the raffinate
    assert liquor[0] / liquor.sum() < 0.002  # and hardly with the liquor
    assert settled.barren_organic.sum() < 1e-6
    for x, y in zip(settled.state.x, settled.state.y, strict=True):
        factor = (y[1] / x[1]) / (y[0] / x[0]) if min(x[:2].min(), y[:2].min()) > 1e-12 else 2.6
        assert factor == pytest.approx(2.6, rel=1e-6)


def test_a_cascade_that_cannot_settle_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "SETTLE_STEPS", 600)
    with pytest.raises(ArithmeticError, match="steady state"):
        cascade.Cascade(cascade.Shape(), Conditions()).settle(Conditions())


def test_the_week_is_the_same_each_time_and_shows_its_events() -> None:
    again = operation.simulate(plant().settled)
    assert again.operation == plant().week.operation
    assert again.assays == plant().week.assays
    assert operation.simulate(plant().settled, seed=1).operation != again.operation
    soap = [c.name for c in operation.OPERATION].index("saponification")
    by_hour = {(at - operation.BEGIN).total_seconds() / 3600: row for at, row in again.operation}
    fallen = np.mean([row[soap] for hour, row in by_hour.items() if 113 <= hour < 121])
    usual = np.mean([row[soap] for hour, row in by_hour.items() if 20 <= hour < 100])
    assert usual - fallen == pytest.approx(0.7, abs=0.25)


def test_readings_scatter_as_declared() -> None:
    rng, settled, design = np.random.default_rng(5), plant().settled, plant().design
    for column in operation.OPERATION:
        read = np.array([operation.measure(column, design, settled, rng) for _ in range(400)])
        true = column.true(design, settled)
        rounding = 10.0**-column.decimals / math.sqrt(12)
        assert read.std() == pytest.approx(math.hypot(column.uncertainty, rounding), rel=0.12)
        assert read.mean() == pytest.approx(true, abs=4 * column.uncertainty / math.sqrt(400) + rounding)


def test_every_measured_column_has_a_declared_uncertainty(written: Library) -> None:
    with (written.folder / library.DATA_CSV).open(encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    declared = read_uncertainty(written.folder / library.UNCERTAINTIES)["columns"]
    assert isinstance(declared, dict)
    assert list(declared) == head[1:]
    assert len(rows) == operation.HOURS * 60 // operation.ROW_MIN
    assert all(len(row) == len(head) for row in rows)
    assert not any(cell.startswith("-") for row in rows for cell in row)


def test_workbook_holds_the_same_readings(written: Library) -> None:
    from openpyxl import load_workbook

    book = load_workbook(written.folder / library.DATA_XLSX, read_only=True)
    assert len(book.sheetnames) == 5
    rows = list(book[book.sheetnames[1]].iter_rows(min_row=2, values_only=True))
    assert [tuple(row[1:]) for row in rows] == [row for _, row in plant().week.operation]
    stages = list(book[book.sheetnames[3]].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in stages] == tables.stage_names(plant().settled)
