"""Who may look at what for which purpose. A look is entered before anything is shown, and the person sees it.

Purposes are granted for a time by somebody else. Breaking the glass needs two approvers, lasts four hours at most,
names its people, and they are told at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import apsw

from sealtrace.custody.office import Office, content_type
from sealtrace.errors import DutiesNotSeparated, PurposeMissing, StepRefused
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.model import Draft, Entry

from . import acts
from .acts import Act, enter, identity, new_id, read, read_one, refused_as, require_person, seal, unseal
from .duties import Actor, require_different, require_human
from .moments import moment, second
from .notices import tell

READ = "person:read"
GRANTED, ENDED = "person:purpose-granted", "person:purpose-ended"
GLASS_BROKEN, GLASS_REVIEWED = "person:glass-broken", "person:glass-reviewed"
END = "UPDATE purpose_grants SET until_at = max(strftime('%Y-%m-%dT%H:%M:%SZ', from_at, '+1 seconds'), :now)"
"""Ends grants that hold at :now; a grant is at least a second long."""
LONGEST_GLASS, GLASS_REVIEW = timedelta(hours=4), timedelta(days=7)


class Section(StrEnum):
    """Parts of a person's file."""

    PROFILE = "profile"
    POSTS = "posts"
    HOLDINGS = "holdings"
    RESTRICTIONS = "restrictions"
    TRAVEL = "travel"
    DOCUMENTS = "documents"
    CANDIDATES = "candidates"
    PETITIONS = "petitions"
    ACCESSES = "accesses"


class Purpose(StrEnum):
    """What a look may be for. A closed list: what is not here can't be granted."""

    OWN = "own"
    DIRECTORY = "directory"
    DESIGNATION = "designation"
    LEAVING = "leaving"
    RESTRICTION = "restriction"
    COMPENSATION = "compensation"
    TRAVEL = "travel"
    DOCUMENTS = "documents"
    SCREENING = "screening"
    CASE = "case"
    APPEAL = "appeal"
    REPORT = "report"
    OVERSIGHT = "oversight"
    BREAK_GLASS = "break-glass"


