"""Check that published hash tiles fit together. Source: C2SP tlog-tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sealtrace.errors import ProofInvalid

from . import merkle
from .tiles import tile_path
from .tree import HASH_BYTES, HEIGHT, WIDTH

ReadTile = Callable[[str], bytes | None]
"""Reads one published tile by its path; None when it is not there. May raise OSError."""


def check_tiles(read: ReadTile, size: int, since: int = 0) -> None:
    """Check that the published hash tiles of a tree fit together, from the leaves up; old full ones are skipped.

    Raises:
        ProofInvalid: a tile is missing, or is not the hash of what is below it.
    """
    level = 1
    while (nodes := size >> HEIGHT * level) > 0:
        known = since >> HEIGHT * level
        for tile in range(known // WIDTH, -(-nodes // WIDTH)) if known < nodes else ():
            above = read_hashes(read, level, tile, min(WIDTH, nodes - tile * WIDTH))
            for place, node in enumerate(above, tile * WIDTH):
                if place >= known and _root(read_hashes(read, level - 1, place, WIDTH)) != node:
                    raise ProofInvalid(
                        f"tile/{level}/{tile_path(tile)} is not the hash of the tiles below it"
                    )
        level += 1


def _root(leaves: Sequence[bytes]) -> bytes:
    tree = merkle.Frontier.of(0, [])
    tree.append(leaves)
    return tree.root()


def read_hashes(read: ReadTile, level: int, tile: int, width: int) -> list[bytes]:
    """Read the first `width` hashes of a tile, partial or full. Raises ProofInvalid when they are not there."""
    name = f"tile/{level}/{tile_path(tile)}"
    data = read(name if width == WIDTH else f"{name}.p/{width}")
    if data is None and width < WIDTH:
        data = read(name)
    if data is None or len(data) < HASH_BYTES * width or len(data) % HASH_BYTES:
        raise ProofInvalid(f"{name} is missing or has not {width} hashes")
    return [data[at : at + HASH_BYTES] for at in range(0, HASH_BYTES * width, HASH_BYTES)]
