"""Issuing: say for whom, why and until when; a second person agrees where the level asks for it; copies go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.content.kinds import Kind
from sealtrace.custody.model import Recipient
from sealtrace.errors import Denied, UsageProblem
from sealtrace.ids import VersionRef
from sealtrace.policy import engine
from sealtrace.policy.model import Actor

from .. import site
from ..accounts.may import acting, may
from ..jobs import service as jobs
from ..jobs.models import Job
from ..jobs.service import Tell, work
from . import approval
from .models import Order, OrderedCopy
from .recipients import read_recipients

KIND = "copy:issue"
PAGE_SIZE = 50


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
    }  # fmt: skip
    return render(request, "custody/issue.html", context)


@may("copy:issue")
@require_GET
def new(request: HttpRequest, code: str) -> HttpResponse:
    """The form of an order."""
    version = site.custody().version(VersionRef.parse(code))
    context = {"file": version, "two": approval.needed(version.level), "today": timezone.localdate()}
    return render(request, "custody/issue_new.html", context)


@may("copy:issue")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Place an order. What needs a second person waits; the rest is issued at once."""
    actor = acting(request)
    version = site.custody().version(VersionRef.parse(request.POST.get("ref", "")))
    recipients = read_recipients(request.POST.get("recipients", ""))
    purpose = request.POST.get("purpose", "").strip()[:200]
    if not purpose:
        raise UsageProblem(
            _("The purpose is missing. Nothing was issued."), advice=_("State what the copies are for.")
        )
    until = request.POST.get("until", "").strip()
    try:
        end = date.fromisoformat(until) if until else None
    except ValueError:
        raise UsageProblem(_("The last day is no date. Nothing was issued.")) from None
    if end is not None and end < timezone.localdate():
        raise UsageProblem(_("The last day is past. Nothing was issued."))
    order = Order.objects.create(
        ref=str(version.ref), title=version.title, level=version.level.value, purpose=purpose, until=end,
        recipients=[{"operator": r.operator, "device": r.device, "ip": r.ip} for r in recipients],
        operator=actor.operator, device=actor.device, ip=actor.ip,
        state=Order.State.ASKED if approval.needed(version.level) else Order.State.AGREED,
    )  # fmt: skip
    if order.state == Order.State.AGREED:
        _start(order, actor)
    return redirect("issue-order", pk=order.pk)


def _start(order: Order, actor: Actor) -> None:
    order.job = jobs.start(KIND, actor, {"order": order.pk}).pk
    order.save(update_fields=["job"])


@work(KIND)
def issue(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:  # noqa: ARG001
    """Make and enter every copy of an order: each entry commits to its copy's bytes, which are made again when taken.

    Done again after a kill, it gives the copies entered before: the order's key is kept with them.
    """
    order = Order.objects.get(pk=arguments["order"])
    if order.state == Order.State.AGREED:
        recipients = [Recipient(**r) for r in order.recipients]
        wrapped = site.custody().version(order.ref).kind is Kind.OPAQUE
        with site.custody().office.staging("order") as folder:
            made = site.custody().issue_many(
                order.ref, recipients, folder, wrapped=wrapped,
                progress=lambda done, total: tell("enter", done, total),
            )  # fmt: skip
        with transaction.atomic():
            OrderedCopy.objects.bulk_create(OrderedCopy(copy=str(copy.id), order=order) for copy in made)
            order.state = Order.State.ISSUED
            order.save(update_fields=["state"])
    return {"copies": order.issued.count()}


@may("copy:list")
@require_GET
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its recipients, its approvals, its copies."""
    found = get_object_or_404(Order, pk=pk)
    actor = acting(request)
    job = Job.objects.filter(pk=found.job).first() if found.job else None
    may_approve = engine.decide(actor, "copy:approve").allowed
    issued = found.issued.values_list("copy", flat=True)[:200]
    copies = [site.custody().copy(copy) for copy in issued]
    context = {
        "order": found, "job": job, "failed": job is not None and job.state == Job.State.FAILED,
        "under_way": job is not None and not job.over and job.operator == actor.operator,
        "copies": copies, "rows": copies or found.recipients[:200], "may_approve": may_approve,
        "why_not": approval.why_not(found, actor) if may_approve else _("Approving needs the approver’s role."),
    }  # fmt: skip
    return render(request, "custody/order.html", context)


@may("copy:approve")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give or refuse the second approval; with it the copies are issued."""
    found, actor = get_object_or_404(Order, pk=pk), acting(request)
    agree, words = request.POST.get("agree") == "yes", request.POST.get("words", "").strip()
    if not agree and not words:
        raise UsageProblem(_("Declining needs a reason. Nothing was decided."))
    if found.state != Order.State.ASKED:
        raise Denied(_("This order does not wait for an approval."))
    approval.decide(found, actor, agree=agree, words=words)
    if agree:
        _start(found, actor)
    messages.success(
        request, _("Agreed; the copies are being entered.") if agree else _("Declined. Nothing was issued.")
    )
    return redirect("issue-order", pk=found.pk)
