"""What every endpoint shares: bounded bodies, routing, and problems as concise problem details.

Source: RFC 9290 (title -1, detail -2), as SCRAPI asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import cbor2
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import Map
from werkzeug.wrappers import Request, Response

from sealtrace.errors import SealtraceError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PROBLEM = "application/concise-problem-details+cbor"
COSE, CBOR = "application/cose", "application/cbor"
STATEMENT, RECEIPT = "application/scitt-statement+cose", "application/scitt-receipt+cose"  # RFC 9943
STATUS = {
    "proof-invalid": 400, "usage": 400, "denied": 403, "notary-refused": 403, "not-registered": 404, "home-locked": 503,
    "storage-failed": 503, "quorum-missing": 503,
}  # fmt: skip
RETRY_S = 2

Handler = Callable[..., Response]


class App:
    """A WSGI application: routes to handlers, one answer for every failure."""

    def __init__(self, routes: Map, handlers: dict[str, Handler], max_body_bytes: int) -> None:
        self._routes, self._handlers, self._max_body_bytes = routes, handlers, max_body_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = self._max_body_bytes
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            endpoint, values = self._routes.bind_to_environ(request.environ).match()
            return self._handlers[endpoint](request, **values)
        except SealtraceError as e:
            return problem(STATUS.get(e.code, 500), e.message, e.hint)
        except RequestEntityTooLarge:
            return problem(413, "Too large", f"a request has at most {self._max_body_bytes} bytes")
        except HTTPException as e:
            return problem(e.code or 500, e.name, e.description or "")


def problem(status: int, title: str, detail: str) -> Response:
    """Say what went wrong and what to do."""
    answer = Response(cbor2.dumps({-1: title, -2: detail}), status, content_type=PROBLEM)
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_S)
    return answer


def serve(app: Any, host: str, port: int, ready: Callable[[str, int], None]) -> None:
    """Serve until interrupted; calls `ready` with the address once connections are taken.

    Raises:
        OSError: the address is in use.
    """
    from waitress.server import create_server

    server: Any = create_server(
        app, host=host, port=port, threads=8, ident="sealtrace", clear_untrusted_proxy_headers=True
    )
    ready(str(server.effective_host), int(server.effective_port))
    try:
        server.run()
    finally:
        server.close()
