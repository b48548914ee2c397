"""From a weighted residual to soft symbols: the mean over each chip, stripes removed, clipped, summed.

The tint is white at the scale of chips: its power is the same at every frequency, whatever the codeword.
What stands out of a region's spectrum is therefore no tint but shading, or the beats between a screen's
pixels and a camera's, and is cut down to the rest (narrow-band excision, as in spread-spectrum radio).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .evalue import SoftSymbols
from .geometry import Layout
from .planes import Plane, reduced

Chips = NDArray[np.float64]

CLIP = 4.0  # robust deviations at which a chip stops counting more
REGION = 32  # chips along a side of the region whose spectrum is taken
STANDS_OUT = 3.0  # times the region's median power; noise alone gets there in one case of 8


def per_chip(plane: Plane, chip: int) -> Chips:
    """The mean over each chip of `chip` x `chip` pixels, (rows, cols)."""
    return reduced(plane, plane.shape[1] // chip, plane.shape[0] // chip).astype(np.float64)


def cleaned(evidence: Chips, weights: Chips) -> Chips:
    """Cut stripes and shading out of the chips' evidence, then clip what is left at CLIP deviations.

    Both (rows, cols); the evidence is the mean of residual times weight. Unseen chips say nothing.
    """
    seen = weights > 0
    if not seen.any():
        return np.zeros_like(evidence)
    root = np.sqrt(np.maximum(weights, 0))
    # clipped before, so that a torn corner does not ring through its region, and after
    even = _clipped(np.where(seen, evidence / np.where(seen, root, 1), 0), seen)
    return _clipped(np.where(seen, _without_stripes(even), 0), seen) * root


def _clipped(even: Chips, seen: NDArray[np.bool_]) -> Chips:
    limit = CLIP * 1.4826 * float(np.median(np.abs(even[seen])))
    return np.clip(even, -limit, limit)


def _without_stripes(even: Chips) -> Chips:
    """Excise what stands out of the spectrum of each region; regions overlap by half and are blended."""
    rows, cols = even.shape
    step = REGION // 2
    padded = np.pad(even, ((step, step + -rows % step), (step, step + -cols % step)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (REGION, REGION))[::step, ::step]
    line = np.sin(np.pi * (np.arange(REGION) + 0.5) / REGION)  # its square adds up to 1 over the overlaps
    taper = np.outer(line, line)
    spectrum = np.fft.rfft2(windows * taper)
    power = np.square(np.abs(spectrum))
    usual = STANDS_OUT * np.median(power, axis=(2, 3), keepdims=True)
    gain = np.sqrt(np.divide(usual, power, out=np.ones_like(power), where=power > usual))
    pieces = np.fft.irfft2(spectrum * gain, s=(REGION, REGION)) * taper
    total = np.zeros_like(padded)
    for r in range(pieces.shape[0]):
        for c in range(pieces.shape[1]):
            total[r * step : r * step + REGION, c * step : c * step + REGION] += pieces[r, c]
    return total[step : step + rows, step : step + cols]


def despread(evidence: Chips, weights: Chips, layout: Layout) -> SoftSymbols:
    """Sum the chips of each symbol, each by its sign."""
    symbol = layout.index.reshape(-1)
    sums = np.bincount(symbol, (evidence * layout.sign).reshape(-1), layout.symbols)
    information = np.bincount(symbol, weights.reshape(-1), layout.symbols)
    return SoftSymbols(sums.astype(np.float64), information.astype(np.float64))
