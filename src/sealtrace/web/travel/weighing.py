"""The office's screens: what waits, one journey with its two opinions and its decision, the calendar.

Whom a page shows sees that it was opened. Who travels along is shown on none of these pages.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import PurposeMissing, SealtraceError, UsageProblem
from sealtrace.people import access, gates
from sealtrace.people import service as directory
from sealtrace.people.access import Purpose
from sealtrace.people.gates import Module
from sealtrace.travel import journeys as engine_journeys
from sealtrace.travel import service
from sealtrace.travel.journeys import Journey

from ..accounts.may import may
from ..frame.views import status_of
from . import month
from .desk import act, me, now, office, said
from .own import as_file, stages, without_family
from .words import OFFICES

EVERYTHING, SOON = timedelta(days=3660), timedelta(days=14)
WHY_WEIGH = "审查已申报的旅行 / review of a declared journey"
WHY_CALENDAR = "出行日历 / travel calendar"
FIRST_YEAR, LAST_YEAR = 2000, 2199


def no_purpose(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    """Say that a purpose has to be granted first, by whom and for how long."""
    return render(request, "travel/purpose.html", {"purpose": purpose, "mine": me(request).id}, status=403)


def _granted(request: HttpRequest) -> bool:
    try:
        access.require_purpose(office(), me(request), Purpose.TRAVEL, now())
    except PurposeMissing:
        return False
    return True


@may("journey:weigh")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that is to be done about designated people's journeys, the most urgent first."""
    if not _granted(request):
        return no_purpose(request, Purpose.TRAVEL)
    at = now()
    found = service.due(office(), me(request), at, EVERYTHING)
    rows = [{"one": r, "overdue": r.at < at, "soon": r.at <= at + SOON} for r in found]
    counts = [(what, sum(r.what == what for r in found)) for what in ("opinion", "decide", "brief", "report")]
    on = gates.state(office(), at)[Module.TRAVEL]
    return render(request, "travel/office.html", {"rows": rows, "counts": counts, "on": on})


@may("journey:weigh")
@require_GET
def journey(request: HttpRequest, journey: str) -> HttpResponse:
    """One journey as the office sees it."""
    return show(request, journey)


