"""Erasing a person: key and salts are destroyed, the log keeps hashes that nobody can guess any more.

Every receipt still verifies. What remains of the person's copies is that they existed: a random name in
place of the person's token, so that copies of one erased person stay together, and sealed records
without a key.
"""

from __future__ import annotations

import os

import apsw

from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ledger.model import Entry

from .office import Office

ERASED = "subject:erased"


def erase(office: Office, operator: str, *, authority: str, basis: str) -> tuple[Entry, int]:
    """Erase all personal data of an operator; returns the entry and the number of copies concerned.

    `authority` is who orders it, `basis` the rule it rests on; both go into the entry.

    Raises:
        NotRegistered: no copy was issued to this operator, or the operator was erased before.
        UsageProblem: authority or basis are empty.
    """
    if not authority.strip() or not basis.strip():
        raise UsageProblem("an erasure names who orders it and the rule it rests on")
    with office.writing():
        token, pseudonym = office.subjects.token("operator", operator), os.urandom(16)
        row = office.db.execute("SELECT wrapped_key FROM subjects WHERE token = ?", (token,)).fetchone()
        if row is None or row[0] is None:
            raise NotRegistered(f"there is no data of {operator!r} to erase")
        found = office.db.execute("SELECT count(*) FROM copies WHERE subject = ?", (token,)).fetchone()
        assert found is not None
        copies = int(found[0])

        def destroy(db: apsw.Connection, _entry: Entry) -> None:
            db.execute("INSERT INTO subjects VALUES (?, NULL)", (pseudonym,))
            db.execute(
                "UPDATE copies SET subject = ?, device = ?, sealed = x'' WHERE subject = ?",
                (pseudonym, pseudonym, token),
            )
            db.execute("DELETE FROM subjects WHERE token = ?", (token,))

        fields: dict[str, str | int | bytes | None] = {
            "subject": pseudonym,
            "copies": copies,
            "authority": authority,
            "basis": basis,
        }
        entry = office.record_act(ERASED, pseudonym.hex(), fields, destroy)
        office.subjects.forget()
        office.ledger.empty_write_ahead_log()
        return entry, copies
