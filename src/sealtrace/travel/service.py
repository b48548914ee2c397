"""Journeys: declared freely by everybody, required of designated people only, whose journeys three people decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import RestrictionUnlawful, SealtraceError, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people import access, gates
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import Act, enter, identity, new_id, read, readable, require_person, seal
from sealtrace.people.duties import Actor, human, require_different, require_human
from sealtrace.people.gates import Module, require_module
from sealtrace.people.imports import CellProblem, Imported, RowError, Why, day, rows_of
from sealtrace.people.moments import moment, second
from sealtrace.people.notices import tell
from sealtrace.posts import places
from sealtrace.posts.basis import midnight
from sealtrace.posts.model import AppealPath, Decision

from . import family, rules
from .documents import ready
from .journeys import (
    APPEAL_DAYS,
    REMEDY,
    REMEDY_DAYS,
    Journey,
    Plan,
    Reminder,
    Stop,
    journey_of,
    journeys,
    opinions_of,
    reminders,
    row_of,
)

NOT_DELEGATE = "only the traveller and the traveller's delegate declare a voluntary journey"
DECLARED, DELEGATED, DELEGATION_ENDED = "travel:declared", "travel:delegated", "travel:delegation-ended"
OPINION, DECIDED = "travel:opinion-given", "travel:decided"
EVENTS = {
    "briefed": "travel:briefed", "changed": "travel:changed", "reported": "travel:reported",
    "withdrawn": "travel:withdrawn",
}  # fmt: skip
COLUMNS = ("person", "countries", "from", "until", "purpose", "contacts")


@dataclass(frozen=True, slots=True)
class Delegation:
    """Somebody who may declare another's journeys until a time."""

    person: str
    delegate: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Own:
    """A traveller's own side: whether declaring is a duty, the journeys, what is due, who may declare for whom."""

    person: str
    duty: Decision
    designated: tuple[places.Designated, ...]
    journeys: tuple[Journey, ...]
    reminders: tuple[Reminder, ...]
    delegates: tuple[Delegation, ...]
    travellers: tuple[Delegation, ...]


def may_declare_for(office: Office, actor: Actor, person: str, now: datetime) -> bool:
    """Whether the actor is the person, or a delegate whom the person named."""
    return actor.id == person or bool(delegations(office, now, person=person, delegate=actor.id, both=True))


def delegate(office: Office, actor: Actor, delegate: str, until: datetime, now: datetime) -> Entry:
    """Let somebody declare the own journeys, until a time."""
    ready(office)
    me = identity(office, actor)
    require_person(office, me.id)
    other = identity(office, human(delegate)).id
    require_different(person=me.id, delegate=other)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute("INSERT INTO delegations VALUES (?, ?, ?, ?)", (me.id, other, second(now), second(until)))

    fields: dict[str, Value] = {"delegate": other, "until": second(until)}
    return enter(office, Act(me.id, DELEGATED, me, fields, rows), now, StepRefused)


def end_delegation(office: Office, actor: Actor, delegate: str, now: datetime) -> Entry:
    """Let somebody declare the own journeys no longer.

    Raises:
        StepRefused: they may not now.
    """
    ready(office)
    me, other = identity(office, actor), identity(office, human(delegate)).id
    if not delegations(office, now, person=me.id, delegate=other, both=True):
        raise StepRefused(f"{other} may not declare for you, so there is nothing to end")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute("INSERT INTO delegation_ends VALUES (?, ?, ?)", (me.id, other, second(now)))

    return enter(office, Act(me.id, DELEGATION_ENDED, me, {"delegate": other}, rows), now, StepRefused)


def delegations(
    office: Office, now: datetime, *, person: str = "", delegate: str = "", both: bool = False
) -> list[Delegation]:
    """Delegations in force of a person, or to a delegate, or with `both` of the one to the other."""
    ready(office)
    query = (
        "SELECT d.person, d.delegate, max(d.until_at) FROM delegations d"
        " WHERE ((d.person = :person) + (d.delegate = :delegate)) >= :least AND d.from_at <= :now AND :now < d.until_at"
        " AND NOT EXISTS (SELECT 1 FROM delegation_ends e WHERE e.person = d.person AND e.delegate = d.delegate"
        " AND d.from_at <= e.at AND e.at <= :now) GROUP BY d.person, d.delegate ORDER BY 3, 1, 2"
    )
    asked = {"person": person, "delegate": delegate, "least": 2 if both else 1, "now": second(now)}
    return [Delegation(who, other, moment(until)) for who, other, until in read(office, query, asked)]


