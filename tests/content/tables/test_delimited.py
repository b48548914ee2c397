"""CSV and TSV: what is read, and that only the cells asked for change."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealtrace.content.tables import delimited

cell = st.one_of(st.floats(-1e4, 1e4).map(lambda v: f"{v:.2f}"), st.text("ab ,;\"'é\n", max_size=6))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cell, cell, st.just("1.5")), min_size=2, max_size=6))
def test_reads_what_the_csv_module_reads(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("name", "other", "value"), *rows])
    path = tmp_path / "t.csv"
    path.write_text(text.getvalue(), "utf-8", newline="")
    if delimited._delimiter(text.getvalue()) != ",":
        return
    [table] = delimited.read(path)
    assert table.header == ("name", "other", "value")
    assert list(zip(*table.columns, strict=True)) == rows


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_only_the_cells_asked_for_change(tmp_path: Path, mark: str, end: str) -> None:
    lines = [
        ["# made by the plant"],
        ["time", "flow", "note"],
        ["t0", "1.50", f'"a{mark}b"'],
        ["t1", '"2.50"', "x"],
    ]
    before = end.join(mark.join(line) for line in lines) + end
    (tmp_path / "t.csv").write_bytes(before.encode("utf-8-sig"))
    [table] = delimited.read(tmp_path / "t.csv")
    assert table.header == ("time", "flow", "note")
    assert table.columns[1] == ("1.50", "2.50")
    delimited.rewrite(tmp_path / "t.csv", tmp_path / "new.csv", [{1: ["1.60", "2.40"]}])
    after = (tmp_path / "new.csv").read_bytes().decode("utf-8-sig")
    assert after == before.replace("1.50", "1.60").replace("2.50", "2.40")
    delimited.rewrite(tmp_path / "t.csv", tmp_path / "same.csv", [{1: [None, None]}])
    assert (tmp_path / "same.csv").read_bytes() == (tmp_path / "t.csv").read_bytes()


def test_prose_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("one line\nanother line\n", "utf-8")
    assert delimited.read(tmp_path / "t.csv") == []
