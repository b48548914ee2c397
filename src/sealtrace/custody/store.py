"""Rows <-> values. The only module that knows the register's tables.

Every function takes the connection it works on, so that writes stand in the ledger's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import apsw

from sealtrace.content.kinds import Kind
from sealtrace.errors import Corrupted
from sealtrace.ids import CopyId, FileCode, VersionRef
from sealtrace.marks.channel import AppliedMark
from sealtrace.marks.files import FilePlan

from . import controls_rows, looks
from .model import Level, Purpose, Version

SCHEMA = """
CREATE TABLE IF NOT EXISTS files(
    id INTEGER PRIMARY KEY,
    code INTEGER NOT NULL UNIQUE,          -- the value of the file code
    title TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('core', 'important', 'general'))
);
CREATE TABLE IF NOT EXISTS versions(
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files(id),
    version INTEGER NOT NULL CHECK (version >= 1),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL UNIQUE,
    iscc TEXT NOT NULL,
    key_id BLOB NOT NULL UNIQUE,           -- random; the document key is derived from it
    plan TEXT NOT NULL,                    -- where marks go, the same for every copy
    pages INTEGER NOT NULL,
    uncertainty TEXT,                      -- declared measurement uncertainty of table columns
    registered_at TEXT NOT NULL,
    entry INTEGER NOT NULL,
    opening BLOB NOT NULL,                 -- sealed opening of the entry's commitment
    indexed INTEGER NOT NULL DEFAULT 0,    -- 1 once the indexes hold it: an outbox, its recovery is the normal path
    UNIQUE (file, version)
);
CREATE TABLE IF NOT EXISTS members(        -- files inside a registered archive
    version INTEGER NOT NULL REFERENCES versions(id),
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (version, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_by_digest ON members(sha256);
CREATE TABLE IF NOT EXISTS units(          -- the texts in the text index: a page, sheet, member or the whole
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL REFERENCES versions(id),
    part INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (version, part)
);
CREATE TABLE IF NOT EXISTS traces(
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    entry INTEGER NOT NULL,
    sealed BLOB NOT NULL                   -- the whole answer with what is needed to recompute it
) WITHOUT ROWID;
"""
_COPIES = """
CREATE TABLE IF NOT EXISTS copies(
    id INTEGER PRIMARY KEY,                -- the copy id as a signed 64-bit number
    version INTEGER NOT NULL REFERENCES versions(id),
    purpose TEXT NOT NULL CHECK (purpose IN ('copy', 'view', 'print', 'package')),
    page INTEGER,                          -- the page looked at, for a view
    subject BLOB NOT NULL,
    device BLOB NOT NULL,                  -- search token of the device
    sealed BLOB NOT NULL,                  -- operator, device, address and the commitment's opening
    marks TEXT NOT NULL,
    sha256 BLOB,                           -- NULL until the copy's bytes are made
    issued_at TEXT NOT NULL,
    entry INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS copies_by_digest ON copies(sha256) WHERE sha256 IS NOT NULL;
"""
_SEARCHES = """
CREATE INDEX IF NOT EXISTS copies_of_subject ON copies(subject, entry, purpose);  -- a search reads nothing else
CREATE INDEX IF NOT EXISTS copies_on_device ON copies(device, entry, purpose);
CREATE INDEX IF NOT EXISTS copies_of_version ON copies(version, entry);       -- a page of a list, newest first
CREATE INDEX IF NOT EXISTS copies_packaged ON copies(entry) WHERE purpose = 'package';  -- few among many
DROP INDEX IF EXISTS copies_by_version;
DROP INDEX IF EXISTS copies_by_subject;    -- of an earlier version: a search read each copy's row as well
DROP INDEX IF EXISTS copies_by_device;
"""
SCHEMA += _COPIES + _SEARCHES + looks.SCHEMA + controls_rows.SCHEMA
ACTS = """
CREATE TABLE IF NOT EXISTS acts(
    entry INTEGER PRIMARY KEY,             -- of what concerns the home itself: keys, policy, erasures
    event TEXT NOT NULL,
    sealed BLOB NOT NULL                   -- the commitment's opening
);
CREATE INDEX IF NOT EXISTS acts_of_event ON acts(event, entry);
"""

_VERSION_COLUMNS = """v.id, f.code, v.version, f.title, f.level, v.name, v.kind, v.size_bytes, v.sha256, v.iscc,
    v.key_id, v.plan, v.pages, v.registered_at, v.entry, v.uncertainty"""
_FROM_VERSIONS = f"SELECT {_VERSION_COLUMNS} FROM versions v JOIN files f ON f.id = v.file"  # noqa: S608 (constants)


def signed(copy: CopyId) -> int:
    """The copy id as SQLite's signed 64-bit integer."""
    return copy.value - (1 << 64) if copy.value >> 63 else copy.value


def unsigned(value: int) -> CopyId:
    """The copy id behind SQLite's signed 64-bit integer."""
    return CopyId(value & (1 << 64) - 1)


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One row of copies, personal data still sealed."""

    id: CopyId
    version: int
    purpose: Purpose
    page: int | None
    subject: bytes
    device: bytes
    sealed: bytes
    marks: tuple[AppliedMark, ...]
    sha256: bytes | None
    issued_at: str
    entry: int


@contextmanager
def _readable(table: str, row: object) -> Iterator[None]:
    """Name a row whose values can't be what this program wrote."""
    try:
        yield
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as e:
        raise Corrupted(f"row {row} of {table} can't be read: {e}") from e


def _version(row: Sequence[Any]) -> Version:
    with _readable("versions", row[0]):
        return _read_version(row)


def _read_version(row: Sequence[Any]) -> Version:
    return Version(
        row=row[0],
        code=FileCode(row[1]),
        version=row[2],
        title=row[3],
        level=Level(row[4]),
        name=row[5],
        kind=Kind(row[6]),
        size_bytes=row[7],
        sha256=bytes(row[8]),
        iscc=row[9],
        key_id=bytes(row[10]),
        plan=FilePlan.from_dict(json.loads(row[11])),
        pages=row[12],
        registered_at=row[13],
        entry=row[14],
        uncertainty=json.loads(row[15]) if row[15] else None,
    )


def _one(db: apsw.Connection, where: str, args: Sequence[Any]) -> Version | None:
    row = db.execute(f"{_FROM_VERSIONS} {where}", tuple(args)).fetchone()
    return _version(row) if row else None


def version_by_ref(db: apsw.Connection, ref: VersionRef) -> Version | None:
    """Find CODE@N, or the newest version of CODE."""
    if ref.version is None:
        return _one(db, "WHERE f.code = ? ORDER BY v.version DESC LIMIT 1", (ref.code.value,))
    return _one(db, "WHERE f.code = ? AND v.version = ?", (ref.code.value, ref.version))


def newest_versions(db: apsw.Connection, before: int | None, limit: int) -> list[Version]:
    """The newest version of each file, those registered last first, from below row `before` on."""
    newest = "v.id = (SELECT max(id) FROM versions WHERE file = v.file)"
    query = f"{_FROM_VERSIONS} WHERE v.id < ? AND {newest} ORDER BY v.id DESC LIMIT ?"
    return [_version(row) for row in db.execute(query, (before if before is not None else 1 << 62, limit))]


def version_by_digest(db: apsw.Connection, sha256: bytes) -> Version | None:
    """Find the version with exactly these bytes."""
    return _one(db, "WHERE v.sha256 = ?", (sha256,))


def version_by_key(db: apsw.Connection, key_id: bytes) -> Version | None:
    """Find the version with this key's id, by which its registration's entry names it."""
    return _one(db, "WHERE v.key_id = ?", (key_id,))


def version_by_row(db: apsw.Connection, row: int) -> Version:
    """Give the version behind a row id the indexes returned."""
    found = _one(db, "WHERE v.id = ?", (row,))
    if found is None:
        raise Corrupted(f"the register has no version row {row}, though another row belongs to it")
    return found


def versions(db: apsw.Connection) -> Iterator[Version]:
    """All versions, oldest first."""
    for row in db.execute(f"{_FROM_VERSIONS} ORDER BY v.id"):
        yield _version(row)


def unindexed(db: apsw.Connection) -> list[Version]:
    """Versions that the indexes do not hold yet."""
    return [_version(row) for row in db.execute(f"{_FROM_VERSIONS} WHERE v.indexed = 0 ORDER BY v.id")]


def mark_indexed(db: apsw.Connection, row: int) -> None:
    """Note that the indexes hold this version."""
    db.execute("UPDATE versions SET indexed = 1 WHERE id = ?", (row,))


def unindex_all(db: apsw.Connection) -> None:
    """Ask for every version to be indexed again, after the index folder was lost."""
    db.execute("UPDATE versions SET indexed = 0")


def codes_and_isccs(db: apsw.Connection) -> list[tuple[FileCode, int, str]]:
    """Code, version and ISCC of everything registered, for near-duplicate search."""
    rows = db.execute("SELECT f.code, v.version, v.iscc FROM versions v JOIN files f ON f.id = v.file")
    return [(FileCode(code), version, iscc) for code, version, iscc in rows]


def insert_file(db: apsw.Connection, code: FileCode, title: str, level: Level) -> int:
    """Add a file; its first version follows in the same transaction. Fails on a code clash."""
    db.execute("INSERT INTO files(code, title, level) VALUES (?, ?, ?)", (code.value, title, level.value))
    return db.last_insert_rowid()


def code_taken(db: apsw.Connection, code: FileCode) -> bool:
    """Tell whether a freshly drawn code is in use."""
    return db.execute("SELECT 1 FROM files WHERE code = ?", (code.value,)).fetchone() is not None


def code_of(db: apsw.Connection, file: int) -> FileCode:
    """The code of a file, by its row."""
    row = db.execute("SELECT code FROM files WHERE id = ?", (file,)).fetchone()
    assert row is not None, "rows of files are not deleted"
    return FileCode(row[0])


def file_row(db: apsw.Connection, code: FileCode) -> int | None:
    """The row id of a file."""
    row = db.execute("SELECT id FROM files WHERE code = ?", (code.value,)).fetchone()
    return row[0] if row else None


def insert_version(db: apsw.Connection, file: int, v: Version, opening: bytes) -> int:
    """Add a version under a file row; returns the version's row id."""
    db.execute(
        "INSERT INTO versions(file, version, name, kind, size_bytes, sha256, iscc, key_id, plan, pages,"
        " uncertainty, registered_at, entry, opening) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (file, v.version, v.name, v.kind.value, v.size_bytes, v.sha256, v.iscc, v.key_id,
         json.dumps(v.plan.to_dict()), v.pages, json.dumps(v.uncertainty) if v.uncertainty else None,
         v.registered_at, v.entry, opening),
    )  # fmt: skip
    return db.last_insert_rowid()


def insert_members(db: apsw.Connection, version: int, members: Sequence[tuple[str, bytes]]) -> None:
    """Add the members of an archive: name and SHA-256."""
    db.executemany("INSERT INTO members VALUES (?, ?, ?)", [(version, name, sha) for name, sha in members])


def versions_with_member(db: apsw.Connection, sha256: bytes) -> list[Version]:
    """Archives that hold a file with exactly these bytes."""
    holders = f"{_FROM_VERSIONS} WHERE v.id IN (SELECT version FROM members WHERE sha256 = ?)"  # noqa: S608 (constants)
    return [_version(row) for row in db.execute(holders, (sha256,))]


def insert_units(db: apsw.Connection, version: int, names: Sequence[str]) -> None:
    """Allocate text-unit ids for the parts of a version."""
    db.executemany(
        "INSERT INTO units(version, part, name) VALUES (?, ?, ?)",
        [(version, i, n) for i, n in enumerate(names)],
    )


def units(db: apsw.Connection, version: int) -> list[tuple[int, int, str]]:
    """Unit id, part number and name of each text unit of a version, in order."""
    rows = db.execute("SELECT id, part, name FROM units WHERE version = ? ORDER BY part", (version,))
    return [(row[0], row[1], row[2]) for row in rows]


def unit_place(db: apsw.Connection, unit: int) -> tuple[int, int] | None:
    """The version row and part number behind a text unit."""
    row = db.execute("SELECT version, part FROM units WHERE id = ?", (unit,)).fetchone()
    return (row[0], row[1]) if row else None


_COPY_COLUMNS = "id, version, purpose, page, subject, device, sealed, marks, sha256, issued_at, entry"


def _copy(row: Sequence[Any]) -> CopyRow:
    with _readable("copies", row[0]):
        return _read_copy(row)


def _read_copy(row: Sequence[Any]) -> CopyRow:
    return CopyRow(
        id=unsigned(row[0]),
        version=row[1],
        purpose=Purpose(row[2]),
        page=row[3],
        subject=bytes(row[4]),
        device=bytes(row[5]),
        sealed=bytes(row[6]),
        marks=tuple(AppliedMark(channel, capacity) for channel, capacity in json.loads(row[7])),
        sha256=bytes(row[8]) if row[8] is not None else None,
        issued_at=row[9],
        entry=row[10],
    )


def insert_copies(db: apsw.Connection, rows: Sequence[CopyRow]) -> None:
    """Add issued copies."""
    db.executemany(
        f"INSERT INTO copies({_COPY_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608 (a constant)
        [
            (signed(r.id), r.version, r.purpose.value, r.page, r.subject, r.device, r.sealed,
             json.dumps([[m.channel, m.capacity] for m in r.marks]), r.sha256, r.issued_at, r.entry)
            for r in rows
        ],
    )  # fmt: skip


def set_copy_bytes(db: apsw.Connection, copy: CopyId, sha256: bytes, marks: Sequence[AppliedMark]) -> None:
    """Record the digest of a copy whose bytes were made after it was issued."""
    db.execute(
        "UPDATE copies SET sha256 = ?, marks = ? WHERE id = ?",
        (sha256, json.dumps([[m.channel, m.capacity] for m in marks]), signed(copy)),
    )


def copy_by_id(db: apsw.Connection, copy: CopyId) -> CopyRow | None:
    """Find one copy."""
    row = db.execute(f"SELECT {_COPY_COLUMNS} FROM copies WHERE id = ?", (signed(copy),)).fetchone()  # noqa: S608
    return _copy(row) if row else None


def copy_by_digest(db: apsw.Connection, sha256: bytes) -> CopyRow | None:
    """Find the copy with exactly these bytes."""
    row = db.execute(f"SELECT {_COPY_COLUMNS} FROM copies WHERE sha256 = ?", (sha256,)).fetchone()  # noqa: S608
    return _copy(row) if row else None


def copies(
    db: apsw.Connection,
    *,
    version: int | None = None,
    subject: bytes | None = None,
    device: bytes | None = None,
) -> Iterator[CopyRow]:
    """Copies of a version, of a subject, on a device, or all; oldest first."""
    tests = [
        (c, v) for c, v in (("version", version), ("subject", subject), ("device", device)) if v is not None
    ]
    where = "WHERE " + " AND ".join(f"{c} = ?" for c, _ in tests) if tests else ""
    query = f"SELECT {_COPY_COLUMNS} FROM copies {where} ORDER BY entry"  # noqa: S608 (column names above)
    for row in db.execute(query, tuple(v for _, v in tests)):
        yield _copy(row)


def entries_about(
    db: apsw.Connection,
    *,
    subject: bytes | None = None,
    device: bytes | None = None,
    newest: int | None = None,
) -> list[tuple[int, Purpose, CopyId]]:
    """Entry, purpose and id of the copies of a subject or on a device; read from an index alone.

    Oldest first, all of them; with `newest`, the newest ones first, no more than so many.
    """
    column, token = ("subject", subject) if subject is not None else ("device", device)
    query = f"SELECT entry, purpose, id FROM copies WHERE {column} = ?1 ORDER BY entry"  # noqa: S608 (one of two)
    limit = "" if newest is None else " DESC LIMIT ?2"
    rows = db.execute(query + limit, (token,) if newest is None else (token, newest))
    return [(entry, Purpose(purpose), unsigned(copy)) for entry, purpose, copy in rows]


def searches_current(db: apsw.Connection) -> bool:
    """Tell whether the tables and indexes are this version's."""
    known = ("copies_on_device", "copies_of_version", "copies_packaged", "controls")
    return all(_has(db, name) for name in known) and _purposes_current(db)


def _has(db: apsw.Connection, name: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone() is not None


def _purposes_current(db: apsw.Connection) -> bool:
    row = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'copies'").fetchone()
    return row is not None and "'package'" in row[0]


def make_searches(db: apsw.Connection) -> None:
    """Bring the tables and indexes of a database that an earlier version made up to date. Rows stay as they are."""
    if not _purposes_current(db):
        db.execute("ALTER TABLE copies RENAME TO copies_before")
        db.execute("DROP INDEX IF EXISTS copies_by_version; DROP INDEX IF EXISTS copies_by_digest")
        db.execute("DROP INDEX IF EXISTS copies_of_subject; DROP INDEX IF EXISTS copies_on_device")
        db.execute("DROP INDEX IF EXISTS copies_packaged")
        db.execute(_COPIES)
        db.execute(f"INSERT INTO copies SELECT {_COPY_COLUMNS} FROM copies_before")  # noqa: S608 (a constant)
        db.execute("DROP TABLE copies_before")
    db.execute(_SEARCHES + looks.SCHEMA + controls_rows.SCHEMA)


def copy_ids(db: apsw.Connection, version: int, before: int | None = None) -> list[int]:
    """The ids of every copy and view of a version, as unsigned numbers, in no particular order.

    With `before`: of those that were entered below that index.
    """
    rows = db.execute(
        "SELECT id FROM copies WHERE version = ?1 AND (?2 IS NULL OR entry < ?2)", (version, before)
    )
    return [row[0] & (1 << 64) - 1 for row in rows]


def count_copies(db: apsw.Connection) -> int:
    """How many copies and views were ever issued."""
    row = db.execute("SELECT count(*) FROM copies").fetchone()
    assert row is not None
    return int(row[0])


def insert_trace(db: apsw.Connection, trace: str, at: str, entry: int, sealed: bytes) -> None:
    """Keep a trace's answer."""
    db.execute("INSERT INTO traces VALUES (?, ?, ?, ?)", (trace, at, entry, sealed))


def trace_by_id(db: apsw.Connection, trace: str) -> tuple[str, int, bytes] | None:
    """Time, entry index and sealed answer of a trace; found by its id or by its entry's index."""
    row = db.execute("SELECT id, entry, sealed FROM traces WHERE id = ?", (trace,)).fetchone()
    if row is None and trace.isdecimal():
        row = db.execute("SELECT id, entry, sealed FROM traces WHERE entry = ?", (int(trace),)).fetchone()
    return (row[0], row[1], bytes(row[2])) if row else None


def traces(db: apsw.Connection) -> list[tuple[str, str, int]]:
    """Id, time and entry of each trace, newest first."""
    return [(r[0], r[1], r[2]) for r in db.execute("SELECT id, at, entry FROM traces ORDER BY entry DESC")]


def opening_of_version(db: apsw.Connection, row: int) -> bytes:
    """The sealed opening of a version's registration entry."""
    found = db.execute("SELECT opening FROM versions WHERE id = ?", (row,)).fetchone()
    assert found is not None
    return bytes(found[0])


def last_entry_before(db: apsw.Connection, at: str) -> int | None:
    """The newest entry among the rows that carry a time before `at`, which is written as rows write it."""
    times = (("versions", "registered_at"), ("copies", "issued_at"), ("traces", "at"))
    found = [
        db.execute(f"SELECT max(entry) FROM {table} WHERE {column} < ?", (at,)).fetchone()  # noqa: S608 (above)
        for table, column in times
    ]
    return max((int(row[0]) for row in found if row is not None and row[0] is not None), default=None)


def act_events(db: apsw.Connection) -> list[str]:
    """The kinds of acts there are."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'acts'").fetchone() is None:
        return []
    return [str(row[0]) for row in db.execute("SELECT DISTINCT event FROM acts ORDER BY event")]


def act_bound_to(event: str) -> bytes:
    """What an act's sealed opening is bound to."""
    return f"act {event}".encode()


def insert_act(db: apsw.Connection, entry: int, event: str, sealed: bytes) -> None:
    """Keep the opening of an act's entry."""
    db.execute(ACTS)
    db.execute("INSERT INTO acts VALUES (?, ?, ?)", (entry, event, sealed))


def act(db: apsw.Connection, entry: int) -> tuple[str, bytes] | None:
    """Event and sealed opening of the act with this entry."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'acts'").fetchone() is None:
        return None
    row = db.execute("SELECT event, sealed FROM acts WHERE entry = ?", (entry,)).fetchone()
    return (str(row[0]), bytes(row[1])) if row else None


def acts(db: apsw.Connection, event: str) -> list[tuple[int, bytes]]:
    """Entry and sealed opening of each act of one kind, oldest first."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'acts'").fetchone() is None:
        return []
    rows = db.execute("SELECT entry, sealed FROM acts WHERE event = ? ORDER BY entry", (event,))
    return [(int(row[0]), bytes(row[1])) for row in rows]


def newest_acts(db: apsw.Connection, event: str, before: int | None, count: int) -> list[tuple[int, bytes]]:
    """Entry and sealed opening of acts of one kind, newest first."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'acts'").fetchone() is None:
        return []
    rows = db.execute(
        "SELECT entry, sealed FROM acts WHERE event = ? AND entry < ? ORDER BY entry DESC LIMIT ?",
        (event, (1 << 62) if before is None else before, count),
    )
    return [(int(row[0]), bytes(row[1])) for row in rows]


def newest_files(
    db: apsw.Connection, before: int | None, count: int, *, title: str = "", level: str = ""
) -> list[tuple[int, Version]]:
    """Files by their row, newest first, each with its newest version; `title` is a part of the title."""
    tests, args = ["v.version = (SELECT max(version) FROM versions WHERE file = f.id)"], list[object]()
    for test, value in (("f.id < ?", before), ("f.level = ?", level or None)):
        if value is not None:
            tests.append(test)
            args.append(value)
    if title:
        tests.append("instr(lower(f.title), lower(?)) > 0")
        args.append(title)
    query = f"SELECT f.id, {_VERSION_COLUMNS} FROM files f JOIN versions v ON v.file = f.id"  # noqa: S608 (constants)
    rows = db.execute(f"{query} WHERE {' AND '.join(tests)} ORDER BY f.id DESC LIMIT ?", (*args, count))
    return [(row[0], _version(row[1:])) for row in rows]


def newest_copies(
    db: apsw.Connection,
    before: int | None,
    count: int,
    *,
    version: int | None = None,
    subject: bytes | None = None,
) -> list[CopyRow]:
    """Copies of a version or of a subject by their entry, newest first."""
    pairs = (("version = ?", version), ("subject = ?", subject), ("entry < ?", before))
    given = [(test, value) for test, value in pairs if value is not None]
    where = " AND ".join(test for test, _ in given) or "1"
    by = (
        "INDEXED BY copies_of_subject" if subject is not None else ""
    )  # a person has fewer than a file may have
    query = f"SELECT {_COPY_COLUMNS} FROM copies {by} WHERE {where} ORDER BY entry DESC LIMIT ?"  # noqa: S608 (constants)
    return [_copy(row) for row in db.execute(query, (*(value for _, value in given), count))]


def newest_packages(db: apsw.Connection, before: int | None, count: int) -> list[CopyRow]:
    """Packages for outsiders by their entry, newest first; from their own index."""
    where, args = ("AND entry < ?", (before, count)) if before is not None else ("", (count,))
    query = (
        f"SELECT {_COPY_COLUMNS} FROM copies WHERE purpose = 'package' {where} ORDER BY entry DESC LIMIT ?"  # noqa: S608 (constants)
    )
    return [_copy(row) for row in db.execute(query, args)]


def newest_traces(db: apsw.Connection, before: int | None, count: int) -> list[tuple[str, str, int]]:
    """Id, time and entry of traces, newest first."""
    where, args = ("WHERE entry < ?", (before, count)) if before is not None else ("", (count,))
    query = f"SELECT id, at, entry FROM traces {where} ORDER BY entry DESC LIMIT ?"  # noqa: S608 (two constants)
    return [(row[0], row[1], row[2]) for row in db.execute(query, args)]


def copy_ids_before(db: apsw.Connection, version: int, entry: int) -> list[int]:
    """The ids of a version's copies entered before an entry, oldest first, as unsigned numbers; from an index alone."""
    rows = db.execute(
        "SELECT id FROM copies WHERE version = ? AND entry < ? ORDER BY entry", (version, entry)
    )
    return [row[0] & (1 << 64) - 1 for row in rows]


def place_of_trace(db: apsw.Connection, entry: int) -> int:
    """The place of a trace among all there are, from 1, by its entry."""
    row = db.execute("SELECT count(*) FROM traces WHERE entry <= ?", (entry,)).fetchone()
    assert row is not None
    return int(row[0])


def count_recipients(db: apsw.Connection, before: int) -> int:
    """How many people had any copy that was entered before an entry; from an index alone."""
    row = db.execute("SELECT count(DISTINCT subject) FROM copies WHERE entry < ?", (before,)).fetchone()
    assert row is not None
    return int(row[0])


def owned_copies_before(db: apsw.Connection, version: int, before: int) -> list[tuple[int, bytes]]:
    """The ids of a version's copies entered before an entry, as unsigned numbers, each with whose it is."""
    rows = db.execute(
        "SELECT id, subject FROM copies WHERE version = ? AND entry < ? ORDER BY entry, id", (version, before)
    )
    return [(row[0] & (1 << 64) - 1, bytes(row[1])) for row in rows]
