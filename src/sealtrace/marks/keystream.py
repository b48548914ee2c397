"""Keyed random numbers that stay the same for ever: AES-256 keystreams and their subkeys.

A generator of a numerical library may change its stream with any release; marks must be found again
after decades. Sources: NIST SP 800-38A (ECB, CTR), RFC 5869 (HKDF-Expand).
"""

from __future__ import annotations

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from numpy.typing import NDArray

KEY_BYTES = 32
_BLOCK_BYTES = 16


def subkey(key: bytes, purpose: str) -> bytes:
    """Derive the 32-byte key for one purpose; subkeys tell nothing of each other or of `key`."""
    return HKDFExpand(hashes.SHA256(), KEY_BYTES, f"sealtrace/marks/v1/{purpose}".encode()).derive(key)


def uint64s(key: bytes, count: int, stream: int = 0) -> NDArray[np.uint64]:
    """Return `count` uniform 64-bit numbers: AES-256-CTR keystream number `stream` (below 2^64) of `key`."""
    counter = stream.to_bytes(8, "big") + bytes(8)
    encryptor = Cipher(algorithms.AES256(key), modes.CTR(counter)).encryptor()
    return np.frombuffer(encryptor.update(bytes(8 * count)), dtype=">u8").astype(np.uint64)


def encrypt_blocks(key: bytes, blocks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Encrypt distinct 16-byte blocks, (..., 16), each by itself: a keyed random function of the block."""
    if blocks.dtype != np.uint8 or blocks.shape[-1] != _BLOCK_BYTES:
        raise ValueError(f"blocks come as (..., {_BLOCK_BYTES}) bytes, not {blocks.dtype} {blocks.shape}")
    flat = np.ascontiguousarray(blocks)
    out = np.empty(
        flat.nbytes + _BLOCK_BYTES - 1, np.uint8
    )  # the library asks for one block less a byte more
    # ECB is right here: every block is distinct, and what is wanted is the permutation itself
    encryptor = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()  # noqa: S305
    encryptor.update_into(flat.reshape(-1).data, out.data)
    return out[: flat.nbytes].reshape(blocks.shape)
