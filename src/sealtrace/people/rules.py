"""Who may change a profile, and what may be told about a person: named fields, for one purpose, to one receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sealtrace.errors import ProfileUnlawful, PurposeMissing, StepRefused
from sealtrace.people.duties import Actor, require_different, require_human

from .model import Person, PersonName, Source

EDITABLE = frozenset({
    "names", "specialities", "education", "projects", "publications", "employments", "birth_year", "orcid",
})  # fmt: skip
TELLABLE = frozenset({"names", "specialities", "education", "projects", "publications", "employments"})
"""Fields an organisation may report to an authority; the rest stays where it is."""


class ChangeState(StrEnum):
    """Where a proposed change of a profile stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one field that somebody proposed, and what became of it."""

    before: Person
    after: Person
    field: str
    proposed_by: Actor
    state: ChangeState = ChangeState.PROPOSED
    reasons: str = ""


def propose(before: Person, after: Person, actor: Actor) -> Change:
    """Propose a change of one field. An ORCID iD and own spellings are for the person alone to give.

    Raises:
        ProfileUnlawful: no field or several change, or somebody else links the person's own identifiers.
        HumanRequired: a program proposes; it may suggest in words, not in the record.
    """
    require_human(actor, "changing a profile")
    changed = [f for f in EDITABLE if getattr(before, f) != getattr(after, f)]
    if before.id != after.id or len(changed) != 1:
        raise ProfileUnlawful("a change touches one field of one person")
    field = changed[0]
    if actor.id != before.id and (field == "orcid" or _new_own_names(before, after)):
        raise ProfileUnlawful("the own spelling and the ORCID iD are given by the person alone")
    return Change(before, after, field, actor)


def _new_own_names(before: Person, after: Person) -> list[PersonName]:
    return [n for n in after.names if n not in before.names and n.source is Source.SELF]


def decide(change: Change, reviewer: Actor, *, accept: bool, reasons: str = "") -> Change:
    """Accept or refuse a change; by somebody else than who proposed it, and a refusal says why."""
    require_human(reviewer, "reviewing a profile")
    require_different(proposer=change.proposed_by.id, reviewer=reviewer.id)
    if change.state is not ChangeState.PROPOSED:
        raise StepRefused(f"the change is {change.state}")
    if not accept and not reasons.strip():
        raise ProfileUnlawful("a refused change says why, so that the person can object")
    return replace(change, state=ChangeState.ACCEPTED if accept else ChangeState.REFUSED, reasons=reasons)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks to be told: whom it is about, which fields, for what, on what basis, until when it is kept."""

    person: str
    receiver: str
    fields: frozenset[str]
    purpose: str
    clause: str
    keep_until: datetime


def tell(person: Person, request: Request, now: datetime) -> Mapping[str, object]:
    """Give exactly the fields asked for, each time for one person.

    Raises:
        PurposeMissing: no purpose, clause or receiver, a field that is never told, or a time that is over.
    """
    if request.person != person.id:
        raise PurposeMissing("the request is about somebody else")
    if not (
        request.purpose.strip() and request.clause.strip() and request.receiver.strip() and request.fields
    ):
        raise PurposeMissing("a disclosure names receiver, fields, purpose and legal clause")
    never = request.fields - TELLABLE
    if never:
        raise PurposeMissing(f"never disclosed: {', '.join(sorted(never))}")
    if request.keep_until <= now:
        raise PurposeMissing("the time for which it may be kept is over")
    return {field: getattr(person, field) for field in sorted(request.fields)}
