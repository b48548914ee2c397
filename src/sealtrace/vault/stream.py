"""The encrypted form of one vault object: a header, then chunks of AES-256-GCM.

    magic 8 | wrapped object key 60 (nonce 12, key 32, tag 16) | chunks of 1 MiB + 16 bytes of tag

Chunk i is sealed under the object's own key with nonce = i (96 bits) and the associated data "last" or
"more", so that a chunk cut off, exchanged or repeated does not open. The construction is STREAM.
Source: Hoang, Reyhanitabar, Rogaway, Vizar, CRYPTO 2015.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealtrace.errors import Corrupted

MAGIC = b"SEALVLT1"
CHUNK = 1 << 20
TAG = 16
WRAPPED = 12 + 32 + TAG
HEADER = len(MAGIC) + WRAPPED


class Encryptor:
    """Encrypts one object chunk by chunk."""

    def __init__(self, kek: bytes, name: bytes) -> None:
        key, nonce = os.urandom(32), os.urandom(12)
        self.header = MAGIC + nonce + AESGCM(kek).encrypt(nonce, key, MAGIC + name)
        self._cipher, self._count = AESGCM(key), 0

    def chunk(self, data: bytes, *, last: bool) -> bytes:
        """Seal the next chunk; all but the last have CHUNK bytes."""
        sealed = self._cipher.encrypt(self._count.to_bytes(12, "big"), data, b"last" if last else b"more")
        self._count += 1
        return sealed


def decrypt(source: BinaryIO, kek: bytes, name: bytes) -> Iterator[bytes]:
    """Yield an object's chunks, each verified before it is yielded.

    Raises:
        Corrupted: a byte was altered, cut off or moved.
    """
    header = source.read(HEADER)
    if len(header) != HEADER or not header.startswith(MAGIC):
        raise Corrupted("a vault object has no header of ours")
    nonce, wrapped = header[len(MAGIC) : len(MAGIC) + 12], header[len(MAGIC) + 12 :]
    try:
        cipher = AESGCM(AESGCM(kek).decrypt(nonce, wrapped, MAGIC + name))
        sealed, count = source.read(CHUNK + TAG), 0
        while True:
            following = source.read(CHUNK + TAG)
            data = cipher.decrypt(count.to_bytes(12, "big"), sealed, b"more" if following else b"last")
            yield data
            if not following:
                return
            sealed, count = following, count + 1
    except InvalidTag:
        raise Corrupted("a vault object was altered, or belongs to another vault") from None
