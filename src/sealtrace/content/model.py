"""Values: what a file says."""

from __future__ import annotations

from dataclasses import dataclass

from .kinds import Kind


@dataclass(frozen=True, slots=True)
class Part:
    """A page, sheet, slide, archive member, or the whole, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class PageSize:
    """Size of a page as it is seen: "pt" for PDF (visible box, after rotation), "px" for pictures."""

    width: float
    height: float
    unit: str


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive."""

    name: str
    sha256: bytes
    size_bytes: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Content:
    """What one file says."""

    kind: Kind
    title: str | None = None
    parts: tuple[Part, ...] = ()
    pages: tuple[PageSize, ...] = ()
    members: tuple[Member, ...] = ()

    @property
    def text(self) -> str:
        """All text, parts in order."""
        return "\n".join(part.text for part in self.parts)
