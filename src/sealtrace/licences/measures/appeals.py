"""Appeals against measures: served, appealed, stayed or not, decided by somebody who had no part; what is due.

The term, the day and who may hear are those of an appeal against a refusal (`review.rules`). A measure holds while an
appeal is open, unless who hears it stays it, with reasons. Annulled, the licence stands as if the measure had not been
taken; varied, it is suspended until a nearer day instead. A licence that another took the place of meanwhile stays as
it is: its quantity is granted already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import DutiesNotSeparated, StepRefused, UsageProblem
from sealtrace.licences import journal, store
from sealtrace.licences.accounts import WAIT_S
from sealtrace.licences.review import rules
from sealtrace.licences.review.deciding import case_of, replaced_by
from sealtrace.licences.review.desk import today
from sealtrace.licences.states import LicenceState, Step, day_of
from sealtrace.people.duties import Actor

from .desk import carry, holder, must_not_be_holder, review_day
from .effects import held
from .measure import (
    ADVERSE,
    STAYABLE,
    STREAM,
    Appeal,
    Measure,
    Outcome,
    day_of_text,
    get_measure,
    measures,
)


def notify_measure(office: Office, actor: Actor, name: str, how: str) -> Measure:
    """Record that a measure was served; the days to appeal begin. Raises StepRefused."""
    with office.writing(WAIT_S):
        found = get_measure(office, name)
        must_not_be_holder(office, actor, found.licence)
        if found.state != "taken" or found.step not in ADVERSE:
            raise StepRefused(
                f"{name} is nothing to serve: it was not taken, or nobody can appeal against it"
            )
        if found.served_on is not None:
            raise StepRefused(f"{name} was served on {found.served_on}")
        last = rules.appeal_until(today(office))
        body = {"how": rules.text(how, "how it was served"), "appeal_until": last.isoformat()}
        journal.append(office, STREAM, name, found.seq, "licence:measure-notified", actor, body)
        return get_measure(office, name)


def appeal_measure(office: Office, actor: Actor, name: str, grounds: str) -> Measure:
    """Appeal against a measure, as the holder; an officer notes the appeal of a holder from elsewhere.

    It may come as soon as the measure holds, and until 60 days after it was served.

    Raises:
        DutiesNotSeparated: the actor is not the holder.
        StepRefused: it is nothing to appeal against, was appealed against before, or the days are over.
    """
    with office.writing(WAIT_S):
        found = get_measure(office, name)
        held_by = holder(office, found.licence)
        if held_by is not None and actor.id != held_by:
            raise DutiesNotSeparated(f"only the holder's own hand appeals about {found.licence}")
        if not found.appealable:
            raise StepRefused(f"{name} can't be appealed against: it is {found.standing}")
        if found.served_on is not None:
            rules.must_be_in_time(found.served_on, today(office))
        body = {"grounds": rules.text(grounds, "the grounds")}
        journal.append(office, STREAM, name, found.seq, "licence:measure-appealed", actor, body)
        return get_measure(office, name)


def stay_measure(office: Office, actor: Actor, name: str, reasons: str) -> Measure:
    """Let a measure rest until the appeal against it is decided, as who hears it; the reasons are kept.

    Raises:
        StepRefused: no appeal is open, it is stayed already, or a cancellation is to be stayed.
        DutiesNotSeparated: the actor had a part in the measure or in the licence's decision.
    """
    with office.writing(WAIT_S):
        found, appeal = _heard(office, actor, name)
        if appeal.stayed_at is not None or found.step not in STAYABLE:
            raise StepRefused(f"{name} can't be stayed: it is {found.standing}, to {found.step}")
        body = {"reasons": rules.text(reasons, "the reasons")}
        journal.append(office, STREAM, name, found.seq, "licence:measure-stayed", actor, body)
        return carry(office, name)


def decide_measure_appeal(
    office: Office, actor: Actor, name: str, outcome: str, reasons: str, review_by: date | None = None
) -> Measure:
    """Uphold a measure, annul it, or vary it into a suspension that is reviewed by a nearer day.

    Raises:
        UsageProblem: no such outcome, or a variation without a day that is nearer.
        StepRefused, DutiesNotSeparated: as for a stay.
    """
    with office.writing(WAIT_S):
        found, _ = _heard(office, actor, name)
        if outcome not in list(Outcome):
            raise UsageProblem(f"an appeal ends with {', '.join(Outcome)}, not {outcome!r}")
        body: dict[str, Any] = {"outcome": outcome, "reasons": rules.text(reasons, "the reasons")}
        if outcome == Outcome.VARY:
            body["review_by"] = _nearer(office, found, review_by)
        journal.append(office, STREAM, name, found.seq, "licence:measure-appeal-decided", actor, body)
        return carry(office, name)


def _nearer(office: Office, found: Measure, day: date | None) -> str:
    if day is None:
        raise UsageProblem("a variation says by which day the suspension is reviewed")
    if found.step is Step.SUSPEND and found.review_by is not None and day >= found.review_by:
        raise UsageProblem(f"a suspension is varied to a day before {found.review_by}")
    return review_day(office, day)


def _heard(office: Office, actor: Actor, name: str) -> tuple[Measure, Appeal]:
    """The measure whose appeal this person may hear."""
    found = get_measure(office, name)
    must_not_be_holder(office, actor, found.licence)
    if found.appeal is None or not found.appeal.open:
        raise StepRefused(f"no appeal against {name} is open")
    if actor.id in found.hands | {found.appeal.by}:
        raise DutiesNotSeparated(f"{actor.id} had a part in {name}")
    case = case_of(office, found.licence)
    if case is not None:
        rules.must_have_no_part(case, actor.id)
    return found, found.appeal


def notice_of(office: Office, name: str) -> dict[str, Any]:
    """The notice of a measure: by whom, on what law, what, why, until when, and how to appeal by which day."""
    found = get_measure(office, name)
    decided = day_of_text(found.decided_at) if found.decided_at else None
    appeal = found.appeal
    return {
        "name": name, "licence": found.licence, "measure": found.step.value, "state": found.standing,
        "authority": office.home.config.org, "basis": found.basis, "scope": found.licence, "reason": found.reason,
        "proposed_at": found.proposed_at, "objection": found.objection, "answer": found.answer,
        "decided_on": decided.isoformat() if decided else None, "entry": found.entry,
        "review_by": found.review_by.isoformat() if found.review_by else None,
        "served_on": found.served_on.isoformat() if found.served_on else None,
        "appeal": None if found.step not in ADVERSE else {
            "days": rules.APPEAL_DAYS, "from": "the day it is served",
            "by": "an officer who had no part in the measure or in the decision on the licence",
            "until": found.appeal_until.isoformat() if found.appeal_until else None,
            "may": found.appealable and not _too_late(office, found),
            "grounds": appeal.grounds if appeal else None, "at": appeal.at if appeal else None,
            "due": appeal.due.isoformat() if appeal else None,
            "stayed": appeal.stay_reasons or None if appeal else None,
            "outcome": appeal.outcome.value if appeal and appeal.outcome else None,
            "reasons": appeal.reasons or None if appeal else None,
        },
        "replaced_by": replaced_by(office, found.licence) if appeal and not appeal.open else None,
    }  # fmt: skip


def _too_late(office: Office, found: Measure) -> bool:
    return found.appeal_until is not None and today(office) > found.appeal_until


# -- what is due ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """An appeal that is open: about a case's decision or a measure, since when, and by when it is to be decided."""

    entry: int  # of the appeal
    stream: str
    subject: str
    lodged_on: date
    due: date

    def overdue(self, today: date) -> bool:
        """Whether its day has passed."""
        return today > self.due

    @property
    def licence(self) -> str:
        """The licence of a measure; the case otherwise."""
        return self.subject.rpartition("/")[0] or self.subject


