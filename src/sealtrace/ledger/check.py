"""Check a stored log from end to end: every entry against its leaf, every node against its children."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import apsw

from sealtrace.errors import ProofInvalid

from .database import failures_named
from .merkle import leaf_hash, node_hash
from .model import Problem
from .verify import verify_statement

MAX_REPORTED = 100


def check(db: apsw.Connection, statement_keys: Sequence[str], *, read_data: bool) -> Iterator[Problem]:
    """Yield what is wrong, by name; with `read_data` every statement's signature is checked too."""
    reported = 0
    with failures_named("checking the ledger"):
        row = db.execute("SELECT size FROM head").fetchone()
        for problem in (
            *_entries(db, row[0] if row else 0, statement_keys, read_data=read_data),
            *_nodes(db),
        ):
            yield problem
            reported += 1
            if reported >= MAX_REPORTED:
                yield Problem("log", "more problems were left out")
                return


def _entries(
    db: apsw.Connection, size: int, statement_keys: Sequence[str], *, read_data: bool
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
        leaf = leaf_hash(bytes(statement))
        if node is None or bytes(node) != leaf:
            yield Problem(f"entry {index}", "its bytes do not give its leaf hash")
        if leaf8 != int.from_bytes(leaf[:8], "big", signed=True):
            yield Problem(f"entry {index}", "its search key differs from its leaf hash")
        if read_data:
            try:
                verify_statement(bytes(statement), statement_keys)
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
