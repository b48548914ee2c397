"""Immutable index segments in a folder: arrays in files, listed by a manifest that changes last.

A segment is written to files of a fresh name, synchronised, and only then named in the manifest, which is
replaced whole. A crash leaves unnamed files, removed at the next opening, and never half a segment.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sealtrace.errors import Corrupted

MANIFEST = "manifest.json"
Arrays = Mapping[str, NDArray[Any]]


class Segments:
    """The segments of one index."""

    def __init__(self, folder: Path, form: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._form = folder, form
        self.names: list[str] = self._read()

    def load(self, name: str, arrays: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Map a segment's arrays into memory.

        Raises:
            Corrupted: an array is missing or unreadable.
        """
        try:
            return {a: np.load(self._path(name, a), mmap_mode="r", allow_pickle=False) for a in arrays}
        except (OSError, ValueError) as e:
            raise Corrupted(
                f"index segment {name} can't be read: {e}",
                advice="Delete the index folder; it is rebuilt from the vault at the next write.",
            ) from e

    def add(self, arrays: Arrays, *, instead_of: Sequence[str] = ()) -> str:
        """Write a segment; durable and listed when it returns. Those it replaces are taken off the list."""
        name = secrets.token_hex(6)
        for array, values in arrays.items():
            with self._path(name, array).open("wb") as out:
                np.save(out, values, allow_pickle=False)
                out.flush()
                os.fsync(out.fileno())
        self._write([*(n for n in self.names if n not in instead_of), name])
        for old in instead_of:
            self._remove(old)
        return name

    def _path(self, name: str, array: str) -> Path:
        return self._folder / f"{name}.{array}.npy"

    def _read(self) -> list[str]:
        """Read the manifest and sweep what it does not name."""
        try:
            found = json.loads((self._folder / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            found = {"form": self._form, "segments": []}
        except ValueError as e:
            raise Corrupted("an index manifest can't be read", advice="Delete the index folder.") from e
        if found["form"] != self._form:
            found["segments"] = []  # another form: rebuilt from the vault
        named: list[str] = list(found["segments"])
        for file in self._folder.glob("*.npy"):
            if file.name.partition(".")[0] not in named:
                file.unlink(missing_ok=True)
        return named

    def _write(self, names: list[str]) -> None:
        partial = self._folder / f"{MANIFEST}.part"
        with partial.open("w", encoding="utf-8") as out:
            json.dump({"form": self._form, "segments": names}, out)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(self._folder / MANIFEST)
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        self.names = names

    def _remove(self, name: str) -> None:
        for file in self._folder.glob(f"{name}.*.npy"):
            file.unlink(missing_ok=True)
