"""States of a licence and the steps between them: one table, nothing else moves a licence."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

from sealtrace.errors import WrongState

CHINA = timezone(timedelta(hours=8), "CST")  # no summer time since 1991


class LicenceState(StrEnum):
    """Where a licence stands."""

    DRAFT = "draft"
    ISSUED = "issued"
    REINSTATED = "reinstated"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What can be done to a licence."""

    ISSUE = "issue"
    CANCEL = "cancel"  # a draft, or a licence issued in error and never used
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    SURRENDER = "surrender"  # by its holder
    EXHAUST = "exhaust"  # by the account, when nothing is left
    REPLENISH = "replenish"  # by the account, when a correction gives back
    RESTORE = "restore"  # by who hears an appeal against the measure that led there
    EXPIRE = "expire"  # by the calendar


S, T = LicenceState, Step
TRANSITIONS: dict[tuple[LicenceState, Step], LicenceState] = {
    (S.DRAFT, T.ISSUE): S.ISSUED,
    (S.DRAFT, T.CANCEL): S.CANCELLED,
    (S.ISSUED, T.CANCEL): S.CANCELLED,
    (S.ISSUED, T.SUSPEND): S.SUSPENDED,
    (S.ISSUED, T.REVOKE): S.REVOKED,
    (S.ISSUED, T.SURRENDER): S.SURRENDERED,
    (S.ISSUED, T.EXHAUST): S.EXHAUSTED,
    (S.ISSUED, T.EXPIRE): S.EXPIRED,
    (S.REINSTATED, T.SUSPEND): S.SUSPENDED,
    (S.REINSTATED, T.REVOKE): S.REVOKED,
    (S.REINSTATED, T.SURRENDER): S.SURRENDERED,
    (S.REINSTATED, T.EXHAUST): S.EXHAUSTED,
    (S.REINSTATED, T.EXPIRE): S.EXPIRED,
    (S.SUSPENDED, T.REINSTATE): S.REINSTATED,
    (S.SUSPENDED, T.REVOKE): S.REVOKED,
    (S.SUSPENDED, T.SURRENDER): S.SURRENDERED,
    (S.SUSPENDED, T.EXPIRE): S.EXPIRED,
    (S.SUSPENDED, T.RESTORE): S.REINSTATED,
    (S.REVOKED, T.RESTORE): S.REINSTATED,
    (S.CANCELLED, T.RESTORE): S.REINSTATED,
    (S.EXHAUSTED, T.SUSPEND): S.SUSPENDED,  # a correction may give back
    (S.EXHAUSTED, T.REPLENISH): S.REINSTATED,
    (S.EXHAUSTED, T.REVOKE): S.REVOKED,
    (S.EXHAUSTED, T.EXPIRE): S.EXPIRED,
}
FINAL = frozenset({S.REVOKED, S.SURRENDERED, S.EXPIRED, S.CANCELLED})
USABLE = frozenset({S.ISSUED, S.REINSTATED})
BY_PEOPLE = (T.SUSPEND, T.REINSTATE, T.REVOKE, T.SURRENDER, T.CANCEL)


def after(state: LicenceState, step: Step, *, used: bool = False) -> LicenceState:
    """Give the state a step leads to.

    Raises:
        WrongState: the step does not lead from this state, or a licence that was drawn on is to be cancelled.
    """
    if step is Step.CANCEL and used:
        raise WrongState("a licence that was drawn on can't be cancelled; revoke it", advice="Use `revoke`.")
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise WrongState(f"a licence that is {state} can't take the step {step}") from None


def state_on(state: LicenceState, valid_to: date, day: date) -> LicenceState:
    """Give the state on a day: a licence past its last day is expired, whatever else was stored, unless ended."""
    if day > valid_to and (state, Step.EXPIRE) in TRANSITIONS:
        return LicenceState.EXPIRED
    return state


def day_of(now: datetime) -> date:
    """The calendar day in China, by which licences begin and end."""
    return now.astimezone(CHINA).date()
