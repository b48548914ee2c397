"""What a rotation entry proves: from keys already trusted to new ones, each step signed by both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sealtrace.errors import ProofInvalid

from .notekey import NoteKey
from .verify import verify_commitment, verify_statement

FIELDS = ("old_verifier_key", "new_verifier_key", "new_statement_key", "new_receipt_key")


def possession_message(fields: Mapping[str, Any]) -> bytes:
    """What the new checkpoint key signs to show that its owner holds it."""
    return b"sealtrace key rotation 1\n" + "\n".join(str(fields[name]) for name in FIELDS).encode()


def follow(
    verifier_keys: Iterable[str], statement_keys: Iterable[str], rotations: Iterable[Mapping[str, Any]]
) -> tuple[set[str], set[str]]:
    """Go through rotation entries, oldest first: each must be signed by a key trusted so far.

    A rotation is a map of the entry's `statement` and its `opening`, all fields disclosed. Returns every
    verifier key and statement key that is trusted in the end.

    Raises:
        ProofInvalid: a step does not hold.
    """
    verifiers, statements = set(verifier_keys), set(statement_keys)
    for rotation in rotations:
        verify_statement(rotation["statement"], sorted(statements))
        if not verify_commitment(rotation["statement"], rotation["opening"]):
            raise ProofInvalid("a rotation's fields do not open its entry")
        value = {name: pair[1] for name, pair in rotation["opening"].items()}
        if value.get("event") != "ledger:key-rotated" or value["old_verifier_key"] not in verifiers:
            raise ProofInvalid("a rotation does not follow from the keys before it")
        new = NoteKey.parse(value["new_verifier_key"])
        try:
            key = Ed25519PublicKey.from_public_bytes(new.public)
            key.verify(bytes.fromhex(value["possession"]), possession_message(value))
        except (InvalidSignature, ValueError) as e:
            raise ProofInvalid("a rotation is not countersigned by the new key") from e
        verifiers.add(value["new_verifier_key"])
        statements.add(value["new_statement_key"])
    return verifiers, statements
