"""What the server answers, as values. Fields that a newer server adds are passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an act stands in the ledger: its index and leaf hash, in hex."""

    index: int
    leaf: str

    @classmethod
    def read(cls, obj: Json) -> Entry:
        """Read the server's object."""
        return cls(obj["index"], obj["leaf"])


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes the server keeps for a request that is to follow."""

    id: str
    name: str
    sha256: str
    size_bytes: int

    @classmethod
    def read(cls, obj: Json) -> Upload:
        """Read the server's object."""
        return cls(obj["id"], obj["name"], obj["sha256"], obj["size_bytes"])


@dataclass(frozen=True, slots=True)
class Job:
    """Long work. `result` once it is done, `problem` once it failed."""

    id: int
    kind: str
    state: str
    stage: str
    done: int
    total: int
    result: Json | None
    problem: Json | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed")

    @classmethod
    def read(cls, obj: Json) -> Job:
        """Read the server's object."""
        return cls(
            *(obj[name] for name in ("id", "kind", "state", "stage", "done", "total", "result", "problem"))
        )


@dataclass(frozen=True, slots=True)
class File:
    """A registered version."""

    code: str
    version: int
    title: str
    level: str
    kind: str
    sha256: str
    size_bytes: int
    registered_at: str

    @classmethod
    def read(cls, obj: Json) -> File:
        """Read the server's object."""
        names = ("code", "version", "title", "level", "kind", "sha256", "size_bytes", "registered_at")
        return cls(*(obj[name] for name in names))


@dataclass(frozen=True, slots=True)
class Registered:
    """What registering one file gave: its code, or why it was refused."""

    name: str
    code: str | None
    version: int | None
    new: bool
    entry: Entry | None
    refused: Json | None

    @classmethod
    def read(cls, obj: Json) -> Registered:
        """Read the server's object."""
        entry = obj.get("entry")
        return cls(
            obj["name"], obj.get("code"), obj.get("version"), bool(obj.get("new")),
            Entry.read(entry) if entry else None, obj.get("refused"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """An issued copy and its recipient of record."""

    id: str
    code: str
    version: int
    operator: str
    device: str
    ip: str
    issued_at: str
    sha256: str | None
    entry: Entry

    @classmethod
    def read(cls, obj: Json) -> Copy:
        """Read the server's object."""
        names = ("id", "code", "version", "operator", "device", "ip", "issued_at", "sha256")
        return cls(**{name: obj[name] for name in names}, entry=Entry.read(obj["entry"]))


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer of a trace. copies: accused ones only, as the contract writes them."""

    trace: str
    result: str
    file: Json | None
    copies: tuple[Json, ...]
    considered: int
    entry: Entry

    @classmethod
    def read(cls, obj: Json) -> Trace:
        """Read the server's object."""
        return cls(
            obj["trace"], obj["result"], obj["file"], tuple(obj["copies"]), obj["considered"],
            Entry.read(obj["entry"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `request` is the key of its request for a second approval, where it needs one."""

    id: int
    file: str
    state: str
    form: str
    request: str | None
    job: int | None
    copies: tuple[str, ...]

    @classmethod
    def read(cls, obj: Json) -> Order:
        """Read the server's object."""
        names = ("id", "file", "state", "form", "request", "job")
        return cls(**{name: obj[name] for name in names}, copies=tuple(obj["copies"]))


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a copy now."""

    in_force: bool
    revoked: bool
    expires_at: str | None

    @classmethod
    def read(cls, obj: Json) -> Standing:
        """Read the server's object."""
        return cls(obj["in_force"], obj["revoked"], obj["expires_at"])


@dataclass(frozen=True, slots=True)
class Packaged:
    """A package that was made, and the code that opens it, which the server keeps nowhere."""

    copy: Copy
    code: str

    @classmethod
    def read(cls, obj: Json) -> Packaged:
        """Read the server's object."""
        return cls(Copy.read(obj["copy"]), obj["code"])


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it is on record.

    state: made, handed-over or received. received_by: who signed, if the receipt came back.
    """

    copy: Copy
    state: str
    standing: Standing
    organisation: str
    purpose: str
    undertaking: str
    waits: bool
    received_by: str | None

    @classmethod
    def read(cls, obj: Json) -> Package:
        """Read the server's object."""
        names = ("state", "organisation", "purpose", "undertaking", "waits")
        return cls(
            copy=Copy.read(obj["copy"]), standing=Standing.read(obj["standing"]),
            received_by=obj["received"]["who"] if obj["received"] else None, **{name: obj[name] for name in names},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device; `revoked_at` once it was revoked."""

    code: str
    operator: str
    kind: str
    enrolled_at: str
    revoked_at: str | None

    @classmethod
    def read(cls, obj: Json) -> Device:
        """Read the server's object."""
        return cls(*(obj[name] for name in ("code", "operator", "kind", "enrolled_at", "revoked_at")))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list. `following` is the address of the next part, None at the end."""

    items: tuple[T, ...]
    following: str | None
