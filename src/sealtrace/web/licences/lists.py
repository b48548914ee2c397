"""Control lists and case rules: what is in use, what runs out, drafts with what they change, release by another."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.licences import service
from sealtrace.licences.states import day_of
from sealtrace.policy import engine

from ..accounts.may import acting, may
from ..frame.views import status_of
from . import words
from .acts import UNPROCESSABLE, act, office, person

SHOWN_CHANGES = 200


@may("control-list:see")
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """The list in use, its alarms, the drafts."""
    return show_all(request)


def show_all(request: HttpRequest, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render the page of lists; with an error on top when a draft could not be taken."""
    held, today = service.controls(office()), day_of(office().clock.now())
    context = {
        "list": held, "entries": [(e, s.standing.value if (s := e.state(today)) else "") for e in held.entries],
        "alarms": service.alarms(office()), "drafts": list(reversed(service.drafts(office()))), "wrong": wrong,
        "screening": service.screening_lists(office()), "words": words.ALL,
        "digest": held.digest.hex(), "rules": service.case_rules(office()).digest.hex(),
    }  # fmt: skip
    return render(request, "licences/lists.html", context, status=status_of(wrong) if wrong else 200)


@may("control-list:edit")
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Begin or edit a draft from a file."""
    name, sent = request.POST.get("name", "").strip(), request.FILES.get("file")
    try:
        document = json.loads(sent.read()) if sent else {}
    except ValueError:
        document = {}
    try:
        service.draft(office(), person(request), name, document if isinstance(document, dict) else {})
    except SealtraceError as e:
        if status_of(e) != UNPROCESSABLE:
            raise
        return show_all(request, e)
    messages.success(request, _("Drafted. Somebody else puts it into use."))
    return redirect("licences-list", name)


@may("control-list:see")
@require_GET
def one(request: HttpRequest, name: str) -> HttpResponse:
    """One draft: what it changes in the list and in open work."""
    return show(request, name)


def show(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render a draft; with an error on top when something could not be done."""
    found = service.get_draft(office(), name)
    changes = service.changes(office(), name) if found.state == "open" else []
    context = {
        "draft": found, "changes": changes[:SHOWN_CHANGES], "more": max(0, len(changes) - SHOWN_CHANGES),
        "effects": service.effects(office(), name) if found.state == "open" else [], "wrong": wrong,
        "mine": person(request).id in found.editors, "editors": list(dict.fromkeys(found.editors)),
        "may_edit": engine.decide(acting(request), "control-list:edit").allowed,
        "rule_rows": [(part, found.document.get(part, ())) for part in ("flags", "routes")],
    }  # fmt: skip
    return render(request, "licences/draft.html", context, status=status_of(wrong) if wrong else 200)


@may("control-list:release")
@require_POST
def release(request: HttpRequest, name: str) -> HttpResponse:
    """Put a draft into use, as somebody who did not edit it."""
    return act(request, name, _("In use from now on."),
               lambda: service.release(office(), person(request), name, request.POST.get("reason", "")),
               show, "licences-list")  # fmt: skip


@may("control-list:edit")
@require_POST
def drop(request: HttpRequest, name: str) -> HttpResponse:
    """Give a draft up."""
    return act(request, name, _("Given up; what it said is kept."),
               lambda: service.drop(office(), person(request), name, request.POST.get("reason", "")),
               show, "licences-list")  # fmt: skip
