"""What is looked at across cases: flags, hits that wait for a person, whether like cases end alike, the checks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.licences import service
from sealtrace.licences.states import day_of

from ..accounts.may import may
from . import plots, words
from .acts import act, office, person
from .desk import show

ROWS = 100


@may("licence:review")
@require_POST
def flag(request: HttpRequest, name: str) -> HttpResponse:
    """Set a flag by hand."""
    said = request.POST
    chosen = said.get("flag", "").strip() or said.get("own", "").strip()
    return act(request, name, _("The flag is set."),
               lambda: service.flag(office(), person(request), name, chosen, said.get("reason", "")),
               show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def unflag(request: HttpRequest, name: str) -> HttpResponse:
    """Lift a flag that a person set."""
    said = request.POST
    return act(request, name, _("The flag is lifted."),
               lambda: service.unflag(office(), person(request), name, said.get("flag", ""), said.get("reason", "")),
               show, "licences-case")  # fmt: skip


@may("licence:list")
@require_GET
def hits(request: HttpRequest) -> HttpResponse:
    """Every hit on open cases: those nobody judged first, then the judged ones with their reasons."""
    found = [(case, hit) for case in service.open_cases(office()) for hit in case.hits.values()]
    found.sort(key=lambda pair: (pair[1].same is not None, pair[0].id))
    stale = [c for c in service.open_cases(office()) if c.screened_version not in (0, c.version)]
    context = {
        "rows": found[:ROWS], "more": max(0, len(found) - ROWS), "waiting": sum(h.same is None for _c, h in found),
        "lists": service.screening_lists(office()), "stale": stale, "words": words.ALL,
    }  # fmt: skip
    return render(request, "licences/hits.html", context)


@may("licence:list")
@require_GET
def treatment(request: HttpRequest) -> HttpResponse:
    """Decided cases of the same kind, entries and destination, with end user, end use, criteria, departures."""
    criteria = service.case_rules(office()).criteria
    return render(
        request, "licences/treatment.html", {"groups": service.treatment(office()), "criteria": criteria}
    )


@may("licence:list")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Quantities by month, element and destination; times to decision; on request, the same made from the events."""
    today = day_of(office().clock.now())
    found = service.statistics(office(), today)
    context = plots.figures(found)
    if "check" in request.GET:
        checked = service.compare(office(), today)
        context |= {"checked": checked, "checked_rows": plots.counts(checked.kept, checked.made)}
    return render(request, "licences/figures.html", context)


@may("licence:review")
@require_POST
def put_right(request: HttpRequest) -> HttpResponse:
    """Write the board anew from the events."""
    count = service.put_right(office())
    messages.success(request, _("%(count)d cases were written anew from their events.") % {"count": count})
    return redirect("licences-figures")
