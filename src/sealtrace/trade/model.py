"""The values of trade supervision: columns of a declaration, a check, a reason, a label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from .algebra import Algebra, Value


class Direction(StrEnum):
    """Which way the goods cross the border, seen from the declaring country."""

    EXPORT = "export"
    IMPORT = "import"


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"


COLUMNS: Mapping[str, Kind] = {
    "decl_id": Kind.TEXT,
    "date": Kind.DAY,
    "direction": Kind.TEXT,
    "office": Kind.TEXT,
    "mode": Kind.TEXT,
    "exporter": Kind.TEXT,
    "consignee": Kind.TEXT,
    "consignee_age_d": Kind.NUMBER,
    "consignee_addr": Kind.TEXT,
    "consignee_phone": Kind.TEXT,
    "consignee_trader": Kind.NUMBER,
    "dest": Kind.TEXT,
    "hs6": Kind.TEXT,
    "desc": Kind.TEXT,
    "decl_element": Kind.TEXT,
    "net_kg": Kind.NUMBER,
    "weighbridge_kg": Kind.NUMBER,
    "volume_m3": Kind.NUMBER,
    "value_usd": Kind.NUMBER,
    "insurance_usd": Kind.NUMBER,
    "licence": Kind.TEXT,
}
"""Columns of a declaration. `dest` is the partner country: of destination for an export, of dispatch for an import."""

REQUIRED = ("decl_id", "date", "exporter", "consignee", "hs6", "net_kg", "value_usd")


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that could not be taken: where it stands and what is wrong with it."""

    source: str
    line: int
    column: str
    message: str

    def as_dict(self) -> dict[str, object]:
        """Give the problem for JSON."""
        return {"source": self.source, "line": self.line, "column": self.column, "message": self.message}


@dataclass(frozen=True, slots=True)
class Check:
    """One named check.

    `score` is a pure function of a gathered row or frame (`desk.Surroundings.gather`) and gives
    one number a row: 0 or null says nothing, more is more suspicious. `facts` are the columns the reason
    quotes; `en` and `zh` are its sentence, with those columns as fields.
    """

    name: str
    score: Callable[[Algebra], Value]
    facts: tuple[str, ...]
    en: str
    zh: str
    in_nats: bool = False
    """True when the score is evidence already (a log-likelihood ratio) and needs no ranking."""
    relative: bool = False
    """True when the score is measured from what is usual already, so that its rank counts from the first."""
    exact: bool = False
    """True when a hit is a breach by the books rather than a likelihood: such rows come before all others."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one check speaks against one declaration: its rank among all rows, and its sentence."""

    check: str
    p: float
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Give the reason for JSON."""
        return {"check": self.check, "p": self.p, "text": self.text}


class Source(StrEnum):
    """Where an outcome comes from."""

    RANDOM = "random"
    TARGETED = "targeted"
    TIP = "tip"
    COURT = "court"
    APPEAL = "appeal"


@dataclass(frozen=True, slots=True)
class Label:
    """An outcome: what is held true of a declaration from `valid_from`, as known since `known_at`.

    `fraud` None takes an earlier outcome back without putting another in its place.
    """

    decl_id: str
    fraud: bool | None
    valid_from: date
    known_at: datetime
    source: Source
    note: str = ""
