"""Values of the restriction register. One that exists has everything the law asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealtrace.errors import RestrictionUnlawful
from sealtrace.people.duties import Actor, require_different, require_human

from .basis import BasisStatus, LegalBasis, add_months

REVIEW_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Scope:
    """What a restriction forbids, where, and with which employers (none named: any in the activity)."""

    activity: str
    territory: str
    employers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.activity.strip() or not self.territory.strip():
            raise RestrictionUnlawful("the scope names no activity or no territory")

    def covers(self, activity: str, territory: str, employer: str) -> bool:
        """Whether an occupation falls under it; comparison of the words as entered, not of meanings."""
        return (
            activity == self.activity
            and (self.territory in ("any", territory))
            and (not self.employers or employer in self.employers)
        )


@dataclass(frozen=True, slots=True)
class AppealPath:
    """Where the person may contest: an officer of the house, then the outside remedy, each with its days."""

    officer: str
    days: int
    outside: str
    outside_days: int

    def __post_init__(self) -> None:
        if not self.officer or not self.outside.strip() or self.days < 1 or self.outside_days < 1:
            raise RestrictionUnlawful("the appeal path lacks its officer, its time or the outside remedy")


@dataclass(frozen=True, slots=True)
class Restriction:
    """A decided restriction after a sensitive post. Times are aware UTC; `ends_at` is the first moment without it.

    It is not effective by being decided: see `rules.status`.

    Raises:
        RestrictionUnlawful: something is missing, or an end, review or basis is beyond what the law carries.
        DutiesNotSeparated: proposer, decider and appeal officer are not three people, or one is the person.
        HumanRequired: proposed or decided by a program.
    """

    id: str
    person: str
    authority: str
    basis: LegalBasis
    grade: str
    scope: Scope
    reasons: str
    notice: str
    proposer: Actor
    decider: Actor
    appeal: AppealPath
    decided_at: datetime
    starts_at: datetime
    ends_at: datetime
    review_due: datetime
    compensation_agreed: bool = False

    def __post_init__(self) -> None:
        require_human(self.proposer, "proposing a restriction")
        require_human(self.decider, "deciding a restriction")
        require_different(
            proposer=self.proposer.id,
            decider=self.decider.id,
            appeal_officer=self.appeal.officer,
            person=self.person,
        )
        for what in ("id", "person", "authority", "grade", "reasons", "notice"):
            if not str(getattr(self, what)).strip():
                raise RestrictionUnlawful(f"the restriction has no {what}")
        for moment in (self.decided_at, self.starts_at, self.ends_at, self.review_due):
            if moment.utcoffset() is None:
                raise RestrictionUnlawful("times of a restriction name their zone")
        self._within_the_law()

    def _within_the_law(self) -> None:
        if not self.basis.verified:
            raise RestrictionUnlawful(f"legal basis {self.basis.ref} has not been verified by counsel")
        status = self.basis.status(self.decided_at.date())
        if status is not BasisStatus.IN_FORCE:
            raise RestrictionUnlawful(f"legal basis {self.basis.ref} is {status} on the day of the decision")
        cap = self.basis.cap(self.grade)
        if cap is None:
            raise RestrictionUnlawful(f"legal basis {self.basis.ref} carries nothing for grade {self.grade}")
        if not self.starts_at < self.ends_at <= add_months(self.starts_at, cap):
            raise RestrictionUnlawful(f"it must end after it starts and within {cap} months")
        if not self.decided_at < self.review_due <= add_months(self.decided_at, REVIEW_MONTHS):
            raise RestrictionUnlawful(
                f"the first review is due within {REVIEW_MONTHS} months of the decision"
            )
        if self.basis.compensation_monthly and not self.compensation_agreed:
            raise RestrictionUnlawful(f"legal basis {self.basis.ref} asks for monthly compensation")


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reasons: never a bare yes or no, each refusal can be explained and contested."""

    allowed: bool
    clause: str
    reason: str
    expires_at: datetime | None
    appeal: AppealPath | None
