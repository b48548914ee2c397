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
from .acts import act, kept, office, person
from .desk import show

ROWS = 50


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
    """Every hit on open cases, those nobody judged first, page by page; of all lists or one."""
    view, of_list, after = (request.GET.get(k, "") for k in ("view", "list", "after"))
    judged = {"waiting": False, "judged": True}.get(view)
    found = service.hits(office(), judged=judged, of_list=of_list, after=after, limit=ROWS + 1)
    rows, waiting = found[:ROWS], service.count_hits(office())
    cases = {name: service.get_case(office(), name) for name in {r.id for r in rows}}
    context = {
        "rows": [(cases[r.id], cases[r.id].hits[r.hit]) for r in rows], "waiting": waiting[0], "judged": waiting[1],
        "view": view, "list": of_list, "of_lists": service.hit_lists(office()), "here": kept(request.GET),
        "all": sum(waiting),
        "more": kept({**request.GET.dict(), "after": rows[-1].key}) if len(found) > ROWS else "",
        "lists": service.screening_lists(office()), "stale": service.unscreened(office()), "words": words.ALL,
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
