"""The retention schedule: what is over its time, and letting it go. Run by a person; each thing let go is an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import apsw
import yaml

from sealtrace.custody.office import Office
from sealtrace.errors import StepRefused
from sealtrace.ledger.model import Entry
from sealtrace.people import store as directory
from sealtrace.people.access import Purpose, require_purpose
from sealtrace.people.acts import Act, enter, read, readable
from sealtrace.people.duties import Actor
from sealtrace.people.moments import moment, second
from sealtrace.posts import places, rules
from sealtrace.posts import store as restrictions
from sealtrace.posts.basis import midnight
from sealtrace.travel import family

from .erasing import ERASED, destroy, hindrances, ready, settle

LET_GO = "person:time-over"


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one category is kept after which event."""

    category: str
    kept: timedelta
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept about a person, and until when; None while what it waits for has not happened."""

    category: str
    person: str
    name: str
    until: datetime | None


@cache
def schedule() -> Mapping[str, Rule]:
    """The schedule that comes with the product, by category."""
    entries = yaml.safe_load((files(__package__) / "data" / "retention.yaml").read_text("utf-8"))
    return {e["category"]: Rule(e["category"], timedelta(days=e["days"]), e["after"]) for e in entries}


def kept(office: Office, now: datetime, person: str | None = None) -> list[Kept]:
    """Everything with a time, of one person or of all, the soonest first. Looks are listed once they are over."""
    ready(office)
    found = [*_journeys(office, person), *_documents(office, person), *_candidates(office, person)]
    found += [
        *_restrictions(office, person, now),
        *_accesses(office, person, now),
        *_people(office, person, now),
    ]
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda k: (k.until or last, k.category, k.name))


def _after(category: str, at: datetime | None) -> datetime | None:
    return at + schedule()[category].kept if at is not None else None


def _journeys(office: Office, person: str | None) -> list[Kept]:
    query = "SELECT id, person, returns_at, family FROM journeys WHERE ? IS NULL OR person = ?"
    held = family.held(office)
    found = []
    for name, who, returns, token in read(office, query, (person, person)):
        found.append(Kept("journey", who, name, _after("journey", moment(returns))))
        if token is not None and bytes(token) in held:
            found.append(Kept("family", who, name, _after("family", moment(returns))))
    return found


def _documents(office: Office, person: str | None) -> list[Kept]:
    query = "SELECT receipt, owner, returned_at FROM held_documents WHERE ? IS NULL OR owner = ?"
    return [
        Kept("document", owner, receipt, _after("document", moment(back) if back else None))
        for receipt, owner, back in read(office, query, (person, person))
    ]


def _candidates(office: Office, person: str | None) -> list[Kept]:
    query = (
        "SELECT c.id, c.person, max(CASE WHEN e.same = 0 THEN e.at END) FROM candidates c LEFT JOIN candidate_events e"
        " ON e.candidate = c.id WHERE ? IS NULL OR c.person = ? GROUP BY c.id"
    )
    return [
        Kept("candidate", who, name, _after("candidate", moment(at) if at else None))
        for name, who, at in read(office, query, (person, person))
    ]


def _restrictions(office: Office, person: str | None, now: datetime) -> list[Kept]:
    found = []
    for record in restrictions.records(office, person):
        r = record.restriction
        ends = [r.ends_at, record.due, *(t for t in (record.annulled_at, record.released_at) if t)]
        over = rules.status(record, now) in rules.ENDED
        found.append(Kept("restriction", r.person, r.id, _after("restriction", min(ends)) if over else None))
    return found


def _accesses(office: Office, person: str | None, now: datetime) -> list[Kept]:
    query = "SELECT entry, person, at FROM accesses WHERE at <= ? AND (? IS NULL OR person = ?)"
    over = second(now - schedule()["access"].kept)
    return [
        Kept("access", who, str(entry), _after("access", moment(at)))
        for entry, who, at in read(office, query, (over, person, person))
    ]


def _people(office: Office, person: str | None, now: datetime) -> list[Kept]:
    query = "SELECT id, entered_at FROM persons WHERE ? IS NULL OR id = ?"
    found = []
    for name, entered in read(office, query, (person, person)):
        if not readable(office, name):
            continue
        ends: list[datetime | None] = [moment(entered)]
        ends += [
            midnight(e.ends_on) if e.ends_on else None for e in directory.profile(office, name).employments
        ]
        ends += [d.ends_at for d in places.designations(office, name)]
        ends += [r.restriction.ends_at for r in restrictions.records(office, name)]
        known = [end for end in ends if end is not None]
        lasts = len(known) < len(ends) or max(known) > now
        found.append(Kept("person", name, name, None if lasts else _after("person", max(known))))
    return found


def over(office: Office, now: datetime) -> list[Kept]:
    """What is over its time at `now` and may go; what an open matter still needs is left out."""
    due = [k for k in kept(office, now) if k.until is not None and k.until <= now]
    return [k for k in due if k.category != "person" or not hindrances(office, k.person, now)]


def apply(office: Office, actor: Actor, now: datetime) -> list[Kept]:
    """Let everything go that is over its time; gives what went. A person starts it, and each is an entry.

    Raises:
        PurposeMissing: the actor keeps no directory.
    """
    actor = require_purpose(office, actor, Purpose.DIRECTORY, now)
    gone: set[str] = set()
    done = []
    with office.writing():
        for one in sorted(over(office, now), key=lambda k: k.category == "person"):
            if one.person in gone:
                continue
            if one.category == "person":
                pseudonym = f"gone-{second(now)}-{len(gone)}"
                fields = {
                    "authority": "retention schedule",
                    "basis": one.category,
                    "by": actor.id,
                    "approver": "",
                }
                office.record_act(ERASED, pseudonym, fields, _destroying(office, one.person, pseudonym))
                office.subjects.forget()
                gone.add(one.person)
            elif one.category == "access" and one.person.startswith("gone-"):
                office.record_act(LET_GO, "home", {"category": "access", "entry": one.name}, _deleting(one))
            else:
                act = Act(
                    one.person, LET_GO, actor, {"category": one.category, "name": one.name}, _deleting(one)
                )
                enter(office, act, now, StepRefused)
            done.append(one)
        _dismissed(office, now)
        settle(office)
    return done


def _destroying(office: Office, person: str, pseudonym: str) -> Callable[[apsw.Connection, Entry], None]:
    def rows(db: apsw.Connection, _entry: Entry) -> None:
        destroy(office, db, person, pseudonym)

    return rows


_DELETE: Mapping[str, tuple[str, ...]] = {
    "journey": (
        "DELETE FROM journey_events WHERE journey = ?", "DELETE FROM journey_decisions WHERE journey = ?",
        "DELETE FROM journey_opinions WHERE journey = ?", "DELETE FROM journeys WHERE id = ?",
    ),
    "family": (),
    "document": ("DELETE FROM held_documents WHERE receipt = ?",),
    "candidate": ("DELETE FROM candidate_events WHERE candidate = ?", "DELETE FROM candidates WHERE id = ?"),
    "restriction": (
        "DELETE FROM candidate_events WHERE candidate IN (SELECT id FROM candidates WHERE restriction = ?)",
        "DELETE FROM candidates WHERE restriction = ?",
        "DELETE FROM restriction_events WHERE restriction = ?",
        "DELETE FROM restrictions WHERE id = ?",
    ),
    "access": ("DELETE FROM accesses WHERE entry = ?",),
}  # fmt: skip


def _deleting(one: Kept) -> Callable[[apsw.Connection, Entry], None]:
    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute("INSERT INTO erasing VALUES (?)", (one.person,))
        if one.category in ("journey", "family"):
            row: Any = db.execute("SELECT family FROM journeys WHERE id = ?", (one.name,)).fetchone()
            if row is not None and row[0] is not None:
                family.forget(db, bytes(row[0]))
        for statement in _DELETE[one.category]:
            db.execute(statement, (one.name,))
        db.execute("DELETE FROM erasing")

    return rows


def _dismissed(office: Office, now: datetime) -> None:
    before = second(now - schedule()["dismissed"].kept)
    query = "DELETE FROM dismissed WHERE at <= ?"
    office.ledger.append([], lambda db, _: _run(db, query, before))


def _run(db: apsw.Connection, query: str, at: str) -> None:
    db.execute(query, (at,))
