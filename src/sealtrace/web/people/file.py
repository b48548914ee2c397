"""A person's file: why it is opened is asked first; then the sections that the purpose covers, and what may be done."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import PurposeMissing, SealtraceError
from sealtrace.people.access import MAY_SEE, Purpose
from sealtrace.posts import places
from sealtrace.posts.checklist import Item
from sealtrace.rights import view

from ..accounts.may import may
from ..frame.views import status_of
from . import desk, forms

CHRONICLE = 50


@may("person:see")
@require_GET
def show(request: HttpRequest, person: str) -> HttpResponse:
    """The file, once it is known why; each opening is in the ledger before anything is shown."""
    if request.GET.get("purpose") or desk.why(request, person) is None:
        return _ask(request, person)
    return page(request, person)


def page(
    request: HttpRequest, person: str, wrong: SealtraceError | None = None, form: str = ""
) -> HttpResponse:
    """Render the file; with an error on top when an act could not be done, and what was typed where it was typed."""
    known = desk.why(request, person)
    if known is None:
        if wrong is not None:
            raise wrong
        return _ask(request, person)
    now = desk.now()
    found = view.open_file(desk.office(), desk.me(request), person, known.purpose, known.reason, now)
    context = {
        "file": found, "wrong": wrong, "form": form, "said": request.POST if wrong else {}, "now": now,
        "me": desk.me(request).id, **_doing(found), "here": "directory",
    }  # fmt: skip
    return render(request, "people/file.html", context, status=status_of(wrong) if wrong else 200)


def _doing(found: view.FileView) -> dict[str, Any]:
    """What this purpose lets somebody do on the page."""
    purpose = found.purpose
    acts = {
        Purpose.RESTRICTION: "people/_restriction_acts.html",
        Purpose.COMPENSATION: "people/_restriction_pay.html",
    }
    leaving = {one.designation for one in found.leavings}
    return {
        "acts": acts.get(purpose, ""),
        "fields": forms.editable(found.profile) if purpose is Purpose.DIRECTORY and found.profile else {},
        "posts": places.posts(desk.office()) if purpose is Purpose.DESIGNATION else [],
        "items": list(Item), "leaving": leaving, "covered": MAY_SEE[purpose],
    }  # fmt: skip


def _ask(request: HttpRequest, person: str, wrong: SealtraceError | None = None) -> HttpResponse:
    known = desk.why(request, person)
    chosen = request.POST.get("purpose") or request.GET.get("purpose") or (known.purpose if known else "")
    context = {
        "person": person, "purposes": [(p, sorted(MAY_SEE[p])) for p in desk.purposes(request)],
        "chosen": str(chosen), "wrong": wrong, "here": "directory",
        "reason": request.POST.get("reason", known.reason if known else ""),
    }  # fmt: skip
    return render(request, "people/why.html", context, status=status_of(wrong) if wrong else 200)


@may("person:see")
@require_POST
def ask(request: HttpRequest, person: str) -> HttpResponse:
    """Take the purpose and the reason; they are kept for the session and entered with each look."""
    said = request.POST
    try:
        reason = forms.text(said, "reason", _("Reason"))
        chosen = forms.text(said, "purpose", _("Purpose"))
        if chosen not in desk.purposes(request):
            raise PurposeMissing(f"the purpose {chosen} is not granted")
    except SealtraceError as e:
        return _ask(request, person, e)
    desk.remember(request, desk.Opened(person, Purpose(chosen), reason[:500]))
    return redirect("people-file", person)


@may("person:see")
@require_POST
def close(request: HttpRequest, person: str) -> HttpResponse:
    """Close the file; before it is opened again the reason is asked again."""
    desk.forget(request, person)
    return redirect("people")
