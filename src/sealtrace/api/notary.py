"""A notary over HTTP: signed messages in, signed answers out. Nothing here is open: every message is signed."""

from __future__ import annotations

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sealtrace.notary.service import Notary
from sealtrace.trace.notary import MAX_BYTES

from .wire import COSE, App


def notary_app(notary: Notary) -> App:
    """The endpoints of one notary: mark, weigh, and its card."""

    def answer(request: Request, verb: str) -> Response:
        return Response(notary.answer(verb, request.get_data()), content_type=COSE)

    def card(_request: Request) -> Response:
        return Response(notary.card.to_text(), content_type="application/json")

    routes = Map([
        Rule("/<any(mark, weigh):verb>", endpoint="answer", methods=["POST"]),
        Rule("/card", endpoint="card", methods=["GET"]),
    ])  # fmt: skip
    return App(routes, {"answer": answer, "card": card}, MAX_BYTES)
