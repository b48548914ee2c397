"""Rows of travel documents in custody; the closed list of titles is a constraint of the table itself."""

from __future__ import annotations

import apsw

from sealtrace.errors import TitleMissing
from sealtrace.people.moments import second

from .rules import Held

SCHEMA = """
CREATE TABLE IF NOT EXISTS held_documents(
    receipt TEXT PRIMARY KEY CHECK (length(trim(receipt)) > 0),
    owner TEXT NOT NULL CHECK (length(owner) > 0),
    kind TEXT NOT NULL CHECK (length(kind) > 0),
    issuer TEXT NOT NULL CHECK (length(issuer) > 0),
    last_four TEXT NOT NULL CHECK (length(last_four) <= 4),
    title TEXT NOT NULL CHECK (title IN
        ('official-passport', 'registered-staff-rule', 'case-seizure', 'voluntary-safekeeping')),
    title_document TEXT NOT NULL CHECK (length(trim(title_document)) > 0),
    title_ends_at TEXT NOT NULL CHECK (title_ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', title_ends_at)),
    verified_by TEXT NOT NULL CHECK (length(verified_by) > 0),
    verified_kind TEXT NOT NULL CHECK (verified_kind = 'human'),
    taken_by TEXT NOT NULL CHECK (length(taken_by) > 0),
    taken_kind TEXT NOT NULL CHECK (taken_kind = 'human'),
    taken_at TEXT NOT NULL CHECK (taken_at IS strftime('%Y-%m-%dT%H:%M:%SZ', taken_at)),
    return_asked_at TEXT,
    returned_at TEXT,
    CHECK (taken_at < title_ends_at),
    CHECK (owner <> verified_by AND owner <> taken_by AND verified_by <> taken_by)
) WITHOUT ROWID;
"""


def prepare(connection: apsw.Connection) -> None:
    """Make the table."""
    connection.execute(SCHEMA)


def add(connection: apsw.Connection, held: Held) -> None:
    """Enter a document taken into custody.

    Raises:
        TitleMissing: the table refuses the row.
    """
    row = (
        held.receipt, held.owner, held.kind, held.issuer, held.last_four, str(held.title), held.title_document,
        second(held.title_ends_at), held.verified_by.id, str(held.verified_by.kind), held.taken_by.id,
        str(held.taken_by.kind), second(held.taken_at), None, None,
    )  # fmt: skip
    try:
        connection.execute(f"INSERT INTO held_documents VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 (only marks)
    except apsw.ConstraintError as e:
        raise TitleMissing(str(e)) from e
