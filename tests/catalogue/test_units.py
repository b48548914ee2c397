"""Masses and contents: exact, and every other word refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.catalogue import units
from sealtrace.catalogue.formula import parse
from sealtrace.errors import MalformedQuantity


@pytest.mark.parametrize(
    ("text", "mg"),
    [
        ("25 kg", 25_000_000),
        ("25KG", 25_000_000),
        ("0.5 t", 500_000_000),
        ("1.5吨", 1_500_000_000),
        ("50 克", 50_000),
        ("2公斤", 2_000_000),
        ("3 千克", 3_000_000),
        ("7 mg", 7),
        ("8毫克", 8),
        ("1000 lb", 453_592_370),
        ("２５ kg", 25_000_000),
    ],
)
def test_masses(text: str, mg: int) -> None:
    assert units.mass_mg(text) == mg


@pytest.mark.parametrize(
    "text",
    [
        "25",
        "25 T",
        "25 G",
        "25 M",
        "25 MT",
        "25 mt",
        "25 oz",
        "-1 kg",
        "1e3 kg",
        "1,000 kg",
        "0.0000001 kg",
        "kg",
        "NaN kg",
        "1 lb",
    ],
)
def test_other_masses_are_refused(text: str) -> None:
    with pytest.raises(MalformedQuantity):
        units.mass_mg(text)


@pytest.mark.parametrize(
    ("given_", "low", "high"),
    [
        (3, "3", "3"),
        (0.36, "0.36", "0.36"),
        ("3%", "3", "3"),
        ("3 wt%", "3", "3"),
        ("1800 ppm", "0.18", "0.18"),
        ("<0.05 %", "0", "0.05"),
        ("≤0.05", "0", "0.05"),
        (">99", "99", "100"),
        ("2-3%", "2", "3"),
        ("2～3 %", "2", "3"),
        ("1.2±0.1", "1.1", "1.3"),
        ("ND", "0", "0"),
        ("未检出", "0", "0"),
        ("ND(<0.01%)", "0", "0.01"),
        ("4N", "99.99", "100"),
        ("4N5", "99.995", "100"),
        ("3N", "99.9", "100"),
        ([2, 3], "2", "3"),
        ("500 mg/kg", "0.05", "0.05"),
    ],
)
def test_contents(given_: object, low: str, high: str) -> None:
    made = units.content(given_)
    assert (made.low, made.high) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    "given_",
    [
        -1,
        101,
        "101%",
        "abc",
        "",
        None,
        True,
        "3 at%",
        "3-2%",
        float("nan"),
        float("inf"),
        "NaN",
        [1],
        {},
        "3 %%",
        "2-3-4",
        "1e2",
    ],
)
def test_other_contents_are_refused(given_: object) -> None:
    with pytest.raises(MalformedQuantity):
        units.content(given_)


@given(st.integers(1, 10**12), st.sampled_from(["Dy2O3", "Tb4O7", "DyCl3·6H2O", "Nd1.6Dy0.4Fe14B"]))
def test_an_account_is_never_charged_too_little(gross_mg: int, text: str) -> None:
    made = parse(text)
    element = next(iter(made.elements & {"Dy", "Tb"}))
    exact = Fraction(gross_mg) * Fraction(made.fraction(element))
    assert exact <= units.element_mg(gross_mg, made.fraction(element)) < exact + 1


@given(st.decimals(0, 10**6, places=6))
def test_kilograms_come_back(kg: Decimal) -> None:
    assert Decimal(units.kilograms_mg(f"{kg:f}")) == kg * 10**6


def test_atomic_percent() -> None:
    made = units.weight_from_atomic({"Sm": Decimal("16.67"), "Co": Decimal("83.33")})
    assert made["Sm"].quantize(Decimal("0.1")) == Decimal("33.8")
    with pytest.raises(MalformedQuantity):
        units.weight_from_atomic({})