def show(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render a journey for the office; both looks are entered before anything is shown."""
    if not _granted(request):
        return no_purpose(request, Purpose.TRAVEL)
    who, at = me(request), now()
    one = without_family(service.show(office(), who, name, WHY_WEIGH, at))
    person = directory.show(office(), who, one.person, Purpose.TRAVEL, WHY_WEIGH, at)
    history = engine_journeys.history(office(), name)
    context = {
        "journey": one, "who": person, "history": history, "stages": stages(one, at), "wrong": wrong,
        "seats": _seats(one), "typed": request.POST, "mine": who.id, **_open(one, who.id, at),
        "duty": service.must_declare(office(), one.person, at), "decider": engine_journeys.decider_of(office(), name),
    }  # fmt: skip
    return render(request, "travel/weigh.html", context, status=status_of(wrong) if wrong else 200)


def _seats(one: Journey) -> list[dict[str, Any]]:
    given = {opinion.office: opinion for opinion in one.opinions}
    return [{"name": name, "words": words, "opinion": given.get(name)} for name, words in OFFICES.items()]


def _open(one: Journey, who: str, at: datetime) -> dict[str, Any]:
    """Which steps are open to this person, and why the next one is not."""
    given = {opinion.office for opinion in one.opinions}
    took_part = who == one.person or any(opinion.by.id == who for opinion in one.opinions)
    live = (
        one.required and one.decision is None and "withdrawn" not in one.happened and at < one.plan.leaves_at
    )
    return {
        "missing": [(name, words) for name, words in OFFICES.items() if name not in given] if live else [],
        "may_opine": live and not took_part and len(given) < len(OFFICES),
        "may_decide": live and not took_part and len(given) == len(OFFICES), "took_part": took_part, "live": live,
        "may_brief": who != one.person and "briefed" not in one.happened and "withdrawn" not in one.happened
        and at < one.plan.leaves_at and (one.decision.allowed if one.decision else not one.required),
    }  # fmt: skip


def _choice(request: HttpRequest, name: str, yes: str, no: str) -> bool:
    typed = request.POST.get(name, "")
    if typed not in (yes, no):
        raise UsageProblem(_("Choose one of the two."), advice=_("Nothing was entered."))
    return typed == yes


@may("journey:weigh")
@require_POST
def opinion(request: HttpRequest, journey: str) -> HttpResponse:
    """Give the opinion of one office."""

    def do() -> None:
        favour = _choice(request, "view", "for", "against")
        service.give_opinion(
            office(), me(request), journey, request.POST.get("office", ""), said(request, "reasons", _("Reasons")),
            now(), in_favour=favour,
        )  # fmt: skip

    done = _("The opinion is entered. Another office gives the other one, and a third person decides.")
    return act(request, done, do, lambda e: show(request, journey, e), "travel-weigh", journey)


@may("journey:weigh")
@require_POST
def decide(request: HttpRequest, journey: str) -> HttpResponse:
    """Decide on two opinions; the traveller is told in the same transaction."""

    def do() -> None:
        allow = _choice(request, "decision", "allow", "refuse")
        reasons = request.POST.get("reasons", "").strip()[:2000]
        service.decide(office(), me(request), journey, reasons, now(), allow=allow)

    done = _("Decided. The traveller has the notice, with reasons and remedy.")
    return act(request, done, do, lambda e: show(request, journey, e), "travel-weigh", journey)


@may("journey:weigh")
@require_POST
def brief(request: HttpRequest, journey: str) -> HttpResponse:
    """Note that the traveller was briefed, and on what."""

    def do() -> None:
        service.note(
            office(),
            me(request),
            journey,
            "briefed",
            said(request, "text", pgettext("briefing", "What was said")),
            now(),
        )

    done = _("The briefing is entered.")
    return act(request, done, do, lambda e: show(request, journey, e), "travel-weigh", journey)


# -- the calendar ---------------------------------------------------------------------------------


def _month(request: HttpRequest, today: date) -> tuple[int, int]:
    """The month asked for, as 2026-11; this month where none is named."""
    year, _dash, number = request.GET.get("month", "").partition("-")
    if year.isascii() and year.isdigit() and number.isascii() and number.isdigit():
        asked = int(year), int(number)
        if FIRST_YEAR <= asked[0] <= LAST_YEAR and 1 <= asked[1] <= 12:
            return asked
    return today.year, today.month


def _in_month(request: HttpRequest, year: int, number: int) -> list[Journey]:
    """Journeys of designated people in a month, without who travels along; those given up are left out."""
    first, after = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in month.bounds(year, number))
    found = service.calendar(office(), me(request), first, after, now(), reason=WHY_CALENDAR)
    return [without_family(one) for one in found if "withdrawn" not in one.happened]


@may("journey:calendar")
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """A month of designated people's journeys, as a grid and as a list."""
    if not _granted(request):
        return no_purpose(request, Purpose.TRAVEL)
    today = now().date()
    year, number = _month(request, today)
    found = _in_month(request, year, number)
    spans = [
        month.Span(j.plan.leaves_at.date(), (j.plan.returns_at - timedelta(seconds=1)).date(), j)
        for j in found
    ]
    first, after = month.bounds(year, number)
    context = {
        "journeys": found, "weeks": month.weeks(year, number, spans), "first": first, "today": today,
        "before": first - timedelta(days=1), "after": after, "monday": month.weeks(year, number, ())[0].days,
    }  # fmt: skip
    return render(request, "travel/calendar.html", context)


@may("journey:calendar")
@require_GET
def calendar_file(request: HttpRequest) -> HttpResponse:
    """A month of designated people's journeys as an iCalendar file, without companions and contacts."""
    if not _granted(request):
        return no_purpose(request, Purpose.TRAVEL)
    year, number = _month(request, now().date())
    found = _in_month(request, year, number)
    return as_file(engine_journeys.as_calendar(found, now()), f"travel-{year}-{number:02d}.ics")
