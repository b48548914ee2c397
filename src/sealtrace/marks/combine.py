"""Put e-values together: of independently keyed documents and channels, of several leaks, of several copies.

    product      code books with keys of their own: the bits are independent, so the mean of the product is 1
    average      copies of one recipient under one code book, any of which may be the source: under any dependence
    log_choices  what it costs that anybody may choose which leaks to put together, and look as often as wished

Two leaks of one document carry the same codeword: their symbols are added (`SoftSymbols.__add__`), their e-values
never multiplied. Only proven channels enter: what metadata, addresses or access times suggest rests on models of
the world, can be forged by whoever administers it, and has no place in a product.

Ville's inequality alone does not do for leaks one after the other: a document that leaks again changes a factor
that was looked at, and whoever chooses leaks after their scores were shown chooses among many products. So every
set of leaks there can ever be has a weight fixed beforehand, and each spends its share of the chance.
Sources: Vovk & Wang, Ann. Stat. 49(3), 2021; Ville 1939 (in Shafer & Vovk, Game-Theoretic Foundations, 2019).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def product(log_es: Sequence[float]) -> float:
    """Combine under independent keys. One that is void (minus infinity) voids the product."""
    return float(sum(log_es))


def average(log_es: Sequence[float]) -> float:
    """Combine under any dependence; nothing to combine says nothing: 0, an e-value of 1."""
    return float(np.logaddexp.reduce(log_es)) - math.log(len(log_es)) if len(log_es) else 0.0


def averages(log_es: Floats, owners: NDArray[np.int64], count: int) -> Floats:
    """Average the copies of each of `count` owners, (count,); an owner without any has 0, an e-value of 1."""
    sums, copies = np.full(count, -np.inf), np.bincount(owners, minlength=count)
    np.logaddexp.at(sums, owners, log_es)
    return np.where(copies > 0, sums - np.log(np.maximum(copies, 1)), 0.0)


def log_choices(places: Sequence[int]) -> float:
    """Return -ln w(S) of a set of leaks, given by their places among all leaks ever traced, from 1.

    w(S) = 2^-m / (k (k + 1) C(k - 1, m - 1)) for m leaks of which the newest has place k. Over all finite sets
    these sum to less than 1: 1 / (k (k + 1)) over k to 1, 2^-m over m, and C(k - 1, m - 1) sets share the rest. So
    naming in S from N / (eps w(S)) on names an innocent recipient, in ANY set at ANY time, with chance at most eps.
    """
    chosen = set(places)
    if not chosen or min(chosen) < 1:
        raise ValueError(f"places {sorted(chosen)} are no set of leaks")
    newest, leaks = max(chosen), len(chosen)
    sets = math.comb(newest - 1, leaks - 1)
    return math.log(newest) + math.log(newest + 1) + leaks * math.log(2) + math.log(sets)
