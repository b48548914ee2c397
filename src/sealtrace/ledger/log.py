"""The log: one writer with group commit, acknowledged only when durable, proofs on demand.

Callers queue; whoever finds no leader becomes it, takes all that is queued (up to 1,000 entries), writes
it in one transaction and wakes the others. Each call stands in its own savepoint with its rows: one that
fails takes nothing of the others with it. The tree's nodes and the signed head are part of the same
transaction, so opening after a crash is opening, nothing else.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

import apsw
import cbor2

from sealtrace.clock import Clock
from sealtrace.errors import Corrupted, HistoryForked, NotRegistered, SealtraceError

from . import bundles, cose, merkle, search
from .database import Checkpoints, connect, failures_named
from .heads import SM3_EMPTY, Heads
from .keys import Signers, key_id
from .layout import SCHEMA, bring_up_to_date
from .model import Draft, Entry, KeySet, LedgerKeys, Problem, Profile, TreeHead
from .shards import Shards
from .statement import StatementSigner
from .tree import SM3, Tree, read_leaf, read_nodes
from .verify import INCLUSION, RFC9162_SHA256, VDP, VDS

if TYPE_CHECKING:
    from .check import Part

MAX_BATCH = 1000
Rows = Callable[[apsw.Connection, Sequence[Entry]], None]


@dataclass(eq=False)
class _Call:
    """One caller's entries on their way into the log."""

    statements: Sequence[bytes]
    rows: Rows | None
    done: threading.Event = field(default_factory=threading.Event)
    bundle: bytes = field(init=False)
    leaves: list[bytes] = field(init=False)
    start: int = -1  # the index of the first, once it has a place
    error: BaseException | None = None

    def __post_init__(self) -> None:
        bundles.must_fit(self.statements)
        # in the caller's thread: another's may be writing
        self.bundle = bundles.join(self.statements)
        self.leaves = merkle.leaf_hashes(self.statements, self.bundle)

    def entries(self) -> list[Entry]:
        """The entries as they stand in the log."""
        indexes = range(self.start, self.start + len(self.statements))
        # straight to the tuple, without a call of Python for each
        return list(
            map(tuple.__new__, repeat(Entry), zip(indexes, self.leaves, self.statements, strict=True))
        )


