"""Orders: copies asked for under a key, so that the same order again gives the copies it gave, and the rest of them.

A copy and its place in the order are written in the transaction of the copy's entry. A process killed anywhere in
between leaves an order that is given so far; asked again it goes on there, and nobody gets a second copy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import apsw

from sealtrace.errors import KeyReused, UsageProblem
from sealtrace.ids import CopyId

from .model import Recipient, Version
from .office import Office
from .store import signed, unsigned

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders(
    key TEXT NOT NULL,
    number INTEGER NOT NULL,               -- the recipient's place in the order, from 0
    wanted BLOB NOT NULL,                  -- keyed digest of what was asked for: one key is one order
    copy INTEGER NOT NULL UNIQUE REFERENCES copies(id),
    PRIMARY KEY(key, number)
) WITHOUT ROWID
"""
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order says besides which file and for whom.

    key: names the order; empty: each asking is another one. until: aware; when its copies end. by: who orders.
    """

    key: str = ""
    until: datetime | None = None
    by: str = ""

    def __post_init__(self) -> None:
        if len(self.key) > LONGEST_KEY:
            raise UsageProblem(f"an order's key has at most {LONGEST_KEY} characters")
        if self.until is not None and self.until.tzinfo is None:
            raise UsageProblem("the end of copies needs its offset from UTC")


def digest(
    office: Office, version: Version, recipients: Sequence[Recipient], terms: Terms, *, wrapped: bool
) -> bytes:
    """What an order asks for, as a keyed digest that tells nothing of its people."""
    people = [(r.operator, r.device, r.ip) for r in recipients]
    until = terms.until.isoformat() if terms.until else None
    return office.subjects.token("order", json.dumps([version.row, people, until, wrapped]))


def given(office: Office, key: str, wanted: bytes) -> list[CopyId]:
    """The copies that an order has given so far, in its recipients' order.

    Raises:
        KeyReused: the key names another order.
    """
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'orders'"
    if not key or office.db.execute(known).fetchone() is None:
        return []
    rows = office.db.execute("SELECT wanted, copy FROM orders WHERE key = ? ORDER BY number", (key,))
    copies = []
    for known_as, copy in rows:
        assert isinstance(known_as, bytes), "the table's own type"
        assert isinstance(copy, int), "the table's own type"
        if known_as != wanted:
            raise KeyReused("this key named an order for other copies before; nothing was issued")
        copies.append(unsigned(copy))
    return copies


def insert(db: apsw.Connection, key: str, first: int, wanted: bytes, copies: Sequence[CopyId]) -> None:
    """Keep which copies an order gave, from place `first` on. Raises apsw.ConstraintError for a place given."""
    db.execute(SCHEMA)
    rows = [(key, first + n, wanted, signed(copy)) for n, copy in enumerate(copies)]
    db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
