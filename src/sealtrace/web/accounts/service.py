"""What is done about operators: make them, give roles, let them in for the first time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sealtrace.errors import Denied, DutiesNotSeparated
from sealtrace.policy.model import ADMINISTRATORS, Role

from .models import Enrolment, Grant, Operator, Organisation

LINK_LIFE = timedelta(hours=12)


@transaction.atomic
def add_operator(
    code: str, organisation: str, roles: Iterable[Role], *, by: str, clearance: str = "general"
) -> Operator:
    """Make an operator with roles, or give an existing one those it lacks.

    Raises:
        DutiesNotSeparated: two administrator roles would fall together.
    """
    home, _ = Organisation.objects.get_or_create(code=organisation, defaults={"name": organisation})
    operator, _ = Operator.objects.get_or_create(
        code=code, defaults={"organisation": home, "clearance": clearance}
    )
    for role in roles:
        give_role(operator, role, by=by)
    return operator


@transaction.atomic
def give_role(operator: Operator, role: Role, *, by: str) -> None:
    """Give a role; having it already is no error.

    Raises:
        DutiesNotSeparated: the operator holds another administrator role.
    """
    held = operator.roles()
    if role in held:
        return
    if role in ADMINISTRATORS and held & ADMINISTRATORS:
        raise DutiesNotSeparated(f"{operator.code} holds another administrator role")
    Grant.objects.create(operator=operator, role=role.value, by=by)


def invite(operator: Operator, *, by: str) -> str:
    """Make a one-time sign-in link's secret; only its digest is kept."""
    token = secrets.token_urlsafe(24)
    Enrolment.objects.create(
        digest=hashlib.sha256(token.encode()).digest(), operator=operator, by=by,
        expires_at=timezone.now() + LINK_LIFE,
    )  # fmt: skip
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
