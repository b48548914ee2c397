"""The vault: encrypted, content-addressed originals in a folder.

An object's file is named by a keyed hash of its SHA-256, so that names tell nothing to whoever lacks the
key. Writing: encrypt to a temporary file while hashing, synchronise, rename, synchronise the folder.
Durable when `put` returns, harmless to repeat, and nothing half-written stays under an object's name.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sealtrace.errors import Corrupted, NotRegistered, SealtraceError, StorageFailed

from .stream import CHUNK, HEADER, Encryptor, decrypt

PART = ".part"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What was stored: the SHA-256 of the plaintext and its size."""

    sha256: bytes
    size_bytes: int


class Vault:
    """Objects by the SHA-256 of their plaintext."""

    def __init__(self, folder: Path, kek: bytes, *, sm: bool = False) -> None:
        self._folder, self._kek, self._sm = folder, kek, sm
        self._name_key = hmac.digest(kek, b"vault object names", "sha256")

    def put(self, source: Path) -> StoredObject:
        """Store a file, in one pass and in constant memory; the same bytes are stored once.

        Raises:
            StorageFailed: no room, read-only or failing disk; nothing of it stays.
        """
        with source.open("rb") as plain:
            return self._put(plain)

    def put_bytes(self, data: bytes) -> StoredObject:
        """Store a small object."""
        return self._put(io.BytesIO(data))

    def export(self, sha256: bytes, target: Path) -> None:
        """Write an object's plaintext to `target`, verified; `target` does not appear when it fails.

        Raises:
            NotRegistered: the vault has no such object.
            Corrupted: it was altered.
            StorageFailed: the target can't be written.
        """
        partial = target.with_name(f".{target.name}.{os.urandom(4).hex()}{PART}")
        try:
            with _refusals(f"writing {target.name}"), partial.open("xb") as out:
                for chunk in self._verified(sha256):
                    out.write(chunk)
                out.flush()
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def read(self, sha256: bytes) -> bytes:
        """Give a small object's plaintext, verified."""
        return b"".join(self._verified(sha256))

    def __contains__(self, sha256: bytes) -> bool:
        return self._path(sha256).is_file()

    def check(self, wanted: Callable[[int], bool] = lambda _: True) -> Iterator[tuple[bytes, str]]:
        """Read the objects whose number, spread evenly, is wanted; yields (object name, problem) of bad ones."""
        for path in sorted(self._folder.glob("??/*")):
            if path.name.endswith(PART) or not wanted(int(path.name[:15], 16)):
                continue
            whole = hashlib.sha256()
            try:
                with path.open("rb") as source:
                    for chunk in decrypt(source, self._kek, path.name.encode()):
                        whole.update(chunk)
                if self._name(whole.digest()) != path.name:
                    yield path.name.encode(), "its content has another name"
            except SealtraceError as e:
                yield path.name.encode(), e.message
            except OSError as e:
                yield path.name.encode(), f"it can't be read: {e.strerror}"

    def sweep(self) -> None:
        """Remove what a killed writer left unfinished. Call while nobody else writes."""
        for left in self._folder.glob(f"??/*{PART}"):
            left.unlink(missing_ok=True)

    def _put(self, plain: BinaryIO) -> StoredObject:
        """Hash first, then encrypt: an object's key is bound to its name, and known bytes are not written."""
        whole, size = hashlib.sha256(), 0
        while chunk := plain.read(CHUNK):
            whole.update(chunk)
            size += len(chunk)
        stored = StoredObject(whole.digest(), size)
        path = self._path(stored.sha256)
        if path.is_file() and path.stat().st_size == sealed_size(size):
            return stored
        plain.seek(0)
        with _refusals("storing an original"):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                synchronise(self._folder)
            self._write(plain, stored, path)
        return stored

    def _write(self, plain: BinaryIO, stored: StoredObject, path: Path) -> None:
        handle, partial = tempfile.mkstemp(suffix=PART, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                again = self._encrypt(plain, out, path.name.encode())
                out.flush()
                os.fsync(out.fileno())
            if again != stored.sha256:
                raise StorageFailed("the source changed while it was being stored")
            Path(partial).replace(path)
            synchronise(path.parent)
        finally:
            Path(partial).unlink(missing_ok=True)

    def _encrypt(self, plain: BinaryIO, out: BinaryIO, name: bytes) -> bytes:
        sealer, whole = Encryptor(self._kek, name, sm=self._sm), hashlib.sha256()
        out.write(sealer.header)
        chunk = plain.read(CHUNK)
        while True:
            following = plain.read(CHUNK)
            whole.update(chunk)
            out.write(sealer.chunk(chunk, last=not following))
            if not following:
                return whole.digest()
            chunk = following

    def _verified(self, sha256: bytes) -> Iterator[bytes]:
        path, whole = self._path(sha256), hashlib.sha256()
        try:
            source = path.open("rb")
        except FileNotFoundError:
            raise NotRegistered(f"the vault has no object {sha256.hex()[:16]}...") from None
        with source:
            for chunk in decrypt(source, self._kek, path.name.encode()):
                whole.update(chunk)
                yield chunk
        if whole.digest() != sha256:
            raise Corrupted(f"vault object {sha256.hex()[:16]}... has other content than its name says")

    def _path(self, sha256: bytes) -> Path:
        name = self._name(sha256)
        return self._folder / name[:2] / name

    def _name(self, sha256: bytes) -> str:
        return hmac.digest(self._name_key, sha256, "sha256").hex()


def sealed_size(size_bytes: int) -> int:
    """The size of an object's file for a plaintext of `size_bytes`."""
    chunks = max(1, -(-size_bytes // CHUNK))
    return HEADER + size_bytes + 16 * chunks


@contextmanager
def _refusals(doing: str) -> Iterator[None]:
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
