"""The notary's journal: which logs it serves, which copies it marked, which leaks it weighed. SQLite, durable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from sealtrace.errors import StorageFailed

SCHEMA = """
CREATE TABLE IF NOT EXISTS logs(log TEXT PRIMARY KEY, key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS copies(
    log TEXT NOT NULL,
    copy BLOB NOT NULL,
    document BLOB NOT NULL,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    channel TEXT NOT NULL,
    symbols INTEGER NOT NULL,
    marked_at TEXT NOT NULL,
    given INTEGER NOT NULL,      -- how often its half left this folder
    allowed INTEGER NOT NULL,    -- how often it may
    PRIMARY KEY (log, copy)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS copies_of_document ON copies(log, document);
CREATE TABLE IF NOT EXISTS weighings(
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    log TEXT NOT NULL,
    trace TEXT NOT NULL,
    document BLOB NOT NULL,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    channel TEXT NOT NULL,
    symbols INTEGER NOT NULL,
    round INTEGER NOT NULL,
    considered INTEGER NOT NULL,
    chance REAL NOT NULL,
    looks INTEGER NOT NULL,
    copies BLOB NOT NULL,        -- the ids weighed, 8 bytes each
    found INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS acts(
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, act TEXT NOT NULL, about TEXT NOT NULL, why TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One copy that was marked, and how often its half was given and may be."""

    copy: bytes
    document: bytes
    code: str
    version: int
    channel: str
    symbols: int
    marked_at: str
    given: int
    allowed: int


@dataclass(frozen=True, slots=True)
class WeighingRow:
    """One weighing: of which leak and document, in which round, under what bound, and how many copies it named."""

    at: str
    log: str
    trace: str
    document: bytes
    code: str
    version: int
    channel: str
    symbols: int
    round: int
    considered: int
    chance: float
    looks: int
    copies: bytes
    found: int


@dataclass(frozen=True, slots=True)
class ActRow:
    """Something the notary's people did: a log admitted, a copy allowed again, keys disclosed."""

    at: str
    act: str
    about: str
    why: str


class Journal:
    """One open journal; each write is durable when it returns."""

    def __init__(self, place: Path) -> None:
        try:
            self._db = apsw.Connection(str(place))
            self._db.setbusytimeout(5000)
            self._db.execute("PRAGMA journal_mode=WAL").fetchall()
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(SCHEMA)
        except apsw.Error as e:
            raise StorageFailed(f"the notary's journal {place} can't be opened: {e}") from e

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do several writes, all or none; others wait."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # -- logs ------------------------------------------------------------------------------------

    def admit(self, log: str, key: bytes) -> None:
        """Serve a log whose orders this key signs."""
        self._db.execute("INSERT OR REPLACE INTO logs VALUES (?, ?)", (log, key))

    def key_of(self, log: str) -> bytes | None:
        """The key that signs a log's orders; None for a log that is not served."""
        row = self._db.execute("SELECT key FROM logs WHERE log = ?", (log,)).fetchone()
        return bytes(row[0]) if row else None

    def logs(self) -> list[tuple[str, bytes]]:
        """Every log served, with its key."""
        return [(str(log), bytes(key)) for log, key in self._db.execute("SELECT * FROM logs ORDER BY log")]

    # -- copies ----------------------------------------------------------------------------------

    def copy(self, log: str, copy: bytes) -> CopyRow | None:
        """A copy that was marked; None when it was not."""
        query = f"SELECT {_COPY} FROM copies WHERE log = ? AND copy = ?"  # noqa: S608 (a constant)
        row = self._db.execute(query, (log, copy)).fetchone()
        return CopyRow(*row) if row else None

    def insert_copy(self, log: str, row: CopyRow) -> None:
        """Note a copy that is marked now."""
        self._db.execute(
            "INSERT INTO copies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (log, row.copy, row.document, row.code, row.version, row.channel, row.symbols, row.marked_at,
             row.given, row.allowed),
        )  # fmt: skip

    def give(self, log: str, copy: bytes) -> None:
        """Note that a copy's half leaves this folder."""
        self._db.execute("UPDATE copies SET given = given + 1 WHERE log = ? AND copy = ?", (log, copy))

    def allow(self, log: str, copy: bytes) -> bool:
        """Let a copy's half leave once more; tells whether there is such a copy."""
        self._db.execute("UPDATE copies SET allowed = given + 1 WHERE log = ? AND copy = ?", (log, copy))
        return self._db.changes() > 0

    def copies_of(self, log: str, document: bytes) -> set[bytes]:
        """The ids of all copies of a document that were marked."""
        query = "SELECT copy FROM copies WHERE log = ? AND document = ?"
        return {bytes(row[0]) for row in self._db.execute(query, (log, document))}

    def counts(self) -> list[tuple[str, int, int]]:
        """For each log: copies marked, copies whose half was given more than once."""
        query = "SELECT log, COUNT(*), SUM(given > 1) FROM copies GROUP BY log ORDER BY log"
        return [(str(log), int(n), int(again)) for log, n, again in self._db.execute(query)]

    # -- weighings, acts -------------------------------------------------------------------------

    def weighed_before(self, row: WeighingRow) -> int:
        """How often copies of this document were weighed in this round of this trace."""
        query = (
            "SELECT COUNT(*) FROM weighings"
            " WHERE log = ? AND trace = ? AND document = ? AND channel = ? AND round = ?"
        )
        found = self._db.execute(query, (row.log, row.trace, row.document, row.channel, row.round)).fetchone()
        assert found is not None
        return int(found[0])

    def insert_weighing(self, row: WeighingRow) -> None:
        """Note a weighing before its answer leaves."""
        self._db.execute(
            "INSERT INTO weighings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (row.at, row.log, row.trace, row.document, row.code, row.version, row.channel, row.symbols,
             row.round, row.considered, row.chance, row.looks, row.copies, row.found),
        )  # fmt: skip

    def weighings(self, trace: str | None = None) -> list[WeighingRow]:
        """Weighings, oldest first: all, or those of one trace."""
        query = (
            "SELECT at, log, trace, document, code, version, channel, symbols, round, considered, chance, looks,"
            " copies, found FROM weighings WHERE ?1 IS NULL OR trace = ?1 ORDER BY id"
        )
        return [WeighingRow(*row) for row in self._db.execute(query, (trace,))]

    def insert_act(self, row: ActRow) -> None:
        """Note what the notary's people did."""
        values: Sequence[str] = (row.at, row.act, row.about, row.why)
        self._db.execute("INSERT INTO acts(at, act, about, why) VALUES (?, ?, ?, ?)", tuple(values))

    def acts(self) -> list[ActRow]:
        """What the notary's people did, oldest first."""
        return [ActRow(*row) for row in self._db.execute("SELECT at, act, about, why FROM acts ORDER BY id")]


_COPY = "copy, document, code, version, channel, symbols, marked_at, given, allowed"
