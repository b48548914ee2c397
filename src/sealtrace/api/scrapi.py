"""SCRAPI: registering signed statements, resolving receipts, discovering keys; and the published tiles.

Source: draft-ietf-scitt-scrapi (approved as Proposed Standard), C2SP tlog-tiles for what is static.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from werkzeug.exceptions import NotFound, UnsupportedMediaType
from werkzeug.routing import Map, Rule
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

from sealtrace.custody.service import Custody
from sealtrace.errors import NotRegistered
from sealtrace.ledger.bundles import MAX_STATEMENT_BYTES
from sealtrace.ledger.keys import key_id

from .wire import CBOR, COSE, App

KTY, KID, ALG, CRV, X, Y = 1, 2, 3, -1, -2, -3  # RFC 9053, 7.1.1
EC2, P256, ES256 = 2, 1, -7
IMMUTABLE = "public, max-age=31536000, immutable"


def log_app(custody: Custody, published: Path | None = None) -> App:
    """The endpoints of one log. `published` is the folder that `ledger export` writes."""
    log = _Log(custody, published)
    routes = Map([
        Rule("/.well-known/scitt-keys", endpoint="keys", methods=["GET"]),
        Rule("/.well-known/scitt-keys/<kid>", endpoint="key", methods=["GET"]),
        Rule("/entries", endpoint="register", methods=["POST"]),
        Rule("/entries/<name>", endpoint="receipt", methods=["GET"]),
        Rule("/entries/<name>/statement", endpoint="statement", methods=["GET"]),
        Rule("/checkpoint", endpoint="checkpoint", methods=["GET"]),
        Rule("/tile/<path:path>", endpoint="tile", methods=["GET"]),
    ])  # fmt: skip
    return App(
        routes,
        {
            "keys": log.keys, "key": log.key, "register": log.register, "receipt": log.receipt,
            "statement": log.statement, "checkpoint": log.checkpoint, "tile": log.tile,
        },
        2 * MAX_STATEMENT_BYTES,
    )  # fmt: skip


class _Log:
    def __init__(self, custody: Custody, published: Path | None) -> None:
        self._custody, self._published = custody, published

    def keys(self, _request: Request) -> Response:
        return Response(
            cbor2.dumps([_cose_key(pem) for pem in self._pems()], canonical=True), content_type=CBOR
        )

    def key(self, _request: Request, kid: str) -> Response:
        for pem in self._pems():
            found = _cose_key(pem)
            if base64.urlsafe_b64encode(found[KID]).rstrip(b"=").decode() == kid:
                return Response(cbor2.dumps(found, canonical=True), content_type=CBOR)
        raise NotRegistered("No such key", advice="No key of this log has this kid.")

    def register(self, request: Request) -> Response:
        if request.mimetype not in (COSE, 'application/cose; cose-type="cose-sign1"'):
            raise UnsupportedMediaType(f"send the signed statement as {COSE}")
        [entry] = self._custody.register_statements([request.get_data()])
        answer = Response(self._custody.office.ledger.receipt(entry.index), 201, content_type=COSE)
        answer.headers["Location"] = f"{request.host_url}entries/{entry.leaf.hex()}"
        return answer

    def receipt(self, _request: Request, name: str) -> Response:
        return Response(self._custody.office.ledger.receipt(self._index(name)), content_type=COSE)

    def statement(self, _request: Request, name: str) -> Response:
        entry = self._custody.office.ledger.entry(self._index(name))
        return Response(entry.statement, content_type=COSE, headers={"Cache-Control": IMMUTABLE})

    def checkpoint(self, _request: Request) -> Response:
        """The published checkpoint, so that nobody sees a head before its quorum and its tiles."""
        if self._published is None or not (self._published / "checkpoint").exists():
            raise NotFound("nothing has been published yet")
        note = (self._published / "checkpoint").read_bytes()
        return Response(note, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})

    def tile(self, request: Request, path: str) -> Response:
        if self._published is None:
            raise NotFound("nothing has been published yet")
        answer = send_from_directory(
            self._published / "tile", path, request.environ, mimetype="application/octet-stream"
        )
        answer.headers["Cache-Control"] = IMMUTABLE
        return answer

    def _pems(self) -> tuple[str, ...]:
        return self._custody.office.ledger.keys().receipt_keys

    def _index(self, name: str) -> int:
        """An entry by its leaf hash in hex, which is what Location names, or by its index."""
        ledger = self._custody.office.ledger
        try:
            index = int(name) if len(name) < 20 and name.isdecimal() else ledger.find(bytes.fromhex(name))
        except ValueError:
            index = None
        if index is None or not 0 <= index < ledger.size():
            raise NotRegistered("No such entry", advice="Ask by the leaf hash that registering returned.")
        return index


def _cose_key(pem: str) -> dict[int, Any]:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = key.public_numbers()
    return {
        KTY: EC2, KID: key_id(key), ALG: ES256, CRV: P256,
        X: point.x.to_bytes(32, "big"), Y: point.y.to_bytes(32, "big"),
    }  # fmt: skip
