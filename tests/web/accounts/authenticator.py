"""A software authenticator and browser: makes passkeys and answers challenges. Source: WebAuthn 3, 6.1."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2 import cbor
from fido2.cose import ES256

ORIGIN = "http://testserver"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unurl64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """One browser with its device key and one passkey."""

    def __init__(self) -> None:
        self.device = Ed25519PrivateKey.generate()
        self.key = generate_private_key(SECP256R1())
        self.id = hashlib.sha256(self.spki()).digest()
        self.counter = 0

    def spki(self) -> bytes:
        return self.device.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def _client_data(self, kind: str, nonce: bytes, origin: str, key: bytes) -> bytes:
        challenge = url64(hashlib.sha256(nonce + key).digest())
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": origin}).encode()

    def _data(self, rp: str, flags: int, more: bytes = b"") -> bytes:
        self.counter += 1
        return hashlib.sha256(rp.encode()).digest() + struct.pack(">BI", flags, self.counter) + more

    def _sent(self, response: dict[str, str], nonce: bytes) -> dict[str, Any]:
        credential = {
            "id": url64(self.id),
            "rawId": url64(self.id),
            "type": "public-key",
            "response": response,
        }
        return {
            "credential": credential, "name": "laptop", "device_key": base64.b64encode(self.spki()).decode(),
            "possession": base64.b64encode(self.device.sign(nonce)).decode(),
        }  # fmt: skip

    def make(self, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
        """What this browser sends to make its passkey."""
        asked = options["publicKey"]
        nonce = unurl64(asked["challenge"])
        client = self._client_data("create", nonce, origin, self.spki())
        cose = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(asked["rp"]["id"], PRESENT | VERIFIED | ATTESTED, attested)
        made = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._sent({"clientDataJSON": url64(client), "attestationObject": url64(made)}, nonce)

    def answer(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        flags: int = PRESENT | VERIFIED,
        key: bytes = b"",
    ) -> dict[str, Any]:
        """What this browser sends to sign in; `key` binds another device's key than its own."""
        asked = options["publicKey"]
        nonce = unurl64(asked["challenge"])
        client = self._client_data("get", nonce, origin, key or self.spki())
        data = self._data(asked["rpId"], flags)
        made = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": url64(client), "authenticatorData": url64(data), "signature": url64(made),
        }  # fmt: skip
        return self._sent(response, nonce)
