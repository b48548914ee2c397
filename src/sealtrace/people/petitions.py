"""What a person asks for: a correction, an objection, an appeal; answered in time by somebody who took no part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import DutiesNotSeparated, NotRegistered, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry

from .access import Purpose, Section, look, require_purpose
from .acts import Act, enter, identity, new_id, read, read_one, ready, require_person, seal, unseal
from .duties import Actor, require_different, require_human
from .gates import officers
from .moments import moment, moment_or_none, second
from .notices import tell

MADE, ADDED, WITHDRAWN, ANSWERED = (
    "person:petition-made", "person:petition-added", "person:petition-withdrawn", "person:petition-answered",
)  # fmt: skip


class Kind(StrEnum):
    """What is asked for."""

    CORRECTION = "correction"
    OBJECTION = "objection"
    APPEAL = "appeal"


ANSWER_WITHIN = {
    Kind.CORRECTION: timedelta(days=15), Kind.OBJECTION: timedelta(days=15), Kind.APPEAL: timedelta(days=28),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Petition:
    """One petition with its words and its answer."""

    id: str
    person: str
    kind: Kind
    about: str
    text: str
    made_at: datetime
    answer_due: datetime
    answered_at: datetime | None
    officer: str | None
    granted: bool | None
    withdrawn: bool
    answer: str

    @property
    def open(self) -> bool:
        """Whether it waits for its answer: shown wherever what it contests is shown."""
        return self.answered_at is None and not self.withdrawn


def make(
    office: Office, actor: Actor, kind: Kind, about: str, text: str, now: datetime, *, decided_by: str = "",
    answer_within: timedelta | None = None,
) -> str:  # fmt: skip
    """Ask, about something named as `kind:name`, such as `restriction:r-1`, `access:55`, `profile:names`.

    `decided_by` is who took what is contested and so can't answer. Returns the petition's name.

    Raises:
        StepRefused: there are no words, or the same thing is contested already.
        NotRegistered: the actor is not in the directory.
    """
    name, act = making(
        office, actor, kind, about, text, now, decided_by=decided_by, answer_within=answer_within
    )
    enter(office, act, now, StepRefused)
    return name


def making(
    office: Office, actor: Actor, kind: Kind, about: str, text: str, now: datetime, *, decided_by: str = "",
    answer_within: timedelta | None = None,
) -> tuple[str, Act]:  # fmt: skip
    """The act of asking and the petition's name; see `make`."""
    me = identity(office, actor)
    require_human(me, "asking")
    require_person(office, me.id)
    if not text.strip() or not about.strip():
        raise StepRefused("say what it is about and what you ask for")
    if any(p.open and p.about == about and p.kind is kind for p in of_person(office, me.id)):
        raise StepRefused("this is open already; add to it")
    name, due = new_id(kind[0]), now + (answer_within or ANSWER_WITHIN[kind])

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, me.id, {"text": [text]}, f"petition {name}")
        db.execute(
            "INSERT INTO petitions VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, 0, NULL)",
            (name, me.id, str(kind), about, decided_by, box, second(now), second(due)),
        )

    return name, Act(me.id, MADE, me, {"petition": name, "kind": str(kind), "about": about}, rows)


def add_to(office: Office, actor: Actor, name: str, text: str, now: datetime) -> Entry:
    """Add words to an open petition of one's own."""
    me, asked = identity(office, actor), petition(office, name)
    if me.id != asked.person or not asked.open or not text.strip():
        raise StepRefused("only the person adds to an open petition")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, me.id, {"text": [asked.text, text]}, f"petition {name}")
        db.execute("UPDATE petitions SET sealed = ? WHERE id = ?", (box, name))

    return enter(office, Act(me.id, ADDED, me, {"petition": name}, rows), now, StepRefused)


def withdraw(office: Office, actor: Actor, name: str, now: datetime) -> Entry:
    """Take an open petition of one's own back."""
    return enter(office, withdrawing(office, actor, name), now, StepRefused)


def withdrawing(office: Office, actor: Actor, name: str) -> Act:
    """The act of taking an own petition back."""
    me, asked = identity(office, actor), petition(office, name)
    if me.id != asked.person or not asked.open:
        raise StepRefused("only the person withdraws an open petition")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute("UPDATE petitions SET withdrawn = 1 WHERE id = ?", (name,))

    return Act(me.id, WITHDRAWN, me, {"petition": name}, rows)


