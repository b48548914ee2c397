"""Weigh copies on several independently keyed channels at once: the product of the channels' e-values.

A copy's bits on one channel are independent of its bits on another, and both of the leak when the copy is
innocent. So the mean of the product is the product of the means: 1, and P(E >= t) <= 1/t as before. A channel
that a leak shows nothing of has the e-value 1 for every copy and changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .evalue import Floats, SoftSymbols, Weigher
from .models import MODELS, Model


class JointWeigher:
    """One `Weigher` for each channel of joined codewords; it promises what a `Weigher` promises."""

    def __init__(
        self,
        symbols: SoftSymbols,
        biases: NDArray[np.uint8],
        lengths: Sequence[int],
        models: Sequence[Model] = MODELS,
        named: NDArray[np.uint8] | None = None,
    ) -> None:
        if sum(lengths) != len(symbols):
            raise ValueError(f"channels of {list(lengths)} symbols do not make up {len(symbols)}")
        ends = np.cumsum(lengths)
        self._slices = [slice(int(end) - n, int(end)) for end, n in zip(ends, lengths, strict=True)]
        self.weighers = [
            Weigher(
                SoftSymbols(symbols.sums[part], symbols.information[part]),
                biases[part],
                models,
                None if named is None else named[:, part],
            )
            for part in self._slices
        ]

    def log_e(self, words: NDArray[np.uint8]) -> Floats:
        """Return the log of each copy's product of e-values, (n,), for packed joined words."""
        total: Floats = self.by_channel(words).sum(axis=0)
        return total

    def by_channel(self, words: NDArray[np.uint8]) -> Floats:
        """Return each channel's log e-values, (channels, n)."""
        parts = [words[:, part.start // 8 : part.stop // 8] for part in self._slices]
        return np.stack([w.log_e(part) for w, part in zip(self.weighers, parts, strict=True)])

    @property
    def single(self) -> bool:
        """Whether the first channel that says anything leaves no doubt that the leak shows one copy.

        A copy that only another channel shows is named with the first ones or not at all: no later round is
        worth its time for it.
        """
        return next((weigher.single for weigher in self.weighers if weigher.tells), False)

    def lean(self) -> Floats:
        """Return how much a 1 rather than a 0 at each symbol speaks for a copy, (symbols,), in nats."""
        return np.concatenate([weigher.lean() for weigher in self.weighers])

    def log_chance(self, log_e: float) -> float:
        """Bound ln P(log e-value >= `log_e`) for one innocent copy: the channels' moments multiply."""
        if log_e <= 0 or not math.isfinite(log_e):
            return min(0.0, -log_e)
        roots = zip(*(weigher.log_roots() for weigher in self.weighers), strict=True)
        bounds = [each[0][0] * (math.fsum(root for _, root in each) - log_e) for each in roots]
        return float(min(0.0, -log_e, *bounds))


def weigher_of(
    symbols: SoftSymbols,
    biases: NDArray[np.uint8],
    lengths: Sequence[int],
    models: Sequence[Model] = MODELS,
    named: NDArray[np.uint8] | None = None,
) -> Weigher | JointWeigher:
    """Return what weighs a leak's symbols: of one channel, or of several put end to end."""
    if len(lengths) == 1:
        return Weigher(symbols, biases, models, named)
    return JointWeigher(symbols, biases, lengths, models, named)
