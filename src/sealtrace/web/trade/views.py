"""The customs desk. Each page asks the desk one thing; an alert is a prompt, not a finding, and says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.cases import alerts
from sealtrace.cases import service as case_service
from sealtrace.errors import UsageProblem
from sealtrace.policy import engine
from sealtrace.trade import service
from sealtrace.trade.flows import Goods
from sealtrace.trade.service import Desk

from .. import site
from ..accounts.may import acting, may
from ..cases.departments import acting_for
from ..cases.views import language
from . import desk
from .drawing import inline

PER_PAGE, MOST_GAPS, MOST_FLOWS = 25, 60, 40
View = TypeVar("View", bound=Callable[..., HttpResponse])


def filled(view: View) -> View:
    """Hand the view the open desk; show how to import declarations while there are none, or that they are read."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not desk.filled():
            return render(request, "trade/empty.html", {"folder": desk.folder(), "book": desk.BOOK})
        if (opened := desk.desk(wait=request.method == "POST")) is None:
            return render(request, "trade/reading.html", status=HTTPStatus.ACCEPTED)
        return view(request, opened, *args, **kwargs)

    return shown  # type: ignore[return-value]


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip()[:200]


def _number(request: HttpRequest, name: str, otherwise: int, most: int) -> int:
    text = request.GET.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def _day(request: HttpRequest, name: str) -> date | None:
    text = _text(request, name)
    try:
        day = parse_date(text) if text else None
    except ValueError:
        day = None
    if text and day is None:
        raise UsageProblem(f"{text!r} is no day", advice="Write 2026-11-03.")
    return day


def _goods(request: HttpRequest) -> Goods:
    text = _text(request, "goods") or Goods.ALL.value
    if text not in list(Goods):
        raise UsageProblem(f"{text!r} is no kind of goods")
    return Goods(text)


def _goods_words() -> list[tuple[str, str]]:
    return [("all", _("all goods")), ("strategic", _("strategic headings")), ("other", _("other headings"))]


@may("trade:list")
@require_GET
@filled
def queue(request: HttpRequest, open_desk: Desk) -> HttpResponse:
    """The declarations to look at first, with the reasons."""
    office, start = _text(request, "office"), _number(request, "start", 0, 10**8)
    found = service.queue(open_desk, language(), start=start, limit=PER_PAGE + 1, office=office)
    return render(
        request, "trade/queue.html",
        {"alerts": found[:PER_PAGE], "office": office, "start": start, "back": max(0, start - PER_PAGE),
         "more": start + PER_PAGE if len(found) > PER_PAGE else None, "all": len(open_desk.ranking.decl_id),
         "offices": sorted(o for o in service.summary(open_desk)["offices"] if o),
         "problems": open_desk.problems[:20], "problems_all": len(open_desk.problems)},
    )  # fmt: skip


@may("trade:see")
@require_GET
@filled
def alert(request: HttpRequest, open_desk: Desk, decl_id: str) -> HttpResponse:
    """One declaration: what it says, where it ranks, and why, each reason with a doubt beside it."""
    found = service.alert(open_desk, decl_id, language())
    may_open = engine.decide(acting(request), "trade:open-case").allowed
    return render(
        request, "trade/alert.html",
        {"alert": found, "row": found.declaration, "may_open": may_open, "key": uuid4().hex,
         "why": [(w, inline(w.picture)) for w in found.why]},
    )  # fmt: skip


@may("trade:open-case")
@require_POST
@filled
def open_case(request: HttpRequest, open_desk: Desk, decl_id: str) -> HttpResponse:
    """Open a case on an alert; on the same declaration again it is the same case."""
    found = service.alert(open_desk, decl_id, language())
    arm = request.POST.get("arm", "targeted")
    if arm not in alerts.ARMS:
        raise UsageProblem(f"{arm!r} is no way to pick a declaration")
    said = {n: case_service.said(request.POST.get(n, ""), words) for n, words in
            (("basis", "the legal basis"), ("statute", "the statute"))}  # fmt: skip
    opened = alerts.open_on_alert(site.custody().office, acting_for(acting(request)), found, arm=arm, **said)
    request.session[f"case {opened.case}"] = _("opened on the alert of declaration %(n)s") % {"n": decl_id}
    return redirect("cases-case", number=opened.case)


@may("trade:see")
@require_GET
@filled
def network(request: HttpRequest, open_desk: Desk) -> HttpResponse:
    """Who is around a party, and the shapes of trade that honest trade rarely takes."""
    party = _text(request, "party")
    hops = max(1, _number(request, "hops", 2, 4))
    drawn = None
    if party:
        _nodes, picture = service.network_of(open_desk, party, language(), hops=hops)
        drawn = inline(picture)
    shapes = {
        "shared door": _("Shared door"),
        "rotation": _("Rotation"),
        "hub": _("Hub"),
        "circle": _("Circle"),
    }
    motifs = [
        {"shape": shapes.get(m.shape.value, m.shape.value), "names": m.names, "strength": m.strength,
         "figures": dict(m.figures)}
        for m in service.motifs(open_desk, limit=15)
    ]  # fmt: skip
    return render(
        request, "trade/network.html", {"party": party, "hops": hops, "drawn": drawn, "motifs": motifs}
    )


@may("trade:see")
@require_GET
@filled
def goods_map(request: HttpRequest, open_desk: Desk) -> HttpResponse:
    """Where goods go."""
    goods, heading = _goods(request), _text(request, "heading")
    first, last = _day(request, "first"), _day(request, "last")
    found, picture = service.goods_map(
        open_desk, language(), goods=goods, heading=heading, first=first, last=last
    )
    ordered = sorted(found, key=lambda f: -f[2])[:MOST_FLOWS]
    return render(
        request, "trade/map.html",
        {"flows": ordered, "drawn": inline(picture), "goods": goods.value, "kinds": _goods_words(),
         "heading": heading, "first": first, "last": last},
    )  # fmt: skip


@may("trade:see")
@require_GET
@filled
def mirror(request: HttpRequest, open_desk: Desk) -> HttpResponse:
    """Gaps between what was declared and what partners report, in kilograms by month."""
    partner, heading = _text(request, "partner"), _text(request, "heading")
    least = _number(request, "least", 0, 10**9)
    found, picture = service.mirror(
        open_desk, language(), partner=partner, heading=heading, least=float(least)
    )
    return render(
        request, "trade/mirror.html",
        {"gaps": found[:MOST_GAPS], "all": len(found), "drawn": inline(picture), "partner": partner,
         "heading": heading, "least": least},
    )  # fmt: skip


@may("trade:see")
@require_GET
@filled
def statistics(request: HttpRequest, open_desk: Desk) -> HttpResponse:
    """Counts, and four measures month by month."""
    goods, said = _goods(request), language()
    measures = (("declarations", _("Declarations")), ("net_kg", _("Net mass")), ("value_usd", _("Value")),
                ("transit_share", _("Share through places of trans-shipment")))  # fmt: skip
    plots = [
        (title, inline(service.over_time(open_desk, column, said, goods=goods, title=title)[1]))
        for column, title in measures
    ]
    return render(
        request, "trade/statistics.html",
        {"summary": service.summary(open_desk), "plots": plots, "goods": goods.value, "kinds": _goods_words()},
    )  # fmt: skip