def answer(office: Office, actor: Actor, name: str, reasons: str, now: datetime, *, granted: bool) -> Entry:
    """Answer a petition, with reasons; an appeal only by a named officer, never by who took the decision.

    Raises:
        DutiesNotSeparated: the officer took what is contested, or is the person.
        StepRefused: no appeal officer, no reasons, or it is not open.
    """
    act = answering(office, actor, name, reasons, now, granted=granted)
    return enter(office, act, now, DutiesNotSeparated)


def answering(office: Office, actor: Actor, name: str, reasons: str, now: datetime, *, granted: bool) -> Act:
    """The act of answering; see `answer`."""
    asked = petition(office, name)
    actor = require_purpose(office, actor, Purpose.APPEAL, now)
    require_different(
        officer=actor.id, person=asked.person, decided_by=asked_decider(office, name) or "nobody"
    )
    if asked.kind is Kind.APPEAL and actor.id not in officers(office, now):
        raise StepRefused("an appeal is heard by a named officer")
    if not reasons.strip() or not asked.open:
        raise StepRefused("an answer has reasons, and what it answers is open")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, asked.person, {"reasons": reasons}, f"answer {name}")
        db.execute(
            "UPDATE petitions SET answered_at = ?, officer = ?, officer_kind = ?, granted = ?, answer = ? WHERE id = ?",
            (second(now), actor.id, str(actor.kind), int(granted), box, name),
        )
        says = {"granted": granted, "reasons": reasons, "about": asked.about}
        tell(office, db, asked.person, f"{asked.kind}-answered", name, says, now)

    fields: dict[str, Value] = {"petition": name, "granted": int(granted), "reasons": reasons}
    return Act(asked.person, ANSWERED, actor, fields, rows)


def asked_decider(office: Office, name: str) -> str:
    """Who took what a petition contests; blank where nobody did."""
    row = read_one(office, "SELECT decided_by FROM petitions WHERE id = ?", (name,))
    return str(row[0]) if row else ""


_COLUMNS = (
    "id, person, kind, about, sealed, made_at, answer_due, answered_at, officer, granted, withdrawn, answer"
)


def petition(office: Office, name: str) -> Petition:
    """One petition. Raises NotRegistered."""
    ready(office)
    row = read_one(office, f"SELECT {_COLUMNS} FROM petitions WHERE id = ?", (name,))  # noqa: S608
    if row is None:
        raise NotRegistered(
            f"there is no petition {name!r}", advice="`sealtrace person petitions` lists what is open."
        )
    return _petition(office, row)


def of_person(office: Office, person: str, about: str | None = None) -> list[Petition]:
    """A person's petitions, newest first; about one thing where it is named."""
    rows = read(
        office,
        f"SELECT {_COLUMNS} FROM petitions WHERE person = :person AND (:about IS NULL OR about = :about)"  # noqa: S608
        " ORDER BY made_at DESC, id",
        {"person": person, "about": about},
    )
    return [_petition(office, row) for row in rows]


def open_about(office: Office, person: str, about: str) -> list[Petition]:
    """Open petitions about one thing; whoever shows the thing shows them."""
    return [p for p in of_person(office, person, about) if p.open]


def waiting(office: Office, actor: Actor, now: datetime, reason: str = "hearing petitions") -> list[Petition]:
    """Open petitions of everybody, the most urgent first, for those who answer them."""
    actor = require_purpose(office, actor, Purpose.APPEAL, now)
    rows = read(
        office,
        f"SELECT {_COLUMNS} FROM petitions WHERE answered_at IS NULL AND withdrawn = 0 ORDER BY answer_due, id",  # noqa: S608
    )
    for person in dict.fromkeys(row[1] for row in rows):
        look(office, actor, person, Purpose.APPEAL, {Section.PETITIONS}, reason, now)
    return [_petition(office, row) for row in rows]


def _petition(office: Office, row: tuple[Any, ...]) -> Petition:
    name, person, kind, about, sealed, made, due, answered, officer, granted, withdrawn, answer_box = row
    record = unseal(office, person, sealed, f"petition {name}") or {"text": []}
    said = unseal(office, person, answer_box, f"answer {name}") if answer_box else None
    return Petition(
        name, person, Kind(kind), about, "\n\n".join(record["text"]), moment(made), moment(due),
        moment_or_none(answered), officer, None if granted is None else bool(granted), bool(withdrawn),
        str((said or {}).get("reasons", "")),
    )  # fmt: skip
