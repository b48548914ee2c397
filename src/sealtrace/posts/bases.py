"""The register of legal bases in use: versions adopted by one person and compared with the text by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import RestrictionUnlawful
from sealtrace.ledger.model import Entry
from sealtrace.people.acts import identity, prepare, refused_as
from sealtrace.people.duties import Actor, require_different, require_human

from . import store
from .basis import BasisStatus, LegalBasis, Suspension, read_register, shipped
from .schema import DESIGNATING, SCHEMA

ADOPTED, SUSPENDED = "post:basis-adopted", "post:basis-suspended"


@dataclass(frozen=True, slots=True)
class BasisOnDay:
    """A version of a legal basis and what it is on a day; `adopted` says whether this house may rest on it."""

    basis: LegalBasis
    status: BasisStatus
    adopted: bool


def ready(office: Office) -> None:
    """Make the tables where they are missing."""
    prepare(office, SCHEMA, "posts")
    prepare(office, DESIGNATING, "designation_proposals")


def listed(office: Office, on: date) -> list[BasisOnDay]:
    """Every version, adopted or shipped, with its status on a day."""
    ready(office)
    adopted = store.bases(office)
    known = {b.ref for b in adopted.versions}
    every = [*adopted.versions, *(b for b in shipped().versions if b.ref not in known)]
    return [
        BasisOnDay(b, b.status(on), b.ref in known) for b in sorted(every, key=lambda b: (b.id, b.version))
    ]


def adopt(
    office: Office,
    actor: Actor,
    counsel: Actor,
    basis: str | Mapping[str, Any],
    *,
    source: str,
) -> Entry:
    """Adopt a shipped version by its name, or a new one as an entry of the file; counsel compared it with the text.

    `source` is where the text was read: the gazette and its date. Nothing can rest on a version before.

    Raises:
        RestrictionUnlawful: it lacks something, or is there already.
        DutiesNotSeparated: counsel is the one who enters it.
    """
    ready(office)
    actor, counsel = identity(office, actor), identity(office, counsel)
    require_human(actor, "adopting a legal basis")
    require_human(counsel, "comparing a legal basis with its text")
    require_different(entered_by=actor.id, counsel=counsel.id)
    if not source.strip():
        raise RestrictionUnlawful("say where the text of the law was read")
    found = shipped().get(basis) if isinstance(basis, str) else read_register([basis]).versions[0]
    made = replace(found, verified=True)
    fields = {
        "basis": made.ref,
        "clause": made.clause,
        "entered_by": actor.id,
        "counsel": counsel.id,
        "source": source,
    }
    with office.writing():
        return office.record_act(
            ADOPTED, "home", fields, lambda db, _: store.add_basis(db, made, actor.id, counsel.id)
        )


def suspend(
    office: Office, actor: Actor, ref: str, start: date, end: date | None, ordered_by: str, now: datetime
) -> Entry:
    """Enter that a version does not apply for a time; every restriction on it is suspended by that alone.

    Raises:
        RestrictionUnlawful: no such version, nobody ordered it, or it would begin in the past.
    """
    ready(office)
    actor = identity(office, actor)
    require_human(actor, "suspending a legal basis")
    store.bases(office).get(ref)
    if start < now.date() or (end is not None and end <= start) or not ordered_by.strip():
        raise RestrictionUnlawful(
            "a suspension begins today or later, ends after it begins and names its order"
        )
    suspended = Suspension(start, end, ordered_by)
    fields = {
        "basis": ref,
        "from": start.isoformat(),
        "until": end.isoformat() if end else None,
        "by": ordered_by,
    }
    with refused_as(RestrictionUnlawful), office.writing():
        return office.record_act(
            SUSPENDED, "home", fields, lambda db, _: store.add_suspension(db, ref, suspended)
        )
