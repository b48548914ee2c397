"""Why is this allowed or denied? And the rules themselves."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from sealtrace.errors import NotRegistered, SealtraceError
from sealtrace.policy import engine
from sealtrace.policy.model import ANYTHING, Actor, DeviceState, Subject

from .. import site
from ..accounts import exemptions
from ..accounts.may import acting, may
from ..accounts.models import Operator
from ..viewer.readers import subject_of
from . import words

KINDS = ("File", "Copy", "Operator", "Office")


def subject_from(kind: str, name: str, operator: str) -> Subject:
    """What is asked about; a registered file comes with its level and its list. Raises NotRegistered."""
    if kind == "Office" or not name:
        return ANYTHING
    if kind == "File":
        return subject_of(site.custody().version(name), operator)
    return Subject(kind if kind in KINDS else "File", name)


def actor_from(asking: Actor, code: str) -> Actor:
    """The asking person, or another one as they would be on an enrolled device here. Raises NotRegistered."""
    if not code or code == asking.operator:
        return asking
    row = Operator.objects.select_related("organisation").filter(code=code).first()
    if row is None:
        raise NotRegistered(f"no operator has the code {code}", advice="Look at the list of operators.")
    return replace(
        asking, operator=row.code, device="none", organisation=row.organisation.code, roles=row.roles(),
        clearance=row.clearance, device_state=DeviceState.ENROLLED, stepped_up=False, purpose="",
        exemptions=exemptions.in_force(row.code, timezone.now()), advises=site.advises(row.organisation.code),
    )  # fmt: skip


@may("policy:why")
@require_GET
def why(request: HttpRequest) -> HttpResponse:
    """Pick an act and a record; see what decides and what is missing. Others' rights: for those who may audit."""
    actor, asked = acting(request), request.GET
    others = engine.decide(actor, "policy:see").allowed
    decision, problem = None, None
    if asked.get("deed"):
        try:
            who = actor_from(actor, asked.get("operator", "").strip() if others else "")
            subject = subject_from(
                asked.get("kind", "Office"), asked.get("subject", "").strip(), who.operator
            )
            decision = engine.explain(who, asked["deed"][:60], subject)
        except SealtraceError as e:
            from ..frame.views import words_of

            problem = words_of(e)
    return render(request, "policy/why.html", {
        "asked": asked, "actions": [(name, words.action(name)) for name in engine.actions()], "kinds": KINDS,
        "others": others, "lists": engine.decide(actor, "need:list").allowed, "decision": decision, "problem": problem,
        "needs": [words.need(name) for name in decision.needs] if decision else [],
        "rules": [reason for reason, _ in engine.rules()],
        "exception": decision is not None and not decision.allowed and decision.action in exemptions.POSSIBLE
        and bool(asked.get("subject")) and not asked.get("operator"),
        "longest": exemptions.LONGEST.days,
    }, status=404 if problem else 200)  # fmt: skip
