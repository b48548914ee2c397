"""A report to an authority as two people make it: prepared by one, approved later by another, then taken as a file.

Nothing is told by preparing it. What it says is sealed under the key of each person it is about; approved, each of
them has a disclosure, and the file that was told can be taken again by who took part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, PurposeMissing, StepRefused
from sealtrace.ledger.model import Entry

from . import rules, store
from .access import Look, Purpose, Section, look_at_many, require_purpose
from .acts import Act, enter_many, new_id, read, ready, require_person, seal, unseal
from .duties import Actor, human, require_different
from .moments import moment, second
from .reports import MOST, Submission, Told, submit
from .rules import Request

PREPARED, REFUSED = "person:report-prepared", "person:report-refused"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be told to whom, for what, on which clause, and how long it may be kept there."""

    receiver: str
    fields: tuple[str, ...]
    purpose: str
    clause: str
    keep_until: datetime
    abroad: bool = False
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report by name: whom it is about by id, its people who act, and what became of it (None: it waits)."""

    id: str
    people: tuple[str, ...]
    preparer: str
    at: datetime
    outcome: str | None
    approver: str | None


def prepare(office: Office, actor: Actor, people: Sequence[str], scope: Scope, now: datetime) -> str:
    """Prepare a report about named people; returns its name. Nothing is told by it.

    Raises:
        PurposeMissing: something is missing, a field is never told, or there are more than MOST people.
        DutiesNotSeparated: the preparer is one of those concerned.
    """
    ready(office)
    actor = require_purpose(office, actor, Purpose.REPORT, now)
    named = list(dict.fromkeys(people))
    if not 0 < len(named) <= MOST:
        raise PurposeMissing(f"a submission is about 1 to {MOST} named people")
    if scope.abroad and (len(named) > 1 or not scope.consent.strip()):
        raise PurposeMissing("a telling abroad is about one person, who consented to it in a document")
    for person in named:
        require_person(office, person)
        require_different(person=person, preparer=actor.id)
        rules.tell(store.profile(office, person), _request(person, scope), now)
    name = new_id("sub")
    enter_many(office, [_preparing(office, actor, name, p, scope, now) for p in named], now, PurposeMissing)
    return name


def _request(person: str, scope: Scope) -> Request:
    fields = frozenset(scope.fields)
    return Request(person, scope.receiver, fields, scope.purpose, scope.clause, scope.keep_until)


def _preparing(office: Office, actor: Actor, name: str, person: str, scope: Scope, now: datetime) -> Act:
    record = {
        "receiver": scope.receiver, "fields": list(scope.fields), "purpose": scope.purpose, "clause": scope.clause,
        "keep_until": second(scope.keep_until), "abroad": scope.abroad, "consent": scope.consent,
    }  # fmt: skip

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, record, f"report {name} {person}")
        db.execute(
            "INSERT INTO report_drafts VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
            (name, person, box, actor.id, str(actor.kind), second(now)),
        )

    fields = {
        "submission": name, "receiver": scope.receiver, "purpose": scope.purpose, "clause": scope.clause,
        "fields": ",".join(sorted(set(scope.fields))),
    }  # fmt: skip
    return Act(person, PREPARED, actor, fields, rows)


def drafts(office: Office, actor: Actor, now: datetime) -> list[Draft]:
    """Every report, those that wait first, then the newest; what one says is a look of its own."""
    ready(office)
    require_purpose(office, actor, Purpose.REPORT, now)
    found: dict[str, list[Any]] = {}
    for row in read(
        office, "SELECT id, person, preparer, at, outcome, approver FROM report_drafts ORDER BY id, person"
    ):
        found.setdefault(row[0], []).append(row)
    made = [_draft(rows) for rows in found.values()]
    return sorted(made, key=lambda d: (d.outcome is not None, -d.at.timestamp(), d.id))


def _draft(rows: Sequence[Any]) -> Draft:
    name, _, preparer, at, outcome, approver = rows[0]
    return Draft(name, tuple(row[1] for row in rows), preparer, moment(at), outcome, approver)


def draft(office: Office, name: str) -> Draft:
    """One report by name. Raises NotRegistered."""
    ready(office)
    rows = read(
        office,
        "SELECT id, person, preparer, at, outcome, approver FROM report_drafts WHERE id = ? ORDER BY person",
        (name,),
    )
    if not rows:
        raise NotRegistered(f"there is no report {name!r}")
    return _draft(rows)


def open_draft(
    office: Office, actor: Actor, name: str, now: datetime, reason: str = "approving a report"
) -> Scope:
    """What a report would tell of which fields; each person concerned sees the look."""
    found = draft(office, name)
    _look(office, actor, found, reason, now)
    return _scope(office, found)


def _look(office: Office, actor: Actor, found: Draft, reason: str, now: datetime) -> None:
    sections = frozenset({Section.PROFILE})
    look_at_many(office, actor, [Look(p, Purpose.REPORT, sections, reason) for p in found.people], now)


def _record(office: Office, name: str, person: str) -> dict[str, Any]:
    [row] = read(office, "SELECT sealed FROM report_drafts WHERE id = ? AND person = ?", (name, person))
    return unseal(office, person, row[0], f"report {name} {person}") or {}


def _scope(office: Office, found: Draft) -> Scope:
    r = _record(office, found.id, found.people[0])
    return Scope(
        r["receiver"], tuple(r["fields"]), r["purpose"], r["clause"], moment(r["keep_until"]), r["abroad"], r["consent"]
    )  # fmt: skip


def approve(office: Office, actor: Actor, name: str, now: datetime) -> Submission:
    """Approve a report: each person concerned has a disclosure, and it may be taken from now on.

    Raises:
        DutiesNotSeparated: the approver prepared it, or is one of those concerned.
        StepRefused: it was decided already.
    """
    found = _undecided(office, name)
    actor = require_purpose(office, actor, Purpose.REPORT, now)
    scope = _scope(office, found)

    def beside(db: apsw.Connection, told: Told) -> None:
        for one in told:
            box = seal(
                office, db, one["person"], {**_record(office, name, one["person"]), "told": dict(one)},
                f"report {name} {one['person']}",
            )  # fmt: skip
            db.execute(
                "UPDATE report_drafts SET sealed = ? WHERE id = ? AND person = ?", (box, name, one["person"])
            )
        _decided(db, name, actor, "told", now)

    return submit(
        office, human(found.preparer), actor, found.people, scope.fields, receiver=scope.receiver,
        purpose=scope.purpose, clause=scope.clause, keep_until=scope.keep_until, now=now, abroad=scope.abroad,
        consent=scope.consent, name=name, beside=beside,
    )  # fmt: skip


def refuse(office: Office, actor: Actor, name: str, reasons: str, now: datetime) -> list[Entry]:
    """Refuse a report, with the reason; nothing is told."""
    found = _undecided(office, name)
    actor = require_purpose(office, actor, Purpose.REPORT, now)
    require_different(preparer=found.preparer, approver=actor.id)
    if not reasons.strip():
        raise StepRefused("a refused report says why")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        _decided(db, name, actor, "refused", now)

    fields = {"submission": name, "reasons": reasons}
    first, *others = found.people
    acts = [Act(first, REFUSED, actor, fields, rows)]
    acts += [Act(person, REFUSED, actor, fields, lambda _db, _entry: None) for person in others]
    return enter_many(office, acts, now, StepRefused)


def _undecided(office: Office, name: str) -> Draft:
    found = draft(office, name)
    if found.outcome is not None:
        raise StepRefused(f"the report was {found.outcome}")
    return found


def _decided(db: apsw.Connection, name: str, actor: Actor, outcome: str, now: datetime) -> None:
    db.execute(
        "UPDATE report_drafts SET outcome = ?, approver = ?, approver_kind = ?, decided_at = ? WHERE id = ?",
        (outcome, actor.id, str(actor.kind), second(now), name),
    )


def take(
    office: Office, actor: Actor, name: str, now: datetime, reason: str = "taking a report"
) -> Submission:
    """The report as it was told, for who prepared or approved it; each person concerned sees the look.

    Raises:
        StepRefused: it was not approved, or somebody else asks.
    """
    found = draft(office, name)
    me = require_purpose(office, actor, Purpose.REPORT, now)
    if found.outcome != "told" or me.id not in (found.preparer, found.approver):
        raise StepRefused("a report is taken by who prepared or approved it, once it is approved")
    _look(office, me, found, reason, now)
    scope = _scope(office, found)
    told: list[Mapping[str, Any]] = [_record(office, name, person)["told"] for person in found.people]
    return Submission(name, scope.receiver, scope.purpose, scope.clause, scope.keep_until, tuple(told))
