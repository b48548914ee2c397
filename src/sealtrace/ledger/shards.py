"""Shards: the statements of a closed stretch of the log, moved to a sealed file of their own.

The tree, the hashes and the search keys stay in the log for ever, so that every proof goes on working;
the bodies of a year may be kept on slower storage, and purged when a policy says so. A shard's file is
named in the entry that closed it by its SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw

from sealtrace.errors import Corrupted, UsageProblem

from . import bundles
from .database import failures_named
from .merkle import leaf_hash
from .model import Problem
from .tiles import make_folder, synchronise
from .tree import WIDTH, read_leaf

SCHEMA = """
CREATE TABLE IF NOT EXISTS shards(
    name TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    past INTEGER NOT NULL,         -- one beyond its last entry
    sha256 BLOB NOT NULL,
    purged INTEGER                 -- the entry that ordered its purge
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Shard:
    """Entries [first, past) in a file of their own."""

    name: str
    first: int
    past: int
    sha256: bytes
    purged: int | None = None


class Shards:
    """The closed shards of one log, in a folder beside its database."""

    def __init__(self, database: Path, reader: Callable[[], apsw.Connection]) -> None:
        self._folder, self._reader = database.parent / "shards", reader

    def all(self) -> list[Shard]:
        """Every shard, oldest first."""
        db = self._reader()
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'shards'").fetchone() is None:
            return []
        rows = db.execute("SELECT name, first, past, sha256, purged FROM shards ORDER BY first")
        return [
            Shard(str(name), int(first), int(past), bytes(digest), None if purged is None else int(purged))
            for name, first, past, digest, purged in rows
        ]

    def path(self, shard: Shard) -> Path:
        """Where a shard's file is."""
        return self._folder / f"{shard.name}.db"

    def body(self, index: int) -> bytes | None:
        """The statement of an entry in a shard; None when it was purged.

        Raises:
            Corrupted: the shard's file is missing although nobody purged it.
        """
        shard = next((s for s in self.all() if s.first <= index < s.past), None)
        if shard is None or shard.purged is not None:
            return None
        with failures_named(f"reading shard {shard.name}"), closing(self._open(shard)) as db:
            row = db.execute("SELECT statement FROM entries WHERE id = ?", (index,)).fetchone()
        return bytes(row[0]) if row else None

    def check(self) -> Iterator[Problem]:
        """Compare every shard's file with the digest its entry names."""
        for shard in self.all():
            path = self.path(shard)
            if shard.purged is None and not path.exists():
                yield Problem(f"shard {shard.name}", "its file is missing")
            elif shard.purged is None and _digest(path) != shard.sha256:
                yield Problem(f"shard {shard.name}", "its file differs from what was sealed")

    def prepare(self, name: str, past: int) -> Shard:
        """Write the file of a shard up to entry `past`; nothing is moved yet, and it is harmless to repeat.

        Raises:
            UsageProblem: the name is taken, or the stretch is empty or not made of whole tiles.
        """
        first, past = self.stretch(name, past)
        make_folder(self._folder)
        path = self._folder / f"{name}.db"
        path.unlink(missing_ok=True)
        log, expected = self._reader(), first
        with failures_named(f"writing shard {name}"), closing(apsw.Connection(str(path))) as db:
            for setting in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "BEGIN"):
                db.execute(setting).fetchall()  # a statement that gives rows holds back what follows it
            db.execute("CREATE TABLE entries(id INTEGER PRIMARY KEY, statement BLOB NOT NULL)")
            for row, bundle in bundles.rows(log, first, past):
                for index, statement in enumerate(bundles.split(bundle), row):
                    if index != expected or leaf_hash(statement) != read_leaf(log, index):
                        raise Corrupted(
                            f"entry {expected} does not give its leaf hash: the shard is not sealed"
                        )
                    db.execute("INSERT INTO entries VALUES (?, ?)", (index, statement))
                    expected = index + 1
            db.execute("COMMIT")
        if expected != past:
            raise Corrupted(f"entry {expected} is missing: the shard is not sealed")
        synchronise(path)
        synchronise(path.parent)
        path.chmod(0o400)
        return Shard(name, first, past, _digest(path))

    def stretch(self, name: str, past: int) -> tuple[int, int]:
        """The entries [first, past) that a shard of this name would hold. Raises as `prepare` does."""
        known, size = self.all(), self._reader().execute("SELECT size FROM head").fetchone()
        first = known[-1].past if known else 0
        if any(shard.name == name for shard in known) or not name.replace("-", "").isalnum():
            raise UsageProblem(
                f"a shard can't be named {name!r}", advice="Give an unused name of letters and digits."
            )
        if not first < past <= (size[0] if size else 0) or past % WIDTH:
            raise UsageProblem(
                f"a shard ends beyond entry {first}, inside the log and at a multiple of {WIDTH}; {past} is not that",
                advice="Wait until there are more entries; --past N names the entry after the last one.",
            )
        return first, past

    def close(self, db: apsw.Connection, shard: Shard) -> None:
        """Let the log's database go of the bodies; the file is there. Runs in the caller's transaction."""
        db.execute(SCHEMA)
        db.execute(
            "INSERT INTO shards VALUES (?, ?, ?, ?, NULL)",
            (shard.name, shard.first, shard.past, shard.sha256),
        )
        bundles.remove(db, shard.first, shard.past)

    def purge(
        self, db: apsw.Connection, shard: Shard, entry: int, spared: Sequence[tuple[int, bytes]]
    ) -> None:
        """Note that a shard's bodies are purged, but for some that go back into the log.

        The caller removes the file once this is durable.
        """
        for index, body in spared:
            bundles.write(db, index, [body])
        db.execute("UPDATE shards SET purged = ? WHERE name = ?", (entry, shard.name))

    def remove_purged(self) -> None:
        """Remove the files of purged shards; finishes what a crash interrupted."""
        for shard in self.all():
            if shard.purged is not None:
                self.path(shard).unlink(missing_ok=True)

    def _open(self, shard: Shard) -> apsw.Connection:
        path = self.path(shard)
        if not path.exists():
            raise Corrupted(f"the file of shard {shard.name} is missing")
        return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)


def _digest(path: Path) -> bytes:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").digest()
