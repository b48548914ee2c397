"""The list of operators and what administrators do there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import UsageProblem
from sealtrace.policy import engine
from sealtrace.policy.model import Role, Subject

from ..approvals.models import Request
from ..devices import service as devices
from . import passkeys, service, sittings
from .may import acting, may
from .models import Operator

PAGE = 50


def of_operator(_request: HttpRequest, code: str, **_more: str) -> Subject:
    """What the policy decides on."""
    return Subject("Operator", code)


def role_of(request: HttpRequest) -> Role:
    """The role a form names. Raises UsageProblem."""
    try:
        return Role(request.POST.get("role", ""))
    except ValueError as e:
        raise UsageProblem("there is no such role", advice="Choose one from the list.") from e


@may("operator:list")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Operators by code, a page at a time by key."""
    rows = Operator.objects.select_related("organisation").order_by("code")
    wanted, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    if wanted:
        rows = rows.filter(code__startswith=wanted)
    if after:
        rows = rows.filter(code__gt=after)
    page = list(rows[: PAGE + 1])
    following = page[PAGE - 1].code if len(page) > PAGE else ""
    actor = acting(request)
    return render(request, "accounts/operators.html", {
        "operators": [(row, sorted(row.roles())) for row in page[:PAGE]], "following": following, "wanted": wanted,
        "may_add": engine.decide(actor, "operator:add").allowed or engine.decide(actor, "operator:add").step_up,
        "total": Operator.objects.count(), "organisation": actor.organisation,
    })  # fmt: skip


@may("operator:list", of=of_operator)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One operator: roles with who gave them and when, devices, sessions, what one may do about it."""
    row, actor, now = service.operator_of(code), acting(request), timezone.now()

    def can(action: str) -> bool:
        decision = engine.decide(actor, action, Subject("Operator", code))
        return (decision.allowed or decision.step_up) and code != actor.operator

    return render(request, "accounts/operator.html", {
        "row": row, "grants": row.grants.order_by("-since")[:200],
        "devices": row.devices.order_by("-enrolled_at")[:100],
        "sessions": sittings.open_at(now).filter(operator=row).count(), "held": sorted(row.roles()),
        "free": [role for role in Role if role not in row.roles()], "two": sorted(service.TWO_PEOPLE),
        "can": {name: can(action) for name, action in (
            ("grant", "role:grant"), ("clear", "clearance:set"), ("invite", "operator:invite"),
            ("switch", "operator:disable"), ("revoke", "device:revoke"),
        )},
        "waiting": Request.objects.filter(action="role:grant", subject=code, state="open", expires_at__gt=now),
        "levels": Operator.Clearance.values, "now": now,
    })  # fmt: skip


@may("operator:add")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Make an operator without roles; the security administrator gives those."""
    actor = acting(request)
    made = service.add_operator(
        request.POST.get("code", "").strip(), actor.organisation, (), by=actor.operator
    )
    return redirect("operators-show", made.code)


@may("operator:invite", of=of_operator)
@require_POST
def invite(request: HttpRequest, code: str) -> HttpResponse:
    """Make a one-time link and show it once."""
    token = service.invite(service.operator_of(code), by=acting(request).operator)
    link = passkeys.origin(request) + reverse("enrol", args=[token])
    return render(request, "accounts/invited.html", {"link": link, "code": code, "life": service.LINK_LIFE})


@may("role:grant", of=of_operator)
@require_POST
def grant(request: HttpRequest, code: str) -> HttpResponse:
    """Give a role, or ask a second person to agree."""
    waiting = service.grant(
        acting(request), code, role_of(request), reason=request.POST.get("reason", ""), now=timezone.now()
    )
    if waiting is not None:
        messages.info(request, _("A second person must agree. The request waits for them."))
    return redirect("operators-show", code)


@may("role:end", of=of_operator)
@require_POST
def end(request: HttpRequest, code: str) -> HttpResponse:
    """End a role at once."""
    service.end_role(acting(request), code, role_of(request), now=timezone.now())
    return redirect("operators-show", code)


@may("clearance:set", of=of_operator)
@require_POST
def clear(request: HttpRequest, code: str) -> HttpResponse:
    """Set the clearance."""
    service.set_clearance(acting(request), code, request.POST.get("clearance", ""), now=timezone.now())
    return redirect("operators-show", code)


@may("operator:disable", of=of_operator)
@require_POST
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Switch an operator off or on."""
    service.switch(acting(request), code, active=request.POST.get("active") == "yes", now=timezone.now())
    return redirect("operators-show", code)


@may("device:revoke", of=of_operator)
@require_POST
def revoke(request: HttpRequest, code: str, device: str) -> HttpResponse:
    """Revoke an operator's device."""
    row = service.operator_of(code)
    if row.devices.filter(code=device).exists():
        devices.revoke(acting(request), device, reason=request.POST.get("reason", ""), now=timezone.now())
    return redirect("operators-show", code)
