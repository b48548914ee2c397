"""ZIP: its members, their digests and, where they can be read, their text."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind, detect
from sealtrace.content.model import Content, Member, Part
from sealtrace.errors import InputDamaged, InputEncrypted, InputTooLarge, SealtraceError

CHUNK = 1 << 20
FREE_BYTES = 1 << 20  # below this a member may compress as well as it likes


def read(path: Path, kind: Kind, nesting: int = 0) -> Content:
    """Read every member once; text of members becomes parts named by the member's path."""
    members, parts = [], []
    with open_archive(path) as archive:
        total = 0
        for info in archive.infolist():
            if info.is_dir():
                continue
            total += info.file_size
            _check(path, info, total)
            member, found = _member(archive, info, nesting)
            members.append(member)
            parts += found
    return Content(kind, None, tuple(parts), (), tuple(members))


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a ZIP and check its directory against the bounds.

    Raises:
        InputDamaged, InputTooLarge.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise InputDamaged(f"{path.name} can't be read as ZIP: {e}") from e
    infos = archive.infolist()
    if len(infos) > bounds.MEMBERS:
        archive.close()
        raise InputTooLarge(f"{path.name} has {len(infos)} members; at most {bounds.MEMBERS} are read")
    starts = [info.header_offset for info in infos]
    if len(set(starts)) != len(starts):
        archive.close()
        raise InputDamaged(f"{path.name} has members that overlap, as archive bombs do")
    return archive


def _check(path: Path, info: zipfile.ZipInfo, total: int) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or "\0" in info.filename:
        raise InputDamaged(f"{path.name} has a member that points outside: {info.filename[:80]!r}")
    if info.flag_bits & 1:
        raise InputEncrypted(f"{path.name}: member {info.filename[:80]!r} asks for a password")
    if total > bounds.UNPACKED_BYTES:
        raise InputTooLarge(f"{path.name} unpacks to more than {bounds.UNPACKED_BYTES} bytes")
    if info.file_size > FREE_BYTES and info.file_size > bounds.RATIO * max(info.compress_size, 1):
        raise InputTooLarge(
            f"{path.name}: member {info.filename[:80]!r} unpacks more than {bounds.RATIO}-fold"
        )


def chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Stream a member; never more than its directory entry promised."""
    left = info.file_size
    with archive.open(info) as source:
        while chunk := source.read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise InputDamaged(f"member {info.filename[:80]!r} is longer than its directory entry says")
            yield chunk


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, nesting: int) -> tuple[Member, list[Part]]:
    whole = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix="sealtrace-member-") as folder:
        path = Path(folder) / f"member{PurePosixPath(info.filename).suffix[:12]}"
        keep = info.file_size <= bounds.MEMBER_TEXT_BYTES
        with path.open("wb") as target:
            for number, chunk in enumerate(chunks(archive, info)):
                whole.update(chunk)
                if keep or number == 0:
                    target.write(chunk)
        kind = detect(path) if info.file_size else Kind.OPAQUE
        parts = _texts(path, kind, info.filename, nesting) if keep and info.file_size else []
    return Member(info.filename, whole.digest(), info.file_size, kind), parts


def _texts(path: Path, kind: Kind, name: str, nesting: int) -> list[Part]:
    """The text of one member; a member that can't be read is still a member, known by its digest."""
    from sealtrace.content.reader import read_here

    if kind is Kind.ZIP:
        if nesting + 1 >= bounds.NESTING:
            return []
        inner = read(path, kind, nesting + 1)
    else:
        try:
            inner = read_here(path, kind)
        except SealtraceError:
            return []
    return [Part(f"{name} · {part.name}", part.text) for part in inner.parts]
