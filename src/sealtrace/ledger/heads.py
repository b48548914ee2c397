"""The signed head: how it is written, which lines it carries, and that it never goes backwards."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw

from sealtrace.clock import Clock, stamp
from sealtrace.errors import Corrupted, ProofInvalid

from . import merkle
from .database import failures_named
from .keys import Signers, further_signers, public_keys
from .model import Generation, KeySet, LedgerKeys, Problem, Profile, TreeHead
from .note import Note, open_checkpoint
from .notekey import NoteKey, head_text

SCHEMA = """
CREATE TABLE IF NOT EXISTS head(
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    at TEXT NOT NULL,
    checkpoint TEXT NOT NULL       -- the note of this size with the lines every head carries
);
CREATE TABLE IF NOT EXISTS cosignatures(
    size INTEGER NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,          -- the signer's 4-byte key id
    line TEXT NOT NULL,            -- a line that was added after the commit: ML-DSA-44, witnesses
    PRIMARY KEY (size, name, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS generations(
    number INTEGER PRIMARY KEY,
    from_size INTEGER NOT NULL,
    retired_at INTEGER             -- tree size from which this generation signs no more
);
CREATE TABLE IF NOT EXISTS nodes_sm3(
    id INTEGER PRIMARY KEY,        -- as nodes; filled in the SM profile only
    hash BLOB NOT NULL
);
"""
SM3_EXTENSION = "sm3 "
FIRST = Generation(1, 0)


def read_nodes(db: apsw.Connection, table: str = "nodes") -> merkle.ReadNode:
    """Give the reader of stored tree nodes."""
    query = f"SELECT hash FROM {table} WHERE id = ?"  # noqa: S608 (one of two names in this package)

    def read(number: int) -> bytes:
        row = db.execute(query, (number,)).fetchone()
        if row is None:
            raise Corrupted(f"node {number} of the ledger's tree is missing")
        return bytes(row[0])

    return read


def generations(db: apsw.Connection) -> list[Generation]:
    """Every generation of keys, oldest first."""
    found: Any = db.execute("SELECT number, from_size, retired_at FROM generations ORDER BY number")
    return [Generation(*row) for row in found] or [FIRST]


class Heads:
    """Signs and keeps a log's heads."""

    def __init__(self, database: Path, keys: LedgerKeys, clock: Clock) -> None:
        self._keys, self._clock = keys, clock
        self._lock_file = database.with_suffix(".head")
        self.further = further_signers(keys)
        self._signers: list[Signers] = [Signers.of(keys, FIRST)]

    def load(self, db: apsw.Connection) -> Signers:
        """Take in the generations of keys as the database has them; returns the current one's signers."""
        now = generations(db)
        if now != [s.generation for s in self._signers]:
            self._signers = [Signers.of(self._keys, generation) for generation in now]
        return self._signers[-1]

    @property
    def signers(self) -> Signers:
        """The current generation's keys."""
        return self._signers[-1]

    def next_signers(self, size: int) -> Signers:
        """The keys of the generation that a rotation at `size` entries would begin."""
        return Signers.of(self._keys, Generation(self.signers.generation.number + 1, size))

    def public(self) -> KeySet:
        """The public keys of all generations."""
        return public_keys(self._signers, self.further)

    # -- writing ---------------------------------------------------------------------------------

    def write(self, db: apsw.Connection, head: TreeHead, sm3_root: bytes | None) -> str:
        """Sign a head and put it into the database; returns the note."""
        self.load(db)
        text = head_text(self._keys.origin, head)
        if sm3_root is not None:
            text += f"{SM3_EXTENSION}{base64.b64encode(sm3_root).decode()}\n"
        active = [s.checkpoint for s in self._signers[::-1] if s.generation.retired_at is None]
        if self._keys.profile is Profile.SM:
            active += self.further[1:]
        note = text + "\n" + "".join(signer.line(text) for signer in active)
        db.execute(
            "INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?, ?)",
            (head.size, head.root, stamp(self._clock.now()), note),
        )
        return note

    def witness(self, note: str) -> None:
        """Keep the newest signed head beside the database, so that a restored older database shows.

        It may lag after a crash, which is harmless; it is never ahead of what was committed.
        """
        partial = self._lock_file.with_suffix(".head.part")
        try:
            partial.write_text(note, "utf-8")
            partial.replace(self._lock_file)
        except OSError:
            partial.unlink(missing_ok=True)

    # -- reading ---------------------------------------------------------------------------------

    def checkpoint(self, db: apsw.Connection) -> str:
        """The newest head with every line known for it."""
        row = db.execute("SELECT size, checkpoint FROM head").fetchone()
        assert row is not None, "a log has a head from its first moment"
        further = db.execute("SELECT line FROM cosignatures WHERE size = ? ORDER BY name, digest", (row[0],))
        return str(row[1]) + "".join(line for (line,) in further)

    def missing_lines(self, note: str) -> list[str]:
        """Sign what a checkpoint lacks of the log's own further lines."""
        parsed, now = Note.parse(note), int(self._clock.now().timestamp())
        there = {(line.name, line.digest) for line in parsed.lines}
        return [
            signer.line(parsed.text, now)
            for signer in self.further
            if (signer.public.name, signer.public.digest) not in there
        ]

    def keep_lines(self, db: apsw.Connection, size: int, lines: Sequence[str]) -> None:
        """Keep lines that were given for the head of `size` entries; older heads' lines are let go."""
        db.execute("DELETE FROM cosignatures WHERE size < ?", (size,))
        for line in lines:
            [parsed] = Note.parse(f"x\n\n{line}").lines
            db.execute(
                "INSERT OR REPLACE INTO cosignatures VALUES (?, ?, ?, ?)",
                (size, parsed.name, parsed.digest, line),
            )

    # -- checking --------------------------------------------------------------------------------

    def check(self, db: apsw.Connection) -> Iterator[Problem]:
        """Check the head: signatures, roots, and that it did not go backwards. Costs O(log n) reads.

        The witness is read before the database: it lags behind what is committed, so that another process
        that writes in between can't make it look ahead.
        """
        witnessed = self._witnessed()
        with failures_named("reading the ledger's head"):
            row = db.execute("SELECT size, root, checkpoint FROM head").fetchone()
            if row is None:
                yield Problem("head", "it is missing")
                return
            self.load(db)
            size, root, note = row
            try:
                signed = open_checkpoint(note, self.public().verifier_keys)
                Note.parse(note).held_by(NoteKey.parse(key) for key in self.public().cosigner_keys)
            except ProofInvalid as e:
                yield Problem("head", e.message)
                return
            if (signed.origin, signed.size, signed.root) != (self._keys.origin, size, bytes(root)):
                yield Problem("head", "size or root differ from the signed ones")
            elif merkle.root(size, read_nodes(db)) != bytes(root):
                yield Problem("head", "the stored tree has another root")
            else:
                yield from self._check_sm3(db, size, note)
                yield from self._check_witness(db, size, witnessed)

    def _check_sm3(self, db: apsw.Connection, size: int, note: str) -> Iterator[Problem]:
        if self._keys.profile is not Profile.SM:
            return
        root = merkle.root(size, read_nodes(db, "nodes_sm3"), merkle.sm3_node_hash) if size else SM3_EMPTY
        if f"\n{SM3_EXTENSION}{base64.b64encode(root).decode()}\n" not in note:
            yield Problem("head", "the stored SM3 tree has another root than the signed one")

    def _witnessed(self) -> str | OSError | UnicodeDecodeError | None:
        """The witness's text, why it can't be read, or None when there is none yet."""
        try:
            return self._lock_file.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as e:
            return e

    def _check_witness(
        self, db: apsw.Connection, size: int, witnessed: str | OSError | UnicodeDecodeError | None
    ) -> Iterator[Problem]:
        if witnessed is None:
            return
        try:
            if not isinstance(witnessed, str):
                raise witnessed
            seen = open_checkpoint(witnessed, self.public().verifier_keys)
        except (ProofInvalid, OSError, UnicodeDecodeError) as e:
            yield Problem("head witness", f"it can't be read: {e}")
            return
        if seen.size > size:
            yield Problem(
                "head witness", f"a head of {seen.size} entries was signed before; the log has {size}"
            )
        elif merkle.root(seen.size, read_nodes(db)) != seen.root:
            yield Problem("head witness", f"the tree had another root at {seen.size} entries")


SM3_EMPTY = merkle.sm3_empty_root()
