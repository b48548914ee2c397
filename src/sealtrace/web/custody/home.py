"""Home: what waits for me, what expires, how the ledger is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..accounts.may import may
from . import entries


@may("home:see")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The start page."""
    return render(request, "custody/home.html", {"latest": entries.latest(8)})
