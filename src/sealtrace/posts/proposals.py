"""How a restriction comes into being: proposed by one person, decided later by another, before a third may hear it.

`now` is a whole second with a zone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, RestrictionUnlawful, StepRefused
from sealtrace.ids import VersionRef
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people import access, gates
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import Act, enter, identity, new_id, read, read_one, require_person, seal, unseal
from sealtrace.people.duties import Actor, human, require_different
from sealtrace.people.gates import Module, require_module
from sealtrace.people.moments import moment, second

from . import store
from .bases import ready
from .basis import add_months
from .model import REVIEW_MONTHS, AppealPath, Restriction, Scope

PROPOSED, DECIDED, NOT_DECIDED = (
    "post:restriction-proposed",
    "post:restriction-decided",
    "post:restriction-refused",
)
APPEAL_DAYS = 28


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed. `files` are codes of registered files that the person knew: a contractual basis needs them."""

    authority: str
    basis: str
    grade: str
    scope: Scope
    reasons: str
    starts_at: datetime
    ends_at: datetime
    compensation_agreed: bool = False
    files: tuple[str, ...] = ()


def propose(office: Office, actor: Actor, person: str, terms: Terms, now: datetime) -> str:
    """Propose a restriction; nothing binds by it. Returns the proposal's name.

    Raises:
        RestrictionUnlawful: the basis is not adopted, or a contractual one names no file that the person knew.
    """
    ready(office)
    require_module(office, Module.POSTS, now)
    actor = require_purpose(office, actor, Purpose.RESTRICTION, now)
    require_person(office, person)
    require_different(proposer=actor.id, person=person)
    basis = store.bases(office).get(terms.basis)
    if basis.compensation_monthly and not terms.files:
        raise RestrictionUnlawful(
            "a contractual restriction names the secret that the person knew: a file's code"
        )
    for code in terms.files:
        office.version(VersionRef.parse(code))
    name = new_id("rp")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, _terms_record(terms), f"proposal {name}")
        db.execute(
            "INSERT INTO restriction_proposals VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
            (name, person, box, actor.id, str(actor.kind), second(now)),
        )

    fields: dict[str, Value] = {"proposal": name, "basis": terms.basis, "reasons": terms.reasons}
    enter(office, Act(person, PROPOSED, actor, fields, rows), now, RestrictionUnlawful)
    return name


def _terms_record(terms: Terms) -> dict[str, Any]:
    return {
        "authority": terms.authority, "basis": terms.basis, "grade": terms.grade, "activity": terms.scope.activity,
        "territory": terms.scope.territory, "employers": list(terms.scope.employers), "reasons": terms.reasons,
        "starts_at": second(terms.starts_at), "ends_at": second(terms.ends_at),
        "compensation_agreed": terms.compensation_agreed, "files": list(terms.files),
    }  # fmt: skip


def proposal(
    office: Office, actor: Actor, name: str, now: datetime, reason: str = "deciding a proposal"
) -> Terms:
    """What a proposal says, for who decides it. Raises NotRegistered."""
    person, _, _ = _proposal_row(office, name)
    access.look(office, actor, person, Purpose.RESTRICTION, {Section.RESTRICTIONS}, reason, now)
    return _terms(office, name)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that nobody has decided: whom it is about by id, who proposed it, when."""

    id: str
    person: str
    proposer: str
    at: datetime


def waiting(office: Office, actor: Actor, now: datetime) -> list[Waiting]:
    """Proposals without a decision, oldest first, for who decides them; what they say is a look of its own."""
    ready(office)
    require_purpose(office, actor, Purpose.RESTRICTION, now)
    return _waiting(office, None)


def _waiting(office: Office, person: str | None) -> list[Waiting]:
    rows = read(
        office,
        "SELECT id, person, proposer, at FROM restriction_proposals WHERE outcome IS NULL"
        " AND (:person IS NULL OR person = :person) ORDER BY at, id",
        {"person": person},
    )
    return [Waiting(name, who, proposer, moment(at)) for name, who, proposer, at in rows]


def of_person(office: Office, person: str) -> list[Waiting]:
    """A person's proposals without a decision; for services that entered their look."""
    ready(office)
    return _waiting(office, person)


def one(office: Office, name: str) -> Waiting:
    """Whom an undecided proposal is about and who proposed it.

    Raises:
        NotRegistered: there is none of this name.
        StepRefused: it was decided.
    """
    person, proposer, outcome = _proposal_row(office, name)
    if outcome is not None:
        raise StepRefused(f"the proposal was {outcome}")
    row = read_one(office, "SELECT at FROM restriction_proposals WHERE id = ?", (name,))
    return Waiting(name, person, proposer, moment(row[0]))


