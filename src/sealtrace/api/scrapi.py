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
from werkzeug.exceptions import Gone, NotFound, UnsupportedMediaType
from werkzeug.routing import Map, Rule
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

from sealtrace.custody.service import Custody
from sealtrace.errors import NotRegistered, ProofInvalid
from sealtrace.ledger.keys import key_id

from .wire import CBOR, COSE, RECEIPT, STATEMENT, App

KTY, KID, ALG, CRV, X, Y = 1, 2, 3, -1, -2, -3  # RFC 9053, 7.1.1
EC2, P256, ES256 = 2, 1, -7
MAX_BATCH, MAX_BODY_BYTES = 1000, 8 << 20
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
        MAX_BODY_BYTES,
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
        """Enter one statement, or a batch: a CBOR array of statements, of which all are entered or none.

        The batch is an extension of ours; its answer is the array of receipts, in order.
        """
        if request.mimetype == CBOR:
            entries = self._custody.register_statements(_batch(request.get_data()))
            receipts = [self._custody.office.ledger.receipt(entry.index) for entry in entries]
            return Response(cbor2.dumps(receipts), 201, content_type=CBOR)
        if request.mimetype not in (COSE, STATEMENT):
            raise UnsupportedMediaType(
                f"send the signed statement as {STATEMENT} or {COSE}, or an array of them as {CBOR}"
            )
        [entry] = self._custody.register_statements([request.get_data()])
        kind = _wanted(request, RECEIPT, RECEIPT if request.mimetype == STATEMENT else COSE)
        answer = Response(self._custody.office.ledger.receipt(entry.index), 201, content_type=kind)
        answer.headers["Location"] = f"{request.host_url}entries/{entry.leaf.hex()}"
        return answer

    def receipt(self, request: Request, name: str) -> Response:
        self._custody.office.ledger.heads.load(self._custody.office.db)
        kind = _wanted(request, RECEIPT, COSE)
        return Response(self._custody.office.ledger.receipt(self._index(name)), content_type=kind)

    def statement(self, request: Request, name: str) -> Response:
        index = self._index(name)
        if self._custody.office.ledger.purged(index):
            raise Gone("the body of this entry was purged; its hash, receipt and proofs stay")
        entry = self._custody.office.ledger.entry(index)
        kind = _wanted(request, STATEMENT, COSE)
        headers = {"Cache-Control": IMMUTABLE, "Vary": "Accept"}
        return Response(entry.statement, content_type=kind, headers=headers)

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
        office = self._custody.office
        office.ledger.heads.load(office.db)  # another process may have rotated the keys
        return office.ledger.keys().receipt_keys

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


def _wanted(request: Request, specific: str, otherwise: str) -> str:
    """The SCITT media type for who names it in Accept; both name the same bytes."""
    return specific if specific in request.accept_mimetypes.values() else otherwise


def _batch(body: bytes) -> list[bytes]:
    """Read a CBOR array of statements. Raises ProofInvalid."""
    try:
        statements = cbor2.loads(body)
    except (ValueError, TypeError, cbor2.CBORDecodeError) as e:
        raise ProofInvalid("this is not a CBOR array of signed statements") from e
    if not (
        isinstance(statements, list)
        and 0 < len(statements) <= MAX_BATCH
        and all(isinstance(statement, bytes) for statement in statements)
    ):
        raise ProofInvalid(f"a batch is a CBOR array of 1 to {MAX_BATCH} byte strings")
    return statements


def _cose_key(pem: str) -> dict[int, Any]:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = key.public_numbers()
    return {
        KTY: EC2, KID: key_id(key), ALG: ES256, CRV: P256,
        X: point.x.to_bytes(32, "big"), Y: point.y.to_bytes(32, "big"),
    }  # fmt: skip
