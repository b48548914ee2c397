"""Register files: identity, vault, ledger entry, indexes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import apsw

from sealtrace.content import bounds
from sealtrace.content.identity import iscc, near
from sealtrace.content.kinds import Kind, sniff
from sealtrace.content.reader import Content, read
from sealtrace.errors import (
    InputChanged,
    InputTooLarge,
    NotAnOriginal,
    SealtraceError,
    StorageFailed,
    VersionConflict,
)
from sealtrace.ids import FileCode, VersionRef
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.model import Entry
from sealtrace.marks import files as mark_files
from sealtrace.marks.table.declaration import Declaration

from . import indexing, store
from .digests import digest_file
from .home import storage_guard
from .model import Level, RegisteredFile, Version, written
from .office import Office

NEAR_DUPLICATE = 0.85


@dataclass(frozen=True, slots=True)
class Options:
    """How files are to be registered."""

    level: Level = Level.GENERAL
    title: str | None = None
    new_version_of: FileCode | None = None
    uncertainty: Mapping[str, object] | None = None
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A path that was not registered, and why."""

    path: Path
    error: SealtraceError


def register(office: Office, paths: Sequence[Path], options: Options) -> Iterator[RegisteredFile | Refused]:
    """Register each path in turn; one bad file never stops the rest. Folders are walked.

    Yields one result a file, each durable when it is yielded.
    """
    with office.writing():
        for path in _walk(paths):
            try:
                yield register_one(office, path, options)
            except StorageFailed:
                raise  # the home itself can't go on
            except SealtraceError as e:
                yield Refused(path, e)
        indexing.catch_up(office)


def register_one(office: Office, path: Path, options: Options) -> RegisteredFile:
    """Register one file, or answer with the code its bytes already have."""
    before = _fingerprint(path)
    digest, size = digest_file(path)
    known = _known(office, path, digest, options)
    if known is not None:
        return known
    kind = Kind.OPAQUE if options.opaque else sniff(path)
    if kind is not Kind.OPAQUE and size > bounds.PARSED_BYTES:
        raise InputTooLarge(f"{path.name} has {size} bytes; files above {bounds.PARSED_BYTES} are not parsed")
    content = read(path, kind)
    identity = iscc(path, content)
    declared = Declaration.from_dict(options.uncertainty) if options.uncertainty else None
    plan = mark_files.plan(path, kind, declared, two_keys=office.two_keys)
    stored = office.vault.put(path)
    if stored.sha256 != digest or _fingerprint(path) != before:
        raise InputChanged(f"{path.name} changed while it was being registered")
    version = Version(
        row=0,
        code=_code(office, options),
        version=_next_version(office, options),
        title=_title(options, content, path),
        level=options.level,
        name=path.name,
        kind=kind,
        size_bytes=size,
        sha256=digest,
        iscc=identity,
        key_id=os.urandom(16),
        plan=plan,
        pages=len(content.pages),
        registered_at=written(office.clock.now()),
        entry=-1,
        uncertainty=options.uncertainty,
    )
    notes = (*_near_notes(office, version), *plan.notes)
    entry = _enter(office, version, content, options)
    indexing.remember(office, digest, content)
    return RegisteredFile(
        path,
        version.code,
        version.version,
        kind,
        version.title,
        digest,
        identity,
        entry,
        new=True,
        notes=notes,
    )


def preview(office: Office, paths: Sequence[Path], *, opaque: bool) -> list[dict[str, str | None]]:
    """Tell what `register` would do with each path, without writing anything."""
    rows: list[dict[str, str | None]] = []
    for path in _walk(paths):
        try:
            digest, _ = digest_file(path)
            known = _known(office, path, digest, Options())
            kind = known.kind if known else Kind.OPAQUE if opaque else sniff(path)
            rows.append({"path": str(path), "kind": kind.value, "note": known.notes[0] if known else "new"})
        except SealtraceError as e:
            rows.append({"path": str(path), "kind": None, "note": f"{e.code}: {e.message}"})
    return rows


def _walk(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        else:
            yield path


def _fingerprint(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None  # digest_file says what is wrong with it
    return found.st_ino, found.st_size, found.st_mtime_ns


def _known(office: Office, path: Path, digest: bytes, options: Options) -> RegisteredFile | None:
    copy = store.copy_by_digest(office.db, digest)
    if copy is not None:
        held = store.version_by_row(office.db, copy.version)
        raise NotAnOriginal(f"{path.name} is an issued copy of {held.ref} ({copy.id}), not an original")
    same = store.version_by_digest(office.db, digest)
    if same is None:
        return None
    if options.new_version_of is not None and options.new_version_of != same.code:
        raise VersionConflict(
            f"{path.name} has the bytes of {same.ref}; it can't become a version of {options.new_version_of}"
        )
    note = f"these bytes are already registered as {same.ref}"
    return RegisteredFile(
        path, same.code, same.version, same.kind, same.title, digest, same.iscc,
        office.entry(same.entry), new=False, notes=(note,),
    )  # fmt: skip


def _code(office: Office, options: Options) -> FileCode:
    if options.new_version_of is not None:
        office.version(VersionRef(options.new_version_of))
        return options.new_version_of
    while store.code_taken(office.db, code := FileCode.random()):
        pass
    return code


def _next_version(office: Office, options: Options) -> int:
    if options.new_version_of is None:
        return 1
    return office.version(VersionRef(options.new_version_of)).version + 1


def _title(options: Options, content: Content, path: Path) -> str:
    title = options.title or content.title or path.stem
    return " ".join(title.split())[:200] or path.stem[:200]


def _near_notes(office: Office, version: Version) -> list[str]:
    """Name what looks nearly the same, closest first, at most three, leaving out the file's own chain."""
    found = [
        (likeness, VersionRef(code, number))
        for code, number, other in store.codes_and_isccs(office.db)
        if code != version.code and (likeness := near(version.iscc, other)) >= NEAR_DUPLICATE
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [
        f"looks nearly the same as {ref} (content similarity {likeness:.0%})" for likeness, ref in found[:3]
    ]


def plan_digest(version: Version) -> bytes:
    """The digest of what decides where marks may go: the plan and the declared uncertainty."""
    described = [version.plan.to_dict(), version.uncertainty]
    return hashlib.sha256(json.dumps(described, sort_keys=True, ensure_ascii=False).encode()).digest()


def _enter(office: Office, version: Version, content: Content, options: Options) -> Entry:
    def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        file = (
            store.insert_file(db, version.code, version.title, version.level)
            if options.new_version_of is None
            else store.file_row(db, version.code)
        )
        assert file is not None
        opening = office.subjects.seal_office(sealed.opening, version.key_id)
        row = store.insert_version(db, file, replace(version, entry=entry.index), opening)
        store.insert_members(db, row, [(m.name, m.sha256) for m in content.members])
        store.insert_units(db, row, [p.name for p in content.parts])

    with storage_guard("registering a file"):
        return office.record(
            "file:registered",
            version.key_id.hex(),
            {
                "code": str(version.code),
                "version": version.version,
                "sha256": version.sha256,
                "size_bytes": version.size_bytes,
                "kind": version.kind.value,
                "level": version.level.value,
                "iscc": version.iscc,
                "registered_at": version.registered_at,
                "title": version.title,
                "name": version.name,
                "pages": version.pages,
                "plan_sha256": plan_digest(version),
            },
            rows,
        )
