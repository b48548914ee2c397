"""Rows <-> values of licences and their accounts. The only module that knows these tables.

The same SQL runs on SQLite and PostgreSQL; what differs is in `dialect`. Every change
of a balance is a conditional UPDATE that the database itself refuses when it would over-issue; the CHECKs
stand behind it, and postings can be added only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sealtrace.errors import QuantityExceeded

from .account import Amount, Balance, Kind, LineKey
from .dialect import REFUSED, Database, among, create, fresh_ids, has_table
from .states import LicenceState

SCHEMA = """
CREATE TABLE IF NOT EXISTS licences(
    number TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('single', 'general', 'registration')),
    origin TEXT NOT NULL CHECK (origin IN ('here', 'elsewhere')),
    state TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL CHECK (valid_to >= valid_from),
    status_index INTEGER UNIQUE,          -- its place in the status list, for licences issued here
    token BLOB,                           -- the signed licence, for licences issued here
    used INTEGER NOT NULL DEFAULT 0       -- 1 once anything was drawn
);
CREATE TABLE IF NOT EXISTS licence_lines(
    id INTEGER PRIMARY KEY,
    licence TEXT NOT NULL REFERENCES licences(number),
    entry_code TEXT NOT NULL,
    element TEXT NOT NULL,
    gross_limited INTEGER NOT NULL CHECK (gross_limited IN (0, 1)),
    value_limited INTEGER NOT NULL CHECK (value_limited IN (0, 1)),
    granted_element INTEGER NOT NULL CHECK (granted_element >= 0),
    granted_gross INTEGER NOT NULL, granted_value INTEGER NOT NULL,
    reserved_element INTEGER NOT NULL DEFAULT 0 CHECK (reserved_element >= 0),
    reserved_gross INTEGER NOT NULL DEFAULT 0, reserved_value INTEGER NOT NULL DEFAULT 0,
    drawn_element INTEGER NOT NULL DEFAULT 0 CHECK (drawn_element >= 0),
    drawn_gross INTEGER NOT NULL DEFAULT 0, drawn_value INTEGER NOT NULL DEFAULT 0,
    lapsed_element INTEGER NOT NULL DEFAULT 0 CHECK (lapsed_element >= 0),
    lapsed_gross INTEGER NOT NULL DEFAULT 0, lapsed_value INTEGER NOT NULL DEFAULT 0,
    UNIQUE (licence, entry_code, element),
    CHECK (reserved_element + drawn_element + lapsed_element <= granted_element),
    CHECK (gross_limited = 0 OR reserved_gross + drawn_gross + lapsed_gross <= granted_gross),
    CHECK (value_limited = 0 OR reserved_value + drawn_value + lapsed_value <= granted_value)
);
CREATE TABLE IF NOT EXISTS licence_moves(
    id INTEGER PRIMARY KEY,
    licence TEXT NOT NULL REFERENCES licences(number),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    ref TEXT,
    at TEXT NOT NULL,
    digest BLOB NOT NULL,                 -- of the request, so that a reused key is noticed
    entry INTEGER NOT NULL,               -- of the ledger
    leaf BLOB NOT NULL,
    sealed BLOB NOT NULL,                 -- the commitment's opening
    UNIQUE (licence, key)
);
CREATE INDEX IF NOT EXISTS licence_moves_by_ref ON licence_moves(licence, ref) WHERE ref IS NOT NULL;
CREATE TABLE IF NOT EXISTS licence_postings(
    move INTEGER NOT NULL REFERENCES licence_moves(id),
    line INTEGER NOT NULL REFERENCES licence_lines(id),
    element_mg INTEGER NOT NULL, gross_mg INTEGER NOT NULL, value_minor INTEGER NOT NULL,
    left_mg INTEGER NOT NULL,             -- of the element after this posting: the receipt says so for ever
    PRIMARY KEY (move, line)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS licence_leases(
    licence TEXT NOT NULL REFERENCES licences(number),
    key TEXT NOT NULL,                    -- of the reservation it holds
    token TEXT NOT NULL,
    until TEXT NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (licence, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS licence_steps(
    entry INTEGER PRIMARY KEY,            -- of the ledger
    licence TEXT NOT NULL REFERENCES licences(number),
    step TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
    sealed BLOB NOT NULL
);
"""
_PARTS = ("element", "gross", "value")
_LINE = "id, licence, entry_code, element, gross_limited, value_limited, " + ", ".join(
    f"{kind}_{part}" for kind in ("granted", "reserved", "drawn", "lapsed") for part in _PARTS
)


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """One licence as stored."""

    number: str
    kind: str
    origin: str
    state: LicenceState
    valid_from: date
    valid_to: date
    status_index: int | None
    token: bytes | None
    used: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a licence with its balance."""

    id: int
    licence: str
    key: LineKey
    balance: Balance


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One posting as stored."""

    id: int
    licence: str
    key: str
    kind: Kind
    ref: str | None
    at: str
    digest: bytes
    entry: int
    leaf: bytes


def prepare(db: Database) -> None:
    """Make the tables where they are missing. Runs in the caller's transaction."""
    create(db, SCHEMA, only_added=("licence_moves", "licence_postings", "licence_steps"))


def prepared(db: Database) -> bool:
    """Whether this home has licences' tables."""
    return has_table(db, "licence_steps")


_LICENCE = "number, kind, origin, state, valid_from, valid_to, status_index, token, used"


def _licence(row: Sequence[Any]) -> LicenceRow:
    return LicenceRow(
        row[0], row[1], row[2], LicenceState(row[3]), date.fromisoformat(row[4]), date.fromisoformat(row[5]),
        row[6], None if row[7] is None else bytes(row[7]), bool(row[8]),
    )  # fmt: skip


def licence(db: Database, number: str) -> LicenceRow | None:
    """Find a licence."""
    if not prepared(db):
        return None
    row = db.execute(f"SELECT {_LICENCE} FROM licences WHERE number = ?", (number,)).fetchone()  # noqa: S608
    return _licence(row) if row else None


def licences(db: Database) -> Iterator[LicenceRow]:
    """All licences, by number."""
    if prepared(db):
        for row in db.execute(f"SELECT {_LICENCE} FROM licences ORDER BY number"):  # noqa: S608 (constants)
            yield _licence(row)


def insert_licence(db: Database, row: LicenceRow) -> None:
    """Add a licence."""
    db.execute(
        f"INSERT INTO licences ({_LICENCE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 (constants)
        (row.number, row.kind, row.origin, row.state.value, row.valid_from.isoformat(), row.valid_to.isoformat(),
         row.status_index, row.token, int(row.used)),
    )  # fmt: skip


def next_status_index(db: Database) -> int:
    """The next free place in the status list."""
    row = db.execute("SELECT MAX(status_index) FROM licences").fetchone()
    return 0 if row is None or row[0] is None else int(row[0]) + 1


def set_state(db: Database, number: str, before: LicenceState, now: LicenceState) -> None:
    """Move a licence from one state to another; both are checked."""
    db.execute(
        "UPDATE licences SET state = ? WHERE number = ? AND state = ?", (now.value, number, before.value)
    )
    assert db.changes() == 1, "the state was read in the same turn"


def mark_used(db: Database, number: str) -> None:
    """Note that a licence was drawn on; again changes nothing."""
    db.execute("UPDATE licences SET used = 1 WHERE number = ? AND used = 0", (number,))


def _line(row: Sequence[Any]) -> LineRow:
    granted, reserved, drawn, lapsed = (Amount(*row[i : i + 3]) for i in (6, 9, 12, 15))
    balance = Balance(granted, reserved, drawn, lapsed, bool(row[4]), bool(row[5]))
    return LineRow(row[0], row[1], LineKey(row[2], row[3]), balance)


def lines(db: Database, number: str) -> list[LineRow]:
    """A licence's lines, in the order they were granted."""
    query = f"SELECT {_LINE} FROM licence_lines WHERE licence = ? ORDER BY id"  # noqa: S608 (constants)
    return [_line(row) for row in db.execute(query, (number,))]


def insert_line(db: Database, number: str, key: LineKey, balance: Balance) -> int:
    """Add a line with nothing granted yet."""
    row = db.execute(
        "INSERT INTO licence_lines (licence, entry_code, element, gross_limited, value_limited,"
        " granted_element, granted_gross, granted_value) VALUES (?, ?, ?, ?, ?, 0, 0, 0) RETURNING id",
        (number, key.entry, key.element, int(balance.gross_limited), int(balance.value_limited)),
    ).fetchone()
    return int(row[0])


def change(db: Database, line: int, before: Balance, now: Balance) -> None:
    """Write a line's balance: refused by the database unless it is what it was, and covers the change.

    Raises:
        QuantityExceeded: somebody else took it in between. Nothing is written.
    """
    parts = [
        (f"{kind}_{part}", old, new)
        for kind in ("granted", "reserved", "drawn", "lapsed")
        for part, old, new in zip(_PARTS, getattr(before, kind).parts, getattr(now, kind).parts, strict=True)
        if old != new
    ]
    if not parts:
        return
    sets = ", ".join(f"{name} = {name} + ?" for name, _, _ in parts)
    try:
        db.execute(
            f"UPDATE licence_lines SET {sets} WHERE id = ? AND drawn_element = ? AND reserved_element = ?",  # noqa: S608
            (
                *(new - old for _, old, new in parts),
                line,
                before.drawn.element_mg,
                before.reserved.element_mg,
            ),
        )
    except REFUSED as e:
        raise QuantityExceeded("the account has less left than was asked for") from e
    if db.changes() != 1:
        raise QuantityExceeded(
            "the account changed while the posting was made", advice="Send the request again."
        )


_MOVE = "id, licence, key, kind, ref, at, digest, entry, leaf"


def _move(row: Sequence[Any]) -> MoveRow:
    return MoveRow(row[0], row[1], row[2], Kind(row[3]), row[4], row[5], bytes(row[6]), row[7], bytes(row[8]))


def move(db: Database, number: str, key: str) -> MoveRow | None:
    """Find a posting by its idempotency key."""
    query = f"SELECT {_MOVE} FROM licence_moves WHERE licence = ? AND key = ?"  # noqa: S608 (constants)
    row = db.execute(query, (number, key)).fetchone()
    return _move(row) if row else None


def moves(db: Database, number: str) -> Iterator[MoveRow]:
    """A licence's postings, oldest first."""
    query = f"SELECT {_MOVE} FROM licence_moves WHERE licence = ? ORDER BY id"  # noqa: S608 (constants)
    for row in db.execute(query, (number,)):
        yield _move(row)


def moves_named(db: Database, number: str, keys: Sequence[str]) -> Iterator[MoveRow]:
    """Those of a licence's postings that have one of many idempotency keys."""
    condition, bound = among(db, "key", keys)
    query = f"SELECT {_MOVE} FROM licence_moves WHERE licence = ? AND {condition}"  # noqa: S608 (constants)
    for row in db.execute(query, (number, bound)):
        yield _move(row)


def insert_moves(db: Database, rows: Sequence[tuple[MoveRow, bytes]]) -> list[int]:
    """Add postings with their sealed openings; their ids are given here."""
    ids = fresh_ids(db, "licence_moves", len(rows))
    db.executemany(
        f"INSERT INTO licence_moves ({_MOVE}, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 (constants)
        [
            (number, r.licence, r.key, r.kind.value, r.ref, r.at, r.digest, r.entry, r.leaf, sealed)
            for number, (r, sealed) in zip(ids, rows, strict=True)
        ],
    )
    return ids


def insert_postings(db: Database, rows: Sequence[tuple[int, int, Amount, int]]) -> None:
    """Add what postings do to lines: posting, line, amount, element left after it (mg)."""
    db.executemany(
        "INSERT INTO licence_postings VALUES (?, ?, ?, ?, ?, ?)",
        [(move_id, line, *amount.parts, left_mg) for move_id, line, amount, left_mg in rows],
    )


def postings(db: Database, move_id: int) -> list[tuple[LineKey, Amount, int]]:
    """What a posting did: line, amount, element left after it."""
    query = (
        "SELECT l.entry_code, l.element, p.element_mg, p.gross_mg, p.value_minor, p.left_mg"
        " FROM licence_postings p JOIN licence_lines l ON l.id = p.line WHERE p.move = ? ORDER BY l.id"
    )
    return [(LineKey(r[0], r[1]), Amount(*r[2:5]), r[5]) for r in db.execute(query, (move_id,))]


def standing(db: Database, number: str, key: str, line: int) -> Amount:
    """What is open of a reservation on a line, or what stands of a draw with its corrections, or of a lapse."""
    row = db.execute(
        "SELECT SUM(CASE WHEN m.key = ? OR m.kind = 'correct' THEN p.element_mg ELSE -p.element_mg END),"
        " SUM(CASE WHEN m.key = ? OR m.kind = 'correct' THEN p.gross_mg ELSE -p.gross_mg END),"
        " SUM(CASE WHEN m.key = ? OR m.kind = 'correct' THEN p.value_minor ELSE -p.value_minor END)"
        " FROM licence_moves m JOIN licence_postings p ON p.move = m.id"
        " WHERE m.licence = ? AND (m.key = ? OR m.ref = ?) AND p.line = ?",
        (key, key, key, number, key, key, line),
    ).fetchone()
    return Amount(*(int(part or 0) for part in row)) if row else Amount(0)


def insert_step(db: Database, entry: int, number: str, step: str, state: str, at: str, sealed: bytes) -> None:
    """Add a step of a licence's life."""
    db.execute(
        "INSERT INTO licence_steps VALUES (?, ?, ?, ?, ?, ?)", (entry, number, step, state, at, sealed)
    )


def steps(db: Database, number: str) -> list[tuple[int, str, str, str]]:
    """The steps of a licence's life: ledger entry, step, state, time."""
    query = "SELECT entry, step, state, at FROM licence_steps WHERE licence = ? ORDER BY entry"
    return [(r[0], r[1], r[2], r[3]) for r in db.execute(query, (number,))]


def lease(db: Database, number: str, key: str) -> tuple[str, bool] | None:
    """Find a lease: its signed text, and whether it was settled."""
    query = "SELECT token, settled FROM licence_leases WHERE licence = ? AND key = ?"
    row = db.execute(query, (number, key)).fetchone()
    return (row[0], bool(row[1])) if row else None


def insert_lease(db: Database, number: str, key: str, text: str, until: str) -> None:
    """Keep a lease."""
    db.execute("INSERT INTO licence_leases VALUES (?, ?, ?, ?, 0)", (number, key, text, until))


def settle_lease(db: Database, number: str, key: str) -> None:
    """Mark a lease as settled."""
    db.execute("UPDATE licence_leases SET settled = 1 WHERE licence = ? AND key = ?", (number, key))


def overdue_leases(db: Database, now: str) -> list[tuple[str, str, str]]:
    """Leases that ran out without being settled: licence, key, end."""
    query = "SELECT licence, key, until FROM licence_leases WHERE settled = 0 AND until < ? ORDER BY until"
    return [(r[0], r[1], r[2]) for r in db.execute(query, (now,))] if prepared(db) else []
