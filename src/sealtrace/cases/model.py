"""Values of a case: who acts, what they do, and the items that acts make and move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sealtrace.errors import UsageProblem

MAX_NAME, MAX_TEXT = 120, 20_000
Value = str | int | bytes | None


class Department(StrEnum):
    """The four that work one case."""

    CUSTOMS = "customs"
    COMMERCE = "commerce"
    INDUSTRY = "industry"
    POLICE = "police"


class CaseKind(StrEnum):
    """What a case is about."""

    LEAK = "leak"
    LICENCE = "licence"
    RESTRICTION = "restriction"
    SMUGGLING = "smuggling"


class ItemKind(StrEnum):
    """What stands in a case; the value is the letter of its items' names, such as e-1."""

    SUBJECT = "s"
    ALLEGATION = "a"
    EVIDENCE = "e"
    TASK = "t"
    NOTE = "n"
    EVENT = "v"
    DEADLINE = "d"
    REFERRAL = "r"
    OUTCOME = "o"
    APPEAL = "p"
    DISCLOSURE = "x"


class SubjectKind(StrEnum):
    """Records elsewhere that a case is about."""

    DECLARATION = "declaration"
    LICENCE = "licence"
    TRACE = "trace"
    RESTRICTION = "restriction"
    PARTY = "party"


class Result(StrEnum):
    """How a case ends for what it was about. The last three find no fault."""

    SEIZED = "seized"
    PENALTY = "penalty"
    PROSECUTION = "prosecution"
    CORRECTED = "corrected"
    NO_FAULT = "no-fault"
    REFUTED = "refuted"
    ACQUITTED = "acquitted"

    @property
    def at_fault(self) -> bool | None:
        """Whether the allegation was borne out; None where a correction settles nothing about intent."""
        if self is Result.CORRECTED:
            return None
        return self in (Result.SEIZED, Result.PENALTY, Result.PROSECUTION)


@dataclass(frozen=True, slots=True, order=True)
class Actor:
    """A person and the department they act for."""

    name: str
    department: Department

    def __post_init__(self) -> None:
        cleaned = self.name.strip()
        if not 0 < len(cleaned) <= MAX_NAME or not cleaned.isprintable() or "@" in cleaned:
            raise UsageProblem(
                f"a person's name has 1 to {MAX_NAME} printable characters and no @",
                advice="Give the person's name.",
            )
        object.__setattr__(self, "name", cleaned)

    def __str__(self) -> str:
        return f"{self.name}@{self.department}"

    @classmethod
    def parse(cls, text: str) -> Actor:
        """Read NAME@DEPARTMENT."""
        name, at, department = text.rpartition("@")
        if not at or department not in list(Department):
            raise UsageProblem(f"{text!r} is not NAME@DEPARTMENT with one of {', '.join(Department)}")
        return cls(name, Department(department))


class What(StrEnum):
    """What a person does in a case; `case:` and this is the event's name in the ledger."""

    OPENED = "opened"
    CLOSED = "closed"
    REOPENED = "reopened"
    WALLED = "walled"
    READ = "read"
    SUBJECT_NAMED = "subject-named"
    ALLEGED = "alleged"
    SUBSTANTIATED = "substantiated"
    REFUTED = "refuted"
    COLLECTED = "evidence-collected"
    SEALED = "evidence-sealed"
    OFFERED = "evidence-offered"
    ACCEPTED = "evidence-accepted"
    DECLINED = "evidence-declined"
    EXAMINED = "evidence-examined"
    SPLIT = "evidence-split"
    RETURNED = "evidence-returned"
    DESTROYED = "evidence-destroyed"
    TASK_SET = "task-set"
    TASK_DONE = "task-done"
    TASK_DROPPED = "task-dropped"
    NOTED = "noted"
    NOTE_REVISED = "note-revised"
    EVENT_REPORTED = "event-reported"
    DEADLINE_SET = "deadline-set"
    DEADLINE_MET = "deadline-met"
    DEADLINE_MOVED = "deadline-moved"
    REFERRAL_PROPOSED = "referral-proposed"
    REFERRAL_APPROVED = "referral-approved"
    REFERRED = "referred"
    REFERRAL_ACCEPTED = "referral-accepted"
    REFERRAL_DECLINED = "referral-declined"
    REFERRAL_WITHDRAWN = "referral-withdrawn"
    OUTCOME_PROPOSED = "outcome-proposed"
    OUTCOME_SIGNED = "outcome-signed"
    OUTCOME_REFUSED = "outcome-refused"
    APPEALED = "appealed"
    APPEAL_UPHELD = "appeal-upheld"
    APPEAL_GRANTED = "appeal-granted"
    DISCLOSED = "disclosed"

    @property
    def event(self) -> str:
        """The event's name in the ledger."""
        return f"case:{self.value}"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person did, as the ledger has it. Never changed; a correction is a new act."""

    entry: int
    leaf: bytes
    number: int
    """Its place in its case, from 1."""
    what: What
    item: str
    by: Actor
    at: datetime
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a case: what its acts so far made of it."""

    id: str
    kind: ItemKind
    department: Department
    """That contributed it."""
    state: str
    fields: Mapping[str, Value]
    acts: tuple[Act, ...]

    def text(self, name: str) -> str:
        """One field as text; empty when it was not given."""
        value = self.fields.get(name)
        return "" if value is None else value.hex() if isinstance(value, bytes) else str(value)

    @property
    def sha256(self) -> bytes | None:
        """The digest of the original in the vault, for what has one."""
        value = self.fields.get("sha256")
        return value if isinstance(value, bytes) else None

    @property
    def holder(self) -> Actor | None:
        """Who has a piece of evidence in hand."""
        return Actor.parse(self.text("holder")) if self.text("holder") else None

    @property
    def scope(self) -> tuple[str, ...]:
        """The items that a referral or a disclosure covers."""
        return tuple(self.text("scope").split())

    @property
    def due(self) -> datetime | None:
        """Until when."""
        return datetime.fromisoformat(self.text("due")) if self.text("due") else None

    def moved(self, act: Act, state: str) -> Item:
        """This item after a further act."""
        return replace(self, state=state, fields={**self.fields, **act.fields}, acts=(*self.acts, act))


@dataclass(frozen=True, slots=True)
class Case:
    """A whole case. Nobody is shown one of these: `disclosure.view` tells what a person may see of it."""

    number: str
    kind: CaseKind
    owner: Department
    title: str
    state: str
    opened: Act
    items: Mapping[str, Item] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    walled: frozenset[str] = frozenset()

    def of(self, kind: ItemKind) -> list[Item]:
        """The items of one kind, oldest first."""
        return [item for item in self.items.values() if item.kind is kind]
