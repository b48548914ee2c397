"""Numbers as they are written: read, count decimals, write another value in the same form."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PLAIN = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
MOST_DECIMALS = 15


def numbers_of(cells: Sequence[str]) -> NDArray[np.float64]:
    """Read a column, NaN where a cell holds no plain number. A decimal comma is a point."""
    try:
        found = np.array(cells, dtype=np.float64)  # the usual case: all are numbers
    except ValueError:
        found = np.array([number(cell) for cell in cells], dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def number(text: str) -> float:
    """Read one cell; NaN when it holds no plain number."""
    bare = text.strip()
    return float(bare.replace(",", ".")) if PLAIN.fullmatch(bare) else np.nan


def decimals(text: str) -> int:
    """How many decimals a written number has: 3 for 0.120 and for 1.2e-2, -2 for 12e2."""
    mantissa, _, exponent = text.strip().lower().partition("e")
    _, _, fraction = mantissa.replace(",", ".").partition(".")
    return len(fraction) - (int(exponent) if exponent else 0)


def rewritten(value: float, like: str, places: int) -> str:
    """Write `value`, rounded to `places` decimals, in the form of the number `like`.

    Kept: the decimal comma, a plus sign, exponents and how they are written, blanks around it; and, where
    `like` has fewer than `places` decimals, the habit of leaving out zeros at the end.
    """
    bare = like.strip()
    start = like.index(bare)
    if "e" in bare.lower():
        made = _exponential(value, bare, places)
    else:
        made = f"{value:.{max(places, 0)}f}"
        if decimals(bare) < places:
            made = _shortened(made, bare)
    if float(made) == 0:
        made = made.removeprefix("-")
    if bare.startswith("+") and value > 0:
        made = f"+{made}"
    if bare.startswith((".", "-.", "+.")):
        made = re.sub(r"^([+-]?)0\.", r"\1.", made)
    if "," in bare:
        made = made.replace(".", ",")
    return like[:start] + made + like[start + len(bare) :]


def _shortened(made: str, bare: str) -> str:
    """Leave out zeros at the end, all the way to whole numbers only where those are written without a point."""
    short = made.rstrip("0")
    if not short.endswith("."):
        return short
    return f"{short}0" if re.search(r"[.,]0$", bare) else short[:-1]


def _exponential(value: float, bare: str, places: int) -> str:
    """Keep the letter, the sign and the digits of the exponent, and the decimals that `places` asks for."""
    letter = "e" if "e" in bare else "E"
    old = bare.partition(letter)[2]
    size = int(np.floor(np.log10(abs(value)))) if value else 0
    mantissa, _, exponent = f"{value:.{min(max(places + size, 0), MOST_DECIMALS)}e}".partition("e")
    power = int(exponent)
    sign = "-" if power < 0 else "+" if old.startswith("+") else ""
    return f"{mantissa}{letter}{sign}{abs(power):0{len(old.lstrip('+-'))}d}"
