"""The ledger explorer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..accounts.may import may
from . import entries


@may("ledger:see")
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Entries, newest first."""
    return render(request, "custody/ledger.html", {"latest": entries.latest(50)})
