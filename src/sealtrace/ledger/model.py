"""Values of the ledger."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be entered: an event, about an opaque subject, committed to by a 32-byte digest."""

    event: str
    subject: str
    digest: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its index, its leaf hash (RFC 9162, 2.1.1) and the signed statement that is its bytes."""

    index: int
    leaf: bytes
    statement: bytes


@dataclass(frozen=True, slots=True)
class TreeHead:
    """Size and root of the tree at one moment."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """The seeds from which a ledger's signing keys are derived, and the names they sign for."""

    origin: str
    issuer: str
    checkpoint_seed: bytes
    statement_seed: bytes


@dataclass(frozen=True, slots=True)
class KeySet:
    """The public keys that verify a ledger's checkpoints, statements and receipts."""

    verifier_keys: tuple[str, ...]
    statement_keys: tuple[str, ...]
    receipt_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in the stored log, and where."""

    place: str
    problem: str
