"""Journeys: declared freely by everybody, required of designated people only, whose journeys three people decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, RestrictionUnlawful, SealtraceError, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people import access, gates
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import Act, enter, identity, new_id, read, read_one, require_person, seal, unseal
from sealtrace.people.duties import Actor, human, require_different, require_human
from sealtrace.people.gates import Module, require_module
from sealtrace.people.imports import Imported, RowError, rows_of
from sealtrace.people.moments import moment, second
from sealtrace.people.notices import tell
from sealtrace.people.petitions import Petition, open_about
from sealtrace.posts import places
from sealtrace.posts.basis import midnight
from sealtrace.posts.model import AppealPath, Decision

from . import family, rules
from .documents import ready
from .rules import Companion, Opinion

DECLARED, DELEGATED = "travel:declared", "travel:delegated"
OPINION, DECIDED = "travel:opinion-given", "travel:decided"
EVENTS = {
    "briefed": "travel:briefed", "changed": "travel:changed", "reported": "travel:reported",
    "withdrawn": "travel:withdrawn",
}  # fmt: skip
BRIEF_BEFORE, REPORT_WITHIN = timedelta(days=3), timedelta(days=7)
REMEDY, REMEDY_DAYS, APPEAL_DAYS = "单位复核；向主管部门申诉 / internal review; complaint", 60, 10
COLUMNS = ("person", "countries", "from", "until", "purpose", "contacts")


@dataclass(frozen=True, slots=True)
class Stop:
    """One stay of an itinerary: a country of two letters, a place, its days."""

    country: str
    place: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """What a traveller declares. Companions are only what the traveller says of them, and may be left out."""

    stops: tuple[Stop, ...]
    purpose: str
    contacts: tuple[str, ...] = ()
    companions: tuple[Companion, ...] = ()

    def __post_init__(self) -> None:
        if not self.stops or not self.purpose.strip():
            raise StepRefused("a journey has at least one stay and a purpose")
        for stop in self.stops:
            if not family.COUNTRY.fullmatch(stop.country) or not stop.starts_at < stop.ends_at:
                raise StepRefused("a stay has a country of two letters and ends after it begins")
        family.check(self.companions)

    @property
    def leaves_at(self) -> datetime:
        """When the journey begins."""
        return min(stop.starts_at for stop in self.stops)

    @property
    def returns_at(self) -> datetime:
        """When it ends."""
        return max(stop.ends_at for stop in self.stops)


@dataclass(frozen=True, slots=True)
class Journey:
    """A declared journey as it is shown, with any open appeal."""

    id: str
    person: str
    required: bool
    plan: Plan
    declared_by: str
    declared_at: datetime
    opinions: tuple[Opinion, ...]
    decision: Decision | None
    happened: dict[str, datetime]
    appeals: tuple[Petition, ...] = field(default=())


def may_declare_for(office: Office, actor: Actor, person: str, now: datetime) -> bool:
    """Whether the actor is the person, or a delegate whom the person named."""
    query = "SELECT 1 FROM delegations WHERE person = ? AND delegate = ? AND from_at <= ? AND ? < until_at"
    at = second(now)
    return actor.id == person or read_one(office, query, (person, actor.id, at, at)) is not None


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
    ready(office)
    require_module(office, Module.TRAVEL, now)
    actor = identity(office, actor)
    require_human(actor, "declaring a journey")
    require_person(office, person)
    designation = next((d.id for d in places.designations(office, person) if d.holds(now)), None)
    if not may_declare_for(office, actor, person, now):
        if designation is None:
            raise StepRefused("only the traveller and the traveller's delegate declare a voluntary journey")
        actor = require_purpose(office, actor, Purpose.TRAVEL, now)
    if plan.companions and actor.id != person:
        raise StepRefused("companions are declared by the traveller alone")
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
            start, end = (midnight(datetime.fromisoformat(row[c]).date()) for c in ("from", "until"))
            countries = [c.strip() for c in row["countries"].split("|") if c.strip()]
            contacts = tuple(c.strip() for c in row.get("contacts", "").split("|") if c.strip())
            stops = tuple(Stop(c, "", start, end + timedelta(days=1)) for c in countries)
            plan = Plan(stops, row["purpose"], contacts)
            require_person(office, row["person"])
            entered.append((number, "" if dry_run else declare(office, actor, row["person"], plan, now)))
        except SealtraceError as e:
            errors.append(RowError(number, e.code, e.message))
        except ValueError as e:
            errors.append(RowError(number, StepRefused.code, str(e)))
    return Imported(tuple(entered), tuple(errors))


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
    person = _row(office, journey)["person"]

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
    row = _row(office, journey)
    person = row["person"]
    if row["designation"] is None:
        raise StepRefused("a voluntary declaration is not approved or refused")
    post = places.designation_of(office, row["designation"])
    opinions = _opinions(office, journey)
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
    row = _row(office, journey)
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


# -- looking ------------------------------------------------------------------------------------------

_JOURNEY = (
    "id",
    "person",
    "designation",
    "declared_by",
    "declared_at",
    "leaves_at",
    "returns_at",
    "family",
    "sealed",
)


def _row(office: Office, journey: str) -> dict[str, Any]:
    row = read_one(office, f"SELECT {', '.join(_JOURNEY)} FROM journeys WHERE id = ?", (journey,))  # noqa: S608
    if row is None:
        raise NotRegistered(f"there is no journey {journey!r}", advice="`sealtrace travel list` lists them.")
    return dict(zip(_JOURNEY, row, strict=True))


def _opinions(office: Office, journey: str) -> tuple[Opinion, ...]:
    query = "SELECT person, office, in_favour, actor, sealed FROM journey_opinions WHERE journey = ? ORDER BY office"
    return tuple(
        Opinion(name, human(actor), bool(favour),
                str((unseal(office, person, box, f"opinion {journey} {name}") or {}).get("reasons", "")))
        for person, name, favour, actor, box in read(office, query, (journey,))
    )  # fmt: skip


def journeys(office: Office, person: str) -> list[Journey]:
    """A person's journeys, oldest first; for services that entered their look."""
    ready(office)
    rows = read(office, "SELECT id FROM journeys WHERE person = ? ORDER BY leaves_at, id", (person,))
    return [journey_of(office, name) for (name,) in rows]


