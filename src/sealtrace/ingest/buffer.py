"""The write-ahead buffer: samples are durable here before their source hears that they were taken.

One SQLite database in the home, every commit synchronised. A source's position (cursor) moves in the same
transaction that keeps its samples, so that neither is ahead of the other. Blocks of samples are encrypted
under a key of the home, as originals in the vault are. A block goes when the batch that holds it stands in
the register and the ledger.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealtrace.errors import Corrupted
from sealtrace.ledger.database import connect, failures_named

from .model import Arrival, Sample, Source
from .rules import AHEAD_US

NONCE_BYTES = 12
SCHEMA = """
CREATE TABLE IF NOT EXISTS source(
    name TEXT PRIMARY KEY,
    described BLOB NOT NULL,       -- sealed: Source as JSON
    state BLOB NOT NULL,           -- sealed: cursor of the collector, CBOR
    lot TEXT NOT NULL,
    taken INTEGER NOT NULL         -- samples taken in all: the next number of arrival
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS block(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    window TEXT NOT NULL,
    samples INTEGER NOT NULL,
    arrived_us INTEGER NOT NULL,
    data BLOB NOT NULL             -- sealed: samples, CBOR
);
CREATE INDEX IF NOT EXISTS block_of ON block(source, window, samples, arrived_us);
CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, text BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS closed(source TEXT, window TEXT, PRIMARY KEY(source, window)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tag(
    source TEXT, tag TEXT, taken_us INTEGER NOT NULL, sealed_us INTEGER, PRIMARY KEY(source, tag)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sealing(source TEXT PRIMARY KEY, plan BLOB NOT NULL) WITHOUT ROWID;
"""


@dataclass(slots=True)
class Held:
    """A source as the buffer holds it: its description, the collector's position, the running lot, its count."""

    source: Source
    state: dict[str, Any] = field(default_factory=dict)
    lot: str = ""
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in one window."""

    window: str
    samples: int
    first_arrived_us: int
    last_arrived_us: int
    newest_block: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The batch being sealed: recorded before it is registered, gone when its blocks are."""

    sha256: bytes
    window: str
    closes: bool
    blocks: tuple[int, ...]
    notes: tuple[int, ...]
    newest: Mapping[str, int]
    title: str
    summary: Mapping[str, Any]


class Buffer:
    """The open buffer of a home. One process collects from one source; several may use the buffer."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._box = AESGCM(key)
        self.db = connect(path, create=True)
        with failures_named("laying out the buffer"):
            self.db.execute(SCHEMA)

    def close(self) -> None:
        """Let go of it."""
        self.db.close()

    # -- sources ---------------------------------------------------------------------------------

    def sources(self) -> list[Held]:
        """Every source, by name."""
        query = "SELECT name, described, state, lot, taken FROM source ORDER BY name"
        rows: list[tuple[Any, ...]] = self.db.execute(query).fetchall()
        found = []
        for name, described, state, lot, taken in rows:
            source = Source.from_json(self._open(described, name).decode())
            found.append(Held(source, cbor2.loads(self._open(state, name)), lot, taken))
        return found

    def source(self, name: str) -> Held | None:
        """One source, if it is known."""
        return next((held for held in self.sources() if held.source.name == name), None)

    def describe(self, source: Source) -> None:
        """Enter a source, or its new description; what was taken from it stays."""
        with self._writing("describing a source"):
            self.db.execute(
                "INSERT INTO source VALUES (?1, ?2, ?3, '', 0) ON CONFLICT(name) DO UPDATE SET described = ?2",
                (source.name, self._seal(source.to_json().encode(), source.name),
                 self._seal(cbor2.dumps({}), source.name)),
            )  # fmt: skip

    # -- taking ----------------------------------------------------------------------------------

    def append(
        self, held: Held, samples: Sequence[Sample], state: dict[str, Any], notes: Sequence[str], now_us: int
    ) -> None:
        """Keep samples and notes, and move the source's position: all or nothing, durable when it returns.

        Raises:
            StorageFailed: nothing was kept, and `held` is as it was.
        """
        name, cut = held.source.name, held.source.cut
        lot, windows, newest = held.lot, dict[str, list[tuple[int, Sample]]](), dict[str, int]()
        for number, sample in enumerate(samples, held.taken):
            if sample.tag == cut.tag:
                lot = str(sample.value)
            windows.setdefault(cut.window_of(number, sample, lot), []).append((number, sample))
            if sample.at_us <= now_us + AHEAD_US:
                newest[sample.tag] = sample.at_us
        taken = held.taken + len(samples)
        with self._writing("keeping samples"):
            self.db.executemany(
                "INSERT INTO block(source, window, samples, arrived_us, data) VALUES (?, ?, ?, ?, ?)",
                [
                    (name, w, len(found), now_us, self._seal(_packed(found), name))
                    for w, found in windows.items()
                ],
            )
            self._note(name, notes)
            self.db.executemany(
                "INSERT INTO tag VALUES (?1, ?2, ?3, NULL)"
                " ON CONFLICT(source, tag) DO UPDATE SET taken_us = ?3",
                [(name, tag, at) for tag, at in newest.items()],
            )
            self.db.execute(
                "UPDATE source SET state = ?, lot = ?, taken = ? WHERE name = ?",
                (self._seal(cbor2.dumps(state), name), lot, taken, name),
            )
        held.state, held.lot, held.taken = state, lot, taken

    def newest(self, name: str, *, sealed: bool = False) -> dict[str, int]:
        """Source time of each tag's last sample that was taken, or of its newest that was sealed, in microseconds.

        Samples dated ahead of the clock don't count: a wrong date must not hide what follows it.
        """
        column = "sealed_us" if sealed else "taken_us"
        rows = self.db.execute(
            f"SELECT tag, {column} FROM tag WHERE source = ? AND {column} IS NOT NULL",  # noqa: S608 (two fixed names)
            (name,),
        )
        return {str(tag): int(at) for tag, at in rows}

    # -- sealing ---------------------------------------------------------------------------------

    def waiting(self, name: str) -> list[Waiting]:
        """What waits to be sealed, by window, in the order they began."""
        rows = self.db.execute(
            "SELECT window, sum(samples), min(arrived_us), max(arrived_us), max(id) FROM block WHERE source = ?"
            " GROUP BY window ORDER BY min(id)",
            (name,),
        )
        return [Waiting(*row) for row in rows]

    def is_closed(self, name: str, window: str) -> bool:
        """Whether a window was sealed for good, so that what comes now is late."""
        row = self.db.execute(
            "SELECT 1 FROM closed WHERE source = ? AND window = ?", (name, window)
        ).fetchone()
        return row is not None

    def read(self, name: str, window: str, most: int) -> tuple[tuple[int, ...], list[Arrival]]:
        """Blocks of a window, oldest first, until they have `most` samples; with the samples in arrival order."""
        ids, found = [], list[Arrival]()
        query = "SELECT id, arrived_us, data FROM block WHERE source = ? AND window = ? ORDER BY id"
        for number, arrived, data in self.db.execute(query, (name, window)):
            ids.append(int(number))
            found += [Arrival(n, s, int(arrived)) for n, s in _unpacked(self._open(data, name))]
            if len(found) >= most:
                break
        return tuple(ids), found

    def notes(self, name: str) -> list[tuple[int, str]]:
        """What was noted outside the samples and not sealed yet."""
        rows = self.db.execute("SELECT id, text FROM note WHERE source = ? ORDER BY id", (name,))
        return [(int(number), self._open(text, name).decode()) for number, text in rows]

    def plan(self, name: str) -> Plan | None:
        """The batch that was being sealed, if one was."""
        row = self.db.execute("SELECT plan FROM sealing WHERE source = ?", (name,)).fetchone()
        return None if row is None else Plan(**cbor2.loads(self._open(row[0], name)))

    def begin(self, name: str, plan: Plan) -> None:
        """Record what is going to be registered. Durable when it returns."""
        kept = {part: getattr(plan, part) for part in Plan.__dataclass_fields__}
        with self._writing("recording a batch"):
            self.db.execute(
                "INSERT OR REPLACE INTO sealing VALUES (?, ?)", (name, self._seal(cbor2.dumps(kept), name))
            )

    def abandon(self, name: str) -> None:
        """Forget a batch that was never registered; its samples still wait."""
        with self._writing("leaving a batch"):
            self.db.execute("DELETE FROM sealing WHERE source = ?", (name,))

    def finish(self, name: str, plan: Plan, notes: Sequence[str] = ()) -> None:
        """Let go of what a registered batch holds. Safe to call again with the same plan."""
        with self._writing("finishing a batch"):
            self.db.executemany("DELETE FROM block WHERE id = ?", [(i,) for i in plan.blocks])
            self.db.executemany("DELETE FROM note WHERE id = ?", [(i,) for i in plan.notes])
            self._note(name, notes)
            self.db.executemany(
                "UPDATE tag SET sealed_us = max(coalesce(sealed_us, ?3), ?3) WHERE source = ?1 AND tag = ?2",
                [(name, tag, at) for tag, at in plan.newest.items()],
            )
            if plan.closes:
                self.db.execute("INSERT OR IGNORE INTO closed VALUES (?, ?)", (name, plan.window))
            self.db.execute("DELETE FROM sealing WHERE source = ?", (name,))

    # -- inside ----------------------------------------------------------------------------------

    def _note(self, name: str, notes: Sequence[str]) -> None:
        self.db.executemany(
            "INSERT INTO note(source, text) VALUES (?, ?)",
            [(name, self._seal(text.encode(), name)) for text in notes],
        )

    @contextmanager
    def _writing(self, doing: str) -> Iterator[None]:
        with failures_named(doing):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def _seal(self, data: bytes, bound_to: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, data, bound_to.encode())

    def _open(self, box: bytes, bound_to: str) -> bytes:
        try:
            return self._box.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound_to.encode())
        except InvalidTag:
            raise Corrupted(f"the buffer of {bound_to} holds bytes this home did not write") from None


def _packed(found: Sequence[tuple[int, Sample]]) -> bytes:
    tags: dict[str, int] = {}
    columns: tuple[list[Any], ...] = ([], [], [], [])
    poor = {}
    for place, (number, sample) in enumerate(found):
        row = (number, sample.at_us, tags.setdefault(sample.tag, len(tags)), sample.value)
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
        if sample.status is not None:
            poor[place] = sample.status
    return cbor2.dumps([list(tags), *columns, poor])


def _unpacked(data: bytes) -> Iterator[tuple[int, Sample]]:
    tags, numbers, times, places, values, poor = cbor2.loads(data)
    for i, (number, at, tag, value) in enumerate(zip(numbers, times, places, values, strict=True)):
        yield number, Sample(at, tags[tag], value, poor.get(i))
