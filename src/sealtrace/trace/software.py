"""Which software a trace runs on: one digest over its own source, entered before the leak is decoded."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from sealtrace import __version__

PACKAGE = Path(__file__).parents[1]


@cache
def digest() -> bytes:
    """Return SHA-256 over the version and, in order of their names, every source file's name and SHA-256.

    Anyone with the same release computes it again: `sealtrace evidence software`. About 20 ms, once a process.
    """
    whole = hashlib.sha256(f"sealtrace software 1\n{__version__}\n".encode())
    for path in sorted(PACKAGE.rglob("*.py"), key=lambda p: p.relative_to(PACKAGE).as_posix()):
        name = path.relative_to(PACKAGE).as_posix()
        whole.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n".encode())
    return whole.digest()
