"""Key shares: a home's root secret split so that any k of n shares give it back, and fewer tell nothing.

One polynomial of degree k - 1 over GF(2^8) for each byte of the secret, its value at 0 being the byte; share
x holds the values at x. Source: Shamir, How to share a secret, CACM 22 (1979); the field is FIPS 197's.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor
from pathlib import Path

from sealtrace.errors import UsageProblem, WrongKey

HEAD = "sealtrace-key-share-1"
MAX_SHARES = 255
SET_BYTES, CHECK_BYTES = 8, 4


@dataclass(frozen=True, slots=True)
class Share:
    """One share: to which set it belongs, how many are needed, its number from 1 to 255, its bytes."""

    set_id: bytes
    needed: int
    number: int
    data: bytes

    def __post_init__(self) -> None:
        if not (2 <= self.needed <= MAX_SHARES and 1 <= self.number <= MAX_SHARES and self.data):
            raise WrongKey("this is not a key share")

    @property
    def text(self) -> str:
        """One line that its holder keeps, with check bytes against typing errors."""
        body = bytes([self.needed, self.number]) + self.set_id + self.data
        return f"{HEAD} {base64.b32encode(body + _check(body)).decode().rstrip('=')}"

    @classmethod
    def parse(cls, text: str) -> Share:
        """Read a share's line.

        Raises:
            WrongKey: it is not one, or was mistyped.
        """
        head, _, encoded = " ".join(text.split()).partition(" ")
        encoded = encoded.replace(" ", "").upper()
        try:
            raw = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
        except ValueError as e:
            raise WrongKey("this is not a key share") from e
        body, check = raw[:-CHECK_BYTES], raw[-CHECK_BYTES:]
        if head != HEAD or len(body) <= 2 + SET_BYTES or check != _check(body):
            raise WrongKey("this is not a key share, or it was mistyped")
        return cls(body[2 : 2 + SET_BYTES], body[0], body[1], body[2 + SET_BYTES :])


def parse_count(text: str) -> tuple[int, int]:
    """Read K/N: how many shares are needed, of how many.

    Raises:
        UsageProblem: it is not that, or the numbers do not fit.
    """
    needed, slash, of = text.partition("/")
    if not (slash and needed.isdecimal() and of.isdecimal() and 2 <= int(needed) <= int(of) <= MAX_SHARES):
        raise UsageProblem(
            f"{text!r} is not a number of shares like 3/5", advice="Give K/N, 2 <= K <= N <= 255."
        )
    return int(needed), int(of)


def split(
    secret: bytes, needed: int, of: int, random: Callable[[int], bytes] = os.urandom
) -> tuple[Share, ...]:
    """Split a secret into `of` shares, any `needed` of which give it back."""
    assert 2 <= needed <= of <= MAX_SHARES
    assert secret
    set_id = random(SET_BYTES)
    coefficients = [secret, *(random(len(secret)) for _ in range(needed - 1))]
    return tuple(
        Share(set_id, needed, x, bytes(_value(column, x) for column in zip(*coefficients, strict=True)))
        for x in range(1, of + 1)
    )


def join(shares: Sequence[Share]) -> bytes:
    """Give the secret back.

    Raises:
        WrongKey: the shares are too few, or of different sets. Altered ones give another secret, which the
            caller has to notice.
    """
    different = {share.number: share for share in shares}
    if not shares or len({(s.set_id, s.needed, len(s.data)) for s in shares}) != 1:
        raise WrongKey("the key shares are not of one set")
    needed = shares[0].needed
    if len(different) < needed:
        raise WrongKey(f"{needed} different key shares are needed; {len(different)} were given")
    used = list(different.values())[:needed]
    weights = [_weight(share.number, [s.number for s in used]) for share in used]
    columns = zip(*(share.data for share in used), strict=True)
    return bytes(_sum(_times(w, y) for w, y in zip(weights, column, strict=True)) for column in columns)


def read(paths: Sequence[Path]) -> list[Share]:
    """Read share files. Raises WrongKey."""
    found = []
    for path in paths:
        try:
            found.append(Share.parse(path.read_text("ascii")))
        except (OSError, UnicodeDecodeError) as e:
            raise WrongKey(f"the key share {path} can't be read: {e}") from e
    return found


# -- GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 -------------------------------------------------------


def _times(a: int, b: int) -> int:
    """Multiply without branches or tables on the secret's bits."""
    product = 0
    for bit in range(8):
        product ^= -(b >> bit & 1) & a
        a = (a << 1) ^ (-(a >> 7) & 0x11B)
    return product


def _inverse(a: int) -> int:
    power = a  # a^254 = 1/a
    for _ in range(6):
        power = _times(_times(power, power), a)
    return _times(power, power)


def _sum(values: Iterable[int]) -> int:
    return reduce(xor, values, 0)


def _value(coefficients: Sequence[int], x: int) -> int:
    total = 0
    for coefficient in reversed(coefficients):
        total = _times(total, x) ^ coefficient
    return total


def _weight(x: int, others: Sequence[int]) -> int:
    """The Lagrange weight of point x at 0."""
    weight = 1
    for other in others:
        if other != x:
            weight = _times(weight, _times(other, _inverse(other ^ x)))
    return weight


def _check(body: bytes) -> bytes:
    return hashlib.sha256(HEAD.encode() + body).digest()[:CHECK_BYTES]
