"""Base 45: bytes as the 45 characters that a QR symbol packs best. Source: RFC 9285."""

from __future__ import annotations

from sealtrace.errors import ProofInvalid

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {c: i for i, c in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """Write two bytes as three characters, a last single byte as two."""
    made = []
    for i in range(0, len(data) - 1, 2):
        high, low = divmod(data[i] << 8 | data[i + 1], 45)
        top, middle = divmod(high, 45)
        made.append(ALPHABET[low] + ALPHABET[middle] + ALPHABET[top])
    if len(data) % 2:
        high, low = divmod(data[-1], 45)
        made.append(ALPHABET[low] + ALPHABET[high])
    return "".join(made)


def decode(text: str) -> bytes:
    """Read it back. Raises ProofInvalid: a character, a length or a value that no encoder writes."""
    try:
        values = [_VALUE[c] for c in text]
    except KeyError as e:
        raise ProofInvalid(f"{e.args[0]!r} is no base-45 character") from None
    made = bytearray()
    for i in range(0, len(values), 3):
        group = values[i : i + 3]
        number = sum(v * 45**place for place, v in enumerate(group))
        size = len(group) - 1
        if size == 0 or number >= 1 << 8 * size:
            raise ProofInvalid("the text is cut short, or was not written in base 45")
        made += number.to_bytes(size, "big")
    return bytes(made)
