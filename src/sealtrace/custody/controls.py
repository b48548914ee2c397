"""Controls: what is decided about copies and readers after a file was registered.

A copy can be revoked, reinstated or given an end. Whoever holds a revoked or ended copy of a version may not
open that version's pages either, until the copy is reinstated or its end moved. A file can be for reading
here only, for everybody or for one operator; and it can ask its readers for an undertaking, signed by their
device's key. Every decision is an entry before it holds; the newest about its subject counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import apsw

from sealtrace.errors import CopyEnded, Denied, UndertakingMissing, UsageProblem
from sealtrace.ids import CopyId, FileCode, VersionRef
from sealtrace.ledger.commitment import Commitment, commit
from sealtrace.ledger.log import Rows
from sealtrace.ledger.model import Draft, Entry

from . import controls_rows, need, store
from .controls_rows import ControlRow
from .model import Recipient, Version, written
from .office import Office, content_type

REVOKED, REINSTATED, EXPIRY = "copy:revoked", "copy:reinstated", "copy:expiry-set"
VIEW_ONLY, TAKING_ALLOWED = "file:view-only-set", "file:view-only-lifted"
ASKED, UNDERTAKEN = "file:undertaking-asked", "file:undertaken"
HANDED_OVER, RECEIVED = "copy:package-handed-over", "copy:package-received"
MAX_REASON = 500

Fields = Mapping[str, str | int | bytes | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one copy now. `ended`: it is revoked or past its end, and why."""

    revoked: bool
    expires_at: str | None
    ended: str | None

    def as_dict(self) -> dict[str, object]:
        """JSON types, for the command line and the API."""
        return {"in_force": self.ended is None, "revoked": self.revoked, "expires_at": self.expires_at}


# -- rules: pure ---------------------------------------------------------------------------------


def standing_of(rows: Iterable[ControlRow], now: str) -> Standing:
    """Decide from one copy's decisions, oldest first, what holds at `now` (written as rows write times)."""
    revoked, until, since = False, None, ""
    for row in rows:
        if row.event in (REVOKED, REINSTATED):
            revoked, since = row.event == REVOKED, row.at
        elif row.event == EXPIRY:
            until = row.until
    if revoked:
        return Standing(True, until, f"it was revoked on {since}")
    return Standing(False, until, f"it ended on {until}" if until is not None and until <= now else None)


def reading_refused(rows: Iterable[ControlRow], now: str) -> str | None:
    """Why a person with these decisions about them may not open the version; None when nothing stands against it."""
    by_copy: dict[int, list[ControlRow]] = {}
    for row in rows:
        if row.copy is not None:
            by_copy.setdefault(row.copy, []).append(row)
    for copy, decided in by_copy.items():
        ended = standing_of(decided, now).ended
        if ended is not None:
            return f"{store.unsigned(copy)}: {ended}"
    return None


def takes_refused(rows: Iterable[ControlRow]) -> bool:
    """Tell whether a person may read the file here only: the newest decision for them or for all counts, each."""
    newest: dict[bool, str] = {}
    for row in rows:
        if row.event in (VIEW_ONLY, TAKING_ALLOWED):
            newest[row.subject is None] = row.event
    return VIEW_ONLY in newest.values()


def undertaking_due(rows: Iterable[ControlRow]) -> ControlRow | None:
    """The undertaking that is asked for and not given since, if there is one."""
    due = None
    for row in rows:
        if row.event == ASKED:
            due = row
        elif row.event == UNDERTAKEN:
            due = None
    return due


# -- what a person does --------------------------------------------------------------------------


def revoke(office: Office, copy: CopyId, *, by: str, reason: str) -> Entry:
    """Revoke a copy: its bytes are handed out no more, and its holder's pages of that version close at once."""
    return _about_copy(office, copy, REVOKED, {"by": by, "reason": _reason(reason)})


def reinstate(office: Office, copy: CopyId, *, by: str, reason: str) -> Entry:
    """Take a revocation back."""
    return _about_copy(office, copy, REINSTATED, {"by": by, "reason": _reason(reason)})


def expire(office: Office, copy: CopyId, until: datetime, *, by: str) -> Entry:
    """Give a copy an end, or another one; `until` is aware.

    Raises:
        UsageProblem: the time has no offset.
    """
    if until.tzinfo is None:
        raise UsageProblem(
            "the end of a copy needs its offset from UTC", advice="Such as 2026-11-30T18:00+08:00."
        )
    return _about_copy(office, copy, EXPIRY, {"by": by}, until=written(until))


def set_view_only(
    office: Office, code: FileCode, *, operator: str | None, by: str, only: bool = True
) -> Entry:
    """Let a file be read here only, or taken again: by everybody, or by one operator."""
    event = VIEW_ONLY if only else TAKING_ALLOWED
    return _about_file(office, code, event, {"by": by}, operator)


def is_view_only(office: Office, version: Version, operator: str) -> bool:
    """Whether a person may read a version's file here only."""
    return takes_refused(_rows_for(office, version, operator))


def ask_undertaking(office: Office, code: FileCode, text: str, *, by: str) -> Entry:
    """Ask every reader of a file for an undertaking in these words before its next page opens."""
    if not text.strip():
        raise UsageProblem("an undertaking has words")
    return _about_file(office, code, ASKED, {"by": by, "text": text.strip()}, None)


def standing(office: Office, copy: CopyId) -> Standing:
    """What holds for a copy now. Raises NotRegistered."""
    office.copy(copy)
    return standing_of(controls_rows.of_copy(office.db, store.signed(copy)), written(office.clock.now()))


def require_in_force(office: Office, copy: CopyId) -> None:
    """Raises CopyEnded when a copy is revoked or past its end."""
    ended = standing(office, copy).ended
    if ended is not None:
        raise CopyEnded(f"copy {copy} is not handed out: {ended}")


