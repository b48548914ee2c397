"""The traveller's screens: whether declaring is a duty, own journeys, declaring, files, delegates, what follows.

Companions are shown to the traveller alone, on these pages alone; the policy's action `family:see` says so.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import NotRegistered, SealtraceError, UsageProblem
from sealtrace.people import gates, petitions
from sealtrace.people.gates import Module
from sealtrace.people.imports import Imported
from sealtrace.policy import engine
from sealtrace.policy.model import Subject
from sealtrace.travel import journeys as engine_journeys
from sealtrace.travel import service
from sealtrace.travel.journeys import Journey

from ..accounts.may import acting, may
from ..frame.views import status_of
from . import forms
from .countries import choices
from .desk import TELLS_ON_THE_PAGE, UNPROCESSABLE, act, day, grounds, in_directory, me, now, office, said
from .words import RELATIONSHIPS

MOST_ROWS, MOST_BYTES = 500, 1 << 20
MY_JOURNEY, EXAMPLE = "own journey", "per-7K2M0QXA"


def may_see_family(request: HttpRequest, person: str) -> bool:
    """Whether this request may be shown who travels along; only the traveller's own may."""
    actor = acting(request)
    owner = actor.operator if me(request).id == person else person
    return engine.decide(actor, "family:see", Subject("Person", person, {"requester": owner})).allowed


def without_family(one: Journey) -> Journey:
    """A journey as everybody but the traveller sees it."""
    return replace(one, plan=replace(one.plan, companions=()))


@may("journey:own")
@require_GET
def journeys(request: HttpRequest) -> HttpResponse:
    """My journeys: the duty, what is due, each journey, who may declare for me."""
    return show(request)


