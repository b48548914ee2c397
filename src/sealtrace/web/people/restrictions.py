"""Restrictions: proposed, decided by another, served, reviewed, paid for, released. Each step is the engine's own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.people.access import Purpose
from sealtrace.posts import bases, proposals, service
from sealtrace.posts.basis import BasisStatus

from ..accounts.may import may
from ..frame.views import status_of
from . import desk, file, forms

GRADES = ("core", "important", "general", "leading")


@may("restriction:propose")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, person: str) -> HttpResponse:
    """Propose a restriction of the person whose file is open; nothing binds by it."""
    known = desk.why(request, person)
    if known is None or known.purpose is not Purpose.RESTRICTION:
        answer = redirect("people-file", person)
        answer["Location"] += f"?purpose={Purpose.RESTRICTION}"
        return answer
    if request.method == "GET":
        return _form(request, person)
    return desk.act(
        request, _("Proposed. Somebody else decides; nothing binds yet."),
        lambda: proposals.propose(
            desk.office(), desk.me(request), person, forms.terms(request.POST), desk.now()
        ),
        lambda e: _form(request, person, e), "people-file", person, place="proposals",
    )  # fmt: skip


def _form(request: HttpRequest, person: str, wrong: SealtraceError | None = None) -> HttpResponse:
    listed = bases.listed(desk.office(), desk.now().date())
    context = {
        "person": person, "grades": GRADES, "wrong": wrong, "said": request.POST, "here": "directory",
        "bases": [b for b in listed if b.adopted and b.status is BasisStatus.IN_FORCE],
        "other": [b for b in listed if not (b.adopted and b.status is BasisStatus.IN_FORCE)],
    }  # fmt: skip
    return render(request, "people/restrict.html", context, status=status_of(wrong) if wrong else 200)


@may("restriction:see")
@require_GET
def proposed(request: HttpRequest, name: str) -> HttpResponse:
    """One proposal, for who decides it."""
    return _proposal(request, name)


def _proposal(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    office, now = desk.office(), desk.now()
    waiting = proposals.one(office, name)
    terms = proposals.proposal(office, desk.me(request), name, now)
    found = next((b for b in bases.listed(office, now.date()) if b.basis.ref == terms.basis), None)
    context = {
        "waiting": waiting, "terms": terms, "found": found, "wrong": wrong, "me": desk.me(request).id, "now": now,
        "here": "due", "said": request.POST if wrong else {},
    }  # fmt: skip
    return render(request, "people/proposal.html", context, status=status_of(wrong) if wrong else 200)


@may("restriction:decide")
@require_POST
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Impose a proposed restriction under its notice, or refuse it with the reason."""
    said, impose = request.POST, request.POST.get("answer") == "impose"

    def decided() -> None:
        notice = forms.text(said, "notice", _("Number of the notice")) if impose else ""
        due = forms.begins(said, "review", _("First review by")) if impose and said.get("review") else None
        proposals.decide(
            desk.office(), desk.me(request), name, desk.now(), impose=impose, notice=notice, review_due=due,
            reasons=said.get("reasons", ""),
        )  # fmt: skip

    done = _("Imposed. It binds once the notice is served.") if impose else _("Refused. Nothing binds.")
    return desk.act(request, done, decided, lambda e: _proposal(request, name, e), "people-due")


def _step(
    request: HttpRequest, person: str, name: str, form: str, done: str, what: Callable[[], object]
) -> HttpResponse:
    return desk.act(
        request, done, what, lambda e: file.page(request, person, e, f"{form}-{name}"), "people-file", person,
        place=name,
    )  # fmt: skip


@may("restriction:act")
@require_POST
def serve(request: HttpRequest, person: str, name: str) -> HttpResponse:
    """Record that the notice was handed over."""
    return _step(
        request, person, name, "serve", _("Service is on record. The days to appeal run."),
        lambda: service.serve(
            desk.office(), desk.me(request), name, forms.text(request.POST, "how", _("How it was served")),
            desk.now(),
        ),
    )  # fmt: skip


@may("restriction:act")
@require_POST
def review(request: HttpRequest, person: str, name: str) -> HttpResponse:
    """Keep a restriction after a review, with the reasons and the day of the next."""
    said = request.POST
    return _step(
        request, person, name, "review", _("Reviewed and kept; the person is told why."),
        lambda: service.review(
            desk.office(), desk.me(request), name, forms.begins(said, "next", _("Next review by")),
            forms.text(said, "reasons", _("Reasons")), desk.now(),
        ),
    )  # fmt: skip


@may("restriction:pay")
@require_POST
def pay(request: HttpRequest, person: str, name: str) -> HttpResponse:
    """Record one month's compensation with its voucher."""
    said = request.POST

    def paid() -> None:
        month = forms.text(said, "month", _("Month"))
        if not month.isdecimal():
            raise forms.wrong_field("month", _("%(given)s is no month of the restriction") % {"given": month})
        voucher = forms.text(said, "voucher", _("Voucher"))
        service.pay(desk.office(), desk.me(request), name, int(month) - 1, voucher, desk.now())

    return _step(request, person, name, "pay", _("The payment is on record."), paid)


@may("restriction:act")
@require_POST
def release(request: HttpRequest, person: str, name: str) -> HttpResponse:
    """End a restriction early, with the reasons."""
    return _step(
        request, person, name, "release", _("Released. It no longer binds; the person is told."),
        lambda: service.release(
            desk.office(), desk.me(request), name, forms.text(request.POST, "reasons", _("Reasons")),
            desk.now(),
        ),
    )  # fmt: skip
