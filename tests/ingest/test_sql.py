"""Following a table: each row once, in pages, with ties, late commits and restarts; a real SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from sealtrace.errors import SourceUnreachable, SourceUnsuitable, UsageProblem
from sealtrace.ingest import sql
from sealtrace.ingest.collect import preview, run
from sealtrace.ingest.rows import Shape
from sealtrace.ingest.sql import SqlCollector, Where

from .conftest import Open


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(tmp_path / "lims.db", isolation_level=None)
    db.execute("CREATE TABLE readings(id INTEGER, at TEXT, tag TEXT, value REAL)")
    yield db
    db.close()


def collector(base: sqlite3.Connection, key: str = "id", overlap: float = 0.0) -> SqlCollector:
    [(_, _, path)] = base.execute("PRAGMA database_list").fetchall()
    return SqlCollector(
        f"sqlite:///{path}", Where("readings", key, overlap), Shape("at", tag="tag", leave=(key,))
    )


def add(base: sqlite3.Connection, *rows: tuple[int, int, float]) -> None:
    """Rows as (id, minute, value)."""
    base.executemany(
        "INSERT INTO readings VALUES (?, ?, 'flow', ?)",
        [(i, f"2026-03-02T08:{m:02d}:00Z", v) for i, m, v in rows],
    )


def drain(taking: SqlCollector, state: dict[str, Any]) -> tuple[list[object], dict[str, Any]]:
    values: list[object] = []
    while True:
        taken = taking.take(state)
        values += [s.value for s in taken.samples]
        state = taken.state
        if taken.drained:
            return values, state


def test_each_row_once_in_pages(base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "PAGE", 3)
    add(base, *((n, n, float(n)) for n in range(10)))
    taking = collector(base)
    values, state = drain(taking, {})
    assert values == [float(n) for n in range(10)]
    assert drain(taking, state) == ([], state)
    add(base, (10, 10, 10.0))
    assert drain(taking, state)[0] == [10.0]
    taking.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=5), max_size=4))
def test_rows_of_equal_key_are_taken_once_whenever_they_come(
    base: sqlite3.Connection, rounds: list[list[tuple[int, int]]]
) -> None:
    base.execute("DELETE FROM readings")
    taking, state, got, put, newest = collector(base, overlap=3), {}, [], [], 0
    for rows in rounds:
        added = [(max(newest - 3, 0) + back, 1, float(value)) for back, value in rows]
        newest = max([newest, *(i for i, _, _ in added)])
        add(base, *added)
        put += [v for _, _, v in added]
        values, state = drain(taking, state)
        got += values
    taking.close()
    assert sorted(map(float, got)) == sorted(put)  # type: ignore[arg-type]


def test_a_page_of_ties_larger_than_a_page_does_not_stop_it(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "PAGE", 2)
    add(base, *((1, n, float(n)) for n in range(9)), (2, 30, 30.0))
    taking = collector(base)
    assert sorted(map(float, drain(taking, {})[0])) == [*map(float, range(9)), 30.0]  # type: ignore[arg-type]
    taking.close()


def test_late_commits_within_the_overlap_are_found(base: sqlite3.Connection) -> None:
    add(base, (1, 1, 1.0), (5, 5, 5.0))
    taking = collector(base, overlap=3)
    _, state = drain(taking, {})
    add(base, (3, 3, 3.0), (1, 9, 9.0))
    assert drain(taking, state)[0] == [3.0]
    taking.close()


def test_a_row_without_a_readable_time_is_noted_and_does_not_stop_the_rest(base: sqlite3.Connection) -> None:
    base.execute("INSERT INTO readings VALUES (1, 'yesterday', 'flow', 1.0)")
    add(base, (2, 2, 2.0))
    taking = collector(base)
    taken = taking.take({})
    assert [s.value for s in taken.samples] == [2.0]
    assert taken.notes == ["row id = 1 not taken: 'yesterday' can't be read as a time"]
    assert preview(taking, {}) == (1, taken.notes)
    taking.close()


def test_what_is_not_there_is_named(base: sqlite3.Connection, tmp_path: Path) -> None:
    shape, place = Shape("at"), f"sqlite:///{tmp_path / 'lims.db'}"
    for where, says in (
        (Where("readings", "no"), "no column 'no'"), (Where("other", "id"), "no table 'other'"),
    ):  # fmt: skip
        with pytest.raises(SourceUnsuitable, match=says):
            SqlCollector(place, where, shape).take({})
    with pytest.raises(SourceUnreachable):
        SqlCollector("sqlite:////no/such/folder/x.db", Where("t", "id"), shape).take({})
    for url in ("nonsense", "no+such://x"):
        with pytest.raises(UsageProblem):
            SqlCollector(url, Where("t", "id"), shape)


def test_the_place_holds_no_password() -> None:
    url = make_url("postgresql://user:secret@db.plant/lims?sslpassword=secret&target=a")
    assert sql.place_of(url, "lab.readings") == "postgresql://user@db.plant/lims?target=a#lab.readings"


@pytest.mark.parametrize(
    "key", [datetime.fromisoformat("2026-03-02T08:00:00.000005"), date(2026, 3, 2), 7, 2.5, "2026-03-02"]
)
def test_positions_come_back(key: object) -> None:
    assert sql._read(sql._written(key)) == key


def test_a_lost_database_is_waited_for(base: sqlite3.Connection, opened: Open) -> None:
    """Without --once a source that does not answer is noted and asked again."""
    add(base, (1, 1, 1.0))
    taking, line = collector(base), opened()
    real, waits = taking.take, []

    def lost(_state: object) -> object:
        raise SourceUnreachable("gone")

    class EnoughSeen(Exception):
        pass

    def wait() -> None:
        waits.append(line.held.taken)
        taking.take = lost if len(waits) == 1 else real  # type: ignore[method-assign,assignment]
        if len(waits) == 2:
            add(base, (2, 2, 2.0))
        if len(waits) == 3:
            raise EnoughSeen

    with pytest.raises(EnoughSeen):
        list(run(line, taking, once=False, wait=wait))
    assert waits == [1, 1, 2]
    assert line.noted == ["gone"]
    taking.close()
