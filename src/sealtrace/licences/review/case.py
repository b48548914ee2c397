"""A case as its events make it: versions, assessment, advice, questions, hits, flags, proposal, decisions, clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sealtrace.licences.journal import Event
from sealtrace.licences.states import day_of
from sealtrace.licences.workdays import DECISION_DAYS, Clock, Deadline, WorkCalendar

from .application import Application, parts_changed, read_application
from .steps import State, Step, after

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the application."""

    number: int
    at: str
    document: Document


@dataclass(slots=True)
class Advice:
    """What a department was asked, and what it said."""

    department: str
    parts: tuple[str, ...]
    asked_at: str
    due: date
    provisional: bool
    version: int  # of the application it is about
    view: str | None = None  # for, conditions, against
    reason: str = ""
    conditions: str = ""
    given_at: str | None = None
    dissent: str = ""  # what some of the department hold otherwise
    paper: date | None = None  # the day of the paper it was entered from, on the department's behalf
    by: list[str] = field(default_factory=list)  # who gave it, then who amended it
    stale: bool = False  # the parts it is about were changed since

    @property
    def open(self) -> bool:
        """Whether it is still to be given."""
        return self.view is None and not self.stale

    def amendable(self, today: date) -> bool:
        """Whether it was given and may still be given anew: until its day."""
        return self.view is not None and not self.stale and today <= self.due

    def late(self, today: date) -> bool:
        """Whether it came, or still is, after its day."""
        given = today if self.given_at is None else day_of(datetime.fromisoformat(self.given_at))
        return given > self.due


@dataclass(slots=True)
class Question:
    """A question to the applicant: while it is open the clock stands."""

    asked_at: str
    by: str
    text: str
    parts: tuple[str, ...]
    answered_at: str | None = None
    answer: str = ""


@dataclass(slots=True)
class Hit:
    """A party that resembles an entry of a screening list, and what a person made of it."""

    id: str
    party: str
    data: Document
    same: bool | None = None
    reason: str = ""
    by: str | None = None


@dataclass(slots=True)
class Decision:
    """A proposal, and once another person approved it, the decision."""

    outcome: str  # grant, refuse
    body: Document
    proposed_by: str
    proposed_at: str
    approved_by: str | None = None
    approved_at: str | None = None
    annulled: bool = False


