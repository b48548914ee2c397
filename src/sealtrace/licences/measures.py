"""Measures against a licence that was issued: suspend, reinstate, revoke, cancel; and its holder's surrender.

A suspension is at once, by one officer, because it can be taken back. What is meant to last takes two: one proposes
with reasons, the holder is told and may object, somebody else decides with the objection before them. Only the holder
surrenders. A measure is decided in one event and then taken, by the same words however often, so that a run that
stopped in between is finished by `recover`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import CaseUnknown, DutiesNotSeparated, StepRefused, UsageProblem
from sealtrace.people.duties import Actor

from . import desk, journal, store
from .accounts import WAIT_S
from .review import board, rules
from .states import Step, after, day_of, state_on

STREAM = "measure"
AT_ONCE = (Step.SUSPEND,)
BY_TWO = (Step.REINSTATE, Step.REVOKE, Step.CANCEL)
BY_HOLDER = (Step.SURRENDER,)


@dataclass(slots=True)
class Measure:
    """A measure as its events make it."""

    name: str  # the licence's number, a slash, a count
    step: Step
    reason: str
    proposed_by: str
    proposed_at: str
    state: str = "proposed"  # proposed, taken, dropped
    objection: str = ""
    objected_at: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    answer: str = ""  # of who decided: to the objection, or why it was dropped
    entry: int = -1  # of the decision
    seq: int = 0

    @property
    def licence(self) -> str:
        """The licence it is about."""
        return self.name.rpartition("/")[0]

    @property
    def open(self) -> bool:
        """Whether somebody is still to decide it."""
        return self.state == "proposed"


def measures(office: Office, number: str) -> list[Measure]:
    """The measures about a licence, oldest first."""
    return [m for m in _all(office) if m.licence == number]


def _all(office: Office) -> Iterator[Measure]:
    for name in journal.subjects(office, STREAM):
        yield get_measure(office, name)


def get_measure(office: Office, name: str) -> Measure:
    """Find a measure. Raises CaseUnknown."""
    made: Measure | None = None
    for event in journal.read(office, STREAM, name):
        if made is None:
            made = Measure(name, Step(event.body["step"]), event.body["reason"], event.actor, event.at)
        if event.kind == "objected":
            made.objection, made.objected_at = event.body["text"], event.at
        elif event.kind in ("taken", "dropped"):
            made.state, made.decided_by, made.decided_at = event.kind, event.actor, event.at
            made.answer, made.entry = event.body.get("answer", ""), event.entry
        made.seq += 1
    if made is None:
        raise CaseUnknown(f"there is no measure {name!r}")
    return made


# -- officers -------------------------------------------------------------------------------------


def suspend(office: Office, actor: Actor, number: str, reason: str) -> Measure:
    """Suspend a licence at once. Nothing is drawn from it until two people reinstate it."""
    with office.writing(WAIT_S):
        _must_not_be_holder(office, actor, number)
        return _at_once(office, actor, number, Step.SUSPEND, reason)


def propose_measure(office: Office, actor: Actor, number: str, what: Step, reason: str) -> Measure:
    """Propose to reinstate, revoke or cancel a licence. The holder reads the reason and may object.

    Raises:
        WrongState: the step does not lead from the licence's state.
        StepRefused: another measure about it is open.
        UsageProblem: the step is not one of those that take two.
    """
    if what not in BY_TWO:
        raise UsageProblem(f"two people {', '.join(BY_TWO)}; {what} is another's")
    with office.writing(WAIT_S):
        _must_not_be_holder(office, actor, number)
        body = {"step": what.value, "reason": rules.text(reason, "the reason")}
        return _begin(office, actor, number, what, "licence:measure-proposed", body)


def approve_measure(office: Office, actor: Actor, name: str, answer: str = "") -> Measure:
    """Decide a measure as proposed, as a second person; an objection must be answered.

    Raises:
        DutiesNotSeparated: the actor proposed it, or holds the licence.
        StepRefused: it is decided, or an objection has no answer.
    """
    with office.writing(WAIT_S):
        found = _open(office, name)
        _must_not_be_holder(office, actor, found.licence)
        if actor.id == found.proposed_by:
            raise DutiesNotSeparated(f"{actor.id} proposed this measure: another person decides it")
        if found.objection and not answer.strip():
            raise StepRefused(
                "the holder objected", advice="Answer the objection; it is kept with the decision."
            )
        _may(office, found.licence, found.step)
        journal.append(
            office, STREAM, name, found.seq, "licence:measure-taken", actor, {"answer": answer.strip()}
        )
        return _carry(office, get_measure(office, name))


def drop_measure(office: Office, actor: Actor, name: str, reason: str) -> Measure:
    """Give a proposed measure up, with the reason; what was said is kept."""
    with office.writing(WAIT_S):
        found = _open(office, name)
        _must_not_be_holder(office, actor, found.licence)
        body = {"answer": rules.text(reason, "the reason")}
        journal.append(office, STREAM, name, found.seq, "licence:measure-dropped", actor, body)
        return get_measure(office, name)


# -- the holder -----------------------------------------------------------------------------------


def holder(office: Office, number: str) -> str | None:
    """Who applied for a licence that was issued here; None for one granted elsewhere."""
    case = next((r.id for r in board.rows(office) if r.licence == number), None)
    return None if case is None else journal.read(office, "case", case)[0].actor


def surrender(office: Office, actor: Actor, number: str, reason: str) -> Measure:
    """Give a licence up, by its holder's own hand: what is left lapses. An officer notes it of one from elsewhere."""
    with office.writing(WAIT_S):
        held_by = holder(office, number)
        if held_by is not None and actor.id != held_by:
            raise DutiesNotSeparated(f"only the holder's own hand surrenders {number}")
        return _at_once(office, actor, number, Step.SURRENDER, reason)


