"""Changes of profiles: proposed by one person, reviewed by another; the person is told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.people import service, store
from sealtrace.people.access import Purpose

from ..accounts.may import may
from ..frame.views import status_of
from . import desk, file, forms


@may("person:keep")
@require_POST
def propose(request: HttpRequest, person: str) -> HttpResponse:
    """Propose another value of one field of an open file."""
    field = request.POST.get("field", "")

    def change() -> None:
        value = forms.new_value(store.profile(desk.office(), person), field, request.POST)
        service.propose_change(desk.office(), desk.me(request), person, field, value, desk.now())

    done = _("Proposed. Somebody else reviews it.")
    return desk.act(
        request, done, change, lambda e: file.page(request, person, e, f"change-{field}"), "people-file", person
    )  # fmt: skip


@may("person:review")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Changes that wait for a review; whom they are about sees that they were looked at."""
    return _page(request)


def _page(request: HttpRequest, wrong: SealtraceError | None = None, change: str = "") -> HttpResponse:
    granted = Purpose.DIRECTORY in desk.purposes(request)
    found = service.changes_waiting(desk.office(), desk.me(request), desk.now()) if granted else []
    context = {
        "changes": found, "granted": granted, "me": desk.me(request).id, "wrong": wrong, "on": change,
        "here": "changes", "said": request.POST if wrong else {},
    }  # fmt: skip
    return render(request, "people/changes.html", context, status=status_of(wrong) if wrong else 200)


@may("person:review")
@require_POST
def review(request: HttpRequest, change: str) -> HttpResponse:
    """Accept or refuse a change that somebody else proposed."""
    accept, reasons = request.POST.get("answer") == "accept", request.POST.get("reasons", "")
    done = _("Accepted; the person is told.") if accept else _("Refused; the person is told why.")
    return desk.act(
        request, done,
        lambda: service.review_change(
            desk.office(), desk.me(request), change, desk.now(), accept=accept, reasons=reasons
        ),
        lambda e: _page(request, e, change), "people-changes",
    )  # fmt: skip
