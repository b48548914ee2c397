"""Need to know: who has to know what a file says, until when and why; and for which purposes this office acts at all.

A file without a list is open to everybody with the role and the clearance. Once it has a list, its pages open, and
copies of it go out, to the people on the list alone. Every decision is an entry before it holds; the newest about a
person counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealtrace.errors import Denied, NotRegistered, UsageProblem
from sealtrace.ids import FileCode, VersionRef
from sealtrace.ledger.model import Entry

from . import controls, controls_rows, store
from .controls_rows import ControlRow
from .model import Version, written
from .need import ENDED, GIVEN, LIMITED, OPENED, is_limited, needs
from .office import Office

PURPOSE, NO_PURPOSE = "purpose:added", "purpose:ended"
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Need:
    """That somebody has to know a file: until when (None: no end), why, by whose decision; and whether it holds now."""

    entry: int
    operator: str
    why: str
    by: str
    until: str | None
    holds: bool


# -- what a person does --------------------------------------------------------------------------


def limit(office: Office, code: FileCode, *, by: str, limited: bool = True) -> Entry:
    """Give a file a list of those who need to know, or open it again to all with role and clearance."""
    fields: controls.Fields = {"code": str(code), "by": by}
    return controls.enter(office, LIMITED if limited else OPENED, code, fields, str(code))


def give(
    office: Office, code: FileCode, operator: str, *, why: str, by: str, until: datetime | None = None
) -> Entry:
    """Put a person on a file's list; `until` is aware. Again: with the new reason and end.

    Raises:
        UsageProblem: no reason, or an end without offset or in the past.
    """
    why = _words(why, "reason")
    if until is not None and (until.tzinfo is None or until <= office.clock.now()):
        raise UsageProblem("a need to know ends in the future, at a time with its offset")
    end = written(until) if until else None
    fields: controls.Fields = {"code": str(code), "operator": operator, "why": why, "until": end, "by": by}
    return controls.enter(office, GIVEN, code, fields, str(code), operator=operator, until=end)


def end(office: Office, code: FileCode, operator: str, *, by: str) -> Entry:
    """Take a person off a file's list."""
    fields: controls.Fields = {"code": str(code), "operator": operator, "by": by}
    return controls.enter(office, ENDED, code, fields, str(code), operator=operator)


def listed(office: Office, code: FileCode) -> list[Need]:
    """Everybody who was put on a file's list and not taken off, oldest first; who was erased is left out."""
    office.version(VersionRef(code))
    file, now = store.file_row(office.db, code), written(office.clock.now())
    newest: dict[bytes, ControlRow] = {}
    for row in controls_rows.of_file(office.db, file):
        if row.event in (GIVEN, ENDED) and row.subject is not None:
            newest.pop(row.subject, None)
            newest[row.subject] = row
    found = []
    for row in newest.values():
        said = controls.said(office, row) if row.event == GIVEN else {}
        if said:
            found.append(
                Need(
                    row.entry, str(said["operator"]), str(said["why"]), str(said["by"]), row.until,
                    row.until is None or row.until > now,
                )
            )  # fmt: skip
    return found


def is_limited_file(office: Office, code: FileCode) -> bool:
    """Whether a file has a list of those who need to know. Raises NotRegistered."""
    office.version(VersionRef(code))
    return is_limited(controls_rows.of_file(office.db, store.file_row(office.db, code)))


def limited_files(office: Office, most: int) -> list[Version]:
    """The newest version of files that have a list, the one limited last first; at most `most`."""
    newest: dict[int, str] = {}
    for row in controls_rows.of_event(office.db, (LIMITED, OPENED)):
        newest.pop(row.file, None)
        newest[row.file] = row.event
    limited = [file for file, event in newest.items() if event == LIMITED]
    return [office.version(VersionRef(store.code_of(office.db, file))) for file in limited[::-1][:most]]


def standing(office: Office, version: Version, operator: str) -> tuple[bool, bool]:
    """Whether a version's file has a list, and whether this person is on it now. One indexed read."""
    rows = controls_rows.of_recipient(office.db, version.row, office.subjects.token("operator", operator))
    return is_limited(rows), needs(rows, written(office.clock.now()))


# -- purposes ------------------------------------------------------------------------------------


def purposes(office: Office) -> list[str]:
    """The purposes this office acts for, oldest first; none: any purpose may be stated."""
    acts = sorted(
        (entry, event, said) for event in (PURPOSE, NO_PURPOSE) for entry, said in office.acts(event)
    )
    found: dict[str, None] = {}
    for _entry, event, said in acts:
        words = str(said["purpose"][1])
        if event == PURPOSE:
            found[words] = None
        else:
            found.pop(words, None)
    return list(found)


def add_purpose(office: Office, purpose: str, *, by: str) -> Entry:
    """Put a purpose on the office's list. Raises UsageProblem: it stands there already."""
    purpose = _words(purpose, "purpose")
    with office.writing():
        if purpose in purposes(office):
            raise UsageProblem(f"{purpose!r} is on the list already")
        return office.record_act(
            PURPOSE, "purposes", {"purpose": purpose, "by": by}, lambda _db, _entry: None
        )


def end_purpose(office: Office, purpose: str, *, by: str) -> Entry:
    """Take a purpose off the list. Raises NotRegistered."""
    with office.writing():
        if purpose not in purposes(office):
            raise NotRegistered(f"{purpose!r} is not on the list of purposes")
        return office.record_act(
            NO_PURPOSE, "purposes", {"purpose": purpose, "by": by}, lambda _db, _entry: None
        )


def require_purpose(office: Office, purpose: str) -> None:
    """Raises Denied when this office lists its purposes and this is none of them, alone or before a colon."""
    known = purposes(office)
    if known and purpose not in known and purpose.partition(":")[0].rstrip() not in known:
        raise Denied(
            f"{purpose!r} is none of the purposes this office acts for",
            advice="State one of the listed purposes, with details after a colon.",
        )


def _words(text: str, what: str) -> str:
    if not text.strip() or len(text) > MOST_WORDS:
        raise UsageProblem(f"give a {what} of at most {MOST_WORDS} characters")
    return text.strip()
