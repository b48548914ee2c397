"""Screens of issuing: say for whom, why, in which form and until when; a second person agrees where it takes one."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.custody import knowing
from sealtrace.errors import UsageProblem
from sealtrace.ids import VersionRef
from sealtrace.policy import engine
from sealtrace.policy.model import Actor

from .. import site
from ..accounts.may import acting, may, to_confirm
from ..accounts.models import Operator, Sitting
from ..approvals import service as approvals
from ..approvals.models import Request
from ..jobs.models import Job
from . import intake, ordering, packaging
from .models import Order
from .recipients import read_recipients

PAGE_SIZE = 50
FOUND = 20
LONGEST_UNDERTAKING = 4000


@may("copy:list")
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Orders of copies, newest first, and the way to a new one."""
    before = request.GET.get("before", "")
    found = Order.objects.order_by("-id")
    if before.isdecimal():
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE_SIZE + 1])
    context = {
        "orders": rows[:PAGE_SIZE], "older": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        "may_issue": engine.decide(acting(request), "copy:issue").allowed,
        "may_packages": engine.decide(acting(request), "package:list").allowed,
    }  # fmt: skip
    return render(request, "custody/issue.html", context)


@may("copy:issue")
@require_GET
def new(request: HttpRequest, code: str) -> HttpResponse:
    """The form of an order."""
    version, office = site.custody().version(VersionRef.parse(code)), site.custody().office
    context = {
        "file": version, "two": ordering.needs_second(version), "today": timezone.localdate(),
        "purposes": knowing.purposes(office), "forms": Order.Form, "sealed": office.tracing_key is not None,
        "limited": knowing.is_limited_file(office, version.code),
    }  # fmt: skip
    return render(request, "custody/issue_new.html", context)


@may("copy:issue")
@require_GET
def recipients(request: HttpRequest) -> HttpResponse:
    """Operators with their devices that a search finds, as lines that an order takes."""
    words = request.GET.get("q", "").strip()[:80]
    found = Operator.objects.filter(is_active=True, devices__revoked_at=None, devices__isnull=False)
    if words:
        found = found.filter(Q(code__icontains=words) | Q(organisation__code__iexact=words))
    rows = []
    for operator in found.select_related("organisation").distinct().order_by("code")[:FOUND]:
        for device in operator.devices.filter(revoked_at=None).order_by("-last_seen_at", "-id")[:3]:
            seen = (
                Sitting.objects.filter(device=device)
                .order_by("-seen_at")
                .values_list("ip", flat=True)
                .first()
            )
            rows.append({"operator": operator, "device": device, "ip": seen or ""})
    part = "part_recipients.html" if request.headers.get("HX-Request") else "recipients.html"
    return render(request, f"custody/{part}", {"rows": rows, "words": words, "most": FOUND})


def last_day(request: HttpRequest) -> date | None:
    """The last day as a date, or as a number of days from today."""
    until, days = request.POST.get("until", "").strip(), request.POST.get("days", "").strip()
    today = timezone.localdate()
    if days:
        if not days.isdecimal() or not 1 <= int(days) <= 3660:
            raise UsageProblem(_("The number of days is 1 to 3,660. Nothing was issued."))
        return today + timedelta(days=int(days))
    try:
        end = date.fromisoformat(until) if until else None
    except ValueError:
        raise UsageProblem(_("The last day is no date. Nothing was issued.")) from None
    if end is not None and end < today:
        raise UsageProblem(_("The last day is past. Nothing was issued."))
    return end