def _proposal_row(office: Office, name: str) -> tuple[str, str, str | None]:
    ready(office)
    row = read_one(
        office, "SELECT person, proposer, outcome FROM restriction_proposals WHERE id = ?", (name,)
    )
    if row is None:
        raise NotRegistered(f"there is no proposal {name!r}")
    return str(row[0]), str(row[1]), row[2]


def _terms(office: Office, name: str) -> Terms:
    row = read_one(office, "SELECT person, sealed FROM restriction_proposals WHERE id = ?", (name,))
    assert row is not None, "asked for after _proposal_row"
    t = unseal(office, row[0], row[1], f"proposal {name}") or {}
    return Terms(
        t["authority"], t["basis"], t["grade"], Scope(t["activity"], t["territory"], tuple(t["employers"])),
        t["reasons"], moment(t["starts_at"]), moment(t["ends_at"]), t["compensation_agreed"], tuple(t["files"]),
    )  # fmt: skip


def decide(
    office: Office, actor: Actor, name: str, now: datetime, *, impose: bool, notice: str = "",
    review_due: datetime | None = None, reasons: str = "",
) -> str | None:  # fmt: skip
    """Impose a proposed restriction, under the number of its notice, or refuse it with the reason.

    Returns its name when imposed.

    It binds only from service on. The appeal officer is the newest one appointed who took no part.

    Raises:
        RestrictionUnlawful: something that the law asks for is missing, or goes beyond it.
        DutiesNotSeparated: the decider proposed it or is the person.
        ModuleDisabled: nobody is there to hear an appeal.
        StepRefused: it was decided already, or is refused without a reason.
    """
    person, proposer, outcome = _proposal_row(office, name)
    require_module(office, Module.POSTS, now)
    actor = require_purpose(office, actor, Purpose.RESTRICTION, now)
    require_different(proposer=proposer, decider=actor.id, person=person)
    if outcome is not None:
        raise StepRefused(f"the proposal was {outcome}")
    if not impose:
        if not reasons.strip():
            raise StepRefused("a refused restriction says why")
        refused: dict[str, Value] = {"proposal": name, "reasons": reasons}
        act = Act(person, NOT_DECIDED, actor, refused, _outcome(name, actor, "refused", now))
        enter(office, act, now, StepRefused)
        return None
    terms = _terms(office, name)
    basis = store.bases(office).get(terms.basis)
    officer = _officer(office, now, person, proposer, actor.id)
    path = AppealPath(officer, APPEAL_DAYS, "; ".join(basis.remedy.values()), basis.remedy_days)
    made = Restriction(
        new_id("r"), person, terms.authority, basis, terms.grade, terms.scope, terms.reasons, notice, human(proposer),
        actor, path, now, terms.starts_at, terms.ends_at,
        review_due or min(add_months(now, REVIEW_MONTHS), max(terms.ends_at, now + timedelta(seconds=1))),
        terms.compensation_agreed,
    )  # fmt: skip

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        _outcome(name, actor, "decided", now)(db, _entry)
        secret = {
            "reasons": terms.reasons,
            "employers": list(terms.scope.employers),
            "files": list(terms.files),
        }
        store.add(db, made, seal(office, db, person, secret, f"restriction {made.id}"))

    fields: dict[str, Value] = {
        "restriction": made.id, "proposal": name, "authority": made.authority, "basis": basis.ref,
        "clause": basis.clause, "activity": made.scope.activity, "territory": made.scope.territory,
        "notice": notice, "from": second(made.starts_at), "until": second(made.ends_at),
        "review_due": second(made.review_due), "proposer": proposer, "appeal_officer": officer,
    }  # fmt: skip
    enter(office, Act(person, DECIDED, actor, fields, rows), now, RestrictionUnlawful)
    return made.id


def _officer(office: Office, now: datetime, *taken: str) -> str:
    for officer in gates.officers(office, now):
        one = identity(office, human(officer)).id
        if one not in taken:
            return one
    raise RestrictionUnlawful(
        "no appeal officer is named who took no part", advice="Appoint another officer first."
    )


def _outcome(
    name: str, actor: Actor, outcome: str, now: datetime
) -> Callable[[apsw.Connection, Entry], None]:
    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "UPDATE restriction_proposals SET outcome = ?, decider = ?, decider_kind = ?, decided_at = ? WHERE id = ?",
            (outcome, actor.id, str(actor.kind), second(now), name),
        )

    return rows
