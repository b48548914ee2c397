"""The signed head: how it is written, which lines it carries, and that it never goes backwards."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw

from sealtrace.clock import Clock, stamp
from sealtrace.errors import ProofInvalid

from . import merkle
from .database import failures_named
from .keys import Signers, further_signers, public_keys
from .model import Generation, KeySet, LedgerKeys, Problem, Profile, TreeHead
from .note import Checkpoint, Note, open_checkpoint
from .notekey import NoteKey, head_text, read_head
from .tree import SM3, read_nodes

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
"""
SM3_EXTENSION = "sm3 "
WITNESS_BYTES = 4096
FIRST = Generation(1, 0)


def generations(db: apsw.Connection) -> list[Generation]:
    """Every generation of keys, oldest first."""
    found: Any = db.execute("SELECT number, from_size, retired_at FROM generations ORDER BY number")
    return [Generation(*row) for row in found] or [FIRST]


class Heads:
    """Signs and keeps a log's heads."""

    def __init__(self, database: Path, keys: LedgerKeys, clock: Clock) -> None:
        self._keys, self._clock = keys, clock
        self._lock_file = database.with_suffix(".head")
        self._place: int | None = None  # where the next head is written in it
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

    @property
    def every_signers(self) -> tuple[Signers, ...]:
        """The keys of every generation, oldest first."""
        return tuple(self._signers)

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
        db.execute("DELETE FROM cosignatures WHERE size <> ?", (head.size,))  # older heads' lines are let go
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

        It is not synchronised: after a power cut it may lag, or be torn, and then says nothing until the
        next head. Both are harmless; it is never ahead of what was committed. The file has two places that
        are written in turn, so that a torn write leaves the head before: replacing a file instead makes the
        file system flush it, which took a tenth of the time of a batch of 1,000.
        """
        data = note.encode()
        if len(data) > WITNESS_BYTES:
            return
        try:
            handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                if self._place is None:
                    self._place = _older_place(os.pread(handle, 2 * WITNESS_BYTES, 0))
                os.pwrite(handle, data.ljust(WITNESS_BYTES, b"\0"), WITNESS_BYTES * self._place)
                self._place = 1 - self._place
            finally:
                os.close(handle)
        except OSError:
            self._place = None

    def renew_witness(self, db: apsw.Connection) -> None:
        """Write the newest signed head beside the database where a power cut left none, or an older one."""
        row = db.execute("SELECT size, checkpoint FROM head").fetchone()
        newest = -1
        for note in self._kept():
            with suppress(ProofInvalid, UnicodeDecodeError):  # a place that was torn in the middle
                newest = max(newest, read_head(Note.parse(note.decode()).text)[1].size)
        if row is not None and newest < row[0]:
            self.witness(str(row[1]))

    def _kept(self) -> list[bytes]:
        """The heads that stand beside the database; what a power cut tore is left out."""
        try:
            data = self._lock_file.read_bytes()
        except FileNotFoundError:
            return []
        return [note for note in _witnessed(data) if not torn(note)]

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
        kept, problem = self._witnessed()
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
                yield from self._check_witness(db, size, kept, problem)

    def _check_sm3(self, db: apsw.Connection, size: int, note: str) -> Iterator[Problem]:
        if self._keys.profile is not Profile.SM:
            return
        root = merkle.root(size, read_nodes(db, SM3), merkle.sm3_node_hash) if size else SM3_EMPTY
        if f"\n{SM3_EXTENSION}{base64.b64encode(root).decode()}\n" not in note:
            yield Problem("head", "the stored SM3 tree has another root than the signed one")

    def _witnessed(self) -> tuple[list[bytes], str]:
        """The heads that stand beside the database, or why they can't be read."""
        try:
            return self._kept(), ""
        except OSError as e:
            return [], str(e)

    def _check_witness(
        self, db: apsw.Connection, size: int, kept: Sequence[bytes], problem: str
    ) -> Iterator[Problem]:
        seen: Checkpoint | None = None
        for note in kept:
            try:
                head = open_checkpoint(note.decode(), self.public().of_any_time)
            except (ProofInvalid, UnicodeDecodeError) as e:
                problem = str(e)
                continue
            if seen is None or head.size > seen.size:
                seen = head
        if seen is None:
            if problem:
                yield Problem("head witness", f"it can't be read: {problem}")
        elif seen.size > size:
            yield Problem(
                "head witness", f"a head of {seen.size} entries was signed before; the log has {size}"
            )
        elif merkle.root(seen.size, read_nodes(db)) != seen.root:
            yield Problem("head witness", f"the tree had another root at {seen.size} entries")

    def check_lines(self, db: apsw.Connection, witness_keys: Sequence[str]) -> Iterator[Problem]:
        """Check the lines that were added to the newest head: each by a key of the log or of its witnesses.

        Both heads that stand beside the database are checked too; to open it, one that holds is enough.
        """
        for kept in self._kept():
            try:
                open_checkpoint(kept.decode(), self.public().of_any_time)
            except (ProofInvalid, UnicodeDecodeError) as e:
                yield Problem("head witness", f"it can't be read: {e}")
        known = self.public()
        keys = [NoteKey.parse(key) for key in (*known.verifier_keys, *known.cosigner_keys, *witness_keys)]
        names = {(key.name, key.digest) for key in keys}
        query = "SELECT c.size, c.name, c.digest, c.line, h.size, h.checkpoint FROM cosignatures c, head h"
        for size, name, digest, line, head_size, note in db.execute(query):
            place = f"line of {name}"
            try:
                [row] = Note.parse(f"x\n\n{line}").lines
                if (
                    size != head_size
                    or (row.name, row.digest) != (name, bytes(digest))
                    or (name, row.digest) not in names
                ):
                    yield Problem(place, "it stands on a head or under a name that it does not belong to")
                Note.parse(note + line).held_by(keys)
            except (ProofInvalid, ValueError) as e:
                yield Problem(place, str(e))


def torn(data: bytes) -> bool:
    """Tell whether a note's file was cut short or left unwritten by a power cut: no end of line, or NUL bytes."""
    return not data.endswith(b"\n") or b"\0" in data


def _witnessed(data: bytes) -> list[bytes]:
    """The notes in the two places of the file beside the database; one of them may be torn, or not be there."""
    places = data[:WITNESS_BYTES], data[WITNESS_BYTES : 2 * WITNESS_BYTES]
    return [note for note in (place.rstrip(b"\0") for place in places) if note]


def _older_place(data: bytes) -> int:
    """Which of the two places to write first: one that is free or torn, else the one of the smaller head."""
    sizes = []
    for at in (0, WITNESS_BYTES):
        lines = data[at : at + WITNESS_BYTES].split(b"\n", 2)
        sizes.append(int(lines[1]) if len(lines) == 3 and lines[1].isdigit() else -1)
    return sizes.index(min(sizes))


SM3_EMPTY = merkle.sm3_empty_root()
