"""What a recipient's device signs: the request for a copy, and the receipt for its bytes.

Both are tagged COSE_Sign1 (EdDSA, empty unprotected header) over deterministic CBOR. The device's key stays on
the device; the office knows its public key only, from an entry of its own. So nobody in the office can make a
request or a receipt that the recipient did not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from sealtrace.errors import ProofInvalid, WrongKey

REQUEST, RECEIPT = "sealtrace-copy-request/1", "sealtrace-copy-receipt/1"
ALG_EDDSA = {1: -8}
NONCE_BYTES, MAX_BYTES = 16, 4096
MAKE = "Make one on the device: `sealtrace device key --out FILE`."


@dataclass(frozen=True, slots=True)
class Request:
    """A device asks for a copy of CODE@VERSION for its operator."""

    code: str
    version: int
    operator: str
    device: str
    at: str
    nonce: bytes

    def sign(self, key: Ed25519PrivateKey) -> bytes:
        """Return the signed request."""
        return _sign(
            key,
            {"format": REQUEST, "code": self.code, "version": self.version, "operator": self.operator,
             "device": self.device, "at": self.at, "nonce": self.nonce},
        )  # fmt: skip

    @classmethod
    def read(cls, data: bytes) -> Request:
        """Read a request; its signature is checked by `check`. Raises ProofInvalid."""
        found = _payload(data, REQUEST)
        texts = all(isinstance(found.get(name), str) for name in ("code", "operator", "device", "at"))
        nonce, version = found.get("nonce"), found.get("version")
        if not (texts and type(version) is int and isinstance(nonce, bytes) and len(nonce) == NONCE_BYTES):
            raise ProofInvalid("this is not a request for a copy")
        return cls(found["code"], version, found["operator"], found["device"], found["at"], nonce)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A device acknowledges that it holds a copy's bytes."""

    copy: bytes
    copy_sha256: bytes
    at: str

    def sign(self, key: Ed25519PrivateKey) -> bytes:
        """Return the signed receipt."""
        return _sign(
            key, {"format": RECEIPT, "copy": self.copy, "copy_sha256": self.copy_sha256, "at": self.at}
        )

    @classmethod
    def read(cls, data: bytes) -> Receipt:
        """Read a receipt; its signature is checked by `check`. Raises ProofInvalid."""
        found = _payload(data, RECEIPT)
        copy, digest, at = found.get("copy"), found.get("copy_sha256"), found.get("at")
        if not (isinstance(copy, bytes) and isinstance(digest, bytes) and isinstance(at, str)):
            raise ProofInvalid("this is not a receipt for a copy")
        return cls(copy, digest, at)


def check(data: bytes, public_key: bytes) -> None:
    """Check that a device's key signed a request or a receipt. Raises ProofInvalid."""
    protected, payload, signature = _parts(data)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _to_be_signed(protected, payload))
    except (InvalidSignature, ValueError) as e:
        raise ProofInvalid("it is not signed by the device's key") from e


def _sign(key: Ed25519PrivateKey, fields: Mapping[str, Any]) -> bytes:
    protected, payload = _cbor(ALG_EDDSA), _cbor(dict(fields))
    return _cbor(cbor2.CBORTag(18, [protected, {}, payload, key.sign(_to_be_signed(protected, payload))]))


def _payload(data: bytes, form: str) -> dict[str, Any]:
    _, payload, _ = _parts(data)
    found = cbor2.loads(payload)
    if not isinstance(found, dict) or _cbor(found) != payload or found.get("format") != form:
        raise ProofInvalid(
            f"this is not a {form.partition('/')[0].removeprefix('sealtrace-').replace('-', ' ')}"
        )
    return found


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature of what is in the one form a device writes."""
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("too long")
        tagged = cbor2.loads(data)
        protected, unprotected, payload, signature = tagged.value
        regular = (tagged.tag, unprotected, protected) == (18, {}, _cbor(ALG_EDDSA)) and _cbor(tagged) == data
        cbor2.loads(payload)
    except Exception as e:  # hostile bytes: whatever the decoder trips over, it is not signed
        raise ProofInvalid("this is nothing that a device signs") from e
    if not regular or not isinstance(signature, bytes):
        raise ProofInvalid("this is not in the one form a device signs: it was altered")
    return protected, payload, signature


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return _cbor(["Signature1", protected, b"", payload])


def _cbor(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


# -- keys in files -------------------------------------------------------------------------------


def new_key() -> tuple[bytes, bytes]:
    """Draw a device's key: private and public half, each as PEM."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), public


def read_private(path: Path) -> Ed25519PrivateKey:
    """Read a device's private key from PEM. Raises WrongKey."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as e:
        raise WrongKey(f"{path} can't be read as a device's key", advice=MAKE) from e
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongKey(f"{path} holds no Ed25519 key", advice=MAKE)
    return key


def read_public(path: Path) -> bytes:
    """Read a device's public key, 32 bytes, from PEM. Raises WrongKey."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as e:
        raise WrongKey(f"{path} can't be read as a device's public key", advice=MAKE) from e
    if not isinstance(key, Ed25519PublicKey):
        raise WrongKey(f"{path} holds no Ed25519 public key", advice=MAKE)
    return key.public_bytes_raw()
