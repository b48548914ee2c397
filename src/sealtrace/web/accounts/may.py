"""Guard a view by the policy: `@may("file:register")`. Every view has exactly one guard; a test walks them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from sealtrace.errors import MalformedCode, NotRegistered
from sealtrace.policy import engine
from sealtrace.policy.model import ANYTHING, Actor, Subject

from ..audit import service as audit
from ..audit.models import Line

READS = frozenset(
    {"audit:see", "copy:list", "package:list", "leak:see", "evidence:export", "operator:list", "case:see"}
)

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def acting(request: HttpRequest) -> Actor:
    """Who acts, on a view that is guarded."""
    actor: Actor | None = request.actor  # type: ignore[attr-defined]
    assert actor is not None, "the view has no guard"
    return actor


def may(
    action: str, of: Callable[..., Subject] | None = None, *, step_up: bool = False
) -> Callable[[View], View]:
    """Let a view run only when the policy allows `action`; `of` names what it is on, from the request and
    the view's arguments.

    Nobody signed in: to the sign-in page. Denied: 403 and the reason, and the denial is recorded. Allowed but for a
    fresh confirmation, which rule P-21 asks for and `step_up` asks for anywhere: a page is shown after confirming, a
    form is refused with the way to confirm.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = request.actor  # type: ignore[attr-defined]
            if actor is None:
                return elsewhere(request, "sign-in")
            try:
                subject = of(request, *args, **kwargs) if of else ANYTHING
            except (NotRegistered, MalformedCode):  # only who may act at all is told which names are in use
                if engine.decide(actor, action).allowed:
                    raise
                subject = ANYTHING
            decision = engine.decide(actor, action, subject)
            if decision.step_up or (decision.allowed and step_up and not actor.stepped_up):
                return to_confirm(request)
            if not decision.allowed:
                return denied(request, actor, action, subject)
            if action in READS and request.method == "GET":
                audit.keep(Line.Kind.READ, actor, action, subject, "", now=timezone.now())
            return view(request, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        guarded.step_up = step_up  # type: ignore[attr-defined]
        return cast("View", guarded)

    return guard


def elsewhere(request: HttpRequest, name: str, following: str | None = None) -> HttpResponse:
    """Send the browser to another page that leads back here; for a part of a page, the whole page goes."""
    address = f"{reverse(name)}?{urlencode({'next': following or request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def to_confirm(request: HttpRequest) -> HttpResponse:
    """Ask for a confirmation: at once for a page, before sending again for a form."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return elsewhere(request, "confirm")
    here = urlsplit(request.headers.get("Referer", ""))
    back = here.path if here.netloc == request.get_host() else "/"
    if request.headers.get("HX-Request"):
        return elsewhere(request, "confirm", back)
    return render(request, "accounts/confirm_first.html", {"back": back}, status=403)


def denied(request: HttpRequest, actor: Actor, action: str, subject: Subject) -> HttpResponse:
    """Show why not, and record that it was asked for."""
    decision = engine.explain(actor, action, subject)
    audit.keep_denial(actor, decision, subject, now=timezone.now())
    return render(request, "frame/denied.html", {"decision": decision, "subject": subject}, status=403)


def everybody(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.action = None  # type: ignore[attr-defined]
    return view
