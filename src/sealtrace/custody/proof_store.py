"""Rows <-> values of what protects recipients: deeds about one copy, devices, openings, sealed word secrets.

The tables came after the register's others, so every writer lays them and every reader takes their absence
for emptiness. What is personal is sealed under the person's key and goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from sealtrace.ids import CopyId

from .store import signed, unsigned

SCHEMA = """
CREATE TABLE IF NOT EXISTS copy_acts(
    entry INTEGER PRIMARY KEY,             -- copy:delivered, copy:received
    copy INTEGER NOT NULL,
    event TEXT NOT NULL,
    sealed BLOB NOT NULL                   -- the opening, under the key of the copy's recipient
);
CREATE INDEX IF NOT EXISTS copy_acts_of_copy ON copy_acts(copy);
CREATE TABLE IF NOT EXISTS devices(
    entry INTEGER PRIMARY KEY,             -- device:enrolled
    subject BLOB NOT NULL,
    device BLOB NOT NULL,                  -- search token
    sealed BLOB NOT NULL,                  -- the opening, under the operator's key
    revoked INTEGER,                       -- entry of device:revoked
    revocation BLOB                        -- its opening
);
CREATE INDEX IF NOT EXISTS devices_of_subject ON devices(subject);
CREATE TABLE IF NOT EXISTS requests(
    sha256 BLOB PRIMARY KEY,               -- of a signed request: each gives one copy
    entry INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS opened_pieces(
    sha256 BLOB NOT NULL,                  -- of a leaked piece
    entry INTEGER NOT NULL,                -- leak:opened
    PRIMARY KEY (sha256, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS word_keys(
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL REFERENCES versions(id),
    sha256 BLOB NOT NULL UNIQUE,           -- of the secret
    sealed BLOB NOT NULL                   -- the secret, under the tracing key
);
CREATE TABLE IF NOT EXISTS sealed_copies(
    copy INTEGER PRIMARY KEY,
    word_key INTEGER NOT NULL REFERENCES word_keys(id)
);
"""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One enrolled device, personal data still sealed."""

    entry: int
    subject: bytes
    sealed: bytes
    revoked: int | None


def lay(db: apsw.Connection) -> None:
    """Make the tables where they are not there yet."""
    db.execute(SCHEMA)


def laid(db: apsw.Connection) -> bool:
    """Tell whether the tables are there."""
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'sealed_copies'"
    return db.execute(known).fetchone() is not None


# -- deeds about a copy --------------------------------------------------------------------------


def insert_copy_act(db: apsw.Connection, copy: CopyId, entry: int, event: str, sealed: bytes) -> None:
    """Keep the opening of an entry about a copy."""
    lay(db)
    db.execute("INSERT INTO copy_acts VALUES (?, ?, ?, ?)", (entry, signed(copy), event, sealed))


def copy_acts(db: apsw.Connection, copy: CopyId) -> list[tuple[int, str, bytes]]:
    """Entry, event and sealed opening of each deed about a copy, oldest first; erased ones are left out."""
    if not laid(db):
        return []
    query = "SELECT entry, event, sealed FROM copy_acts WHERE copy = ? AND sealed != x'' ORDER BY entry"
    return [(int(e), str(event), bytes(s)) for e, event, s in db.execute(query, (signed(copy),))]


@dataclass(frozen=True, slots=True)
class DeedRow:
    """One deed about a copy, and the person whose key it is sealed under."""

    entry: int
    event: str
    subject: bytes
    sealed: bytes


def all_deeds(db: apsw.Connection) -> list[tuple[CopyId, DeedRow]]:
    """Every deed about a copy of somebody who was not erased, oldest first."""
    rows = db.execute(
        "SELECT a.copy, a.entry, a.event, c.subject, a.sealed FROM copy_acts a JOIN copies c ON c.id = a.copy"
        " WHERE a.sealed != x'' ORDER BY a.entry"
    )
    return [(unsigned(r[0]), DeedRow(int(r[1]), str(r[2]), bytes(r[3]), bytes(r[4]))) for r in rows]


def erase_person(db: apsw.Connection, token: bytes, pseudonym: bytes) -> None:
    """Empty what is kept about a person's devices and copies. Call while the copies still carry the token."""
    if laid(db):
        db.execute(
            "UPDATE copy_acts SET sealed = x'' WHERE copy IN (SELECT id FROM copies WHERE subject = ?)",
            (token,),
        )
        db.execute(
            "UPDATE devices SET subject = ?, device = ?, sealed = x'', revocation = NULL WHERE subject = ?",
            (pseudonym, pseudonym, token),
        )


# -- devices -------------------------------------------------------------------------------------


def insert_device(db: apsw.Connection, entry: int, subject: bytes, device: bytes, sealed: bytes) -> None:
    """Keep an enrolment."""
    lay(db)
    db.execute("INSERT INTO devices VALUES (?, ?, ?, ?, NULL, NULL)", (entry, subject, device, sealed))


def revoke_device(db: apsw.Connection, entry: int, revoked: int, opening: bytes) -> None:
    """Note that an enrolment is over."""
    db.execute("UPDATE devices SET revoked = ?, revocation = ? WHERE entry = ?", (revoked, opening, entry))


def devices(
    db: apsw.Connection, subject: bytes | None = None, device: bytes | None = None
) -> list[DeviceRow]:
    """Enrolments, oldest first: all, an operator's, or those of an operator's device; erased ones left out."""
    if not laid(db):
        return []
    rows = db.execute(
        "SELECT entry, subject, sealed, revoked FROM devices"
        " WHERE (?1 IS NULL OR subject = ?1) AND (?2 IS NULL OR device = ?2) AND sealed != x'' ORDER BY entry",
        (subject, device),
    )
    return [DeviceRow(int(e), bytes(t), bytes(s), r) for e, t, s, r in rows]


def request_entry(db: apsw.Connection, sha256: bytes) -> int | None:
    """The entry of the copy that a signed request has given; None when it has given none."""
    if not laid(db):
        return None
    row = db.execute("SELECT entry FROM requests WHERE sha256 = ?", (sha256,)).fetchone()
    return int(row[0]) if row else None


def insert_request(db: apsw.Connection, sha256: bytes, entry: int) -> None:
    """Note that a request has given a copy; fails on one that has."""
    lay(db)
    db.execute("INSERT INTO requests VALUES (?, ?)", (sha256, entry))


def openings_of(db: apsw.Connection, pieces: Sequence[bytes]) -> int:
    """How many traces of any of these pieces have been opened."""
    if not laid(db):
        return 0
    return len(
        {
            entry
            for sha256 in pieces
            for (entry,) in db.execute("SELECT entry FROM opened_pieces WHERE sha256 = ?", (sha256,))
        }
    )


def opened_pieces(db: apsw.Connection) -> list[tuple[bytes, int]]:
    """Every piece of which a trace was opened, with the opening's entry."""
    if not laid(db):
        return []
    return [(bytes(sha256), int(entry)) for sha256, entry in db.execute("SELECT * FROM opened_pieces")]


def insert_opened(db: apsw.Connection, pieces: Sequence[bytes], entry: int) -> None:
    """Note that a trace of these pieces was opened."""
    lay(db)
    db.executemany(
        "INSERT INTO opened_pieces VALUES (?, ?)", [(sha256, entry) for sha256 in sorted(set(pieces))]
    )


# -- word secrets --------------------------------------------------------------------------------


def insert_word_key(
    db: apsw.Connection, version: int, sha256: bytes, sealed: bytes, copies: Sequence[CopyId]
) -> None:
    """Keep the sealed word secret of copies, once for all of a batch."""
    lay(db)
    db.execute(
        "INSERT OR IGNORE INTO word_keys(version, sha256, sealed) VALUES (?, ?, ?)", (version, sha256, sealed)
    )
    row = db.execute("SELECT id FROM word_keys WHERE sha256 = ?", (sha256,)).fetchone()
    assert row is not None
    db.executemany("INSERT INTO sealed_copies VALUES (?, ?)", [(signed(copy), row[0]) for copy in copies])


def word_key_of(db: apsw.Connection, copy: CopyId) -> bytes | None:
    """The digest of the word secret that a copy was issued with."""
    if not laid(db):
        return None
    query = "SELECT w.sha256 FROM sealed_copies s JOIN word_keys w ON w.id = s.word_key WHERE s.copy = ?"
    row = db.execute(query, (signed(copy),)).fetchone()
    return bytes(row[0]) if row else None


def word_keys(db: apsw.Connection, version: int) -> list[tuple[int, bytes]]:
    """Row id and sealed secret of each batch of a version's copies."""
    if not laid(db):
        return []
    rows = db.execute("SELECT id, sealed FROM word_keys WHERE version = ? ORDER BY id", (version,))
    return [(int(row[0]), bytes(row[1])) for row in rows]


def sealed_copies(db: apsw.Connection, version: int) -> list[tuple[int, int]]:
    """Copy id, unsigned, and the row id of its batch, for each copy of a version."""
    if not laid(db):
        return []
    rows = db.execute(
        "SELECT s.copy, s.word_key FROM sealed_copies s JOIN word_keys w ON w.id = s.word_key WHERE w.version = ?",
        (version,),
    )
    return [(row[0] & (1 << 64) - 1, int(row[1])) for row in rows]