def show(request: HttpRequest, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render my journeys, with an error on top when something could not be done."""
    who, at = me(request), now()
    context: dict[str, Any] = {
        "wrong": wrong,
        "on": gates.state(office(), at)[Module.TRAVEL],
        "typed": request.POST,
    }
    if in_directory(who):
        own = service.own(office(), who, at)
        ahead = [j for j in own.journeys if j.plan.returns_at > at and "withdrawn" not in j.happened]
        context |= {
            "own": own, "ahead": ahead, "past": [j for j in reversed(own.journeys) if j not in ahead],
            "until_most": (at + timedelta(days=365)).date(),
        }  # fmt: skip
    else:
        context["travellers"] = service.delegations(office(), at, delegate=who.id)
    return render(request, "travel/journeys.html", context, status=status_of(wrong) if wrong else 200)


@may("journey:declare")
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Declare a journey: one's own, or somebody else's who named one, or as the office of a designated person."""
    who, at = me(request), now()
    person = (request.POST.get("person") or request.GET.get("for") or who.id).strip()
    form = forms.typed(request.POST) if request.method == "POST" else forms.empty()
    if person != who.id:
        form.companions = []
    wrong: SealtraceError | None = None
    if request.method == "POST" and not request.POST.get("add"):
        plan = forms.plan(form)
        if plan is not None:
            try:
                name = service.declare(office(), who, person, plan, at)
            except SealtraceError as e:
                if status_of(e) not in (*TELLS_ON_THE_PAGE, 404):
                    raise
                wrong = e
            else:
                messages.success(request, _("Declared as %(name)s.") % {"name": name})
                return redirect("travel-mine", name) if person == who.id else redirect("travel")
    mine = person == who.id
    own = service.own(office(), who, at) if mine and in_directory(who) else None
    context = {
        "form": form, "wrong": wrong, "relationships": RELATIONSHIPS.items(), "mine": mine, "person": person,
        "countries": choices(),
        "own": own, "duty": own.duty if own else None,
        "listed": in_directory(who) or not mine, "on": gates.state(office(), at)[Module.TRAVEL],
    }  # fmt: skip
    failed = wrong is not None or bool(form.errors)
    return render(request, "travel/declare.html", context, status=UNPROCESSABLE if failed else 200)


@may("journey:declare")
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """Declare the journeys of a file or of pasted rows; each row is declared or told why not."""
    done: Imported | None = None
    wrong: SealtraceError | None = None
    only_check, who = request.POST.get("do") != "declare", me(request)
    if request.method == "POST":
        try:
            done = _declared(request, only_check=only_check)
        except SealtraceError as e:
            if status_of(e) not in TELLS_ON_THE_PAGE:
                raise
            wrong = e
    context = {
        "done": done, "wrong": wrong, "rows": request.POST.get("rows", ""), "checked": only_check,
        "columns": ",".join(service.COLUMNS), "person": who.id if in_directory(who) else EXAMPLE,
    }  # fmt: skip
    return render(request, "travel/bulk.html", context, status=status_of(wrong) if wrong else 200)


def _declared(request: HttpRequest, *, only_check: bool) -> Imported:
    """What becomes of the rows that were sent."""
    sent, rows = request.FILES.get("file"), request.POST.get("rows", "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journeys.csv"
        if isinstance(sent, UploadedFile):
            if (sent.size or 0) > MOST_BYTES:
                raise UsageProblem(_("The file is larger than 1 MiB."), advice=_("Bring it in parts."))
            path = path.with_suffix(".xlsx" if (sent.name or "").lower().endswith(".xlsx") else ".csv")
            path.write_bytes(sent.read())
        elif rows.strip():
            path.write_text(rows, "utf-8")
            if len(rows.splitlines()) > MOST_ROWS + 1:
                raise UsageProblem(
                    _("More than %(n)d rows at once.") % {"n": MOST_ROWS}, advice=_("Bring it in parts.")
                )
        else:
            raise UsageProblem(
                _("Choose a file or paste rows."), advice=_("The first row names the columns.")
            )
        return service.declare_many(office(), me(request), path, now(), dry_run=only_check)


@may("journey:declare")
@require_POST
def delegate(request: HttpRequest) -> HttpResponse:
    """Let somebody declare my journeys until a day."""

    def do() -> None:
        other, until = said(request, "account", _("Whom")), day(request.POST.get("until", ""), end=True)
        service.delegate(office(), me(request), other, until, now())

    done = _("They may declare your journeys until then. You are told of each one.")
    return act(request, done, do, lambda e: show(request, e), "travel")


@may("journey:declare")
@require_POST
def end_delegation(request: HttpRequest, account: str) -> HttpResponse:
    """Let somebody declare my journeys no longer."""
    done = _("They may declare for you no longer.")
    return act(request, done, lambda: service.end_delegation(office(), me(request), account, now()),
               lambda e: show(request, e), "travel")  # fmt: skip


def _own(request: HttpRequest, name: str) -> Journey:
    """A journey of mine. Raises NotRegistered for all others, so that names tell nothing."""
    who = me(request)
    if engine_journeys.row_of(office(), name)["person"] != who.id:
        raise NotRegistered(
            f"there is no journey {name!r} of yours", advice=_("Open it from the list again.")
        )
    return service.show(office(), who, name, MY_JOURNEY, now())


@may("journey:own")
@require_GET
def journey(request: HttpRequest, journey: str) -> HttpResponse:
    """One of my journeys: where it stands, what was said, what I can do now."""
    return show_one(request, journey)


def show_one(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render one of my journeys, with an error on top when something could not be done."""
    one, at = _own(request, name), now()
    context = {
        "journey": one if may_see_family(request, one.person) else without_family(one), "wrong": wrong, "at": at,
        "history": engine_journeys.history(office(), name), "typed": request.POST, "stages": stages(one, at),
        "begun": at >= one.plan.leaves_at, "over": at >= one.plan.returns_at,
    }  # fmt: skip
    return render(request, "travel/mine.html", context, status=status_of(wrong) if wrong else 200)


def stages(one: Journey, at: Any) -> list[tuple[str, str]]:
    """The way of a journey: each stage with done, now, fail or nothing yet."""
    steps = [("declared", True)]
    if one.required:
        steps += [
            ("opinions", one.decision is not None or len(one.opinions) == 2),
            ("decision", one.decision is not None),
        ]
    steps += [("briefing", "briefed" in one.happened), ("journey", at >= one.plan.returns_at)]
    steps.append(("report", "reported" in one.happened))
    refused = one.decision is not None and not one.decision.allowed
    made, current = [], False
    for name, done in steps:
        if done:
            made.append((name, "fail" if name == "decision" and refused else "done"))
        elif not current and not refused and "withdrawn" not in one.happened and _reached(name, one, at):
            made.append((name, "now"))
            current = True
        else:
            made.append((name, ""))
    return made


def _reached(name: str, one: Journey, at: Any) -> bool:
    """Whether a stage that is not done can be the present one; a voluntary journey needs no briefing."""
    if name == "briefing":
        return one.required and at < one.plan.leaves_at
    return True


@may("journey:own")
@require_POST
def note(request: HttpRequest, journey: str) -> HttpResponse:
    """Tell of a change, report after the journey, or give it up."""
    _own(request, journey)
    kind = request.POST.get("kind", "")
    done = {"changed": _("The change is entered."), "reported": _("The report is entered."),
            "withdrawn": _("The journey is given up.")}.get(kind, "")  # fmt: skip

    def do() -> None:
        if not done:
            raise UsageProblem(f"{kind!r} is nothing a traveller notes")
        service.note(
            office(), me(request), journey, kind, said(request, "text", _("What you want to say")), now()
        )

    return act(request, done, do, lambda e: show_one(request, journey, e), "travel-mine", journey)


@may("journey:own")
@require_POST
def appeal(request: HttpRequest, journey: str) -> HttpResponse:
    """Contest the decision; somebody who took no part answers."""
    _own(request, journey)

    def do() -> None:
        petitions.make(
            office(), me(request), petitions.Kind.APPEAL, f"journey:{journey}", grounds(request),
            now(), decided_by=engine_journeys.decider_of(office(), journey),
        )  # fmt: skip

    done = _("The appeal is lodged. Somebody who took no part answers it.")
    return act(request, done, do, lambda e: show_one(request, journey, e), "travel-mine", journey)


@may("journey:own")
@require_GET
def calendar_file(request: HttpRequest) -> HttpResponse:
    """My journeys as an iCalendar file, without companions and contacts."""
    at = now()
    found = [j for j in service.own(office(), me(request), at).journeys if "withdrawn" not in j.happened]
    return as_file(engine_journeys.as_calendar(found, at), "journeys.ics")


def as_file(text: str, name: str) -> HttpResponse:
    """A calendar to download."""
    return HttpResponse(
        text, content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