def require_reading(office: Office, version: Version, reader: Recipient) -> None:
    """Let a page be opened only by whom nothing stands against.

    Raises:
        CopyEnded: a copy of this version that the reader holds was revoked, or has ended.
        UndertakingMissing: the file asks for an undertaking that the reader has not signed.
    """
    rows = _rows_for(office, version, reader.operator)
    ended = reading_refused(rows, written(office.clock.now()))
    if ended is not None:
        raise CopyEnded(f"the pages of {version.ref} are closed to you: copy {ended}")
    if undertaking_due(rows) is not None:
        raise UndertakingMissing(f"{version.ref} asks for an undertaking before it opens")


def require_taking(office: Office, version: Version, recipients: Iterable[Recipient]) -> None:
    """Raises Denied when one of the recipients may read the file here only, or does not need to know it."""
    now = written(office.clock.now())
    for recipient in recipients:
        rows = _rows_for(office, version, recipient.operator)
        if takes_refused(rows):
            raise Denied(
                f"{version.code} is for reading here only; no copy of it leaves for {recipient.operator}",
                advice="Open it in the viewer, or have `sealtrace copy restrict --lift` decided.",
            )
        if need.is_limited(rows) and not need.needs(rows, now):
            raise Denied(
                f"{recipient.operator} is not on the need-to-know list of {version.code}",
                advice="The security administrator keeps the list.",
            )


def _rows_for(office: Office, version: Version, operator: str) -> list[ControlRow]:
    return controls_rows.of_recipient(office.db, version.row, office.subjects.token("operator", operator))


def said(office: Office, row: ControlRow) -> dict[str, object]:
    """What a decision says, field by field; empty once its person was erased."""
    bound = bound_to(row.event)
    if row.subject is None:
        opening = office.subjects.unseal_office(row.sealed, bound)
    else:
        found = office.subjects.unseal(office.db, row.subject, row.sealed, bound) if row.sealed else None
        opening = found["opening"] if found else {}
    return {name: value for name, (_, value) in opening.items()}


# -- entering ------------------------------------------------------------------------------------


def _reason(reason: str) -> str:
    if not reason.strip() or len(reason) > MAX_REASON:
        raise UsageProblem(f"give a reason of at most {MAX_REASON} characters")
    return reason.strip()


def bound_to(event: str) -> bytes:
    """What a decision's sealed opening is bound to."""
    return f"control {event}".encode()


def _about_copy(office: Office, copy: CopyId, event: str, fields: Fields, until: str | None = None) -> Entry:
    row = office.copy(copy)
    version = store.version_by_row(office.db, row.version)
    every: Fields = {"copy": bytes(copy), "code": str(version.code), "until": until, **fields}
    return enter(
        office, event, version.code, every, bytes(copy).hex(), copy=copy, subject=row.subject, until=until
    )


def _about_file(office: Office, code: FileCode, event: str, fields: Fields, operator: str | None) -> Entry:
    every: Fields = {"code": str(code), "operator": operator, **fields}
    return enter(office, event, code, every, str(code), operator=operator)


def expiry_acts(
    office: Office, code: FileCode, copies: Sequence[tuple[CopyId, Recipient]], until: datetime, *, by: str
) -> tuple[list[Draft], Rows]:
    """What gives copies their end in the transaction that enters them; `until` is aware."""
    at, end = written(office.clock.now()), written(until)
    sealed = [
        commit({"event": EXPIRY, "copy": bytes(copy), "code": str(code), "until": end, "by": by, "at": at})
        for copy, _ in copies
    ]
    drafts = [
        Draft(EXPIRY, bytes(copy).hex(), one.digest, content_type(EXPIRY))
        for (copy, _), one in zip(copies, sealed, strict=True)
    ]

    def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        file = store.file_row(db, code)
        assert file is not None, "its copies were entered a moment ago"
        for (copy, who), one, entry in zip(copies, sealed, entries, strict=True):
            subject = office.subjects.ensure(db, who.operator)
            box = office.subjects.seal(db, subject, {"opening": one.opening}, bound_to(EXPIRY))
            kept = store.signed(copy)
            controls_rows.insert(db, ControlRow(entry.index, EXPIRY, file, kept, subject, at, end, box))

    return drafts, rows


def enter(
    office: Office, event: str, code: FileCode, fields: Fields, name: str, *, copy: CopyId | None = None,
    subject: bytes | None = None, operator: str | None = None, until: str | None = None,
    first: Callable[[apsw.Connection], None] | None = None,
) -> Entry:  # fmt: skip
    """Enter a decision and its row, both or neither; durable when it returns. Raises NotRegistered.

    `first` looks, in the transaction, whether it may be: nothing is entered when it raises.
    """
    office.version(VersionRef(code))
    at = written(office.clock.now())
    sealed: Commitment = commit({"event": event, **fields, "at": at})
    draft = Draft(event, name, sealed.digest, content_type(event))

    def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        if first is not None:
            first(db)
        file = store.file_row(db, code)
        assert file is not None, "the version was found above"
        person = office.subjects.ensure(db, operator) if operator is not None else subject
        erased = person is not None and not office.subjects.known(db, person)
        if person is None:
            box = office.subjects.seal_office(sealed.opening, bound_to(event))
        else:
            record = {"opening": sealed.opening}
            box = b"" if erased else office.subjects.seal(db, person, record, bound_to(event))
        [entry] = entries
        kept = store.signed(copy) if copy is not None else None
        controls_rows.insert(db, ControlRow(entry.index, event, file, kept, person, at, until, box))

    return office.clerk.enter([draft], rows)[0]
