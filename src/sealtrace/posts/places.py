"""Sensitive posts: who was designated to which, by whom and in which document, and cooling-off between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, RestrictionUnlawful, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people.access import Purpose, require_purpose
from sealtrace.people.acts import (
    Act,
    enter,
    identity,
    new_id,
    read,
    read_one,
    refused_as,
    require_person,
)
from sealtrace.people.duties import Actor, require_different
from sealtrace.people.gates import Module, require_module
from sealtrace.people.moments import moment, second

from .bases import ready

ENTERED, DESIGNATED, ENDED = "post:entered", "post:designated", "post:designation-ended"


@dataclass(frozen=True, slots=True)
class Post:
    """A sensitive post: what, where, how secret, in which activity, and how long before another may follow."""

    id: str
    title: str
    organisation: str
    grade: str
    activity: str
    cooling_off_months: int


@dataclass(frozen=True, slots=True)
class Designated:
    """A time of a person in a post, with who ordered it in which document."""

    id: str
    person: str
    post: Post
    authority: str
    document: str
    starts_at: datetime
    ends_at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it holds at `now`; the end itself is outside."""
        return self.starts_at <= now < self.ends_at


def enter_post(
    office: Office, actor: Actor, *, title: str, organisation: str, grade: str, activity: str, now: datetime,
    cooling_off_months: int = 0,
) -> Post:  # fmt: skip
    """Enter a post. Raises RestrictionUnlawful for an unknown grade or a blank."""
    ready(office)
    require_module(office, Module.POSTS, now)
    actor = require_purpose(office, actor, Purpose.DESIGNATION, now)
    made = Post(new_id("post"), title, organisation, grade, activity, cooling_off_months)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                made.id,
                title,
                organisation,
                grade,
                activity,
                cooling_off_months,
                actor.id,
                str(actor.kind),
                second(now),
            ),
        )

    fields: dict[str, Value] = {
        "post": made.id, "title": title, "organisation": organisation, "grade": grade, "activity": activity,
        "cooling_off_months": cooling_off_months, "by": actor.id,
    }  # fmt: skip
    with refused_as(RestrictionUnlawful), office.writing():
        office.record_act(ENTERED, "home", fields, rows)
    return made


_POST = "p.id, p.title, p.organisation, p.grade, p.activity, p.cooling_off_months"


def posts(office: Office) -> list[Post]:
    """All posts; no person is in them."""
    ready(office)
    return [Post(*row) for row in read(office, f"SELECT {_POST} FROM posts p ORDER BY organisation, title")]  # noqa: S608


def designate(
    office: Office, proposer: Actor, decider: Actor, person: str, post: str, *, authority: str, document: str,
    starts_at: datetime, ends_at: datetime, now: datetime,
) -> str:  # fmt: skip
    """Designate a person to a post; proposed by one, decided by another, ordered by an authority in a document.

    Raises:
        RestrictionUnlawful: no authority or document, or the cooling-off after an earlier post is not over.
        DutiesNotSeparated: fewer than three people.
    """
    ready(office)
    require_module(office, Module.POSTS, now)
    proposer = require_purpose(office, proposer, Purpose.DESIGNATION, now)
    decider = require_purpose(office, decider, Purpose.DESIGNATION, now)
    require_person(office, person)
    require_different(proposer=proposer.id, decider=decider.id, person=person)
    name, act = designating(
        office, proposer, decider, person, post, authority=authority, document=document, starts_at=starts_at,
        ends_at=ends_at,
    )  # fmt: skip
    enter(office, act, now, RestrictionUnlawful)
    return name


def designating(
    office: Office, proposer: Actor, decider: Actor, person: str, post: str, *, authority: str, document: str,
    starts_at: datetime, ends_at: datetime, beside: Callable[[apsw.Connection], None] | None = None,
) -> tuple[str, Act]:  # fmt: skip
    """The act of designating and the designation's name; `beside` writes rows within the same transaction."""
    proposer = identity(office, proposer)
    name = new_id("d")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "INSERT INTO designations VALUES (?, ?, ?, ?, ?, ?, 'human', ?, 'human', ?, ?)",
            (
                name,
                person,
                post,
                authority,
                document,
                proposer.id,
                decider.id,
                second(starts_at),
                second(ends_at),
            ),
        )
        if beside is not None:
            beside(db)

    fields: dict[str, Value] = {
        "designation": name, "post": post, "authority": authority, "document": document, "proposer": proposer.id,
        "from": second(starts_at), "until": second(ends_at),
    }  # fmt: skip
    return name, Act(person, DESIGNATED, decider, fields, rows)


def end_designation(office: Office, actor: Actor, designation: str, at: datetime, now: datetime) -> Entry:
    """Say when a designation ends, where that is before its set end."""
    ready(office)
    actor = require_purpose(office, actor, Purpose.DESIGNATION, now)
    found = designation_of(office, designation)
    require_different(actor=actor.id, person=found.person)
    if not found.starts_at < at <= found.ends_at:
        raise StepRefused("a designation ends after it began and no later than was set")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "INSERT INTO designation_ends VALUES (?, ?, ?, ?, ?)",
            (designation, found.person, actor.id, str(actor.kind), second(at)),
        )

    fields = {"designation": designation, "ends_at": second(at)}
    return enter(office, Act(found.person, ENDED, actor, fields, rows), now, StepRefused)


_DESIGNATION = (
    f"SELECT d.id, d.person, d.authority, d.document, d.starts_at, min(d.ends_at, coalesce(e.at, d.ends_at)), {_POST}"  # noqa: S608
    " FROM designations d JOIN posts p ON p.id = d.post LEFT JOIN designation_ends e ON e.designation = d.id"
)


def designation_of(office: Office, name: str) -> Designated:
    """One designation. Raises NotRegistered."""
    row = read_one(office, f"{_DESIGNATION} WHERE d.id = ?", (name,))
    if row is None:
        raise NotRegistered(
            f"there is no designation {name!r}", advice="`sealtrace post show` lists a person's."
        )
    return _designated(row)


def designations(office: Office, person: str) -> list[Designated]:
    """A person's designations, oldest first; for services that entered their look."""
    ready(office)
    rows = read(office, f"{_DESIGNATION} WHERE d.person = ? ORDER BY d.starts_at, d.id", (person,))
    return [_designated(row) for row in rows]


def _designated(row: tuple[Any, ...]) -> Designated:
    name, person, authority, document, starts, ends, *post = row
    return Designated(name, person, Post(*post), authority, document, moment(starts), moment(ends))