def object_to(office: Office, actor: Actor, name: str, text: str) -> Measure:
    """Object to a measure that is proposed, before it is decided. Raises DutiesNotSeparated, StepRefused."""
    with office.writing(WAIT_S):
        found = _open(office, name)
        if actor.id != holder(office, found.licence):
            raise DutiesNotSeparated(f"only the holder's own hand objects about {found.licence}")
        body = {"text": rules.text(text, "an objection")}
        journal.append(office, STREAM, name, found.seq, "licence:measure-objected", actor, body)
        return get_measure(office, name)


def notice_of(office: Office, name: str) -> dict[str, Any]:
    """The notice of a measure: what, why, the objection and its answer, how to have it reconsidered."""
    found = get_measure(office, name)
    decided = day_of_text(found.decided_at) if found.decided_at else None
    until = decided + timedelta(days=rules.APPEAL_DAYS) if decided and found.state == "taken" else None
    return {
        "licence": found.licence, "measure": found.step.value, "state": found.state, "reason": found.reason,
        "proposed_at": found.proposed_at, "objection": found.objection, "answer": found.answer,
        "decided_on": decided.isoformat() if decided else None, "entry": found.entry,
        "reconsideration": {"days": rules.APPEAL_DAYS, "until": until.isoformat() if until else None},
    }  # fmt: skip


def day_of_text(at: str) -> date:
    """The day in China of a time as events write it."""
    return day_of(datetime.fromisoformat(at))


# -- how it is taken ------------------------------------------------------------------------------


def recover_measures(office: Office) -> list[str]:
    """Take every measure that was decided and is not taken yet, after a run that stopped; gives their names."""
    with office.writing(WAIT_S):
        left = [m for m in _all(office) if m.state == "taken" and not _is_taken(office, m)]
        for measure in left:
            _carry(office, measure)
        return [m.name for m in left]


def _at_once(office: Office, actor: Actor, number: str, what: Step, reason: str) -> Measure:
    body = {"step": what.value, "reason": rules.text(reason, "the reason"), "answer": ""}
    return _carry(office, _begin(office, actor, number, what, "licence:measure-taken", body))


def _begin(
    office: Office, actor: Actor, number: str, what: Step, event: str, body: dict[str, Any]
) -> Measure:
    _may(office, number, what)
    before = measures(office, number)
    if any(m.open for m in before) and what is not Step.SUSPEND:
        raise StepRefused(f"a measure about {number} is open", advice="Decide it, or give it up, first.")
    name = f"{number}/{len(before) + 1}"
    journal.append(office, STREAM, name, 0, event, actor, body)
    return get_measure(office, name)


def _may(office: Office, number: str, what: Step) -> None:
    row = desk.licence(office, number)
    after(state_on(row.state, row.valid_to, day_of(office.clock.now())), what, used=row.used)


def _open(office: Office, name: str) -> Measure:
    found = get_measure(office, name)
    if not found.open:
        raise StepRefused(f"the measure {name} was {found.state}")
    return found


def _must_not_be_holder(office: Office, actor: Actor, number: str) -> None:
    desk.licence(office, number)
    if actor.id == holder(office, number):
        raise DutiesNotSeparated(f"who holds {number} takes no measure about it for the office")


def _carry(office: Office, measure: Measure) -> Measure:
    if not _is_taken(office, measure):
        desk.step(office, measure.licence, measure.step, measure.reason)
    return measure


def _is_taken(office: Office, measure: Measure) -> bool:
    steps = store.steps(office.db, measure.licence)
    return any(entry > measure.entry and step == measure.step for entry, step, _, _ in steps)
