"""The tracing key: what tells copies apart is sealed to it at issue, and only k of n people open it again.

tracing.json   the public half, and how many of how many shares give the private half back
share files    the private half, X25519, split into shares that are given to different people

The home keeps the public half only. A secret is sealed as ephemeral X25519, HKDF-SHA-256, AES-256-GCM, bound
to what it belongs to. Sources: RFC 7748, RFC 5869; the construction is that of an anonymous sealed box.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sealtrace.errors import Corrupted, StorageFailed, WrongKey

from . import shares as secret_shares
from .keyring import ShareOrder, write_new
from .shares import Share

PLACE = "tracing.json"
INFO = b"sealtrace tracing seal 1"
KEY_BYTES, NONCE = 32, bytes(12)  # a fresh key for each message: its nonce may stay zero


@dataclass(frozen=True, slots=True)
class TracingKey:
    """The public half of a home's tracing key, 32 bytes in hex, and how many shares open it, of how many."""

    public: str
    needed: int
    of: int

    @classmethod
    def create(cls, folder: Path, order: ShareOrder) -> TracingKey:
        """Draw a tracing key, write its share files and its public half; the private half is kept nowhere.

        Raises:
            StorageFailed: a place can't be written; an existing file is never overwritten.
        """
        private = X25519PrivateKey.generate()
        made, written = secret_shares.split(private.private_bytes_raw(), order.needed, order.of), list[Path]()
        try:
            for place, share in zip(order.paths, made, strict=True):
                write_new(place, (share.text + "\n").encode())
                written.append(place)
        except StorageFailed:
            for place in written:
                place.unlink(missing_ok=True)
            raise
        key = cls(private.public_key().public_bytes_raw().hex(), order.needed, order.of)
        write_new(folder / PLACE, (json.dumps(asdict(key)) + "\n").encode())
        return key

    @classmethod
    def read(cls, folder: Path) -> TracingKey | None:
        """Read a home's tracing key; None when it has none. Raises Corrupted."""
        try:
            return cls(**json.loads((folder / PLACE).read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as e:
            raise Corrupted(f"the tracing key in {folder} can't be read") from e

    def seal(self, secret: bytes, bound_to: bytes) -> bytes:
        """Seal a secret: ephemeral public key, then ciphertext and tag."""
        public = X25519PublicKey.from_public_bytes(bytes.fromhex(self.public))
        own = X25519PrivateKey.generate()
        sent = own.public_key().public_bytes_raw()
        return sent + self._cipher(own.exchange(public), sent).encrypt(NONCE, secret, bound_to)

    def join(self, shares: Sequence[Share]) -> bytes:
        """Give the private half back.

        Raises:
            WrongKey: the shares are too few, of another key, or altered.
        """
        private = secret_shares.join(shares)
        if len(private) != KEY_BYTES or self._public_of(private) != self.public:
            raise WrongKey("the key shares are not of this home's tracing key, or one was altered")
        return private

    def unseal(self, private: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        """Open what was sealed. Raises Corrupted when it was altered or belongs elsewhere."""
        sent, body = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
        try:
            shared = X25519PrivateKey.from_private_bytes(private).exchange(
                X25519PublicKey.from_public_bytes(sent)
            )
            return self._cipher(shared, sent).decrypt(NONCE, body, bound_to)
        except (InvalidTag, ValueError):
            raise Corrupted("a sealed word secret does not open: it was altered") from None

    def _cipher(self, shared: bytes, sent: bytes) -> AESGCM:
        salt = sent + bytes.fromhex(self.public)
        return AESGCM(HKDF(hashes.SHA256(), KEY_BYTES, salt, INFO).derive(shared))

    def _public_of(self, private: bytes) -> str:
        return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw().hex()


def fresh_secret() -> bytes:
    """Draw the word secret of one batch of copies."""
    return os.urandom(KEY_BYTES)
