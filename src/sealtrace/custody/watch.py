"""Watch a folder: what appears is registered, what changes becomes a new version.

The home remembers which file code each path has, so a restart takes up where it stopped. The home is
held only while files are being registered; other commands work in between.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from sealtrace.errors import HomeLocked, SealtraceError, StorageFailed
from sealtrace.ids import FileCode

from . import indexing, store
from .digests import digest_file
from .model import Level, RegisteredFile
from .office import Office
from .register import Options, Refused, register_one

IGNORED_ENDINGS = (".tmp", ".part", ".crdownload", ".swp", ".lock", "~")
IGNORED_STARTS = (".", "~$", "._")

SCHEMA = """
CREATE TABLE IF NOT EXISTS watched(
    path TEXT PRIMARY KEY,       -- absolute
    code INTEGER,                -- NULL: it was refused
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A file the watch registered, or found again after a change."""

    file: RegisteredFile


def watch_folder(
    office: Office, folder: Path, *, level: str, once: bool, settle_s: float
) -> Iterator[Watched | Refused]:
    """Register what is in `folder` now, then what appears or changes, until the caller stops.

    A file is read once it has rested `settle_s` seconds. Renaming keeps the code (same bytes). Deleting
    changes nothing: the original is in the vault.
    """
    office.ledger.append([], lambda db, _entries: _lay(db))
    yield from _round(office, folder, level, settle_s=0.0 if once else settle_s)
    if once:
        return
    from watchfiles import watch

    for _changes in watch(
        folder, yield_on_timeout=True, rust_timeout=int(max(settle_s, 0.2) * 1000), debounce=200
    ):
        yield from _round(office, folder, level, settle_s)


def _lay(db: apsw.Connection) -> None:
    db.execute(SCHEMA)


def _round(office: Office, folder: Path, level: str, settle_s: float) -> Iterator[Watched | Refused]:
    todo = [path for path in _candidates(folder) if _is_due(office, path, settle_s)]
    if not todo:
        return
    try:
        with office.writing():
            for path in todo:
                yield from _take(office, path, level)
            indexing.catch_up(office)
    except HomeLocked:
        return  # another command is writing; the next round finds the same files again


def _candidates(folder: Path) -> list[Path]:
    return sorted(
        p
        for p in folder.rglob("*")
        if p.is_file()
        and not p.is_symlink()
        and not any(part.startswith(IGNORED_STARTS) for part in p.relative_to(folder).parts)
        and not p.name.endswith(IGNORED_ENDINGS)
    )


def _is_due(office: Office, path: Path, settle_s: float) -> bool:
    try:
        now = path.stat()
    except OSError:
        return False
    if time.time() - now.st_mtime < settle_s or now.st_size == 0:
        return False
    return _remembered(office.db, path) != (now.st_size, now.st_mtime_ns)


def _remembered(db: apsw.Connection, path: Path) -> tuple[int, int] | None:
    row = db.execute(
        "SELECT size_bytes, modified_ns FROM watched WHERE path = ?", (str(path.absolute()),)
    ).fetchone()
    return (row[0], row[1]) if row else None


def _code_of(db: apsw.Connection, path: Path) -> FileCode | None:
    row = db.execute("SELECT code FROM watched WHERE path = ?", (str(path.absolute()),)).fetchone()
    return FileCode(row[0]) if row and row[0] is not None else None


def _take(office: Office, path: Path, level: str) -> Iterator[Watched | Refused]:
    """Register one path: the next version of what stood there before, unless its bytes are known."""
    try:
        seen = path.stat()
        digest, _ = digest_file(path)
        before = _code_of(office.db, path)
        known = store.version_by_digest(office.db, digest)
        code = before if known is None else None
        registered = register_one(office, path, Options(level=Level(level), new_version_of=code))
    except StorageFailed:
        raise
    except SealtraceError as e:
        _remember(office, path, None)
        yield Refused(path, e)
        return
    except OSError:
        return  # it went away again
    _remember(office, path, (registered.code, seen.st_size, seen.st_mtime_ns))
    if registered.new:
        yield Watched(registered)


def _remember(office: Office, path: Path, seen: tuple[FileCode, int, int] | None) -> None:
    """Note what was seen at a path; a refused file is noted too, so that it is reported once."""
    name = str(path.absolute())
    row: tuple[str, int | None, int, int]
    if seen is None:
        try:
            now = path.stat()
        except OSError:
            return
        row = (name, None, now.st_size, now.st_mtime_ns)
        before = _code_of(office.db, path)
        if before is not None:
            row = (name, before.value, now.st_size, now.st_mtime_ns)
    else:
        row = (name, seen[0].value, seen[1], seen[2])

    def write(db: apsw.Connection, _entries: object) -> None:
        db.execute("INSERT OR REPLACE INTO watched VALUES (?, ?, ?, ?)", row)

    office.ledger.append([], write)
