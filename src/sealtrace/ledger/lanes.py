"""SHA-256 or SM3 of many messages at once, where the machine this was installed on had a C compiler for `lanes.c`.

hashlib hashes one message at a time. Without the processor's SHA instructions that is 3.5 to 6.7 us for 1 KiB,
more than writing it durably takes. Eight or sixteen messages side by side in the lanes of AVX2 or AVX-512 take
about a fifth; the same in NumPy takes eighteen times as long as hashlib. `benchmarks/ledger.py` prints all three.

What is hashed does not depend on it: without the library, and for a few messages, hashlib does the same.
"""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Literal, get_args

LIBRARY = Path(__file__).with_name("_lanes.so")
FEW = 4  # up to here hashlib is as fast
DIGEST_BYTES = 32

Function = Literal["sha256", "sm3"]
_FUNCTIONS: tuple[Function, ...] = get_args(Function)  # by their numbers in lanes.c

Hasher = Callable[[Function, int, bytes, bytes | None, int, int, int], bytes]
"""Gives the digests of (prefix, data, lengths as uint64 or None, width, gap, count), one after the other."""


def each(
    function: Function, prefix: bytes, messages: Sequence[bytes], standing: bytes | None = None, gap: int = 0
) -> list[bytes]:
    """Return the hash of prefix || message of each message; the prefix is one byte.

    `standing` are the same messages one after the other, each behind `gap` bytes, where the caller has them so:
    copying them once more takes a third of the time of hashing them.
    """
    hasher = _hasher() if len(messages) > FEW else None
    if hasher is None:
        return _one_by_one(function, prefix, messages)
    lengths = array("Q", map(len, messages)).tobytes()
    data, gap = (b"".join(messages), 0) if standing is None else (standing, gap)
    found = hasher(function, prefix[0], data, lengths, 0, gap, len(messages))
    return [digest for (digest,) in struct.iter_unpack(f"{DIGEST_BYTES}s", found)]


def rows(function: Function, prefix: bytes, data: bytes, width: int) -> bytes:
    """Return the hash of prefix || row of each row of `width` bytes, one after the other, as the rows stand."""
    count = len(data) // width
    hasher = _hasher() if count > FEW else None
    if hasher is None:
        parts = (data[at : at + width] for at in range(0, len(data), width))
        return b"".join(_one_by_one(function, prefix, parts))
    return hasher(function, prefix[0], data, None, width, 0, count)


def _one_by_one(function: Function, prefix: bytes, messages: Iterable[bytes]) -> list[bytes]:
    if function == "sha256":
        sha256 = hashlib.sha256  # a name of its own: this is a loop that appending may live by
        return [sha256(prefix + message).digest() for message in messages]
    begun, made = hashlib.new(function, prefix), []
    for message in messages:
        state = begun.copy()  # 1.4 times as fast as making a new one
        state.update(message)
        made.append(state.digest())
    return made


def available() -> bool:
    """Tell whether messages are hashed side by side here."""
    return _hasher() is not None


@cache
def _hasher() -> Hasher | None:
    return load(LIBRARY)


def load(library: Path, most: int = 16) -> Hasher | None:
    """Open a library that was built from `lanes.c`, to use at most so many lanes.

    Gives nothing when it is not there, not for this processor, or hashes anything differently from hashlib.
    """
    import ctypes

    try:
        built = ctypes.CDLL(str(library))
    except OSError:
        return None
    used = min(most, built.sealtrace_lanes())
    if not used:
        return None
    call, size = built.sealtrace_hash, ctypes.c_size_t
    text = ctypes.c_char_p
    call.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_uint8, text, text, size, size, size, text)
    call.restype = None

    def hasher(
        function: Function,
        prefix: int,
        data: bytes,
        lengths: bytes | None,
        width: int,
        gap: int,
        count: int,
    ) -> bytes:
        digests = ctypes.create_string_buffer(DIGEST_BYTES * count)
        call(_FUNCTIONS.index(function), used, prefix, data, lengths, width, gap, count, digests)
        return digests.raw

    return hasher if all(_agrees(hasher, function) for function in _FUNCTIONS) else None


def _agrees(hasher: Hasher, function: Function) -> bool:
    """Compare with hashlib at the lengths around which padding changes: a wrong hash would be signed."""
    sizes = [0, 1, 54, 55, 62, 63, 64, 118, 119, 126, 127, 128, 1024] * 3
    data = bytes(at * 151 & 0xFF for at in range(sum(sizes)))
    edges = list(accumulate(sizes, initial=0))
    expected = _one_by_one(function, b"\x00", (data[a:b] for a, b in pairwise(edges)))
    return hasher(function, 0, data, array("Q", sizes).tobytes(), 0, 0, len(sizes)) == b"".join(expected)
