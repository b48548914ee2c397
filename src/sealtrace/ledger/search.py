"""Finding an entry by its leaf hash: sorted runs over stretches of the log, which merge as it grows.

A hash is as good as random, so that one B-tree over all of them changes a page for each entry. Instead each
4,096 entries are sorted once into a run; sixteen runs become one of 65,536, sixteen of those one of 1,048,576.
A run is cut by the hashes' first bits into buckets of about 128 words: 44 bits of the hash, 20 bits of the
index. A run from entry `first` with `n` buckets has the rows first / 128 and on, so that a merged run takes
the place of its parts. The newest entries, up to 4,095, are looked for in their tiles.

KNOWN LIMIT: a search reads one row for each 1,048,576 entries, and at most 46 rows besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw

from .tree import HASH_BYTES, WIDTH, read_leaf, read_tile

RUNS = (1 << 20, 1 << 16, 1 << 12)
BUCKET = 128
_INDEX_BITS = 20
_INDEX = (1 << _INDEX_BITS) - 1
_KEY_BYTES = 5  # of the 44 bits, what is compared as bytes

SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets(
    id INTEGER PRIMARY KEY,        -- its run's first entry / 128 + its number in the run
    words BLOB NOT NULL            -- sorted: the first 44 bits of a leaf hash, the last 20 bits of its index
);
"""


def runs(size: int) -> Iterator[tuple[int, int]]:
    """Give the runs of a log of `size` entries, as first entry and length; what is beyond them is in no run."""
    at = 0
    for length in RUNS:
        while size - at >= length:
            yield at, length
            at += length


def update(db: apsw.Connection, before: int, size: int) -> None:
    """Make the runs that became complete when the log grew to `size` entries. Its tiles are stored."""
    least = RUNS[-1]
    for end in range((before // least + 1) * least, size + 1, least):
        length = next(length for length in RUNS if end % length == 0)
        first, made = end - length, end - least
        words = _stored(db, first // BUCKET, made // BUCKET) if made > first else b""
        rows = buckets(first, length, words + expected(db, made, end))
        db.executemany("INSERT OR REPLACE INTO buckets VALUES (?, ?)", rows)


def find(db: apsw.Connection, size: int, leaf: bytes) -> int | None:
    """Give the first entry with this leaf hash among the first `size`."""
    top, key, past = int.from_bytes(leaf[:8], "big"), leaf[:_KEY_BYTES], 0
    for first, length in runs(size):
        past = first + length
        bucket = top * (length // BUCKET) >> 64
        row = db.execute(
            "SELECT CAST(words AS BLOB) FROM buckets WHERE id = ?", (first // BUCKET + bucket,)
        ).fetchone()
        for index in _candidates(row[0] or b"", key, first) if row else ():
            if index < size and read_leaf(db, index) == leaf:
                return index
    for number in range(past // WIDTH, -(-size // WIDTH)):
        tile, at = read_tile(db, 0, number), -1
        while (at := tile.find(leaf, at + 1)) >= 0:
            if at % HASH_BYTES == 0 and number * WIDTH + at // HASH_BYTES < size:
                return number * WIDTH + at // HASH_BYTES
    return None


def _candidates(words: bytes, key: bytes, first: int) -> Iterator[int]:
    at = -1
    while (at := words.find(key, at + 1)) >= 0:
        if at % 8 == 0:
            yield first & ~_INDEX | int.from_bytes(words[at : at + 8], "big") & _INDEX


def expected(db: apsw.Connection, first: int, end: int) -> bytes:
    """Make the words of entries [first, end), whole tiles, from their leaf hashes; in the entries' order."""
    import numpy as np

    hashes = b"".join(read_tile(db, 0, tile) for tile in range(first // WIDTH, end // WIDTH))
    keys = np.frombuffer(hashes, ">u8").astype(np.uint64)[:: HASH_BYTES // 8]
    index = np.arange(first, first + len(keys), dtype=np.uint64)
    made = keys & np.uint64(~_INDEX & (1 << 64) - 1) | index & np.uint64(_INDEX)
    return made.astype(">u8").tobytes()


def buckets(first: int, length: int, words: bytes) -> list[tuple[int, bytes]]:
    """Sort a run's words and cut them into its buckets: row and words of each."""
    import numpy as np

    ordered = np.sort(np.frombuffer(words, ">u8").astype(np.uint64))
    count = length // BUCKET
    edges = np.arange(count, dtype=np.uint64) << np.uint64(64 - (count.bit_length() - 1))
    cuts = [*(8 * np.searchsorted(ordered, edges)).tolist(), 8 * len(ordered)]
    data = ordered.astype(">u8").tobytes()
    return [(first // BUCKET + i, data[cuts[i] : cuts[i + 1]]) for i in range(count)]


def _stored(db: apsw.Connection, start: int, end: int) -> bytes:
    rows: Any = db.execute(
        "SELECT CAST(words AS BLOB) FROM buckets WHERE id >= ? AND id < ? ORDER BY id", (start, end)
    )
    words = b"".join(row[0] or b"" for row in rows)
    return words[: len(words) // 8 * 8]  # an altered bucket must not stop the log; `check` names it


def check(db: apsw.Connection, size: int) -> Iterator[tuple[int | None, int]]:
    """Compare every bucket with the leaf hashes; yields the entries it misses, and the row of each bad bucket."""
    for first, length in runs(size):
        query = "SELECT id, CAST(words AS BLOB) FROM buckets WHERE id >= ? AND id < ?"
        stored = dict(db.execute(query, (first // BUCKET, (first + length) // BUCKET)))
        for row, words in buckets(first, length, expected(db, first, first + length)):
            there = stored.get(row) or b""
            if there == words:
                continue
            missing = _words(words) - _words(there)
            for word in sorted(missing, key=lambda word: word & _INDEX):
                yield first & ~_INDEX | word & _INDEX, row
            if not missing:
                yield None, row


def _words(data: bytes) -> set[int]:
    return {int.from_bytes(data[at : at + 8], "big") for at in range(0, len(data), 8)}
