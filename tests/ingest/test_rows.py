"""Rows as samples: times of every form, tags by column, numbers as they are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import SourceUnsuitable, UsageProblem
from sealtrace.ingest.model import Sample, Value, moment, us
from sealtrace.ingest.rows import Shape, number_of, samples_of, time_us, value_of

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@given(
    st.integers(us(datetime(1901, 1, 1, tzinfo=UTC)), us(datetime(8999, 1, 1, tzinfo=UTC))).map(moment), ZONES
)
def test_a_time_is_the_same_in_every_form(moment_utc: datetime, zone: timezone) -> None:
    at = moment_utc.astimezone(zone)
    for cell in (at, at.isoformat(), at.astimezone(UTC).isoformat().replace("+00:00", "Z")):
        assert time_us(cell, Shape("t")) == us(at)
    for unit, factor in (("s", 10**6), ("ms", 1000), ("us", 1)):
        exact = Decimal(us(at)) / factor
        assert (
            time_us(exact, Shape("t", epoch=unit)) == time_us(f"{exact:f}", Shape("t", epoch=unit)) == us(at)
        )


def test_times_without_a_zone_are_of_the_zone_given() -> None:
    shape = Shape("t", zone="Asia/Shanghai")
    for cell in ("2026/03/02 16:00:00", datetime.fromisoformat("2026-03-02T16:00:00")):
        assert time_us(cell, shape) == us(AT)
    assert time_us(date(2026, 3, 2), shape) == us(AT) - 16 * 3600 * 10**6


@pytest.mark.parametrize(
    "cell", [None, "", "soon", True, "1e40", float("nan"), float("inf"), "0001-01-01", 10**30]
)
def test_what_is_no_time_is_refused(cell: object) -> None:
    with pytest.raises(SourceUnsuitable):
        time_us(cell, Shape("t"))


@pytest.mark.parametrize("how", [{"zone": "Mars/Base"}, {"zone": "../etc"}, {"epoch": "weeks"}])
def test_shapes_are_correct_from_birth(how: dict[str, str]) -> None:
    with pytest.raises(UsageProblem):
        Shape("t", **how)


@pytest.mark.parametrize(
    ("shape", "tags"),
    [
        (Shape("t"), ["unit", "flow", "acid", "lot"]),
        (Shape("t", columns=("acid", "flow")), ["acid", "flow"]),
        (Shape("t", tag="unit"), ["E9.flow", "E9.acid", "E9.lot"]),
        (Shape("t", tag="unit", columns=("acid",)), ["E9"]),
        (Shape("t", tag="unit", leave=("acid", "empty"), first="lot"), ["lot", "E9"]),
        (Shape("t", first="lot", leave=("unit",)), ["lot", "flow", "acid"]),
    ],
)
def test_tags(shape: Shape, tags: list[str]) -> None:
    row = {"t": AT, "unit": "E9", "flow": 1.5, "acid": 2, "lot": "A", "empty": None}
    assert [s.tag for s in samples_of(row, shape)] == tags
    assert samples_of(row, Shape("t", columns=("flow",))) == [Sample(us(AT), "flow", 1.5)]


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(SourceUnsuitable, match="no column 'x'; there are t"):
        samples_of({"t": AT}, Shape("t", columns=("x",)))


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_in_text_come_back(number: float) -> None:
    got = number_of(repr(number))
    assert (type(got), got) == (type(number), number)


@pytest.mark.parametrize("text", ["007", "+1", "1.", ".5", "0x1", "nan", "1,5", "1_000", "٣"])
def test_what_is_not_written_as_a_number_stays_text(text: str) -> None:
    assert number_of(text) == text


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Decimal("1.25"), 1.25), (Decimal("0.12345678901234567890"), "0.12345678901234567890"), ("", None),
        (date(2026, 3, 2), "2026-03-02"), (time(8), "08:00:00"), (timedelta(minutes=1), 60.0), (b"\x01", "01"),
        ({"a": [1]}, '{"a": [1]}'), (0, 0), (False, False),
    ],
)  # fmt: skip
def test_cells_of_every_kind(cell: object, value: Value) -> None:
    got = value_of(cell)
    assert (type(got), got) == (type(value), value)
