"""Circumstances for the report's last section: what a file says of itself, what the register knows beside the proof.

They come from the office, not from the evidence file. No verifier checks them and no number rests on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sealtrace.errors import ProofInvalid

from .facts import Facts, shown

FIELDS = {
    "file": ("author", "producer", "created", "modified"),
    "issued": ("issued_at", "file_at"),
    "looked": ("at", "device", "ip"),
}
"""What there is to say of each kind, in the order it is said."""
MOST = 500


@dataclass(frozen=True, slots=True)
class Beside:
    """One circumstance. piece: which of the leak's files, from 0. fits: with the copy; None where it tells nothing."""

    what: str
    fits: bool | None
    said: tuple[tuple[str, str], ...]
    piece: int | None
    copy: str


def read(rows: Sequence[Mapping[str, Any]]) -> tuple[Beside, ...]:
    """Read circumstances as a trace's answer gives them.

    Raises:
        ProofInvalid: they are written another way.
    """
    try:
        if len(rows) > MOST:
            raise ValueError("more than a trace has")
        return tuple(_one(row) for row in rows)
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise ProofInvalid("these are not the circumstances of a trace's answer") from e


def _one(row: Mapping[str, Any]) -> Beside:
    what, fits, piece = row["what"], row["fits"], row.get("piece")
    if not (fits is None or type(fits) is bool) or not (piece is None or type(piece) is int):
        raise ValueError("no circumstance")
    said = ((name, shown(row.get(name))) for name in FIELDS[what])
    return Beside(what, fits, tuple(pair for pair in said if pair[1]), piece, shown(row.get("copy")))


def fitting(beside: Sequence[Beside], facts: Facts) -> tuple[Beside, ...]:
    """Those that may stand in the report on this file: none where it does not hold.

    A defence copy withholds who else is named, so what is about their copies is left out as well.
    """
    if not facts.holds:
        return ()
    named = {copy.id for copy in facts.named if copy.operator}
    return tuple(one for one in beside if not one.copy or one.copy in named)
