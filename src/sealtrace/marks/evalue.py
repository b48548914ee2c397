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
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .models import MODELS, Levels, Model, levels

SIGNAL_FRACTIONS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96, 0.985)
OUTLIERS = 0.02  # part of the symbols that follow no model: torn, covered, redrawn
POSTERIOR_SHARE = 0.9  # of the mixture's weight; the rest is spread evenly over the models
NO_BLEND = 1e-9  # posterior probability of a blend below which none is looked for
_FARTHEST = 60.0  # squared deviations beyond this many variances all count the same
_FITTED_ON = 2048  # symbols that strength, noise and weights are fitted on; longer codewords are thinned
_CHUNK = 4 << 20  # symbols of codewords unpacked at a time: 32 MiB
_ORDERS = (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4.0, 5.0, 6.5, 8.5)

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
    `named`, (n, symbols) bits, are copies already found in the blend: what they explain is no news about
    another copy. The mean over innocent copies stays 1, since their bits are independent of these too.
    """

    def __init__(
        self,
        symbols: SoftSymbols,
        biases: NDArray[np.uint8],
        models: Sequence[Model] = MODELS,
        named: NDArray[np.uint8] | None = None,
    ) -> None:
        if biases.shape != symbols.sums.shape:
            raise ValueError(f"{len(symbols)} symbols can't be weighed with biases of shape {biases.shape}")
        if named is not None and named.shape[1:] != biases.shape:
            raise ValueError(f"copies of shape {named.shape} do not carry {len(symbols)} symbols each")
        self._symbols = len(symbols)
        self._void = not bool(
            np.isfinite(symbols.sums).all()
            and np.isfinite(symbols.information).all()
            and (symbols.information >= 0).all()
        )
        known = 0 if named is None else len(named)
        possible = [model for model in models if model.colluders > known]
        self._p = biases.astype(np.float64) / 256
        self._mixture = None if self._void else _fit(symbols, self._p, possible, named if known else None)

    def log_e(self, words: NDArray[np.uint8]) -> Floats:
        """Return the natural log of each copy's e-value, (n,), for packed words (n, symbols // 8)."""
        if words.ndim != 2 or words.shape[1] * 8 != self._symbols:
            raise ValueError(f"words of shape {words.shape} do not carry {self._symbols} symbols each")
        if self._void:
            return np.full(len(words), -np.inf)
        if self._mixture is None:
            return np.zeros(len(words))
        step = max(1, _CHUNK // self._symbols)
        chunks = [self._mixture.log_e(words[i : i + step]) for i in range(0, len(words), step)]
        found = np.concatenate(chunks) if chunks else np.zeros(0)
        return np.where(np.isnan(found), -np.inf, found)

    @property
    def single(self) -> bool:
        """Whether the leak itself, copies apart, leaves no doubt that it shows one copy and not a blend."""
        return self._mixture is not None and self._mixture.blended < NO_BLEND

    def lean(self) -> Floats:
        """Return how much a 1 rather than a 0 at each symbol speaks for a copy, (symbols,), in nats.

        The mixture's mean; only for choosing which copies to weigh at all.
        """
        if self._mixture is None:
            return np.zeros(self._symbols)
        lean: Floats = self._mixture.one_over_zero @ np.exp(self._mixture.log_weights)
        return lean

    def log_chance(self, log_e: float) -> float:
        """Bound ln P(log e-value >= `log_e`) for one innocent copy of this leak; never above -`log_e`.

        Chernoff's bound by Minkowski's inequality: for s >= 1 the s-th root of E's s-th moment is at most
        the weighted sum of its models' roots, and each of those is a product over independent bits. s = 1
        gives Markov's bound. It holds for each `log_e`, so a copy's own may be put in.
        """
        if self._mixture is None or log_e <= 0:
            return min(0.0, -log_e)
        return min(0.0, *(s * (root - log_e) for s, root in self.log_roots()))

    @property
    def tells(self) -> bool:
        """Whether the leak says anything here; when not, every copy's e-value is the same."""
        return self._mixture is not None

    def log_roots(self) -> list[tuple[float, float]]:
        """Bound the log of E's moments: for each order s, the log of the s-th root; 0 for an E of 1 or 0."""
        return [(s, 0.0) for s in _ORDERS] if self._mixture is None else self._mixture.log_roots(self._p)


@dataclass(frozen=True, slots=True, eq=False)
class _Mixture:
    """Log weights (t,), and for each symbol and model the log ratios, (symbols, t), of a 1 and of a 0."""

    log_weights: Floats
    blended: float  # posterior probability of more than one copy
    log_one: Floats
    log_zero: Floats
    zero: Floats  # (t,): the sum of log_zero
    one_over_zero: Floats

    def log_e(self, words: NDArray[np.uint8]) -> Floats:
        bits = np.unpackbits(words, axis=1).astype(np.float64)
        terms = bits @ self.one_over_zero + (self.zero + self.log_weights)
        most = terms.max(axis=1)
        total: Floats = most + np.log(np.exp(terms - most[:, None]).sum(axis=1))
        return total

    def log_roots(self, p: Floats) -> list[tuple[float, float]]:
        """Bound the log of E's moments: for each order s, the log of the s-th root."""
        bias, found = p[:, None], []
        for s in _ORDERS:
            moments = np.log(bias * np.exp(s * self.log_one) + (1 - bias) * np.exp(s * self.log_zero))
            terms = self.log_weights + moments.sum(axis=0) / s
            found.append((s, float(terms.max() + np.log(np.exp(terms - terms.max()).sum()))))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One model at its best signal fraction: marginal log-likelihood and log ratios per symbol."""

    log_likelihood: float
    log_one: Floats
    log_zero: Floats


def _fit(
    symbols: SoftSymbols, p: Floats, models: Sequence[Model], named: NDArray[np.uint8] | None
) -> _Mixture | None:
    """Fit every model's amplitude and noise by the leak's marginal likelihood; None without evidence."""
    used = symbols.information > 1e-9 * symbols.information.max(initial=0.0)
    information, p_used = symbols.information[used], p[used]
    z = symbols.sums[used] / np.sqrt(information) if used.any() else np.zeros(0)
    power = float(np.square(z).mean()) if len(z) else 0.0
    if not (power > 0 and math.isfinite(power) and models):
        return None
    known = None if named is None else named[:, used]
    fitter = _Fitter(z, np.sqrt(information), p_used)
    fits = [fitter.best(levels(model, p_used, known)) for model in models]
    likelihood = np.array([fit.log_likelihood for fit in fits])
    posterior = np.exp(likelihood - likelihood.max())
    weights = POSTERIOR_SHARE * posterior / posterior.sum() + (1 - POSTERIOR_SHARE) / len(models)
    log_one, log_zero = np.zeros((2, len(p), len(models)))
    log_one[used] = np.stack([fit.log_one for fit in fits], axis=1)
    log_zero[used] = np.stack([fit.log_zero for fit in fits], axis=1)
    blended = float((posterior / posterior.sum())[[model.colluders > 1 for model in models]].sum())
    return _Mixture(np.log(weights), blended, log_one, log_zero, log_zero.sum(axis=0), log_one - log_zero)


class _Fitter:
    """Fits models one after the other; those that show the same levels share what is costly."""

    def __init__(self, z: Floats, root: Floats, p: Floats) -> None:
        self._z, self._root, self._p = z, root, p
        self._power, self._per_energy = float(np.square(z).mean()), float(np.square(root).mean())
        self._thin = slice(None, None, -(-len(z) // _FITTED_ON))
        self._fractions = np.array(SIGNAL_FRACTIONS)
        self._kept: dict[tuple[bytes, float], tuple[Floats, Floats]] = {}

    def best(self, level: Levels) -> _Fit:
        """Choose the part of the symbols' power that is signal, by marginal likelihood over a fixed grid."""
        energy, p = round(max(level.energy(self._p), 1e-6), 9), self._p[self._thin]
        key = level.values.tobytes(), energy
        if key not in self._kept:
            self._kept[key] = self._densities(level.values, energy, self._fractions, self._thin)
        near, wide = self._kept[key]
        chances = p * level.given_one[:, self._thin] + (1 - p) * level.given_zero[:, self._thin]
        shown = np.einsum("ls,fls->fs", chances, near) + wide
        likelihood = np.log(shown).sum(axis=1) - len(p) * np.log(self._noise(self._fractions))
        best = int(likelihood.argmax())
        if self._thin.step == 1:
            one_near, one_wide = near[best], wide[best]
        else:
            dense = self._densities(level.values, energy, self._fractions[best : best + 1], slice(None))
            one_near, one_wide = dense[0][0], dense[1][0]
        one = np.einsum("ls,ls->s", level.given_one, one_near) + one_wide
        zero = np.einsum("ls,ls->s", level.given_zero, one_near) + one_wide
        marginal = np.log(self._p * one + (1 - self._p) * zero)
        return _Fit(float(likelihood[best]), np.log(one) - marginal, np.log(zero) - marginal)

    def _noise(self, fractions: Floats) -> Floats:
        noise: Floats = np.sqrt((1 - fractions) * self._power)
        return noise

    def _densities(
        self, values: Floats, energy: float, fractions: Floats, some: slice
    ) -> tuple[Floats, Floats]:
        """How near each symbol is to each level, (f, l, symbols), and what an outlier would be, (f, symbols).

        Gaussians around each level, with a wide one for outliers; all densities are times the noise.
        """
        z, spread, noise = self._z[some], math.sqrt(self._power), self._noise(fractions)
        shift = (
            np.sqrt(fractions * self._power / (self._per_energy * energy))[:, None, None] * values[:, None]
        )
        near = np.square((z - shift * self._root[some]) / noise[:, None, None])
        wide = np.exp(-0.5 * np.minimum(np.square(z / (3 * spread)), _FARTHEST))
        return (
            (1 - OUTLIERS) * np.exp(-0.5 * np.minimum(near, _FARTHEST)),
            OUTLIERS / 3 * (noise / spread)[:, None] * wide,
        )
