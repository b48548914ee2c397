"""The portal of applicants: their own cases, an application's form, what they hand in, answer and contest.

A case of somebody else is, for an applicant, no case.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import CaseUnknown, SealtraceError
from sealtrace.licences import service
from sealtrace.licences.review.case import Case

from ..accounts.may import may
from ..frame.views import status_of
from . import forms, words
from .acts import UNPROCESSABLE, act, office, person

TOLD = frozenset(
    {
        "opened", "saved", "submitted", "returned", "accepted", "amended", "questioned", "answered", "notified",
        "licensed", "appealed", "appeal-decided", "withdrawn",
    }
)  # fmt: skip
EDITABLE = ("draft", "returned", "review", "questioned")


def own_case(request: HttpRequest, name: str) -> Case:
    """A case that this person opened. Raises CaseUnknown for all others, so that names tell nothing."""
    found = service.get_case(office(), name)
    if found.applicant != person(request).id:
        raise CaseUnknown(f"there is no case {name!r} of yours")
    return found


@may("licence:apply")
@require_GET
def applications(request: HttpRequest) -> HttpResponse:
    """My applications, newest first."""
    rows = list(reversed(service.own_cases(office(), person(request).id)))
    return render(request, "licences/applications.html", {"rows": rows})


@may("licence:apply")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an application; what is typed stays when it can't be read."""
    document = forms.document(request.POST, {}) if request.method == "POST" else {}
    if request.method == "POST":
        try:
            made = service.open_case(office(), person(request), document)
        except SealtraceError as e:
            if status_of(e) != UNPROCESSABLE:
                raise
            return render(request, "licences/form.html", _form(document, e), status=UNPROCESSABLE)
        messages.success(request, _("Begun. Enclose the documents, then hand it in."))
        return redirect("applications-one", made.id)
    return render(request, "licences/form.html", _form(document, None))


def _form(
    document: dict[str, object], wrong: SealtraceError | None, spare_rows: int = 1
) -> dict[str, object]:
    try:
        lacking, unreadable = service.missing(service.read_application(document)), None
    except SealtraceError as e:
        lacking, unreadable = [], e
    return {
        "form": forms.fields(document, spare_rows=spare_rows), "wrong": wrong, "words": words.ALL, "lacking": lacking,
        "unreadable": unreadable,
    }  # fmt: skip


@may("licence:apply")
@require_GET
def one(request: HttpRequest, name: str) -> HttpResponse:
    """One of my applications."""
    return show(request, name)


def show(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render an application; with an error on top when something could not be done, and what was typed kept."""
    case = own_case(request, name)
    document = dict(case.versions[-1].document)
    if wrong is not None and "applicant_name" in request.POST:
        document = forms.document(request.POST, document)
    number = case.licence
    served = bool(number and case.notified_on)
    context = {
        **_form(document, wrong, int(case.state.value in EDITABLE)), "case": case, "number": number,
        "editable": case.state.value in EDITABLE, "timeline": [e for e in reversed(case.timeline) if e.kind in TOLD],
        "notice": service.notice(office(), name) if case.decision and case.notified_on else None,
        "text": service.signed_text(office(), number) if number and served else "",
        "held": service.account(office(), number) if number and served else None,
        "notices": [service.notice_of(office(), m.name) | {"count": m.name.rpartition("/")[2]}
                    for m in service.measures(office(), number)] if number else [],
        "versions": range(1, len(case.versions) + 1),
    }  # fmt: skip
    return render(request, "licences/application.html", context, status=status_of(wrong) if wrong else 200)


@may("licence:apply")
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """What the form as typed still lacks: a fragment that the form asks for as it is filled."""
    name = request.POST.get("case", "")
    before = own_case(request, name).versions[-1].document if name else {}
    try:
        found = service.missing(service.read_application(forms.document(request.POST, before)))
    except SealtraceError as e:
        return render(request, "licences/lacking.html", {"unreadable": e})
    return render(request, "licences/lacking.html", {"lacking": found})


@may("licence:apply")
@require_POST
def amend(request: HttpRequest, name: str) -> HttpResponse:
    """Begin an application that is to replace my licence: a copy of what was granted, to be changed."""
    case = own_case(request, name)
    if not case.licence or not case.notified_on:
        raise CaseUnknown(f"{name} has no licence that was served")
    document = dict(case.versions[-1].document)
    document["terms"] = {**document["terms"], "replaces": case.licence}
    made = service.open_case(office(), person(request), document)
    messages.success(request, _("Begun as a copy. Change what is to change, then hand it in."))
    return redirect("applications-one", made.id)


@may("licence:apply")
@require_POST
def save(request: HttpRequest, name: str) -> HttpResponse:
    """Save a new version: of a draft, or under review as an amendment."""
    case = own_case(request, name)
    document = forms.document(request.POST, case.versions[-1].document)
    keep = service.save if case.state.value in ("draft", "returned") else service.amend
    return act(request, name, _("Saved as a new version."),
               lambda: keep(office(), person(request), name, document), show, "applications-one")  # fmt: skip


@may("licence:apply")
@require_POST
def enclose(request: HttpRequest, name: str) -> HttpResponse:
    """Enclose a document."""
    own_case(request, name)
    sent = request.FILES.get("file")
    data, title = (sent.read(), sent.name or "") if sent else (b"", "")
    return act(request, name, _("The document is enclosed."),
               lambda: service.enclose(office(), person(request), name, data,
                                       service.Enclosure(request.POST.get("kind", "other")), title),
               show, "applications-one")  # fmt: skip


@may("licence:apply")
@require_POST
def submit(request: HttpRequest, name: str) -> HttpResponse:
    """Hand it in."""
    own_case(request, name)
    return act(request, name, _("Handed in."),
               lambda: service.submit(office(), person(request), name), show, "applications-one")  # fmt: skip


@may("licence:apply")
@require_POST
def answer(request: HttpRequest, name: str) -> HttpResponse:
    """Answer the open question."""
    own_case(request, name)
    return act(request, name, _("Answered. The clock goes on."),
               lambda: service.answer(office(), person(request), name, request.POST.get("text", "")),
               show, "applications-one")  # fmt: skip


@may("licence:apply")
@require_POST
def withdraw(request: HttpRequest, name: str) -> HttpResponse:
    """Withdraw it."""
    own_case(request, name)
    return act(request, name, _("Withdrawn."),
               lambda: service.withdraw(office(), person(request), name, request.POST.get("reason", "")),
               show, "applications-one")  # fmt: skip


@may("licence:apply")
@require_POST
def appeal(request: HttpRequest, name: str) -> HttpResponse:
    """Appeal against the decision."""
    own_case(request, name)
    return act(request, name, _("The appeal is lodged. Somebody who had no part in the decision hears it."),
               lambda: service.appeal(office(), person(request), name, request.POST.get("grounds", "")),
               show, "applications-one")  # fmt: skip
