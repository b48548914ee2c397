"""States of a case and the steps between them: one table, nothing else moves a case."""

from __future__ import annotations

from enum import StrEnum

from sealtrace.errors import WrongState


class State(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REVIEW = "review"
    QUESTIONED = "questioned"
    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    APPEALED = "appealed"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What can happen to a case. The ledger's event is `licence:case-` and this name."""

    OPENED = "opened"
    SAVED = "saved"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    AMENDED = "amended"
    ASSESSED = "assessed"
    DETERMINED = "determined"
    ADVICE_ASKED = "advice-asked"
    ADVISED = "advised"
    QUESTIONED = "questioned"
    ANSWERED = "answered"
    SCREENED = "screened"
    CLEARED = "cleared"
    FLAGGED = "flagged"
    UNFLAGGED = "unflagged"
    PROPOSED = "proposed"
    SENT_BACK = "sent-back"
    DECIDED = "decided"
    NOTIFIED = "notified"
    LICENSED = "licensed"
    APPEALED = "appealed"
    APPEAL_DECIDED = "appeal-decided"
    WITHDRAWN = "withdrawn"


EVENTS = {
    Step.OPENED: "licence:case-opened",
    Step.SAVED: "licence:case-saved",
    Step.SUBMITTED: "licence:case-submitted",
    Step.RETURNED: "licence:case-returned",
    Step.ACCEPTED: "licence:case-accepted",
    Step.AMENDED: "licence:case-amended",
    Step.ASSESSED: "licence:case-assessed",
    Step.DETERMINED: "licence:case-determined",
    Step.ADVICE_ASKED: "licence:case-advice-asked",
    Step.ADVISED: "licence:case-advised",
    Step.QUESTIONED: "licence:case-questioned",
    Step.ANSWERED: "licence:case-answered",
    Step.SCREENED: "licence:case-screened",
    Step.CLEARED: "licence:case-cleared",
    Step.FLAGGED: "licence:case-flagged",
    Step.UNFLAGGED: "licence:case-unflagged",
    Step.PROPOSED: "licence:case-proposed",
    Step.SENT_BACK: "licence:case-sent-back",
    Step.DECIDED: "licence:case-decided",
    Step.NOTIFIED: "licence:case-notified",
    Step.LICENSED: "licence:case-licensed",
    Step.APPEALED: "licence:case-appealed",
    Step.APPEAL_DECIDED: "licence:case-appeal-decided",
    Step.WITHDRAWN: "licence:case-withdrawn",
}
S, T = State, Step
_WORK = (T.ASSESSED, T.DETERMINED, T.ADVICE_ASKED, T.ADVISED, T.SCREENED, T.CLEARED, T.FLAGGED, T.UNFLAGGED)
TRANSITIONS: dict[tuple[State, Step], tuple[State, ...]] = {
    (S.DRAFT, T.SAVED): (S.DRAFT,),
    (S.DRAFT, T.SUBMITTED): (S.SUBMITTED,),
    (S.SUBMITTED, T.RETURNED): (S.RETURNED,),
    (S.SUBMITTED, T.ACCEPTED): (S.REVIEW,),
    (S.RETURNED, T.SAVED): (S.RETURNED,),
    (S.RETURNED, T.SUBMITTED): (S.SUBMITTED,),
    **{(state, step): (state,) for state in (S.REVIEW, S.QUESTIONED) for step in _WORK},
    (S.REVIEW, T.AMENDED): (S.REVIEW,),
    (S.REVIEW, T.QUESTIONED): (S.QUESTIONED,),
    (S.QUESTIONED, T.AMENDED): (S.QUESTIONED,),
    (S.QUESTIONED, T.ANSWERED): (S.REVIEW,),
    (S.REVIEW, T.PROPOSED): (S.PROPOSED,),
    (S.PROPOSED, T.SENT_BACK): (S.REVIEW,),
    (S.PROPOSED, T.DECIDED): (S.GRANTED, S.REFUSED),
    (S.GRANTED, T.LICENSED): (S.GRANTED,),
    (S.GRANTED, T.NOTIFIED): (S.GRANTED,),
    (S.REFUSED, T.NOTIFIED): (S.REFUSED,),
    (S.GRANTED, T.APPEALED): (S.APPEALED,),
    (S.REFUSED, T.APPEALED): (S.APPEALED,),
    (S.APPEALED, T.APPEAL_DECIDED): (S.UPHELD, S.REVIEW),
    **{(state, T.WITHDRAWN): (S.WITHDRAWN,) for state in (S.DRAFT, S.SUBMITTED, S.RETURNED, S.REVIEW,
                                                         S.QUESTIONED, S.PROPOSED)},
}  # fmt: skip
OPEN = frozenset({S.SUBMITTED, S.REVIEW, S.QUESTIONED, S.PROPOSED, S.APPEALED})
ENDED = frozenset({S.UPHELD, S.WITHDRAWN})


def after(state: State, step: Step, outcome: State | None = None) -> State:
    """Give the state a step leads to; `outcome` chooses where the table has two.

    Raises:
        WrongState: the step does not lead from this state, or not to that outcome.
    """
    where = TRANSITIONS.get((state, step), ())
    if not where or (outcome is not None and outcome not in where) or (len(where) > 1 and outcome is None):
        raise WrongState(
            f"a case that is {state} can't be {step.value.replace('-', ' ')}",
            advice="The page on cases has the table of states and steps.",
        )
    return where[0] if outcome is None else outcome
