"""Lines break where they may, lose nothing, and bounds are rounded up."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from sealtrace import typefaces
from sealtrace.trace.report.sheet import CLOSING, OPENING, lines, pdf_date, power, settable, spans

TEXT = st.text(alphabet="副本登记（）“”，。、 abcdefg0123456789-+/≤", max_size=120)


def words(row: list) -> str:
    return "".join(span.text for span in row)


@given(TEXT, st.floats(60, 400))
def test_lines_fit_and_lose_nothing_but_spaces(text: str, room: float) -> None:
    rows = lines(spans(text), room)
    assert "".join(map(words, rows)).replace(" ", "") == text.replace(" ", "")
    for row in rows:
        assert sum(span.width for span in spans(words(row).rstrip())) <= room + 0.01


@given(st.text(alphabet="副本登记员，。（）", min_size=1, max_size=80))
def test_no_line_begins_with_a_stop_after_a_character(text: str) -> None:
    text = "副" + text
    for row in lines(spans(text), 400)[1:]:
        before = text[: text.find(words(row))]
        assert words(row)[0] not in CLOSING or before[-1] in OPENING + CLOSING


@given(st.floats(1e-300, 1.0))
def test_a_bound_is_never_printed_smaller_than_it_is(value: float) -> None:
    typefaces.register()
    mantissa, *exponent = (span.text for span in power(value))
    number = float(mantissa.removesuffix("×10"))
    shown = number * 10.0 ** -int(exponent[0][1:]) if exponent else number
    assert value * (1 - 1e-9) <= shown <= value * 1.11 + 1e-306
    assert math.isfinite(shown)


def test_what_the_typeface_lacks_is_written_out() -> None:
    assert settable("a\u202eb\U0001f600") == "a[U+202E]b[U+1F600]"


def test_a_date_that_is_none_does_not_come_from_the_clock() -> None:
    assert pdf_date("soon") == "D:20000101000000+00'00'"
