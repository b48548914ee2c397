"""Restrictions after a sensitive post: one function per thing a person does. `now` is a whole second with a zone.

How they come into being is in `proposals`. Contested before somebody who took no part; each step is a ledger entry
with its row, and the person is told of it in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import RestrictionUnlawful, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people import access, petitions
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import Act, enter, enter_many, identity
from sealtrace.people.duties import Actor, require_different, require_human
from sealtrace.people.moments import second
from sealtrace.people.notices import tell
from sealtrace.people.petitions import Petition

from . import rules, store
from .bases import ready
from .model import Decision
from .rules import ENDED, Record, Status

EVENTS = {
    "served": "post:notice-served", "reviewed": "post:restriction-reviewed", "paid": "post:compensation-paid",
    "appealed": "post:appeal-made", "withdrawn": "post:appeal-withdrawn", "upheld": "post:appeal-refused",
    "annulled": "post:restriction-annulled", "released": "post:restriction-released",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A restriction as every screen and export shows it: its state at a second, and any open appeal with it."""

    record: Record
    status: Status
    unpaid_months: int
    releasable: bool
    appeals: tuple[Petition, ...]
    at: datetime

    @property
    def ends_by_itself(self) -> datetime:
        """The earlier of its end and its next review: nobody has to ask."""
        return min(self.record.restriction.ends_at, self.record.due)


def serve(office: Office, actor: Actor, restriction: str, how: str, now: datetime) -> Entry:
    """Record that the notice with reasons and appeal path was handed over; from now on it can bind."""
    actor = require_purpose(office, actor, Purpose.RESTRICTION, now)
    record = _record(office, restriction)
    require_different(server=actor.id, person=record.restriction.person)
    r = rules.serve(record, actor, now).restriction
    until = second(now + timedelta(days=r.appeal.days))
    says = {"how": how, "notice": r.notice, "authority": r.authority, "reasons": r.reasons, "clause": r.basis.clause,
            "until": second(r.ends_at), "appeal_officer": r.appeal.officer, "appeal_until": until,
            "outside": r.appeal.outside}  # fmt: skip
    return _step(office, record, "served", actor, {"how": how}, now, notice=("restriction-served", says))


def review(
    office: Office, actor: Actor, restriction: str, next_due: datetime, reasons: str, now: datetime
) -> Entry:
    """Keep a restriction after a review in time. Too late, it has lapsed and needs a new decision."""
    actor = require_purpose(office, actor, Purpose.RESTRICTION, now)
    record = _record(office, restriction)
    rules.review(record, actor, next_due, now)
    if not reasons.strip():
        raise RestrictionUnlawful("a review that keeps a restriction says why")
    says = {"reasons": reasons, "next": second(next_due)}
    return _step(
        office, record, "reviewed", actor, {"reasons": reasons, "due": second(next_due)}, now, due=next_due,
        notice=("restriction-reviewed", says),
    )  # fmt: skip


def pay(office: Office, actor: Actor, restriction: str, month: int, voucher: str, now: datetime) -> Entry:
    """Record the compensation of one month, counted from 0 at the start, with its voucher."""
    actor = require_purpose(office, actor, Purpose.COMPENSATION, now)
    record = _record(office, restriction)
    rules.pay(record, month)
    return _step(office, record, "paid", actor, {"month": month, "voucher": voucher}, now, month=month)


def release(office: Office, actor: Actor, restriction: str, reasons: str, now: datetime) -> Entry:
    """End it early: by the authority, or by the person once compensation stayed unpaid."""
    record = _record(office, restriction)
    me = identity(office, actor)
    if me.id != record.restriction.person:
        me = require_purpose(office, actor, Purpose.RESTRICTION, now)
    rules.release(record, me, now)
    return _step(
        office, record, "released", me, {"reasons": reasons}, now, notice=("released", {"reasons": reasons})
    )


def appeal(office: Office, actor: Actor, restriction: str, grounds: str, now: datetime) -> str:
    """Appeal, within the days from service; it is shown wherever the restriction is shown. Returns its name."""
    me, record = identity(office, actor), _record(office, restriction)
    rules.appeal(record, me, now)
    name, asking = petitions.making(
        office, me, petitions.Kind.APPEAL, f"restriction:{restriction}", grounds, now,
        decided_by=record.restriction.decider.id,
    )  # fmt: skip
    step = _stepping(office, record, "appealed", me, {"petition": name}, now)
    enter_many(office, [asking, step], now, StepRefused)
    return name


def withdraw_appeal(office: Office, actor: Actor, restriction: str, now: datetime) -> Entry:
    """Take the own open appeal back. The outside remedy stays open."""
    me, record = identity(office, actor), _record(office, restriction)
    step = _stepping(office, record, "withdrawn", me, {}, now)
    back = [petitions.withdrawing(office, me, one) for one in _open(office, record)]
    return enter_many(office, [*back, step], now, StepRefused)[-1]


