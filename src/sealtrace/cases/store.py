"""Rows <-> acts. The only module that knows the tables of cases; rows are added and never changed.

What an act says is sealed; beside it stands what is needed to find it. Everything beside it is also inside, so that
a row altered anywhere is noticed (`check`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import apsw

from .model import Department

SCHEMA = """
CREATE TABLE IF NOT EXISTS case_acts(
    entry INTEGER PRIMARY KEY,             -- of the ledger
    case_number TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    what TEXT NOT NULL,
    item TEXT NOT NULL,
    key TEXT,                              -- idempotency key of the request
    sealed BLOB NOT NULL,                  -- the commitment's opening
    UNIQUE (case_number, number)
);
CREATE UNIQUE INDEX IF NOT EXISTS case_acts_by_key ON case_acts(case_number, key) WHERE key IS NOT NULL;
CREATE TABLE IF NOT EXISTS case_departments(   -- where a department has something to see; narrows, never decides
    department TEXT NOT NULL,
    case_number TEXT NOT NULL,
    PRIMARY KEY (department, case_number)
) WITHOUT ROWID;
"""
GUARDS = "".join(
    f"""
CREATE TRIGGER IF NOT EXISTS {table}_no_{what} BEFORE {what.upper()} ON {table}
BEGIN SELECT RAISE(ABORT, 'acts of a case are only ever added'); END;"""
    for table in ("case_acts", "case_departments")
    for what in ("update", "delete")
)


@dataclass(frozen=True, slots=True)
class Row:
    """One act as stored, still sealed."""

    entry: int
    case: str
    number: int
    what: str
    item: str
    key: str | None
    sealed: bytes


def prepare(db: apsw.Connection) -> None:
    """Make the tables where they are missing. Runs in the caller's transaction."""
    db.execute(SCHEMA)
    db.execute(GUARDS)


def prepared(db: apsw.Connection) -> bool:
    """Whether this home has the tables of cases."""
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'case_departments'").fetchone() is not None


def bound_to(entry: int) -> bytes:
    """What an act's sealed opening is bound to."""
    return f"case {entry}".encode()


def insert(db: apsw.Connection, row: Row) -> None:
    """Add an act."""
    db.execute(
        "INSERT INTO case_acts VALUES (?, ?, ?, ?, ?, ?, ?)",
        (row.entry, row.case, row.number, row.what, row.item, row.key, row.sealed),
    )


def admit(db: apsw.Connection, department: Department, case: str) -> None:
    """Note that a department has something to see of a case."""
    db.execute("INSERT OR IGNORE INTO case_departments VALUES (?, ?)", (department.value, case))


_ROW = "entry, case_number, number, what, item, key, sealed"


def acts(db: apsw.Connection, case: str | None = None) -> Iterator[Row]:
    """The acts of one case, or of all, each case's in order."""
    if not prepared(db):
        return
    where, values = ("WHERE case_number = ? ", (case,)) if case is not None else ("", ())
    for row in db.execute(f"SELECT {_ROW} FROM case_acts {where}ORDER BY case_number, number", values):  # noqa: S608
        yield Row(row[0], row[1], row[2], row[3], row[4], row[5], bytes(row[6]))


def by_key(db: apsw.Connection, case: str, key: str) -> Row | None:
    """The act that a request with this key made."""
    if not prepared(db):
        return None
    query = f"SELECT {_ROW} FROM case_acts WHERE case_number = ? AND key = ?"  # noqa: S608 (constants)
    row = db.execute(query, (case, key)).fetchone()
    return Row(row[0], row[1], row[2], row[3], row[4], row[5], bytes(row[6])) if row else None


def opened_by_key(db: apsw.Connection, key: str) -> str | None:
    """The case that a request with this key opened."""
    if not prepared(db):
        return None
    row = db.execute("SELECT case_number FROM case_acts WHERE key = ? AND number = 1", (key,)).fetchone()
    return str(row[0]) if row else None


def numbers(db: apsw.Connection, department: Department) -> list[str]:
    """Cases in which a department has or had something to see, newest first."""
    if not prepared(db):
        return []
    query = "SELECT case_number FROM case_departments WHERE department = ? ORDER BY case_number DESC"
    return [str(row[0]) for row in db.execute(query, (department.value,))]


def admitted(db: apsw.Connection) -> set[tuple[str, str]]:
    """Every department with every case it is admitted to."""
    if not prepared(db):
        return set()
    return {
        (str(r[0]), str(r[1])) for r in db.execute("SELECT department, case_number FROM case_departments")
    }


def next_number(db: apsw.Connection, year: int) -> str:
    """The next free case number of a year."""
    last = None
    if prepared(db):
        query = "SELECT MAX(case_number) FROM case_acts WHERE case_number LIKE ?"
        last = db.execute(query, (f"k-{year}-%",)).fetchone()
    number = int(str(last[0]).rpartition("-")[2]) + 1 if last and last[0] else 1
    return f"k-{year}-{number:05d}"


def plain(opening: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an opening, without their salts."""
    return {name: value for name, (_, value) in opening.items()}
