"""The audit trail: decisions and reads, the ledger's events, and both taken out as a table."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from sealtrace.policy import engine
from sealtrace.policy.model import ANYTHING

from ..accounts.may import acting, may
from . import events as ledger_events
from . import service
from .models import Head, Line


def _moment(text: str) -> datetime | None:
    found = parse_datetime(text) if text else None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def asked_from(request: HttpRequest) -> service.Asked:
    """The filters of a request; what can't be read matches everything."""
    given = {
        name: request.GET.get(name, "").strip()[:200] for name in ("kind", "operator", "deed", "subject")
    }
    try:
        since, until = (_moment(request.GET.get(name, "")) for name in ("since", "until"))
    except ValueError:
        since = until = None
    return service.Asked(
        kind=given["kind"], operator=given["operator"], action=given["deed"], subject=given["subject"],
        since=since, until=until, before=_number(request.GET.get("before", "")),
    )  # fmt: skip


def _query(request: HttpRequest, **more: object) -> str:
    query = request.GET.copy()
    for key, value in more.items():
        query[key] = str(value)
    return query.urlencode()


@may("audit:see")
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Decisions and reads, newest first."""
    rows = list(service.lines(asked_from(request))[: service.PAGE + 1])
    head = Head.objects.filter(id=1).first()
    return render(request, "audit/audit.html", {
        "lines": rows[: service.PAGE], "asked": request.GET, "kinds": Line.Kind.values, "head": head,
        "following": _query(request, before=rows[service.PAGE - 1].number) if len(rows) > service.PAGE else "",
        "query": request.GET.urlencode(), "export": engine.decide(acting(request), "audit:export").allowed,
    })  # fmt: skip


@may("audit:see")
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """The ledger's events, newest first."""
    given = {name: request.GET.get(name, "").strip()[:200] for name in ("event", "subject", "operator")}
    found = ledger_events.page(**given, before=_number(request.GET.get("before", "")))
    return render(request, "audit/events.html", {
        "found": found, "asked": request.GET, "scan": ledger_events.SCAN,
        "following": _query(request, before=found.following) if found.following is not None else "",
    })  # fmt: skip


@may("audit:export")
@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered lines as CSV, with the ledger entry the chain is anchored in. Taking them out is a line too."""
    service.keep(Line.Kind.EXPORT, acting(request), "audit:export", ANYTHING, "", now=timezone.now())
    response = StreamingHttpResponse(
        service.export(asked_from(request)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="sealtrace-audit.csv"'
    return response
