"""Salted commitments: what the log holds instead of data.

Each field is committed to by itself, SHA-256 over deterministic CBOR [salt, name, value] with a random
16-byte salt; the digest that goes on the log is SHA-256 over the sorted field commitments. So one field
can be shown to a court without the others, and a destroyed salt leaves a hash that nobody can guess.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cbor2

Value = str | int | bytes | None
Opening = dict[str, list[bytes | Value]]

SALT_BYTES = 16
DOMAIN = b"sealtrace commitment 1\0"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A digest for the log and the opening that stays off it: name -> [salt, value]."""

    digest: bytes
    opening: Opening


def commit(fields: Mapping[str, Value], salt_source: Callable[[int], bytes] = os.urandom) -> Commitment:
    """Commit to fields, one salt each."""
    salts = salt_source(SALT_BYTES * len(fields))
    opening: Opening = {
        name: [salts[SALT_BYTES * i : SALT_BYTES * (i + 1)], value]
        for i, (name, value) in enumerate(fields.items())
    }
    return Commitment(_digest([field_commitment(n, s, v) for n, (s, v) in opening.items()]), opening)


def field_commitment(name: str, salt: bytes | Value, value: bytes | Value) -> bytes:
    """Return the 32-byte commitment to one field."""
    return hashlib.sha256(cbor2.dumps([salt, name, value], canonical=True)).digest()


def verify_opening(
    digest: bytes, disclosed: Mapping[str, Sequence[bytes | Value]], hidden: Sequence[bytes] = ()
) -> bool:
    """Tell whether the disclosed fields and the commitments of the hidden ones give `digest`."""
    shown = [field_commitment(name, salt, value) for name, (salt, value) in disclosed.items()]
    return _digest([*shown, *hidden]) == digest


def _digest(commitments: Sequence[bytes]) -> bytes:
    return hashlib.sha256(DOMAIN + b"".join(sorted(commitments))).digest()
