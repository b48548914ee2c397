"""Where sealed objects lie: a folder here, an S3-compatible store in `s3`. Names and bytes tell nothing."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from sealtrace.errors import StorageFailed

PART = ".part"


class Places(Protocol):
    """Whole sealed objects by name."""

    def size(self, name: str) -> int | None:
        """The bytes an object has, or None when it is not there."""

    def open(self, name: str) -> BinaryIO:
        """Read an object from its start. Raises FileNotFoundError."""

    def keep(self, name: str, write: Callable[[BinaryIO], None]) -> None:
        """Keep what `write` writes under a name: durable when it returns, nothing of it when it raises,
        harmless to repeat.

        Raises:
            StorageFailed: there is no room, or the store refuses.
        """

    def names(self) -> Iterator[str]:
        """Every object's name, in order."""

    def sweep(self) -> None:
        """Remove what killed writers left unfinished. Call while nobody else writes."""


class FolderPlaces:
    """Objects as files of a folder, in 256 subfolders by the first two characters of the name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """An object's file."""
        return self.folder / name[:2] / name

    def size(self, name: str) -> int | None:
        """The bytes of an object's file."""
        path = self.path(name)
        return path.stat().st_size if path.is_file() else None

    def open(self, name: str) -> BinaryIO:
        """Open an object's file."""
        return self.path(name).open("rb")

    def keep(self, name: str, write: Callable[[BinaryIO], None]) -> None:
        """Write to a temporary file, synchronise, rename, synchronise the folder."""
        path = self.path(name)
        with refusals("storing an original"):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                synchronise(self.folder)
            handle, partial = tempfile.mkstemp(suffix=PART, dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as out:
                    write(out)
                    out.flush()
                    os.fsync(out.fileno())
                Path(partial).replace(path)
                synchronise(path.parent)
            finally:
                Path(partial).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """The names of the files, without unfinished ones."""
        return (path.name for path in sorted(self.folder.glob("??/*")) if not path.name.endswith(PART))

    def sweep(self) -> None:
        """Remove unfinished files."""
        for left in self.folder.glob(f"??/*{PART}"):
            left.unlink(missing_ok=True)


@contextmanager
def refusals(doing: str) -> Iterator[None]:
    """Turn the disk's refusals into StorageFailed, saying what was being done."""
    try:
        yield
    except OSError as e:
        raise StorageFailed(f"{doing}: {e.strerror or errno.errorcode.get(e.errno or 0)}") from e


def synchronise(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
