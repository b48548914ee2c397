"""What office and notary say to each other, and what of it stays as proof. Pure: bytes in, values out.

    Order    -> Marks        at issue: which copies; the notary's half of each, and a signed mark for its entry
    Weighing -> Weighed      at tracing: the symbols of the notary's half; which copies they point to

All are tagged COSE_Sign1 (EdDSA, empty unprotected header) over deterministic CBOR: the office signs with the
key of its evidence, the notary with the key that the home's first entry names. A `Mark` goes into the entry of
its copy before delivery: it commits to the notary's half, and nobody but the notary can sign one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealtrace.errors import InputMissing, ProofInvalid, WrongKey

ORDER, MARKS, MARK = "sealtrace-notary-order/1", "sealtrace-notary-marks/1", "sealtrace-notary-mark/1"
WEIGHING, WEIGHED = "sealtrace-notary-weighing/1", "sealtrace-notary-weighed/1"
CARD = "sealtrace-notary-card/1"
ALG_EDDSA = {1: -8}
MAX_BYTES = 16 << 20
MOST_COPIES = 1000  # of one order
ID_BYTES, KEY_BYTES = 8, 32


@dataclass(frozen=True, slots=True)
class Card:
    """Who a notary is: its name and its public Ed25519 key, 32 bytes. No secret."""

    name: str
    key: bytes

    def to_text(self) -> str:
        """Write the card as a file holds it."""
        return (
            json.dumps({"format": CARD, "name": self.name, "key": self.key.hex()}, ensure_ascii=False) + "\n"
        )

    @classmethod
    def read(cls, path: Path) -> Card:
        """Read a notary's card. Raises InputMissing, WrongKey."""
        try:
            said = json.loads(path.read_text("utf-8"))
            card = cls(str(said["name"]), bytes.fromhex(said["key"]))
            if said["format"] != CARD or len(card.key) != KEY_BYTES or not card.name.strip():
                raise ValueError("another format")
        except OSError as e:
            raise InputMissing(f"{path} can't be read: {e.strerror}") from e
        except (ValueError, KeyError, TypeError) as e:
            raise WrongKey(
                f"{path} is no notary's card",
                advice="The notary writes it: `sealtrace notary card --out FILE`.",
            ) from e
        return card


def sign(form: str, fields: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Sign a message of one form."""
    protected, payload = _cbor(ALG_EDDSA), _cbor({"format": form, **fields})
    return _cbor(cbor2.CBORTag(18, [protected, {}, payload, key.sign(_to_be_signed(protected, payload))]))


def read(data: bytes, form: str, key: bytes | None) -> dict[str, Any]:
    """Read a message of one form, signed by `key`; None reads it unchecked, to see whose it is.

    Raises:
        ProofInvalid: it is another, not in its one form, or not signed by this key.
    """
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("too long")
        tagged = cbor2.loads(data)
        protected, unprotected, payload, signature = tagged.value
        found = cbor2.loads(payload)
        regular = (
            (tagged.tag, unprotected, protected) == (18, {}, _cbor(ALG_EDDSA))
            and _cbor(tagged) == data
            and _cbor(found) == payload
            and found["format"] == form
        )
        if key is not None:
            public = Ed25519PublicKey.from_public_bytes(key)
            public.verify(signature, _to_be_signed(protected, payload))
    except InvalidSignature as e:
        raise ProofInvalid("it is not signed by the key it should be") from e
    except Exception as e:  # hostile bytes: whatever the decoder trips over
        raise ProofInvalid(f"this is no {form.partition('/')[0].removeprefix('sealtrace-')}") from e
    if not regular:
        raise ProofInvalid(f"this is no {form.partition('/')[0].removeprefix('sealtrace-')} in its one form")
    return dict(found)


def digest(data: bytes) -> bytes:
    """The digest by which an answer names what it answers."""
    return hashlib.sha256(data).digest()


def mark_fields(
    *, log: str, code: str, version: int, copy: bytes, channel: str, symbols: int, word: bytes,
    bias_key: bytes, document_key: bytes,
) -> dict[str, Any]:  # fmt: skip
    """What a notary signs of one copy: commitments to its half of the codeword and to the keys behind it."""
    return {
        "log": log,
        "code": code,
        "version": version,
        "copy": copy,
        "channel": channel,
        "symbols": symbols,
        "codeword_sha256": digest(word),
        "bias_key_sha256": digest(bias_key),
        "document_key_sha256": digest(document_key),
    }


def is_for(mark: Mapping[str, Any], issue: Mapping[str, Any]) -> bool:
    """Whether a mark is of the copy and version that an entry is about."""
    return all(mark.get(name) == issue[name][1] for name in ("code", "version", "copy"))


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return _cbor(["Signature1", protected, b"", payload])


def _cbor(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)
