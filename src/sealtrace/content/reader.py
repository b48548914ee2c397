"""Read a file: one reader a kind, all in the sandbox, all within bounds."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from sealtrace import sandbox
from sealtrace.errors import InputDamaged, InputTooLarge, SealtraceError

from . import bounds
from .kinds import IMAGES, OFFICE, TEXTS, Kind
from .model import Content, Member, PageSize, Part

__all__ = ["Content", "Member", "PageSize", "Part", "read", "read_here"]

LIMITS = sandbox.Limits(seconds=bounds.SECONDS)
_READERS = {
    Kind.PDF: "pdf",
    Kind.PARQUET: "parquet",
    Kind.SQLITE: "sqlite",
    Kind.ZIP: "archive",
    Kind.SVG: "svg",
    Kind.DXF: "dxf",
    **dict.fromkeys(IMAGES, "image"),
    **dict.fromkeys(OFFICE, "office"),
}


def read(path: Path, kind: Kind) -> Content:
    """Read a file in the sandbox.

    Raises:
        InputDamaged, InputEncrypted, InputTooLarge, InputRefused: it can't be read as this kind.
    """
    if kind is Kind.OPAQUE:
        return Content(kind)
    size = path.stat().st_size
    if size > bounds.PARSED_BYTES:
        raise InputTooLarge(f"{path.name} has {size} bytes; files above {bounds.PARSED_BYTES} are not parsed")
    return sandbox.call(read_here, path.absolute(), kind, limits=LIMITS)


def read_here(path: Path, kind: Kind) -> Content:
    """Read a file in this process. Only for the sandbox and for bytes we made ourselves."""
    name = _READERS.get(kind, "text" if kind in TEXTS else "")
    if not name:
        return Content(kind)
    reader: Callable[[Path, Kind], Content] = import_module(f".readers.{name}", __package__).read
    try:
        return _bounded(reader(path, kind))
    except (SealtraceError, MemoryError):
        raise
    except Exception as e:  # whatever a foreign parser trips over on bad bytes is damage to us
        raise InputDamaged(f"{path.name} can't be read as {kind}: {type(e).__name__}: {e}"[:300]) from e


def _bounded(content: Content) -> Content:
    """Keep text within bounds; what is beyond is left out of the index, never out of the vault."""
    left, parts = bounds.TEXT_CHARACTERS, []
    for part in content.parts:
        text = part.text[: max(left, 0)]
        left -= len(text)
        parts.append(Part(part.name, text))
    return Content(content.kind, content.title, tuple(parts), content.pages, content.members)
