"""What a file says of itself: who or what made it, and when. Claims: anybody can write anything there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sealtrace import sandbox
from sealtrace.errors import InputDamaged, SealtraceError

from .kinds import IMAGES, OFFICE, Kind
from .reader import LIMITS

LONGEST = 200
_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d'?\d\d)?")
_EXIF_DATE = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$")


@dataclass(frozen=True, slots=True)
class Claims:
    """A file's own metadata; empty where it says nothing. Times in ISO 8601, with an offset only if one is said."""

    author: str = ""
    producer: str = ""
    created: str = ""
    modified: str = ""

    def as_dict(self) -> dict[str, str]:
        """Only what is said."""
        return {name: value for name, value in asdict(self).items() if value}


def read(path: Path, kind: Kind) -> Claims:
    """Read a file's claims in the sandbox.

    Raises:
        InputDamaged, InputEncrypted, InputTooLarge, InputRefused: it can't be read as this kind.
    """
    if kind is not Kind.PDF and kind not in IMAGES and kind not in OFFICE:
        return Claims()
    return sandbox.call(read_here, path.absolute(), kind, limits=LIMITS)


def read_here(path: Path, kind: Kind) -> Claims:
    """Read in this process. Only for the sandbox and for bytes we made ourselves."""
    reader: Callable[[Path, Kind], Claims]
    reader = _pdf if kind is Kind.PDF else _office if kind in OFFICE else _picture
    try:
        return reader(path, kind)
    except (SealtraceError, MemoryError):
        raise
    except Exception as e:  # whatever a foreign parser trips over on bad bytes is damage to us
        raise InputDamaged(f"{path.name} can't be read as {kind}: {type(e).__name__}") from e


def _pdf(path: Path, _kind: Kind) -> Claims:
    from .readers.pdf import open_document

    document = open_document(path)
    said = document.get_metadata_dict()
    document.close()
    producer = " / ".join(filter(None, (said.get("Creator", ""), said.get("Producer", ""))))
    return Claims(
        _short(said.get("Author", "")), _short(producer), _pdf_time(said.get("CreationDate", "")),
        _pdf_time(said.get("ModDate", "")),
    )  # fmt: skip


def _office(path: Path, _kind: Kind) -> Claims:
    from .readers.archive import open_archive
    from .readers.office import core_properties

    with open_archive(path) as archive:
        said = core_properties(archive)
    return Claims(
        _short(said.get("lastModifiedBy") or said.get("creator", "")), "",
        _iso(said.get("created", "")), _iso(said.get("modified", "")),
    )  # fmt: skip


def _picture(path: Path, kind: Kind) -> Claims:
    from .readers.image import opened

    with opened(path, kind) as picture:
        exif = picture.getexif()
        camera = " ".join(filter(None, (str(exif.get(tag, "")).strip() for tag in (0x010F, 0x0110, 0x0131))))
        taken = str(exif.get_ifd(0x8769).get(0x9003, ""))
        return Claims(
            _short(str(exif.get(0x013B, ""))), _short(camera), _exif_time(taken),
            _exif_time(str(exif.get(0x0132, ""))),
        )  # fmt: skip


def _short(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:LONGEST]


def _pdf_time(text: str) -> str:
    """Source: ISO 32000-1, 7.9.4."""
    found = _PDF_DATE.match(text.strip())
    if found is None:
        return ""
    year, month, day, hour, minute, second, zone = found.groups()
    offset = {None: "", "Z": "+00:00"}.get(zone, "")
    if zone and zone != "Z":
        digits = zone.replace("'", "")
        offset = f"{digits[:3]}:{digits[3:5]}"
    return _iso(f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}")


def _exif_time(text: str) -> str:
    """Source: EXIF 2.32, 4.6.5: local time without a zone."""
    found = _EXIF_DATE.match(text.strip("\0 "))
    return _iso("{}-{}-{}T{}:{}:{}".format(*found.groups())) if found else ""


def _iso(text: str) -> str:
    try:
        return datetime.fromisoformat(text.strip()).isoformat(timespec="seconds") if text else ""
    except ValueError:
        return ""
