"""A measure as its events make it: who proposed and decided it, why, until when, and the appeal against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import count

from sealtrace.custody.office import Office
from sealtrace.errors import CaseUnknown
from sealtrace.licences import journal
from sealtrace.licences.journal import Event
from sealtrace.licences.review import rules
from sealtrace.licences.states import Step, day_of

STREAM = "measure"
ADVERSE = (Step.SUSPEND, Step.REVOKE, Step.CANCEL)  # what the holder may appeal against
STAYABLE = (Step.SUSPEND, Step.REVOKE)  # a licence that was issued in error is not used meanwhile


class Outcome(StrEnum):
    """How an appeal against a measure ends."""

    UPHOLD = "uphold"
    ANNUL = "annul"
    VARY = "vary"  # a suspension until a nearer day instead


@dataclass(slots=True)
class Appeal:
    """An appeal against a measure, what held meanwhile, and how it ended."""

    grounds: str
    by: str
    at: str
    stayed_by: str | None = None
    stayed_at: str | None = None
    stay_reasons: str = ""
    outcome: Outcome | None = None
    reasons: str = ""
    heard_by: str | None = None
    heard_at: str | None = None
    entry: int = -1  # of the decision on it

    @property
    def open(self) -> bool:
        """Whether it is still to be decided."""
        return self.outcome is None

    @property
    def due(self) -> date:
        """The last day to decide it."""
        return rules.decide_by(day_of_text(self.at))

    def overdue(self, today: date) -> bool:
        """Whether its day passed before it was decided."""
        return (day_of_text(self.heard_at) if self.heard_at else today) > self.due


@dataclass(slots=True)
class Measure:
    """A measure. Made by `fold`, changed by nothing else."""

    name: str  # the licence's number, a slash, a count
    step: Step
    reason: str
    proposed_by: str
    proposed_at: str
    basis: str = ""  # the law it rests on
    review_by: date | None = None  # of what holds for a time
    state: str = "proposed"  # proposed, taken, dropped
    objection: str = ""
    objected_at: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    answer: str = ""  # of who decided: to the objection, or why it was dropped
    entry: int = -1  # of the decision
    reviews: list[Event] = field(default_factory=list)
    served_on: date | None = None
    appeal: Appeal | None = None
    seq: int = 0

    @property
    def licence(self) -> str:
        """The licence it is about."""
        return self.name.rpartition("/")[0]

    @property
    def count(self) -> int:
        """Its number among the measures about the licence, from 1."""
        return int(self.name.rpartition("/")[2])

    @property
    def open(self) -> bool:
        """Whether somebody is still to decide it."""
        return self.state == "proposed"

    @property
    def appealable(self) -> bool:
        """Whether the holder may still appeal, but for the days."""
        return self.state == "taken" and self.step in ADVERSE and self.appeal is None

    @property
    def effect(self) -> Step | None:
        """What it does to the licence now: nothing before it is taken, while it is stayed, or once it is annulled."""
        if self.state != "taken":
            return None
        if self.appeal is None or self.appeal.outcome is Outcome.UPHOLD:
            return self.step
        if self.appeal.open:
            return None if self.appeal.stayed_at else self.step
        return Step.SUSPEND if self.appeal.outcome is Outcome.VARY else None

    @property
    def standing(self) -> str:
        """Where it stands, with its appeal: the word that screens show."""
        if self.appeal is None:
            return self.state
        if self.appeal.open:
            return "stayed" if self.appeal.stayed_at else "appealed"
        assert self.appeal.outcome is not None
        return {Outcome.UPHOLD: "upheld", Outcome.ANNUL: "annulled", Outcome.VARY: "varied"}[
            self.appeal.outcome
        ]

    @property
    def hands(self) -> set[str]:
        """Who had a part in it for the office."""
        return {who for who in (self.proposed_by, self.decided_by, *(r.actor for r in self.reviews)) if who}

    @property
    def appeal_until(self) -> date | None:
        """The last day to appeal; None until it was served."""
        return rules.appeal_until(self.served_on) if self.served_on else None


def day_of_text(at: str) -> date:
    """The day in China of a time as events write it."""
    return day_of(datetime.fromisoformat(at))


def fold(name: str, events: Iterable[Event]) -> Measure | None:
    """Make the measure from its events, oldest first; None without any."""
    made: Measure | None = None
    for event in events:
        if made is None:
            made = _begun(name, event)
        _take(made, event)
        made.seq += 1
    return made


def _begun(name: str, event: Event) -> Measure:
    body = event.body
    made = Measure(name, Step(body["step"]), body["reason"], event.actor, event.at, body.get("basis", ""))
    made.review_by = _day(body.get("review_by"))
    return made


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _take(made: Measure, event: Event) -> None:
    body = event.body
    if event.kind == "objected":
        made.objection, made.objected_at = body["text"], event.at
    elif event.kind in ("taken", "dropped"):
        made.state, made.decided_by, made.decided_at = event.kind, event.actor, event.at
        made.answer, made.entry = body.get("answer", ""), event.entry
    elif event.kind == "reviewed":
        made.reviews.append(event)
        made.review_by = _day(body["review_by"])
    elif event.kind == "notified":
        made.served_on = day_of_text(event.at)
    elif event.kind == "appealed":
        made.appeal = Appeal(body["grounds"], event.actor, event.at)
    else:
        _hear(made, event)


def _hear(made: Measure, event: Event) -> None:
    found, body = made.appeal, event.body
    if found is not None and event.kind == "stayed":
        found.stayed_by, found.stayed_at, found.stay_reasons = event.actor, event.at, body["reasons"]
    elif found is not None and event.kind == "appeal-decided":
        found.outcome, found.reasons, found.entry = Outcome(body["outcome"]), body["reasons"], event.entry
        found.heard_by, found.heard_at = event.actor, event.at
        made.review_by = _day(body.get("review_by")) or made.review_by


def get_measure(office: Office, name: str) -> Measure:
    """Find a measure. Raises CaseUnknown."""
    made = fold(name, journal.read(office, STREAM, name))
    if made is None:
        raise CaseUnknown(f"there is no measure {name!r}")
    return made


def measures(office: Office, number: str) -> list[Measure]:
    """The measures about a licence, oldest first."""
    found: list[Measure] = []
    for n in count(1):
        made = fold(f"{number}/{n}", journal.read(office, STREAM, f"{number}/{n}"))
        if made is None:
            return found
        found.append(made)
    raise AssertionError("counting does not end")


def all_measures(office: Office) -> Iterator[Measure]:
    """Every measure, in the order they began."""
    for name in journal.subjects(office, STREAM):
        yield get_measure(office, name)
