"""Editing control lists and case rules in fields: each save is an edit of a draft, which somebody else releases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sealtrace.catalogue.instruments import What
from sealtrace.errors import SealtraceError, UsageProblem
from sealtrace.licences import editing, service
from sealtrace.licences.review.application import PARTS
from sealtrace.licences.review.routing import SETS
from sealtrace.licences.states import day_of

from ..accounts.may import may
from ..frame.views import status_of
from . import lists, words
from .acts import UNPROCESSABLE, office, person

KINDS = ("control-list", "case-rules")
RULE_PARTS = ("flags", "routes")
NEW = "-"  # the name of what is not there yet
Document = dict[str, Any]


@may("control-list:edit")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft of what is in use, to be edited in fields."""
    name, kind = request.POST.get("name", "").strip(), request.POST.get("kind", "")
    try:
        if kind not in KINDS:
            raise UsageProblem(f"there is no document of the kind {kind!r}")
        if any(d.name == name for d in service.drafts(office())):
            raise UsageProblem(f"there is a draft {name!r} already")
        version = day_of(office().clock.now()).isoformat()
        service.draft(
            office(), person(request), name, editing.begin(service.current(office(), kind), version)
        )
    except SealtraceError as e:
        if status_of(e) != UNPROCESSABLE:
            raise
        return lists.show_all(request, e)
    messages.success(request, _("Drafted. Edit it below; nothing uses it before somebody else releases it."))
    return redirect("licences-list", name)


def edited(
    request: HttpRequest, name: str, change: Callable[[Document, QueryDict], Document], template: str,
    fields: Callable[[Document, QueryDict | None], dict[str, Any]],
) -> HttpResponse:  # fmt: skip
    """The form of one part of a draft, and its saving. What can't be taken stays typed, with the reason on top."""
    draft = service.get_draft(office(), name)
    document: Document = dict(draft.document)
    context: dict[str, Any] = {"draft": draft, "words": words.ALL, "wrong": None}
    if request.method != "POST":
        return render(request, template, {**context, **fields(document, None)})
    try:
        service.draft(office(), person(request), name, change(document, request.POST))
    except SealtraceError as e:
        if status_of(e) != UNPROCESSABLE:
            raise
        context |= {"wrong": e, **fields(document, request.POST)}
        return render(request, template, context, status=UNPROCESSABLE)
    messages.success(request, _("Saved in the draft."))
    return redirect("licences-list", name)


# -- entries and instruments ----------------------------------------------------------------------


@may("control-list:edit")
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, name: str, code: str) -> HttpResponse:
    """Edit one entry of a list, or write a new one."""
    known = "" if code == NEW else code

    def change(document: Document, said: QueryDict) -> Document:
        typed: Document = {k: said.get(k, "").strip() for k in editing.ENTRY_TEXTS if k in said}
        typed |= {k: _words(said.get(k, "")) for k in editing.ENTRY_LISTS if k in said}
        typed |= {
            "open": "open" in said,
            "named": [n for n in said.get("named", "").splitlines() if n.strip()],
        }
        return editing.with_entry(document, known, typed)

    def fields(document: Document, said: QueryDict | None) -> Document:
        held = editing.row(document, "entries", known) if known else {}
        texts = {k: held.get(k, "") for k in editing.ENTRY_TEXTS}
        texts |= {k: " ".join(map(str, held.get(k, ()))) for k in editing.ENTRY_LISTS}
        texts["named"] = "\n".join(
            f"{n['zh']} | {n.get('en', '')} | {' '.join(n['of'])}" for n in held.get("named", ())
        )
        shown = {k: said.get(k, "") for k in texts} if said is not None else texts
        return {
            "code": known, "e": shown, "open": "open" in said if said is not None else held.get("open", False),
            "instruments": document["instruments"], "confidences": editing.CONFIDENCE,
            "forms": sorted({e["form"] for e in document["entries"]}),
        }  # fmt: skip

    return edited(request, name, change, "licences/edit_entry.html", fields)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace("，", " ").split()


