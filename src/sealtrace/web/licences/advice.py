"""Advice by departments with accounts of their own: what their department is asked, that much of it, their answer.

The policy decides with the case at hand: rule P-171 knows on which departments' advice it was asked. A case on which it
was not asked is for them no case, whether it exists or not.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import CaseUnknown, SealtraceError, UsageProblem
from sealtrace.licences import service
from sealtrace.licences.review.case import Advice, Case, Version
from sealtrace.licences.states import day_of
from sealtrace.policy.model import Subject

from .. import site
from ..accounts.may import acting, may
from ..frame.views import status_of
from . import words
from .acts import act, office, person
from .papers import attached, title_of

ROWS = 50


def _case(_request: HttpRequest, name: str, **_more: str) -> Subject:
    """The case as the policy sees it; one that is not there has asked nobody."""
    try:
        asked = {a.department for a in service.get_case(office(), name).advice}
    except CaseUnknown:
        asked = set()
    return Subject("Case", name, {"asked": tuple(sorted(asked))})


@may("licence:consulted")
@require_GET
def advice(request: HttpRequest) -> HttpResponse:
    """What my department is asked: what waits, by its day; then what was answered, newest first."""
    mine, waiting = acting(request).advises, request.GET.get("view") != "given"
    due, _mark, name = request.GET.get("after", "").partition(" ")
    after = (due, name) if name else None
    found = service.consultations(office(), mine, waiting=waiting, after=after, limit=ROWS + 1)
    rows, today = found[:ROWS], _today().isoformat()
    context = {
        "rows": [(r, service.get_case(office(), r.id), waiting and r.due < today) for r in rows],
        "waiting": waiting, "department": mine,
        "more": f"{rows[-1].due} {rows[-1].id}" if len(found) > ROWS else "",
    }  # fmt: skip
    return render(request, "licences/advice.html", context)


def _today() -> date:
    return day_of(office().clock.now())


@may("licence:consult", of=_case)
@require_GET
def one(request: HttpRequest, name: str) -> HttpResponse:
    """The parts of a case that my department is asked about, and its advice."""
    return show(request, name)


def show(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render it; with an error on top when the advice could not be given, and what was typed kept."""
    case, mine = service.get_case(office(), name), acting(request).advises
    asked, held = _held(case, mine)
    open_case = case.state.value in ("review", "questioned")
    context: dict[str, Any] = {
        "case": case, "asked": asked, "held": held, "wrong": wrong, "words": words.ALL, "department": mine,
        "parts": {p: held.document[p] for p in asked.parts}, "said": request.POST if wrong else {}, "today": _today(),
        "can": open_case and (asked.open or asked.amendable(_today())),
        "goods": [g for g in (case.assessment or {"goods": ()})["goods"]
                  if "goods" in asked.parts and case.assessed_version == held.number],
        "given": [e for e in case.timeline if e.kind == "advised" and e.body["department"] == mine],
    }  # fmt: skip
    return render(request, "licences/advice_one.html", context, status=status_of(wrong) if wrong else 200)


def _held(case: Case, department: str) -> tuple[Advice, Version]:
    """The department's newest question, and the version it is about: the newest while that is what was asked."""
    asked = [a for a in case.advice if a.department == department][-1]
    return asked, case.versions[asked.version - 1] if asked.stale else case.versions[-1]


@may("licence:consult", of=_case)
@require_POST
def give(request: HttpRequest, name: str) -> HttpResponse:
    """Give my department's advice, or amend it until its day."""
    said, mine = request.POST, acting(request).advises
    return act(request, name, _("The advice is on record."),
               lambda: service.advise(office(), person(request), name, mine, said.get("view", ""),
                                      said.get("reason", ""), said.get("conditions", ""),
                                      dissent=said.get("dissent", "")), show, "advice-one")  # fmt: skip


@may("licence:consult", of=_case)
@require_GET
def document(request: HttpRequest, name: str, sha256: str) -> HttpResponse:
    """A document that the version encloses, where documents are among the parts asked about."""
    case = service.get_case(office(), name)
    asked, held = _held(case, acting(request).advises)
    if "documents" not in asked.parts or all(d["id"] != sha256 for d in held.document["documents"]):
        raise CaseUnknown(f"{name} shows no document {sha256[:16]!r} to your department")
    return attached(service.enclosure(office(), name, sha256), title_of(case, sha256))


def on_behalf(department: str, paper: str) -> date | None:
    """The day of the paper that the desk enters advice from; needed where the department has accounts of its own.

    Raises:
        UsageProblem: it has accounts and no paper is named, or the day can't be read.
    """
    if not paper.strip():
        if department in site.advising():
            raise UsageProblem(
                f"{department} gives its advice by its own accounts",
                advice="Enter only what came on paper, with the day of the paper.",
            )
        return None
    try:
        return date.fromisoformat(paper.strip())
    except ValueError:
        raise UsageProblem(f"{paper!r} is no day") from None
