"""The directory's services: one function per thing a person does. `now` is a whole second with a zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import ProfileUnlawful, StepRefused
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry

from . import grants, rules, store
from .access import Look, Purpose, Section, look, look_at_many, looks, require_purpose
from .acts import Act, enter, enter_many, identity, new_id, read_one, ready, require_person, seal
from .duties import Actor, require_different, require_human
from .gates import Module, require_module
from .model import Person, Source
from .moments import second
from .notices import tell
from .rules import Change, ChangeState
from .store import ChangeRow

ENTERED, ACCOUNT = "person:entered", "person:account-bound"
PROPOSED, ACCEPTED, REFUSED = "person:change-proposed", "person:change-accepted", "person:change-refused"
BATCH = 500
MOST_FOUND = 20
"""A search shows so many people at most: every one shown is a look that the person sees."""


def add(
    office: Office, actor: Actor, profile: Person, now: datetime, *, accounts: Sequence[str] = ()
) -> Person:
    """Enter a person in the directory; the id of `profile` is replaced by a random one.

    Raises:
        PurposeMissing, ModuleDisabled: the actor keeps no directory, or it is off.
        ProfileUnlawful: an own spelling or an ORCID iD was given by somebody else.
    """
    return add_many(office, actor, [(profile, tuple(accounts))], now)[0]


def add_many(
    office: Office, actor: Actor, people: Sequence[tuple[Person, tuple[str, ...]]], now: datetime
) -> list[Person]:
    """Enter many people, each with accounts, in batches of one transaction each."""
    ready(office)
    require_module(office, Module.DIRECTORY, now)
    actor = require_purpose(office, actor, Purpose.DIRECTORY, now)
    made = []
    for profile, accounts in people:
        if profile.orcid is not None or any(n.source is Source.SELF for n in profile.names):
            raise ProfileUnlawful("the own spelling and the ORCID iD are given by the person alone")
        made.append((replace(profile, id=new_id("per")), accounts))
    for start in range(0, len(made), BATCH):
        steps = [
            _entering(office, actor, one, accounts, now) for one, accounts in made[start : start + BATCH]
        ]
        enter_many(office, steps, now, ProfileUnlawful)
    return [one for one, _ in made]


def _entering(office: Office, actor: Actor, profile: Person, accounts: tuple[str, ...], now: datetime) -> Act:
    purposes = grants.following(office, profile.id, accounts, now)

    def rows(db: apsw.Connection, entry: Entry) -> None:
        store.insert_person(office, db, profile.id, now, entry.index)
        store.insert_profile(office, db, profile, actor, now)
        for account in accounts:
            store.insert_account(office, db, profile.id, account)
        grants.follow(db, profile.id, accounts, [number for number, _ in purposes], now)

    fields: dict[str, Value] = {"names": len(profile.names), "accounts": len(accounts)}
    return Act(profile.id, ENTERED, actor, fields | _purposes(purposes), rows)


def _purposes(following: Sequence[tuple[int, str]]) -> dict[str, Value]:
    """Which purposes came along with an account, for its entry; nothing where none did."""
    return {"purposes": ",".join(sorted({purpose for _, purpose in following}))} if following else {}


def bind_account(office: Office, actor: Actor, person: str, account: str, now: datetime) -> Entry:
    """Say that an account of the house is this person's: from then on one human acts under one id.

    What was granted to the account follows, to the same end; see `grants.follow`.
    """
    actor = require_purpose(office, actor, Purpose.DIRECTORY, now)
    require_person(office, person)
    purposes = grants.following(office, person, [account], now)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        store.insert_account(office, db, person, account)
        grants.follow(db, person, [account], [number for number, _ in purposes], now)

    fields: dict[str, Value] = {"account": account}
    return enter(
        office, Act(person, ACCOUNT, actor, fields | _purposes(purposes), rows), now, ProfileUnlawful
    )


def show(office: Office, actor: Actor, person: str, purpose: Purpose, reason: str, now: datetime) -> Person:
    """A person's profile, for a purpose and a reason that the person can read.

    Raises:
        PurposeMissing: not for this purpose, or it is not granted.
        NotRegistered: nobody has this id.
    """
    look(office, actor, person, purpose, {Section.PROFILE}, reason, now)
    return store.profile(office, person)


def show_own(office: Office, actor: Actor, now: datetime) -> Person:
    """One's own profile."""
    me = identity(office, actor)
    look(office, me, me.id, Purpose.OWN, {Section.PROFILE}, "own page", now)
    return store.profile(office, me.id)


