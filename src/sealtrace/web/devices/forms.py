"""What a device signs of a form: its fields and its files, in an order that both sides find alike. Pure.

A browser chooses the boundary of a multipart body by itself, so the body's own bytes can't be signed beforehand.
Instead the fields are: each as [name, "s", value] or [name, "f", size, hash], sorted by name, in JSON; line ends
as one line feed. A file that was not chosen arrives as an empty field and counts as one. A file's hash is SHA-256
over the SHA-256 of each 4 MiB, so that a browser need not hold it whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

SLICE = 4 * 1024 * 1024
FIELD = "_signature"
DIGEST = "form-digest"

Entry = tuple[str, str] | tuple[str, int, str]


def text(name: str, value: str) -> tuple[str, str]:
    """A field with its line ends as one line feed."""
    return name, value.replace("\r\n", "\n").replace("\r", "\n")


def file_hash(stream: BinaryIO) -> str:
    """The hash of a file, in hex; the stream is read from where it stands to its end."""
    outer = hashlib.sha256()
    while piece := stream.read(SLICE):
        outer.update(hashlib.sha256(piece).digest())
    return outer.hexdigest()


def digest(entries: Iterable[Entry]) -> str:
    """The digest of a form, in hex; the signature's own field does not count."""
    kept = sorted((entry for entry in entries if entry[0] != FIELD), key=lambda entry: entry[0])
    rows = list(_rows(kept))
    return hashlib.sha256(json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _rows(entries: Iterable[Entry]) -> Iterator[list[str | int]]:
    for entry in entries:
        yield [entry[0], "s", entry[1]] if len(entry) == 2 else [entry[0], "f", entry[1], entry[2]]
