"""Ask for a second person's approval, give or refuse it, and act on it once.

The screen of an act that needs two people does this:

    request = approvals.ask(actor, "copy:issue", subject, payload, approving="copy:approve", reason=..., now=now)
    ...
    with approvals.effect(actor, key, "copy:issue", payload, now=now):
        custody.issue(...)

The approval holds for exactly this payload: what was approved and what is done have the same digest.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet

from sealtrace.errors import (
    ApprovalLapsed,
    Denied,
    DutiesNotSeparated,
    NotRegistered,
    SecondPersonNeeded,
    UsageProblem,
)
from sealtrace.policy import engine
from sealtrace.policy.model import Actor, Subject

from .. import deeds
from .models import Request, Verdict

LIFE = timedelta(days=3)
LONGEST_REASON = 2000


Carry = Callable[[Request], None]
_carried: dict[str, Carry] = {}


def carried(action: str) -> Callable[[Carry], Carry]:
    """Name the function that does an approved act at once, without its asker coming back."""

    def register(function: Carry) -> Carry:
        _carried[action] = function
        return function

    return register


def carry_out(request: Request, *, now: datetime) -> bool:
    """Do an approved act that is done at once; False when its asker does it themselves, or seats are open."""
    if request.state != Request.State.APPROVED or request.action not in _carried:
        return False
    asker = Actor(request.by, "none", "")
    with effect(asker, request.key, request.action, request.payload, now=now) as ready:
        _carried[request.action](ready)
    return True


def digest(action: str, subject: str, payload: Mapping[str, Any]) -> str:
    """SHA-256, in hex, over the canonical JSON of an act: what an approval is bound to."""
    text = json.dumps([action, subject, payload], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def subject_of(request: Request) -> Subject:
    """What the policy decides an approval on: the subject, and who asked."""
    kept = {
        name: tuple(value) if isinstance(value, list) else value for name, value in request.attributes.items()
    }
    return Subject(request.subject_kind, request.subject, {**kept, "requester": request.by})


def ask(
    actor: Actor, action: str, subject: Subject, payload: Mapping[str, Any], *, approving: str, reason: str,
    now: datetime, seats: int = 1, life: timedelta = LIFE,
) -> Request:  # fmt: skip
    """Ask `seats` other people to approve an act; they need the right to `approving` on the subject.

    Entered in the ledger as approval:asked before it is shown to anybody.

    Raises:
        UsageProblem: no reason is given, or it is too long.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise UsageProblem(
            f"a reason of 1 to {LONGEST_REASON} characters is needed", advice="Say what it is needed for."
        )
    key, bound = secrets.token_urlsafe(16), digest(action, subject.id, payload)
    with deeds.together() as enter:
        entry = enter("approval:asked", subject.id, {
            "request": key, "action": action, "digest": bound, "reason": reason, "by": actor.operator,
            "device": actor.device, "seats": seats,
        })  # fmt: skip
        return Request.objects.create(
            key=key, action=action, approving=approving, subject_kind=subject.kind, subject=subject.id,
            attributes=subject.attributes, payload=dict(payload), digest=bound, reason=reason, by=actor.operator,
            seats=seats, asked_at=now, expires_at=now + life, entry=entry,
        )  # fmt: skip


def find(key: str) -> Request:
    """One request by its key. Raises NotRegistered."""
    found = Request.objects.filter(key=key).first()
    if found is None:
        raise NotRegistered("there is no such request for approval", advice="Open it from the list again.")
    return found


def approve(actor: Actor, key: str, *, now: datetime, note: str = "") -> Request:
    """Take one seat of a request; with the last seat it is approved.

    Raises:
        DutiesNotSeparated: the asker tries it, or somebody twice.
        Denied: the policy does not let this person approve it.
        ApprovalLapsed: it is decided, withdrawn or expired.
    """
    return _say(actor, key, now=now, note=note, approved=True)


def refuse(actor: Actor, key: str, *, now: datetime, note: str) -> Request:
    """Refuse a request, with a reason; one refusal decides. Raises as `approve`."""
    if not note.strip():
        raise UsageProblem("a refusal needs a reason", advice="Say why, so that the asker can do it right.")
    return _say(actor, key, now=now, note=note, approved=False)


