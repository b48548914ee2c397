"""Sensitive posts: the list, who is proposed for one, and the decision by somebody else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.people.access import Purpose
from sealtrace.posts import designating, places

from ..accounts.may import may
from ..frame.views import status_of
from . import desk, file, forms

GRADES = ("core", "important", "general", "leading")


@may("post:list")
@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """Every post, without anybody's name; and the designations that wait for a decision, by id."""
    return _page(request)


def _page(request: HttpRequest, wrong: SealtraceError | None = None) -> HttpResponse:
    granted = Purpose.DESIGNATION in desk.purposes(request)
    office, now = desk.office(), desk.now()
    context: dict[str, Any] = {
        "posts": places.posts(office), "granted": granted, "grades": GRADES, "here": "posts", "wrong": wrong,
        "waiting": designating.waiting(office, desk.me(request), now) if granted else [],
        "said": request.POST if wrong else {},
    }  # fmt: skip
    return render(request, "people/posts.html", context, status=status_of(wrong) if wrong else 200)


@may("post:keep")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Enter a post."""
    said = request.POST

    def enter() -> None:
        months = said.get("cooling_off", "").strip() or "0"
        if not months.isdecimal():
            raise forms.wrong_field("cooling_off", _("Cooling-off is a number of months."))
        places.enter_post(
            desk.office(), desk.me(request), title=forms.text(said, "title", _("Title of the post")),
            organisation=forms.text(said, "organisation", _("Organisation")),
            grade=forms.text(said, "grade", _("Grade")), activity=forms.text(said, "activity", _("Activity")),
            now=desk.now(), cooling_off_months=int(months),
        )  # fmt: skip

    return desk.act(request, _("The post is entered."), enter, lambda e: _page(request, e), "people-posts")


@may("post:propose")
@require_POST
def propose(request: HttpRequest, person: str) -> HttpResponse:
    """Propose a designation of the person whose file is open."""
    return desk.act(
        request, _("Proposed. Somebody else decides."),
        lambda: designating.propose(
            desk.office(), desk.me(request), person, forms.offer(request.POST), desk.now()
        ),
        lambda e: file.page(request, person, e, "designate"), "people-file", person, place="posts",
    )  # fmt: skip


@may("post:list")
@require_GET
def proposed(request: HttpRequest, name: str) -> HttpResponse:
    """One proposed designation, for who decides it."""
    return _proposal(request, name)


def _proposal(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    office, now = desk.office(), desk.now()
    waiting = designating.one(office, name)
    offer = designating.proposal(office, desk.me(request), name, now)
    context = {
        "waiting": waiting, "offer": offer, "post": designating.post_of(office, offer.post), "wrong": wrong,
        "me": desk.me(request).id, "here": "posts", "said": request.POST if wrong else {},
    }  # fmt: skip
    return render(request, "people/designation.html", context, status=status_of(wrong) if wrong else 200)


@may("post:decide")
@require_POST
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Designate as proposed, or refuse with the reason."""
    yes, reasons = request.POST.get("answer") == "yes", request.POST.get("reasons", "")
    return desk.act(
        request, _("Designated.") if yes else _("Refused."),
        lambda: designating.decide(
            desk.office(), desk.me(request), name, desk.now(), designate=yes, reasons=reasons
        ),
        lambda e: _proposal(request, name, e), "people-posts",
    )  # fmt: skip


@may("post:propose")
@require_POST
def end(request: HttpRequest, person: str, name: str) -> HttpResponse:
    """Say that a designation ends earlier than was set."""
    return desk.act(
        request, _("The end is entered."),
        lambda: places.end_designation(
            desk.office(), desk.me(request), name, forms.until(request.POST, "last", _("Last day")), desk.now()
        ),
        lambda e: file.page(request, person, e, f"end-{name}"), "people-file", person, place="posts",
    )  # fmt: skip
