"""Rows <-> values of the directory: profiles, changes, accounts. Names are nowhere in clear, so none is indexed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered

from .acts import KIND, read, read_one, seal, unseal
from .duties import Actor
from .model import Employment, Person, PersonName, Source
from .moments import moment, moment_or_none, second
from .rules import ChangeState


def as_record(person: Person) -> dict[str, Any]:
    """A profile as it is sealed."""
    return {
        "names": [[n.text, str(n.source)] for n in person.names],
        "specialities": list(person.specialities),
        "education": list(person.education),
        "projects": list(person.projects),
        "publications": list(person.publications),
        "employments": [
            [e.employer, e.role, e.starts_on.isoformat(), e.ends_on.isoformat() if e.ends_on else None]
            for e in person.employments
        ],
        "birth_year": person.birth_year,
        "orcid": person.orcid,
    }


def of_record(person: str, record: Mapping[str, Any]) -> Person:
    """The profile that `as_record` wrote."""
    return Person(
        id=person,
        names=tuple(PersonName(text, Source(source)) for text, source in record["names"]),
        specialities=tuple(record["specialities"]),
        education=tuple(record["education"]),
        projects=tuple(record["projects"]),
        publications=tuple(record["publications"]),
        employments=tuple(
            Employment(employer, role, date.fromisoformat(start), date.fromisoformat(end) if end else None)
            for employer, role, start, end in record["employments"]
        ),
        birth_year=record["birth_year"],
        orcid=record["orcid"],
    )


def insert_person(office: Office, db: apsw.Connection, person: str, now: datetime, entry: int) -> None:
    """Make a person's key and row."""
    token = office.subjects.ensure(db, person, KIND)
    db.execute("INSERT INTO persons VALUES (?, ?, ?, ?)", (person, token, second(now), entry))


def insert_profile(office: Office, db: apsw.Connection, profile: Person, actor: Actor, now: datetime) -> None:
    """Add a version of a profile; the newest one holds."""
    box = seal(office, db, profile.id, as_record(profile), f"profile {profile.id}")
    db.execute(
        "INSERT INTO profiles(person, sealed, actor, actor_kind, at) VALUES (?, ?, ?, ?, ?)",
        (profile.id, box, actor.id, str(actor.kind), second(now)),
    )


def profile(office: Office, person: str) -> Person:
    """A person's newest profile.

    Raises:
        NotRegistered: nobody has this id, or the person was erased.
    """
    row = read_one(office, "SELECT sealed FROM profiles WHERE person = ? ORDER BY id DESC LIMIT 1", (person,))
    record = unseal(office, person, row[0], f"profile {person}") if row else None
    if record is None:
        raise NotRegistered(
            f"nobody in the directory is {person!r}", advice="`sealtrace person find` looks up a name."
        )
    return of_record(person, record)


def profiles(office: Office) -> Iterator[Person]:
    """Everybody's newest profile; read for the purposes of the directory and for nothing else."""
    rows = read(
        office,
        "SELECT person, sealed FROM profiles WHERE id IN (SELECT max(id) FROM profiles GROUP BY person)"
        " ORDER BY person",
    )
    for person, sealed in rows:
        record = unseal(office, person, sealed, f"profile {person}")
        if record is not None:
            yield of_record(person, record)


def insert_account(office: Office, db: apsw.Connection, person: str, account: str) -> None:
    """Bind an account of the house to a person."""
    token = office.subjects.token("account", account)
    box = seal(office, db, person, {"account": account}, f"account {token.hex()}")
    db.execute("INSERT INTO person_accounts VALUES (?, ?, ?)", (token, person, box))


def accounts(office: Office, person: str) -> list[str]:
    """The accounts under which a person acts in the house."""
    rows = read(office, "SELECT token, sealed FROM person_accounts WHERE person = ?", (person,))
    found = [unseal(office, person, sealed, f"account {bytes(token).hex()}") for token, sealed in rows]
    return sorted(str(record["account"]) for record in found if record)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A proposed change of one field, and what became of it."""

    id: str
    person: str
    field: str
    before: Any
    after: Any
    proposer: str
    proposed_at: datetime
    state: ChangeState
    reviewer: str | None
    decided_at: datetime | None
    reasons: str


_CHANGE = "id, person, field, sealed, proposer, proposed_at, state, reviewer, decided_at, answer"


def changes(office: Office, *, person: str | None = None, waiting: bool = False) -> list[ChangeRow]:
    """Changes of one person or of all, oldest first; `waiting` gives those nobody has decided."""
    rows = read(
        office,
        f"SELECT {_CHANGE} FROM profile_changes WHERE (:person IS NULL OR person = :person)"  # noqa: S608 (constant)
        " AND (:waiting = 0 OR state = 'proposed') ORDER BY proposed_at, id",
        {"person": person, "waiting": int(waiting)},
    )
    return [_change(office, row) for row in rows]


def change(office: Office, name: str) -> ChangeRow:
    """One change. Raises NotRegistered."""
    row = read_one(office, f"SELECT {_CHANGE} FROM profile_changes WHERE id = ?", (name,))  # noqa: S608
    if row is None:
        raise NotRegistered(
            f"there is no change {name!r}", advice="`sealtrace person changes` lists what waits."
        )
    return _change(office, row)


def _change(office: Office, row: tuple[Any, ...]) -> ChangeRow:
    name, person, field, sealed, proposer, at, state, reviewer, decided_at, answer = row
    record = unseal(office, person, sealed, f"change {name}") or {}
    said = unseal(office, person, answer, f"answer {name}") if answer else None
    return ChangeRow(
        name, person, field, record.get("before"), record.get("after"), proposer, moment(at), ChangeState(state),
        reviewer, moment_or_none(decided_at), str((said or {}).get("reasons", "")),
    )  # fmt: skip
