"""Check a stored log from end to end: every entry against its leaf, every node against its children."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise

import apsw

from sealtrace.errors import Corrupted, ProofInvalid, UsageProblem

from . import bundles, search
from .database import failures_named
from .merkle import leaf_hash, number, sm3_leaf_hash
from .model import Problem
from .shards import Shards
from .tree import HASH_BYTES, HEIGHT, SHA256, SM3, WIDTH, Hashing, read_tile, reduced
from .verify import verify_statement

MAX_REPORTED = 100


@dataclass(frozen=True, slots=True)
class Part:
    """The part `number` of `of` that one check reads; over `of` checks everything is read once."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Part:
        """Read N/M, 1 <= N <= M.

        Raises:
            UsageProblem: it is not that.
        """
        number, slash, of = text.partition("/")
        if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise UsageProblem(f"{text!r} is not a part like 1/7", advice="Give N/M with N from 1 to M.")
        return cls(int(number), int(of))

    def holds(self, number: int) -> bool:
        """Tell whether a thing with this number belongs to the part."""
        return number % self.of == self.number - 1


EVERYTHING = Part(1, 1)


def check(
    db: apsw.Connection, statement_keys: Sequence[str], shards: Shards, *, part: Part | None
) -> Iterator[Problem]:
    """Yield what is wrong, by name. With a part, the statements in it are read: bodies and signatures."""
    with failures_named("checking the ledger"):
        row = db.execute("SELECT size FROM head").fetchone()
        found = _Check(db, int(row[0]) if row else 0, statement_keys, shards, part).problems()
        yield from islice(found, MAX_REPORTED)
        if next(found, None) is not None:
            yield Problem("log", "more problems were left out")


class _Check:
    """One pass over the stored log."""

    def __init__(
        self,
        db: apsw.Connection,
        size: int,
        statement_keys: Sequence[str],
        shards: Shards,
        part: Part | None,
    ) -> None:
        self._db, self._size, self._keys, self._shards, self._part = db, size, statement_keys, shards, part
        self._moved = shards.all()
        self._trees = [_Tree("", SHA256, leaf_hash)]
        if db.execute("SELECT 1 FROM tiles_sm3 LIMIT 1").fetchone() is not None:
            self._trees.append(_Tree("SM3 ", SM3, sm3_leaf_hash))

    def problems(self) -> Iterator[Problem]:
        yield from self._counts()
        yield from self._entries()
        for tree in self._trees:
            yield from self._nodes(tree)
        yield from self._search()

    def _counts(self) -> Iterator[Problem]:
        """Nothing may be stored beyond what the head counts."""
        tiles, width = divmod(self._size, WIDTH)
        beyond = len(read_tile(self._db, 0, tiles)) > HASH_BYTES * width
        query = "SELECT (SELECT max(id) FROM tiles) > ? OR (SELECT max(id) FROM bundles) >= ?"
        [(more,)] = self._db.execute(query, (tiles, self._size))
        if beyond or more:
            yield Problem("head", f"it counts {self._size} entries; more are stored")

    def _entries(self) -> Iterator[Problem]:
        """Every statement against its leaf hash; of the part's, also those in shards, and the signatures."""
        expected = 0
        rows = chain(bundles.rows(self._db, 0, self._size), [(self._size, b"")])
        for (first, bundle), (following, _) in pairwise(rows):
            yield from self._between(expected, first)
            past = min(following, (first // bundles.ROW + 1) * bundles.ROW)
            yield from self._row(first, past, bundle)
            expected = past
        yield from self._between(expected, self._size)

    def _row(self, first: int, past: int, bundle: bytes) -> Iterator[Problem]:
        """The entries [first, past) in one row. Where a length is altered what follows can't be told apart."""
        statements, whole = [], True
        try:
            for body in bundles.split(bundle):
                statements.append(body)
        except Corrupted:
            whole = False
        fits = whole and len(statements) == past - first
        for index in range(first, past):
            if index - first >= len(statements):
                if not whole:
                    yield Problem(f"entry {index}", "its length is altered")
                    return
                yield from self._between(index, index + 1)
                continue
            found = list(self._statement(index, statements[index - first]))
            yield from found
            if found and not fits:
                return
        if len(statements) > past - first:
            yield Problem(f"entry {past - 1}", "more is stored behind it than belongs there")

    def _between(self, start: int, end: int) -> Iterator[Problem]:
        """Entries that no row holds: moved to a shard and read with the part they belong to, or missing."""
        for index in range(start, end):
            if not any(shard.first <= index < shard.past for shard in self._moved):
                yield Problem(f"entry {index}", "it is missing")
            elif self._part is not None and self._part.holds(index):
                body = self._shards.body(index)
                if body is not None:  # else it was purged by policy
                    yield from self._statement(index, body)

    def _statement(self, index: int, body: bytes) -> Iterator[Problem]:
        for tree in self._trees:
            at = HASH_BYTES * (index % WIDTH)
            leaf = self._tile(tree, index // WIDTH)[at : at + HASH_BYTES]
            if len(leaf) != HASH_BYTES:
                yield Problem(f"entry {index}", f"its {tree.name}leaf hash is missing")
            elif tree.leaf(body) != leaf:
                yield Problem(f"entry {index}", f"its bytes do not give its {tree.name}leaf hash")
        if self._part is not None and self._part.holds(index):
            try:
                verify_statement(body, self._keys)
            except ProofInvalid as e:
                yield Problem(f"entry {index}", e.message)

    def _tile(self, tree: _Tree, number: int) -> bytes:
        if tree.last[0] != number:
            tree.last = (number, read_tile(self._db, 0, number, tree.hashing))
        return tree.last[1]

    def _nodes(self, tree: _Tree) -> Iterator[Problem]:
        """Every stored inner node against the tile below it."""
        height = 1
        while count := self._size >> HEIGHT * height:
            for index in range(count):
                tile, offset = divmod(index, WIDTH)
                at = HASH_BYTES * offset
                stored = read_tile(self._db, height, tile, tree.hashing)[at : at + HASH_BYTES]
                below = read_tile(self._db, height - 1, index, tree.hashing)
                if len(below) != HASH_BYTES * WIDTH or reduced(below, tree.hashing) != stored:
                    node = f"{tree.name}node {number(HEIGHT * height, index)}"
                    yield Problem(node, f"it is not the hash of tile {index} of level {height - 1}")
            height += 1

    def _search(self) -> Iterator[Problem]:
        for index, bucket in search.check(self._db, self._size):
            if index is None:
                yield Problem(f"search bucket {bucket}", "it holds what belongs to no entry")
            else:
                yield Problem(f"entry {index}", "it can't be found by its leaf hash")


@dataclass
class _Tree:
    """One of the log's trees, and the tile of it that was read last."""

    name: str
    hashing: Hashing
    leaf: Callable[[bytes], bytes]
    last: tuple[int, bytes] = (-1, b"")
