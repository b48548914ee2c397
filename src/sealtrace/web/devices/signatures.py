"""HTTP message signatures by device keys: build what is signed, read what was sent, check it. Pure.

Source: RFC 9421 (signature base 2.5, parameters 2.3, verifying 3.2), RFC 9530 (Content-Digest), RFC 8941 (fields).
A request must cover its method, path, query and, when it has one, its body by Content-Digest; it names the key,
when it was made and a nonce. Ed25519 and ECDSA on P-256 with SHA-256, by what the key is, never by what is claimed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealtrace.errors import SignatureRefused

FRESH = timedelta(minutes=5)
LABEL = "device"
COVERED = ("@method", "@path", "@query")
BODY = "content-digest"
LONGEST = 4096

_ITEM = re.compile(r'"([a-z0-9@-]+)"')
_INPUT = re.compile(
    r'([a-z*][a-z0-9_.*-]*)=\(((?:"[a-z0-9@-]+"(?: (?=")|(?=\))))*)\)((?:;[a-z]+=(?:"[^"\\]*"|\d{1,15}))*)'
)
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"\\]*)"|(\d+))')
_SIGNATURE = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]+={0,2}):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature claims, before it is checked: covered components, key, time, nonce, and the signature."""

    components: tuple[str, ...]
    parameters: str
    keyid: str
    created: int
    nonce: str
    signature: bytes


def parameters(components: tuple[str, ...], *, created: int, keyid: str, nonce: str) -> str:
    """The value of @signature-params."""
    inside = " ".join(f'"{name}"' for name in components)
    return f'({inside});created={created};keyid="{keyid}";nonce="{nonce}"'


def base(components: tuple[str, ...], values: Mapping[str, str], parameters: str) -> bytes:
    """The signature base. Source: RFC 9421, 2.5.

    Raises:
        SignatureRefused: a covered component is not in the message.
    """
    lines = []
    for name in components:
        if name not in values:
            raise SignatureRefused(f"the signature covers {name}, which the request does not have")
        lines.append(f'"{name}": {values[name]}')
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def content_digest(body: bytes) -> str:
    """The Content-Digest of a body. Source: RFC 9530, 2."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def read(signature_input: str, signature: str) -> Signed:
    """Read the two fields; exactly one signature, in the strict form our own programs write.

    Raises:
        SignatureRefused: they are something else.
    """
    if len(signature_input) > LONGEST or len(signature) > LONGEST:
        raise SignatureRefused("the signature is too long")
    said, made = _INPUT.fullmatch(signature_input.strip()), _SIGNATURE.fullmatch(signature.strip())
    if not said or not made or said[1] != made[1]:
        raise SignatureRefused("the request's Signature-Input and Signature can't be read")
    components = tuple(_ITEM.findall(said[2]))
    if len(set(components)) != len(components):
        raise SignatureRefused("a component is covered twice")
    given = [(name, text or number) for name, text, number in _PARAMETER.findall(said[3])]
    facts = dict(given)
    if len(facts) != len(given) or not facts.get("created", "").isdecimal():
        raise SignatureRefused("the signature does not say when it was made")
    if not facts.get("keyid") or not facts.get("nonce"):
        raise SignatureRefused("the signature names no key or no nonce")
    try:
        value = base64.b64decode(made[2], validate=True)
    except binascii.Error as e:
        raise SignatureRefused("the signature is not base64") from e
    whole = signature_input.strip().split("=", 1)[1]
    return Signed(components, whole, facts["keyid"], int(facts["created"]), facts["nonce"], value)


def check(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Check one signature by a key given as SubjectPublicKeyInfo in DER; ECDSA as r and s, 32 bytes each.

    Raises:
        SignatureRefused: it does not hold, or the key is of another kind.
    """
    key = load(public_key)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            if len(signature) != 64:
                raise SignatureRefused("the signature has the wrong length")
            r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
            key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature as e:
        raise SignatureRefused("the signature does not hold") from e


def load(public_key: bytes) -> Ed25519PublicKey | EllipticCurvePublicKey:
    """Read a device's key. Raises SignatureRefused for anything but Ed25519 and P-256."""
    try:
        key = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm) as e:
        raise SignatureRefused("the key can't be read") from e
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise SignatureRefused("the key is of a kind that is not used here")


def is_fresh(signed: Signed, now: datetime) -> bool:
    """Whether it was made within five minutes of now, in either direction."""
    return abs(now.timestamp() - signed.created) <= FRESH.total_seconds()


def verify(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, public_key: bytes, now: datetime
) -> Signed:  # fmt: skip
    """Check a signed request: `query` without its mark, headers by lower-case name.

    The caller finds the key by `read(...).keyid`, refuses revoked devices, and lets each nonce count once.

    Raises:
        SignatureRefused: unsigned, stale, incomplete, or the signature does not hold.
    """
    signed = read(headers.get("signature-input", ""), headers.get("signature", ""))
    needed = {*COVERED, BODY} if body else set(COVERED)
    if not needed <= set(signed.components):
        raise SignatureRefused(f"the signature must cover {', '.join(sorted(needed))}")
    if not is_fresh(signed, now):
        raise SignatureRefused(
            "the signature is older than five minutes, or from the future",
            advice="Set the clock of the device right and send it again.",
        )
    if body and not _digest_holds(headers.get(BODY, ""), body):
        raise SignatureRefused("the body is not what was signed")
    plain = {name: value.strip() for name, value in headers.items() if not name.startswith("@")}
    values = {**plain, "@method": method.upper(), "@path": path, "@query": f"?{query}"}
    check(public_key, base(signed.components, values, signed.parameters), signed.signature)
    return signed


def _digest_holds(field: str, body: bytes) -> bool:
    found = _DIGEST.fullmatch(field.strip())
    return found is not None and hmac.compare_digest(field.strip(), content_digest(body))