@dataclass(slots=True)
class Case:
    """A case as it stands. Made by `fold`, changed by nothing else."""

    id: str
    state: State = State.DRAFT
    seq: int = 0
    applicant: str = ""  # who opened it
    versions: list[Version] = field(default_factory=list)
    assessment: Document | None = None
    assessed_version: int = 0
    determined: dict[str, Document] = field(default_factory=dict)
    advice: list[Advice] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    hits: dict[str, Hit] = field(default_factory=dict)
    screened: Document | None = None
    screened_version: int = 0
    human_flags: dict[str, str] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    lacking: list[Document] = field(default_factory=list)
    accepted_on: date | None = None
    decided_on: date | None = None
    notified_on: date | None = None
    appeal: Document | None = None
    appeal_decision: Document | None = None
    licence: str | None = None
    timeline: list[Event] = field(default_factory=list)

    @property
    def application(self) -> Application:
        """The newest version of the application."""
        return read_application(self.versions[-1].document)

    @property
    def version(self) -> int:
        """The number of the newest version."""
        return self.versions[-1].number

    @property
    def proposal(self) -> Decision | None:
        """The decision that is proposed and not approved yet."""
        last = self.decisions[-1] if self.decisions else None
        return last if self.state is State.PROPOSED else None

    @property
    def decision(self) -> Decision | None:
        """The decision that stands."""
        return next((d for d in reversed(self.decisions) if d.approved_by and not d.annulled), None)

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags the case got by itself, then those that people set."""
        derived = tuple((self.assessment or {}).get("flags", ()))
        return tuple(dict.fromkeys((*derived, *self.human_flags)))

    def clock(self) -> Clock | None:
        """The clock of the decision, which questions stop; None before the case is accepted."""
        if self.accepted_on is None:
            return None
        stops = [
            (day_of(datetime.fromisoformat(q.asked_at)),
             None if q.answered_at is None else day_of(datetime.fromisoformat(q.answered_at)))
            for q in self.questions
        ]  # fmt: skip
        return Clock(self.accepted_on, DECISION_DAYS, tuple(stops))

    def deadline(self, calendar: WorkCalendar) -> Deadline | None:
        """The last day for a decision; None before acceptance and while a question is open."""
        clock = self.clock()
        return clock.deadline(calendar) if clock else None

    def working_days(self, calendar: WorkCalendar, today: date) -> int:
        """Working days the clock has run, questions left out; up to the decision once there is one."""
        if self.accepted_on is None:
            return 0
        end, stopped = self.decided_on or today, 0
        for question in self.questions:
            asked = day_of(datetime.fromisoformat(question.asked_at))
            answered = question.answered_at and day_of(datetime.fromisoformat(question.answered_at))
            stopped += calendar.between(asked, min(answered or end, end))
        return calendar.between(self.accepted_on, end) - stopped


def fold(name: str, events: Iterable[Event]) -> Case:
    """Make the case from its events, oldest first."""
    case = Case(name)
    for event in events:
        _take(case, event)
        case.seq += 1
        case.timeline.append(event)
    return case


def _take(case: Case, event: Event) -> None:
    step, body = Step(event.kind), event.body
    day = day_of(datetime.fromisoformat(event.at))
    if step is Step.OPENED:
        case.applicant = event.actor
    else:
        case.state = after(case.state, step, _outcome(step, body))
    if "document" in body:
        _new_version(case, event)
    handle = _HANDLERS.get(step)
    if handle is not None:
        handle(case, event, day)


def _outcome(step: Step, body: Document) -> State | None:
    if step is Step.DECIDED:
        return State.GRANTED if body["outcome"] == "grant" else State.REFUSED
    if step is Step.APPEAL_DECIDED:
        return State.UPHELD if body["outcome"] == "uphold" else State.REVIEW
    return None


def _new_version(case: Case, event: Event) -> None:
    before = case.versions[-1].document if case.versions else {}
    changed = parts_changed(before, event.body["document"])
    case.versions.append(Version(len(case.versions) + 1, event.at, event.body["document"]))
    for advice in case.advice:
        advice.stale |= bool(changed & set(advice.parts))


def _intake(case: Case, event: Event, day: date) -> None:
    if event.kind == Step.RETURNED:
        case.lacking = list(event.body["missing"])
    else:
        case.accepted_on, case.lacking = day, []


def _assessed(case: Case, event: Event, _: date) -> None:
    if event.kind == Step.ASSESSED:
        case.assessment, case.assessed_version, case.determined = event.body, event.body["version"], {}
    else:
        case.determined[event.body["goods"]] = event.body


def _questioned(case: Case, event: Event, _: date) -> None:
    body = event.body
    if event.kind == Step.QUESTIONED:
        case.questions.append(Question(event.at, event.actor, body["text"], tuple(body["parts"])))
    else:
        case.questions[-1].answered_at, case.questions[-1].answer = event.at, body["text"]


def _flagged(case: Case, event: Event, _: date) -> None:
    if event.kind == Step.FLAGGED:
        case.human_flags[event.body["flag"]] = event.body["reason"]
    else:
        case.human_flags.pop(event.body["flag"], None)


def _asked(case: Case, event: Event, _: date) -> None:
    for raw in event.body["asked"]:
        for earlier in case.advice:
            earlier.stale |= earlier.department == raw["department"] and earlier.view is None
        due = date.fromisoformat(raw["due"])
        case.advice.append(
            Advice(raw["department"], tuple(raw["parts"]), event.at, due, raw["provisional"], case.version)
        )


def _advised(case: Case, event: Event, _: date) -> None:
    body = event.body
    asked = [a for a in reversed(case.advice) if a.department == body["department"] and not a.stale]
    advice = next((a for a in asked if a.open), asked[0])
    advice.view, advice.reason, advice.conditions = body["view"], body["reason"], body["conditions"]
    advice.dissent, paper = body.get("dissent", ""), body.get("paper")
    advice.paper = date.fromisoformat(paper) if paper else None
    advice.given_at = event.at
    advice.by.append(event.actor)


def _screening(case: Case, event: Event, _: date) -> None:
    body = event.body
    if event.kind == Step.CLEARED:
        hit = case.hits[body["hit"]]
        hit.same, hit.reason, hit.by = body["same"], body["reason"], event.actor
        return
    kept = case.hits
    case.screened, case.screened_version = body, body["version"]
    case.hits = {h["id"]: kept.get(h["id"], Hit(h["id"], h["party"], h)) for h in body["hits"]}


def _deciding(case: Case, event: Event, day: date) -> None:
    step, body = event.kind, event.body
    if step == Step.PROPOSED:
        case.decisions.append(Decision(body["outcome"], body, event.actor, event.at))
    elif step == Step.SENT_BACK:
        case.decisions.pop()
    elif step == Step.DECIDED:
        made = case.decisions[-1]
        made.approved_by, made.approved_at, case.decided_on = event.actor, event.at, day
        case.notified_on = None
    elif step == Step.NOTIFIED:
        case.notified_on = day
    elif step == Step.LICENSED:
        case.licence = body["licence"]
    elif step == Step.APPEALED:
        case.appeal = body
    elif step == Step.APPEAL_DECIDED:
        case.appeal_decision = body
        if body["outcome"] == "annul":
            case.decisions[-1].annulled, case.decided_on = True, None


_HANDLERS: dict[Step, Callable[[Case, Event, date], None]] = {
    Step.RETURNED: _intake,
    Step.ACCEPTED: _intake,
    Step.ASSESSED: _assessed,
    Step.DETERMINED: _assessed,
    Step.ADVICE_ASKED: _asked,
    Step.ADVISED: _advised,
    Step.QUESTIONED: _questioned,
    Step.ANSWERED: _questioned,
    Step.SCREENED: _screening,
    Step.CLEARED: _screening,
    Step.FLAGGED: _flagged,
    Step.UNFLAGGED: _flagged,
    Step.PROPOSED: _deciding,
    Step.SENT_BACK: _deciding,
    Step.DECIDED: _deciding,
    Step.NOTIFIED: _deciding,
    Step.LICENSED: _deciding,
    Step.APPEALED: _deciding,
    Step.APPEAL_DECIDED: _deciding,
}
