"""Rows of controls: what was decided about a copy, or about a file's recipients, after it was registered.

Nothing is changed or deleted: a later row takes the place of an earlier one of its subject.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

SCHEMA = """
CREATE TABLE IF NOT EXISTS controls(
    entry INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES files(id),
    copy INTEGER REFERENCES copies(id),    -- NULL: it concerns the file
    subject BLOB,                          -- NULL: it concerns everybody
    at TEXT NOT NULL,
    until TEXT,                            -- when a copy expires
    sealed BLOB NOT NULL                   -- the commitment's opening, under the subject's key or the office's
);
CREATE INDEX IF NOT EXISTS controls_of_file ON controls(file, subject);
CREATE INDEX IF NOT EXISTS controls_of_copy ON controls(copy) WHERE copy IS NOT NULL;
"""
_COLUMNS = "entry, event, file, copy, subject, at, until, sealed"


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One decision; `copy` as a signed number."""

    entry: int
    event: str
    file: int
    copy: int | None
    subject: bytes | None
    at: str
    until: str | None
    sealed: bytes


def insert(db: apsw.Connection, row: ControlRow) -> None:
    """Keep a decision."""
    db.execute(
        "INSERT INTO controls VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (row.entry, row.event, row.file, row.copy, row.subject, row.at, row.until, row.sealed),
    )


def of_copy(db: apsw.Connection, copy: int) -> list[ControlRow]:
    """What was decided about one copy, oldest first."""
    return list(_rows(db, "WHERE copy = ? ORDER BY entry", (copy,)))


def of_recipient(db: apsw.Connection, version: int, subject: bytes) -> list[ControlRow]:
    """What was decided about a person's copies of a version's file, and about the file for all; oldest first."""
    file = "file = (SELECT file FROM versions WHERE id = ?)"
    where = f"WHERE {file} AND (subject = ? OR subject IS NULL) ORDER BY entry"
    return list(_rows(db, where, (version, subject)))


def of_file(db: apsw.Connection, file: int | None) -> Iterator[ControlRow]:
    """What was decided about a file, its copies and its readers, oldest first."""
    return _rows(db, "WHERE file = ? ORDER BY entry", (file,))


def of_event(db: apsw.Connection, events: Sequence[str]) -> Iterator[ControlRow]:
    """Every decision of some kinds, oldest first."""
    marks = ", ".join("?" * len(events))
    return _rows(db, f"WHERE event IN ({marks}) ORDER BY entry", events)


def all_rows(db: apsw.Connection) -> Iterator[ControlRow]:
    """Every decision, oldest first."""
    return _rows(db, "ORDER BY entry", ())


def forget(db: apsw.Connection, subject: bytes, pseudonym: bytes) -> None:
    """Take an erased person's name off the decisions about them, and what they say."""
    db.execute("UPDATE controls SET subject = ?, sealed = x'' WHERE subject = ?", (pseudonym, subject))


def _rows(db: apsw.Connection, where: str, args: Sequence[Any]) -> Iterator[ControlRow]:
    for row in db.execute(f"SELECT {_COLUMNS} FROM controls {where}", tuple(args)):  # noqa: S608 (constants)
        entry, event, file, copy, subject, at, until, sealed = row
        yield ControlRow(
            int(entry), event, int(file), copy, bytes(subject) if subject is not None else None, at, until,
            bytes(sealed),
        )  # fmt: skip
