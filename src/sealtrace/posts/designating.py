"""How somebody comes into a sensitive post: proposed by one person, decided later by another.

`now` is a whole second with a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, RestrictionUnlawful, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people import access
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import Act, enter, new_id, read, read_one, require_person, seal, unseal
from sealtrace.people.duties import Actor, human, require_different
from sealtrace.people.gates import Module, require_module
from sealtrace.people.moments import moment, second

from .bases import ready
from .places import Post, designating, posts
from .proposals import Waiting

PROPOSED, REFUSED = "post:designation-proposed", "post:designation-refused"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is proposed: the post, who orders it in which document, from when until when."""

    post: str
    authority: str
    document: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if not (self.authority.strip() and self.document.strip()) or not self.starts_at < self.ends_at:
            raise RestrictionUnlawful(
                "a designation names its authority and document, and ends after it begins"
            )


def propose(office: Office, actor: Actor, person: str, offer: Offer, now: datetime) -> str:
    """Propose a designation; it holds nobody. Returns the proposal's name.

    Raises:
        NotRegistered: no such person or post.
        DutiesNotSeparated: somebody proposes the own designation.
    """
    ready(office)
    require_module(office, Module.POSTS, now)
    actor = require_purpose(office, actor, Purpose.DESIGNATION, now)
    require_person(office, person)
    require_different(proposer=actor.id, person=person)
    post_of(office, offer.post)
    name = new_id("dp")
    record = {
        "post": offer.post, "authority": offer.authority, "document": offer.document,
        "starts_at": second(offer.starts_at), "ends_at": second(offer.ends_at),
    }  # fmt: skip

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, record, f"designating {name}")
        db.execute(
            "INSERT INTO designation_proposals VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
            (name, person, box, actor.id, str(actor.kind), second(now)),
        )

    fields: dict[str, Value] = {
        "proposal": name, "post": offer.post, "authority": offer.authority, "document": offer.document,
        "from": record["starts_at"], "until": record["ends_at"],
    }  # fmt: skip
    enter(office, Act(person, PROPOSED, actor, fields, rows), now, RestrictionUnlawful)
    return name


def post_of(office: Office, name: str) -> Post:
    """One post. Raises NotRegistered."""
    for post in posts(office):
        if post.id == name:
            return post
    raise NotRegistered(f"there is no post {name!r}", advice="`sealtrace post list` lists them.")


def waiting(office: Office, actor: Actor, now: datetime) -> list[Waiting]:
    """Proposed designations without a decision, oldest first; what they say is a look of its own."""
    ready(office)
    require_purpose(office, actor, Purpose.DESIGNATION, now)
    return _waiting(office, None)


def of_person(office: Office, person: str) -> list[Waiting]:
    """A person's proposed designations; for services that entered their look."""
    ready(office)
    return _waiting(office, person)


def _waiting(office: Office, person: str | None) -> list[Waiting]:
    rows = read(
        office,
        "SELECT id, person, proposer, at FROM designation_proposals WHERE outcome IS NULL"
        " AND (:person IS NULL OR person = :person) ORDER BY at, id",
        {"person": person},
    )
    return [Waiting(name, who, proposer, moment(at)) for name, who, proposer, at in rows]


def one(office: Office, name: str) -> Waiting:
    """Whom an undecided proposal is about and who proposed it.

    Raises:
        NotRegistered: there is none of this name.
        StepRefused: it was decided.
    """
    ready(office)
    row = read_one(
        office, "SELECT person, proposer, at, outcome FROM designation_proposals WHERE id = ?", (name,)
    )
    if row is None:
        raise NotRegistered(f"there is no proposal {name!r}")
    if row[3] is not None:
        raise StepRefused(f"the proposal was {row[3]}")
    return Waiting(name, row[0], row[1], moment(row[2]))


def proposal(
    office: Office, actor: Actor, name: str, now: datetime, reason: str = "deciding a designation"
) -> Offer:
    """What a proposal says, for who decides it; the person sees the look."""
    found = one(office, name)
    access.look(office, actor, found.person, Purpose.DESIGNATION, {Section.POSTS}, reason, now)
    return _offer(office, found)


def _offer(office: Office, found: Waiting) -> Offer:
    row = read_one(office, "SELECT sealed FROM designation_proposals WHERE id = ?", (found.id,))
    r = unseal(office, found.person, row[0], f"designating {found.id}") or {}
    return Offer(r["post"], r["authority"], r["document"], moment(r["starts_at"]), moment(r["ends_at"]))


def decide(
    office: Office, actor: Actor, name: str, now: datetime, *, designate: bool, reasons: str = ""
) -> str | None:
    """Designate as proposed, or refuse with the reason. Returns the designation's name when it was made.

    Raises:
        RestrictionUnlawful: the cooling-off after an earlier post is not over.
        DutiesNotSeparated: the decider proposed it or is the person.
    """
    found = one(office, name)
    require_module(office, Module.POSTS, now)
    actor = require_purpose(office, actor, Purpose.DESIGNATION, now)
    require_different(proposer=found.proposer, decider=actor.id, person=found.person)
    if not designate:
        if not reasons.strip():
            raise StepRefused("a refused designation says why")
        fields: dict[str, Value] = {"proposal": name, "reasons": reasons}
        act = Act(
            found.person, REFUSED, actor, fields, lambda db, _: _decided(db, name, actor, "refused", now)
        )
        enter(office, act, now, StepRefused)
        return None
    offer = _offer(office, found)
    made, act = designating(
        office, human(found.proposer), actor, found.person, offer.post, authority=offer.authority,
        document=offer.document, starts_at=offer.starts_at, ends_at=offer.ends_at,
        beside=lambda db: _decided(db, name, actor, "decided", now),
    )  # fmt: skip
    enter(office, act, now, RestrictionUnlawful)
    return made


def _decided(db: apsw.Connection, name: str, actor: Actor, outcome: str, now: datetime) -> None:
    db.execute(
        "UPDATE designation_proposals SET outcome = ?, decider = ?, decider_kind = ?, decided_at = ? WHERE id = ?",
        (outcome, actor.id, str(actor.kind), second(now), name),
    )
