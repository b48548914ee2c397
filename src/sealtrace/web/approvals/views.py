"""Approvals: what waits for me, what I asked for, one request with its seats."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import UsageProblem
from sealtrace.policy import engine
from sealtrace.policy.model import Subject

from ..accounts import exemptions
from ..accounts.may import acting, denied, may, to_confirm
from . import service
from .models import Request


@may("approval:list")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """What waits for me and what I asked for."""
    actor, now = acting(request), timezone.now()
    context = {"pending": service.pending(actor, now=now), "asked": service.asked(actor)[:50], "now": now}
    return render(request, "approvals/list.html", context)


def seen(request: HttpRequest, key: str) -> Request:
    """A request that this person asked for, decided or may decide; another is not found."""
    found, actor = Request.objects.filter(key=key).first(), acting(request)
    if found is not None:
        decision = engine.decide(actor, found.approving, service.subject_of(found))
        mine = found.by == actor.operator or found.verdicts.filter(by=actor.operator).exists()
        if mine or decision.allowed or decision.step_up:
            return found
    raise Http404


@may("approval:list")
@require_GET
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One request: what exactly, why, the seats."""
    found, actor, now = seen(request, key), acting(request), timezone.now()
    verdicts = list(found.verdicts.order_by("id"))
    return render(request, "approvals/request.html", {
        "found": found, "verdicts": verdicts, "free": range(max(0, found.seats - len(verdicts))),
        "open": found.state == Request.State.OPEN and not found.lapsed(now), "mine": found.by == actor.operator,
        "decided": any(verdict.by == actor.operator for verdict in verdicts), "now": now,
    })  # fmt: skip


def _decide(request: HttpRequest, key: str, *, agree: bool) -> HttpResponse:
    found, actor, now = seen(request, key), acting(request), timezone.now()
    decision = engine.decide(actor, found.approving, service.subject_of(found))
    if decision.step_up:
        return to_confirm(request)
    if not decision.allowed:
        return denied(request, actor, found.approving, service.subject_of(found))
    note = request.POST.get("note", "")
    if agree:
        service.carry_out(service.approve(actor, key, now=now, note=note), now=now)
    else:
        service.refuse(actor, key, now=now, note=note)
    return redirect("policy-approval", key)


@may("approval:list")
@require_POST
def approve(request: HttpRequest, key: str) -> HttpResponse:
    """Take a seat; the right to it is the request's own."""
    return _decide(request, key, agree=True)


@may("approval:list")
@require_POST
def refuse(request: HttpRequest, key: str) -> HttpResponse:
    """Refuse, with a reason."""
    return _decide(request, key, agree=False)


@may("approval:list")
@require_POST
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Take one's own request back."""
    service.withdraw(acting(request), seen(request, key).key, now=timezone.now())
    return redirect("policy-approvals")


@may("exception:ask")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an exception to what was denied."""
    form = request.POST
    try:
        days = int(form.get("days", "7"))
    except ValueError as e:
        raise UsageProblem("the number of days can't be read") from e
    subject = Subject(form.get("kind", "File")[:40], form.get("subject", "").strip()[:200])
    if not subject.id:
        raise UsageProblem("an exception names one record", advice="Give the code of the file or copy.")
    made = exemptions.ask(
        acting(request), form.get("deed", "")[:60], subject, reason=form.get("reason", ""), days=days,
        now=timezone.now(),
    )  # fmt: skip
    return redirect("policy-approval", made.key)
