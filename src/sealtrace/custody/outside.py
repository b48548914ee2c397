"""Acts whose effect lies in another database, such as the application's accounts.

The entry is durable first, and with it a row here that says it is open. The other database keeps the entry's number
in the same transaction as the effect. Whatever lets go of the home's lock without that, a kill included, leaves an
open row and no number: then the entry had no effect, and an entry of its own says so. Nobody was told that it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import apsw

from sealtrace.ledger.model import Entry

from .office import Office

WITHOUT_EFFECT = "deed:without-effect"
SCHEMA = "CREATE TABLE IF NOT EXISTS outside(entry INTEGER PRIMARY KEY)"

Fields = Mapping[str, str | int | bytes | None]


def enter(office: Office, event: str, subject: str, fields: Fields, settled: Iterable[int] = ()) -> Entry:
    """Enter an act, open until its effect is known; entries `settled` before are let go in the same commit."""

    def rows(db: apsw.Connection, entry: Entry) -> None:
        _lay(db)
        _forget(db, settled)
        db.execute("INSERT INTO outside VALUES (?)", (entry.index,))

    return office.record_act(event, subject, fields, rows)


def still_open(office: Office) -> list[int]:
    """The entries whose effect is not known here, oldest first."""
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'outside'"
    if office.db.execute(known).fetchone() is None:
        return []
    return [int(row[0]) for row in office.db.execute("SELECT entry FROM outside ORDER BY entry")]


def void(office: Office, entries: Sequence[int]) -> Entry:
    """Say in the ledger that these entries had no effect; they are open no more. The caller holds the home."""

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        _lay(db)
        _forget(db, entries)

    said = ",".join(map(str, entries))
    return office.record_act(WITHOUT_EFFECT, f"entry {entries[0]}", {"entries": said}, rows)


def _lay(db: apsw.Connection) -> None:
    db.execute(SCHEMA)


def _forget(db: apsw.Connection, entries: Iterable[int]) -> None:
    db.executemany("DELETE FROM outside WHERE entry = ?", [(entry,) for entry in entries])
