"""Measures against a licence: suspend at once, decide by two, review, serve; appeals; what the holder does."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import CaseUnknown, SealtraceError, UsageProblem
from sealtrace.licences import service
from sealtrace.licences.desk import Account
from sealtrace.licences.measures.desk import BY_TWO, REVIEW_DAYS, holder
from sealtrace.licences.measures.measure import ADVERSE, STAYABLE
from sealtrace.licences.states import LicenceState, Step, after, day_of

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
        "is_mine": holder(office(), number) == me, "adverse": ADVERSE, "stayable": STAYABLE, "today": _today(),
        "review_first": _today() + timedelta(days=1), "review_last": _today() + timedelta(days=REVIEW_DAYS),
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
    what, ground = said.get("step", ""), service.Ground(said.get("reason", ""), said.get("basis", ""))
    if what == Step.SUSPEND:
        return act(request, number, _("Suspended. Nothing is drawn from it until two people reinstate it."),
                   lambda: service.suspend(office(), person(request), number, ground, _day(said)),
                   show, "licences-account")  # fmt: skip
    return act(request, number, _("Proposed. The holder is told; another person decides."),
               lambda: service.propose_measure(office(), person(request), number, _step(what), ground),
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


@may("licence:decide")
@require_POST
def notify(request: HttpRequest, number: str, count: int) -> HttpResponse:
    """Record that a measure was served."""
    return act(request, number, _("Service is on record; the days to appeal run."),
               lambda: service.notify_measure(office(), person(request), f"{number}/{count}",
                                              request.POST.get("how", "")), show, "licences-account")  # fmt: skip


@may("licence:review")
@require_POST
def review(request: HttpRequest, number: str, count: int) -> HttpResponse:
    """Keep a suspension until a further day, having looked at it again."""
    said = request.POST
    return act(request, number, _("Reviewed; it holds until it is reviewed again."),
               lambda: service.review_measure(office(), person(request), f"{number}/{count}", said.get("reason", ""),
                                              _day(said)), show, "licences-account")  # fmt: skip


@may("licence:hear")
@require_POST
def hear(request: HttpRequest, number: str, count: int) -> HttpResponse:
    """Let a measure rest while its appeal is open, or decide the appeal."""
    said, name = request.POST, f"{number}/{count}"
    outcome, reasons = said.get("outcome", ""), said.get("reasons", "")
    if outcome == "stay":
        return act(request, number, _("The measure rests until the appeal is decided."),
                   lambda: service.stay_measure(office(), person(request), name, reasons),
                   show, "licences-account")  # fmt: skip
    return act(request, number, _("The appeal is decided."),
               lambda: service.decide_measure_appeal(office(), person(request), name, outcome, reasons,
                                                     _day(said) if outcome == "vary" else None),
               show, "licences-account")  # fmt: skip


def _day(said: QueryDict) -> date:
    try:
        return date.fromisoformat(said.get("review_by", ""))
    except ValueError:
        raise UsageProblem("say by which day somebody else reviews the suspension") from None


def _today() -> date:
    return day_of(office().clock.now())


@may("licence:list")
@require_GET
def appeals(request: HttpRequest) -> HttpResponse:
    """Appeals that wait for a decision, oldest first, and suspensions whose day of review has passed."""
    today, start = _today(), request.GET.get("after", "")
    every = service.open_appeals(office())
    rest = [w for w in every if not start.isdecimal() or w.entry > int(start)]
    page = rest[:ROWS]
    context = {
        "rows": [(w, w.overdue(today)) for w in page], "waiting": len(every), "today": today,
        "late": sum(w.overdue(today) for w in every), "reviews": list(service.due_reviews(office(), today)),
        "more": page[-1].entry if len(rest) > ROWS else None,
    }  # fmt: skip
    return render(request, "licences/appeals.html", context)


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


@may("licence:apply")
@require_POST
def appeal(request: HttpRequest, name: str, count: int) -> HttpResponse:
    """Appeal against a measure about my licence."""
    measure, grounds = f"{own.own_case(request, name).licence}/{count}", request.POST.get("grounds", "")
    return act(request, name, _("The appeal is lodged. Somebody who had no part in the measure hears it."),
               lambda: service.appeal_measure(office(), person(request), measure, grounds),
               own.show, "applications-one")  # fmt: skip
