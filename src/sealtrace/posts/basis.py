"""The register of legal bases: versions, caps and status by date, kept as data beside the code."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from sealtrace.errors import RestrictionUnlawful

LONGEST_MONTHS = 36
"""No restriction after a post lasts longer, whatever a basis says."""


class BasisStatus(StrEnum):
    """What a version of a legal basis is on a day."""

    IN_FORCE = "in force"
    SUSPENDED = "suspended"
    NOT_YET = "not yet in force"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which a basis does not apply: from `start` on, before `end` (None: until further notice)."""

    start: date
    end: date | None
    by: str


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One version of a legal basis. Dates are days of the law's place; `valid_until` is the first day without it.

    Raises:
        RestrictionUnlawful: no clause, no remedy, no cap, or a cap beyond LONGEST_MONTHS.
    """

    id: str
    version: int
    title: Mapping[str, str]
    clause: str
    valid_from: date
    valid_until: date | None
    verified: bool
    cap_months: Mapping[str, int]
    compensation_monthly: bool
    unpaid_months: int | None
    remedy: Mapping[str, str]
    remedy_days: int
    suspended: tuple[Suspension, ...] = ()

    def __post_init__(self) -> None:
        if not (self.clause and self.remedy and self.remedy_days > 0 and self.cap_months):
            raise RestrictionUnlawful(f"legal basis {self.ref} lacks its clause, a cap or the remedy")
        if not all(0 < m <= LONGEST_MONTHS for m in self.cap_months.values()):
            raise RestrictionUnlawful(f"legal basis {self.ref} has a cap beyond {LONGEST_MONTHS} months")
        if self.compensation_monthly and not self.unpaid_months:
            raise RestrictionUnlawful(
                f"legal basis {self.ref} asks for pay but not what follows when it stops"
            )

    @property
    def ref(self) -> str:
        """Name and version, as written on a notice."""
        return f"{self.id}@{self.version}"

    def cap(self, grade: str) -> int | None:
        """Longest duration in months for a grade; None when the basis carries nothing for it."""
        return self.cap_months.get(grade, self.cap_months.get("any"))

    def status(self, on: date) -> BasisStatus:
        """Tell what this version is on a day."""
        if on < self.valid_from:
            return BasisStatus.NOT_YET
        if self.valid_until is not None and on >= self.valid_until:
            return BasisStatus.ENDED
        if any(s.start <= on and (s.end is None or on < s.end) for s in self.suspended):
            return BasisStatus.SUSPENDED
        return BasisStatus.IN_FORCE


def add_months(at: datetime, months: int) -> datetime:
    """The same day and time `months` later; the month's last day where it has no such day (civil practice)."""
    index = at.month - 1 + months
    year, month = at.year + index // 12, index % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def midnight(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True, slots=True)
class BasisRegister:
    """All versions of all legal bases; a version once entered never changes."""

    versions: tuple[LegalBasis, ...]

    def __post_init__(self) -> None:
        if len({b.ref for b in self.versions}) != len(self.versions):
            raise RestrictionUnlawful("two entries of the register of legal bases have one name and version")

    def get(self, ref: str) -> LegalBasis:
        """The version with this name.

        Raises:
            RestrictionUnlawful: it is not in the register.
        """
        for basis in self.versions:
            if basis.ref == ref:
                return basis
        raise RestrictionUnlawful(f"there is no legal basis {ref}")

    def current(self, basis_id: str, on: date) -> LegalBasis | None:
        """The newest version of a basis that is in force on a day, None when none is."""
        found = [b for b in self.versions if b.id == basis_id and b.status(on) is BasisStatus.IN_FORCE]
        return max(found, key=lambda b: b.version, default=None)


def read_register(entries: Iterable[Mapping[str, Any]]) -> BasisRegister:
    """Make the register from the entries of a YAML file."""
    return BasisRegister(tuple(_basis(e) for e in entries))


def _basis(entry: Mapping[str, Any]) -> LegalBasis:
    return LegalBasis(
        id=entry["id"],
        version=entry["version"],
        title=entry["title"],
        clause=entry["clause"],
        valid_from=entry["valid_from"],
        valid_until=entry.get("valid_until"),
        verified=entry["verified"] is True,
        cap_months=entry["cap_months"],
        compensation_monthly=entry["compensation"] == "monthly",
        unpaid_months=entry.get("unpaid_months"),
        remedy=entry["remedy"],
        remedy_days=entry["remedy_days"],
        suspended=tuple(Suspension(s["from"], s.get("until"), s["by"]) for s in entry.get("suspended", ())),
    )


@cache
def shipped() -> BasisRegister:
    """The register that comes with the product; an office adds versions of its own."""
    text = (files(__package__) / "data" / "legal_bases.yaml").read_text("utf-8")
    return read_register(yaml.safe_load(text))
