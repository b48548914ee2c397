"""Values of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be entered: an event, about an opaque subject, committed to by a 32-byte digest."""

    event: str
    subject: str
    digest: bytes
    content_type: str


class Entry(NamedTuple):
    """One entry: its index, its leaf hash (RFC 9162, 2.1.1) and the signed statement that is its bytes.

    A tuple, since a thousand are made for each transaction, and a frozen dataclass takes 2.5 times as long.
    """

    index: int  # type: ignore[assignment]  # takes the place of tuple.index, which nobody asks an entry for
    leaf: bytes
    statement: bytes


@dataclass(frozen=True, slots=True)
class TreeHead:
    """Size and root of the tree at one moment."""

    size: int
    root: bytes


class Profile(StrEnum):
    """Which algorithms a ledger uses beside the canonical SHA-256 log, which every profile keeps."""

    DEFAULT = "default"
    SM = "sm"  # an SM2 line on each checkpoint and a second tree over SM3


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """The names a ledger signs for, and where the seeds of its keys come from.

    `secret` gives 32 bytes for a purpose, always the same; a rotation asks for the next generation's.
    """

    origin: str
    issuer: str
    secret: Callable[[str], bytes]
    profile: Profile = Profile.DEFAULT


@dataclass(frozen=True, slots=True)
class KeySet:
    """The public keys that verify a ledger's checkpoints, statements and receipts; the newest first."""

    verifier_keys: tuple[str, ...]
    """C2SP verifier keys whose Ed25519 line stands on checkpoints now."""
    statement_keys: tuple[str, ...]
    """PEM; of every generation, since their statements stay in the log."""
    receipt_keys: tuple[str, ...]
    """PEM; of every generation, since receipts given out stay with their holders."""
    cosigner_keys: tuple[str, ...] = ()
    """C2SP verifier keys of the further lines: ML-DSA-44, SM2."""
    retired_keys: tuple[str, ...] = ()
    """C2SP verifier keys that sign no more; the heads they signed before stay signed."""

    @property
    def of_any_time(self) -> tuple[str, ...]:
        """The verifier keys that an earlier head of this log may carry."""
        return self.verifier_keys + self.retired_keys


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of signing keys: from which tree size it signs, and at which it was retired."""

    number: int
    from_size: int
    retired_at: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in the stored log, and where."""

    place: str
    problem: str
