"""The second reviewer of a trace: ask one, and say what one finds. What is said is an entry in the ledger."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sealtrace.errors import Denied, UsageProblem
from sealtrace.policy.model import Actor, Role

from .. import deeds, site
from ..accounts.may import acting, may
from ..accounts.models import Operator
from .models import Review


def first_operator(trace: str) -> str | None:
    """Who ran a trace, as the ledger has it."""
    asked = site.custody().recall(trace).asked
    return asked.operator if asked else None


def may_review(actor: Actor, trace: str, ran: str | None) -> bool:
    """Whether this person may look at a trace as its second reviewer: asked to, another one, not yet heard."""
    waiting = Review.objects.filter(trace=trace, operator=actor.operator, agrees=None)
    return actor.operator != ran and waiting.exists()


@may("leak:trace")
@require_POST
def ask(request: HttpRequest, trace: str) -> HttpResponse:
    """Ask another tracer to look at a trace.

    Raises:
        UsageProblem: nobody of this code traces, or it is who ran the trace.
    """
    actor, code = acting(request), request.POST.get("reviewer", "").strip()
    reviewer = Operator.objects.filter(code=code, is_active=True).first()
    if reviewer is None or Role.TRACER not in reviewer.roles():
        raise UsageProblem(
            _("There is no tracer with this code."), advice=_("Give the code of another tracer.")
        )
    if code in (actor.operator, first_operator(trace)):
        raise UsageProblem(
            _("The second reviewer is another person."), advice=_("Give the code of another tracer.")
        )
    Review.objects.get_or_create(trace=trace, operator=code, defaults={"asked_by": actor.operator})
    messages.success(request, _("%(code)s was asked for a second look.") % {"code": code})
    return redirect("trace-answer", trace=trace)


@may("leak:see")
@require_POST
def review(request: HttpRequest, trace: str) -> HttpResponse:
    """Say what the second look found.

    Raises:
        Denied: who says it was not asked, or has said it before.
    """
    actor = acting(request)
    if not may_review(actor, trace, first_operator(trace)):
        raise Denied(_("You were not asked for a second look at this trace, or have given it."))
    agrees, words = request.POST.get("agrees") == "yes", request.POST.get("words", "").strip()[:500]
    with deeds.together() as enter:
        entry = enter("leak:reviewed", trace, {
            "trace": trace, "agrees": int(agrees), "words": words, "operator": actor.operator,
            "device": actor.device, "ip": actor.ip,
        })  # fmt: skip
        Review.objects.filter(trace=trace, operator=actor.operator, agrees=None).update(
            agrees=agrees, words=words, entry=entry
        )
    return redirect("trace-answer", trace=trace)
