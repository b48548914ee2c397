"""Erase a person: rows go, the key goes, the write-ahead log is emptied; what remains in the log opens nothing.

Earlier backups keep the sealed rows without the key: keys lie in one file that every backup replaces. Who looked at
the file stays countable under a random name. The ledger entries stay, and no receipt stops verifying.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import apsw

from sealtrace.custody import erasure
from sealtrace.custody.office import Office
from sealtrace.errors import HomeLocked, NotRegistered, StepRefused, UsageProblem
from sealtrace.ledger.model import Entry
from sealtrace.people import schema as people
from sealtrace.people import store as directory
from sealtrace.people.access import Purpose, require_purpose
from sealtrace.people.acts import identity, read, read_one, require_person, token_of
from sealtrace.people.duties import Actor, require_different
from sealtrace.posts import rules
from sealtrace.posts import schema as posts
from sealtrace.posts import store as restrictions
from sealtrace.travel import family
from sealtrace.travel import schema as travel
from sealtrace.watch import candidates
from sealtrace.watch import schema as watch

ERASED = "person:erased"


@dataclass(frozen=True, slots=True)
class Gone:
    """What an erasure did: its entry, rows that went, copies of files concerned, and whether the log is empty.

    Not settled means that another process still reads the home: its old pages go when it ends.
    """

    entry: Entry
    rows: int
    copies: int
    settled: bool


def ready(office: Office) -> None:
    """Make the tables of every part, so that nothing is overlooked."""
    from sealtrace.travel import documents

    candidates.ready(office)
    documents.ready(office)


def hindrances(office: Office, person: str, now: datetime) -> list[str]:
    """What stands against erasing a person now: a restriction in force, a document held, an open petition."""
    ready(office)
    found = []
    for record in restrictions.records(office, person):
        if rules.status(record, now) not in rules.ENDED:
            found.append(f"restriction {record.restriction.id} has not ended")
    for table, column, where in (
        ("held_documents", "receipt", "owner = ? AND returned_at IS NULL"),
        ("petitions", "id", "person = ? AND answered_at IS NULL AND withdrawn = 0"),
    ):
        query = f"SELECT {column} FROM {table} WHERE {where}"  # noqa: S608 (constants)
        found += [f"{table.replace('_', ' ')}: {name}" for (name,) in read(office, query, (person,))]
    return found


def erase(
    office: Office, actor: Actor, approver: Actor, person: str, *, authority: str, basis: str, now: datetime,
    with_copies: bool = False,
) -> Gone:  # fmt: skip
    """Erase everything held about a person, by order of an authority on a basis; two people do it.

    `with_copies` erases the person too from the copies that were issued to the own accounts; evidence that is still
    needed must be exported before.

    Raises:
        StepRefused: a restriction is in force, a document is held, or a petition is open.
        NotRegistered: nobody has this id.
    """
    ready(office)
    actor, approver = require_purpose(office, actor, Purpose.DIRECTORY, now), identity(office, approver)
    require_different(actor=actor.id, approver=approver.id, person=person)
    require_person(office, person)
    if not authority.strip() or not basis.strip():
        raise UsageProblem("an erasure names who orders it and the rule it rests on")
    against = hindrances(office, person, now)
    if against:
        raise StepRefused(f"not yet: {'; '.join(against)}")
    accounts = directory.accounts(office, person)
    counted: list[int] = []
    fields = {"authority": authority, "basis": basis, "by": actor.id, "approver": approver.id}
    with office.writing():
        pseudonym = f"gone-{secrets.token_hex(8)}"
        entry = office.record_act(
            ERASED, pseudonym, fields, lambda db, _: counted.append(destroy(office, db, person, pseudonym))
        )
        office.subjects.forget()
        copies = 0
        for account in accounts if with_copies else ():
            try:
                copies += erasure.erase(office, account, authority=authority, basis=basis).copies
            except NotRegistered:
                continue
        return Gone(entry, counted[-1], copies, settle(office))


def settle(office: Office) -> bool:
    """Empty the write-ahead log; False while another process reads."""
    try:
        office.ledger.empty_write_ahead_log()
    except HomeLocked:
        return False
    return True


def destroy(office: Office, db: apsw.Connection, person: str, pseudonym: str) -> int:
    """Delete a person's rows and key within the caller's transaction; gives how many rows went."""
    before = db.total_changes()
    db.execute("INSERT INTO erasing VALUES (?)", (person,))
    for (token,) in db.execute(
        "SELECT family FROM journeys WHERE person = ? AND family IS NOT NULL", (person,)
    ).fetchall():
        family.forget(db, bytes(token))  # type: ignore[arg-type]  # the column is a blob
    for table in (*travel.OF_PERSON, *watch.OF_PERSON):
        db.execute(f"DELETE FROM {table} WHERE person = ?", (person,))  # noqa: S608 (constants)
    db.execute(
        "DELETE FROM restriction_events WHERE restriction IN (SELECT id FROM restrictions WHERE person = ?)",
        (person,),
    )
    for table in (*posts.OF_PERSON, *people.OF_PERSON):
        db.execute(f"DELETE FROM {table} WHERE person = ?", (person,))  # noqa: S608 (constants)
    db.execute("DELETE FROM held_documents WHERE owner = ?", (person,))
    db.execute("DELETE FROM purpose_grants WHERE actor = ?", (person,))
    db.execute("UPDATE accesses SET person = ?, sealed = zeroblob(29) WHERE person = ?", (pseudonym, person))
    db.execute("DELETE FROM persons WHERE id = ?", (person,))
    db.execute("DELETE FROM subjects WHERE token = ?", (token_of(office, person),))
    db.execute("DELETE FROM erasing")
    return int(db.total_changes() - before)


def known(office: Office, person: str) -> bool:
    """Whether the directory has this person still."""
    return read_one(office, "SELECT 1 FROM persons WHERE id = ?", (person,)) is not None
