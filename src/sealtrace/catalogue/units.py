"""Masses and contents as exact numbers: our own small table of units, and the refusal of every other word.

General unit libraries read `25 T` as tesla and `25 G` as gauss; a customs declaration means neither.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from sealtrace.errors import MalformedQuantity

_MG: dict[str, Decimal] = {
    "t": Decimal("1e9"), "tonne": Decimal("1e9"), "吨": Decimal("1e9"), "公吨": Decimal("1e9"),
    "kg": Decimal("1e6"), "千克": Decimal("1e6"), "公斤": Decimal("1e6"),
    "g": Decimal(1000), "克": Decimal(1000), "mg": Decimal(1), "毫克": Decimal(1),
    "lb": Decimal("453592.37"),
}  # fmt: skip
_UPPER = {"KG": "kg", "Kg": "kg"}  # as declarations print it; T, G and M stay refused
_SHARE: dict[str, Decimal] = {
    "%": Decimal(1), "wt%": Decimal(1), "wt.%": Decimal(1), "mass%": Decimal(1), "质量%": Decimal(1),
    "ppm": Decimal("1e-4"), "ppmw": Decimal("1e-4"), "mg/kg": Decimal("1e-4"), "‰": Decimal("0.1"),
}  # fmt: skip
_NUMBER = r"\d{1,12}(?:\.\d{1,12})?"
_MASS = re.compile(rf"({_NUMBER})\s*([^\d\s.]+)")
_CONTENT = re.compile(
    rf"(?P<sign>[<>≤≥]?)\s*(?P<low>{_NUMBER})(?:\s*(?P<join>[-~–—至±])\s*(?P<high>{_NUMBER}))?\s*(?P<unit>\D*)"
)
NOT_DETECTED = frozenset({"nd", "n.d.", "n.d", "not detected", "未检出", "未检测出", "<lod", "bdl"})
HUNDRED = Decimal(100)
SHORT = 32  # characters of a content that is remembered once it was read


@dataclass(frozen=True, slots=True)
class Interval:
    """A content in percent by mass, between two ends, both included."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not (self.low.is_finite() and self.high.is_finite() and 0 <= self.low <= self.high <= HUNDRED):
            raise MalformedQuantity(f"a content lies between 0 and 100 %, not from {self.low} to {self.high}")

    @classmethod
    def exactly(cls, value: Decimal) -> Interval:
        """Give the interval of one value."""
        return cls(value, value)

    def __str__(self) -> str:
        return f"{self.low:f}" if self.low == self.high else f"{self.low:f}-{self.high:f}"


def mass_mg(text: str) -> int:
    """Read a mass such as `25 kg`, `0.5 t` or `50 克` as whole milligrams.

    Raises:
        MalformedQuantity: another unit, no unit, or a fraction of a milligram.
    """
    found = _MASS.fullmatch(unicodedata.normalize("NFKC", text).strip())
    unit = _UPPER.get(found[2], found[2]) if found else ""
    if found is None or unit not in _MG:
        raise MalformedQuantity(f"{text!r} is not a number with one of the units {', '.join(_MG)}")
    return whole_mg(Decimal(found[1]) * _MG[unit])


def kilograms_mg(text: str) -> int:
    """Read a bare number of kilograms as whole milligrams. Raises MalformedQuantity."""
    if re.fullmatch(_NUMBER, text.strip()) is None:
        raise MalformedQuantity(f"{text!r} is not a number of kilograms, such as 0.1 or 25")
    return whole_mg(Decimal(text.strip()) * _MG["kg"])


def whole_mg(mass: Decimal) -> int:
    """Turn milligrams into an integer, refusing fractions: quantities are counted, never rounded."""
    if mass != mass.to_integral_value():
        raise MalformedQuantity(f"{mass:f} mg is not a whole number of milligrams")
    if not 0 <= mass < 1 << 62:
        raise MalformedQuantity(f"{mass:f} mg is more than an account can hold")
    return int(mass)


def element_mg(gross_mg: int, fraction: Fraction | Decimal) -> int:
    """The mass of an element within a gross mass, rounded up: an account is never charged too little."""
    exact = gross_mg * Fraction(fraction)
    return -(-exact.numerator // exact.denominator)


def content(value: object) -> Interval:
    """Read a content as percent by mass: 3, "3 wt%", "1800 ppm", "<0.05 %", "2-3 %", "ND", "4N5", [2, 3].

    A bare number is percent. "ND" without a limit of detection is the interval from zero to zero.

    Raises:
        MalformedQuantity: it is none of these, at % among them, whose mass needs the whole composition.
    """
    if isinstance(value, bool) or value is None:
        raise MalformedQuantity(f"{value!r} is not a content")
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise MalformedQuantity("an interval of contents has two ends")
        low, high = (content(v) for v in value)
        return Interval(low.low, high.high)
    if isinstance(value, int | float | Decimal):
        return _exactly(str(value))
    if not isinstance(value, str):
        raise MalformedQuantity(f"{type(value).__name__} is not a content")
    text = unicodedata.normalize("NFKC", value).strip()
    return _remembered(text) if len(text) <= SHORT else _content_of(text)


@lru_cache(maxsize=8192)
def _exactly(text: str) -> Interval:
    return Interval.exactly(_decimal(text))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise MalformedQuantity(f"{text!r} is not a number") from None


def _content_of(text: str) -> Interval:
    lowered = text.lower()
    if lowered in NOT_DETECTED:
        return Interval.exactly(Decimal(0))
    limit = re.fullmatch(r"(?:nd|n\.d\.?|未检出)\s*[(（]\s*(<?[^()（）]+)[)）]", lowered)
    if limit:
        return Interval(Decimal(0), _content_of(limit[1]).high)
    nines = re.fullmatch(r"([1-9])[nN]([0-9])?", text)
    if nines:
        purity = HUNDRED - Decimal(10) ** (2 - int(nines[1]))
        if nines[2] and nines[2] != "0":
            purity += Decimal(nines[2]) * Decimal(10) ** (1 - int(nines[1]))
        return Interval(purity, HUNDRED)
    found = _CONTENT.fullmatch(text)
    unit = (found["unit"].replace(" ", "").lower() or "%") if found else ""
    if found is None or unit not in _SHARE:
        raise MalformedQuantity(f"{text!r} is not a content in percent by mass or ppm")
    low = Decimal(found["low"]) * _SHARE[unit]
    if found["high"]:
        high = Decimal(found["high"]) * _SHARE[unit]
        return (
            Interval(max(low - high, Decimal(0)), low + high) if found["join"] == "±" else Interval(low, high)
        )
    if found["sign"] in ("<", "≤"):
        return Interval(Decimal(0), low)
    return Interval(low, HUNDRED) if found["sign"] else Interval.exactly(low)


_remembered = lru_cache(maxsize=8192)(_content_of)


def weight_from_atomic(atomic: dict[str, Decimal]) -> dict[str, Decimal]:
    """Turn a whole composition in atomic percent into percent by mass."""
    from .elements import WEIGHTS

    masses = {symbol: WEIGHTS[symbol] * share for symbol, share in atomic.items()}
    whole = sum(masses.values(), Decimal(0))
    if not whole:
        raise MalformedQuantity("a composition of nothing has no masses")
    return {symbol: mass * HUNDRED / whole for symbol, mass in masses.items()}