def own(office: Office, actor: Actor, now: datetime) -> Own:
    """A traveller's own side of travel; one look, which stands on the own page like any other.

    Raises:
        NotRegistered: the directory has nobody with this account.
    """
    ready(office)
    me = identity(office, actor)
    access.look(office, me, me.id, Purpose.OWN, {Section.TRAVEL, Section.POSTS}, "own journeys", now)
    return Own(
        me.id, must_declare(office, me.id, now),
        tuple(d for d in places.designations(office, me.id) if d.holds(now)), tuple(journeys(office, me.id)),
        tuple(reminders(office, now, person=me.id)), tuple(delegations(office, now, person=me.id)),
        tuple(delegations(office, now, delegate=me.id)),
    )  # fmt: skip


def due(
    office: Office, actor: Actor, now: datetime, within: timedelta = timedelta(days=14)
) -> list[Reminder]:
    """What is to be done about designated people's journeys, for who decides them; names no destination."""
    require_purpose(office, actor, Purpose.TRAVEL, now)
    return reminders(office, now, within=within)


def must_declare(office: Office, person: str, now: datetime) -> Decision:
    """Whether a private journey must be declared: only by designated people, with the clause; else it is voluntary."""
    ready(office)
    held = tuple(
        rules.Designation(d.person, d.authority, d.document, d.starts_at, d.ends_at)
        for d in places.designations(office, person)
    )
    return rules.declaration_required(person, held, now)


def declare(office: Office, actor: Actor, person: str, plan: Plan, now: datetime) -> str:
    """Declare a journey: the own, or as a delegate or office of a designated person, who is told of it.

    Companions are declared by the traveller alone.

    Raises:
        StepRefused: somebody else declares without being a delegate, or companions.
        ModuleDisabled: this part is off.
    """
    actor, designation = _may_declare(office, actor, person, plan, now)
    name = new_id("t")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        token = family.keep(office, db, name, plan.companions)
        box = seal(office, db, person, _plan_record(plan), f"journey {name}")
        db.execute(
            "INSERT INTO journeys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (name, person, designation, actor.id, str(actor.kind), second(now), second(plan.leaves_at),
             second(plan.returns_at), token, box),
        )  # fmt: skip
        if actor.id != person:
            tell(office, db, person, "journey-declared", f"journey:{name}", {"by": actor.id}, now)

    fields: dict[str, Value] = {"journey": name, "required": int(designation is not None)}
    enter(office, Act(person, DECLARED, actor, fields, rows), now, StepRefused)
    return name


def _may_declare(
    office: Office, actor: Actor, person: str, plan: Plan, now: datetime
) -> tuple[Actor, str | None]:
    """Who declares, under one id, and the designation that makes it a duty; see `declare` for what it raises."""
    ready(office)
    require_module(office, Module.TRAVEL, now)
    actor = identity(office, actor)
    require_human(actor, "declaring a journey")
    require_person(office, person)
    designation = _duty(office, person, now)
    if not may_declare_for(office, actor, person, now):
        if designation is None:
            raise StepRefused(NOT_DELEGATE)
        actor = require_purpose(office, actor, Purpose.TRAVEL, now)
    if plan.companions and actor.id != person:
        raise StepRefused("companions are declared by the traveller alone")
    return actor, designation


def _duty(office: Office, person: str, now: datetime) -> str | None:
    """The designation that makes declaring a duty of the person."""
    return next((d.id for d in places.designations(office, person) if d.holds(now)), None)


def _plan_record(plan: Plan) -> dict[str, Any]:
    return {
        "stops": [[s.country, s.place, second(s.starts_at), second(s.ends_at)] for s in plan.stops],
        "purpose": plan.purpose, "contacts": list(plan.contacts),
    }  # fmt: skip


