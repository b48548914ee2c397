"""Contest anything held or done: asked, added to, taken back, answered, each by one function whatever it is about.

Who took what is contested never answers it. An appeal against a restriction moves the restriction too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered
from sealtrace.people import petitions
from sealtrace.people.acts import identity, read, read_one
from sealtrace.people.duties import Actor
from sealtrace.people.moments import moment
from sealtrace.people.petitions import Kind
from sealtrace.posts import service as posts

from .erasing import ready

RESTRICTION = "restriction"
ERASURE = "erasure:file"
"""What an objection is about that asks for everything held about its person to be erased."""

_DECIDERS = {
    "access": "SELECT actor FROM accesses WHERE entry = ?",
    "journey": "SELECT actor FROM journey_decisions WHERE journey = ?",
    "document": "SELECT coalesce(refused_by, taken_by) FROM held_documents WHERE receipt = ?",
    "candidate": "SELECT actor FROM candidate_events WHERE candidate = ? ORDER BY id DESC LIMIT 1",
    "restriction": "SELECT decider FROM restrictions WHERE id = ?",
    "designation": "SELECT decider FROM designations WHERE id = ?",
    "change": "SELECT reviewer FROM profile_changes WHERE id = ?",
    "disclosure": "SELECT approver FROM disclosures WHERE id = ?",
}
_CONCERNED = {
    "access": "SELECT person FROM accesses WHERE entry = ?",
    "journey": "SELECT person FROM journeys WHERE id = ?",
    "document": "SELECT owner FROM held_documents WHERE receipt = ?",
    "candidate": "SELECT person FROM candidates WHERE id = ?",
    "restriction": "SELECT person FROM restrictions WHERE id = ?",
    "designation": "SELECT person FROM designations WHERE id = ?",
    "change": "SELECT person FROM profile_changes WHERE id = ?",
    "disclosure": "SELECT person FROM disclosures WHERE id = ?",
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """A request for erasure that was granted and waits to be carried out; the words of it are not in here."""

    petition: str
    person: str
    granted_at: datetime
    officer: str


def decider(office: Office, about: str) -> str:
    """Who decided the thing that `about` names as kind:name; blank where nobody did."""
    ready(office)
    kind, _, name = about.partition(":")
    row = read_one(office, _DECIDERS[kind], (name,)) if kind in _DECIDERS else None
    return str(row[0]) if row is not None and row[0] is not None else ""


def ask(office: Office, actor: Actor, kind: Kind, about: str, text: str, now: datetime) -> str:
    """Ask for a correction, object or appeal about something named as kind:name; gives the petition's name.

    Raises:
        StepRefused: no words, it is open already, or the time for an appeal against a restriction is over.
        NotRegistered: the actor is not in the directory, or nothing about the actor has this name.
    """
    ready(office)
    what, _, name = about.partition(":")
    if what in _CONCERNED:
        row = read_one(office, _CONCERNED[what], (name,))
        if row is None or row[0] != identity(office, actor).id:
            raise NotRegistered(
                f"nothing about you is named {about!r}", advice="Take its name from your own page."
            )
    if kind is Kind.APPEAL and what == RESTRICTION:
        return posts.appeal(office, actor, name, text, now)
    return petitions.make(office, actor, kind, about, text, now, decided_by=decider(office, about))


def withdraw(office: Office, actor: Actor, petition: str, now: datetime) -> None:
    """Take an open petition of one's own back."""
    restriction = _restriction(office, petition)
    if restriction is not None:
        posts.withdraw_appeal(office, actor, restriction, now)
    else:
        petitions.withdraw(office, actor, petition, now)


def answer(
    office: Office, actor: Actor, petition: str, reasons: str, now: datetime, *, granted: bool
) -> None:
    """Answer a petition with reasons; granting an appeal against a restriction annuls it.

    Raises:
        DutiesNotSeparated, StepRefused: the officer took what is contested, or is not named for it.
    """
    restriction = _restriction(office, petition)
    if restriction is not None:
        posts.decide_appeal(office, actor, restriction, reasons, now, annul=granted)
    else:
        petitions.answer(office, actor, petition, reasons, now, granted=granted)


def granted_erasures(office: Office) -> list[Erasure]:
    """Requests for erasure that an officer granted and nobody has carried out, the oldest first."""
    ready(office)
    query = (
        "SELECT id, person, answered_at, officer FROM petitions WHERE about = ? AND granted = 1"
        " ORDER BY answered_at, id"
    )
    return [
        Erasure(name, who, moment(at), officer) for name, who, at, officer in read(office, query, (ERASURE,))
    ]


def _restriction(office: Office, petition: str) -> str | None:
    asked = petitions.petition(office, petition)
    what, _, name = asked.about.partition(":")
    return name if asked.kind is Kind.APPEAL and what == RESTRICTION else None
