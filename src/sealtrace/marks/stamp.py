"""The structural stamp: a copy id with a tag that only this installation can make."""

from __future__ import annotations

import base64
import hmac
import re

from sealtrace.ids import CopyId

ID_BYTES, TAG_BYTES = 8, 16
TOKEN_BYTES = ID_BYTES + TAG_BYTES
TOKEN_BITS = 8 * TOKEN_BYTES
PREFIX = "ST1."
DOMAIN = b"sealtrace stamp 1\0"
TEXT_FORM = re.compile(rb"ST1\.([A-Z2-7]{39})")


class Stamper:
    """Makes and checks tokens: 8 bytes of copy id, 16 bytes of HMAC-SHA256 over it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, copy: CopyId) -> bytes:
        """Return the 24-byte token of a copy; always the same for the same copy."""
        return bytes(copy) + self._tag(bytes(copy))

    def check(self, token: bytes) -> CopyId | None:
        """Return the copy a token names, or None when this installation did not make it.

        Guessing a tag succeeds with chance 2^-128.
        """
        if len(token) != TOKEN_BYTES:
            return None
        name, tag = token[:ID_BYTES], token[ID_BYTES:]
        if not hmac.compare_digest(tag, self._tag(name)):
            return None
        return CopyId(int.from_bytes(name, "big"))

    def _tag(self, name: bytes) -> bytes:
        return hmac.digest(self._key, DOMAIN + name, "sha256")[:TAG_BYTES]


def to_text(token: bytes) -> str:
    """Write a token as text: "ST1." and 39 characters of base 32."""
    return PREFIX + base64.b32encode(token).decode().rstrip("=")


def in_bytes(data: bytes) -> list[bytes]:
    """Find tokens in text form anywhere in bytes, in order, each once."""
    return list(dict.fromkeys(_from_text(match[1]) for match in TEXT_FORM.finditer(data)))


def in_text(text: str) -> list[bytes]:
    """Find tokens in text form anywhere in a string."""
    return in_bytes(text.encode("utf-8", "ignore"))


def _from_text(encoded: bytes) -> bytes:
    return base64.b32decode(encoded + b"=")


def to_bits(token: bytes) -> list[int]:
    """Spread a token into bits, highest first."""
    return [(byte >> shift) & 1 for byte in token for shift in range(7, -1, -1)]


def from_bits(bits: list[int]) -> bytes:
    """Gather bits into bytes, highest first; the number of bits must be a multiple of 8."""
    return bytes(
        sum(bit << (7 - i) for i, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8)
    )
