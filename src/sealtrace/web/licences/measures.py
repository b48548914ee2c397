"""Measures against a licence: suspend at once, propose and decide by two, the holder's objection and surrender."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import CaseUnknown, SealtraceError
from sealtrace.licences import service
from sealtrace.licences.desk import Account
from sealtrace.licences.measures import BY_TWO, holder
from sealtrace.licences.states import LicenceState, Step, after

from ..accounts.may import may
from ..frame.views import status_of
from . import own, plots, words
from .acts import act, office, person

ROWS = 50


@may("licence:list")
@require_GET
def licences(request: HttpRequest) -> HttpResponse:
    """All licences by state, newest number first, with what is left and what is open about each."""
    wanted = request.GET.get("state", "")
    every = list(reversed(service.accounts(office())))
    counts = {s: n for s in LicenceState if (n := sum(a.state is s for a in every))}
    shown = [a for a in every if not wanted or a.state == wanted]
    after_ = request.GET.get("after", "")
    start = next((n + 1 for n, a in enumerate(shown) if a.row.number == after_), 0)
    page = shown[start : start + ROWS]
    rows = [(a, [m for m in service.measures(office(), a.row.number) if m.open]) for a in page]
    context = {
        "rows": rows, "counts": counts.items(), "state": wanted, "total": len(every),
        "more": page[-1].row.number if start + ROWS < len(shown) else "",
    }  # fmt: skip
    return render(request, "licences/licences.html", context)


@may("licence:list")
@require_GET
def licence(request: HttpRequest, number: str) -> HttpResponse:
    """One licence: its quantity account, the measures about it, every posting with its ledger entry."""
    return show(request, number)


def show(request: HttpRequest, number: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render a licence; with an error on top when something could not be done."""
    held, me = service.account(office(), number), person(request).id
    context = {
        "held": held, "bars": [plots.account(line) for line in held.lines], "wrong": wrong, "me": me,
        "history": list(reversed(service.history(office(), number))), "measures": service.measures(office(), number),
        "steps": [s for s in (Step.SUSPEND, *BY_TWO) if _leads(held, s)], "words": words.ALL,
        "is_mine": holder(office(), number) == me,
    }  # fmt: skip
    return render(request, "licences/licence.html", context, status=status_of(wrong) if wrong else 200)


def _leads(held: Account, step: Step) -> bool:
    try:
        after(held.state, step, used=held.row.used)
    except SealtraceError:
        return False
    return True


@may("licence:review")
@require_POST
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Suspend at once, or propose what takes two."""
    said = request.POST
    what, reason = said.get("step", ""), said.get("reason", "")
    if what == Step.SUSPEND:
        return act(request, number, _("Suspended. Nothing is drawn from it until two people reinstate it."),
                   lambda: service.suspend(office(), person(request), number, reason),
                   show, "licences-account")  # fmt: skip
    return act(request, number, _("Proposed. The holder is told; another person decides."),
               lambda: service.propose_measure(office(), person(request), number, _step(what), reason),
               show, "licences-account")  # fmt: skip


def _step(name: str) -> Step:
    found = next((s for s in BY_TWO if s == name), None)
    if found is None:
        raise CaseUnknown(f"there is no measure {name!r}")
    return found


@may("licence:decide")
@require_POST
def approve(request: HttpRequest, number: str, count: int) -> HttpResponse:
    """Decide a measure as proposed, as the second person."""
    return act(request, number, _("Decided as proposed."),
               lambda: service.approve_measure(office(), person(request), f"{number}/{count}",
                                               request.POST.get("answer", "")), show, "licences-account")  # fmt: skip


@may("licence:decide")
@require_POST
def drop(request: HttpRequest, number: str, count: int) -> HttpResponse:
    """Give a proposed measure up."""
    return act(request, number, _("Given up; what it said is kept."),
               lambda: service.drop_measure(office(), person(request), f"{number}/{count}",
                                            request.POST.get("answer", "")), show, "licences-account")  # fmt: skip


# -- the holder -----------------------------------------------------------------------------------


@may("licence:apply")
@require_POST
def surrender(request: HttpRequest, name: str) -> HttpResponse:
    """Give my licence up."""
    number = own.own_case(request, name).licence or ""
    return act(request, name, _("Surrendered. What was left has lapsed."),
               lambda: service.surrender(office(), person(request), number, request.POST.get("reason", "")),
               own.show, "applications-one")  # fmt: skip


@may("licence:apply")
@require_POST
def object_to(request: HttpRequest, name: str, count: int) -> HttpResponse:
    """Object to a measure about my licence before it is decided."""
    number = own.own_case(request, name).licence or ""
    return act(request, name, _("The objection is on record. Whoever decides must answer it."),
               lambda: service.object_to(office(), person(request), f"{number}/{count}",
                                         request.POST.get("text", "")), own.show, "applications-one")  # fmt: skip
