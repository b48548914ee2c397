"""Inclusion and consistency proofs: every one of small trees, a few of large ones, and broken ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sealtrace.ledger import merkle

SMALL, LARGE = range(1, 21), (255, 256, 257, 1000, 65_536, 70_001)


class Tree:
    """The tree over the entries `entry 0`, `entry 1`, ..."""

    def __init__(self, size: int) -> None:
        self.nodes: dict[int, bytes] = {}
        tree = merkle.Frontier(0, lambda number: self.nodes[number])
        self.nodes.update(tree.append(merkle.leaf_hash(entry(i)) for i in range(size)))

    def root(self, size: int) -> bytes:
        return merkle.root(size, self.nodes.__getitem__)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return merkle.inclusion_path(index, size, self.nodes.__getitem__)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency_path(old, new, self.nodes.__getitem__)


def entry(index: int) -> bytes:
    return f"entry {index}".encode()


def proofs() -> dict[str, Any]:
    """All proofs, hashes in hex, with whether they hold."""
    tree = Tree(max(LARGE))
    inclusion = [row for size in SMALL for index in range(size) for row in _inclusion(tree, index, size)]
    inclusion += [
        row
        for size in LARGE
        for index in sorted({0, 1, size // 3, size - 2, size - 1})
        for row in _inclusion(tree, index, size)
    ]
    pairs = [(old, new) for new in SMALL for old in range(new + 1)]
    pairs += [
        (old, new) for new in LARGE for old in sorted({1, 20, 255, 256, new // 2, new - 1}) if old < new
    ]
    consistency = [row for old, new in pairs for row in _consistency(tree, old, new)]
    sizes = sorted({0, *SMALL, *LARGE, *(size for pair in pairs for size in pair)})
    return {
        "entries": "entry i is the text 'entry i' in ASCII; its leaf is SHA-256(0x00 || entry)",
        "roots": {str(size): tree.root(size).hex() for size in sizes},
        "inclusion": inclusion,
        "consistency": consistency,
    }


def _inclusion(tree: Tree, index: int, size: int) -> Iterator[dict[str, Any]]:
    path = tree.inclusion(index, size)
    for why, changed in _broken(path):
        yield {"index": index, "size": size, "path": _hex(changed), "holds": not why} | _why(why)
    if size in (7, 20, 1000):
        if index:
            yield {
                "index": index - 1,
                "size": size,
                "path": _hex(path),
                "holds": False,
                "why": "another index",
            }
        yield {"index": size, "size": size, "path": _hex(path), "holds": False, "why": "beyond the tree"}


def _consistency(tree: Tree, old: int, new: int) -> Iterator[dict[str, Any]]:
    for why, changed in _broken(tree.consistency(old, new)):
        yield {"old": old, "new": new, "path": _hex(changed), "holds": not why} | _why(why)
    if old < new and new in (8, 20):
        path = _hex(tree.consistency(old, new))
        yield {"old": new, "new": old, "path": path, "holds": False, "why": "backwards"}


def _broken(path: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """The path itself, and on paths of three hashes what an error in it would look like."""
    yield "", path
    if len(path) == 3:
        yield "a bit flipped", [path[0], bytes([path[1][0] ^ 1]) + path[1][1:], path[2]]
        yield "too short", path[:-1]
        yield "too long", [*path, path[0]]
        yield "a short hash", [path[0][:-1], *path[1:]]
        yield "another order", [path[1], path[0], path[2]]


def _hex(path: list[bytes]) -> list[str]:
    return [node.hex() for node in path]


def _why(why: str) -> dict[str, str]:
    return {"why": why} if why else {}