S = Section
EVERYTHING = frozenset(Section)
MAY_SEE: Mapping[Purpose, frozenset[Section]] = {
    Purpose.OWN: EVERYTHING,
    Purpose.DIRECTORY: frozenset({S.PROFILE}),
    Purpose.DESIGNATION: frozenset({S.PROFILE, S.POSTS}),
    Purpose.LEAVING: frozenset({S.PROFILE, S.POSTS, S.HOLDINGS}),
    Purpose.RESTRICTION: frozenset({S.PROFILE, S.POSTS, S.RESTRICTIONS, S.PETITIONS}),
    Purpose.COMPENSATION: frozenset({S.RESTRICTIONS}),
    Purpose.TRAVEL: frozenset({S.PROFILE, S.POSTS, S.TRAVEL}),
    Purpose.DOCUMENTS: frozenset({S.DOCUMENTS, S.TRAVEL}),
    Purpose.SCREENING: frozenset({S.PROFILE, S.CANDIDATES}),
    Purpose.CASE: frozenset({S.PROFILE, S.CANDIDATES, S.RESTRICTIONS}),
    Purpose.APPEAL: EVERYTHING - {S.ACCESSES},
    Purpose.REPORT: frozenset({S.PROFILE}),
    Purpose.OVERSIGHT: frozenset({S.ACCESSES, S.PETITIONS}),
    Purpose.BREAK_GLASS: EVERYTHING,
}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one person's file: which sections, for what, why."""

    person: str
    purpose: Purpose
    sections: frozenset[Section]
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A look that was entered, as the person sees it."""

    entry: int
    actor: str
    purpose: str
    sections: tuple[str, ...]
    reason: str
    at: datetime


def require_purpose(office: Office, actor: Actor, purpose: Purpose, now: datetime) -> Actor:
    """Give the actor's one id, once the purpose is seen to be granted.

    Raises:
        PurposeMissing: it is not granted at `now`.
        HumanRequired: a program asks.
    """
    actor = identity(office, actor)
    require_human(actor, f"acting for the purpose {purpose!s}")
    row = read_one(
        office,
        "SELECT 1 FROM purpose_grants WHERE actor = ? AND purpose = ? AND from_at <= ? AND ? < until_at",
        (actor.id, str(purpose), second(now), second(now)),
    )
    if row is None:
        raise PurposeMissing(
            f"{actor.id} has not been granted the purpose {purpose!s}",
            advice="Have somebody else grant it for a time: `sealtrace person grant`.",
        )
    return actor


def look(
    office: Office, actor: Actor, person: str, purpose: Purpose, sections: Iterable[Section], reason: str,
    now: datetime,
) -> Entry:  # fmt: skip
    """Enter a look at a person's file; what is looked at may be shown once this returns.

    Raises:
        PurposeMissing: the purpose does not cover a section, is not granted, or no reason is given.
        NotRegistered: nobody has this id.
    """
    return look_at_many(office, actor, [Look(person, purpose, frozenset(sections), reason)], now)[0]


def look_at_many(office: Office, actor: Actor, looks: Sequence[Look], now: datetime) -> list[Entry]:
    """Enter looks at several people in one transaction, one ledger entry each."""
    actor = identity(office, actor)
    require_human(actor, "looking at a person's file")
    for one in looks:
        _may(office, one)
    sealed = [
        commit({"event": READ, "person": one.person, "actor": actor.id, "purpose": str(one.purpose),
                "sections": ",".join(sorted(one.sections)), "reason": one.reason.strip(), "at": second(now)})
        for one in looks
    ]  # fmt: skip
    drafts = [Draft(READ, secrets.token_hex(16), s.digest, content_type(READ)) for s in sealed]

    def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        for one, opened, entry in zip(looks, sealed, entries, strict=True):
            box = seal(office, db, one.person, opened.opening, f"access {entry.index}")
            db.execute(
                "INSERT INTO accesses VALUES (?, ?, ?, 'human', ?, ?, ?, ?)",
                (entry.index, one.person, actor.id, str(one.purpose), ",".join(sorted(one.sections)), box,
                 second(now)),
            )  # fmt: skip

    with refused_as(PurposeMissing), office.writing():
        return office.ledger.append(drafts, rows)


def _may(office: Office, one: Look) -> None:
    require_person(office, one.person)
    if not one.reason.strip() or not one.sections:
        raise PurposeMissing("a look at a person's file says at what and why")
    beyond = one.sections - MAY_SEE[one.purpose]
    if beyond:
        raise PurposeMissing(f"the purpose {one.purpose!s} does not cover {', '.join(sorted(beyond))}")


def looks(office: Office, person: str) -> list[Seen]:
    """Every look at a person's file, newest first."""
    rows = read(
        office,
        "SELECT entry, actor, purpose, sections, sealed, at FROM accesses WHERE person = ? ORDER BY entry DESC",
        (person,),
    )
    found = []
    for entry, actor, purpose, sections, sealed, at in rows:
        opening = unseal(office, person, sealed, f"access {entry}") or {}
        reason = str(opening.get("reason", ["", ""])[1])
        found.append(Seen(entry, actor, purpose, tuple(sections.split(",")), reason, moment(at)))
    return found


def grant(
    office: Office, granter: Actor, actor: str, purpose: Purpose, until: datetime, now: datetime
) -> Entry:
    """Let somebody act for a purpose until a time, at most twelve months; never oneself."""
    granter = identity(office, granter)
    receiver = identity(office, Actor(actor, granter.kind)).id
    require_human(granter, "granting a purpose")
    require_different(granter=granter.id, receiver=receiver)
    if purpose in (Purpose.OWN, Purpose.BREAK_GLASS):
        raise PurposeMissing(f"the purpose {purpose!s} can't be granted")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "INSERT INTO purpose_grants(actor, purpose, granter, granter_kind, from_at, until_at)"
            " VALUES (?, ?, ?, 'human', ?, ?)",
            (receiver, str(purpose), granter.id, second(now), second(until)),
        )

    fields = {"actor": receiver, "purpose": str(purpose), "granter": granter.id, "until": second(until)}
    with refused_as(PurposeMissing), office.writing():
        return office.record_act(GRANTED, "home", fields, rows)


