"""The directory: find somebody for a reason, enter one person, enter many from a file. Nobody lists everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import SealtraceError, UsageProblem
from sealtrace.people import gates, imports, service
from sealtrace.people.access import Purpose

from ..accounts.may import acting, may
from ..custody import intake
from ..frame.views import status_of
from . import desk, forms

IMPORT = "people import"
ROWS_SHOWN = 200


@may("person:list")
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The start of the directory: the search, and the files open in this session."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "count": service.count(desk.office()), "opened": desk.opened(request), "said": request.POST,
        "on": gates.state(desk.office(), desk.now())[gates.Module.DIRECTORY],
        "granted": Purpose.DIRECTORY in desk.purposes(request), "most": service.MOST_FOUND, "here": "directory",
        **more,
    }  # fmt: skip
    return render(request, "people/directory.html", context, status=status)


@may("person:list")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Find people by a part of a name. Posted, since each one found is a ledger entry that the person sees."""
    said = request.POST
    wanted, reason, after = said.get("text", ""), said.get("reason", ""), said.get("after", "")
    try:
        forms.text(said, "text", _("Part of a name"))
        forms.text(said, "reason", _("Reason"))
        found = service.find(desk.office(), desk.me(request), wanted, reason, desk.now(), after=after)
    except SealtraceError as e:
        if status_of(e) not in desk.TELLS_ON_THE_PAGE:
            raise
        return _page(request, status_of(e), wrong=e)
    more = found[-1].id if len(found) == service.MOST_FOUND else ""
    return _page(request, found=found, more=more, after=after)


@may("person:keep")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Enter one person. Own spellings and the ORCID iD are for the person to give."""
    if request.method == "GET":
        return render(request, "people/add.html", {"said": {}, "here": "directory"})
    made = []

    def enter() -> None:
        profile, accounts = forms.person(request.POST)
        made.append(service.add(desk.office(), desk.me(request), profile, desk.now(), accounts=accounts))

    def wrong(e: SealtraceError) -> HttpResponse:
        context = {"said": request.POST, "wrong": e, "here": "directory"}
        return render(request, "people/add.html", context, status=status_of(e))

    answer = desk.act(request, _("Entered in the directory."), enter, wrong, "people")
    if made:
        reason = _("just entered")
        desk.remember(request, desk.Opened(made[0].id, Purpose.DIRECTORY, reason))
        return redirect("people-file", made[0].id)
    return answer


@may("person:keep")
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Bring a CSV or XLSX file: what would be entered and each row that would not, before anything is written."""
    place = f"{intake.LOOKED_AT}-people-{acting(request).operator}"
    intake.forget(place)  # what was looked at before and not entered
    intake.forget_looked_at()
    if request.method == "GET":
        return _import_page(request)
    try:
        desk.require(request, Purpose.DIRECTORY)
        [kept, *_rest] = intake.received(request, place)
        with intake.laid_out([kept.as_dict()], place) as [path]:
            preview = imports.import_people(desk.office(), desk.me(request), path, desk.now(), dry_run=True)
    except SealtraceError as e:
        intake.forget(place)
        if status_of(e) not in desk.TELLS_ON_THE_PAGE:
            raise
        return _import_page(request, status_of(e), wrong=e)
    request.session[IMPORT] = kept.as_dict()
    return _import_page(request, preview=preview, errors=preview.errors, name=kept.name)


def _import_page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {"columns": imports.COLUMNS, "shown": ROWS_SHOWN, "here": "directory", **more}
    return render(request, "people/import.html", context, status=status)


@may("person:keep")
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Enter the good rows of the file that was looked at."""
    kept = request.session.pop(IMPORT, None)
    place = f"{intake.LOOKED_AT}-people-{acting(request).operator}"
    try:
        if kept is None:
            raise UsageProblem(_("There is no file to enter."), advice=_("Bring it again."))
        with intake.laid_out([kept], place) as [path]:
            done = imports.import_people(desk.office(), desk.me(request), path, desk.now())
    except SealtraceError as e:
        if status_of(e) not in desk.TELLS_ON_THE_PAGE:
            raise
        return _import_page(request, status_of(e), wrong=e)
    intake.forget(place)
    n = len(done.entered)
    messages.success(request, ngettext("%(n)d person entered.", "%(n)d people entered.", n) % {"n": n})
    return _import_page(request, done=done, errors=done.errors, name=kept["name"])
