"""The life of a restriction: served, reviewed, paid, contested, released; and what it is at any second.

Nothing here reads a clock: the state is computed from the record and `now`, so no job has to run for a
restriction to end. Each step returns a new record and refuses what does not follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sealtrace.errors import RestrictionUnlawful, StepRefused
from sealtrace.people.duties import Actor, require_different, require_human

from .basis import BasisStatus, add_months
from .model import REVIEW_MONTHS, Decision, Restriction


class Status(StrEnum):
    """What a restriction is at a moment. Only EFFECTIVE binds the person."""

    NOT_SERVED = "not served"
    NOT_STARTED = "not started"
    EFFECTIVE = "effective"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    RELEASED = "released"
    ANNULLED = "annulled"
    EXPIRED = "expired"


ENDED = frozenset({Status.LAPSED, Status.RELEASED, Status.ANNULLED, Status.EXPIRED})


@dataclass(frozen=True, slots=True)
class Record:
    """A restriction and what has happened to it since it was decided."""

    restriction: Restriction
    served_at: datetime | None = None
    review_due: datetime | None = None
    paid_months: frozenset[int] = frozenset()
    appealed_at: datetime | None = None
    appeal_decided_at: datetime | None = None
    annulled_at: datetime | None = None
    released_at: datetime | None = None

    @property
    def due(self) -> datetime:
        """When the next review is due."""
        return self.review_due or self.restriction.review_due

    @property
    def appeal_open(self) -> bool:
        """Whether an appeal waits for its decision: shown wherever the restriction is shown."""
        return self.appealed_at is not None and self.appeal_decided_at is None


def status(record: Record, now: datetime) -> Status:
    """Tell what the restriction is at `now`, to the second; the end itself is outside."""
    r, basis = record.restriction, record.restriction.basis.status(now.date())
    first_that_holds = (
        (record.annulled_at is not None and record.annulled_at <= now, Status.ANNULLED),
        (record.released_at is not None and record.released_at <= now, Status.RELEASED),
        (now >= r.ends_at or basis is BasisStatus.ENDED, Status.EXPIRED),
        (now >= record.due, Status.LAPSED),
        (record.served_at is None or now < record.served_at, Status.NOT_SERVED),
        (now < r.starts_at, Status.NOT_STARTED),
        (basis is BasisStatus.SUSPENDED, Status.SUSPENDED),
    )
    return next((found for holds, found in first_that_holds if holds), Status.EFFECTIVE)


def unpaid(record: Record, now: datetime) -> int:
    """Months of compensation due and not paid at `now`; month k is due k+1 months after the start."""
    r = record.restriction
    if not r.basis.compensation_monthly:
        return 0
    count = month = 0
    while add_months(r.starts_at, month + 1) <= min(now, r.ends_at):
        count += month not in record.paid_months
        month += 1
    return count


def releasable(record: Record, now: datetime) -> bool:
    """Whether unpaid compensation gives the person the right to be released."""
    limit = record.restriction.basis.unpaid_months
    return limit is not None and unpaid(record, now) >= limit


def serve(record: Record, actor: Actor, now: datetime) -> Record:
    """Record that the notice with reasons and appeal path was handed over; from now on it can be effective."""
    require_human(actor, "serving a notice")
    _refuse_ended(record, now)
    if record.served_at is not None:
        raise StepRefused("the notice was served already")
    if now < record.restriction.decided_at:
        raise StepRefused("a notice can't be served before the decision")
    return replace(record, served_at=now)


def review(record: Record, actor: Actor, next_due: datetime, now: datetime) -> Record:
    """Keep the restriction after a review in time; a late one can't: a lapsed restriction needs a new decision."""
    require_human(actor, "reviewing a restriction")
    require_different(
        reviewer=actor.id, person=record.restriction.person, appeal_officer=record.restriction.appeal.officer
    )
    _refuse_ended(record, now)
    if not now < next_due <= add_months(now, REVIEW_MONTHS):
        raise RestrictionUnlawful(f"the next review is due within {REVIEW_MONTHS} months")
    return replace(record, review_due=next_due)


def pay(record: Record, month: int) -> Record:
    """Record the compensation of one month, counted from 0 at the start."""
    if month < 0 or add_months(record.restriction.starts_at, month) >= record.restriction.ends_at:
        raise StepRefused("there is no such month in the restriction")
    return replace(record, paid_months=record.paid_months | {month})


def release(record: Record, actor: Actor, now: datetime) -> Record:
    """End it early: by the authority at any time, or by the person once compensation stayed unpaid."""
    require_human(actor, "releasing a person")
    _refuse_ended(record, now)
    if actor.id == record.restriction.person and not releasable(record, now):
        raise StepRefused("the person may end it alone only when compensation has stayed unpaid")
    return replace(record, released_at=now)


def appeal(record: Record, actor: Actor, now: datetime) -> Record:
    """Take the person's appeal, within the days of the path counted from service."""
    require_human(actor, "appealing")
    _refuse_ended(record, now)
    if actor.id != record.restriction.person:
        raise StepRefused("an appeal is the person's own; a representative acts under the person's name")
    if record.served_at is None:
        raise StepRefused("the time for an appeal begins with service")
    if record.appealed_at is not None:
        raise StepRefused("an appeal was made already")
    if now >= record.served_at + timedelta(days=record.restriction.appeal.days):
        raise StepRefused("the time for an internal appeal is over; the outside remedy stays open")
    return replace(record, appealed_at=now)


def decide_appeal(record: Record, actor: Actor, *, annul: bool, now: datetime) -> Record:
    """Decide an open appeal; only the named officer, who neither proposed nor decided."""
    require_human(actor, "deciding an appeal")
    r = record.restriction
    require_different(appeal_officer=actor.id, proposer=r.proposer.id, decider=r.decider.id, person=r.person)
    if actor.id != r.appeal.officer:
        raise StepRefused("the appeal is for the officer named on the notice")
    if not record.appeal_open:
        raise StepRefused("there is no open appeal")
    return replace(record, appeal_decided_at=now, annulled_at=now if annul else None)


def _refuse_ended(record: Record, now: datetime) -> None:
    found = status(record, now)
    if found in ENDED:
        raise StepRefused(f"the restriction is {found}")


def may_take_up(
    records: Iterable[Record], activity: str, territory: str, employer: str, now: datetime
) -> Decision:
    """Apply a person's restrictions to a new occupation.

    The first effective restriction whose scope covers it refuses, with its clause, the moment it ends and the
    appeal path; without one the answer is yes, resting on the freedom of occupation.
    """
    for record in records:
        r = record.restriction
        if status(record, now) is Status.EFFECTIVE and r.scope.covers(activity, territory, employer):
            ends = min(r.ends_at, record.due)
            return Decision(False, r.basis.clause, f"{r.authority}: {r.reasons}", ends, r.appeal)
    return Decision(True, "宪法 第四十二条", "no effective restriction covers this occupation", None, None)


def may_screen(
    records: Iterable[Record], person: str, activity: str, territory: str, now: datetime
) -> Decision:
    """Whether a person may be looked for in one published roster: only under an effective restriction covering it."""
    for record in records:
        r = record.restriction
        covered = r.scope.covers(activity, territory, r.scope.employers[0] if r.scope.employers else "")
        if r.person == person and covered and status(record, now) is Status.EFFECTIVE:
            ends = min(r.ends_at, record.due)
            return Decision(
                True, r.basis.clause, f"restriction {r.id} covers the roster's field", ends, r.appeal
            )
    return Decision(
        False,
        "个人信息保护法 第六条",
        "no effective restriction covers this roster: no lawful purpose",
        None,
        None,
    )
