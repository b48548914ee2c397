"""Signed statements: the bytes of a log entry.

RFC 9943 statement as COSE_Sign1 with a hash envelope (RFC 9995): the payload is the 32-byte commitment,
the protected header names its hash, the type of what was committed to, issuer and opaque subject.
"""

from __future__ import annotations

from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from . import cose
from .keys import key_id
from .model import Draft

CWT_CLAIMS, ISS, SUB = 15, 1, 2  # RFC 9597; RFC 8392
PAYLOAD_HASH_ALG, PREIMAGE_TYPE = 258, 259  # RFC 9995
SHA256 = -16  # RFC 9054


def statement_key_id(data: bytes) -> bytes | None:
    """The id of the key that a statement says it is signed with; None when these bytes are no statement."""
    try:
        found = cose.parse(data)[1].get(cose.KID)
    except (ValueError, TypeError, cbor2.CBORDecodeError):
        return None
    return found if isinstance(found, bytes) else None


class StatementSigner:
    """Signs drafts as one issuer."""

    def __init__(self, issuer: str, key: ec.EllipticCurvePrivateKey) -> None:
        self._issuer, self._key, self._kid = issuer, key, key_id(key.public_key())

    def sign(self, draft: Draft) -> bytes:
        """Write the signed statement of a draft."""
        return cose.sign1(self._key, self._protected(draft), draft.digest)

    def _protected(self, draft: Draft) -> dict[int, Any]:
        return {
            cose.ALG: cose.ES256,
            cose.KID: self._kid,
            CWT_CLAIMS: {ISS: self._issuer, SUB: draft.subject},
            PAYLOAD_HASH_ALG: SHA256,
            PREIMAGE_TYPE: draft.content_type,
        }
