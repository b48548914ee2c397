"""What became of a package: it waits, is handed over once, its receipt comes back, it ends or is revoked.

A package lies here sealed until it is handed over, and goes from here with that. Whether somebody outside has
opened it is known from its receipt alone: it opens without any network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

import apsw

from sealtrace.custody import controls, controls_rows, store
from sealtrace.custody.controls import Standing
from sealtrace.custody.controls_rows import ControlRow
from sealtrace.custody.home import storage_guard
from sealtrace.custody.issue import on_record
from sealtrace.custody.model import IssuedCopy, Purpose, written
from sealtrace.custody.office import Office
from sealtrace.errors import Corrupted, Denied, NotRegistered
from sealtrace.ids import CopyId

from .package import waiting_place


class State(StrEnum):
    """How far a package has come. Whether it is in force besides is its standing."""

    MADE = "made"
    HANDED_OVER = "handed-over"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a package; `who` as it was said, empty once that person was erased."""

    at: str
    who: str
    entry: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A package as it is on record. waits: its bytes lie here. signed_at: by the recipient's clock."""

    copy: IssuedCopy
    title: str
    by: str
    organisation: str
    purpose: str
    undertaking: str
    until: str | None
    standing: Standing
    waits: bool
    handed_over: Step | None
    received: Step | None
    signed_at: str

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.received is not None:
            return State.RECEIVED
        return State.MADE if self.handed_over is None else State.HANDED_OVER

    def as_dict(self) -> dict[str, object]:
        """JSON types, for the command line and the API."""
        return {
            "copy": self.copy.as_dict(), "title": self.title, "state": str(self.state), "by": self.by,
            "organisation": self.organisation, "purpose": self.purpose, "undertaking": self.undertaking,
            "standing": self.standing.as_dict(), "waits": self.waits,
            "handed_over": _step(self.handed_over), "received": _step(self.received), "signed_at": self.signed_at,
        }  # fmt: skip


def _step(step: Step | None) -> dict[str, object] | None:
    return {"at": step.at, "who": step.who, "entry": step.entry} if step is not None else None


def _row(office: Office, copy: CopyId) -> store.CopyRow:
    row = office.copy(copy)
    if row.purpose is not Purpose.PACKAGE:
        raise NotRegistered(f"copy {copy} is no package")
    return row


def show(office: Office, copy: CopyId) -> Outgoing:
    """One package. Raises NotRegistered."""
    return _read(office, _row(office, copy))


def listed(office: Office, before: int | None, count: int) -> list[Outgoing]:
    """Packages entered before an entry, newest first."""
    return [_read(office, row) for row in store.newest_packages(office.db, before, count)]


def _read(office: Office, row: store.CopyRow) -> Outgoing:
    sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    said = {name: value for name, (_, value) in sealed["opening"].items()} if sealed else {}
    decided = controls_rows.of_copy(office.db, store.signed(row.id))
    signed = _newest(decided, controls.RECEIVED)
    return Outgoing(
        copy=on_record(office, row), title=store.version_by_row(office.db, row.version).title,
        standing=controls.standing_of(decided, written(office.clock.now())), until=said.get("until"),
        waits=waiting_place(office, row.id).exists(), handed_over=_told(office, decided, controls.HANDED_OVER, "by"),
        received=_told(office, decided, controls.RECEIVED, "name"),
        signed_at=str(controls.said(office, signed).get("signed_at", "")) if signed else "",
        **{name: said.get(name) or "" for name in ("by", "organisation", "purpose", "undertaking")},
    )  # fmt: skip


def _newest(rows: Iterable[ControlRow], event: str) -> ControlRow | None:
    return max((row for row in rows if row.event == event), key=lambda row: row.entry, default=None)


def _told(office: Office, rows: Iterable[ControlRow], event: str, who: str) -> Step | None:
    row = _newest(rows, event)
    if row is None:
        return None
    return Step(row.at, str(controls.said(office, row).get(who, "")), row.entry)


def hand_over(office: Office, copy: CopyId, *, by: str, device: str) -> BinaryIO:
    """Give a package's bytes out, once; the entry is durable before the first byte goes, and nothing of them stays.

    Raises:
        Denied: it was handed over before, or never waited here.
        CopyEnded: it is revoked or past its end.
        Corrupted: what lies here is not what was made.
    """
    row, place = _row(office, copy), waiting_place(office, copy)
    controls.require_in_force(office, copy)
    version = store.version_by_row(office.db, row.version)
    fields: controls.Fields = {
        "copy": bytes(copy), "code": str(version.code), "copy_sha256": row.sha256, "by": by, "device": device,
    }  # fmt: skip

    def once(db: apsw.Connection) -> None:
        if _newest(controls_rows.of_copy(db, store.signed(copy)), controls.HANDED_OVER) is not None:
            raise _gone(copy)

    with ExitStack() as held:
        with storage_guard("reading a package"):
            try:
                opened = held.enter_context(place.open("rb"))
            except FileNotFoundError:
                raise _gone(copy) from None
            if hashlib.file_digest(opened, "sha256").digest() != row.sha256:
                raise Corrupted(f"package {copy} as it lies here differs from its digest on record")
            opened.seek(0)
        controls.enter(
            office, controls.HANDED_OVER, version.code, fields, bytes(copy).hex(), copy=copy, subject=row.subject,
            first=once,
        )  # fmt: skip
        place.unlink(missing_ok=True)
        held.pop_all()  # the bytes are the caller's from here on
    return opened


def _gone(copy: CopyId) -> Denied:
    return Denied(
        f"the bytes of package {copy} are not kept here",
        advice="They are handed over once. If they were lost, revoke the package and order another one.",
    )


def sweep(office: Office) -> int:
    """Remove what waits of packages that were handed over, have ended, or that a killed process left; how many."""
    removed = 0
    if not office.home.outgoing.exists():
        return removed
    for place in sorted(office.home.outgoing.glob("*.html")):
        copy = CopyId.parse(place.stem)
        known = store.copy_by_id(office.db, copy)
        found = _read(office, known) if known is not None else None
        if found is None or found.handed_over is not None or found.standing.ended is not None:
            place.unlink(missing_ok=True)
            removed += 1
    return removed
