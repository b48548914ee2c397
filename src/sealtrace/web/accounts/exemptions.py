"""Exceptions: one person, one act, one record, for a time, because two people said so."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sealtrace.errors import UsageProblem
from sealtrace.policy.model import Actor, Subject

from .. import asked
from ..approvals import service as approvals
from ..approvals.models import Request

LONGEST = timedelta(days=30)
ACTION = "exception:use"
POSSIBLE = ("page:view", "file:open", "copy:list", "leak:see", "evidence:export")  # as rule P-30 lists them

_IN_FORCE = (
    'SELECT payload, subject FROM approvals_request WHERE "by" = %s AND action = %s'
    " AND state = %s AND expires_at > %s"
)


def ask(actor: Actor, action: str, subject: Subject, *, reason: str, days: int, now: datetime) -> Request:
    """Ask for an exception: `action` on `subject` for some days, for a business reason. Raises UsageProblem."""
    if not 1 <= days <= LONGEST.days:
        raise UsageProblem(f"an exception lasts 1 to {LONGEST.days} days")
    if action not in POSSIBLE:
        raise UsageProblem(
            f"there is no exception for {action!r}", advice="Exceptions are for reading one record."
        )
    payload = {"action": action, "operator": actor.operator, "days": days}
    return approvals.ask(
        actor, ACTION, subject, payload, approving="exception:approve", reason=reason, now=now,
        life=timedelta(days=days),
    )  # fmt: skip


def in_force(operator: str, now: datetime) -> tuple[str, ...]:
    """The exceptions of an operator that hold now, each "ACTION SUBJECT-ID"."""
    rows = asked.ask(_IN_FORCE, operator, ACTION, Request.State.APPROVED.value, asked.moment(now))
    return tuple(f"{json.loads(payload)['action']} {subject}" for payload, subject in rows)