def declare_many(
    office: Office, actor: Actor, path: Path, now: datetime, *, dry_run: bool = False
) -> Imported:
    """Declare the journeys of a CSV or XLSX file with COLUMNS; each row is declared or told why not.

    Countries and their days stand as `MY|TH`; all stays share `from` and `until`. No companions: those are for the
    traveller to declare.
    """
    entered, errors = [], []
    for number, row in enumerate(
        rows_of(path, ("person", "countries", "from", "until", "purpose"), COLUMNS), 1
    ):
        try:
            plan = _plan_of_row(row)
            _may_declare_row(office, actor, row["person"], now)
            if dry_run:
                _may_declare(office, actor, row["person"], plan, now)
                entered.append((number, ""))
            else:
                entered.append((number, declare(office, actor, row["person"], plan, now)))
        except (SealtraceError, ValueError) as e:
            errors.append(RowError.of(number, e, StepRefused.code))
    return Imported(tuple(entered), tuple(errors))


def _plan_of_row(row: Mapping[str, str]) -> Plan:
    """The journey that a row states; raises CellProblem where a cell can't be taken."""
    first, last = day(row["from"]), day(row["until"])
    if last < first:
        raise CellProblem(Why.ORDER, row["until"], "a stay ends after it begins")
    countries = [c.strip() for c in row["countries"].split("|") if c.strip()]
    for country in countries or [""]:
        if not family.COUNTRY.fullmatch(country):
            raise CellProblem(Why.COUNTRY, country, f"{country!r} is no country of two letters")
    if not row["purpose"].strip():
        raise CellProblem(Why.PURPOSE, "", "a journey has a purpose")
    contacts = tuple(c.strip() for c in row.get("contacts", "").split("|") if c.strip())
    start, end = midnight(first), midnight(last) + timedelta(days=1)
    return Plan(tuple(Stop(c, "", start, end) for c in countries), row["purpose"], contacts)


def _may_declare_row(office: Office, actor: Actor, person: str, now: datetime) -> None:
    """Say by its cell whom one may not declare for; `_may_declare` refuses the same ones."""
    ready(office)
    if not readable(office, person):
        raise CellProblem(Why.PERSON, person, f"nobody in the directory is {person!r}")
    if _duty(office, person, now) is None and not may_declare_for(
        office, identity(office, actor), person, now
    ):
        raise CellProblem(Why.DELEGATE, person, NOT_DELEGATE)


# -- opinions and decision ----------------------------------------------------------------------------


def give_opinion(
    office: Office,
    actor: Actor,
    journey: str,
    from_office: str,
    reasons: str,
    now: datetime,
    *,
    in_favour: bool,
) -> Entry:
    """Give the opinion of the personnel or the secrecy office on a designated person's journey."""
    ready(office)
    actor = require_purpose(office, actor, Purpose.TRAVEL, now)
    person = row_of(office, journey)["person"]

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, {"reasons": reasons}, f"opinion {journey} {from_office}")
        db.execute(
            "INSERT INTO journey_opinions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (journey, person, from_office, int(in_favour), actor.id, str(actor.kind), second(now), box),
        )

    fields: dict[str, Value] = {"journey": journey, "office": from_office, "in_favour": int(in_favour)}
    return enter(office, Act(person, OPINION, actor, fields, rows), now, StepRefused)


