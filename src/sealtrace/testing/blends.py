"""How several people may blend their copies' symbols, and what a reader then sees: for tests and benchmarks.

The six strategies all obey the marking assumption (Boneh & Shaw 1998): where all copies agree, so does the
blend. Source of the list: Furon & Desoubeaux, WIFS 2014.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sealtrace.marks.evalue import SoftSymbols

STRATEGIES = ("interleave", "majority", "minority", "ones", "zeros", "coin")
Bits = NDArray[np.uint8]


def blend(words: Bits, strategy: str, rng: np.random.Generator) -> Bits:
    """Blend the bits of several copies, (c, symbols), into one word, (symbols,)."""
    c, symbols = words.shape
    ones = words.sum(axis=0)
    coin = rng.random(symbols) < 0.5
    most = np.where(2 * ones == c, coin, 2 * ones > c)
    chosen = {
        "interleave": words[rng.integers(0, c, symbols), np.arange(symbols)],
        "majority": most,
        "minority": ~most,
        "ones": np.ones(symbols, bool),
        "zeros": np.zeros(symbols, bool),
        "coin": coin,
    }[strategy]
    return np.where(ones == 0, 0, np.where(ones == c, 1, chosen)).astype(np.uint8)


def hard(bits: Bits, errors: float, rng: np.random.Generator) -> SoftSymbols:
    """Symbols read as bits, a share of them wrongly."""
    read = bits ^ (rng.random(len(bits)) < errors)
    return SoftSymbols(np.where(read == 1, 1.0, -1.0), np.ones(len(bits)))


def soft(bits: Bits, noise: float, rng: np.random.Generator) -> SoftSymbols:
    """Symbols read as levels with noise, with uneven information behind them; a tenth of them not at all."""
    information = rng.uniform(0.3, 1.7, len(bits)) * (rng.random(len(bits)) > 0.1)
    jitter = noise * rng.standard_normal(len(bits)) / np.sqrt(np.maximum(information, 1e-9))
    return SoftSymbols((2.0 * bits - 1 + jitter) * information, information)
