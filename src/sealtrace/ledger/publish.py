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
from .tiles import export_tiles, write_whole

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
    places = [place for place in (lock, folder / CHECKPOINT) if place is not None]
    with _held(folder / ".lock"):
        published = [_must_extend(ledger, place, head) for place in places]
        if lock is not None:
            write_whole(lock, note.encode())
        export_tiles(ledger, folder, head.size, published[-1])
        write_whole(folder / CHECKPOINT, note.encode())
    return head


def _must_extend(ledger: Ledger, place: Path, head: TreeHead) -> int:
    """Compare: the head kept at `place` must be one of this log's own past heads; returns its size."""
    try:
        kept = place.read_text("utf-8")
    except FileNotFoundError:
        return 0
    try:
        seen = open_checkpoint(kept, ledger.keys().verifier_keys)
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