@may("control-list:edit")
@require_http_methods(["GET", "POST"])
def instrument(request: HttpRequest, name: str, number: str) -> HttpResponse:
    """Add an event to an instrument, or a new instrument."""

    def change(document: Document, said: QueryDict) -> Document:
        typed: Document = {
            k: said.get(k, "").strip() for k in (*editing.EVENT_TEXTS, "id", "zh", "en") if k in said
        }
        if number == NEW:
            return editing.with_instrument(document, {"id": "", "zh": "", "en": "", "date": ""} | typed)
        return editing.with_event(document, number, typed | {"parts": _words(said.get("parts", ""))})

    def fields(document: Document, said: QueryDict | None) -> Document:
        held: Document = next((i for i in document["instruments"] if i["id"] == number), {})
        return {
            "number": "" if number == NEW else number,
            "held": held,
            "said": said or {},
            "events": list(What),
        }

    return edited(request, name, change, "licences/edit_instrument.html", fields)


# -- rules ----------------------------------------------------------------------------------------


@may("control-list:edit")
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, name: str, part: str, rule_id: str) -> HttpResponse:
    """Write a flag or a route anew from a day on, end it, or begin a new one."""
    known = "" if rule_id == NEW else rule_id

    def change(document: Document, said: QueryDict) -> Document:
        if part not in RULE_PARTS:
            raise UsageProblem(f"rules have no part {part!r}")
        typed: Document = {k: said.get(k, "").strip() for k in ("id", "zh", "en", "department") if k in said}
        typed |= {
            "when": editing.condition({k: str(v) for k, v in said.dict().items()}),
            "parts": said.getlist("part"),
            "ends": "ends" in said,
        }
        if part == "routes":
            typed["working_days"] = _number(said.get("working_days", ""))
        return editing.with_rule(document, part, known, typed, _day(said.get("from", "")))

    def fields(document: Document, said: QueryDict | None) -> Document:
        held = editing.row(document, part, known) if known else {}
        when = held.get("when", {})
        sets = {k: ", ".join(when.get(k, ())) for k in SETS}
        shown = held if said is None else said.dict()
        return {
            "part": part, "rule": known, "r": shown, "parts": [(p, words.PARTS[p]) for p in PARTS],
            "chosen": said.getlist("part") if said is not None else held.get("parts", ()),
            "sets": [(k, said.get(k, "") if said is not None else v) for k, v in sets.items()],
            "kilograms": said.get("element_kg_from", "") if said is not None else when.get("element_kg_from", ""),
            "abroad": {True: "yes", False: "no"}.get(when.get("consignee_abroad"), ""),
            "today": day_of(office().clock.now()).isoformat(),
        }  # fmt: skip

    return edited(request, name, change, "licences/edit_rule.html", fields)


@may("control-list:edit")
@require_http_methods(["GET", "POST"])
def criterion(request: HttpRequest, name: str, criterion_id: str) -> HttpResponse:
    """Word a criterion anew, or write a new one."""
    known = "" if criterion_id == NEW else criterion_id

    def change(document: Document, said: QueryDict) -> Document:
        typed = {k: said.get(k, "").strip() for k in ("id", "zh", "en")}
        if not all(typed.values()):
            raise UsageProblem("a criterion has a name and its words in both languages")
        return editing.with_criterion(document, known or typed["id"], typed["zh"], typed["en"])

    def fields(document: Document, said: QueryDict | None) -> Document:
        held = editing.row(document, "criteria", known) if known else {}
        return {"known": known, "c": held if said is None else said.dict()}

    return edited(request, name, change, "licences/edit_criterion.html", fields)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageProblem(f"{text!r} is no day written YYYY-MM-DD") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageProblem(f"{text!r} is no whole number")
    return int(text)