class Ledger:
    """A tamper-evident log in an SQLite database that its owner may keep other tables in."""

    def __init__(self, database: Path, keys: LedgerKeys, clock: Clock) -> None:
        self._path, self._keys = database, keys
        self.heads = Heads(database, keys, clock)
        self.shards = Shards(database, self.reader)
        self._local = threading.local()
        self._queue: deque[_Call] = deque()
        self._gate = threading.Lock()  # guards the queue
        self._leading = threading.Lock()  # held by the one writer
        self._writer: apsw.Connection | None = None
        self._checkpoints = Checkpoints(database)
        self._tree: Tree | None = None
        self._tree_sm3: Tree | None = None
        self._made_signer: tuple[Signers, StatementSigner] | None = None
        self._open_readers: WeakSet[apsw.Connection] = WeakSet()  # a thread's goes when the thread does
        self._inherited: apsw.Connection | None = None

    # -- opening ---------------------------------------------------------------------------------

    @classmethod
    def create(cls, database: Path, keys: LedgerKeys, clock: Clock) -> Ledger:
        """Make an empty log in a new database.

        Raises:
            StorageFailed: the place can't be written.
        """
        with failures_named("creating the ledger"):
            db = connect(database, create=True)
            db.execute("BEGIN IMMEDIATE")
            db.execute(SCHEMA)
            db.execute("COMMIT")
            db.close()
        made = cls(database, keys, clock)
        made.append([], lambda db, _: made._write_first_head(db))
        return made

    @classmethod
    def open(cls, database: Path, keys: LedgerKeys, clock: Clock) -> Ledger:
        """Open an existing log and check its head: signature, root, and that it did not go backwards.

        Costs O(log n) reads.

        Raises:
            Corrupted: the stored head does not fit the stored tree or its signature.
            HistoryForked: the log is behind, or differs from, a head it signed before.
        """
        if not database.exists():
            raise Corrupted(f"{database.name} is missing")
        opened = cls(database, keys, clock)
        with failures_named("reading the ledger"):
            bring_up_to_date(opened.reader(), opened._writing)
        problems = list(opened.heads.check(opened.reader()))
        if problems:
            opened.close()
            kind = HistoryForked if problems[0].place == "head witness" else Corrupted
            raise kind(f"the ledger's {problems[0].place} does not hold: {problems[0].problem}")
        opened.heads.renew_witness(opened.reader())
        opened.shards.remove_purged()
        return opened

    def reader(self) -> apsw.Connection:
        """Give this thread's read connection; the caller's own tables live in the same database."""
        pid, db = getattr(self._local, "reader", (0, None))
        if db is None or pid != os.getpid():
            self._inherited = db or self._inherited  # of a process that forked: not ours to close
            db = connect(self._path, query_only=True)
            self._local.reader = (os.getpid(), db)
            self._open_readers.add(db)
        assert isinstance(db, apsw.Connection)
        return db

    def close(self) -> None:
        """Close every connection."""
        self._checkpoints.close()
        for db in (*self._open_readers, *([self._writer] if self._writer else [])):
            db.close()
        self._open_readers.clear()
        self._local = threading.local()
        self._writer = None
        self._forget_edges()

    def _forget_edges(self) -> None:
        self._tree = self._tree_sm3 = None

    def refresh(self) -> None:
        """Take in what another process appended. Call once its turn at the home is over."""
        with self._leading:
            self._forget_edges()
            self.heads.load(self.reader())

    # -- appending -------------------------------------------------------------------------------

    def append(self, drafts: Sequence[Draft], rows: Rows | None = None) -> list[Entry]:
        """Sign and enter drafts, and write the caller's rows, in one transaction. Durable when it returns.

        `rows` gets the writing connection and the entries; what it raises undoes this call alone and is
        raised here. Safe to call again after StorageFailed: either nothing was kept, or the entries are
        there once more under new indices.

        Raises:
            StorageFailed: the disk refused; nothing was acknowledged.
            ProofInvalid: a statement is longer than an entry can be.
        """
        signer = self._statement_signer(self.heads.signers)
        return self.append_signed([signer.sign(draft) for draft in drafts], rows)

    def append_signed(self, statements: Sequence[bytes], rows: Rows | None = None) -> list[Entry]:
        """Enter statements that were signed already, as a registration from outside brings them; as `append`."""
        call = _Call(statements, rows)
        self._see_through([call])
        if call.error is not None:
            raise call.error
        return call.entries()

    def append_each(
        self, orders: Sequence[tuple[Sequence[Draft], Rows | None]]
    ) -> list[list[Entry] | BaseException]:
        """Enter the drafts of several callers in one commit, each in a savepoint of its own; as `append`.

        Returns, for each, its entries, or what its rows raised: that undoes its own entries alone.
        """
        signer = self._statement_signer(self.heads.signers)
        calls = [_Call([signer.sign(draft) for draft in drafts], rows) for drafts, rows in orders]
        self._see_through(calls)
        return [call.error if call.error is not None else call.entries() for call in calls]

    def _see_through(self, calls: Sequence[_Call]) -> None:
        """Queue calls, and lead or wait until they are done."""
        if not calls:
            return
        last = calls[-1]
        with self._gate:
            self._queue.extend(calls)
        while not last.done.is_set():
            if self._leading.acquire(timeout=0.05):
                try:
                    if not last.done.is_set():
                        self._lead()
                finally:
                    self._leading.release()
            else:
                last.done.wait(0.05)

    def empty_write_ahead_log(self) -> None:
        """Move everything from the write-ahead log into the database and empty it, as an erasure needs.

        Raises:
            HomeLocked: a reader kept it in use.
        """
        with self._leading, failures_named("emptying the write-ahead log"):
            self._writing().wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _statement_signer(self, signers: Signers) -> StatementSigner:
        made = self._made_signer
        if made is None or made[0] is not signers:
            made = self._made_signer = (signers, StatementSigner(self._keys.issuer, signers.statement))
        return made[1]

    def _lead(self) -> None:
        """Write what is queued. Runs with the leading lock held."""
        batch = self._take()
        try:
            with failures_named("writing to the ledger"):
                self._write(batch)
        except BaseException as e:
            self._forget_writer()
            for call in batch:
                call.error = call.error or e
        for call in batch:
            call.done.set()

    def _take(self) -> list[_Call]:
        batch: list[_Call] = []
        size = 0
        with self._gate:
            while self._queue and (not batch or size + len(self._queue[0].statements) <= MAX_BATCH):
                batch.append(self._queue.popleft())
                size += len(batch[-1].statements)
        return batch

    def _write(self, batch: Sequence[_Call]) -> None:
        db = self._writing()
        db.execute("BEGIN IMMEDIATE")
        try:
            tree = self._current(db)
            past = before = tree.size
            for call in batch:
                self._write_call(db, call, past)
                past += len(call.statements) if call.error is None else 0
            if past > before:
                self._grow(db, tree, [call for call in batch if call.error is None])
                note = self._write_head(db)
            db.execute("COMMIT")
        except BaseException:
            self._forget_edges()
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        if past > before:
            self.heads.witness(note)

    def _grow(self, db: apsw.Connection, tree: Tree, calls: Sequence[_Call]) -> None:
        """Store the calls' statements, and add them to the tree and to the SM profile's second tree over SM3."""
        start, statements = tree.size, [data for call in calls for data in call.statements]
        bundle = b"".join([call.bundle for call in calls])
        bundles.write(db, start, statements, bundle)
        if self._keys.profile is Profile.SM:
            leaves = merkle.sm3_leaf_hashes(statements, bundle)
            self._current_sm3(db, start).append(db, b"".join(leaves))
        tree.append(db, b"".join([leaf for call in calls for leaf in call.leaves]))
        search.update(db, start, tree.size)

    def _write_call(self, db: apsw.Connection, call: _Call, start: int) -> None:
        """Write a call's rows in a savepoint of their own; their failure is the call's unless the disk refused."""
        call.start = start
        if call.rows is None:
            return
        db.execute("SAVEPOINT call")
        try:
            call.rows(db, call.entries())
            db.execute("RELEASE call")
        except (apsw.FullError, apsw.IOError, apsw.ReadOnlyError):
            raise
        except BaseException as e:
            db.execute("ROLLBACK TO call")
            db.execute("RELEASE call")
            call.error = e

    def _writing(self) -> apsw.Connection:
        if self._writer is None:
            self._writer = connect(self._path)
            self._checkpoints.follow(self._writer)
        return self._writer

    def _forget_writer(self) -> None:
        """After a failure of unknown extent, read the truth from the database again."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with suppress(apsw.Error):  # the next writer recovers from the write-ahead log as after a crash
                writer.close()
        self._forget_edges()

    def _current(self, db: apsw.Connection) -> Tree:
        row = db.execute("SELECT size FROM head").fetchone()
        size = row[0] if row else 0
        if self._tree is None or self._tree.size != size:
            self._tree = Tree(db, size)
        return self._tree

    def _current_sm3(self, db: apsw.Connection, size: int) -> Tree:
        if self._tree_sm3 is None or self._tree_sm3.size != size:
            self._tree_sm3 = Tree(db, size, SM3)
        return self._tree_sm3

    def _write_first_head(self, db: apsw.Connection) -> None:
        self._write_head(db)

    def _write_head(self, db: apsw.Connection) -> str:
        tree = self._current(db) if self._tree is None else self._tree
        sm3_root = None
        if self._keys.profile is Profile.SM:
            sm3_root = self._current_sm3(db, tree.size).root() if tree.size else SM3_EMPTY
        return self.heads.write(db, TreeHead(tree.size, tree.root()), sm3_root)

    # -- reading and proving ---------------------------------------------------------------------

    def size(self) -> int:
        """How many entries the log has."""
        row = self.reader().execute("SELECT size FROM head").fetchone()
        return int(row[0]) if row else 0

    def root(self, size: int | None = None) -> bytes:
        """The root of the tree, now or at an earlier size."""
        return merkle.root(self.size() if size is None else size, read_nodes(self.reader()))

    def entry(self, index: int) -> Entry:
        """Give an entry.

        Raises:
            IndexError: there is none.
            NotRegistered: its body was purged; its hash and its place stay provable.
        """
        if not 0 <= index < self.size():
            raise IndexError(f"no entry {index}")
        statement = bundles.read(self.reader(), index)
        if statement is None:
            statement = self.shards.body(index)
        if statement is None and not self.purged(index):
            raise Corrupted(f"the statement of entry {index} is missing")
        if statement is None:
            raise NotRegistered(f"the statement of entry {index} was purged; its hash stays in the log")
        return Entry(index, merkle.leaf_hash(statement), statement)

    def purged(self, index: int) -> bool:
        """Tell whether an entry's statement was purged by policy."""
        return any(s.purged is not None and s.first <= index < s.past for s in self.shards.all())

    def leaf(self, index: int) -> bytes:
        """The leaf hash of an entry, which outlives its body."""
        return read_leaf(self.reader(), index)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """Give entries [start, end) in order."""
        last = self.size() if end is None else end
        at = start
        for first, bundle in bundles.rows(self.reader(), start, last):
            while at < min(first, last):  # in a shard, or purged, or missing
                yield self.entry(at)
                at += 1
            for index, data in enumerate(bundles.split(bundle), first):
                if at <= index < last:
                    yield Entry(index, merkle.leaf_hash(data), data)
                    at = index + 1
        for index in range(at, last):
            yield self.entry(index)

    def find(self, leaf: bytes) -> int | None:
        """The index of the first entry with this leaf hash."""
        return search.find(self.reader(), self.size(), leaf)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The audit path of an entry in the tree of `size` entries."""
        return merkle.inclusion_path(index, size, read_nodes(self.reader()))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` entries extends that of `old`."""
        return merkle.consistency_path(old, new, read_nodes(self.reader()))

    def checkpoint(self) -> str:
        """The signed checkpoint of the current tree, with every line given for it so far."""
        return self.heads.checkpoint(self.reader())

    def complete(self, lines: Sequence[str] = ()) -> str:
        """Add the log's own further lines, and the given ones, to the current checkpoint, durably."""
        note = self.checkpoint()
        added = [*self.heads.missing_lines(note), *lines]
        if added:
            size = int(note.split("\n")[1])
            self.append([], lambda db, _: self.heads.keep_lines(db, size, added))
        return self.checkpoint()

    def receipt(self, index: int) -> bytes:
        """Write the receipt of an entry in the current tree. Source: RFC 9942, 5.2."""
        size = self.size()
        proof = cbor2.dumps([size, index, self.inclusion(index, size)], canonical=True)
        protected = {
            cose.ALG: cose.ES256,
            cose.KID: key_id(self.heads.signers.receipt.public_key()),
            VDS: RFC9162_SHA256,
        }
        return cose.sign1(
            self.heads.signers.receipt,
            protected,
            self.root(size),
            unprotected={VDP: {INCLUSION: [proof]}},
            detached=True,
        )

    def keys(self) -> KeySet:
        """The public keys that verify this ledger."""
        return self.heads.public()

    def trusted_statement_keys(self) -> list[str]:
        """PEM keys whose statements may stand in the log: its own, and those of trusted issuers."""
        from .issuers import known

        return [*self.keys().statement_keys, *(pem for _, pem in known(self.reader()))]

    def check(self, part: Part | None = None) -> list[Problem]:
        """Check the whole stored log; an empty list means all is well. `part` of the statements is read too."""
        from .check import check

        try:
            found = list(self.heads.check(self.reader()))
        except SealtraceError as e:
            found = [Problem("database", e.message)]
        found += check(self.reader(), self.trusted_statement_keys(), self.shards, part=part)
        return found + (list(self.shards.check()) if part is not None else [])