def journey_of(office: Office, name: str) -> Journey:
    """One journey. Raises NotRegistered."""
    row = _row(office, name)
    person = row["person"]
    record = unseal(office, person, row["sealed"], f"journey {name}")
    assert record is not None, "its rows go with the person's key"
    stops = tuple(Stop(c, p, moment(a), moment(b)) for c, p, a, b in record["stops"])
    companions = tuple(family.of_journey(office, row["family"]))
    plan = Plan(stops, record["purpose"], tuple(record["contacts"]), companions)
    events = read(office, "SELECT kind, max(at) FROM journey_events WHERE journey = ? GROUP BY kind", (name,))
    return Journey(
        name, person, row["designation"] is not None, plan, row["declared_by"], moment(row["declared_at"]),
        _opinions(office, name), _decision(office, name, person), {k: moment(at) for k, at in events},
        tuple(open_about(office, person, f"journey:{name}")),
    )  # fmt: skip


def _decision(office: Office, name: str, person: str) -> Decision | None:
    row = read_one(
        office, "SELECT allowed, appeal_officer, sealed FROM journey_decisions WHERE journey = ?", (name,)
    )
    if row is None:
        return None
    says = unseal(office, person, row[2], f"decision {name}") or {}
    path = AppealPath(row[1], APPEAL_DAYS, REMEDY, REMEDY_DAYS)
    return Decision(bool(row[0]), str(says.get("clause", "")), str(says.get("reasons", "")), None, path)


def decider_of(office: Office, name: str) -> str:
    """Who decided a journey; blank where nobody did."""
    row = read_one(office, "SELECT actor FROM journey_decisions WHERE journey = ?", (name,))
    return str(row[0]) if row else ""


def show(office: Office, actor: Actor, journey: str, reason: str, now: datetime) -> Journey:
    """A journey, for the traveller or for who decides it; the traveller sees the look."""
    ready(office)
    person, me = _row(office, journey)["person"], identity(office, actor)
    purpose = Purpose.OWN if me.id == person else Purpose.TRAVEL
    access.look(office, me, person, purpose, {Section.TRAVEL}, reason, now)
    return journey_of(office, journey)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to do about a journey, by when; it names the person and the journey only."""

    journey: str
    person: str
    what: str
    at: datetime


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


def reminders(
    office: Office, now: datetime, *, person: str | None = None, within: timedelta = timedelta(days=14)
) -> list[Reminder]:
    """What is to be done about designated people's journeys: opinions, a decision, a briefing, a report."""
    ready(office)
    query = (
        "SELECT j.id, j.person, j.leaves_at, j.returns_at, count(DISTINCT o.office), d.journey IS NOT NULL,"
        " coalesce(group_concat(DISTINCT e.kind), '') FROM journeys j LEFT JOIN journey_opinions o ON o.journey = j.id"
        " LEFT JOIN journey_decisions d ON d.journey = j.id LEFT JOIN journey_events e ON e.journey = j.id"
        " WHERE j.designation IS NOT NULL AND (:person IS NULL OR j.person = :person) GROUP BY j.id"
    )
    found: list[Reminder] = []
    for name, who, leaves_text, returns_text, opinions, decided, kinds in read(
        office, query, {"person": person}
    ):
        leaves, returns, done = moment(leaves_text), moment(returns_text), kinds.split(",")
        steps: Sequence[tuple[str, bool, datetime]] = (
            ("opinion", opinions < 2 and not decided and now < leaves, leaves - BRIEF_BEFORE),
            ("decide", opinions == 2 and not decided and now < leaves, leaves - BRIEF_BEFORE),
            ("brief", bool(decided) and "briefed" not in done and now < leaves, leaves - BRIEF_BEFORE),
            ("report", "reported" not in done and now >= returns, returns + REPORT_WITHIN),
        )
        if "withdrawn" not in done:
            found += [
                Reminder(name, who, what, at) for what, open_, at in steps if open_ and at <= now + within
            ]
    return sorted(found, key=lambda r: (r.at, r.journey))


def as_calendar(journeys: Sequence[Journey], stamped: datetime) -> str:
    """Journeys as an iCalendar file, without companions and contacts. Source: RFC 5545."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sealtrace//travel//EN"]
    for one in journeys:
        where = ", ".join(dict.fromkeys(stop.country for stop in one.plan.stops))
        lines += [
            "BEGIN:VEVENT", f"UID:{one.id}@sealtrace", f"DTSTAMP:{stamped:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{one.plan.leaves_at:%Y%m%dT%H%M%SZ}", f"DTEND:{one.plan.returns_at:%Y%m%dT%H%M%SZ}",
            f"SUMMARY:{one.id} {where}", "END:VEVENT",
        ]  # fmt: skip
    return "\r\n".join([*lines, "END:VCALENDAR", ""])
