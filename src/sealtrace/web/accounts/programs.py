"""Tokens by which one's own programs act, each bound to one of one's own devices: make, list, revoke."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.policy import engine

from ..api import tokens
from ..api.models import Token
from ..devices.models import Device
from ..policy import words
from .may import may
from .models import Operator
from .views import sitting_of

SHOWN = 200


def _page(request: HttpRequest, secret: str = "") -> HttpResponse:
    me, now = sitting_of(request).operator, timezone.now()
    mine = Token.objects.filter(device__operator=me).select_related("device").order_by("-pk")[:SHOWN]
    return render(request, "accounts/programs.html", {
        "devices": _agents(me), "secret": secret, "longest": tokens.LONGEST_LIFE.days,
        "tokens": [{"token": token, "in_force": token.in_force(now)} for token in mine],
        "actions": [(name, words.action(name)) for name in engine.actions()],
    })  # fmt: skip


def _agents(me: Operator) -> list[Device]:
    """One's devices that sign requests of programs; a browser's key signs forms."""
    return list(me.devices.filter(kind=Device.Kind.AGENT, revoked_at=None).order_by("-enrolled_at")[:100])


@may("token:own")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """One's tokens, and the form of a new one."""
    return _page(request)


@may("token:own", step_up=True)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a token for one of one's devices; its secret is on this page once.

    Raises:
        NotRegistered: the device is not one's own, or revoked.
    """
    me, form = sitting_of(request).operator, request.POST
    device = next((d for d in _agents(me) if d.code == form.get("device")), None)
    if device is None:
        raise NotRegistered(
            "there is no such device of yours", advice="Enrol it with `sealtrace agent enrol`."
        )
    days = form.get("days", "")
    if not days.isdecimal() or len(days) > 4:
        raise UsageProblem("the number of days can't be read")
    secret = tokens.give(
        device, form.getlist("scopes"), by=me.code, now=timezone.now(), name=form.get("name", "").strip(),
        life=timedelta(days=int(days)),
    )  # fmt: skip
    return _page(request, secret)


@may("token:own")
@require_POST
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    """Revoke one of one's tokens, at once. Raises NotRegistered for another's."""
    me = sitting_of(request).operator
    tokens.revoke(key, by=me.code, now=timezone.now(), of=me)
    return redirect("account-tokens")
