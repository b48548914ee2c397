"""The evidence picture: where on the page an accused copy's chips agree with the leak, and where not."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .detect import PageReading

Raster = NDArray[np.uint8]

AGREES, DIFFERS = (24, 158, 76), (214, 32, 150)  # green and magenta: told apart by the colour-blind too
_PALE = 0.55  # share of white mixed into the page below the chips
_STRONGEST = 0.6  # opacity of the most telling chip
_FULL = 2.0  # medians of the chips' evidence from which a chip is drawn at full strength


def evidence_overlay(reference: Raster, reading: PageReading, bits: NDArray[np.uint8]) -> Raster:
    """Draw the copy's chips over the canonical raster, (H, W, 3) RGB: green agrees, magenta differs.

    The stronger a chip's evidence, the stronger its colour; what the leak does not show stays uncoloured.
    `bits` is the accused copy's codeword, (symbols,) of 0 and 1. Any two codewords are alike on about
    three symbols of four, so a copy that is no source is still more green than magenta; a source is green
    wherever the leak is clear.
    """
    page = reference if reference.ndim == 3 else np.repeat(reference[..., None], 3, axis=2)
    evidence = reading.chips * reading.layout.chips(bits)
    strength = np.abs(evidence) / np.sqrt(np.maximum(reading.weights, 1e-12))
    seen = reading.weights > 0
    typical = float(np.median(strength[seen])) if seen.any() else 1.0
    opacity = np.clip(strength / max(_FULL * typical, 1e-12), 0, 1) * _STRONGEST * seen
    colour = np.where((evidence > 0)[..., None], AGREES, DIFFERS).astype(np.float32)
    share = _over_page(opacity.astype(np.float32), reading, page)[..., None]
    pale = page * np.float32(1 - _PALE) + np.float32(255 * _PALE)
    mixed = pale * (1 - share) + _over_page(colour, reading, page) * share
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


def _over_page(chips: NDArray[np.float32], reading: PageReading, page: Raster) -> NDArray[np.float32]:
    """Spread a value a chip, (rows, cols) or (rows, cols, 3), over the page's pixels; 0 outside the grid."""
    height, width = page.shape[:2]
    grid = reading.grid
    across, down = grid.pitch(width, height)
    to_pixels = np.array(
        [
            [across, 0, grid.x0 * width + across / 2 - 0.5],
            [0, down, grid.y0 * height + down / 2 - 0.5],
        ]
    )
    return np.asarray(cv2.warpAffine(chips, to_pixels, (width, height), flags=cv2.INTER_NEAREST), np.float32)
