"""Is the process alive, is it ready, and its metrics."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from ipaddress import ip_address

from django.db import Error as DatabaseError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from sealtrace.errors import SealtraceError, StorageFailed

from .. import site
from ..accounts.may import everybody
from . import metrics

ROOM_BYTES = 256 << 20


@everybody
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process lives."""
    return JsonResponse({"ok": True})


@everybody
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Whether work can be accepted: every part by name; 503 when one can't."""
    parts = {name: _holds(check) for name, check in CHECKS.items()}
    ok = all(parts.values())
    return JsonResponse({"ok": ok, "parts": parts}, status=200 if ok else 503)


@everybody
@require_GET
def prometheus(request: HttpRequest) -> HttpResponse:
    """The metrics, for this machine and the office's own networks only."""
    address = ip_address(request.ip)  # type: ignore[attr-defined]
    if not (address.is_loopback or any(address in network for network in site.current().internal)):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _holds(check: Callable[[], None]) -> bool:
    try:
        check()
    except (SealtraceError, DatabaseError, OSError):
        return False
    return True


def _accounts() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ledger() -> None:
    ledger = site.custody().office.ledger
    ledger.checkpoint()
    ledger.entry(ledger.size() - 1)


def _vault() -> None:
    site.custody().office.vault.places.size("00" * 32)


def _room() -> None:
    if shutil.disk_usage(site.custody().office.home.folder).free < ROOM_BYTES:
        raise StorageFailed("the home's disk is nearly full")


CHECKS: dict[str, Callable[[], None]] = {
    "accounts": _accounts,
    "ledger": _ledger,
    "vault": _vault,
    "room": _room,
}
