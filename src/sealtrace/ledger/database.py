"""The one SQLite database of a home: how it is opened, and how its failures are named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw

from sealtrace.errors import Corrupted, HomeLocked, SealtraceError, StorageFailed

BUSY_MS = 10_000
PAGE_BYTES = 8192
AUTOCHECKPOINT_PAGES = 32_768  # measured: 1.8 times the speed of the defaults at batches of 1,000
BESIDE_PAGES = 4096  # so much of the write-ahead log is moved at a time while the writer goes on
CACHE_KIB = 16_384

_REFUSED = (apsw.FullError, apsw.IOError, apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError)
_DAMAGED = (apsw.CorruptError, apsw.NotADBError)


def connect(path: Path, *, create: bool = False, query_only: bool = False) -> apsw.Connection:
    """Open the database: write-ahead log, every commit synchronised, foreign keys on.

    Raises:
        StorageFailed, Corrupted: it can't be opened.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    with failures_named(f"opening {path.name}"):
        db = apsw.Connection(str(path), flags=flags)
        db.set_busy_timeout(BUSY_MS)
        if create:
            db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        mode = db.execute("PRAGMA journal_mode = WAL").fetchone()
        assert mode == ("wal",), f"the database is not in WAL mode but {mode}"
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        db.execute("PRAGMA secure_delete = ON")
        if query_only:
            db.execute("PRAGMA query_only = ON")
    return db


class Checkpoints:
    """Moves the write-ahead log into the database while the writer goes on, so that no commit waits for it.

    The writer moves what is left once the log has AUTOCHECKPOINT_PAGES, and begins it anew. A checkpoint
    that fails changes nothing: what is in the log is durable there.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._moved = path, 0
        self._thread: threading.Thread | None = None

    def follow(self, db: apsw.Connection) -> None:
        """Look after the log of a writing connection; this takes the place of SQLite's own checkpoints."""
        db.set_wal_hook(self._after_commit)

    def close(self) -> None:
        """Wait for the checkpoint that is under way."""
        if self._thread is not None:
            self._thread.join()

    def _after_commit(self, db: apsw.Connection, _name: str, pages: int) -> int:
        if pages < self._moved:
            self._moved = 0
        if pages >= AUTOCHECKPOINT_PAGES:
            self.close()
            with suppress(apsw.Error):
                db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        elif pages - self._moved >= BESIDE_PAGES and not (self._thread and self._thread.is_alive()):
            self._moved = pages
            self._thread = threading.Thread(target=self._move, name="checkpoint", daemon=True)
            self._thread.start()
        return apsw.SQLITE_OK

    def _move(self) -> None:
        with suppress(apsw.Error, SealtraceError), closing(connect(self._path)) as db:
            db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)


@contextmanager
def failures_named(doing: str) -> Iterator[None]:
    """Turn SQLite's errors into ours, saying what was being done."""
    try:
        yield
    except _REFUSED as e:
        raise StorageFailed(f"{doing}: {e}") from e
    except _DAMAGED as e:
        raise Corrupted(f"{doing}: {e}") from e
    except apsw.BusyError as e:
        raise HomeLocked(f"{doing}: another process keeps the database busy") from e
