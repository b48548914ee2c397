"""The home's library: control lists and case rules as it uses them, edited as drafts, released by a second person.

What a decision rests on is named by its digest and kept for ever, so that the decision can be made again. Until
something is released here, the shipped documents hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import apsw
import cbor2

from sealtrace.catalogue import lists, technology
from sealtrace.catalogue.lists import Change, ControlList, canonical, digest_of
from sealtrace.custody.office import Office
from sealtrace.errors import CaseUnknown, DutiesNotSeparated, MalformedList, StepRefused, UsageProblem
from sealtrace.ledger.model import Entry
from sealtrace.people.duties import Actor

from . import journal
from .accounts import WAIT_S
from .classify import Classifier
from .review import routing
from .review.routing import CaseRules

Document = Mapping[str, Any]
KINDS = {lists.SCHEMA: "control-list", routing.SCHEMA: "case-rules"}
SCHEMA = """
CREATE TABLE IF NOT EXISTS desk_documents(
    entry INTEGER PRIMARY KEY,            -- of its release
    kind TEXT NOT NULL CHECK (kind IN ('control-list', 'case-rules')),
    digest BLOB NOT NULL CHECK (length(digest) = 32),   -- an earlier one may be released again
    document BLOB NOT NULL
);
CREATE TRIGGER IF NOT EXISTS desk_documents_no_update BEFORE UPDATE ON desk_documents
BEGIN SELECT RAISE(ABORT, 'released documents stay'); END;
CREATE TRIGGER IF NOT EXISTS desk_documents_no_delete BEFORE DELETE ON desk_documents
BEGIN SELECT RAISE(ABORT, 'released documents stay'); END;
"""


@dataclass(slots=True)
class Draft:
    """A document that is being edited: its text now, who edited it, what became of it."""

    name: str
    kind: str = ""
    document: Document = field(default_factory=dict)
    editors: list[str] = field(default_factory=list)
    base: str = ""  # digest of what it is to replace
    state: str = "open"  # open, released, dropped
    seq: int = 0
    released_by: str | None = None
    reason: str = ""

    @property
    def digest(self) -> bytes:
        """The digest it would be known by."""
        return digest_of(self.document)


# -- what holds -----------------------------------------------------------------------------------


def controls(office: Office) -> ControlList:
    """The control list in use."""
    held = _newest(office, "control-list")
    return lists.shipped() if held is None else _control_list(held)


def case_rules(office: Office) -> CaseRules:
    """The case rules in use."""
    held = _newest(office, "case-rules")
    return routing.shipped() if held is None else _case_rules(held)


def classifier(office: Office) -> Classifier:
    """The classifier over the control list in use."""
    held = _newest(office, "control-list")
    return _shipped_classifier() if held is None else _classifier(held)


def classifier_of(office: Office, digest: str) -> Classifier:
    """The classifier over the list of a digest, as a past decision names it. Raises CaseUnknown."""
    if lists.shipped().digest.hex() == digest:
        return _shipped_classifier()
    return _classifier(_by_digest(office, digest))


def rules_of(office: Office, digest: str) -> CaseRules:
    """The case rules of a digest. Raises CaseUnknown."""
    return (
        routing.shipped()
        if routing.shipped().digest.hex() == digest
        else _case_rules(_by_digest(office, digest))
    )


def _prepared(db: apsw.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'desk_documents'").fetchone() is not None


def _newest(office: Office, kind: str) -> bytes | None:
    if not _prepared(office.db):
        return None
    query = "SELECT document FROM desk_documents WHERE kind = ? ORDER BY entry DESC LIMIT 1"
    row = office.db.execute(query, (kind,)).fetchone()
    return bytes(row[0]) if row else None


def _by_digest(office: Office, digest: str) -> bytes:
    row = None
    if _prepared(office.db):
        query = "SELECT document FROM desk_documents WHERE digest = ? LIMIT 1"
        row = office.db.execute(query, (bytes.fromhex(digest),)).fetchone()
    if row is None:
        raise CaseUnknown(f"no document with the digest {digest[:16]}… was released here")
    return bytes(row[0])


@lru_cache(maxsize=16)
def _control_list(packed: bytes) -> ControlList:
    return lists.read_list(cbor2.loads(packed))


@lru_cache(maxsize=16)
def _case_rules(packed: bytes) -> CaseRules:
    return routing.read_rules(cbor2.loads(packed))


@lru_cache(maxsize=16)
def _classifier(packed: bytes) -> Classifier:
    made = _control_list(packed)
    return Classifier(made, technology.over(made))


@lru_cache(maxsize=1)
def _shipped_classifier() -> Classifier:
    from .cases import shipped

    return shipped()


# -- editing --------------------------------------------------------------------------------------


def read_document(document: Document) -> str:
    """Check a document whole and give its kind. Raises MalformedList."""
    kind = KINDS.get(str(document.get("schema")))
    if kind == "control-list":
        technology.over(lists.read_list(document))
    elif kind == "case-rules":
        routing.read_rules(document)
    else:
        raise MalformedList(f"schema is {document.get('schema')!r}, not one of {', '.join(KINDS)}")
    return kind


def current(office: Office, kind: str) -> Document:
    """The document of a kind in use."""
    return controls(office).document if kind == "control-list" else case_rules(office).document


def draft(office: Office, actor: Actor, name: str, document: Document) -> Draft:
    """Begin a draft under a name, or edit it. Nothing uses it before it is released.

    Raises:
        MalformedList: it is not whole. StepRefused: the draft has ended.
    """
    kind = read_document(document)
    if not 0 < len(name) <= 64 or not name.isprintable():
        raise UsageProblem("a draft's name has 1 to 64 printable characters")
    with office.writing(WAIT_S):
        found = _fold(office, name)
        if found is not None and (found.state != "open" or found.kind != kind):
            raise StepRefused(
                f"the draft {name!r} is {found.state}, a {found.kind}", advice="Take another name."
            )
        body = {"kind": kind, "document": dict(document), "base": digest_of(current(office, kind)).hex()}
        journal.append(
            office, "document", name, found.seq if found else 0, "licence:document-drafted", actor, body
        )
        return get_draft(office, name)


def drop(office: Office, actor: Actor, name: str, reason: str) -> Draft:
    """Give a draft up; what it said is kept."""
    with office.writing(WAIT_S):
        found = _open(office, name)
        journal.append(
            office, "document", name, found.seq, "licence:document-dropped", actor, {"reason": reason.strip()}
        )
        return get_draft(office, name)


def release(office: Office, actor: Actor, name: str, reason: str) -> Draft:
    """Put a draft into use, by somebody who did not edit it; every decision from now on names it.

    Raises:
        DutiesNotSeparated: the actor edited it.
        StepRefused: something else was released since it was drafted, or no reason is given.
    """
    with office.writing(WAIT_S):
        found = _open(office, name)
        if actor.id in found.editors:
            raise DutiesNotSeparated(f"{actor.id} edited {name!r}: another person releases it")
        if digest_of(current(office, found.kind)).hex() != found.base:
            raise StepRefused(
                "another document was released since this was drafted", advice="Draft it again over it."
            )
        if not reason.strip():
            raise UsageProblem("a release needs its reason")
        packed = canonical(found.document)

        def rows(db: apsw.Connection, entry: Entry) -> None:
            db.execute(SCHEMA)
            db.execute(
                "INSERT INTO desk_documents VALUES (?, ?, ?, ?)",
                (entry.index, found.kind, found.digest, packed),
            )

        body = {"digest": found.digest, "kind": found.kind, "reason": reason.strip()}
        journal.append(office, "document", name, found.seq, "licence:document-released", actor, body, rows)
        return get_draft(office, name)


def get_draft(office: Office, name: str) -> Draft:
    """Find a draft. Raises CaseUnknown."""
    found = _fold(office, name)
    if found is None:
        raise CaseUnknown(f"there is no draft {name!r}")
    return found


def drafts(office: Office) -> list[Draft]:
    """All drafts, oldest first."""
    return [get_draft(office, name) for name in journal.subjects(office, "document")]


def changes(office: Office, name: str) -> list[Change]:
    """What a draft changes in the document in use."""
    found = get_draft(office, name)
    return lists.diff(current(office, found.kind), found.document)


def _open(office: Office, name: str) -> Draft:
    found = get_draft(office, name)
    if found.state != "open":
        raise StepRefused(f"the draft {name!r} was {found.state}")
    return found


def _fold(office: Office, name: str) -> Draft | None:
    made: Draft | None = None
    for event in journal.read(office, "document", name):
        made = made or Draft(name)
        made.seq += 1
        if event.kind == "drafted":
            made.kind, made.document, made.base = (
                event.body["kind"],
                event.body["document"],
                event.body["base"],
            )
            made.editors.append(event.actor)
        else:
            made.state, made.reason = event.kind, event.body["reason"]
            made.released_by = event.actor if event.kind == "released" else None
    return made