def decide(
    office: Office, actor: Actor, journey: str, reasons: str, now: datetime, *, allow: bool
) -> Decision:
    """Decide a designated person's journey, on two opinions; a refusal states reasons and the appeal.

    Raises:
        StepRefused: the declaration is voluntary, or an opinion is missing.
        DutiesNotSeparated: opinions, decision and appeal are not for different people.
    """
    ready(office)
    actor = require_purpose(office, actor, Purpose.TRAVEL, now)
    row = row_of(office, journey)
    person = row["person"]
    if row["designation"] is None:
        raise StepRefused("a voluntary declaration is not approved or refused")
    post = places.designation_of(office, row["designation"])
    opinions = opinions_of(office, journey)
    taken = {actor.id, person, *(o.by.id for o in opinions)}
    officer = next(
        (o for o in gates.officers(office, now) if identity(office, human(o)).id not in taken), None
    )
    if officer is None:
        raise RestrictionUnlawful(
            "no appeal officer is named who took no part", advice="Appoint another first."
        )
    path = AppealPath(officer, APPEAL_DAYS, REMEDY, REMEDY_DAYS)
    held = rules.Designation(person, post.authority, post.document, post.starts_at, post.ends_at)
    made = rules.decide_journey(held, opinions, actor, allow=allow, reasons=reasons, appeal=path, now=now)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        says = {"allowed": allow, "reasons": made.reason, "clause": made.clause, "appeal_officer": officer,
                "remedy": REMEDY}  # fmt: skip
        box = seal(office, db, person, says, f"decision {journey}")
        db.execute(
            "INSERT INTO journey_decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (journey, person, int(allow), actor.id, str(actor.kind), officer, second(now), box),
        )
        tell(office, db, person, "journey-decided", f"journey:{journey}", says, now)

    fields: dict[str, Value] = {"journey": journey, "allowed": int(allow), "reasons": made.reason}
    enter(office, Act(person, DECIDED, actor, fields, rows), now, StepRefused)
    return made


def note(office: Office, actor: Actor, journey: str, kind: str, text: str, now: datetime) -> Entry:
    """Note a briefing before, a change, a report after, or that the journey was given up.

    A briefing is given by an office; a change, a report and giving up are the traveller's or the delegate's.

    Raises:
        StepRefused: another kind, by the wrong side, a briefing after the start or a report before the return.
    """
    ready(office)
    row = row_of(office, journey)
    person, me = row["person"], identity(office, actor)
    if kind not in EVENTS or not text.strip():
        raise StepRefused(f"a note is one of {', '.join(EVENTS)} and says something")
    if kind == "briefed":
        me = require_purpose(office, actor, Purpose.TRAVEL, now)
        require_different(briefer=me.id, traveller=person)
    elif not may_declare_for(office, me, person, now):
        raise StepRefused("this is for the traveller or the delegate")
    if kind == "briefed" and now >= moment(row["leaves_at"]):
        raise StepRefused("a briefing comes before the journey")
    if kind == "reported" and now < moment(row["leaves_at"]):
        raise StepRefused("a report comes after the journey has begun")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, {"text": text}, f"journey {journey} {kind}")
        db.execute(
            "INSERT INTO journey_events(journey, person, kind, actor, actor_kind, at, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (journey, person, kind, me.id, str(me.kind), second(now), box),
        )

    return enter(
        office, Act(person, EVENTS[kind], me, {"journey": journey, "text": text}, rows), now, StepRefused
    )


def show(office: Office, actor: Actor, journey: str, reason: str, now: datetime) -> Journey:
    """A journey, for the traveller or for who decides it; the traveller sees the look."""
    ready(office)
    person, me = row_of(office, journey)["person"], identity(office, actor)
    purpose = Purpose.OWN if me.id == person else Purpose.TRAVEL
    access.look(office, me, person, purpose, {Section.TRAVEL}, reason, now)
    return journey_of(office, journey)


def calendar(
    office: Office, actor: Actor, start: datetime, end: datetime, now: datetime, *, reason: str = "calendar"
) -> list[Journey]:
    """Journeys of designated people that touch a time, by their beginning; every traveller sees the look."""
    ready(office)
    me = require_purpose(office, actor, Purpose.TRAVEL, now)
    rows = read(
        office,
        "SELECT id, person FROM journeys WHERE designation IS NOT NULL AND leaves_at < ? AND ? < returns_at"
        " ORDER BY leaves_at, id",
        (second(end), second(start)),
    )
    people = list(dict.fromkeys(person for _, person in rows))
    if people:
        sections = frozenset({Section.TRAVEL})
        access.look_at_many(
            office, me, [access.Look(p, Purpose.TRAVEL, sections, reason) for p in people], now
        )
    return [journey_of(office, name) for name, _ in rows]
