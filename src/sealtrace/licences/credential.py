"""A licence as a W3C Verifiable Credential: a view for systems that read those; the signed text stays the licence.

The credential follows the data model 2.0 and is secured as a JWT (VC-JOSE-COSE: `typ` is vc+jwt, ES256). It says
what the licence says, carries the licence's own text as evidence, and names the same key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sealtrace.clock import stamp
from sealtrace.errors import ProofInvalid
from sealtrace.ledger.keys import key_id

from . import token
from .states import CHINA
from .token import Licence

CONTEXT = "https://www.w3.org/ns/credentials/v2"
TYPE, EVIDENCE = "DualUseExportLicence", "SealtraceSignedLicence"
VOCABULARY = "urn:sealtrace:vocabulary:"
TERMS = (
    TYPE, EVIDENCE, "number", "kind", "holder", "endUser", "destination", "endUse", "goods", "entry", "element",
    "elementMilligrams", "grossMilligrams", "valueMinorUnits", "controlListDigest", "statusIndex", "text",
)  # fmt: skip


def view(licence: Licence, text: str) -> dict[str, Any]:
    """Give a licence as a credential. Pure: the same licence gives the same object."""
    first, after = (
        datetime.combine(d, time(), CHINA) for d in (licence.valid_from, licence.valid_to + timedelta(days=1))
    )
    return {
        "@context": [CONTEXT, {term: VOCABULARY + term for term in TERMS}],
        "type": ["VerifiableCredential", TYPE],
        "id": f"{licence.issuer}:licence:{licence.number}",
        "issuer": licence.issuer,
        "validFrom": stamp(first), "validUntil": stamp(after - timedelta(seconds=1)),
        "credentialSubject": {
            "number": licence.number, "kind": licence.kind, "holder": licence.holder, "endUser": licence.end_user,
            "destination": licence.destination, "endUse": licence.end_use, "statusIndex": licence.status_index,
            "controlListDigest": licence.list_digest.hex(),
            "goods": [
                {"entry": n.key.entry, "element": n.key.element, "elementMilligrams": n.amount.element_mg,
                 "grossMilligrams": n.amount.gross_mg, "valueMinorUnits": n.amount.value_minor}
                for n in licence.lines
            ],
        },
        "evidence": [{"type": EVIDENCE, "text": text}],
    }  # fmt: skip


def to_jwt(credential: Mapping[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    """Secure a credential as a compact JWS."""
    header = {"alg": "ES256", "typ": "vc+jwt", "cty": "vc", "kid": key_id(key.public_key()).hex(),
              "iss": credential["issuer"]}  # fmt: skip
    signed = f"{_part(header)}.{_part(credential)}"
    r, s = decode_dss_signature(key.sign(signed.encode("ascii"), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def read_jwt(jwt: str, keys: Sequence[ec.EllipticCurvePublicKey]) -> dict[str, Any]:
    """Read a credential that one of the keys secured, and that says what the licence in it says.

    Raises:
        ProofInvalid: neither, or not in this form.
    """
    try:
        head, body, mark = jwt.strip().split(".")
        header, credential, signature = json.loads(_bytes(head)), json.loads(_bytes(body)), _bytes(mark)
        key = next(k for k in keys if key_id(k).hex() == header["kid"])
        if header["alg"] != "ES256" or header["typ"] != "vc+jwt" or len(signature) != 64:
            raise ProofInvalid("this is no credential secured with ES256")
        pair = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        key.verify(encode_dss_signature(*pair), f"{head}.{body}".encode("ascii"), ec.ECDSA(hashes.SHA256()))
        text = credential["evidence"][0]["text"]
        held = view(token.verify(text, keys), text)
    except InvalidSignature:
        raise ProofInvalid("the credential's signature does not hold") from None
    except (ValueError, KeyError, TypeError, IndexError, StopIteration, AttributeError, UnicodeError) as e:
        raise ProofInvalid("this is no credential of a trusted issuer") from e
    if held != credential:
        raise ProofInvalid("the credential says something else than the licence in it")
    return held


def _part(value: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
