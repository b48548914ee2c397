"""Journeys as they are declared and read: plans, opinions, decisions, what is to be done, the calendar file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, StepRefused
from sealtrace.people.acts import read, read_one, unseal
from sealtrace.people.duties import human
from sealtrace.people.moments import moment
from sealtrace.people.petitions import Petition, open_about
from sealtrace.posts.model import AppealPath, Decision

from . import family
from .documents import ready
from .rules import Companion, Opinion

BRIEF_BEFORE, REPORT_WITHIN = timedelta(days=3), timedelta(days=7)
REMEDY, REMEDY_DAYS, APPEAL_DAYS = "单位复核；向主管部门申诉 / internal review; complaint", 60, 10


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


def row_of(office: Office, journey: str) -> dict[str, Any]:
    """A journey's row. Raises NotRegistered."""
    ready(office)
    row = read_one(office, f"SELECT {', '.join(_JOURNEY)} FROM journeys WHERE id = ?", (journey,))  # noqa: S608
    if row is None:
        raise NotRegistered(f"there is no journey {journey!r}", advice="`sealtrace travel list` lists them.")
    return dict(zip(_JOURNEY, row, strict=True))


def opinions_of(office: Office, journey: str) -> tuple[Opinion, ...]:
    """What the offices said of a journey."""
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
    row = row_of(office, name)
    person = row["person"]
    record = unseal(office, person, row["sealed"], f"journey {name}")
    assert record is not None, "its rows go with the person's key"
    stops = tuple(Stop(c, p, moment(a), moment(b)) for c, p, a, b in record["stops"])
    companions = tuple(family.of_journey(office, row["family"]))
    plan = Plan(stops, record["purpose"], tuple(record["contacts"]), companions)
    events = read(office, "SELECT kind, max(at) FROM journey_events WHERE journey = ? GROUP BY kind", (name,))
    return Journey(
        name, person, row["designation"] is not None, plan, row["declared_by"], moment(row["declared_at"]),
        opinions_of(office, name), _decision(office, name, person), {k: moment(at) for k, at in events},
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


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a journey's history: what, by whom, when, and what was said."""

    kind: str
    by: str
    at: datetime
    text: str


def history(office: Office, name: str) -> tuple[Step, ...]:
    """What became of a journey, oldest first; for services that entered their look."""
    row = row_of(office, name)
    person = row["person"]

    def said(box: bytes, place: str, field_name: str) -> str:
        return str((unseal(office, person, box, place) or {}).get(field_name, ""))

    steps = [Step("declared", row["declared_by"], moment(row["declared_at"]), "")]
    for who, where, favour, at, box in read(
        office, "SELECT actor, office, in_favour, at, sealed FROM journey_opinions WHERE journey = ?", (name,)
    ):
        kind = f"{where}-{'for' if favour else 'against'}"
        steps.append(Step(kind, who, moment(at), said(box, f"opinion {name} {where}", "reasons")))
    for who, allowed, at, box in read(
        office, "SELECT actor, allowed, at, sealed FROM journey_decisions WHERE journey = ?", (name,)
    ):
        kind = "allowed" if allowed else "refused"
        steps.append(Step(kind, who, moment(at), said(box, f"decision {name}", "reasons")))
    for who, kind, at, box in read(
        office, "SELECT actor, kind, at, sealed FROM journey_events WHERE journey = ? ORDER BY id", (name,)
    ):
        steps.append(Step(kind, who, moment(at), said(box, f"journey {name} {kind}", "text")))
    return tuple(sorted(steps, key=lambda step: step.at))


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to do about a journey, by when; it names the person and the journey only."""

    journey: str
    person: str
    what: str
    at: datetime


def reminders(
    office: Office, now: datetime, *, person: str | None = None, within: timedelta = timedelta(days=14)
) -> list[Reminder]:
    """What is to be done about designated people's journeys: opinions, a decision, a briefing, a report.

    A journey that was refused needs neither briefing nor report.
    """
    ready(office)
    query = (
        "SELECT j.id, j.person, j.leaves_at, j.returns_at, count(DISTINCT o.office), d.allowed,"
        " coalesce(group_concat(DISTINCT e.kind), '') FROM journeys j LEFT JOIN journey_opinions o ON o.journey = j.id"
        " LEFT JOIN journey_decisions d ON d.journey = j.id LEFT JOIN journey_events e ON e.journey = j.id"
        " WHERE j.designation IS NOT NULL AND (:person IS NULL OR j.person = :person) GROUP BY j.id"
    )
    found: list[Reminder] = []
    for name, who, leaves_text, returns_text, opinions, allowed, kinds in read(
        office, query, {"person": person}
    ):
        decided = allowed is not None
        leaves, returns, done = moment(leaves_text), moment(returns_text), kinds.split(",")
        steps: Sequence[tuple[str, bool, datetime]] = (
            ("opinion", opinions < 2 and not decided and now < leaves, leaves - BRIEF_BEFORE),
            ("decide", opinions == 2 and not decided and now < leaves, leaves - BRIEF_BEFORE),
            ("brief", bool(allowed) and "briefed" not in done and now < leaves, leaves - BRIEF_BEFORE),
            ("report", allowed != 0 and "reported" not in done and now >= returns, returns + REPORT_WITHIN),
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
