"""What is to be done, and by when: proposals to decide, notices to serve, reviews, payments, ends."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sealtrace.people.access import Purpose
from sealtrace.posts import designating, proposals, service

from ..accounts.may import may
from . import desk

SPANS = (30, 60, 180, 365)
SOON = timedelta(days=14)


@may("restriction:see")
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """The calendar of the office: by month, with what is overdue first. Nobody is named but by id."""
    office, actor, now, granted = desk.office(), desk.me(request), desk.now(), desk.purposes(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(d) for d in SPANS} else SPANS[1]
    restricting, designates = Purpose.RESTRICTION in granted, Purpose.DESIGNATION in granted
    found = service.due(office, actor, now, timedelta(days=days)) if restricting else []
    months = [(key, list(rows)) for key, rows in groupby(found, lambda d: d.at.strftime("%Y-%m"))]
    return render(request, "people/due.html", {
        "months": months, "days": days, "spans": SPANS, "now": now, "soon": now + SOON, "here": "due",
        "granted": restricting or designates, "restricting": restricting,
        "restricting_proposals": proposals.waiting(office, actor, now) if restricting else [],
        "designating_proposals": designating.waiting(office, actor, now) if designates else [],
        "me": actor.id,
    })  # fmt: skip
