"""Sealed batches in the home's register: rows <-> values. Written in one transaction with their ledger entry."""

from __future__ import annotations

from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered

from .model import Batch

SCHEMA = """
CREATE TABLE IF NOT EXISTS ingested(
    sha256 BLOB PRIMARY KEY,       -- of the batch's file: nothing is sealed twice
    source TEXT NOT NULL,
    number INTEGER NOT NULL,
    window TEXT NOT NULL,
    first_us INTEGER NOT NULL,     -- source times of its samples
    last_us INTEGER NOT NULL,
    code TEXT NOT NULL UNIQUE,
    entry INTEGER NOT NULL,        -- of the file's registration
    act INTEGER NOT NULL,          -- of the sealing
    batch BLOB NOT NULL,           -- sealed: the rest
    UNIQUE(source, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ingested_window ON ingested(source, window);
CREATE INDEX IF NOT EXISTS ingested_time ON ingested(source, last_us, first_us);
"""
BOUND_TO = b"ingested batch"


def insert(db: apsw.Connection, office: Office, batch: Batch) -> None:
    """Enter a sealed batch."""
    rest = {
        "part": batch.part,
        "corrects": batch.corrects,
        "sealed_at": batch.sealed_at,
        "summary": batch.summary,
    }
    sealed = office.subjects.seal_office(rest, BOUND_TO)
    db.execute(SCHEMA)
    db.execute(
        "INSERT INTO ingested VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            batch.sha256, batch.source, batch.number, batch.window, batch.summary["first_us"],
            batch.summary["last_us"], batch.code, batch.entry, batch.act, sealed,
        ),
    )  # fmt: skip


def batches(office: Office, source: str | None = None) -> list[Batch]:
    """Sealed batches of one source or of all, by source and number."""
    return _found(office, "WHERE ?1 IS NULL OR source = ?1", source)


def by_digest(office: Office, sha256: bytes) -> Batch | None:
    """The batch with exactly these bytes."""
    return next(iter(_found(office, "WHERE sha256 = ?1", sha256)), None)


def by_code(office: Office, code: str) -> Batch:
    """The batch with this file code. Raises NotRegistered."""
    found = _found(office, "WHERE code = ?1", code)
    if not found:
        raise NotRegistered(
            f"no sealed batch has the code {code}", advice="`sealtrace ingest list` shows sealed batches."
        )
    return found[0]


def newest(office: Office, source: str) -> Batch | None:
    """The batch of a source that was sealed last."""
    where = "WHERE source = ?1 AND number = (SELECT max(number) FROM ingested WHERE source = ?1)"
    return next(iter(_found(office, where, source)), None)


def of_window(office: Office, source: str, window: str) -> list[Batch]:
    """Every batch of one window, oldest first: its parts, then its corrections."""
    return _found(office, "WHERE source = ?1 AND window = ?2", source, window)


def overlapping(office: Office, source: str, first_us: int, last_us: int) -> list[Batch]:
    """Batches of a source with samples dated in this stretch, ends included."""
    where = "WHERE source = ?1 AND last_us >= ?2 AND first_us <= ?3"
    return _found(office, where, source, first_us, last_us)


def _found(office: Office, where: str, *values: str | bytes | int | None) -> list[Batch]:
    db = office.db
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'ingested'").fetchone() is None:
        return []
    columns = "sha256, source, number, window, code, entry, act, batch"
    query = f"SELECT {columns} FROM ingested {where} ORDER BY source, number"  # noqa: S608 (fixed words)
    made = []
    rows: list[tuple[Any, ...]] = db.execute(query, values).fetchall()
    for sha256, source, number, window, code, entry, act, sealed in rows:
        rest = office.subjects.unseal_office(sealed, BOUND_TO)
        made.append(
            Batch(
                sha256, source, number, window, rest["part"], rest["corrects"], code, entry, act,
                rest["sealed_at"], rest["summary"],
            )
        )  # fmt: skip
    return made
