"""Names of things: file codes, versions and copies. Random, short, typo-proof, no meaning inside.

A code's symbols are Crockford's base 32 (no I, L, O, U). Its two check characters are those of a
shortened Reed-Solomon code over GF(32), roots a and a^2: minimum distance 3, so every error in one
or two characters is found, every exchange of two characters too. Source: Reed & Solomon, 1960.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .errors import MalformedCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {c: i for i, c in enumerate(ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
_DATA_SYMBOLS = 8  # 40 bits: 10^6 files meet a clash with chance 5e-7 each, and clashes are redrawn


def _powers() -> tuple[list[int], list[int]]:
    exp, log, x = [0] * 62, [0] * 32, 1
    for i in range(31):
        exp[i] = exp[i + 31] = x
        log[x] = i
        x <<= 1
        if x & 32:
            x ^= _FIELD_POLYNOMIAL
    return exp, log


_EXP, _LOG = _powers()


def _times(a: int, b: int) -> int:
    return 0 if a == 0 or b == 0 else _EXP[_LOG[a] + _LOG[b]]


def _check_symbols(data: list[int]) -> tuple[int, int]:
    """Return the remainder of data(x)*x^2 by (x - a)(x - a^2): two check symbols."""
    a1, a2 = _EXP[1], _EXP[2]
    g1, g0 = a1 ^ a2, _times(a1, a2)
    r1 = r0 = 0
    for symbol in data:
        lead = symbol ^ r1
        r1, r0 = r0 ^ _times(lead, g1), _times(lead, g0)
    return r1, r0


def _symbols(text: str, what: str) -> list[int]:
    try:
        return [_VALUE[c] for c in text.upper() if c not in "- "]
    except KeyError as e:
        raise MalformedCode(f"{what} {text!r} has a character that no code uses: {e.args[0]!r}") from None


def _write(value: int, symbols: int) -> str:
    data = [(value >> 5 * (symbols - 1 - i)) & 31 for i in range(symbols)]
    return "".join(ALPHABET[s] for s in (*data, *_check_symbols(data)))


def _read(text: str, symbols: int, what: str) -> int:
    given = _symbols(text, what)
    if len(given) != symbols + 2:
        raise MalformedCode(f"{what} {text!r} has {len(given)} characters, {symbols + 2} are needed")
    data, check = given[:symbols], tuple(given[symbols:])
    if _check_symbols(data) != check:
        raise MalformedCode(f"{what} {text!r} fails its check characters")
    value = 0
    for symbol in data:
        value = value << 5 | symbol
    return value


@dataclass(frozen=True, slots=True, order=True)
class FileCode:
    """Names one registered file through all its versions. 40 random bits."""

    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value < 1 << 5 * _DATA_SYMBOLS:
            raise MalformedCode(f"file code value {self.value} is out of range")

    def __str__(self) -> str:
        text = _write(self.value, _DATA_SYMBOLS)
        return f"{text[:5]}-{text[5:]}"

    @property
    def urn(self) -> str:
        """The code as a URN, for machine-readable labels."""
        return f"urn:sealtrace:file:{self}"

    @classmethod
    def parse(cls, text: str) -> FileCode:
        """Read a code as typed or scanned: case, spaces and hyphens don't matter; a URN is taken too."""
        return cls(_read(text.strip().removeprefix("urn:sealtrace:file:"), _DATA_SYMBOLS, "file code"))

    @classmethod
    def random(cls) -> FileCode:
        """Draw a fresh code; the register redraws on a clash."""
        return cls(secrets.randbits(5 * _DATA_SYMBOLS))


@dataclass(frozen=True, slots=True, order=True)
class VersionRef:
    """Names one registered version: CODE@3. Version None means the newest."""

    code: FileCode
    version: int | None = None

    def __str__(self) -> str:
        return str(self.code) if self.version is None else f"{self.code}@{self.version}"

    @classmethod
    def parse(cls, text: str) -> VersionRef:
        """Read CODE or CODE@VERSION."""
        code, at, version = text.partition("@")
        if not at:
            return cls(FileCode.parse(code))
        if not version.isdecimal() or int(version) < 1:
            raise MalformedCode(f"version {version!r} in {text!r} is not a positive whole number")
        return cls(FileCode.parse(code), int(version))


@dataclass(frozen=True, slots=True, order=True)
class CopyId:
    """Names one issued copy. 64 bits, never reused, carries no personal data."""

    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value < 1 << 64:
            raise MalformedCode(f"copy id value {self.value} is out of range")

    def __str__(self) -> str:
        text = _write(self.value, 13)
        return "-".join(("C" + text[0:4], text[4:8], text[8:12], text[12:]))

    def __bytes__(self) -> bytes:
        return self.value.to_bytes(8, "big")

    @classmethod
    def parse(cls, text: str) -> CopyId:
        """Read a copy id as printed."""
        bare = text.strip().upper()
        value = _read(bare.removeprefix("C") if len(bare.replace("-", "")) == 16 else bare, 13, "copy id")
        return cls(value)

    @classmethod
    def random(cls) -> CopyId:
        """Draw a fresh copy id."""
        return cls(secrets.randbits(64))
