"""The own page: everything held about who asks, and every way to contest it. Opening it is a look like any other."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import NotRegistered, SealtraceError, UsageProblem
from sealtrace.people import gates, petitions
from sealtrace.people import service as directory
from sealtrace.people.acts import identity
from sealtrace.people.petitions import Kind
from sealtrace.posts import service as posts
from sealtrace.rights import contested, erasing
from sealtrace.rights import export as taken
from sealtrace.rights.page import OwnPage, own_page
from sealtrace.travel import documents

from ..accounts.may import may
from ..acts import act, me, now, office
from ..frame.views import status_of, words_of
from . import cards, corrections, words
from .matters import matter

MEDIA = {"json": "application/json", "pdf": "application/pdf"}


def _page(request: HttpRequest) -> OwnPage | None:
    """The own page; None where the directory has nobody with this account."""
    try:
        return own_page(office(), me(request), now())
    except NotRegistered:
        return None


def _render(request: HttpRequest, found: OwnPage | None, wrong: SealtraceError | None = None) -> HttpResponse:
    status = status_of(wrong) if wrong else 200
    told = {"problem": words_of(wrong)} if wrong else {}
    if found is None:
        officers = gates.officers(office(), now())
        return render(request, "own/nothing.html", {**told, "officers": officers}, status=status)
    standing = [
        words.hindrance(h) for h in erasing.hindrances(office(), found.person.id, found.at)
        if not any(p.id in h for p in found.petitions if p.about == contested.ERASURE)
    ]  # fmt: skip
    context: dict[str, Any] = {**cards.context(found), **told, "standing": standing}
    return render(request, "own/page.html", context, status=status)


@may("own:see")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Everything held about who asks."""
    return _render(request, _page(request))


@may("own:export")
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The own page to take along, as JSON or PDF. Taking it is a look."""
    form = request.POST.get("form", "")
    if form not in MEDIA:
        raise UsageProblem(_("There is no such form to take it along."))
    english = (get_language() or "").startswith("en")
    as_json, as_pdf = taken.export(office(), me(request), now(), "en" if english else "zh")
    name = f"sealtrace-own-page-{now():%Y%m%d}.{form}"
    return HttpResponse(
        as_json if form == "json" else as_pdf, content_type=MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@may("own:correct")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, field: str) -> HttpResponse:
    """Propose another value of one field of the own profile; somebody else reviews it."""
    if field not in words.FIELD:
        raise Http404
    person = directory.show_own(office(), me(request), now())
    if request.method == "GET":
        return render(request, "own/correct.html", {"form": corrections.form(person, field)})
    asked = corrections.typed(request.POST, field)

    def again(wrong: SealtraceError) -> HttpResponse:
        context = {"form": asked, "problem": words_of(wrong)}
        return render(request, "own/correct.html", context, status=status_of(wrong))

    def propose() -> None:
        directory.propose_change(
            office(), me(request), person.id, field, corrections.value(asked, person), now()
        )

    return act(request, _("Proposed. Somebody else reviews it; you are told."), propose, again, "own-page")


@may("own:ask")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for a correction, object, or appeal, about one thing of the own file."""
    if kind not in set(Kind):
        raise Http404
    about, text = request.GET.get("about", ""), request.POST.get("text", "")

    def form(wrong: SealtraceError | None = None) -> HttpResponse:
        found = _page(request)
        thing = matter(found, about) if found else None
        if found is None or thing is None:
            raise Http404
        context = {
            "kind": kind, "matter": thing, "text": text, "within": petitions.ANSWER_WITHIN[Kind(kind)].days,
            "card": cards.card(thing.restriction) if thing.restriction else None, "page": found,
            "erasure": about == contested.ERASURE,
        }  # fmt: skip
        told = {"problem": words_of(wrong)} if wrong else {}
        return render(request, "own/ask.html", {**context, **told}, status=status_of(wrong) if wrong else 200)

    if request.method == "GET":
        return form()
    return act(
        request,
        _("Received. It is shown wherever what you contest is shown."),
        lambda: contested.ask(office(), me(request), Kind(kind), about, text, now()),
        form,
        "own-page",
    )


@may("own:ask")
@require_POST
def petition(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """Add to an open petition of one's own, or take it back."""
    said = request.POST.get("text", "")
    steps = {
        "add": (lambda: petitions.add_to(office(), me(request), name, said, now()), _("Added.")),
        "withdraw": (lambda: contested.withdraw(office(), me(request), name, now()), _("Withdrawn.")),
    }
    if step not in steps:
        raise Http404
    if petitions.petition(office(), name).person != identity(office(), me(request)).id:
        raise Http404
    what, done = steps[step]
    return act(request, done, what, lambda e: _render(request, _page(request), e), "own-page")


@may("own:ask")
@require_POST
def release(request: HttpRequest, name: str) -> HttpResponse:
    """End a restriction oneself, once its compensation stayed unpaid."""
    reasons = request.POST.get("text", "").strip() or _("compensation unpaid")
    return act(
        request,
        _("You are released from the restriction."),
        lambda: posts.release(office(), me(request), name, reasons, now()),
        lambda e: _render(request, _page(request), e),
        "own-page",
    )


@may("own:ask")
@require_POST
def ask_back(request: HttpRequest, receipt: str) -> HttpResponse:
    """Ask for an own travel document back."""
    return act(
        request,
        _("Asked. The time by which it must be back is on this page."),
        lambda: documents.ask_back(office(), me(request), receipt, now()),
        lambda e: _render(request, _page(request), e),
        "own-page",
    )
