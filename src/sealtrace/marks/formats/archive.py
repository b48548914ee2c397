"""ZIP archives: the stamp in the comment, and in every member that has a place for it, one level deep."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind, detect
from sealtrace.content.readers.archive import chunks, open_archive
from sealtrace.errors import SealtraceError
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.stamp import TOKEN_BITS, in_bytes

from . import zipped
from .model import DIGEST_BITS, NO_PAGES, FilePlan, Job


def plan(source: Path, kind: Kind) -> FilePlan:  # noqa: ARG001 (every format takes both)
    """A comment can always be added."""
    with open_archive(source):
        return FilePlan(stamp=True, notes=("members carry the stamp; pages inside an archive carry no tint",))


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy; members that can't be read or marked are copied as they are."""
    changed = {}
    with open_archive(job.source) as archive:
        for info in archive.infolist():
            with _member(archive, info) as path:
                if path is not None and (made := _marked(path, job)) is not None:
                    changed[info.filename] = made
        comment = archive.comment
    text = job.text.encode()
    zipped.patch(job.source, job.target, changed, comment + b"\n" + text if comment else text)
    return AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)


def stamps(path: Path) -> list[bytes]:
    """Read tokens from the comment and from members."""
    from sealtrace.marks.files import stamps_here

    found: dict[bytes, None] = {}
    with open_archive(path) as archive:
        found |= dict.fromkeys(in_bytes(archive.comment))
        for info in archive.infolist():
            with _member(archive, info) as member:
                if member is not None and (kind := detect(member)) is not Kind.ZIP:
                    found |= dict.fromkeys(stamps_here(member, kind))
    return list(found)


@contextmanager
def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Path | None]:
    """A member as a file, when it is small and honest enough to be read."""
    if info.is_dir() or info.flag_bits & 1 or not 0 < info.file_size <= bounds.MEMBER_TEXT_BYTES:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="sealtrace-member-") as folder:
        path = Path(folder) / f"member{PurePosixPath(info.filename).suffix[:12]}"
        try:
            path.write_bytes(b"".join(chunks(archive, info)))
        except (SealtraceError, zipfile.BadZipFile, NotImplementedError):
            yield None
            return
        yield path


def _marked(path: Path, job: Job) -> bytes | None:
    from sealtrace.marks.files import format_of, plan_here

    kind = detect(path)
    if kind in (Kind.ZIP, Kind.OPAQUE):
        return None
    target = path.with_name("marked")
    try:
        found = plan_here(path, kind)
        if not found.stamp:
            return None
        inner = replace(job, source=path, target=target, kind=kind, plan=replace(found, mark_plan=NO_PAGES))
        format_of(kind).write(replace(inner, layout_key=None, bits=None))
        return target.read_bytes()
    except SealtraceError:
        return None
