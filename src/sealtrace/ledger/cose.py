"""COSE_Sign1 (RFC 9052, 4.2) in the one form the ledger writes: tagged, deterministic CBOR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

SIGN1_TAG = 18
ALG, KID = 1, 4
ES256 = -7


def encode(value: Any) -> bytes:
    """Write deterministic CBOR. Source: RFC 8949, 4.2.1."""
    return cbor2.dumps(value, canonical=True)


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Write the Sig_structure. Source: RFC 9052, 4.4."""
    return encode(["Signature1", protected, b"", payload])


def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Sign with ES256: r || s, 64 bytes, the same for the same message. Sources: RFC 9053, 2.1; RFC 6979."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def check(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> None:
    """Check an ES256 signature. Raises cryptography's InvalidSignature."""
    pair = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    key.verify(encode_dss_signature(*pair), message, ec.ECDSA(hashes.SHA256()))


def sign1(
    key: ec.EllipticCurvePrivateKey,
    protected: Mapping[int, Any],
    payload: bytes,
    *,
    unprotected: Mapping[int, Any] | None = None,
    detached: bool = False,
) -> bytes:
    """Write a tagged COSE_Sign1; a detached payload is signed but left out (nil)."""
    header = encode(dict(protected))
    signature = sign(key, to_be_signed(header, payload))
    return join(header, signature, payload, unprotected=unprotected, detached=detached)


def join(
    header: bytes,
    signature: bytes,
    payload: bytes,
    *,
    unprotected: Mapping[int, Any] | None = None,
    detached: bool = False,
) -> bytes:
    """Put a COSE_Sign1 together from a signature that was made before."""
    body = [header, dict(unprotected or {}), None if detached else payload, signature]
    return encode(cbor2.CBORTag(SIGN1_TAG, body))


def parse(data: bytes) -> tuple[bytes, Mapping[int, Any], Mapping[int, Any], bytes | None, bytes]:
    """Take a tagged COSE_Sign1 apart: protected bytes, protected map, unprotected map, payload, signature.

    Raises:
        ValueError: it is not one.
    """
    tagged = cbor2.loads(data)
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != SIGN1_TAG or len(tagged.value) != 4:
        raise ValueError("not a tagged COSE_Sign1")
    header, unprotected, payload, signature = tagged.value
    protected = cbor2.loads(header)
    if not (
        isinstance(header, bytes)
        and isinstance(protected, Mapping)
        and isinstance(unprotected, Mapping)
        and isinstance(payload, bytes | None)
        and isinstance(signature, bytes)
    ):
        raise ValueError("not a COSE_Sign1's four parts")
    return header, protected, unprotected, payload, signature
