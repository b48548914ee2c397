"""The e-value of a copy: how much better the leak fits if this copy is a source of it.

For an innocent copy the bits X_i are Bernoulli(p_i) and independent of the leak. For any model theta of
the leak's symbols z, with theta(z|p) = p theta(z|1) + (1 - p) theta(z|0),

    E = prod_i theta(z_i | X_i) / theta(z_i | p_i)

has mean exactly 1 over innocent copies, whatever the leak and however wrong the model; so has a mixture
of models weighted by the leak alone. By Markov's inequality P(E >= N / eps) <= eps / N, and over N copies
an innocent one is accused with chance at most eps. Sources: Furon & Desoubeaux, WIFS 2014 (likelihood
ratio given the leak and p); Vovk & Wang, Ann. Stat. 49(3), 2021 (e-values and their averages).

The proof needs that nothing here, nor before, looks at the codeword of any candidate copy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .models import MODELS, Levels, levels

SIGNAL_FRACTIONS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96, 0.985)
OUTLIERS = 0.02  # part of the symbols that follow no model: torn, covered, redrawn
POSTERIOR_SHARE = 0.9  # of the mixture's weight; the rest is spread evenly over the models
_FARTHEST = 60.0  # squared deviations beyond this many variances all count the same
_CHUNK = 2048  # copies unpacked at a time: 32 MiB at 2,048 symbols

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SoftSymbols:
    """What a leak says of each symbol: evidence sums S_i and the information n_i behind them.

    S_i / sqrt(n_i) has the same noise for every symbol. `+` adds the evidence of several pages or leaks
    that carry the SAME codeword. Only unmarked originals, layouts and leaks may go into them.
    """

    sums: Floats
    information: Floats

    def __post_init__(self) -> None:
        if self.sums.ndim != 1 or self.sums.shape != self.information.shape:
            raise ValueError(f"symbols have sums {self.sums.shape} and information {self.information.shape}")

    def __add__(self, other: SoftSymbols) -> SoftSymbols:
        return SoftSymbols(self.sums + other.sums, self.information + other.information)

    def __len__(self) -> int:
        return len(self.sums)


def threshold(considered: int, chance: float) -> float:
    """Return ln(N / eps): accusing at or above it names any of N innocent copies with chance at most eps."""
    return math.log(max(considered, 1) / chance)


class Weigher:
    """Weighs copies against one leak's symbols; the mixture of models is fitted on the leak alone.

    `biases` are the document's (symbols,) uint8 k of p = k/256. Symbols that are not finite void all
    evidence: every copy's e-value is then 0. Symbols without information say nothing: e-value 1.
    """

    def __init__(self, symbols: SoftSymbols, biases: NDArray[np.uint8]) -> None:
        if biases.shape != symbols.sums.shape:
            raise ValueError(f"{len(symbols)} symbols can't be weighed with biases of shape {biases.shape}")
        self._symbols = len(symbols)
        self._void = not bool(
            np.isfinite(symbols.sums).all()
            and np.isfinite(symbols.information).all()
            and (symbols.information >= 0).all()
        )
        self._mixture = None if self._void else _fit(symbols, biases.astype(np.float64) / 256)

    def log_e(self, words: NDArray[np.uint8]) -> Floats:
        """Return the natural log of each copy's e-value, (n,), for packed words (n, symbols // 8)."""
        if words.ndim != 2 or words.shape[1] * 8 != self._symbols:
            raise ValueError(f"words of shape {words.shape} do not carry {self._symbols} symbols each")
        if self._void:
            return np.full(len(words), -np.inf)
        if self._mixture is None:
            return np.zeros(len(words))
        chunks = [self._mixture.log_e(words[i : i + _CHUNK]) for i in range(0, len(words), _CHUNK)]
        found = np.concatenate(chunks) if chunks else np.zeros(0)
        return np.where(np.isnan(found), -np.inf, found)


@dataclass(frozen=True, slots=True, eq=False)
class _Mixture:
    """Log weights (t,), and for each symbol and model the log ratio of a 1 over a 0; `zero` sums the 0s'."""

    log_weights: Floats
    zero: Floats  # (t,)
    one_over_zero: Floats  # (symbols, t)

    def log_e(self, words: NDArray[np.uint8]) -> Floats:
        bits = np.unpackbits(words, axis=1).astype(np.float64)
        terms = bits @ self.one_over_zero + (self.zero + self.log_weights)
        most = terms.max(axis=1)
        total: Floats = most + np.log(np.exp(terms - most[:, None]).sum(axis=1))
        return total


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One model at its best signal fraction: marginal log-likelihood and log ratios per symbol."""

    log_likelihood: float
    log_one: Floats
    log_zero: Floats


def _fit(symbols: SoftSymbols, p: Floats) -> _Mixture | None:
    """Fit every model's amplitude and noise by the leak's marginal likelihood; None without evidence."""
    used = symbols.information > 1e-9 * symbols.information.max(initial=0.0)
    information, p_used = symbols.information[used], p[used]
    z = symbols.sums[used] / np.sqrt(information) if used.any() else np.zeros(0)
    power = float(np.square(z).mean()) if len(z) else 0.0
    if not (power > 0 and math.isfinite(power)):
        return None
    fits = [_best_fraction(z, np.sqrt(information), levels(model, p_used), p_used) for model in MODELS]
    likelihood = np.array([fit.log_likelihood for fit in fits])
    posterior = np.exp(likelihood - likelihood.max())
    weights = POSTERIOR_SHARE * posterior / posterior.sum() + (1 - POSTERIOR_SHARE) / len(MODELS)
    log_one, log_zero = np.zeros((2, len(p), len(MODELS)))
    log_one[used] = np.stack([fit.log_one for fit in fits], axis=1)
    log_zero[used] = np.stack([fit.log_zero for fit in fits], axis=1)
    return _Mixture(np.log(weights), log_zero.sum(axis=0), log_one - log_zero)


def _best_fraction(z: Floats, root: Floats, level: Levels, p: Floats) -> _Fit:
    """Choose the part of the symbols' power that is signal, by marginal likelihood over a fixed grid."""
    power, per_level = float(np.square(z).mean()), float(np.square(root).mean()) * max(level.energy(p), 1e-6)
    best: _Fit | None = None
    for fraction in SIGNAL_FRACTIONS:
        amplitude, noise = math.sqrt(fraction * power / per_level), math.sqrt((1 - fraction) * power)
        fit = _likelihoods(z, level, p, shift=amplitude * root, noise=noise, spread=math.sqrt(power))
        if best is None or fit.log_likelihood > best.log_likelihood:
            best = fit
    assert best is not None, "the grid of fractions is not empty"
    return best


def _likelihoods(z: Floats, level: Levels, p: Floats, *, shift: Floats, noise: float, spread: float) -> _Fit:
    """Gaussians around each level, with a wide one for outliers. All densities are times `noise`."""
    deviation = (z - level.values[:, None] * shift) / noise
    near = np.exp(-0.5 * np.minimum(np.square(deviation), _FARTHEST))
    wide = OUTLIERS / 3 * (noise / spread) * np.exp(-0.5 * np.minimum(np.square(z / (3 * spread)), _FARTHEST))
    one = (1 - OUTLIERS) * (level.given_one * near).sum(axis=0) + wide
    zero = (1 - OUTLIERS) * (level.given_zero * near).sum(axis=0) + wide
    marginal = np.log(p * one + (1 - p) * zero)
    return _Fit(
        float(marginal.sum()) - len(z) * math.log(noise), np.log(one) - marginal, np.log(zero) - marginal
    )
