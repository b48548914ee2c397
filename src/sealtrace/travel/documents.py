"""Travel documents in custody: taken only with a verified title, asked back with a clock, returned at its end.

Off until an impact assessment is in force and an appeal officer is named; the table itself refuses rows before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import StepRefused, TitleMissing
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry
from sealtrace.people import access
from sealtrace.people import store as people
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import (
    Act,
    enter,
    identity,
    new_id,
    prepare,
    read_one,
    require_person,
    seal,
    unseal,
)
from sealtrace.people.duties import Actor, require_different
from sealtrace.people.gates import Module, require_module
from sealtrace.people.moments import moment, second
from sealtrace.people.notices import tell
from sealtrace.people.petitions import Petition, open_about
from sealtrace.posts import bases
from sealtrace.posts.basis import midnight

from . import rules, store
from .rules import Held, Title
from .schema import ENDS, SCHEMA

TAKEN, ASKED, RETURNED, REFUSED = (
    "travel:document-taken", "travel:document-asked-back", "travel:document-returned", "travel:return-refused",
)  # fmt: skip
REFUSABLE = frozenset({Title.OFFICIAL_PASSPORT, Title.REGISTERED_STAFF_RULE, Title.CASE_SEIZURE})


@dataclass(frozen=True, slots=True)
class Item:
    """A document in custody as it is listed: how long it has been there, when it must be back, what is contested."""

    held: Held
    days: int
    due_at: datetime
    overdue: bool
    refusal: str
    appeals: tuple[Petition, ...]
    remedy: str = ""
    refused_by: str = ""


def ready(office: Office) -> None:
    """Make the tables where they are missing."""
    bases.ready(office)
    prepare(office, SCHEMA, "journeys")
    prepare(office, ENDS, "delegation_ends")


def take(
    office: Office, keeper: Actor, verifier: Actor, owner: str, *, kind: str, issuer: str, number: str, title: Title,
    title_document: str, title_ends_at: datetime, now: datetime,
) -> Held:  # fmt: skip
    """Take a document against a receipt, with a title that somebody else verified in its document.

    Raises:
        TitleMissing: no title of the closed list, no document of it, or it ends first.
        ModuleDisabled: this part is off.
        DutiesNotSeparated: owner, verifier and keeper are not three people.
    """
    ready(office)
    require_module(office, Module.DOCUMENTS, now)
    keeper = require_purpose(office, keeper, Purpose.DOCUMENTS, now)
    verifier = require_purpose(office, verifier, Purpose.DOCUMENTS, now)
    require_person(office, owner)
    plain = "".join(number.split()).upper()
    if len(plain) < 6:
        raise TitleMissing("the number of the document is missing")
    held = Held(
        owner,
        kind,
        issuer,
        plain[-4:],
        title,
        title_document,
        verifier,
        keeper,
        now,
        title_ends_at,
        new_id("q"),
    )

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        box = seal(office, db, owner, {"number": plain}, f"document {held.receipt}")
        store.add(db, held, number=office.subjects.token("document", plain), sealed=box)
        says = {"title": str(title), "document": title_document, "receipt": held.receipt,
                "until": second(title_ends_at), "return": "ask for it at any time"}  # fmt: skip
        tell(office, db, owner, "document-taken", f"document:{held.receipt}", says, now)

    fields: dict[str, Value] = {"receipt": held.receipt, "kind": kind, "title": str(title), "document": title_document,
                                "verifier": verifier.id, "until": second(title_ends_at)}  # fmt: skip
    enter(office, Act(owner, TAKEN, keeper, fields, rows), now, TitleMissing)
    return held


def ask_back(office: Office, actor: Actor, receipt: str, now: datetime) -> datetime:
    """Ask for the own document; gives the moment at which it must be back."""
    ready(office)
    me, held = identity(office, actor), store.held(office, receipt)
    asked = rules.ask_back(held, me, now)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute("UPDATE held_documents SET return_asked_at = ? WHERE receipt = ?", (second(now), receipt))

    if held.return_asked_at is None:
        enter(office, Act(held.owner, ASKED, me, {"receipt": receipt}, rows), now, StepRefused)
    return rules.return_due(asked, _employment_end(office, held.owner))


def give_back(office: Office, actor: Actor, receipt: str, now: datetime) -> Entry:
    """Return a document to its owner; always possible."""
    ready(office)
    actor = require_purpose(office, actor, Purpose.DOCUMENTS, now)
    held = store.held(office, receipt)
    rules.give_back(held, actor, now)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "UPDATE held_documents SET returned_at = ?, returned_by = ? WHERE receipt = ?",
            (second(now), actor.id, receipt),
        )
        tell(office, db, held.owner, "document-returned", f"document:{receipt}", {"by": actor.id}, now)

    return enter(office, Act(held.owner, RETURNED, actor, {"receipt": receipt}, rows), now, StepRefused)


def refuse_return(
    office: Office, actor: Actor, receipt: str, reasons: str, remedy: str, now: datetime
) -> Entry:
    """Refuse, in writing and with the remedy, to return a document while its title lasts.

    Raises:
        StepRefused: voluntary safekeeping is never refused; nothing was asked; the title is over; no reasons.
    """
    ready(office)
    actor = require_purpose(office, actor, Purpose.DOCUMENTS, now)
    held = store.held(office, receipt)
    require_different(owner=held.owner, refuser=actor.id)
    if held.title not in REFUSABLE or held.return_asked_at is None:
        raise StepRefused("voluntary safekeeping is never refused, and a refusal answers a request")
    if now >= rules.return_due(_unasked(held), _employment_end(office, held.owner)):
        raise StepRefused("the title is over: the document goes back")
    if not reasons.strip() or not remedy.strip():
        raise StepRefused("a refusal states its reasons and the remedy")

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        says = {"reasons": reasons, "remedy": remedy}
        box = seal(office, db, held.owner, says, f"refusal {receipt}")
        db.execute(
            "UPDATE held_documents SET refused_at = ?, refused_by = ?, refusal = ? WHERE receipt = ?",
            (second(now), actor.id, box, receipt),
        )
        tell(office, db, held.owner, "return-refused", f"document:{receipt}", says, now)

    fields: dict[str, Value] = {"receipt": receipt, "reasons": reasons, "remedy": remedy}
    return enter(office, Act(held.owner, REFUSED, actor, fields, rows), now, StepRefused)


def _unasked(held: Held) -> Held:
    return replace(held, return_asked_at=None)


def _employment_end(office: Office, person: str) -> datetime | None:
    """When the last employment ends, where all that are known do."""
    ends = [e.ends_on for e in people.profile(office, person).employments]
    known = [end for end in ends if end is not None]
    return midnight(max(known)) if known and len(known) == len(ends) else None


def items(office: Office, owner: str | None, now: datetime) -> list[Item]:
    """Documents in custody, the most urgent first; for services that entered their look."""
    ready(office)
    found = [_item(office, held, now) for held in store.all_held(office, owner)]
    return sorted(found, key=lambda i: (i.due_at, i.held.receipt))


def _item(office: Office, held: Held, now: datetime) -> Item:
    query = "SELECT refused_at, refused_by, refusal FROM held_documents WHERE receipt = ?"
    refused_at, refused_by, box = read_one(office, query, (held.receipt,))
    said: dict[str, Any] = {}
    for_clock = held
    if refused_at is not None:
        said = unseal(office, held.owner, box, f"refusal {held.receipt}") or {}
        if held.return_asked_at is not None and moment(refused_at) >= held.return_asked_at:
            for_clock = _unasked(held)  # answered in writing: the title's own end counts
    due = rules.return_due(for_clock, _employment_end(office, held.owner))
    until = held.returned_at or now
    return Item(
        held, (until - held.taken_at).days, due, held.returned_at is None and now >= due, str(said.get("reasons", "")),
        tuple(open_about(office, held.owner, f"document:{held.receipt}")), str(said.get("remedy", "")),
        refused_by or "",
    )  # fmt: skip


def owner_of(office: Office, receipt: str) -> str:
    """Whose document a receipt is for; to decide by, before anything is shown. Raises NotRegistered."""
    ready(office)
    return store.held(office, receipt).owner


def receipt(office: Office, actor: Actor, name: str, now: datetime) -> Item:
    """One document by its receipt, given back or not: for its owner, or for who keeps documents.

    Raises:
        NotRegistered: there is no such receipt.
        PurposeMissing: it is somebody else's, and the purpose is not granted.
    """
    ready(office)
    held, me = store.held(office, name), identity(office, actor)
    purpose = Purpose.OWN if me.id == held.owner else Purpose.DOCUMENTS
    access.look(office, me, held.owner, purpose, {Section.DOCUMENTS}, f"receipt {name}", now)
    return _item(office, held, now)


def documents(
    office: Office,
    actor: Actor,
    now: datetime,
    *,
    owner: str | None = None,
    reason: str = "documents in custody",
) -> list[Item]:
    """Documents in custody with their age and clock: of oneself, or for who keeps them. Owners see the look."""
    ready(office)
    me = identity(office, actor)
    if owner is not None and me.id == owner:
        access.look(office, me, owner, Purpose.OWN, {Section.DOCUMENTS}, reason, now)
        return items(office, owner, now)
    me = require_purpose(office, actor, Purpose.DOCUMENTS, now)
    found = items(office, owner, now)
    sections = frozenset({Section.DOCUMENTS})
    seen = [
        access.Look(p, Purpose.DOCUMENTS, sections, reason)
        for p in dict.fromkeys(i.held.owner for i in found)
    ]
    if seen:
        access.look_at_many(office, me, seen, now)
    return found


def to_return(
    office: Office, actor: Actor, now: datetime, within: timedelta = timedelta(days=7)
) -> list[Item]:
    """Documents that must go back soon or are overdue."""
    return [i for i in documents(office, actor, now, reason="mandatory return") if i.due_at <= now + within]
