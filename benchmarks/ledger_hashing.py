"""SHA-256 of a batch in NumPy, a message in each place of a vector: to be measured, nothing depends on it.

Source: FIPS 180-4, 6.2. All messages have the same length here.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]


def _roots(power: int, count: int) -> list[int]:
    """The first 32 bits of the fractions of the roots of the first primes. Source: FIPS 180-4, 4.2.2, 5.3.3."""
    primes = [n for n in range(2, 320) if all(n % d for d in range(2, n))][:count]
    return [_root(prime << 32 * power, power) & 0xFFFFFFFF for prime in primes]


def _root(of: int, power: int) -> int:
    root = int(Fraction(of) ** Fraction(1, power))
    while root**power > of:
        root -= 1
    while (root + 1) ** power <= of:
        root += 1
    return root


CONSTANTS = _roots(3, 64)
START = _roots(2, 8)


def _turn(x: Words, *by: int) -> Words:
    """The exclusive or of the vector's rotations."""
    turned = x >> by[0] | x << 32 - by[0]
    for n in by[1:]:
        turned ^= x >> n | x << 32 - n
    return turned


def _compress(state: list[Words], block: Words) -> list[Words]:
    w = list(block)
    a, b, c, d, e, f, g, h = state
    for t, constant in enumerate(CONSTANTS):
        if t >= 16:
            early = _turn(w[t - 15], 7, 18) ^ w[t - 15] >> 3
            late = _turn(w[t - 2], 17, 19) ^ w[t - 2] >> 10
            w.append(w[t - 16] + early + w[t - 7] + late)
        one = h + _turn(e, 6, 11, 25) + (g ^ (e & (f ^ g))) + w[t] + np.uint32(constant)
        two = _turn(a, 2, 13, 22) + (a & b | c & (a | b))
        a, b, c, d, e, f, g, h = one + two, a, b, c, d + one, e, f, g
    return [x + y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def leaf_hashes(entries: list[bytes]) -> list[bytes]:
    """Return SHA-256(0x00 || entry) of entries of one length."""
    length = len(entries[0]) + 1
    padding = b"\x80" + bytes((55 - length) % 64) + (8 * length).to_bytes(8, "big")
    padded = b"".join([b"\x00" + entry + padding for entry in entries])
    words = np.frombuffer(padded, ">u4").astype(np.uint32).reshape(len(entries), -1, 16).transpose(1, 2, 0)
    state = [np.full(len(entries), word, np.uint32) for word in START]
    for block in np.ascontiguousarray(words):
        state = _compress(state, block)
    digests = np.stack(state, axis=1).astype(">u4").tobytes()
    return [digests[at : at + 32] for at in range(0, len(digests), 32)]
