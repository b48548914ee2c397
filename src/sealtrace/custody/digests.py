"""The SHA-256 of a file, streamed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sealtrace.errors import InputMissing, InputUnreadable

HASH_CHUNK = 1 << 20


def digest_file(path: Path) -> tuple[bytes, int]:
    """Stream a file's SHA-256 and size.

    Raises:
        InputMissing, InputUnreadable: it is not an ordinary readable file.
    """
    try:
        if not path.is_file():
            if not path.exists():
                raise InputMissing(f"{path} does not exist")
            raise InputUnreadable(f"{path} is not an ordinary file")
        with path.open("rb") as source:
            whole = hashlib.sha256()
            size = 0
            while chunk := source.read(HASH_CHUNK):
                whole.update(chunk)
                size += len(chunk)
    except OSError as e:
        raise InputUnreadable(f"{path} can't be read: {e.strerror}") from e
    return whole.digest(), size
