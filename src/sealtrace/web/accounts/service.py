"""What is done about operators: make them, give roles, let them in for the first time."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from sealtrace.errors import Denied, DutiesNotSeparated, NotRegistered, UsageProblem
from sealtrace.policy.model import ADMINISTRATORS, Actor, Role, Subject

from .. import deeds
from ..approvals import service as approvals
from ..approvals.models import Request
from .models import Enrolment, Grant, Operator, Organisation

LINK_LIFE = timedelta(hours=12)
TWO_PEOPLE = ADMINISTRATORS | {Role.APPROVER}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")


def add_operator(
    code: str, organisation: str, roles: Iterable[Role], *, by: str, clearance: str = "general"
) -> Operator:
    """Make an operator with roles, or give an existing one those it lacks.

    Raises:
        DutiesNotSeparated: two administrator roles would fall together.
    """
    if not CODE.fullmatch(code):
        raise UsageProblem(f"{code!r} is no operator's code", advice="Use 2 to 40 letters, digits and . _ -")
    with deeds.together() as enter:
        home, _ = Organisation.objects.get_or_create(code=organisation, defaults={"name": organisation})
        operator = Operator.objects.filter(code=code).first()
        if operator is None:
            operator = Operator.objects.create(code=code, organisation=home, clearance=clearance)
            enter("account:added", code, {
                "operator": code, "organisation": organisation, "clearance": clearance, "by": by,
            })  # fmt: skip
        for role in roles:
            give_role(operator, role, by=by)
    return operator


def give_role(
    operator: Operator, role: Role, *, by: str, expires_at: datetime | None = None, approval: str = ""
) -> None:
    """Give a role; having it already is no error. The grant is an entry.

    Raises:
        DutiesNotSeparated: the operator holds another administrator role.
    """
    with deeds.together() as enter:
        held = operator.roles()
        if role in held:
            return
        if role in ADMINISTRATORS and held & ADMINISTRATORS:
            raise DutiesNotSeparated(f"{operator.code} holds another administrator role")
        over = Grant.objects.filter(operator=operator, role=role.value, until=None)
        over.update(until=F("expires_at"))  # one that ended by itself makes room
        entry = enter("role:granted", operator.code, {
            "operator": operator.code, "role": role.value, "by": by, "approval": approval,
            "expires": expires_at.isoformat() if expires_at else None,
        })  # fmt: skip
        try:
            with transaction.atomic():
                Grant.objects.create(
                    operator=operator, role=role.value, by=by, expires_at=expires_at, entry=entry
                )
        except IntegrityError as e:
            raise DutiesNotSeparated(f"{operator.code} holds another administrator role") from e


def grant(actor: Actor, code: str, role: Role, *, reason: str, now: datetime) -> Request | None:
    """Give a role; one that lets people administer or approve waits for a second person, and the request is given.

    Raises:
        DutiesNotSeparated: it is one's own role, or would join two administrators in one person.
    """
    operator = operator_of(code)
    if operator.code == actor.operator:
        raise DutiesNotSeparated("nobody gives a role to themselves")
    if role in ADMINISTRATORS and operator.roles(now) & (ADMINISTRATORS - {role}):
        raise DutiesNotSeparated(f"{operator.code} holds another administrator role")
    if role not in TWO_PEOPLE:
        give_role(operator, role, by=actor.operator)
        return None
    return approvals.ask(
        actor, "role:grant", Subject("Operator", operator.code), {"role": role.value}, approving="role:approve",
        reason=reason, now=now,
    )  # fmt: skip


@approvals.carried("role:grant")
def _granted(request: Request) -> None:
    """Give the role that a second person approved."""
    last = request.verdicts.latest("id")
    give_role(
        operator_of(request.subject), Role(request.payload["role"]), by=f"{request.by}, {last.by}",
        approval=request.key,
    )  # fmt: skip


def end_role(actor: Actor, code: str, role: Role, *, now: datetime) -> None:
    """End a role at once. Raises NotRegistered when it is not held, DutiesNotSeparated for one's own."""
    operator = operator_of(code)
    if operator.code == actor.operator:
        raise DutiesNotSeparated("nobody ends a role of their own", advice="Ask another administrator.")
    with deeds.together() as enter:
        rows = Grant.objects.filter(operator=operator, role=role.value, until=None)
        if not rows.update(until=now):
            raise NotRegistered(
                f"{code} does not hold the role {role.value}", advice="Look at the list again."
            )
        enter("role:ended", code, {"operator": code, "role": role.value, "by": actor.operator})


def set_clearance(actor: Actor, code: str, clearance: str, *, now: datetime) -> None:  # noqa: ARG001 (as its neighbours)
    """Set up to which level an operator may read. Raises DutiesNotSeparated for one's own, UsageProblem."""
    operator = operator_of(code)
    if operator.code == actor.operator:
        raise DutiesNotSeparated("nobody sets their own clearance", advice="Ask another administrator.")
    if clearance not in Operator.Clearance.values:
        raise UsageProblem(f"{clearance!r} is no level")
    with deeds.together() as enter:
        enter("account:cleared", code, {"operator": code, "clearance": clearance, "by": actor.operator})
        Operator.objects.filter(pk=operator.pk).update(clearance=clearance)


def switch(actor: Actor, code: str, *, active: bool, now: datetime) -> None:
    """Switch an operator off, which ends their sessions and links at once, or on again."""
    operator = operator_of(code)
    if operator.code == actor.operator:
        raise DutiesNotSeparated("nobody switches their own account", advice="Ask another administrator.")
    with deeds.together() as enter:
        enter("account:enabled" if active else "account:disabled", code, {
            "operator": code, "by": actor.operator,
        })  # fmt: skip
        Operator.objects.filter(pk=operator.pk).update(is_active=active)
        if not active:
            operator.sittings.filter(ended_at=None).update(ended_at=now)
            Enrolment.objects.filter(operator=operator, used_at=None).update(used_at=now)


def operator_of(code: str) -> Operator:
    """An operator by their code. Raises NotRegistered."""
    found = Operator.objects.filter(code=code).first()
    if found is None:
        raise NotRegistered(f"no operator has the code {code}", advice="Look at the list of operators.")
    return found


def invite(operator: Operator, *, by: str) -> str:
    """Make a one-time sign-in link's secret; only its digest is kept, and that it was made is an entry."""
    token = secrets.token_urlsafe(24)
    digest = hashlib.sha256(token.encode()).digest()
    with deeds.together() as enter:
        enter("account:invited", operator.code, {"operator": operator.code, "by": by, "link": digest})
        Enrolment.objects.create(
            digest=digest, operator=operator, by=by, expires_at=timezone.now() + LINK_LIFE
        )
    return token


@transaction.atomic
def accept(token: str) -> Operator:
    """Use a one-time link.

    Raises:
        Denied: it was used, has expired, or was never given out.
    """
    digest = hashlib.sha256(token.encode()).digest()
    found = Enrolment.objects.filter(digest=digest, used_at=None, expires_at__gt=timezone.now())
    if not found.update(used_at=timezone.now()):
        raise Denied(
            "this sign-in link was used before or has expired",
            advice="Ask the system administrator for a new one.",
        )
    operator = Enrolment.objects.select_related("operator").get(digest=digest).operator
    if not operator.is_active:
        raise Denied("this operator is switched off", advice="Ask the system administrator.")
    return operator