@may("copy:issue")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Place an order. What needs a second person waits; the rest is begun at once."""
    actor, form = acting(request), request.POST
    version = site.custody().version(VersionRef.parse(form.get("ref", "")))
    people = read_recipients(form.get("recipients", ""))
    listed, words = form.get("listed_purpose", "").strip(), form.get("purpose", "").strip()
    purpose = ": ".join(filter(None, (listed, words)))[:200]
    if not purpose:
        raise UsageProblem(
            _("The purpose is missing. Nothing was issued."), advice=_("State what the copies are for.")
        )
    words = form.get("undertaking", "").strip()
    if words and not engine.decide(actor, "file:restrict").allowed:
        words = ""
    wanted = ordering.Wanted(
        str(version.ref), tuple(people), purpose, last_day(request), form.get("form", Order.Form.COPY),
        words[:LONGEST_UNDERTAKING],
    )  # fmt: skip
    return redirect("issue-order", pk=ordering.place(actor, wanted, now=timezone.now()).pk)


def _why_not(found: Order, asked: Request | None, actor: Actor) -> str:
    """Why this person can't give the second approval; empty when they can."""
    if asked is None or found.state != Order.State.ASKED or asked.lapsed(timezone.now()):
        return _("This order does not wait for an approval.")
    decision = engine.decide(actor, "copy:approve", approvals.subject_of(asked))
    if decision.allowed or decision.step_up:
        return ""
    if actor.operator == found.operator:
        return _("The second approval is another person’s.")
    if actor.operator in {r["operator"] for r in found.recipients}:
        return _("A recipient does not approve their own copy.")
    return _("Approving needs the approver’s role.")


@may("copy:list")
@require_GET
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its recipients, its approvals, its copies."""
    found, actor = get_object_or_404(Order, pk=pk), acting(request)
    packaging.settle(found)
    asked = Request.objects.filter(key=found.request).first() if found.request else None
    job = ordering.job_of(found)
    issued = found.issued.values_list("copy", flat=True)[:200]
    copies = [site.custody().copy(copy) for copy in issued]
    context = {
        "order": found, "job": job, "failed": job is not None and job.state == Job.State.FAILED,
        "under_way": job is not None and not job.over and job.operator == actor.operator,
        "copies": copies, "rows": copies or found.recipients[:200], "asked": asked,
        "verdict": asked.verdicts.order_by("-id").first() if asked else None,
        "why_not": _why_not(found, asked, actor), "mine": found.operator == actor.operator,
        "prints": list(enumerate(found.recipients[:200])) if found.form == Order.Form.PRINT else [],
        "may_make": found.form == Order.Form.PACKAGE and found.state == Order.State.AGREED
        and found.operator == actor.operator,
        "may_print": found.state in (Order.State.AGREED, Order.State.ISSUED) and found.operator == actor.operator,
    }  # fmt: skip
    return render(request, "custody/order.html", context)


@may("copy:approve")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give or refuse the second approval; with it the order is begun."""
    found, actor = get_object_or_404(Order, pk=pk), acting(request)
    agree, words = request.POST.get("agree") == "yes", request.POST.get("words", "").strip()
    if not agree and not words:
        raise UsageProblem(_("Declining needs a reason. Nothing was decided."))
    asked = Request.objects.filter(key=found.request).first() if found.request else None
    if asked and engine.decide(actor, "copy:approve", approvals.subject_of(asked)).step_up:
        return to_confirm(request)
    ordering.decide(actor, found, agree=agree, note=words[:300], now=timezone.now())
    messages.success(
        request, _("Agreed; the copies are being entered.") if agree else _("Declined. Nothing was issued.")
    )
    return redirect("issue-order", pk=found.pk)


@may("copy:issue")
@require_POST
def make_print(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Make the print of one recipient and hand it out; its entry is durable before its first byte goes."""
    found = get_object_or_404(Order, pk=pk)
    with site.custody().office.staging("print-out") as folder:
        made = ordering.print_one(acting(request), found, number, folder / "print.pdf")
        bytes_out = (folder / "print.pdf").open("rb")  # outlives its name: the folder goes at once
    name = intake.plain_name(site.custody().version(found.ref).name).rpartition(".")[0]
    return FileResponse(bytes_out, as_attachment=True, filename=f"{name}.{made.id}.pdf")
