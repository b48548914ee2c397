"""Reports to an authority: named fields of named people, for one purpose; prepared by one, approved by another."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.people import rules, submissions
from sealtrace.people.access import Purpose
from sealtrace.people.reports import MOST

from ..accounts.may import may
from ..frame.views import status_of
from . import desk, forms

FIELDS = ("names", "specialities", "education", "projects", "publications", "employments")
PER_PAGE = 50
assert set(FIELDS) == rules.TELLABLE, "the form offers what may be told"


@may("person:report")
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """Reports that wait and reports that were decided, newest first."""
    granted = Purpose.REPORT in desk.purposes(request)
    found = submissions.drafts(desk.office(), desk.me(request), desk.now()) if granted else []
    after = request.GET.get("after", "")
    start = next((n + 1 for n, one in enumerate(found) if one.id == after), 0)
    page = found[start : start + PER_PAGE]
    more = page[-1].id if start + PER_PAGE < len(found) else ""
    context = {
        "reports": page,
        "more": more,
        "granted": granted,
        "me": desk.me(request).id,
        "here": "reports",
    }
    return render(request, "people/reports.html", context)


@may("person:report")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Prepare a report; nothing is told by it."""
    if request.method == "GET":
        return _form(request)
    said, made = request.POST, []

    def prepare() -> None:
        people = said.get("people", "").split()
        scope = submissions.Scope(
            forms.text(said, "receiver", _("Receiver")), tuple(said.getlist("field")),
            forms.text(said, "purpose", _("Purpose")), forms.text(said, "clause", _("Legal clause")),
            forms.until(said, "keep", _("Keep until")), said.get("abroad") == "yes", said.get("consent", "").strip(),
        )  # fmt: skip
        made.append(submissions.prepare(desk.office(), desk.me(request), people, scope, desk.now()))

    answer = desk.act(
        request, _("Prepared. Somebody else approves it; nothing is told before that."), prepare,
        lambda e: _form(request, e), "people-reports",
    )  # fmt: skip
    return redirect("people-report", made[0]) if made else answer


def _form(request: HttpRequest, wrong: SealtraceError | None = None) -> HttpResponse:
    said = request.POST
    people = said.get("people") or " ".join(request.GET.getlist("person"))
    context = {
        "fields": FIELDS, "ticked": said.getlist("field"), "said": said, "people": people, "most": MOST,
        "wrong": wrong, "here": "reports",
    }  # fmt: skip
    return render(request, "people/report_new.html", context, status=status_of(wrong) if wrong else 200)


@may("person:report")
@require_GET
def report(request: HttpRequest, name: str) -> HttpResponse:
    """One report: what of whom, to whom, for what. Each person concerned sees the look."""
    return _page(request, name)


def _page(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    office, actor = desk.office(), desk.me(request)
    found = submissions.draft(office, name)
    scope = submissions.open_draft(office, actor, name, desk.now())
    context: dict[str, Any] = {
        "report": found, "scope": scope, "me": actor.id, "wrong": wrong, "here": "reports",
        "said": request.POST if wrong else {},
        "takes": found.outcome == "told" and actor.id in (found.preparer, found.approver),
    }  # fmt: skip
    return render(request, "people/report.html", context, status=status_of(wrong) if wrong else 200)


@may("person:report")
@require_POST
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Approve a report that somebody else prepared, or refuse it with the reason."""
    yes, reasons = request.POST.get("answer") == "approve", request.POST.get("reasons", "")

    def decided() -> object:
        if yes:
            return submissions.approve(desk.office(), desk.me(request), name, desk.now())
        return submissions.refuse(desk.office(), desk.me(request), name, reasons, desk.now())

    done = (
        _("Approved: each person concerned has the disclosure on their own page.") if yes else _("Refused.")
    )
    return desk.act(request, done, decided, lambda e: _page(request, name, e), "people-report", name)


@may("person:report")
@require_POST
def take(request: HttpRequest, name: str) -> HttpResponse:
    """The report as a file."""
    made = submissions.take(desk.office(), desk.me(request), name, desk.now())
    answer = HttpResponse(made.as_json(), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{made.id}.json"'
    return answer
