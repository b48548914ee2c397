"""The vault: encrypted, content-addressed originals, in a folder or an S3-compatible store.

An object is named by a keyed hash of its SHA-256, so that names tell nothing to whoever lacks the key. It is
durable when `put` returns, harmless to repeat, and nothing half-written stays under an object's name.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sealtrace.errors import Corrupted, NotRegistered, SealtraceError, StorageFailed

from .places import PART, FolderPlaces, Places, refusals
from .stream import CHUNK, HEADER, Encryptor, decrypt


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What was stored: the SHA-256 of the plaintext and its size."""

    sha256: bytes
    size_bytes: int


class Vault:
    """Objects by the SHA-256 of their plaintext."""

    def __init__(self, places: Path | Places, kek: bytes, *, sm: bool = False) -> None:
        self.places: Places = FolderPlaces(places) if isinstance(places, Path) else places
        self._kek, self._sm = kek, sm
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
            with refusals(f"writing {target.name}"), partial.open("xb") as out:
                for chunk in self._verified(sha256):
                    out.write(chunk)
                out.flush()
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def read(self, sha256: bytes) -> bytes:
        """Give a small object's plaintext, verified."""
        return b"".join(self._verified(sha256))

    def verify(self, sha256: bytes) -> None:
        """Read an object through in constant memory. Raises NotRegistered, Corrupted."""
        for _ in self._verified(sha256):
            pass

    def __contains__(self, sha256: bytes) -> bool:
        return self.places.size(self.name(sha256)) is not None

    def check(self, wanted: Callable[[int], bool] = lambda _: True) -> Iterator[tuple[bytes, str]]:
        """Read the objects whose number, spread evenly, is wanted; yields (object name, problem) of bad ones."""
        for name in self.places.names():
            if not wanted(int(name[:15], 16)):
                continue
            whole = hashlib.sha256()
            try:
                with self.places.open(name) as source:
                    for chunk in decrypt(source, self._kek, name.encode()):
                        whole.update(chunk)
                if self.name(whole.digest()) != name:
                    yield name.encode(), "its content has another name"
            except SealtraceError as e:
                yield name.encode(), e.message
            except OSError as e:
                yield name.encode(), f"it can't be read: {e.strerror}"

    def sweep(self) -> None:
        """Remove what a killed writer left unfinished. Call while nobody else writes."""
        self.places.sweep()

    def _put(self, plain: BinaryIO) -> StoredObject:
        """Hash first, then encrypt: an object's key is bound to its name, and known bytes are not written."""
        whole, size = hashlib.sha256(), 0
        while chunk := plain.read(CHUNK):
            whole.update(chunk)
            size += len(chunk)
        stored = StoredObject(whole.digest(), size)
        name = self.name(stored.sha256)
        if self.places.size(name) == sealed_size(size):
            return stored

        def write(out: BinaryIO) -> None:
            plain.seek(0)
            if self._encrypt(plain, out, name.encode()) != stored.sha256:
                raise StorageFailed("the source changed while it was being stored")

        self.places.keep(name, write)
        return stored

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
        name, whole = self.name(sha256), hashlib.sha256()
        try:
            source = self.places.open(name)
        except FileNotFoundError:
            raise NotRegistered(f"the vault has no object {sha256.hex()[:16]}...") from None
        with source:
            for chunk in decrypt(source, self._kek, name.encode()):
                whole.update(chunk)
                yield chunk
        if whole.digest() != sha256:
            raise Corrupted(f"vault object {sha256.hex()[:16]}... has other content than its name says")

    def name(self, sha256: bytes) -> str:
        """The name of the object with this plaintext."""
        return hmac.digest(self._name_key, sha256, "sha256").hex()


def sealed_size(size_bytes: int) -> int:
    """The size of an object's file for a plaintext of `size_bytes`."""
    chunks = max(1, -(-size_bytes // CHUNK))
    return HEADER + size_bytes + 16 * chunks
