"""Leaving a sensitive post: what it takes, what is done, and what the person still holds of the house.

Leaving ties a person to what custody knows: the copies issued to the person's accounts and the devices they lie on
are shown until each was given back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import apsw

from sealtrace.custody.model import IssuedCopy
from sealtrace.custody.model import Purpose as CopyPurpose
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import NotRegistered, StepRefused
from sealtrace.ledger.model import Entry
from sealtrace.people import access
from sealtrace.people import store as people
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import Act, enter, identity, new_id, read, read_one, seal, unseal
from sealtrace.people.duties import Actor, require_different, require_human
from sealtrace.people.gates import Module, require_module
from sealtrace.people.moments import moment, second

from .bases import ready
from .places import designation_of

LEAVING, ITEM_DONE, TAKEN_BACK = "post:leaving-opened", "post:leaving-item-done", "post:carrier-returned"


class Item(StrEnum):
    """What leaving takes. Source: 保守国家秘密法（2024）第四十六条."""

    TALK = "talk"
    UNDERTAKING = "undertaking"
    CARRIERS_RETURNED = "carriers-returned"
    ACCESS_REVOKED = "access-revoked"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a person still holds of the house: copies not given back, and the devices they lie on."""

    copies: tuple[IssuedCopy, ...]
    devices: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether everything was given back."""
        return not self.copies and not self.devices


@dataclass(frozen=True, slots=True)
class Leaving:
    """How far a leaving is: what is done, with which document by whom, and what is still held."""

    id: str
    person: str
    designation: str
    leaves_at: datetime
    done: dict[Item, tuple[str, str, datetime]]
    holding: Holding

    @property
    def complete(self) -> bool:
        """Whether all was done."""
        return set(self.done) == set(Item) and self.holding.nothing


def still_holds(office: Office, person: str) -> Holding:
    """Copies issued to the person's accounts and not given back, and their devices not given back."""
    given = {bytes(row[0]) for row in read(office, "SELECT token FROM returns WHERE person = ?", (person,))}
    custody = Custody(office)
    copies = [
        copy
        for account in people.accounts(office, person)
        for copy in custody.copies(operator=account)
        if copy.purpose is CopyPurpose.COPY
    ]
    devices = sorted({copy.device for copy in copies})
    return Holding(
        tuple(c for c in copies if _token(office, person, "copy", str(c.id)) not in given),
        tuple(d for d in devices if _token(office, person, "device", d) not in given),
    )


def _token(office: Office, person: str, kind: str, name: str) -> bytes:
    return office.subjects.token("returned", f"{person} {kind} {name}")


def open_leaving(office: Office, actor: Actor, designation: str, leaves_at: datetime, now: datetime) -> str:
    """Begin a leaving: what is to be done, and what is still held."""
    ready(office)
    require_module(office, Module.POSTS, now)
    actor = require_purpose(office, actor, Purpose.LEAVING, now)
    found = designation_of(office, designation)
    require_different(actor=actor.id, person=found.person)
    name = new_id("lv")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "INSERT INTO leavings VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, found.person, designation, actor.id, str(actor.kind), second(now), second(leaves_at)),
        )

    fields = {"leaving": name, "designation": designation, "leaves_at": second(leaves_at)}
    enter(office, Act(found.person, LEAVING, actor, fields, rows), now, StepRefused)
    return name


def leaving(
    office: Office, actor: Actor, name: str, now: datetime, reason: str = "leaving checklist"
) -> Leaving:
    """How far a leaving is; the person sees the look."""
    ready(office)
    found = _leaving(office, name)
    me = identity(office, actor)
    purpose = Purpose.OWN if me.id == found.person else Purpose.LEAVING
    access.look(office, me, found.person, purpose, {Section.POSTS, Section.HOLDINGS}, reason, now)
    return found


