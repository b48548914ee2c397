"""Check a stored log from end to end: every entry against its leaf, every node against its children."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import apsw

from sealtrace.errors import ProofInvalid, UsageProblem

from .database import failures_named
from .merkle import leaf_hash, node_hash
from .model import Problem
from .verify import verify_statement

MAX_REPORTED = 100

Bodies = Callable[[int], bytes | None]
"""Gives the body of an entry that was moved to a shard; None when its shard was purged."""


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
    db: apsw.Connection, statement_keys: Sequence[str], bodies: Bodies, *, part: Part | None
) -> Iterator[Problem]:
    """Yield what is wrong, by name. With a part, the statements in it are read: bodies and signatures."""
    reported = 0
    with failures_named("checking the ledger"):
        row = db.execute("SELECT size FROM head").fetchone()
        for problem in (
            *_entries(db, row[0] if row else 0, statement_keys, bodies, part),
            *_nodes(db),
        ):
            yield problem
            reported += 1
            if reported >= MAX_REPORTED:
                yield Problem("log", "more problems were left out")
                return


def _entries(
    db: apsw.Connection, size: int, statement_keys: Sequence[str], bodies: Bodies, part: Part | None
) -> Iterator[Problem]:
    expected = 0
    joined = (
        "SELECT e.id, e.leaf8, e.statement, n.hash"
        " FROM entries e LEFT JOIN nodes n ON n.id = 2 * e.id ORDER BY e.id"
    )
    for index, leaf8, statement, node in db.execute(joined):
        if index != expected:
            yield Problem(f"entry {expected}", "it is missing")
        expected = index + 1
        if node is None:
            yield Problem(f"entry {index}", "its leaf hash is missing")
            continue
        body, leaf = bytes(statement), bytes(node)
        if not body and part is not None and part.holds(index):
            body = bodies(index) or b""
        if leaf8 != int.from_bytes(leaf[:8], "big", signed=True):
            yield Problem(f"entry {index}", "its search key differs from its leaf hash")
        if not body:  # moved to a shard, and read with the part it belongs to; or purged by policy
            continue
        if leaf_hash(body) != leaf:
            yield Problem(f"entry {index}", "its bytes do not give its leaf hash")
        if part is not None and part.holds(index):
            try:
                verify_statement(body, statement_keys)
            except ProofInvalid as e:
                yield Problem(f"entry {index}", e.message)
    if expected != size:
        yield Problem("head", f"it counts {size} entries; {expected} are stored")


def _nodes(db: apsw.Connection) -> Iterator[Problem]:
    """Every stored inner node against its two children, in the tree's own order."""
    for number, stored in db.execute("SELECT id, hash FROM nodes ORDER BY id"):
        level = (~number & (number + 1)).bit_length() - 1
        if level == 0:
            continue
        half = 1 << level - 1
        left = db.execute("SELECT hash FROM nodes WHERE id = ?", (number - half,)).fetchone()
        right = db.execute("SELECT hash FROM nodes WHERE id = ?", (number + half,)).fetchone()
        if left is None or right is None or node_hash(bytes(left[0]), bytes(right[0])) != bytes(stored):
            yield Problem(f"node {number}", "it is not the hash of its children")
