"""Count and log each request by its route, never by its address: addresses name records."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import metrics

log = logging.getLogger("sealtrace.request")


def observe(following: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Time a request; its answer carries a request id that the log has too."""

    def handle(request: HttpRequest) -> HttpResponse:
        begun, name = time.perf_counter(), secrets.token_hex(8)
        response = following(request)
        took = time.perf_counter() - begun
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "none"
        response.headers["X-Request-Id"] = name
        metrics.request(request.method or "", route, response.status_code, took)
        log.info(
            "answered",
            extra={
                "request": name, "method": request.method, "route": route, "status": response.status_code,
                "ms": round(took * 1000, 1),
            },
        )  # fmt: skip
        return response

    return handle
