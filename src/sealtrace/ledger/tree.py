"""The tree as it is stored: one row for each tile of 256 hashes, cut as C2SP tlog-tiles cuts it.

Tile `n` at height `h` holds the hashes of the subtrees of 256^h leaves from number 256 * n on; the newest
of each height may be partial. The seven levels between two heights are computed when a proof needs them:
they cost 32 bytes an entry to keep and at most 255 hashes a height to make.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import apsw

from sealtrace.errors import Corrupted

from . import merkle

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH_BYTES = 32
KEPT_TILES = 512  # 16 KiB each; the upper heights of a tree of ten million entries have 154

SCHEMA = """
CREATE TABLE IF NOT EXISTS tiles(
    id INTEGER PRIMARY KEY,        -- number - height * 2^40, so that the leaves' tiles are appended last
    hashes BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS tiles_sm3(
    id INTEGER PRIMARY KEY,        -- as tiles; filled in the SM profile only
    hashes BLOB NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Hashing:
    """How one tree hashes, and the table its tiles are in."""

    table: str
    join: merkle.Join
    parents: Callable[[bytes], bytes]


SHA256 = Hashing("tiles", merkle.node_hash, merkle.parents)
SM3 = Hashing("tiles_sm3", merkle.sm3_node_hash, merkle.sm3_parents)


def tile_id(height: int, number: int) -> int:
    """Return the row of a tile."""
    return number - (height << 40)


def read_tile(db: apsw.Connection, height: int, number: int, hashing: Hashing = SHA256) -> bytes:
    """Give the hashes of a tile, one after the other; nothing when it is not there."""
    query = f"SELECT CAST(hashes AS BLOB) FROM {hashing.table} WHERE id = ?"  # noqa: S608 (one of two names above)
    row = db.execute(query, (tile_id(height, number),)).fetchone()
    return row[0] or b"" if row else b""


def read_leaf(db: apsw.Connection, index: int) -> bytes:
    """Give one leaf hash.

    Raises:
        Corrupted: it is not stored.
    """
    query = "SELECT substr(CAST(hashes AS BLOB), ?, 32) FROM tiles WHERE id = ?"
    row = db.execute(query, (1 + HASH_BYTES * (index % WIDTH), index // WIDTH)).fetchone()
    if row is None or len(row[0] or b"") != HASH_BYTES:
        raise Corrupted(f"the leaf hash of entry {index} is missing from the ledger's tree")
    return bytes(row[0])


def read_nodes(db: apsw.Connection, hashing: Hashing = SHA256) -> merkle.ReadNode:
    """Give the reader of tree nodes by their in-order numbers; it keeps the tiles of one proof.

    What it reads was complete when the tree had the size the caller asks about, so the log may grow meanwhile.
    """
    tiles: dict[tuple[int, int], tuple[bytes, ...]] = {}

    def read(number: int) -> bytes:
        level = (~number & (number + 1)).bit_length() - 1
        height, below = divmod(level, HEIGHT)
        place, offset = divmod(number + 1 >> level + 1, WIDTH >> below)
        levels = tiles.get((height, place))
        if levels is None:
            levels = tiles[height, place] = _levels(read_tile(db, height, place, hashing), hashing)
        found = levels[below][HASH_BYTES * offset : HASH_BYTES * (offset + 1)]
        if len(found) != HASH_BYTES:
            raise Corrupted(f"node {number} of the ledger's tree is missing")
        return found

    return read


@lru_cache(maxsize=KEPT_TILES)
def _levels(tile: bytes, hashing: Hashing) -> tuple[bytes, ...]:
    """Return the complete nodes of a tile, lowest level first. Kept by the tile's bytes: never out of date."""
    levels = [tile]
    while len(levels) < HEIGHT:
        row = levels[-1]
        levels.append(hashing.parents(row[: len(row) // (2 * HASH_BYTES) * (2 * HASH_BYTES)]))
    return tuple(levels)


def reduced(hashes: bytes, hashing: Hashing = SHA256) -> bytes:
    """Return the root of a complete subtree given the hashes of its lowest level."""
    while len(hashes) > HASH_BYTES:
        hashes = hashing.parents(hashes)
    return hashes


class Tree:
    """The right edge of a stored tree: all that appending needs."""

    def __init__(self, db: apsw.Connection, size: int, hashing: Hashing = SHA256) -> None:
        self._hashing = hashing
        self._frontier = merkle.Frontier(size, read_nodes(db, hashing), hashing.join)
        self._partial: list[bytes] = []  # by height, the hashes of the tile that is not full
        while size >> HEIGHT * len(self._partial):
            number, width = divmod(size >> HEIGHT * len(self._partial), WIDTH)
            tile = read_tile(db, len(self._partial), number, hashing) if width else b""
            self._partial.append(tile[: HASH_BYTES * width])

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._frontier.size

    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        return self._frontier.root()

    def append(self, db: apsw.Connection, leaves: bytes) -> None:
        """Add leaf hashes, given one after the other, and store the tiles they change."""
        before = self.size
        added = [[leaves]]  # by height, what its tiles get
        rows = self._rows(leaves)
        start, end = before, before + len(leaves) // HASH_BYTES
        while start < end:
            level = min(HEIGHT, (end - start).bit_length() - 1)
            if start:
                level = min(level, (start & -start).bit_length() - 1)
            first, row = rows[level]
            at = HASH_BYTES * ((start >> level) - first)
            for made, subtree in self._frontier.add(level, row[at : at + HASH_BYTES]):
                if made and made % HEIGHT == 0:
                    while len(added) <= made // HEIGHT:
                        added.append([])
                    added[made // HEIGHT].append(subtree)
            start += 1 << level
        tiles = []
        for height, hashes in enumerate(added):
            if len(self._partial) <= height:
                self._partial.append(b"")
            tiles += self._cut(height, before >> HEIGHT * height + HEIGHT, b"".join(hashes))
        db.executemany(f"INSERT OR REPLACE INTO {self._hashing.table} VALUES (?, ?)", tiles)  # noqa: S608

    def _rows(self, leaves: bytes) -> list[tuple[int, bytes]]:
        """By level up to a tile's root, the number of the first and the hashes of the subtrees among new leaves."""
        first, row = self.size, leaves
        rows = [(first, row)]
        while len(rows) <= HEIGHT:
            past = first + len(row) // HASH_BYTES
            start, end = (first + 1) // 2, past // 2
            pairs = (
                row[HASH_BYTES * (2 * start - first) : HASH_BYTES * (2 * end - first)] if start < end else b""
            )
            first, row = start, self._hashing.parents(pairs)
            rows.append((first, row))
        return rows

    def _cut(self, height: int, number: int, hashes: bytes) -> list[tuple[int, bytes]]:
        """Cut what a height gets into its tiles, the first of which was begun before."""
        data, tile = self._partial[height] + hashes, HASH_BYTES * WIDTH
        full = len(data) // tile
        self._partial[height] = data[full * tile :]
        if not hashes:
            return []
        cut = [data[at : at + tile] for at in range(0, len(data), tile)]
        return [(tile_id(height, number + i), part) for i, part in enumerate(cut)]
