"""The ledger's signing keys, derived from the home's seeds, and their public forms."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .model import KeySet, LedgerKeys

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_KEY_TYPE = b"\x01"  # C2SP signed-note, signature type 0x01


def p256_from_seed(seed: bytes, purpose: str) -> ec.EllipticCurvePrivateKey:
    """Derive a P-256 key: 48 bytes of HKDF-SHA256 reduced mod (order - 1), plus 1; bias below 2^-128.

    Source: FIPS 186-5, A.2.1 (extra random bits).
    """
    wide = HKDF(hashes.SHA256(), 48, None, f"sealtrace {purpose} P-256".encode()).derive(seed)
    return ec.derive_private_key(int.from_bytes(wide, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


def key_id(public: ec.EllipticCurvePublicKey) -> bytes:
    """Name a key by the first 8 bytes of the SHA-256 of its SubjectPublicKeyInfo."""
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).digest()[:8]


def note_key_hash(name: str, key_type: bytes, key: bytes) -> bytes:
    """Return the 4-byte key hash of a verifier key. Source: C2SP signed-note."""
    return hashlib.sha256(name.encode() + b"\n" + key_type + key).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """Write a C2SP verifier key: name+hash+base64(type || key). Source: C2SP signed-note."""
    digest = note_key_hash(name, ED25519_KEY_TYPE, public)
    return f"{name}+{digest.hex()}+{base64.b64encode(ED25519_KEY_TYPE + public).decode()}"


@dataclass(frozen=True)
class Signers:
    """The private keys of one ledger."""

    checkpoint: Ed25519PrivateKey
    statement: ec.EllipticCurvePrivateKey
    receipt: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, keys: LedgerKeys) -> Signers:
        """Derive all keys from the seeds; the same seeds always give the same keys."""
        return cls(
            Ed25519PrivateKey.from_private_bytes(keys.checkpoint_seed),
            p256_from_seed(keys.statement_seed, "statement"),
            p256_from_seed(keys.checkpoint_seed, "receipt"),
        )

    def public(self, origin: str) -> KeySet:
        """Give the public keys in the forms verifiers read."""
        return KeySet(
            (verifier_key(origin, self.checkpoint.public_key().public_bytes_raw()),),
            (_pem(self.statement.public_key()),),
            (_pem(self.receipt.public_key()),),
        )


def _pem(key: ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
