"""The log's tables, and bringing a database that an earlier version made up to date.

Earlier versions kept a row for each entry (`entries`), each node (`nodes`, by in-order number) and an index
over the first eight bytes of the leaf hashes. Nothing is recomputed from statements: hashes are carried over
as they stand, so that `ledger check` finds afterwards what it would have found before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import apsw

from . import bundles, heads, search, tree
from .tree import HASH_BYTES, HEIGHT, WIDTH, tile_id

SCHEMA = bundles.SCHEMA + tree.SCHEMA + search.SCHEMA + heads.SCHEMA

_OLD_TABLES = ("entries", "nodes", "nodes_sm3")


def bring_up_to_date(reader: apsw.Connection, writing: Callable[[], apsw.Connection]) -> None:
    """Make what is missing and carry over what an earlier version stored, in one transaction."""
    if _has(reader, "generations") and _has(reader, "buckets"):
        return
    db = writing()
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(SCHEMA)
        if _has(db, "entries"):
            _carry_over(db)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _has(db: apsw.Connection, table: str) -> bool:
    known = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
    return db.execute(known, (table,)).fetchone() is not None


def _carry_over(db: apsw.Connection) -> None:
    row = db.execute("SELECT size FROM head").fetchone()
    size = int(row[0]) if row else 0
    for start, statements in _old_statements(db):
        bundles.write(db, start, statements)
    for table, old in (("tiles", "nodes"), ("tiles_sm3", "nodes_sm3")):
        if _has(db, old) and db.execute(f"SELECT 1 FROM {old}").fetchone():  # noqa: S608 (constants)
            db.executemany(f"INSERT INTO {table} VALUES (?, ?)", _old_tiles(db, old, size))  # noqa: S608
    search.update(db, 0, size)
    for table in _OLD_TABLES:
        db.execute(f"DROP TABLE IF EXISTS {table}")


def _old_statements(db: apsw.Connection) -> Iterator[tuple[int, list[bytes]]]:
    """Stretches of statements that follow each other; those in shards were empty, and have no place now."""
    start, stretch = 0, list[bytes]()
    for index, statement in db.execute(
        "SELECT id, statement FROM entries WHERE statement != x'' ORDER BY id"
    ):
        if stretch and (index != start + len(stretch) or index % bundles.ROW == 0):
            yield start, stretch
            stretch = []
        if not stretch:
            start = index
        stretch.append(bytes(statement))
    if stretch:
        yield start, stretch


def _old_tiles(db: apsw.Connection, table: str, size: int) -> Iterator[tuple[int, bytes]]:
    """Each height's tiles; a node that is missing leaves zeros, which is no hash of anything."""
    height = 0
    while count := size >> HEIGHT * height:
        for number in range(-(-count // WIDTH)):
            width = min(WIDTH, count - number * WIDTH)
            nodes = [((2 * (number * WIDTH + i) + 1) << HEIGHT * height) - 1 for i in range(width)]
            query = f"SELECT hash FROM {table} WHERE id = ?"  # noqa: S608 (constants)
            found = [db.execute(query, (node,)).fetchone() for node in nodes]
            yield tile_id(height, number), b"".join(row[0] if row else bytes(HASH_BYTES) for row in found)
        height += 1
