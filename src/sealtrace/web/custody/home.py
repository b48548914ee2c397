"""Home: what waits for me, what expires, how the ledger is, and where a leak is dropped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from sealtrace.custody import checked, publication
from sealtrace.errors import QuorumMissing
from sealtrace.policy import engine
from sealtrace.policy.model import Actor

from .. import site
from ..accounts.may import acting, may
from ..approvals import service as approvals
from ..jobs.models import Job
from ..policy.words import action as action_words
from . import entries, ordering, tracing
from .models import Leak, Order, Review

SOON = timedelta(days=30)
SHOWN = 10


@may("home:see")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The start page."""
    actor = acting(request)
    context = {
        "waiting": waiting(actor), "expiring": expiring(actor), "ledger": ledger_facts(),
        "rows": entries.latest(8), "may_trace": engine.decide(actor, "leak:trace").allowed,
        "chances": tracing.CHANCES,
    }  # fmt: skip
    return render(request, "custody/home.html", context)


def waiting(actor: Actor) -> list[dict[str, Any]]:
    """What this person is asked for, and what of theirs is under way or failed."""
    rows = list[dict[str, Any]]()
    for asked in approvals.pending(actor, now=timezone.now(), limit=SHOWN):
        small = _("Asked by %(who)s · purpose: %(why)s") % {"who": asked.by, "why": asked.reason}
        order = Order.objects.filter(request=asked.key).first() if asked.action == ordering.KIND else None
        if order is None:
            words = _("Approval: %(what)s") % {"what": action_words(asked.action)}
            rows.append(_row(words, small, reverse("policy-approval", args=[asked.key]), asked.asked_at))
            continue
        count = len(order.recipients)
        words = ngettext(
            "Second approval: issue %(ref)s to %(n)d person",
            "Second approval: issue %(ref)s to %(n)d people",
            count,
        ) % {"ref": order.ref, "n": count}
        rows.append(_row(words, small, reverse("issue-order", args=[order.pk]), order.created_at))
    for review in Review.objects.filter(operator=actor.operator, agrees=None)[:SHOWN]:
        small = _("Asked by %(who)s · needs a second person") % {"who": review.asked_by}
        words = _("Second look at trace %(id)s") % {"id": review.trace[:9]}
        rows.append(_row(words, small, reverse("trace-answer", args=[review.trace]), review.created_at))
    for order in Order.objects.filter(operator=actor.operator, state=Order.State.ASKED)[:SHOWN]:
        words = _("Your order of %(ref)s waits for the second approval") % {"ref": order.ref}
        rows.append(_row(words, order.purpose, reverse("issue-order", args=[order.pk]), order.created_at))
    since = timezone.now() - timedelta(days=1)
    for leak in Leak.objects.filter(operator=actor.operator, trace="", created_at__gt=since).order_by("-id")[
        :SHOWN
    ]:
        failed = Job.objects.filter(pk=leak.job or 0, state=Job.State.FAILED).exists()
        words = _("No answer yet: %(name)s") if failed else _("Being traced: %(name)s")
        small = _("The trace failed; nobody is named") if failed else _("You need not wait here")
        rows.append(
            _row(
                words % {"name": leak.pieces[0]["name"]},
                small,
                reverse("trace-run", args=[leak.pk]),
                leak.created_at,
            )
        )
    return rows


def _row(words: str, small: str, address: str, at: Any) -> dict[str, Any]:
    return {"words": words, "small": small, "address": address, "at": at}


def expiring(actor: Actor) -> list[dict[str, Any]]:
    """Copies whose last day comes soon: one's own orders, and all of them for approvers."""
    today = timezone.localdate()
    found = Order.objects.filter(state=Order.State.ISSUED, until__gte=today, until__lte=today + SOON)
    if not engine.decide(actor, "copy:approve").allowed:
        found = found.filter(operator=actor.operator)
    return [
        {"order": order, "days": (order.until - today).days, "soon": (order.until - today).days <= 7}
        for order in found.order_by("until", "id")[:SHOWN]
        if order.until is not None
    ]


def ledger_facts() -> dict[str, Any]:
    """Size, the checkpoint's time, and who cosigned it of those asked."""
    office = site.custody().office
    row = office.db.execute("SELECT at FROM head").fetchone()
    asked = publication.policy(office)
    try:
        signed = asked.satisfied(office.ledger.checkpoint())
    except QuorumMissing:
        signed = []
    return {
        "size": office.ledger.size(), "at": row[0] if row else None, "asked": len(asked.witnesses),
        "checked": checked.last(office.home.folder),
        "needed": asked.needed, "signed": signed, "lacking": len(signed) < asked.needed,
    }  # fmt: skip
