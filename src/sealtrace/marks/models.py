"""How a leak's symbols may have come about: from one copy, or from a blend of several.

A model says which levels in [-1, 1] the tint of a symbol may show and how likely each is, given what one
copy carries there. A wrong model costs power, never innocence (see `evalue`).
Source of the strategies: Furon & Desoubeaux, "Tardos codes for real", WIFS 2014.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

COLLUDERS = (1, 2, 3, 4, 5, 6, 8, 10)
STRATEGIES = ("linear", "unanimous", "majority")


@dataclass(frozen=True, slots=True)
class Model:
    """`colluders` copies blended.

    linear: averaged, or patched together (the level is the mean of the copies' +1 and -1).
    unanimous: minimum, maximum or anything that only keeps what all show (0 where they differ).
    majority: the median.
    """

    colluders: int
    strategy: str

    def level(self, ones: int) -> float:
        """The level shown when `ones` of the copies carry a 1."""
        if self.strategy == "linear":
            return 2 * ones / self.colluders - 1
        if self.strategy == "unanimous":
            return float(ones == self.colluders) - float(ones == 0)
        return float(np.sign(2 * ones - self.colluders))


MODELS = tuple(Model(c, s) for c in COLLUDERS for s in STRATEGIES if c > 1 or s == "linear")


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """A model's levels (l,), and their chances (l, symbols) given that one copy carries a 1 or a 0."""

    values: NDArray[np.float64]
    given_one: NDArray[np.float64]
    given_zero: NDArray[np.float64]

    def energy(self, p: NDArray[np.float64]) -> float:
        """The mean square of the level over symbols with biases `p`."""
        chances = p * self.given_one + (1 - p) * self.given_zero
        return float((np.square(self.values)[:, None] * chances).sum(0).mean())


def levels(model: Model, p: NDArray[np.float64]) -> Levels:
    """Work out the levels of a model for symbols with biases `p`, (symbols,)."""
    c = model.colluders
    shown = [model.level(k) for k in range(c + 1)]
    values, which = np.unique(shown, return_inverse=True)
    given_one, given_zero = np.zeros((2, len(values), len(p)))
    for k in range(c):  # of the other c - 1 copies, k carry a 1
        chance = comb(c - 1, k) * p**k * (1 - p) ** (c - 1 - k)
        given_one[which[k + 1]] += chance
        given_zero[which[k]] += chance
    return Levels(values, given_one, given_zero)