def find(
    office: Office, actor: Actor, text: str, reason: str, now: datetime, *, after: str = ""
) -> list[Person]:
    """People one of whose names has `text` in it, MOST_FOUND at most; each one found sees that it was.

    By id; `after` is the last id of the page before.
    """
    actor = require_purpose(office, actor, Purpose.DIRECTORY, now)
    wanted = text.casefold().strip()
    if not wanted:
        raise ProfileUnlawful("a search needs a part of a name; there is no list of everybody")
    found = []
    for profile in store.profiles(office):
        if profile.id > after and any(wanted in name.text.casefold() for name in profile.names):
            found.append(profile)
            if len(found) == MOST_FOUND:
                break
    if found:
        seen = [Look(p.id, Purpose.DIRECTORY, frozenset({Section.PROFILE}), reason) for p in found]
        look_at_many(office, actor, seen, now)
    return found


def count(office: Office) -> int:
    """How many people the directory has."""
    ready(office)
    row = read_one(office, "SELECT count(*) FROM persons")
    assert row is not None
    return int(row[0])


def propose_change(office: Office, actor: Actor, person: str, field: str, value: Any, now: datetime) -> str:
    """Propose another value of one field; of one's own file, or for the directory. Returns the change's name.

    Raises:
        ProfileUnlawful: no such field, an own spelling or ORCID iD from somebody else, or no change at all.
    """
    require_module(office, Module.DIRECTORY, now)
    actor = identity(office, actor)
    require_person(office, person)
    if actor.id != person:
        actor = require_purpose(office, actor, Purpose.DIRECTORY, now)
    if field not in rules.EDITABLE:
        raise ProfileUnlawful(f"a profile has no field {field!r}; it has {', '.join(sorted(rules.EDITABLE))}")
    before = store.profile(office, person)
    after = replace(before, **{field: value})
    rules.propose(before, after, actor)
    name = new_id("ch")
    record = {"before": store.as_record(before)[field], "after": store.as_record(after)[field]}

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, record, f"change {name}")
        db.execute(
            "INSERT INTO profile_changes VALUES (?, ?, ?, ?, ?, ?, ?, 'proposed', NULL, NULL, NULL, NULL)",
            (name, person, field, box, actor.id, str(actor.kind), second(now)),
        )

    enter(office, Act(person, PROPOSED, actor, {"change": name, "field": field}, rows), now, ProfileUnlawful)
    return name


def changes_waiting(
    office: Office, actor: Actor, now: datetime, reason: str = "review of changes"
) -> list[ChangeRow]:
    """Changes that wait for a review. Those concerned see that they were looked at."""
    actor = require_purpose(office, actor, Purpose.DIRECTORY, now)
    waiting = store.changes(office, waiting=True)
    concerned = list(dict.fromkeys(c.person for c in waiting))
    if concerned:
        sections = frozenset({Section.PROFILE})
        look_at_many(office, actor, [Look(p, Purpose.DIRECTORY, sections, reason) for p in concerned], now)
    return waiting


def review_change(
    office: Office, actor: Actor, change: str, now: datetime, *, accept: bool, reasons: str = ""
) -> Entry:
    """Accept or refuse a change; by somebody else, and a refusal says why. The person is told.

    Raises:
        DutiesNotSeparated: the reviewer proposed it, or is the person.
        StepRefused: it was decided already, or the field was changed meanwhile.
    """
    actor = require_purpose(office, actor, Purpose.DIRECTORY, now)
    asked = store.change(office, change)
    before = store.profile(office, asked.person)
    proposed = Change(before, before, asked.field, Actor(asked.proposer, actor.kind), asked.state)
    decided = rules.decide(proposed, actor, accept=accept, reasons=reasons)
    require_different(person=asked.person, reviewer=actor.id)
    record = store.as_record(before)
    if accept and record[asked.field] != asked.before:
        raise StepRefused("the field was changed meanwhile; propose the change again")
    after = store.of_record(asked.person, {**record, asked.field: asked.after})

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, asked.person, {"reasons": reasons}, f"answer {change}")
        db.execute(
            "UPDATE profile_changes SET state = ?, reviewer = ?, reviewer_kind = ?, decided_at = ?, answer = ?"
            " WHERE id = ?",
            (str(decided.state), actor.id, str(actor.kind), second(now), box, change),
        )
        if accept:
            store.insert_profile(office, db, after, actor, now)
        says = {"field": asked.field, "state": str(decided.state), "reasons": reasons}
        tell(office, db, asked.person, "change-decided", change, says, now)

    event = ACCEPTED if decided.state is ChangeState.ACCEPTED else REFUSED
    fields: Mapping[str, str] = {"change": change, "field": asked.field, "reasons": reasons}
    return enter(office, Act(asked.person, event, actor, fields, rows), now, ProfileUnlawful)


def who_looked(office: Office, actor: Actor, person: str, reason: str, now: datetime) -> list[Any]:
    """Every look at a person's file: for the person, and for oversight."""
    me = identity(office, actor)
    require_human(me, "reading an access log")
    purpose = Purpose.OWN if me.id == person else Purpose.OVERSIGHT
    look(office, me, person, purpose, {Section.ACCESSES}, reason, now)
    return looks(office, person)
