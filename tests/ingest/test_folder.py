"""Tailing a folder: whole rows once, through appends, half lines, rewriting and files of every kind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealtrace.clock import FixedClock
from sealtrace.errors import InputMissing, SourceUnreachable, UsageProblem
from sealtrace.ingest import folder as module
from sealtrace.ingest.folder import FolderCollector
from sealtrace.ingest.rows import Shape

from .conftest import HOUR

HEADER = "at,flow,note\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


def taking(place: Path, *, rested: bool = False, **how: Any) -> FolderCollector:
    """A collector whose clock says that every file has rested, or that none has."""
    clock = FixedClock(HOUR + timedelta(days=3650 if rested else -3650))
    return FolderCollector(place, Shape("at"), clock, **how)


def drain(
    collector: FolderCollector, state: dict[str, Any]
) -> tuple[list[object], dict[str, Any], list[str]]:
    values: list[object] = []
    notes: list[str] = []
    for _ in range(1000):
        taken = collector.take(state)
        values += [s.value for s in taken.samples if s.tag == "flow"]
        notes += taken.notes
        state = taken.state
        if taken.drained:
            return values, state, notes
    raise AssertionError("it never came to an end")


def row(n: int, value: object, note: str = "") -> str:
    return f"2026-03-02 08:{n % 60:02d}:00,{value},{note}\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=9),
    st.sampled_from(["plain", 'a ""b"", c', "two\nlines"]),
)
def test_rows_are_taken_once_however_the_file_grows(place: Path, pieces: list[int], note: str) -> None:
    path = place / "log.csv"
    text = HEADER + "".join(row(n, n, f'"{note}"') for n in range(6))
    data, at, state, got = text.encode(), 0, {}, []
    path.write_bytes(b"")
    for piece in [*pieces, len(data)]:
        with path.open("ab") as file:
            file.write(data[at : at + piece])
        at += piece
        values, state, notes = drain(taking(place), state)
        assert notes == []
        got += values
    assert got == list(range(6))


def test_a_last_line_without_its_end_waits_until_the_file_rests(place: Path) -> None:
    path = place / "log.csv"
    path.write_text(HEADER + row(0, 1) + row(1, 2).rstrip("\n"))
    values, state, _ = drain(taking(place), {})
    assert values == [1]
    values, state, _ = drain(taking(place, rested=True), state)
    assert values == [2]
    assert drain(taking(place, rested=True), state)[0] == []
    with path.open("a") as file:
        file.write("\n" + row(2, 3))
    values, state, _ = drain(taking(place), state)
    assert values == [3]


def test_a_line_that_was_cut_when_it_was_taken_is_taken_again_whole(place: Path) -> None:
    path = place / "log.jsonl"
    path.write_text('{"at": "2026-03-02T08:00:00Z", "flow": 1}')
    values, state, _ = drain(taking(place, rested=True), {})
    assert values == [1]
    path.write_text('{"at": "2026-03-02T08:00:00Z", "flow": 1} \n{"at": 1772438460, "flow": 2}\n')
    assert drain(taking(place), state)[0] == [1, 2]  # the first is dropped as a duplicate when it is sealed


def test_a_rewritten_file_is_read_from_its_start_and_that_is_noted(place: Path) -> None:
    path = place / "log.csv"
    path.write_text(HEADER + row(0, 1) + row(1, 2))
    _, state, _ = drain(taking(place), {})
    path.write_text(HEADER + row(5, 9))
    values, state, notes = drain(taking(place), state)
    assert (values, notes) == ([9], ["log.csv: the file was rewritten; it is read from its start"])
    path.write_text(HEADER + row(6, 7))  # as long as before, another beginning
    assert drain(taking(place), state)[0] == [7]


def test_rows_that_can_not_be_read_are_named_and_leave_the_rest(place: Path) -> None:
    (place / "a.csv").write_bytes(
        HEADER.encode() + b"never,1,x\n2026-03-02,1\n\xff\xfe,1,2\n\n" + row(0, 5).encode()
    )
    (place / "b.jsonl").write_text('{"at": 1772438400, "flow": 6}\n[1]\nnot json\n{"flow": 7}\n')
    values, _, notes = drain(taking(place), {})
    assert values == [5, 6]
    assert notes == [
        "a.csv: row 3, not taken: 2 cells under 3 columns",
        "a.csv: row 4, not taken: it is not utf-8",
        "a.csv, row 2, not taken: 'never' can't be read as a time",
        "b.jsonl: row 2, not taken: it is no JSON object",
        "b.jsonl: row 3, not taken: it is no JSON object",
        "b.jsonl, row 4, not taken: there is no column 'at'; there are flow",
    ]


def test_separators_encodings_and_numbers(place: Path) -> None:
    (place / "a.tsv").write_text("at\tflow\n2026-03-02T08:00:00+08:00\t1.50\n")
    (place / "b.csv").write_bytes("at;flow\n2026/03/02 08:00:00;正常\n2026-03-02;007\n".encode("gb18030"))
    taken = drain(taking(place, encoding="gb18030"), {})
    assert taken[0] == [1.5, "正常", "007"]


def test_a_byte_order_mark_is_no_part_of_a_name(place: Path) -> None:
    (place / "a.csv").write_bytes(b"\xef\xbb\xbf" + (HEADER + row(0, 4)).encode())
    assert drain(taking(place), {})[0] == [4]


def write_parquet(path: Path, values: list[int]) -> None:
    times = pa.array([HOUR + timedelta(minutes=v) for v in values], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"at": times, "flow": values}), path, row_group_size=2)


def test_parquet_files_are_taken_row_by_row_and_their_new_rows_later(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PARQUET_ROWS", 3)
    write_parquet(place / "a.parquet", list(range(7)))
    values, state, notes = drain(taking(place), {})
    assert values == list(range(7))
    write_parquet(place / "a.parquet", list(range(9)))
    values, state, notes = drain(taking(place), state)
    assert (values, notes) == ([7, 8], [])
    write_parquet(place / "a.parquet", [5])
    values, _, notes = drain(taking(place), state)
    assert values == [5]
    assert "rewritten" in notes[0]


def test_a_parquet_file_still_being_written_is_left_alone(place: Path) -> None:
    (place / "a.parquet").write_bytes(b"PAR1 half")
    assert drain(taking(place), {}) == ([], {}, [])
    _, state, notes = drain(taking(place, rested=True), {})
    assert len(notes) == 1
    assert drain(taking(place, rested=True), state)[2] == []


def test_hidden_temporary_and_other_files_are_left_alone(place: Path) -> None:
    for name in (".a.csv", "b.csv.tmp", "c.txt", "~$d.csv", ".hidden/e.csv"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(HEADER + row(0, 1))
    (place / "f.csv").symlink_to(place / "c.txt")
    assert drain(taking(place), {})[0] == []


def test_a_line_that_never_ends_does_not_hold_everything_up(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_ROW", 64)
    monkeypatch.setattr(module, "CHUNK", 128)
    (place / "a.csv").write_text(HEADER + row(0, 1) + "x" * 500 + "\n" + row(1, 2))
    values, _, notes = drain(taking(place), {})
    assert values == [1, 2]
    assert notes


def test_no_folder(place: Path) -> None:
    with pytest.raises(InputMissing):
        taking(place / "nowhere")
    with pytest.raises(UsageProblem):
        taking(place, encoding="klingon")
    gone = taking(place)
    place.rmdir()
    with pytest.raises(SourceUnreachable):
        gone.take({})
