"""Numbers keep the form they were written in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.content.tables.numbers import decimals, number, numbers_of, rewritten


@pytest.mark.parametrize(
    ("value", "like", "places", "written"),
    [
        (12.34, "12.30", 2, "12.34"),
        (12.3, "12.30", 2, "12.30"),
        (412.0, "411", 0, "412"),
        (12.3, "12", 2, "12.3"),
        (13.0, "12", 2, "13"),
        (13.0, "12.0", 2, "13.0"),
        (12.345, "12,3", 2, "12,35"),
        (2.5, "+2.40", 2, "+2.50"),
        (0.51, ".50", 2, ".51"),
        (-0.001, "0.00", 2, "0.00"),
        (1.26e-5, "1.25e-05", 7, "1.26e-05"),
        (1.26e-5, "1.25E-5", 7, "1.26E-5"),
        (1260.0, "1.25e+3", -1, "1.26e+3"),
        (5.1, "  5.0 ", 1, "  5.1 "),
    ],
)
def test_written_in_the_same_form(value: float, like: str, places: int, written: str) -> None:
    assert rewritten(value, like, places) == written


@given(st.floats(-1e9, 1e9), st.integers(0, 9), st.floats(-1e9, 1e9))
def test_what_is_written_reads_as_the_rounded_value(old: float, places: int, new: float) -> None:
    like = f"{old:.{places}f}"
    again = rewritten(new, like, places)
    assert decimals(again) == places
    assert number(again) == pytest.approx(round(new, places), abs=1e-12, rel=1e-15)


@given(st.floats(1e-6, 1e6), st.integers(1, 6))
def test_exponents_keep_their_digits(old: float, digits: int) -> None:
    like = f"{old:.{digits}e}"
    assert rewritten(float(like), like, decimals(like)) == like


def test_what_is_no_number_is_none() -> None:
    cells = ["1.5", "", "n/a", "2,5", "1e3", "inf", "1 2", "0x10"]
    found = numbers_of(cells)
    assert [v if math.isfinite(v) else None for v in found] == [
        1.5,
        None,
        None,
        2.5,
        1000.0,
        None,
        None,
        None,
    ]
