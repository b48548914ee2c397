"""Read the tint of a leaked picture: registered onto the held original, weighed, despread into symbols.

Nothing here sees any copy's codeword: only the unmarked original, the leak and the document's layout. On
that rests the bound on false accusations (see `evalue`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import coarse
from .despread import cleaned, despread, per_chip
from .evalue import SoftSymbols
from .geometry import ChipGrid, Layout
from .planes import Matrix, Plane, gaussian, grey, magnification, reduced, scaling, warped
from .registration import Registration, register
from .residual import weighted_residual

Raster = NDArray[np.uint8]

SMALLEST_CHIP, LARGEST_CHIP = 6, 16  # pixels a chip is read at
MOST_PIXELS = 3_000_000  # of the frame a page is read on
FINEST = 1.5  # leak pixels per page pixel that are kept; more says nothing of the tint
_SMALLEST_LEAK = 16  # pixels
_BEYOND = 1e6  # no picture has pixels that far out
_FARTHEST = 0.02  # leak pixels per page pixel, or the reverse, beyond which nothing is left to read


@dataclass(frozen=True, slots=True, eq=False)
class PageReading:
    """What a leaked picture shows of one page.

    symbols: the soft symbols of the page's codeword.
    to_leak: (3, 3) homography from canonical raster pixels to leak pixels; lens and curl come on top.
    coverage: the part of the page's chips that was seen, 0 to 1.
    agreement: the part of the page's textured places that fits the registration to a pixel, 0 to 1.
    chips: (rows, cols) each chip's clipped evidence, positive where the leak is lighter than the original.
    weights: (rows, cols) the information behind it, 0 where unseen.
    """

    symbols: SoftSymbols
    to_leak: Matrix
    coverage: float
    agreement: float
    chips: NDArray[np.float64]
    weights: NDArray[np.float64]
    grid: ChipGrid
    layout: Layout


def read_page(
    reference: Raster, leak: Raster, grid: ChipGrid, layout: Layout, hint: Matrix | None
) -> PageReading | None:
    """Register `leak` onto the unmarked canonical raster `reference` and read the page's symbols.

    Rasters are (H, W, 3) RGB or (H, W). `hint` is the 2 x 3 coarse affine map from reference pixels to
    leak pixels; where it fails the page is looked for in the leak, and without one also in its negative.
    None: the leak could not be registered onto this page.
    """
    if min(leak.shape[:2]) < _SMALLEST_LEAK:
        return None
    frame = _Frame.of(reference, grid)
    found = _locate(frame, grey(leak), hint)
    if found is None:
        return None
    residual, weight = weighted_residual(frame.page, found.drawn, found.seen, frame.chip)
    weights = per_chip(weight, frame.chip)
    chips = cleaned(per_chip(residual * weight, frame.chip), weights)
    to_leak = found.homography @ np.linalg.inv(frame.to_reference)
    return PageReading(
        symbols=despread(chips, weights, layout),
        to_leak=to_leak / to_leak[2, 2],
        coverage=float(np.mean(weights > 0)),
        agreement=found.agreement,
        chips=chips,
        weights=weights,
        grid=grid,
        layout=layout,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """The page drawn so that each chip is `chip` x `chip` whole pixels; the map to reference pixels."""

    page: Plane
    chip: int
    to_reference: Matrix

    @classmethod
    def of(cls, reference: Raster, grid: ChipGrid) -> _Frame:
        height, width = reference.shape[:2]
        across, down = grid.pitch(width, height)
        fits = int((MOST_PIXELS / grid.chips) ** 0.5)
        chip = max(2, min(round((across * down) ** 0.5), LARGEST_CHIP, max(SMALLEST_CHIP, fits)))
        sx, sy = across / chip, down / chip
        to_reference = np.array(
            [[sx, 0, grid.x0 * width + sx / 2 - 0.5], [0, sy, grid.y0 * height + sy / 2 - 0.5], [0, 0, 1]]
        )
        luma = grey(reference)
        if max(sx, sy) > FINEST:
            luma = gaussian(luma, 0.4 * max(sx, sy))
        page = warped(luma, to_reference, grid.cols * chip, grid.rows * chip, cubic=True)
        return cls(page, chip, to_reference)


def _locate(frame: _Frame, leak: Plane, hint: Matrix | None) -> Registration | None:
    """Register the leak by the hint, else by searching for the page in it."""
    if hint is not None and np.all(np.abs(hint) < _BEYOND):
        found = _refine(frame, leak, np.vstack([hint, [0, 0, 1]]) @ frame.to_reference)
        if found is not None:
            return found
    # whoever gives a hint has found the page and its polarity: where it fails, a quick look is enough
    for start, inverted in coarse.places(frame.page, leak, thorough=hint is None):
        found = _refine(frame, 255 - leak if inverted else leak, start)
        if found is not None:
            return found
    return None


def _refine(frame: _Frame, leak: Plane, start: Matrix) -> Registration | None:
    """Register from a coarse map, on a leak reduced to what is useful; the result is in its own pixels."""
    scale = magnification(start)
    if not _FARTHEST < scale < 1 / _FARTHEST:
        return None
    shrink = min(1.0, FINEST / scale)
    if shrink < 1:
        width = max(1, round(leak.shape[1] * shrink))
        shrink = width / leak.shape[1]
        leak = reduced(leak, width, max(1, round(leak.shape[0] * shrink)))
    found = register(frame.page, leak, scaling(shrink) @ start)
    return None if found is None else replace(found, homography=scaling(1 / shrink) @ found.homography)
