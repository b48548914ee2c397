"""Signatures by keys that are not ours: a device's, or the one inside a package. Ed25519 and ECDSA on P-256."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealtrace.errors import ProofInvalid


def check(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature by a key given as SubjectPublicKeyInfo in DER; ECDSA as r and s, 32 bytes each.

    Raises:
        ProofInvalid: it does not hold, or the key is of another kind.
    """
    try:
        key = load_der_public_key(public_key)
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        elif (
            isinstance(key, ec.EllipticCurvePublicKey)
            and isinstance(key.curve, ec.SECP256R1)
            and len(signature) == 64
        ):
            r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        else:
            raise ProofInvalid("the signature is of a kind that is not used here")
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as e:
        raise ProofInvalid("the signature does not hold") from e
