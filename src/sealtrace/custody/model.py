"""Values of the register: files, versions, recipients, copies."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sealtrace.clock import stamp
from sealtrace.content.kinds import Kind
from sealtrace.errors import UsageProblem
from sealtrace.ids import CopyId, FileCode, VersionRef
from sealtrace.ledger.model import Entry
from sealtrace.marks.channel import AppliedMark
from sealtrace.marks.files import FilePlan

MAX_NAME = 200


class Level(StrEnum):
    """How secret a file is; the three levels of data protection law, highest first."""

    CORE = "core"
    IMPORTANT = "important"
    GENERAL = "general"


class Purpose(StrEnum):
    """Why a copy exists: the recipient took the file, looked at it here, printed it, or got it as an outsider."""

    COPY = "copy"
    VIEW = "view"
    PRINT = "print"
    PACKAGE = "package"

    @property
    def event(self) -> str:
        """The event under which such a copy is entered."""
        return _EVENTS[self]


_EVENTS = {
    Purpose.COPY: "copy:issued",
    Purpose.VIEW: "copy:viewed",
    Purpose.PRINT: "copy:printed",
    Purpose.PACKAGE: "copy:packaged",
}


def _text(value: str, what: str) -> str:
    cleaned = value.strip()
    if not cleaned:
        raise UsageProblem(f"the {what} is empty", advice=f"Give the {what}.")
    if len(cleaned) > MAX_NAME or any(ord(c) < 32 for c in cleaned):
        raise UsageProblem(f"the {what} has control characters or more than {MAX_NAME} characters")
    return cleaned


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who takes a copy: operator, registered device, and the address the request came from."""

    operator: str
    device: str
    ip: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "operator", _text(self.operator, "operator"))
        object.__setattr__(self, "device", _text(self.device, "device"))
        try:
            object.__setattr__(self, "ip", str(ipaddress.ip_address(self.ip.strip())))
        except ValueError:
            raise UsageProblem(
                f"{self.ip!r} is not an IP address", advice="Give an IPv4 or IPv6 address, such as 10.1.2.3."
            ) from None


@dataclass(frozen=True, slots=True)
class Version:
    """One registered version of a file, as the register holds it."""

    row: int
    code: FileCode
    version: int
    title: str
    level: Level
    name: str
    kind: Kind
    size_bytes: int
    sha256: bytes
    iscc: str
    key_id: bytes
    plan: FilePlan
    pages: int
    registered_at: str
    entry: int
    uncertainty: Mapping[str, object] | None = None

    @property
    def ref(self) -> VersionRef:
        """CODE@VERSION."""
        return VersionRef(self.code, self.version)


@dataclass(frozen=True, slots=True)
class RegisteredFile:
    """What registering one path gave."""

    path: Path
    code: FileCode
    version: int
    kind: Kind
    title: str
    sha256: bytes
    iscc: str
    entry: Entry
    new: bool
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """The contract's row for `file register`."""
        return {
            "path": str(self.path),
            "code": str(self.code),
            "version": self.version,
            "kind": str(self.kind),
            "title": self.title,
            "sha256": self.sha256.hex(),
            "iscc": self.iscc,
            "entry": entry_dict(self.entry),
            "new": self.new,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class IssuedCopy:
    """One individually marked copy and its recipient of record."""

    id: CopyId
    code: FileCode
    version: int
    operator: str
    device: str
    ip: str
    issued_at: str
    purpose: Purpose
    sha256: bytes | None
    marks: tuple[AppliedMark, ...]
    entry: Entry
    path: Path | None = None

    def as_dict(self) -> dict[str, object]:
        """The contract's `copy` object."""
        return {
            "id": str(self.id),
            "code": str(self.code),
            "version": self.version,
            "operator": self.operator,
            "device": self.device,
            "ip": self.ip,
            "issued_at": self.issued_at,
            "purpose": str(self.purpose),
            "sha256": self.sha256.hex() if self.sha256 else None,
            "marks": [{"channel": m.channel, "capacity": m.capacity} for m in self.marks],
            "entry": entry_dict(self.entry),
            **({"path": str(self.path)} if self.path else {}),
        }


def entry_dict(entry: Entry) -> dict[str, object]:
    """Show an entry as the contract does: index and leaf hash."""
    return {"index": entry.index, "leaf": entry.leaf.hex()}


def written(at: datetime) -> str:
    """The form in which the register writes times."""
    return stamp(at)