OPEN_APPEALS = """
SELECT entry, stream, subject, at FROM desk_events AS lodged WHERE kind = 'appealed' AND NOT EXISTS (
    SELECT 1 FROM desk_events WHERE stream = lodged.stream AND subject = lodged.subject
    AND kind = 'appeal-decided' AND seq > lodged.seq) ORDER BY entry
"""
HEARD = "SELECT DISTINCT subject FROM desk_events WHERE stream = 'measure' AND kind = 'appeal-decided'"


def open_appeals(office: Office) -> list[Waiting]:
    """Every appeal that waits for its decision, oldest first: against decisions and against measures."""
    found = office.db.execute(OPEN_APPEALS).fetchall() if journal.prepared(office.db) else []
    made = []
    for entry, stream, subject, at in found:
        day = day_of(datetime.fromisoformat(str(at)))
        made.append(Waiting(int(str(entry)), str(stream), str(subject), day, rules.decide_by(day)))
    return made


def due_reviews(office: Office, day: date) -> Iterator[Measure]:
    """The suspensions in force whose day of review has passed, or that have none."""
    for row in store.licences(office.db):
        if row.state is not LicenceState.SUSPENDED or day > row.valid_to:
            continue
        found = held([m for m in measures(office, row.number) if m.state == "taken"])
        if found is not None and (found.review_by is None or day > found.review_by):
            yield found


def figures(office: Office, day: date) -> dict[str, int]:
    """Count appeals that are open and overdue, how those against measures ended, and reviews that are overdue."""
    waiting = open_appeals(office)
    heard = office.db.execute(HEARD).fetchall() if journal.prepared(office.db) else []
    ended = Counter(m.appeal.outcome for (name,) in heard if (m := get_measure(office, str(name))).appeal)
    return {
        "open": len(waiting), "overdue": sum(w.overdue(day) for w in waiting),
        **{outcome.value: ended[outcome] for outcome in Outcome},
        "reviews_overdue": sum(1 for _ in due_reviews(office, day)),
    }  # fmt: skip
