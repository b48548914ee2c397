"""Publish a log as static files. Source: C2SP tlog-tiles (tile height 8, partial tiles, entry bundles)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from . import bundles
from .tree import HASH_BYTES, HEIGHT, WIDTH, read_tile

if TYPE_CHECKING:
    from .log import Ledger


def tile_path(index: int) -> str:
    """Write a tile index in groups of three digits, all but the last marked with x."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def export_tiles(ledger: Ledger, folder: Path, size: int, since: int = 0) -> None:
    """Write entry bundles and tiles of the first `size` entries, each file whole or not at all.

    Full tiles never change and are written once; partial ones carry their width. What the first `since`
    entries fill completely is there already. Bundles of purged shards are left out; their hashes are not.
    """
    for tile in range(since // WIDTH, -(-size // WIDTH)):
        width = min(WIDTH, size - tile * WIDTH)
        path = folder / "tile" / "entries" / _name(tile, width)
        if not path.exists() and not ledger.purged(tile * WIDTH):
            write_whole(path, _bundle(ledger, tile * WIDTH, tile * WIDTH + width))
    level = 0
    while size >> HEIGHT * level:
        _write_level(ledger, folder, level, size >> HEIGHT * level, since >> HEIGHT * level)
        level += 1


def _write_level(ledger: Ledger, folder: Path, level: int, nodes: int, since: int) -> None:
    for tile in range(since // WIDTH, -(-nodes // WIDTH)):
        width = min(WIDTH, nodes - tile * WIDTH)
        path = folder / "tile" / str(level) / _name(tile, width)
        if not path.exists():
            hashes = read_tile(ledger.reader(), level, tile)[: HASH_BYTES * width]
            assert len(hashes) == HASH_BYTES * width, f"tile {tile} of level {level} is stored"
            write_whole(path, hashes)


def _name(tile: int, width: int) -> str:
    return tile_path(tile) if width == WIDTH else f"{tile_path(tile)}.p/{width}"


def _bundle(ledger: Ledger, start: int, end: int) -> bytes:
    return bundles.join(entry.statement for entry in ledger.entries(start, end))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, synchronised, and move it there: it is never seen half-written.

    Durable when it returns, with its name: both folder and bytes are synchronised.
    """
    make_folder(path.parent)
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    partial.replace(path)
    synchronise(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably; harmless when it is there."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        synchronise(folder.parent)


def synchronise(place: Path) -> None:
    """Make a file's bytes durable, or the names in a folder: what was moved into it stays there."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
