"""Switching travel and document custody on: an impact assessment by two people, an appeal officer named by another.

The assessor asks; who approves it in `approvals` is the second person, and the part is on from that moment.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import SealtraceError, UsageProblem
from sealtrace.people import gates
from sealtrace.people.duties import human
from sealtrace.people.gates import Module
from sealtrace.people.moments import moment, second
from sealtrace.policy.model import Subject
from sealtrace.posts.basis import add_months

from ..accounts.may import acting, may
from ..approvals import service as approvals
from ..approvals.models import Request
from ..frame.views import status_of
from . import desk
from .desk import act, day, office, said

PARTS = (Module.TRAVEL, Module.DOCUMENTS)
ASSESS, APPROVE = "module:assess", "module:approve"
LIFE = timedelta(days=30)
MOST_MONTHS = 36


@may("module:see")
@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    """Which part is on, until when, and what is still missing."""
    return show(request)


def show(request: HttpRequest, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render the parts, with an error on top when something could not be done."""
    at = desk.now()
    rows = Request.objects.filter(action=ASSESS, state=Request.State.OPEN, expires_at__gt=timezone.now())
    state = gates.state(office(), at)
    assessed = gates.assessed(office(), at)
    context = {
        "wrong": wrong, "officers": gates.officers(office(), at), "waiting": rows.order_by("asked_at"),
        "parts": [{"name": p.value, "on": state[p], "assessed": assessed.get(p)} for p in PARTS],
        "typed": request.POST, "most": add_months(at, MOST_MONTHS).date(), "today": at.date(),
    }  # fmt: skip
    return render(request, "travel/parts.html", context, status=status_of(wrong) if wrong else 200)


@may(ASSESS)
@require_POST
def assess(request: HttpRequest) -> HttpResponse:
    """Hand an impact assessment in; the part is on once somebody else approves it."""
    name = request.POST.get("module", "")
    try:
        if name not in PARTS:
            raise UsageProblem(_("Choose the part that was assessed."))
        document, until = (
            said(request, "document", _("Document")),
            day(request.POST.get("until", ""), end=True),
        )
        if not desk.now() < until <= add_months(desk.now(), MOST_MONTHS):
            raise UsageProblem(_("An assessment is for three years at most, and ends after today."))
        asked = approvals.ask(
            acting(request), ASSESS, Subject("Office", name),
            {"module": name, "document": document, "valid_until": second(until)}, approving=APPROVE,
            reason=said(request, "reason", _("Result")), now=timezone.now(), life=LIFE,
        )  # fmt: skip
    except SealtraceError as e:
        if status_of(e) != desk.UNPROCESSABLE:
            raise
        return show(request, e)
    messages.success(request, _("Handed in. The part is on once somebody else has approved it."))
    return redirect("policy-approval", asked.key)


@approvals.carried(ASSESS)
def record(asked: Request) -> None:
    """Record an approved assessment: who made it asked, who approved it is the second person."""
    [verdict] = asked.verdicts.filter(approved=True)
    said_of = asked.payload
    gates.assess(
        office(), Module(said_of["module"]), said_of["document"], human(asked.by), human(verdict.by),
        moment(said_of["valid_until"]), desk.now(),
    )  # fmt: skip


@may("officer:appoint")
@require_POST
def appoint(request: HttpRequest) -> HttpResponse:
    """Name who hears appeals, until a day; never oneself."""

    def do() -> None:
        officer, until = (
            said(request, "officer", _("Appeal officer")),
            day(request.POST.get("until", ""), end=True),
        )
        if until <= desk.now():
            raise UsageProblem(_("The last day is over already."))
        gates.appoint(office(), officer, desk.me(request), until, desk.now())

    return act(request, _("The appeal officer is named."), do, lambda e: show(request, e), "travel-parts")
