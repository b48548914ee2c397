"""The ledger's signing keys, derived from the home's secrets by generation, and their public forms."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .model import Generation, KeySet, LedgerKeys, Profile
from .notekey import COSIGN_ML_DSA, ED25519, SM2, NoteSigner

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


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


@dataclass(frozen=True)
class Signers:
    """The private keys of one generation."""

    generation: Generation
    checkpoint: NoteSigner
    statement: ec.EllipticCurvePrivateKey
    receipt: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, keys: LedgerKeys, generation: Generation) -> Signers:
        """Derive a generation's keys; the same secrets always give the same keys."""
        suffix = "" if generation.number == 1 else f"/{generation.number}"
        seed = keys.secret(f"ledger/checkpoint{suffix}")
        return cls(
            generation,
            NoteSigner.from_seed(keys.origin, ED25519, seed),
            p256_from_seed(keys.secret(f"ledger/statement{suffix}"), "statement"),
            p256_from_seed(seed, "receipt"),
        )

    @cached_property
    def statement_key(self) -> str:
        """The public statement key, PEM."""
        return _pem(self.statement.public_key())

    @cached_property
    def receipt_key(self) -> str:
        """The public receipt key, PEM."""
        return _pem(self.receipt.public_key())


def further_signers(keys: LedgerKeys) -> list[NoteSigner]:
    """The signers of the lines beside Ed25519: ML-DSA-44 always, SM2 in the SM profile."""
    made = [NoteSigner.from_seed(keys.origin, COSIGN_ML_DSA, keys.secret("ledger/ml-dsa"))]
    if keys.profile is Profile.SM:
        made.append(NoteSigner.from_seed(keys.origin, SM2, keys.secret("ledger/sm2")))
    return made


def public_keys(generations: Sequence[Signers], further: Sequence[NoteSigner]) -> KeySet:
    """Give the public keys of all generations, oldest first, in the forms verifiers read."""
    newest_first = generations[::-1]
    return KeySet(
        tuple(s.checkpoint.public.text for s in newest_first if s.generation.retired_at is None),
        tuple(s.statement_key for s in newest_first),
        tuple(s.receipt_key for s in newest_first),
        tuple(s.public.text for s in further),
        tuple(s.checkpoint.public.text for s in newest_first if s.generation.retired_at is not None),
    )


def _pem(key: ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
