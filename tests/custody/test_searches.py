"""Searches by person and device: from an index alone, also in a home that an earlier version made."""

from __future__ import annotations

import apsw
import pytest

from sealtrace.custody import store
from sealtrace.custody.model import Purpose
from sealtrace.custody.service import Custody
from sealtrace.ids import CopyId


@pytest.fixture
def register() -> apsw.Connection:
    db = apsw.Connection(":memory:")
    db.execute(store.SCHEMA)
    rows = [
        store.CopyRow(
            CopyId((1 << 63) + 7 * n), 1, Purpose.COPY if n % 3 else Purpose.VIEW, None, bytes([n % 4]) * 16,
            bytes([n % 5]) * 16, b"", (), None, "", 100 - n,
        )
        for n in range(60)
    ]  # fmt: skip
    db.execute("PRAGMA foreign_keys = OFF")
    store.insert_copies(db, rows)
    return db


@pytest.mark.parametrize("column", ["subject", "device"])
def test_a_search_gives_what_the_rows_say_and_reads_none(register: apsw.Connection, column: str) -> None:
    token = bytes([2]) * 16
    rows = list(store.copies(register, **{column: token}))  # type: ignore[arg-type]
    found = store.entries_about(register, **{column: token})
    assert found == [(row.entry, row.purpose, row.id) for row in rows]
    assert len(found) >= 12
    asked: list[str] = []
    register.exec_trace = lambda _cursor, sql, _bindings: asked.append(sql) is None
    store.entries_about(register, **{column: token})
    register.exec_trace = None
    [(*_, plan)] = register.execute(f"EXPLAIN QUERY PLAN {asked[0]}", (token,))
    assert "USING COVERING INDEX" in str(plan)


def test_a_home_of_an_earlier_version_gets_the_indexes(custody: Custody) -> None:
    custody.office.ledger.append([], lambda db, _: _as_before(db))
    assert not store.searches_current(custody.office.db)
    with Custody.open(custody.office.home.folder) as again:
        assert store.searches_current(again.office.db)
        names = {str(name) for (name,) in again.office.db.execute("SELECT name FROM sqlite_schema")}
    assert not names & {"copies_by_subject", "copies_by_device"}


def _as_before(db: apsw.Connection) -> None:
    db.execute("DROP INDEX copies_of_subject")
    db.execute("DROP INDEX copies_on_device")
    db.execute("CREATE INDEX copies_by_subject ON copies(subject)")
    db.execute("CREATE INDEX copies_by_device ON copies(device)")
