"""Guard a view by the policy: `@may("file:register")`. Every view has exactly one guard; a test walks them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from sealtrace.policy import engine
from sealtrace.policy.model import ANYTHING, Actor, Subject

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def acting(request: HttpRequest) -> Actor:
    """Who acts, on a view that is guarded."""
    actor: Actor | None = request.actor  # type: ignore[attr-defined]
    assert actor is not None, "the view has no guard"
    return actor


def may(action: str, of: Callable[..., Subject] | None = None) -> Callable[[View], View]:
    """Let a view run only when the policy allows `action`; `of` names what it is on, from the view's arguments.

    Nobody signed in: to the sign-in page. Denied: 403 and the reason.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = request.actor  # type: ignore[attr-defined]
            if actor is None:
                return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.get_full_path()})}")
            decision = engine.decide(actor, action, of(*args, **kwargs) if of else ANYTHING)
            if not decision.allowed:
                return render(request, "frame/denied.html", {"decision": decision}, status=403)
            return view(request, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        return cast("View", guarded)

    return guard


def everybody(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.action = None  # type: ignore[attr-defined]
    return view
