"""From quantities to places: linear and logarithmic scales with round ticks, and numbers as people write them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps low..high to left..right; logarithmic where the quantity has no natural zero."""

    low: float
    high: float
    left: float
    right: float
    log: bool = False

    @classmethod
    def around(cls, values: Sequence[float], left: float, right: float, *, log: bool = False) -> Scale:
        """A scale that holds all values with some room. On a logarithmic one, values of zero or less are left out."""
        kept = [v for v in values if math.isfinite(v) and (v > 0 or not log)] or [1.0]
        low, high = min(kept), max(kept)
        if log:
            room = max(math.log(high / low) * 0.12, 0.25)
            return cls(low / math.exp(room), high * math.exp(room), left, right, True)
        low = min(low, 0.0) if low >= 0 else low * 1.1
        return cls(low, high * 1.1 if high > 0 else max(high * 0.9, low + 1.0), left, right)

    def at(self, value: float) -> float:
        """The place of a value, held to the ends."""
        if self.log:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def ticks(self, about: int = 6) -> list[float]:
        """Round values along the scale."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            few = len(powers) <= 3
            steps = [m * 10.0**p for p in powers for m in ((1, 2, 5) if few else (1,))]
            inside = [s for s in steps if self.low <= s <= self.high]
            if len(inside) >= 3:
                return inside
        raw = (self.high - self.low) / max(about, 1)
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
        first = math.ceil(self.low / step)
        return [n * step for n in range(first, math.floor(self.high / step) + 1)]


def plain(value: float) -> str:
    """A number with as many digits as it is worth: three significant ones, thousands divided."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
