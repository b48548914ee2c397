"""Erasing a person: key and salts are destroyed, the log keeps hashes that nobody can guess any more.

Every receipt still verifies. What remains of the person's copies is that they existed: a random name in
place of the person's token, so that copies of one erased person stay together, and sealed records
without a key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import apsw

from sealtrace.errors import HomeLocked, NotRegistered, UsageProblem
from sealtrace.ledger.model import Entry

from . import controls_rows, looks, proof_store
from .office import Office

ERASED = "subject:erased"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: its entry, how many copies it concerned, and whether it is settled.

    It is not settled while another process still reads the home: then the old pages stay in the
    write-ahead log, sealed under a key that is gone, until that process ends.
    """

    entry: Entry
    copies: int
    settled: bool


def concerned(office: Office, operator: str) -> int:
    """How many copies an erasure would concern. Raises NotRegistered as `erase` does."""
    token = office.subjects.token("operator", operator)
    row = office.db.execute("SELECT wrapped_key FROM subjects WHERE token = ?", (token,)).fetchone()
    if row is None or row[0] is None:
        raise NotRegistered(
            f"there is no data of {operator!r} to erase",
            advice="Check the name for typing errors; who was erased before can't be found any more.",
        )
    found = office.db.execute("SELECT count(*) FROM copies WHERE subject = ?", (token,)).fetchone()
    assert found is not None
    return int(found[0])


def erase(office: Office, operator: str, *, authority: str, basis: str) -> Erased:
    """Erase all personal data of an operator.

    `authority` is who orders it, `basis` the rule it rests on; both go into the entry.

    Raises:
        NotRegistered: no copy was issued to this operator, or the operator was erased before.
        UsageProblem: authority or basis are empty.
    """
    if not authority.strip() or not basis.strip():
        raise UsageProblem("an erasure names who orders it and the rule it rests on")
    with office.writing():
        copies = concerned(office, operator)
        token, pseudonym = office.subjects.token("operator", operator), os.urandom(16)

        def destroy(db: apsw.Connection, _entry: Entry) -> None:
            db.execute("INSERT INTO subjects VALUES (?, NULL)", (pseudonym,))
            proof_store.erase_person(db, token, pseudonym)
            looks.forget(db, token)
            controls_rows.forget(db, token, pseudonym)
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
        try:
            office.ledger.empty_write_ahead_log()
        except HomeLocked:
            return Erased(entry, copies, settled=False)
        return Erased(entry, copies, settled=True)
