"""Publishing: the signed head is compared with the published one and swapped before anything follows it.

What the world has seen is what stands in the published checkpoint. A log that does not extend it, such as
one restored from an older backup, is refused before a byte is written, whoever signed it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sealtrace.errors import HistoryForked, ProofInvalid

from .log import Ledger
from .model import TreeHead
from .note import open_checkpoint
from .tiles import export_tiles, tile_path, write_whole
from .tree import WIDTH

CHECKPOINT = "checkpoint"


def publish(ledger: Ledger, folder: Path, note: str, *, lock: Path | None = None) -> TreeHead:
    """Publish a sealed checkpoint and every tile it needs; returns the head.

    `lock` is a file in another place, best on another machine's disk, that keeps the head as well: it
    stops a fork even when home and published folder are both restored from an old backup. The tiles are
    written before the checkpoint, so that a reader never meets one whose tiles are missing.

    Raises:
        HistoryForked: the log does not extend what was published; nothing was written.
        StorageFailed: the place can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    head = open_checkpoint(note, ledger.keys().verifier_keys).head
    with _held(folder / ".lock"):
        published = must_extend(ledger, folder, head, lock=lock)
        if lock is not None:
            write_whole(lock, note.encode())
        export_tiles(ledger, folder, head.size, published)
        write_whole(folder / CHECKPOINT, note.encode())
        _withdraw_purged(ledger, folder)
    return head


def must_extend(ledger: Ledger, folder: Path, head: TreeHead, *, lock: Path | None = None) -> int:
    """Compare a head of the log with what was published; returns the size published in `folder`.

    Raises:
        HistoryForked: the log does not extend it.
    """
    if lock is not None:
        _extends(ledger, lock, head)
    return _extends(ledger, folder / CHECKPOINT, head)


def _withdraw_purged(ledger: Ledger, folder: Path) -> None:
    """Take back the published bodies of purged shards; their hashes stay published."""
    for shard in ledger.shards.all():
        if shard.purged is not None:
            for tile in range(shard.first // WIDTH, shard.past // WIDTH):
                place = folder / "tile" / "entries" / tile_path(tile)
                place.unlink(missing_ok=True)
                for partial in place.with_name(f"{place.name}.p").glob("*"):
                    partial.unlink(missing_ok=True)


def _extends(ledger: Ledger, place: Path, head: TreeHead) -> int:
    """Compare: the head kept at `place` must be one of this log's own past heads; returns its size."""
    try:
        kept = place.read_text("utf-8")
    except FileNotFoundError:
        return 0
    try:
        seen = open_checkpoint(kept, ledger.keys().of_any_time)
    except ProofInvalid as e:
        raise HistoryForked(f"the head kept in {place.name} can't be verified: {e.message}") from e
    if seen.size > head.size:
        raise HistoryForked(
            f"{place.name} shows a head of {seen.size} entries that was published; this log has {head.size}"
        )
    if ledger.root(seen.size) != seen.root:
        raise HistoryForked(f"this log had another root at {seen.size} entries than {place.name} shows")
    return seen.size


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """Hold the published folder: comparing and swapping are one step."""
    handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
