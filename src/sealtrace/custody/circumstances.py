"""Circumstances of a leak: what its files say of themselves, and what the register knows of the copies named.

Not part of the proof: whoever has a file can write any author or date into it, and addresses and devices are what the
network said. They are kept and shown apart, enter no e-value and no bound, and are not in the evidence file; the report
on it has them behind everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sealtrace.content import claims
from sealtrace.content.kinds import IMAGES, Kind
from sealtrace.errors import SealtraceError
from sealtrace.ids import CopyId
from sealtrace.trace.model import Piece

from . import store
from .issue import person_of
from .model import Purpose
from .office import Office

WARNING = (
    "Circumstances are not part of the proof: they can be forged, do not enter the bound, and name nobody."
)
_ANY_ZONE = timedelta(hours=14)  # the farthest offset from UTC; a time without one may be off by it
Said = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Circumstance:
    """One thing known beside the proof. fits: with the copy named; None where it tells nothing either way.

    what: `file` (what piece number `piece` says of itself), `issued` (the copy's issue against the file's date),
    `looked` (where its recipient last looked at that version).
    """

    what: str
    fits: bool | None
    said: Said
    piece: int | None = None
    copy: CopyId | None = None

    def as_dict(self) -> dict[str, object]:
        """The answer's row."""
        return {
            "what": self.what,
            "fits": self.fits,
            "piece": self.piece,
            "copy": str(self.copy) if self.copy is not None else None,
            **self.said,
        }


def claimed(pieces: Sequence[Piece]) -> list[dict[str, str]]:
    """Read what each piece says of itself, with its kind; what can't be read says nothing."""
    found = []
    for piece in pieces:
        try:
            said = claims.read(piece.path, piece.kind).as_dict()
        except SealtraceError:
            said = {}
        found.append({"kind": str(piece.kind), **said} if said else {})
    return found


def of(office: Office, said: Sequence[Said], copies: Sequence[CopyId]) -> tuple[Circumstance, ...]:
    """Lay out what the files say, then how it and the register fit each copy named."""
    found = [Circumstance("file", None, one, piece=i) for i, one in enumerate(said) if one]
    for copy in copies:
        row = office.copy(copy)
        found += [
            Circumstance("issued", fits, {"issued_at": row.issued_at, "file_at": at}, piece=i, copy=copy)
            for i, one in enumerate(said)
            if (at := _latest(one))
            for fits in [issued_fits(datetime.fromisoformat(row.issued_at), at, one["kind"])]
        ]
        found += _looked(office, row)
    return tuple(found)


def _latest(said: Said) -> str:
    dates = [said[name] for name in ("created", "modified") if name in said]
    return max(dates, key=_in_utc, default="")


def _in_utc(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def issued_fits(issued_at: datetime, file_at: str, kind: str) -> bool | None:
    """Whether a file of that date can have come from a copy issued then.

    A later date fits. An earlier one speaks against it for a picture, which is taken of the copy; a document may
    carry its original's date. A time without an offset tells nothing within 14 hours.
    """
    slack = timedelta() if datetime.fromisoformat(file_at).tzinfo else _ANY_ZONE
    behind = _in_utc(file_at) - issued_at
    if behind >= slack:
        return True
    return False if behind < -slack and Kind(kind) in IMAGES else None


def _looked(office: Office, row: store.CopyRow) -> list[Circumstance]:
    """The recipient's newest other look at the version: on the device and from the address of this copy?"""
    if not office.subjects.known(office.db, row.subject):
        return []
    looks = [
        one
        for one in store.newest_copies(office.db, None, 20, version=row.version, subject=row.subject)
        if one.purpose is Purpose.VIEW and one.id != row.id
    ]
    if not looks:
        return []
    who, there = person_of(office, row), person_of(office, looks[0])
    said = {"at": looks[0].issued_at, "device": there.device, "ip": there.ip}
    return [Circumstance("looked", (who.device, who.ip) == (there.device, there.ip), said, copy=row.id)]
