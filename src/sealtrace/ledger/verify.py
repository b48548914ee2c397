"""Verify what a ledger publishes: pure functions, no I/O, only `cryptography` and `cbor2`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sealtrace.errors import ProofInvalid

from . import cose, statement
from .commitment import verify_opening
from .keys import key_id
from .merkle import leaf_hash, node_hash
from .note import Checkpoint, open_checkpoint

__all__ = [
    "Checkpoint",
    "Inclusion",
    "open_checkpoint",
    "root_from_inclusion",
    "verify_commitment",
    "verify_consistency",
    "verify_inclusion",
    "verify_receipt",
    "verify_statement",
]

VDS, VDP, INCLUSION = 395, 396, -1  # RFC 9942
RFC9162_SHA256 = 1


@dataclass(frozen=True, slots=True)
class Inclusion:
    """What a receipt proved: entry `index` is in the tree of `size` leaves with this root."""

    index: int
    size: int
    root: bytes


def root_from_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """Return the root that an audit path leads to. Source: RFC 9162, 2.1.3.2.

    Raises:
        ProofInvalid: the path can't belong to this leaf and size.
    """
    if not 0 <= index < size:
        raise ProofInvalid(f"leaf {index} is not in a tree of {size}")
    first, last, root = index, size - 1, leaf
    for node in path:
        if last == 0 or len(node) != 32:
            raise ProofInvalid("the inclusion proof is too long or malformed")
        if first & 1 or first == last:
            root = node_hash(node, root)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            root = node_hash(root, node)
        first, last = first >> 1, last >> 1
    if last:
        raise ProofInvalid("the inclusion proof is too short")
    return root


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check an inclusion proof against a known root. Raises ProofInvalid."""
    if root_from_inclusion(index, size, leaf, path) != root:
        raise ProofInvalid("the inclusion proof leads to another root")


def verify_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree of `new` leaves extends the tree of `old`. Source: RFC 9162, 2.1.4.2.

    Raises:
        ProofInvalid: it does not.
    """
    if not 0 <= old <= new:
        raise ProofInvalid(f"a tree of {new} can't extend one of {old}")
    if old in (0, new):
        if path or (old == new and old_root != new_root):
            raise ProofInvalid("the consistency proof does not fit equal or empty trees")
        return
    nodes = list(path)
    if old & (old - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        raise ProofInvalid("the consistency proof is empty")
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = nodes[0]
    for node in nodes[1:]:
        if last == 0 or len(node) != 32:
            raise ProofInvalid("the consistency proof is too long or malformed")
        if first & 1 or first == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, node)
        first, last = first >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise ProofInvalid("the consistency proof does not join the two trees")


def verify_statement(data: bytes, keys: Sequence[str]) -> Mapping[int, Any]:
    """Check a signed statement with any of the given PEM keys; returns its protected header.

    Raises:
        ProofInvalid: malformed, not in hash-envelope form, or the signature does not hold.
    """
    header, protected, unprotected, payload, signature = _parts(data, "statement")
    if unprotected or payload is None or len(payload) != 32:
        raise ProofInvalid("the statement is not a bare hash envelope")
    if cose.join(header, signature, payload) != data:
        raise ProofInvalid("the statement is not in deterministic CBOR: it could be written in two ways")
    if protected.get(statement.PAYLOAD_HASH_ALG) != statement.SHA256:
        raise ProofInvalid("the statement names another payload hash")
    _verify(header, protected, payload, signature, keys, "statement")
    return protected


def verify_receipt(receipt: bytes, entry: bytes, keys: Sequence[str]) -> Inclusion:
    """Check a receipt for an entry's bytes with any of the given PEM keys. Source: RFC 9942, 5.2.

    Raises:
        ProofInvalid: malformed, or it does not hold for this entry.
    """
    header, protected, unprotected, payload, signature = _parts(receipt, "receipt")
    if payload is not None or protected.get(VDS) != RFC9162_SHA256:
        raise ProofInvalid("the receipt is not an RFC9162_SHA256 receipt with a detached root")
    size, index, path = _inclusion_in(unprotected)
    if cose.join(header, signature, b"", unprotected=unprotected, detached=True) != receipt:
        raise ProofInvalid("the receipt is not in deterministic CBOR: it could be written in two ways")
    root = root_from_inclusion(index, size, leaf_hash(entry), path)
    _verify(header, protected, root, signature, keys, "receipt")
    return Inclusion(index, size, root)


def _inclusion_in(unprotected: Mapping[int, Any]) -> tuple[int, int, list[bytes]]:
    """Read a receipt's single inclusion proof: tree size, leaf index, path."""
    try:
        [proof] = unprotected[VDP][INCLUSION]
        size, index, path = cbor2.loads(proof)
        if cbor2.dumps([size, index, path], canonical=True) != proof:
            raise ValueError("not deterministic")
    except Exception as e:  # whatever hostile bytes make the decoder raise, the proof does not hold
        raise ProofInvalid("the receipt holds no single inclusion proof") from e
    numbers = type(size) is int and type(index) is int
    if not numbers or not isinstance(path, list) or not all(isinstance(node, bytes) for node in path):
        raise ProofInvalid("the receipt holds no single inclusion proof")
    return size, index, path


def verify_commitment(
    data: bytes, opening: Mapping[str, Sequence[Any]], hidden: Sequence[bytes] = ()
) -> bool:
    """Tell whether disclosed fields, and the commitments of hidden ones, open the commitment in a statement."""
    _, _, _, payload, _ = _parts(data, "statement")
    return payload is not None and verify_opening(payload, opening, hidden)


def _parts(data: bytes, what: str) -> tuple[bytes, Mapping[int, Any], Mapping[int, Any], bytes | None, bytes]:
    try:
        return cose.parse(data)
    except Exception as e:  # whatever hostile bytes make the decoder raise, the proof does not hold
        raise ProofInvalid(f"the {what} is not a COSE_Sign1") from e


def _verify(
    header: bytes,
    protected: Mapping[int, Any],
    payload: bytes,
    signature: bytes,
    keys: Sequence[str],
    what: str,
) -> None:
    if protected.get(cose.ALG) != cose.ES256 or len(signature) != 64:
        raise ProofInvalid(f"the {what} is not signed with ES256")
    for pem in keys:
        key = load_pem_public_key(pem.encode())
        if isinstance(key, ec.EllipticCurvePublicKey) and key_id(key) == protected.get(cose.KID):
            try:
                cose.check(key, signature, cose.to_be_signed(header, payload))
            except InvalidSignature as e:
                raise ProofInvalid(f"the {what}'s signature does not hold") from e
            return
    raise ProofInvalid(f"the {what} is signed by a key that is not among the given ones")