def decide_appeal(
    office: Office, actor: Actor, restriction: str, reasons: str, now: datetime, *, annul: bool
) -> Entry:
    """Decide an open appeal; only the officer named on the notice, who took no part. The person is told why."""
    actor = require_purpose(office, actor, Purpose.APPEAL, now)
    record = _record(office, restriction)
    rules.decide_appeal(record, actor, annul=annul, now=now)
    if not reasons.strip():
        raise StepRefused("a decision on an appeal says why")
    said = [
        petitions.answering(office, actor, one, reasons, now, granted=annul) for one in _open(office, record)
    ]
    kind = "annulled" if annul else "upheld"
    step = _stepping(office, record, kind, actor, {"reasons": reasons}, now)
    return enter_many(office, [*said, step], now, StepRefused)[-1]


def _open(office: Office, record: Record) -> list[str]:
    about = f"restriction:{record.restriction.id}"
    return [one.id for one in petitions.open_about(office, record.restriction.person, about)]


def _record(office: Office, restriction: str) -> Record:
    ready(office)
    return store.record(office, restriction)


def _step(
    office: Office, record: Record, kind: str, actor: Actor, fields: dict[str, Value], now: datetime, *,
    due: datetime | None = None, month: int | None = None, notice: tuple[str, dict[str, Any]] | None = None,
) -> Entry:  # fmt: skip
    act = _stepping(office, record, kind, actor, fields, now, due=due, month=month, notice=notice)
    return enter(office, act, now, StepRefused)


def _stepping(
    office: Office, record: Record, kind: str, actor: Actor, fields: dict[str, Value], now: datetime, *,
    due: datetime | None = None, month: int | None = None, notice: tuple[str, dict[str, Any]] | None = None,
) -> Act:  # fmt: skip
    """The act of one step, with its row and notice."""
    r = record.restriction
    require_human(actor, "a step of a restriction")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        store.add_event(db, r.id, kind, actor, now, due=due, month=month)
        if notice is not None:
            tell(office, db, r.person, notice[0], f"restriction:{r.id}", notice[1], now)

    return Act(r.person, EVENTS[kind], actor, {"restriction": r.id, **fields}, rows)


# -- looking ------------------------------------------------------------------------------------------


def shown(office: Office, person: str, now: datetime) -> list[Shown]:
    """A person's restrictions with their open appeals; for services that entered their look."""
    ready(office)
    return [_shown(office, record, now) for record in store.records(office, person)]


def _shown(office: Office, record: Record, now: datetime) -> Shown:
    r = record.restriction
    appeals = tuple(petitions.open_about(office, r.person, f"restriction:{r.id}"))
    found = rules.status(record, now)
    may_go = found not in ENDED and rules.releasable(record, now)
    return Shown(record, found, rules.unpaid(record, now), may_go, appeals, now)


def restrictions(
    office: Office,
    actor: Actor,
    person: str,
    reason: str,
    now: datetime,
    *,
    purpose: Purpose = Purpose.RESTRICTION,
) -> list[Shown]:
    """A person's restrictions, for a purpose and a reason that the person can read."""
    me = identity(office, actor)
    purpose = Purpose.OWN if me.id == person else purpose
    access.look(office, me, person, purpose, {Section.RESTRICTIONS}, reason, now)
    return shown(office, person, now)


def may_take_up(
    office: Office,
    actor: Actor,
    person: str,
    activity: str,
    territory: str,
    employer: str,
    reason: str,
    now: datetime,
) -> Decision:
    """Whether a person may take up an occupation: an answer with its clause, end and appeal path."""
    me = identity(office, actor)
    purpose = Purpose.OWN if me.id == person else Purpose.RESTRICTION
    access.look(office, me, person, purpose, {Section.RESTRICTIONS}, reason, now)
    return rules.may_take_up(
        [s.record for s in shown(office, person, now)], activity, territory, employer, now
    )


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is to be done about a restriction, and by when; `contested` while an appeal is open."""

    restriction: str
    person: str
    what: str
    at: datetime
    contested: bool = False


def due(office: Office, actor: Actor, now: datetime, within: timedelta = timedelta(days=60)) -> list[Due]:
    """What is to be done about restrictions soon: serve, review, pay or release; and which end. Names nobody else."""
    ready(office)
    require_purpose(office, actor, Purpose.RESTRICTION, now)
    found = []
    for record in store.records(office):
        r, state = record.restriction, rules.status(record, now)
        if state in ENDED:
            continue
        if record.served_at is None:
            found.append(Due(r.id, r.person, "serve", r.starts_at, record.appeal_open))
        if rules.releasable(record, now):
            found.append(Due(r.id, r.person, "release", now, record.appeal_open))
        elif rules.unpaid(record, now):
            found.append(Due(r.id, r.person, "pay", now, record.appeal_open))
        if record.due <= now + within and record.due < r.ends_at:
            found.append(Due(r.id, r.person, "review", record.due, record.appeal_open))
        if r.ends_at <= now + within:
            found.append(Due(r.id, r.person, "ends", r.ends_at, record.appeal_open))
    return sorted(found, key=lambda d: (d.at, d.restriction, d.what))