def end_grants(office: Office, by: Actor, actor: str, now: datetime) -> Entry:
    """End every purpose somebody has: at leaving, or on a suspicion."""
    by = identity(office, by)
    receiver = identity(office, Actor(actor, by.kind)).id
    require_human(by, "ending purposes")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            f"{END} WHERE actor = :actor AND until_at > :now",
            {"actor": receiver, "now": second(now)},
        )

    with office.writing():
        return office.record_act(ENDED, "home", {"actor": receiver, "by": by.id}, rows)


def break_glass(
    office: Office, actor: Actor, people: Sequence[str], reason: str, first: Actor, second_approver: Actor,
    until: datetime, now: datetime,
) -> str:  # fmt: skip
    """Open named files for four hours at most, with two approvers; each person is told at once.

    Raises:
        DutiesNotSeparated: fewer than three people take part, or one of them is concerned.
        PurposeMissing: no reason, nobody named, or a longer time.
    """
    actor, first, other = (identity(office, a) for a in (actor, first, second_approver))
    for who in (actor, first, other):
        require_human(who, "breaking the glass")
    require_different(actor=actor.id, first_approver=first.id, second_approver=other.id)
    if not reason.strip() or not people:
        raise PurposeMissing("breaking the glass names its people and its reason")
    if not now < until <= now + LONGEST_GLASS:
        raise PurposeMissing("the glass is broken for four hours at most")
    name = new_id("bg")
    with office.writing():
        for person in dict.fromkeys(people):
            require_person(office, person)
            require_different(
                person=person, actor=actor.id, first_approver=first.id, second_approver=other.id
            )
        for person in dict.fromkeys(people):
            _break_one(office, name, person, (actor, first, other), reason, until, now)
    return name


def _break_one(
    office: Office, name: str, person: str, who: tuple[Actor, Actor, Actor], reason: str, until: datetime,
    now: datetime,
) -> None:  # fmt: skip
    actor, first, other = who

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, {"reason": reason}, f"glass {name}")
        db.execute(
            "INSERT INTO break_glass VALUES"
            " (?, ?, ?, 'human', ?, 'human', ?, 'human', ?, ?, ?, ?, ?, NULL, NULL, NULL)",
            (name, person, actor.id, first.id, other.id, box, second(now), second(until), second(now),
             second(now + GLASS_REVIEW)),
        )  # fmt: skip
        said = {"by": actor.id, "approved_by": [first.id, other.id], "reason": reason, "until": second(until)}
        tell(office, db, person, "glass-broken", name, said, now)

    fields = {"glass": name, "reason": reason, "first": first.id, "second": other.id, "until": second(until)}
    enter(office, Act(person, GLASS_BROKEN, actor, fields, rows), now, DutiesNotSeparated)


def review_glass(
    office: Office, reviewer: Actor, glass: str, person: str, finding: str, now: datetime
) -> Entry:
    """Say what came of a broken glass; within seven days, by somebody who took no part."""
    reviewer = identity(office, reviewer)
    require_human(reviewer, "reviewing a broken glass")
    row = read_one(office, "SELECT reviewed_at FROM break_glass WHERE id = ? AND person = ?", (glass, person))
    if row is None or row[0] is not None or not finding.strip():
        raise StepRefused("there is nothing to review, it was reviewed already, or nothing was found")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, {"finding": finding}, f"glass review {glass}")
        db.execute(
            "UPDATE break_glass SET reviewed_at = ?, reviewer = ?, answer = ? WHERE id = ? AND person = ?",
            (second(now), reviewer.id, box, glass, person),
        )

    act = Act(person, GLASS_REVIEWED, reviewer, {"glass": glass, "finding": finding}, rows)
    return enter(office, act, now, DutiesNotSeparated)


def glass_to_review(office: Office, now: datetime) -> list[tuple[str, str, datetime, bool]]:
    """Broken glass without a review: its name, the person, when the review is due, whether that is past."""
    acts.ready(office)
    rows = read(
        office,
        "SELECT id, person, review_due FROM break_glass WHERE reviewed_at IS NULL ORDER BY review_due, id",
    )
    return [(name, person, moment(due), moment(due) <= now) for name, person, due in rows]
