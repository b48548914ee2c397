"""What an organisation tells an authority about its specialists: one person, named fields, one purpose, two people.

There is no way to hand over the directory: each telling is a disclosure of its own, entered before it leaves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import PurposeMissing
from sealtrace.ledger.commitment import Value
from sealtrace.ledger.model import Entry

from . import rules, store
from .access import Look, Purpose, Section, look_at_many, require_purpose
from .acts import Act, enter_many, identity, new_id, read, ready, require_person, seal, unseal
from .duties import Actor, require_different, require_human
from .moments import moment, second
from .rules import Request

DISCLOSED = "person:disclosed"
MOST = 50
"""People in one submission: a report is about a matter, never about everybody."""
Told = Sequence[Mapping[str, Any]]
Beside = Callable[[apsw.Connection, Told], None]


@dataclass(frozen=True, slots=True)
class Submission:
    """A report as it is handed over: to whom, for what, on which clause, with which fields of which people."""

    id: str
    receiver: str
    purpose: str
    clause: str
    keep_until: datetime
    people: tuple[Mapping[str, Any], ...]

    def as_json(self) -> str:
        """The submission as text."""
        return json.dumps({
            "submission": self.id, "receiver": self.receiver, "purpose": self.purpose, "clause": self.clause,
            "keep_until": second(self.keep_until), "people": list(self.people),
        }, ensure_ascii=False, indent=1)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One telling, as the person sees it."""

    id: str
    receiver: str
    purpose: str
    clause: str
    fields: tuple[str, ...]
    abroad: bool
    consent: str
    at: datetime
    keep_until: datetime


def submit(
    office: Office, preparer: Actor, approver: Actor, people: Sequence[str], fields: Sequence[str], *, receiver: str,
    purpose: str, clause: str, keep_until: datetime, now: datetime, abroad: bool = False, consent: str = "",
    name: str | None = None, beside: Beside | None = None,
) -> Submission:  # fmt: skip
    """Tell an authority named fields of named people, for one purpose; entered before it is given back.

    A telling abroad needs each person's own consent, named by its document, and is about one person. `beside` writes
    rows within the same transaction; `name` is one made before, as `new_id` makes them.

    Raises:
        PurposeMissing: something is missing, a field is never told, or there are more than MOST people.
        DutiesNotSeparated: preparer and approver are one person, or one of those concerned.
    """
    ready(office)
    preparer, approver = require_purpose(office, preparer, Purpose.REPORT, now), identity(office, approver)
    require_human(approver, "approving a submission")
    require_different(preparer=preparer.id, approver=approver.id)
    named = list(dict.fromkeys(people))
    if not 0 < len(named) <= MOST:
        raise PurposeMissing(f"a submission is about 1 to {MOST} named people")
    if abroad and (len(named) > 1 or not consent.strip()):
        raise PurposeMissing("a telling abroad is about one person, who consented to it in a document")
    for person in named:
        require_person(office, person)
        require_different(person=person, preparer=preparer.id, approver=approver.id)
    looks = [
        Look(p, Purpose.REPORT, frozenset({Section.PROFILE}), f"report to {receiver}: {purpose}")
        for p in named
    ]
    look_at_many(office, preparer, looks, now)
    told = []
    for person in named:
        request = Request(person, receiver, frozenset(fields), purpose, clause, keep_until)
        rules.tell(store.profile(office, person), request, now)  # refuses what is never told
        record = store.as_record(store.profile(office, person))
        told.append({"person": person, **{field: record[field] for field in sorted(set(fields))}})
    name = name or new_id("sub")
    steps = [
        disclosing(office, preparer, approver, name, one, request, now, abroad=abroad, consent=consent)
        for one in told
        for request in [Request(one["person"], receiver, frozenset(fields), purpose, clause, keep_until)]
    ]
    if beside is not None:
        steps[0] = _with(steps[0], beside, told)
    enter_many(office, steps, now, PurposeMissing)
    return Submission(name, receiver, purpose, clause, keep_until, tuple(told))


def _with(step: Act, beside: Beside, told: Told) -> Act:
    def rows(db: apsw.Connection, entry: Entry) -> None:
        step.rows(db, entry)
        beside(db, told)

    return replace(step, rows=rows)


def disclosing(
    office: Office, preparer: Actor, approver: Actor, name: str, told: Mapping[str, Any], request: Request,
    now: datetime, *, abroad: bool, consent: str,
) -> Act:  # fmt: skip
    """The act of one telling, with its row."""
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).digest()
    listed = json.dumps(sorted(request.fields))

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        key = f"{name}:{request.person}"
        box = seal(
            office,
            db,
            request.person,
            {"purpose": request.purpose, "consent": consent, "sha256": digest},
            f"disclosure {key}",
        )
        db.execute(
            "INSERT INTO disclosures VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'human', ?, 'human', ?, ?)",
            (key, request.person, request.receiver, request.clause, listed, int(abroad), box,
             preparer.id, approver.id, second(now), second(request.keep_until)),
        )  # fmt: skip

    fields: dict[str, Value] = {
        "submission": name, "receiver": request.receiver, "purpose": request.purpose, "clause": request.clause,
        "fields": listed, "approver": approver.id, "sha256": digest, "abroad": int(abroad),
    }  # fmt: skip
    return Act(request.person, DISCLOSED, preparer, fields, rows)


def disclosures(office: Office, person: str) -> list[Disclosed]:
    """To whom a person's data went, newest first."""
    rows = read(
        office,
        "SELECT id, receiver, clause, fields, abroad, sealed, at, keep_until FROM disclosures"
        " WHERE person = ? ORDER BY at DESC, id",
        (person,),
    )
    found = []
    for name, receiver, clause, fields, abroad, sealed, at, until in rows:
        record = unseal(office, person, sealed, f"disclosure {name}") or {}
        found.append(
            Disclosed(name, receiver, str(record.get("purpose", "")), clause, tuple(json.loads(fields)), bool(abroad),
                      str(record.get("consent", "")), moment(at), moment(until))
        )  # fmt: skip
    return found
