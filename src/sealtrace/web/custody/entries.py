"""Ledger entries as the screens show them: index, what happened, about what. All of it public, none of it personal."""

from __future__ import annotations

from dataclasses import dataclass

from sealtrace.ledger import cose
from sealtrace.ledger.statement import CWT_CLAIMS, SUB

from .. import site

PREFIX, SUFFIX = "application/vnd.sealtrace.", "+cbor"
CONTENT_TYPE = 259  # of the payload before hashing. Source: RFC 9995


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry in a list."""

    index: int
    event: str
    subject: str
    leaf: str


def latest(count: int) -> list[Shown]:
    """The newest entries, newest first."""
    ledger = site.custody().office.ledger
    size = ledger.size()
    return [shown(index) for index in range(size - 1, max(-1, size - 1 - count), -1)]


def shown(index: int) -> Shown:
    """One entry by its index."""
    entry = site.custody().office.entry(index)
    if not entry.statement:
        return Shown(index, "purged", "", entry.leaf.hex())
    _, protected, _, _, _ = cose.parse(entry.statement)
    kind = str(protected.get(CONTENT_TYPE, "")).removeprefix(PREFIX).removesuffix(SUFFIX)
    claims = protected.get(CWT_CLAIMS, {})
    return Shown(index, kind.replace("-", ":", 1), str(claims.get(SUB, "")), entry.leaf.hex())