def _say(actor: Actor, key: str, *, now: datetime, note: str, approved: bool) -> Request:
    with deeds.together() as enter:
        found = Request.objects.select_for_update().filter(key=key).first() or find(key)
        if found.by == actor.operator:
            raise DutiesNotSeparated("nobody approves what they asked for themselves")
        decision = engine.decide(actor, found.approving, subject_of(found))
        if not decision.allowed:
            raise Denied(f"you may not decide this request ({found.approving})")
        if found.state != Request.State.OPEN or found.lapsed(now):
            raise ApprovalLapsed("this request is decided or its time is over")
        if found.verdicts.filter(by=actor.operator).exists():
            raise DutiesNotSeparated("one person takes one seat")
        entry = enter("approval:given" if approved else "approval:refused", found.subject, {
            "request": key, "digest": found.digest, "by": actor.operator, "device": actor.device,
            "note": note.strip(),
        })  # fmt: skip
        try:
            Verdict.objects.create(
                request=found, requester=found.by, by=actor.operator, approved=approved, note=note.strip(), at=now,
                entry=entry,
            )  # fmt: skip
        except IntegrityError as e:
            raise DutiesNotSeparated("one person takes one seat, and never the asker") from e
        if not approved:
            found.state = Request.State.REFUSED
        elif found.verdicts.filter(approved=True).count() >= found.seats:
            found.state = Request.State.APPROVED
        found.save(update_fields=["state"])
        return found


def withdraw(actor: Actor, key: str, *, now: datetime) -> Request:
    """Take one's own open request back. Raises Denied, ApprovalLapsed."""
    with deeds.together() as enter:
        found = find(key)
        if found.by != actor.operator:
            raise Denied("only the asker withdraws a request")
        if found.state != Request.State.OPEN or found.lapsed(now):
            raise ApprovalLapsed("this request is decided or its time is over")
        enter("approval:withdrawn", found.subject, {"request": key, "by": actor.operator})
        found.state = Request.State.WITHDRAWN
        found.save(update_fields=["state"])
        return found


def pending(actor: Actor, *, now: datetime, limit: int = 200) -> list[Request]:
    """The open requests this person may decide, the first to expire first."""
    rows = Request.objects.filter(state=Request.State.OPEN, expires_at__gt=now).exclude(by=actor.operator)
    rows = rows.exclude(verdicts__by=actor.operator).order_by("expires_at")[:limit]
    ready = _confirmed(actor)
    return [row for row in rows if engine.decide(ready, row.approving, subject_of(row)).allowed]


def _confirmed(actor: Actor) -> Actor:
    from dataclasses import replace

    return replace(actor, stepped_up=True)  # a list shows what a confirmation would open


def asked(actor: Actor) -> QuerySet[Request]:
    """What this person asked for, newest first."""
    return Request.objects.filter(by=actor.operator).order_by("-id")


@contextmanager
def effect(
    actor: Actor, key: str, action: str, payload: Mapping[str, Any], *, now: datetime
) -> Iterator[Request]:
    """Do the approved act inside this block: it is used up by success, given back by an error.

    A process killed inside leaves it used up: an approval is never good for two acts.

    Raises:
        SecondPersonNeeded: it still waits.
        ApprovalLapsed: it is refused, withdrawn, expired, used, or for something else.
        Denied: somebody else asked for it.
    """
    found = find(key)
    if found.by != actor.operator:
        raise Denied("an approval is used by the person who asked for it")
    if found.digest != digest(action, found.subject, payload):
        raise ApprovalLapsed("the approval was given for something else than what is to be done now")
    if found.state == Request.State.OPEN and not found.lapsed(now):
        raise SecondPersonNeeded(f"request {key} still waits for a second person")
    ready = Request.objects.filter(
        pk=found.pk, state=Request.State.APPROVED, used_at=None, expires_at__gt=now
    )
    if not ready.update(used_at=now):
        raise ApprovalLapsed("this approval is refused, withdrawn, expired or used")
    try:
        yield find(key)
    except BaseException:
        Request.objects.filter(pk=found.pk).update(used_at=None)
        raise