def leavings(office: Office, person: str) -> list[Leaving]:
    """A person's leavings; for services that entered their look."""
    ready(office)
    rows = read(office, "SELECT id FROM leavings WHERE person = ? ORDER BY at", (person,))
    return [_leaving(office, name) for (name,) in rows]


def _leaving(office: Office, name: str) -> Leaving:
    row = read_one(office, "SELECT person, designation, leaves_at FROM leavings WHERE id = ?", (name,))
    if row is None:
        raise NotRegistered(f"there is no leaving {name!r}", advice="`sealtrace post show` lists a person's.")
    person, designation, leaves = row
    items = read(office, "SELECT item, sealed, done_by, at FROM leaving_items WHERE leaving = ?", (name,))
    done = {}
    for item, sealed, by, at in items:
        record = unseal(office, person, sealed, f"leaving {name} {item}") or {}
        done[Item(item)] = (str(record.get("document", "")), str(by), moment(at))
    return Leaving(name, person, designation, moment(leaves), done, still_holds(office, person))


def do_item(office: Office, actor: Actor, leaving: str, item: Item, document: str, now: datetime) -> Entry:
    """Tick one item off, with its document. Carriers are returned only when nothing is held any more.

    Access is revoked here too where the house grants it: every purpose of the person's accounts ends.

    Raises:
        StepRefused: something is still held, there is no document, or it was done.
    """
    ready(office)
    actor = require_purpose(office, actor, Purpose.LEAVING, now)
    found = _leaving(office, leaving)
    if item is Item.CARRIERS_RETURNED and not found.holding.nothing:
        held = found.holding
        raise StepRefused(f"still held: {len(held.copies)} copies, {len(held.devices)} devices")
    if not document.strip():
        raise StepRefused("what was done has its document")
    if item is Item.ACCESS_REVOKED:
        access.end_grants(office, actor, found.person, now)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, found.person, {"document": document}, f"leaving {leaving} {item}")
        db.execute(
            "INSERT INTO leaving_items VALUES (?, ?, ?, ?, ?, ?, ?)",
            (leaving, found.person, str(item), box, actor.id, str(actor.kind), second(now)),
        )

    fields = {"leaving": leaving, "item": str(item), "document": document}
    return enter(office, Act(found.person, ITEM_DONE, actor, fields, rows), now, StepRefused)


def take_back(
    office: Office, actor: Actor, person: str, *, copies: Iterable[str] = (), devices: Iterable[str] = (), receipt: str,
    now: datetime,
) -> list[Entry]:  # fmt: skip
    """Take copies and devices back against a receipt. Raises StepRefused for what the person does not hold."""
    ready(office)
    actor = require_purpose(office, actor, Purpose.LEAVING, now)
    require_human(actor, "taking carriers back")
    require_different(actor=actor.id, person=person)
    if not receipt.strip():
        raise StepRefused("what is taken back gets a receipt")
    held = still_holds(office, person)
    known = {"copy": {str(c.id) for c in held.copies}, "device": set(held.devices)}
    wanted = [("copy", c) for c in copies] + [("device", d) for d in devices]
    strange = [name for kind, name in wanted if name not in known[kind]]
    if strange or not wanted:
        raise StepRefused(f"not held by this person: {', '.join(strange) or 'nothing was named'}")
    return [_returning(office, actor, person, kind, name, receipt, now) for kind, name in wanted]


def _returning(
    office: Office, actor: Actor, person: str, kind: str, name: str, receipt: str, now: datetime
) -> Entry:
    token = _token(office, person, kind, name)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, person, {"name": name, "receipt": receipt}, f"return {token.hex()}")
        db.execute(
            "INSERT INTO returns(person, kind, token, sealed, received_by, received_by_kind, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (person, kind, token, box, actor.id, str(actor.kind), second(now)),
        )

    return enter(
        office, Act(person, TAKEN_BACK, actor, {kind: name, "receipt": receipt}, rows), now, StepRefused
    )
