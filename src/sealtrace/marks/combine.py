"""Put e-values together: of independently keyed channels and documents, of leaks one after another.

    product    code books with keys of their own: the bits are independent, so the mean of the product is 1
    average    anything else, such as two readings under one code book: valid under any dependence
    Standing   a recipient's evidence over time; may be looked at after every leak, since by Ville's inequality
               P(it EVER reaches t) <= 1/t for an innocent one

Two leaks of one document carry the same codeword: their symbols are added (`SoftSymbols.__add__`) or their
e-values averaged, never multiplied. Only proven channels enter: what metadata, addresses or access times
suggest rests on models of the world, can be forged by whoever administers it, and has no place in a product.
KNOWN LIMIT: a trace answers for one leak by itself; nothing keeps a recipient's `Standing` over leaks yet.
Sources: Vovk & Wang, Ann. Stat. 49(3), 2021; Ville 1939 (in Shafer & Vovk, Game-Theoretic Foundations, 2019).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .evalue import threshold


def product(log_es: Sequence[float]) -> float:
    """Combine under independent keys. One that is void (minus infinity) voids the product."""
    return float(sum(log_es))


def average(log_es: Sequence[float]) -> float:
    """Combine under any dependence; nothing to combine says nothing: 0, an e-value of 1."""
    return float(np.logaddexp.reduce(log_es)) - math.log(len(log_es)) if len(log_es) else 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The evidence that a recipient is a source of leaks, so far: its log e-value now and at its highest."""

    log_e: float = 0.0
    peak: float = 0.0
    leaks: int = 0

    def after(self, leak: Mapping[bytes, Sequence[float]]) -> Standing:
        """Take in one leak: for each document (by its key's id) the log e-values of the recipient's copies.

        Documents have keys of their own: product. Copies of one document: average, as any may be the source.
        A document that leaked before must not come again; its symbols are added to the earlier ones instead.
        """
        now = product([self.log_e, *(average(copies) for copies in leak.values())])
        return Standing(now, max(self.peak, now), self.leaks + 1)

    def chance(self, recipients: int) -> float:
        """Bound the chance that ANY of so many innocent recipients ever stands this high, at most 1."""
        return math.exp(min(0.0, math.log(max(recipients, 1)) - self.peak))

    def passes(self, recipients: int, chance: float) -> bool:
        """Tell whether it has reached ln(N / eps) at any time."""
        return self.peak >= threshold(recipients, chance)
