"""Tell another organisation one thing about one restriction: whether it binds, what it limits, when it ends.

Never a list, never the directory: each telling is asked for, decided by two people, entered, and seen by the person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sealtrace.custody.office import Office
from sealtrace.errors import PurposeMissing
from sealtrace.people import access
from sealtrace.people.access import Purpose, Section, require_purpose
from sealtrace.people.acts import enter, identity, new_id
from sealtrace.people.duties import Actor, require_different, require_human
from sealtrace.people.moments import second
from sealtrace.people.reports import disclosing
from sealtrace.people.rules import Request
from sealtrace.posts import service as posts


def tell_status(
    office: Office, preparer: Actor, approver: Actor, person: str, restriction: str, *, receiver: str, purpose: str,
    clause: str, keep_until: datetime, now: datetime, abroad: bool = False, consent: str = "",
) -> Mapping[str, Any]:  # fmt: skip
    """Give the status, scope and end of one restriction, with any open appeal; abroad with the person's consent only.

    Raises:
        PurposeMissing: receiver, purpose, clause or consent are missing, or the time for keeping it is over.
        DutiesNotSeparated: preparer and approver are one person, or the person.
    """
    preparer = require_purpose(office, preparer, Purpose.RESTRICTION, now)
    approver = identity(office, approver)
    require_human(approver, "approving a transfer")
    require_different(preparer=preparer.id, approver=approver.id, person=person)
    if not (receiver.strip() and purpose.strip() and clause.strip()) or keep_until <= now:
        raise PurposeMissing("a transfer names receiver, purpose, clause and until when it is kept")
    if abroad and not consent.strip():
        raise PurposeMissing("a transfer abroad needs the person's own consent, named by its document")
    access.look(
        office, preparer, person, Purpose.RESTRICTION, {Section.RESTRICTIONS}, f"asked by {receiver}", now
    )
    found = next(
        (s for s in posts.shown(office, person, now) if s.record.restriction.id == restriction), None
    )
    if found is None:
        raise PurposeMissing("this person has no such restriction")
    r = found.record.restriction
    told = {
        "restriction": restriction, "status": str(found.status), "activity": r.scope.activity,
        "territory": r.scope.territory, "ends_at": second(found.ends_by_itself), "appeal_open": bool(found.appeals),
        "at": second(now),
    }  # fmt: skip
    request = Request(person, receiver, frozenset(told), purpose, clause, keep_until)
    told["sha256"] = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    act = disclosing(
        office, preparer, approver, new_id("tr"), told, request, now, abroad=abroad, consent=consent
    )
    enter(office, act, now, PurposeMissing)
    return told
