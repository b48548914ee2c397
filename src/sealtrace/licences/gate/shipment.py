"""A shipment at the gate as its events make it, and the one table of its states.

Doubt is not release: while a question is open, or an expert is asked, nothing leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sealtrace.errors import MalformedCase, WrongState
from sealtrace.licences.journal import Event
from sealtrace.licences.lots import Lot, must_be_kept, read_lot
from sealtrace.licences.states import day_of
from sealtrace.licences.workdays import QUESTION_DAYS, Deadline, WorkCalendar


class State(StrEnum):
    """Where a shipment stands."""

    CLEAR = "clear"  # licence and goods fit: it may be reserved and endorsed
    FREE = "free"  # no licence is needed
    DOUBT = "doubt"  # something does not fit; an officer asks, or refuses
    HELD = "held"  # a question is open
    FILED = "filed"  # it was answered
    EXPERT = "expert"  # an expert identifies the goods
    RESERVED = "reserved"
    ENDORSED = "endorsed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class Step(StrEnum):
    """What can happen to a shipment. The ledger's event is `licence:shipment-` and this name."""

    PRESENTED = "presented"
    QUESTIONED = "questioned"
    FILED = "filed"
    CONCLUDED = "concluded"
    RESERVED = "reserved"
    ENDORSED = "endorsed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


EVENTS = {
    Step.PRESENTED: "licence:shipment-presented",
    Step.QUESTIONED: "licence:shipment-questioned",
    Step.FILED: "licence:shipment-filed",
    Step.CONCLUDED: "licence:shipment-concluded",
    Step.RESERVED: "licence:shipment-reserved",
    Step.ENDORSED: "licence:shipment-endorsed",
    Step.CANCELLED: "licence:shipment-cancelled",
    Step.REFUSED: "licence:shipment-refused",
}
CONCLUSIONS = {  # General Administration of Customs, Announcement 123 of 2025; "covered" when a licence there is fits
    "no_licence_needed": State.FREE,
    "licence_needed": State.REFUSED,
    "expert": State.EXPERT,
    "covered": State.CLEAR,
}
S, T = State, Step
TRANSITIONS: dict[tuple[State, Step], tuple[State, ...]] = {
    (S.CLEAR, T.QUESTIONED): (S.HELD,),
    (S.FREE, T.QUESTIONED): (S.HELD,),
    (S.DOUBT, T.QUESTIONED): (S.HELD,),
    (S.DOUBT, T.REFUSED): (S.REFUSED,),
    (S.HELD, T.FILED): (S.FILED,),
    (S.HELD, T.CONCLUDED): (S.REFUSED,),  # nobody answered in time
    (S.FILED, T.CONCLUDED): (S.FREE, S.REFUSED, S.EXPERT, S.CLEAR),
    (S.EXPERT, T.CONCLUDED): (S.FREE, S.REFUSED, S.CLEAR),
    (S.CLEAR, T.RESERVED): (S.RESERVED,),
    (S.CLEAR, T.ENDORSED): (S.ENDORSED,),
    (S.RESERVED, T.ENDORSED): (S.ENDORSED,),
    (S.RESERVED, T.CANCELLED): (S.CANCELLED,),
}
PAPERS = ("declaration", "contract", "explanation", "test_report")


def after(state: State, step: Step, outcome: State | None = None) -> State:
    """Give the state a step leads to. Raises WrongState."""
    where = TRANSITIONS.get((state, step), ())
    to = outcome or next(iter(where), None)
    if to is None or to not in where:
        raise WrongState(f"a shipment that is {state} can't be {step}{f' as {outcome}' if outcome else ''}")
    return to


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an exporter declares."""

    number: str
    exporter: str
    end_user: str
    destination: str
    goods: tuple[Lot, ...]
    document: Mapping[str, Any]


def read_declaration(document: object) -> Declaration:
    """Read a declaration: number, exporter, end user, destination, goods. Raises MalformedCase."""
    if not isinstance(document, Mapping):
        raise MalformedCase("a declaration is an object")
    must_be_kept(document)
    said = {k: document.get(k) for k in ("number", "exporter", "end_user", "destination")}
    if not all(isinstance(v, str) and 0 < len(v.strip()) <= 120 for v in said.values()):
        raise MalformedCase(
            "a declaration states number, exporter, end user and destination, up to 120 characters each"
        )
    goods = document.get("goods")
    if not isinstance(goods, list) or not 0 < len(goods) <= 100:
        raise MalformedCase("a declaration has 1 to 100 goods")
    lots = tuple(read_lot(g) for g in goods)
    if len({lot.id for lot in lots}) != len(lots):
        raise MalformedCase("two of the goods have the same id")
    number, exporter, end_user, destination = (str(v).strip() for v in said.values())
    return Declaration(number, exporter, end_user, destination.upper(), lots, document)


@dataclass(slots=True)
class Shipment:
    """A shipment as it stands. Made by `fold`, changed by nothing else."""

    number: str
    state: State = State.DOUBT
    seq: int = 0
    declaration: Mapping[str, Any] = field(default_factory=dict)
    scan: Mapping[str, Any] = field(default_factory=dict)
    questioned_on: date | None = None
    question: str = ""
    papers: list[Mapping[str, Any]] = field(default_factory=list)
    filed_on: date | None = None
    conclusions: list[Mapping[str, Any]] = field(default_factory=list)
    receipt: Mapping[str, Any] | None = None
    timeline: list[Event] = field(default_factory=list)

    def answer_due(self, calendar: WorkCalendar) -> Deadline | None:
        """The last day to answer the question: the 7th working day after it."""
        return calendar.after(self.questioned_on, QUESTION_DAYS) if self.questioned_on else None

    def late(self, calendar: WorkCalendar, today: date) -> bool:
        """Whether the answer came, or still is, after its day."""
        due = self.answer_due(calendar)
        return due is not None and (self.filed_on or today) > due.day


def fold(number: str, events: Iterable[Event]) -> Shipment:
    """Make the shipment from its events, oldest first."""
    made = Shipment(number)
    for event in events:
        _take(made, Step(event.kind), event, day_of(datetime.fromisoformat(event.at)))
        made.seq += 1
        made.timeline.append(event)
    return made


def _take(made: Shipment, step: Step, event: Event, day: date) -> None:
    body = event.body
    if step is Step.PRESENTED:
        made.declaration, made.scan, made.state = (
            body["declaration"],
            body["scan"],
            State(body["scan"]["state"]),
        )
        return
    made.state = after(made.state, step, CONCLUSIONS[body["outcome"]] if step is Step.CONCLUDED else None)
    if step is Step.QUESTIONED:
        made.questioned_on, made.question, made.filed_on = day, body["text"], None
    elif step is Step.FILED:
        made.papers, made.filed_on = [*made.papers, *body["papers"]], day
    elif step is Step.CONCLUDED:
        made.conclusions.append(body)
    elif step is Step.ENDORSED:
        made.receipt = body["receipt"]
