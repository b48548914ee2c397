"""The encrypted form of one vault object: a header, then chunks of AES-256-GCM.

    magic 8 | wrapped object key 60 (nonce 12, key 32, tag 16) | chunks of 1 MiB + 16 bytes of tag

Chunk i is sealed under the object's own key with nonce = i (96 bits) and the associated data "last" or
"more", so that a chunk cut off, exchanged or repeated does not open. The construction is STREAM. In the
SM profile the object's key is wrapped with SM4-GCM instead, under a magic of its own.
Source: Hoang, Reyhanitabar, Rogaway, Vizar, CRYPTO 2015.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealtrace.errors import Corrupted

MAGIC, MAGIC_SM = b"SEALVLT1", b"SEALVLS1"
CHUNK = 1 << 20
TAG = 16
WRAPPED = 12 + 32 + TAG
HEADER = len(MAGIC) + WRAPPED


class Encryptor:
    """Encrypts one object chunk by chunk."""

    def __init__(self, kek: bytes, name: bytes, *, sm: bool = False) -> None:
        key, nonce = os.urandom(32), os.urandom(12)
        if sm:
            self.header = MAGIC_SM + nonce + _sm4_wrap(kek, nonce, key, MAGIC_SM + name)
        else:
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
    if len(header) != HEADER or not header.startswith((MAGIC, MAGIC_SM)):
        raise Corrupted("a vault object has no header of ours")
    nonce, wrapped = header[len(MAGIC) : len(MAGIC) + 12], header[len(MAGIC) + 12 :]
    try:
        cipher = AESGCM(_unwrapped(header[: len(MAGIC)], kek, nonce, wrapped, name))
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


def _unwrapped(magic: bytes, kek: bytes, nonce: bytes, wrapped: bytes, name: bytes) -> bytes:
    if magic == MAGIC:
        return AESGCM(kek).decrypt(nonce, wrapped, MAGIC + name)
    opener = Cipher(algorithms.SM4(kek[:16]), modes.GCM(nonce, wrapped[-TAG:])).decryptor()
    opener.authenticate_additional_data(MAGIC_SM + name)
    return opener.update(wrapped[:-TAG]) + opener.finalize()


def _sm4_wrap(kek: bytes, nonce: bytes, key: bytes, bound_to: bytes) -> bytes:
    """Wrap an object's key under SM4-GCM (GB/T 32907, RFC 8998), with the first 16 bytes of the key above it."""
    sealer = Cipher(algorithms.SM4(kek[:16]), modes.GCM(nonce)).encryptor()
    sealer.authenticate_additional_data(bound_to)
    return sealer.update(key) + sealer.finalize() + sealer.tag
