"""The witness protocol over HTTP. Source: C2SP tlog-witness."""

from __future__ import annotations

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sealtrace.ledger.witness import MAX_REQUEST_BYTES, Witness

from .wire import App


def witness_app(witness: Witness) -> App:
    """The endpoints of one witness: add-checkpoint, and its keys for those who configure it."""

    def add_checkpoint(request: Request) -> Response:
        reply = witness.add_checkpoint(request.get_data())
        return Response(reply.body, reply.status, content_type=reply.content_type)

    def keys(_request: Request) -> Response:
        return Response("".join(f"{key}\n" for key in witness.keys), content_type="text/plain; charset=utf-8")

    routes = Map([
        Rule("/add-checkpoint", endpoint="add", methods=["POST"]),
        Rule("/keys", endpoint="keys", methods=["GET"]),
    ])  # fmt: skip
    return App(routes, {"add": add_checkpoint, "keys": keys}, MAX_REQUEST_BYTES)
