"""Measures against a licence that was issued: suspend, reinstate, revoke, cancel; and its holder's surrender.

A suspension is at once, by one officer, because it can be taken back; it has a day by which somebody else reviews it.
What is meant to last takes two: one proposes with reasons, the holder is told and may object, somebody else decides
with the objection before them. Only the holder surrenders. What goes against the holder names the law it rests on and
can be appealed against (`appeals`). A measure is decided in one event and then taken (`effects`), by the same words
however often, so that a run that stopped in between is finished by `recover_measures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import DutiesNotSeparated, StepRefused, UsageProblem
from sealtrace.licences import desk, journal
from sealtrace.licences.accounts import WAIT_S
from sealtrace.licences.review import rules
from sealtrace.licences.review.deciding import case_of
from sealtrace.licences.review.desk import today
from sealtrace.licences.states import LicenceState, Step, after, state_on
from sealtrace.people.duties import Actor

from .effects import settle
from .measure import ADVERSE, STREAM, Measure, Outcome, all_measures, get_measure, measures

AT_ONCE = (Step.SUSPEND,)
BY_TWO = (Step.REINSTATE, Step.REVOKE, Step.CANCEL)
BY_HOLDER = (Step.SURRENDER,)
REVIEW_DAYS = 90  # the longest that a suspension goes without somebody else looking at it again


@dataclass(frozen=True, slots=True)
class Ground:
    """What a measure rests on: why, and the law that allows it."""

    reason: str
    basis: str = ""

    def body(self, what: Step) -> dict[str, Any]:
        """Give it as an event says it. Raises UsageProblem when what goes against the holder names no law."""
        made: dict[str, Any] = {"step": what.value, "reason": rules.text(self.reason, "the reason")}
        if what in ADVERSE:
            made["basis"] = rules.text(self.basis, "the legal basis")
        return made


# -- officers -------------------------------------------------------------------------------------


def suspend(office: Office, actor: Actor, number: str, ground: Ground, review_by: date) -> Measure:
    """Suspend a licence at once. Nothing is drawn from it until two people reinstate it.

    Somebody else reviews it by a day of the next 90.
    """
    with office.writing(WAIT_S):
        must_not_be_holder(office, actor, number)
        body = ground.body(Step.SUSPEND) | {"review_by": review_day(office, review_by)}
        return _at_once(office, actor, number, Step.SUSPEND, body)


def review_day(office: Office, day: date) -> str:
    """Check a day by which a suspension is reviewed. Raises UsageProblem."""
    now = today(office)
    if not now < day <= now + timedelta(days=REVIEW_DAYS):
        raise UsageProblem(f"a suspension is reviewed within {REVIEW_DAYS} days, and after {now}")
    return day.isoformat()


def review_measure(office: Office, actor: Actor, name: str, reason: str, review_by: date) -> Measure:
    """Look at a suspension again and keep it until a further day, as somebody other than who kept it before.

    Raises:
        StepRefused: it does not hold the licence now. To end it, reinstate.
        DutiesNotSeparated: the actor suspended it, or reviewed it last.
    """
    with office.writing(WAIT_S):
        found = get_measure(office, name)
        must_not_be_holder(office, actor, found.licence)
        state = desk.licence(office, found.licence).state
        if found.effect is not Step.SUSPEND or state is not LicenceState.SUSPENDED:
            raise StepRefused(f"{name} suspends nothing now")
        last = found.reviews[-1].actor if found.reviews else found.decided_by
        if actor.id == last:
            raise DutiesNotSeparated(f"{actor.id} kept this suspension before: another person reviews it")
        body = {"reason": rules.text(reason, "the reason"), "review_by": review_day(office, review_by)}
        journal.append(office, STREAM, name, found.seq, "licence:measure-reviewed", actor, body)
        return get_measure(office, name)


def propose_measure(office: Office, actor: Actor, number: str, what: Step, ground: Ground) -> Measure:
    """Propose to reinstate, revoke or cancel a licence. The holder reads the reason and may object.

    Raises:
        WrongState: the step does not lead from the licence's state.
        StepRefused: another measure about it is open.
        UsageProblem: the step is not one of those that take two.
    """
    if what not in BY_TWO:
        raise UsageProblem(f"two people {', '.join(BY_TWO)}; {what} is another's")
    with office.writing(WAIT_S):
        must_not_be_holder(office, actor, number)
        return _begin(office, actor, number, what, "licence:measure-proposed", ground.body(what))


def approve_measure(office: Office, actor: Actor, name: str, answer: str = "") -> Measure:
    """Decide a measure as proposed, as a second person; an objection must be answered.

    Raises:
        DutiesNotSeparated: the actor proposed it, or holds the licence.
        StepRefused: it is decided, or an objection has no answer.
    """
    with office.writing(WAIT_S):
        found = _open(office, name)
        must_not_be_holder(office, actor, found.licence)
        if actor.id == found.proposed_by:
            raise DutiesNotSeparated(f"{actor.id} proposed this measure: another person decides it")
        if found.objection and not answer.strip():
            raise StepRefused(
                "the holder objected", advice="Answer the objection; it is kept with the decision."
            )
        _not_again(office, actor, found.licence, found.step)
        _may(office, found.licence, found.step)
        journal.append(
            office, STREAM, name, found.seq, "licence:measure-taken", actor, {"answer": answer.strip()}
        )
        return carry(office, name)


def drop_measure(office: Office, actor: Actor, name: str, reason: str) -> Measure:
    """Give a proposed measure up, with the reason; what was said is kept."""
    with office.writing(WAIT_S):
        found = _open(office, name)
        must_not_be_holder(office, actor, found.licence)
        body = {"answer": rules.text(reason, "the reason")}
        journal.append(office, STREAM, name, found.seq, "licence:measure-dropped", actor, body)
        return get_measure(office, name)


# -- the holder -----------------------------------------------------------------------------------


def holder(office: Office, number: str) -> str | None:
    """Who applied for a licence that was issued here; None for one granted elsewhere."""
    case = case_of(office, number)
    return None if case is None else case.applicant


def surrender(office: Office, actor: Actor, number: str, reason: str) -> Measure:
    """Give a licence up, by its holder's own hand: what is left lapses. An officer notes it of one from elsewhere."""
    with office.writing(WAIT_S):
        held_by = holder(office, number)
        if held_by is not None and actor.id != held_by:
            raise DutiesNotSeparated(f"only the holder's own hand surrenders {number}")
        return _at_once(office, actor, number, Step.SURRENDER, Ground(reason).body(Step.SURRENDER))


