"""Every refusal as a problem. Source: RFC 9457; `code` and `advice` are ours, the same as on the command line."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sealtrace.errors import (
    ApprovalLapsed,
    Corrupted,
    HistoryForked,
    HomeLocked,
    InputTooLarge,
    KeyReused,
    NotRegistered,
    NotSignedIn,
    ProviderFailed,
    QuorumMissing,
    SealtraceError,
    SignatureRefused,
    StillWorking,
    StorageFailed,
    TooManyRequests,
    VersionConflict,
)

from ..frame.views import status_of

MEDIA_TYPE = "application/problem+json"
TYPES = "https://sealtrace.example/problems/"  # a name, not an address: RFC 9457, 3.1.1
RETRY_AFTER_S = {429: 30, 503: 2, 409: 2}
_STATUS: tuple[tuple[type[SealtraceError], int], ...] = (
    (NotSignedIn, 401),
    (SignatureRefused, 401),
    (NotRegistered, 404),
    (StillWorking, 409),
    (VersionConflict, 409),
    (ApprovalLapsed, 409),
    (InputTooLarge, 413),
    (KeyReused, 422),
    (TooManyRequests, 429),
    (HomeLocked, 503),
    (QuorumMissing, 503),
    (ProviderFailed, 503),
    (StorageFailed, 507),
    (Corrupted, 503),
    (HistoryForked, 503),
)
REFUSALS = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503, 507})


class Problem(Schema):
    """What was refused. `code` is stable; `detail` says what was wrong with this request, `advice` what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    advice: str
    errors: list[dict[str, Any]] | None = None


def status_for(error: SealtraceError) -> int:
    """The HTTP status of one of our errors."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), status_of(error))


def response(
    status: int, code: str, title: str, detail: str, advice: str, errors: list[dict[str, Any]] | None = None
) -> HttpResponse:
    """Make the answer."""
    body = {
        "type": f"{TYPES}{code}", "title": title, "status": status, "detail": detail, "code": code, "advice": advice,
    } | ({"errors": errors} if errors else {})  # fmt: skip
    answer = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    if status in RETRY_AFTER_S:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S[status])
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="sealtrace"'
    return answer


def of(error: SealtraceError) -> HttpResponse:
    """One of our errors as a problem."""
    title = (type(error).__doc__ or "Refused").strip().partition("\n")[0]
    return response(status_for(error), error.code, title, error.message, error.hint)


def install(api: NinjaAPI) -> None:
    """Answer every failure of the API with a problem."""
    read_it = "Read /api/openapi.json for what this operation takes."

    @api.exception_handler(SealtraceError)
    def ours(_request: HttpRequest, error: SealtraceError) -> HttpResponse:
        return of(error)

    @api.exception_handler(ValidationError)
    def invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"at": [str(part) for part in e["loc"]], "message": str(e["msg"])} for e in error.errors[:50]
        ]
        title = "The request does not follow the description of this operation."
        return response(
            422, "invalid-request", title, f"{len(error.errors)} value(s) can't be used", read_it, errors
        )

    @api.exception_handler(AuthenticationError)
    def stranger(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return of(NotSignedIn("the request has no token"))

    @api.exception_handler(HttpError)
    def unreadable(_request: HttpRequest, error: HttpError) -> HttpResponse:
        return response(
            error.status_code, "unreadable-request", "The request can't be read.", str(error), read_it
        )


def not_found(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """404 below /api/."""
    return response(
        404, "no-such-address", "There is nothing at this address.", "the API has no such address",
        "/api/openapi.json lists every address.",
    )  # fmt: skip


def not_allowed(methods: str) -> HttpResponse:
    """405, with what is allowed."""
    answer = response(
        405, "method-not-allowed", "The address does not take this method.", f"it takes {methods}",
        "/api/openapi.json lists every address with its methods.",
    )  # fmt: skip
    answer.headers["Allow"] = methods
    return answer
