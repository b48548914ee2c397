"""How a leak's symbols may have come about: from one copy, or from a blend of several.

A model says which levels in [-1, 1] a symbol may show and how likely each is, given what one copy carries
there, and, in later rounds, what copies already named carry. A wrong model costs power, never innocence
(see `evalue`). Source of the strategies: Furon & Desoubeaux, "Tardos codes for real", WIFS 2014.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

COLLUDERS = (1, 2, 3, 4, 5, 6, 8, 10)
AVERAGING = ("linear", "unanimous", "majority")
CHOOSING = ("interleave", "minority", "ones", "zeros", "coin")


@dataclass(frozen=True, slots=True)
class Model:
    """`colluders` copies blended.

    linear: averaged, or patched together in many small pieces (the level is the mean of the copies' +1 and -1).
    unanimous: minimum, maximum or anything that only keeps what all show (0 where they differ).
    majority, minority: what most show (the median), what fewest show.
    interleave: each symbol taken whole from one copy, at random.
    ones, zeros, coin: where the copies differ, a 1, a 0, or either by chance.
    """

    colluders: int
    strategy: str

    def shows(self, ones: int) -> tuple[tuple[float, float], ...]:
        """The levels that may show when `ones` of the copies carry a 1, each with its chance."""
        share = ones / self.colluders
        if ones in (0, self.colluders):
            return ((2 * share - 1, 1.0),)
        if self.strategy == "interleave":
            return (-1.0, 1 - share), (1.0, share)
        if self.strategy == "coin":
            return (-1.0, 0.5), (1.0, 0.5)
        sign = float(np.sign(2 * ones - self.colluders))
        certain = {
            "linear": 2 * share - 1,
            "unanimous": 0.0,
            "majority": sign,
            "minority": -sign,
            "ones": 1.0,
            "zeros": -1.0,
        }
        return ((certain[self.strategy], 1.0),)


def models(strategies: Iterable[str]) -> tuple[Model, ...]:
    """Every number of colluders with every strategy; a single copy needs no strategy."""
    kinds = tuple(strategies)
    return tuple(Model(c, s) for c in COLLUDERS for s in kinds if c > 1 or s == kinds[0])


STRATEGIES = {"averaging": AVERAGING, "blends": AVERAGING + CHOOSING}
MODELS = models(STRATEGIES["averaging"])
"""For symbols spread over so many places that a blend averages in each: pages."""
BLENDS = models(STRATEGIES["blends"])
"""For symbols that a blend may also take whole from one copy: table cells, and whatever is read as bits."""
MIXTURES = {"averaging": MODELS, "blends": BLENDS}


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


def levels(model: Model, p: NDArray[np.float64], named: NDArray[np.uint8] | None = None) -> Levels:
    """Work out the levels of a model for symbols with biases `p`, (symbols,).

    `named` are the bits, (n, symbols), of copies known to be in the blend; there is one more at least.
    """
    c, known = model.colluders, 0 if named is None else len(named)
    if known >= c:
        raise ValueError(f"{known} copies are named, and the blend has {c}")
    shown = [model.shows(ones) for ones in range(c + 1)]
    values = np.unique([level for row in shown for level, _ in row])
    chance_of = np.zeros((len(values), c + 1))
    for ones, row in enumerate(shown):
        for level, chance in row:
            chance_of[np.searchsorted(values, level), ones] += chance
    others = c - 1 - known  # copies of which nothing is known, beside the one that is weighed
    chances = _binomial(others, np.ascontiguousarray(p).tobytes())
    if named is None:
        return Levels(values, chance_of[:, 1:] @ chances, chance_of[:, :-1] @ chances)
    sure = named.sum(axis=0, dtype=np.int64)
    given_one, given_zero = np.zeros((2, len(values), len(p)))
    for ones in np.unique(sure):
        here = sure == ones
        given_one[:, here] = chance_of[:, ones + 1 : ones + others + 2] @ chances[:, here]
        given_zero[:, here] = chance_of[:, ones : ones + others + 1] @ chances[:, here]
    return Levels(values, given_one, given_zero)


@lru_cache(maxsize=16)
def _binomial(n: int, biases: bytes) -> NDArray[np.float64]:
    """The chance that k of n copies carry a 1, (n + 1, symbols); kept, as models of one size share it."""
    p = np.frombuffer(biases, np.float64)
    return np.stack([comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])


def described() -> str:
    """Return the whole list of models in one line, in the order they are fitted: what a trace fixes beforehand."""
    kinds = " ".join(f"{name}({','.join(strategies)})" for name, strategies in STRATEGIES.items())
    return f"{kinds} copies({','.join(map(str, COLLUDERS))})"