def object_to(office: Office, actor: Actor, name: str, text: str) -> Measure:
    """Object to a measure that is proposed, before it is decided. Raises DutiesNotSeparated, StepRefused."""
    with office.writing(WAIT_S):
        found = _open(office, name)
        if actor.id != holder(office, found.licence):
            raise DutiesNotSeparated(f"only the holder's own hand objects about {found.licence}")
        body = {"text": rules.text(text, "an objection")}
        journal.append(office, STREAM, name, found.seq, "licence:measure-objected", actor, body)
        return get_measure(office, name)


# -- how it is taken ------------------------------------------------------------------------------


def recover_measures(office: Office) -> list[str]:
    """Take every measure, stay and decision on an appeal that is not carried out yet; gives the measures' names."""
    with office.writing(WAIT_S):
        about = dict.fromkeys(m.licence for m in all_measures(office))
        return [name for number in about for name in settle(office, number)]


def carry(office: Office, name: str) -> Measure:
    """Bring about what a measure's events say; gives the measure as it stands then."""
    found = get_measure(office, name)
    settle(office, found.licence)
    return found


def _at_once(office: Office, actor: Actor, number: str, what: Step, body: dict[str, Any]) -> Measure:
    made = _begin(office, actor, number, what, "licence:measure-taken", body | {"answer": ""})
    return carry(office, made.name)


def _begin(
    office: Office, actor: Actor, number: str, what: Step, event: str, body: dict[str, Any]
) -> Measure:
    _not_again(office, actor, number, what)
    _may(office, number, what)
    before = measures(office, number)
    if any(m.open for m in before) and what is not Step.SUSPEND:
        raise StepRefused(f"a measure about {number} is open", advice="Decide it, or give it up, first.")
    name = f"{number}/{len(before) + 1}"
    journal.append(office, STREAM, name, 0, event, actor, body)
    return get_measure(office, name)


def _may(office: Office, number: str, what: Step) -> None:
    row = desk.licence(office, number)
    after(state_on(row.state, row.valid_to, today(office)), what, used=row.used)


def _not_again(office: Office, actor: Actor, number: str, what: Step) -> None:
    """Who had a part in a measure that was annulled takes none against the same licence again."""
    if what not in ADVERSE:
        return
    annulled = [
        m.name for m in measures(office, number)
        if m.appeal and m.appeal.outcome is Outcome.ANNUL and actor.id in m.hands
    ]  # fmt: skip
    if annulled:
        raise DutiesNotSeparated(f"{actor.id} had a part in {annulled[0]}, which was annulled")


def _open(office: Office, name: str) -> Measure:
    found = get_measure(office, name)
    if not found.open:
        raise StepRefused(f"the measure {name} was {found.state}")
    return found


def must_not_be_holder(office: Office, actor: Actor, number: str) -> None:
    """Nobody acts for the office about a licence of their own. Raises DutiesNotSeparated, NotOnLicence."""
    desk.licence(office, number)
    if actor.id == holder(office, number):
        raise DutiesNotSeparated(f"who holds {number} takes no measure about it for the office")
