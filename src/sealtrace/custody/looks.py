"""Rows of reading: which copy a session's page is, and each time it was looked at.

A look is an entry of its own; its commitment's opening lies here, sealed under the reader's key.
"""

from __future__ import annotations

from collections.abc import Iterator

import apsw

SCHEMA = """
CREATE TABLE IF NOT EXISTS views(          -- within one session, one page is one copy
    token BLOB PRIMARY KEY,                -- keyed digest of version, page, operator, device, address and session
    copy INTEGER NOT NULL UNIQUE REFERENCES copies(id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks(          -- openings after the first, and each zoom level and part of a table
    entry INTEGER PRIMARY KEY,
    copy INTEGER NOT NULL REFERENCES copies(id),
    sealed BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS looks_of_copy ON looks(copy);
"""


def copy_of(db: apsw.Connection, token: bytes) -> int | None:
    """The copy, as a signed number, that a session's page is; None when it was not opened yet."""
    row = db.execute("SELECT copy FROM views WHERE token = ?", (token,)).fetchone()
    return None if row is None else int(row[0])


def insert_view(db: apsw.Connection, token: bytes, copy: int) -> None:
    """Keep which copy a session's page is. Raises apsw.ConstraintError when it is one already."""
    db.execute("INSERT INTO views VALUES (?, ?)", (token, copy))


def replace_view(db: apsw.Connection, token: bytes, copy: int) -> None:
    """Make room for another copy where a session's page was this one; nothing when it is another already."""
    db.execute("DELETE FROM views WHERE token = ? AND copy = ?", (token, copy))


def insert_look(db: apsw.Connection, entry: int, copy: int, sealed: bytes) -> None:
    """Keep the opening of a look's entry."""
    db.execute("INSERT INTO looks VALUES (?, ?, ?)", (entry, copy, sealed))


def looks(db: apsw.Connection, copy: int | None = None) -> Iterator[tuple[int, int, bytes]]:
    """Entry, copy and sealed opening of each look, oldest first; of one copy or of all."""
    where, args = ("", ()) if copy is None else ("WHERE copy = ?", (copy,))
    for row in db.execute(f"SELECT entry, copy, sealed FROM looks {where} ORDER BY entry", args):  # noqa: S608
        yield int(row[0]), int(row[1]), bytes(row[2])


def forget(db: apsw.Connection, subject: bytes) -> None:
    """Let go of what an erased person looked at. Call before the person's copies lose their name."""
    mine = "(SELECT id FROM copies WHERE subject = ?)"
    db.execute(f"DELETE FROM views WHERE copy IN {mine}", (subject,))  # noqa: S608 (a constant)
    db.execute(f"UPDATE looks SET sealed = x'' WHERE copy IN {mine}", (subject,))  # noqa: S608 (a constant)
