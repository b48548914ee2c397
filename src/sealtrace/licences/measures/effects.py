"""What the measures about a licence make of it, brought about: the same words however often, so that recovery is this.

A measure, a stay and a decision on an appeal are each one event; what they do to the licence follows from all of them
together. Nothing here decides: it compares what holds with how the licence stands and takes the step between the two
that the table of states allows.
"""

from __future__ import annotations

from sealtrace.custody.office import Office
from sealtrace.licences import desk, store
from sealtrace.licences.accounts import WAIT_S
from sealtrace.licences.review.deciding import replaced_by
from sealtrace.licences.review.desk import today
from sealtrace.licences.states import TRANSITIONS, LicenceState, Step, state_on

from .measure import Measure, Outcome, measures

ENDS = (Step.REVOKE, Step.CANCEL, Step.SURRENDER)
Rows = list[tuple[int, str, str, str]]


def settle(office: Office, number: str) -> list[str]:
    """Bring a licence to where the measures about it put it; gives the measures that something was done for."""
    done: list[str] = []
    with office.writing(WAIT_S):
        while (name := _once(office, number)) is not None:
            done.append(name)
    return done


def _once(office: Office, number: str) -> str | None:
    taken = [m for m in measures(office, number) if m.state == "taken"]
    rows = store.steps(office.db, number)
    for measure in taken:
        what = measure.effect
        if what is not None and _waits(measure, taken, rows) and _may(office, number, what):
            desk.step(office, number, what, measure.reason)
            return measure.name
    return _undo(office, number, taken, rows)


def _undo(office: Office, number: str, taken: list[Measure], rows: Rows) -> str | None:
    state, holds = desk.licence(office, number).state, held(taken)
    by = next((m for m in reversed(taken) if _led_here(m, rows, state)), None)
    ended = state in (LicenceState.REVOKED, LicenceState.CANCELLED)
    stands = any(m.effect in ENDS for m in taken) or (holds is not None and not ended)
    if by is None or stands or not (ended or state is LicenceState.SUSPENDED):
        return None
    if replaced_by(office, number) is not None:  # what took its place grants the quantity already
        return None
    desk.restore(office, number, _why(by), suspended=holds is not None)
    return by.name


def held(taken: list[Measure]) -> Measure | None:
    """The measure that suspends the licence now: the last that does and that no reinstatement followed."""
    found: Measure | None = None
    for measure in taken:
        if measure.effect is Step.SUSPEND:
            found = measure
        elif measure.effect is Step.REINSTATE:
            found = None
    return found


def _marks(measure: Measure) -> list[int]:
    """The events after which its step was to be taken: its own, and the end of an appeal that had stayed it."""
    found = measure.appeal
    again = found is not None and found.stayed_at and found.outcome in (Outcome.UPHOLD, Outcome.VARY)
    return [measure.entry, found.entry] if found is not None and again else [measure.entry]


def _waits(measure: Measure, taken: list[Measure], rows: Rows) -> bool:
    """Whether what it does now is still to be done. A variation that stayed nothing is done by undoing."""
    if measure.appeal is not None and measure.appeal.outcome is Outcome.VARY and not measure.appeal.stayed_at:
        return False
    if (measure.effect is Step.SUSPEND and held(taken) is not measure) or (
        measure.effect is Step.REINSTATE and held(taken) is not None
    ):
        return False  # a later one decides
    last = _marks(measure)[-1]
    return not any(entry > last and step in (measure.effect, Step.RESTORE) for entry, step, _, _ in rows)


def _led_here(measure: Measure, rows: Rows, state: LicenceState) -> bool:
    """Whether the licence's present state is one that this measure, or the variation of it, led to."""
    steps = [(entry, step) for entry, step, reached, _ in rows if reached == state]
    return any(entry > measure.entry and step in (measure.step, Step.RESTORE) for entry, step in steps)


def _why(measure: Measure) -> str:
    found = measure.appeal
    if found is None or found.open:
        return f"{measure.name} is stayed" if found is not None else f"{measure.name} no longer holds"
    return f"the appeal against {measure.name} was decided: {found.outcome}"


def _may(office: Office, number: str, what: Step) -> bool:
    row = desk.licence(office, number)
    now = state_on(row.state, row.valid_to, today(office))
    return (now, what) in TRANSITIONS and not (what is Step.CANCEL and row.used)
