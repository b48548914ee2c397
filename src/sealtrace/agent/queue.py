"""What is still to be sent: kept in SQLite with its bytes, so that neither kill -9 nor a pulled plug loses it.

A file is queued under an idempotency key before anything is sent; it stays until the server's answer is on the disk.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import apsw

from sealtrace.errors import InputUnreadable, StorageFailed

SCHEMA = """
CREATE TABLE IF NOT EXISTS items(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    level TEXT NOT NULL,
    key TEXT NOT NULL,           -- the request's idempotency key, the same for every try
    answer TEXT,                 -- JSON, once there is one
    UNIQUE(name, sha256)
);
CREATE TABLE IF NOT EXISTS seen(path TEXT PRIMARY KEY, size INTEGER, changed INTEGER) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A file to be registered: its name, digest, level, key, and what the server said."""

    id: int
    name: str
    sha256: str
    level: str
    key: str
    answer: dict[str, Any] | None


class Queue:
    """The queue of one agent. One process uses it at a time."""

    def __init__(self, folder: Path) -> None:
        self._spool = folder / "spool"
        with _refusals(f"opening the queue in {folder}"):
            self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = apsw.Connection(str(folder / "queue.db"))
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(SCHEMA)
            (folder / "queue.db").chmod(0o600)

    def close(self) -> None:
        """Let go of it."""
        self._db.close()

    def is_new(self, path: Path) -> bool:
        """Whether a file has not been queued as it is now, by size and time of change."""
        at = path.stat()
        known = self._db.execute("SELECT size, changed FROM seen WHERE path = ?", (str(path),)).fetchone()
        return known != (at.st_size, at.st_mtime_ns)

    def add(self, path: Path, *, level: str) -> Item:
        """Queue a file as it is now; its bytes are kept, so that it may change or go. The same one again is one item.

        Raises:
            InputUnreadable: it can't be read.
            StorageFailed: no room; nothing was queued.
        """
        at = path.stat()
        beside = self._spool / f".{os.getpid()}-{secrets.token_hex(4)}"
        try:
            with _refusals(f"keeping {path.name}"):
                try:
                    source = path.open("rb")
                except OSError as e:
                    raise InputUnreadable(f"{path}: {e.strerror}") from e
                with source, beside.open("xb") as kept:
                    shutil.copyfileobj(source, kept, 1 << 20)
                    kept.flush()
                    os.fsync(kept.fileno())
                with beside.open("rb") as kept:
                    digest = file_digest(kept, "sha256").hexdigest()
                beside.replace(self._spool / digest)
                with self._db:
                    self._db.execute(
                        "INSERT INTO items(name, sha256, level, key) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        (path.name, digest, level, secrets.token_urlsafe(18)),
                    )
                    self._db.execute(
                        "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)",
                        (str(path), at.st_size, at.st_mtime_ns),
                    )
        finally:
            beside.unlink(missing_ok=True)
        [item] = self._items("WHERE name = ? AND sha256 = ?", (path.name, digest))
        return item

    def waiting(self) -> list[Item]:
        """What has no answer yet, oldest first."""
        return self._items("WHERE answer IS NULL ORDER BY id")

    def answered(self, newest: int = 20) -> list[Item]:
        """What was answered, newest first."""
        return self._items("WHERE answer IS NOT NULL ORDER BY id DESC LIMIT ?", (newest,))

    @contextmanager
    def file(self, item: Item) -> Iterator[Path]:
        """An item's bytes under its own name."""
        folder = self._spool / f"{item.id}-out"
        with _refusals(f"laying out {item.name}"):
            folder.mkdir(exist_ok=True)
            place = folder / item.name
            place.unlink(missing_ok=True)
            os.link(self._spool / item.sha256, place)
        try:
            yield place
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def renew(self, item: Item) -> None:
        """Give an item another idempotency key, when the server no longer takes the old one."""
        with _refusals("writing the queue"):
            self._db.execute("UPDATE items SET key = ? WHERE id = ?", (secrets.token_urlsafe(18), item.id))

    def answer(self, item: Item, answer: dict[str, Any]) -> None:
        """Keep the server's answer, then let the bytes go when nobody else needs them."""
        with _refusals("writing the queue"):
            self._db.execute("UPDATE items SET answer = ? WHERE id = ?", (json.dumps(answer), item.id))
        if not self._items("WHERE sha256 = ? AND answer IS NULL", (item.sha256,)):
            (self._spool / item.sha256).unlink(missing_ok=True)

    def _items(self, where: str, args: tuple[Any, ...] = ()) -> list[Item]:
        rows = self._db.execute(f"SELECT id, name, sha256, level, key, answer FROM items {where}", args)  # noqa: S608
        return [_item(row) for row in rows]


def _item(row: Any) -> Item:
    number, name, sha256, level, key, answer = row
    return Item(number, name, sha256, level, key, json.loads(answer) if answer else None)


@contextmanager
def _refusals(doing: str) -> Iterator[None]:
    try:
        yield
    except (OSError, apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError) as e:
        raise StorageFailed(f"{doing}: {e}") from e
