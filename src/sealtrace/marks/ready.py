"""A page made ready: what is the same in every marked picture of it is worked out once, so that one costs little.

`tint_raster` looks at every pixel of a page for each copy. Here paper, which is most of a page, goes through a
table of 255 values, and only inked pixels are computed. The result is that of `tint_raster`, but for pixels on
the edge of rounding: there it may differ by one grey level.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import ChipGrid
from .tint import (
    DARK,
    DARKEST,
    DITHER_ACROSS,
    DITHER_DOWN,
    HALF_STEP,
    MSE_LIMIT,
    _around,
    _gain_within,
    _levels,
    _soft_cells,
)

Raster = NDArray[np.uint8]

_LEVELS = 127  # the pattern's -1 to +1 as 0 to 254
_FINE, _FINE_STEP = 256, 16_384  # parts of a grey level in which middles and steps are kept, in 16 bits
_PAPER = np.rint(255 - HALF_STEP + HALF_STEP * (np.arange(256) / _LEVELS - 1)).clip(0, 255).astype(np.uint8)


class ReadyPage:
    """A raster, or a tile cut from a larger one, ready to be marked for any copy.

    raster: (H, W, 3) RGB of uint8. whole: (width, height) of the rendering it is cut from, `origin` the place
    of its top left pixel there; without them it is the whole. Grey rasters are kept and marked as one plane.
    """

    def __init__(
        self,
        raster: Raster,
        grid: ChipGrid,
        whole: tuple[int, int] | None = None,
        origin: tuple[int, int] = (0, 0),
    ) -> None:
        height, width = raster.shape[:2]
        self.grid, self.size = grid, (width, height)
        full, (left, top) = whole or (width, height), origin
        self._down = _cells(full[1], grid.rows, (grid.y0, grid.y1), top, height)
        self._across = _cells(full[0], grid.cols, (grid.x0, grid.x1), left, width)
        planes = [np.asarray(plane, np.uint8) for plane in cv2.split(raster)[::-1]]  # blue first, as encoded
        if all(np.array_equal(planes[0], plane) for plane in planes[1:]):
            planes, raster = planes[:1], planes[0]
        self._ink = np.flatnonzero(np.logical_or.reduce([plane != 255 for plane in planes])).astype(np.int32)
        before = np.stack([plane.reshape(-1).take(self._ink) for plane in planes])
        down, across = np.divmod(self._ink, np.int32(width))
        texture = self._texture(raster)
        strength, pixels = texture.astype(np.float32) / 255, width * height
        linear, square = float(strength.sum()) / pixels, float(np.square(strength).sum()) / pixels
        almost = np.count_nonzero(planes[-1] >= 254) / pixels
        self._tint_for(before, _gain_within(linear, square, almost), texture, _spread(down + top, across))

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        return int(self._ink.nbytes + self._step.nbytes + self._centre.nbytes)

    def mark(self, chips: NDArray[np.int8]) -> Raster:
        """Give the marked picture: (H, W) grey, or (H, W, 3) with blue first, as OpenCV encodes it.

        `chips` is (rows, cols) of +1 and -1, as `Layout.chips` gives it.
        """
        if chips.shape != (self.grid.rows, self.grid.cols):
            raise ValueError(
                f"the pattern has shape {chips.shape}, the grid {(self.grid.rows, self.grid.cols)}"
            )
        pattern = self._pattern(chips)
        paper = np.asarray(cv2.LUT(pattern, _PAPER), np.uint8)
        tint = pattern.reshape(-1).take(self._ink).astype(np.float32)
        tint -= _LEVELS
        tint *= self._step
        tint *= np.float32(1 / (_LEVELS * _FINE_STEP))
        colours = len(self._centre)
        made = paper if colours == 1 else cv2.merge([paper] * colours)
        flat = made.reshape(-1, colours)
        for number, centre in enumerate(self._centre):
            after = centre * np.float32(1 / _FINE)
            after += tint
            after += np.float32(0.5)  # never below 0: so much is the whole part the nearest level
            flat[self._ink, number] = np.minimum(after, 255, out=after).astype(np.uint8)
        return np.asarray(made, np.uint8)

    def _texture(self, raster: Raster) -> Raster:
        """The texture at the inked pixels; paper has none."""
        texture, width = np.empty(len(self._ink), np.uint8), self.size[0]
        for rows, luma, around in _around(raster):
            first, past = np.searchsorted(self._ink, (rows.start * width, rows.stop * width))
            ink = self._ink[first:past] - np.int32(rows.start * width)
            texture[first:past] = _levels(luma.reshape(-1).take(ink), around.reshape(-1).take(ink))
        return texture

    def _pattern(self, chips: NDArray[np.int8]) -> Raster:
        """Draw the chips with soft edges: (H, W), 0 for -1, 127 for none, 254 for +1."""
        padded = np.pad((chips.astype(np.int16) + 1) * _LEVELS, 1, constant_values=_LEVELS).astype(np.uint16)
        lines = self._across.mix(padded.T).T
        pattern = lines.astype(np.uint8).take(self._down.own, axis=0)
        pattern[self._down.soft] = self._down.mixed(lines)
        return pattern

    def _tint_for(
        self,
        before: Raster,
        gain: float,
        texture: Raster,
        spread: NDArray[np.float32],
    ) -> None:
        """Work out every inked pixel's middle and step, at the largest gain up to `gain` that keeps 42 dB.

        before: (colours, n), the inked pixels; texture and spread: (n,), their texture and fixed offset.
        Whether it keeps them is tried with one pattern that stands for all.
        """
        was = before.astype(np.float32)
        mean = was[0] if len(was) == 1 else was.mean(axis=0)
        shade = np.clip((mean - DARKEST) / np.float32(DARK - DARKEST), 0, 1)
        rows, cols = np.indices((self.grid.rows, self.grid.cols))
        pattern = ((rows + cols) % 2 * 2 - 1).astype(np.int8)
        while True:
            strength = np.float32(gain / 255) * texture
            step = np.float32(HALF_STEP) * shade * (1 + strength)
            lowered = np.minimum(step / 3, np.float32(0.5))
            centre = np.clip(was - lowered, step, 255 - step)
            centre += np.minimum(4 * strength, 1) * spread
            self._step = np.rint(step * _FINE_STEP).astype(np.uint16)
            self._centre = np.rint(centre.clip(0, 255) * _FINE).astype(np.uint16)
            if gain == 0 or self._error(pattern, before) <= MSE_LIMIT:
                return
            gain = 0.85 * gain if gain > 0.1 else 0.0

    def _error(self, chips: NDArray[np.int8], before: Raster) -> float:
        """The mean squared change of one copy against the page."""
        marked = self.mark(chips)
        planes = marked.reshape(-1, len(before)).take(self._ink, axis=0).T
        inked = float(np.square(planes.astype(np.float32) - before).sum(dtype=np.float64))
        counts = cv2.calcHist([marked], [0], None, [256], [0, 256]).ravel()
        counts -= np.bincount(planes[0], minlength=256)
        white = float((counts * np.square(255 - np.arange(256))).sum())  # paper: every pixel that is no ink
        return (inked + white * len(before)) / marked.size


def _spread(down: NDArray[np.int32], across: NDArray[np.int32]) -> NDArray[np.float32]:
    """The fixed offsets in (-0.5, 0.5) of pixels, as `tint._dither` gives them for whole rows."""
    if not len(down):
        return np.empty(0, np.float32)
    rows = np.arange(int(down.max()) + 1) * DITHER_DOWN % 1
    columns = np.arange(int(across.max()) + 1) * DITHER_ACROSS % 1
    offset = rows.take(down)
    offset += columns.take(across)
    offset -= offset >= 1
    offset -= 0.5
    return offset.astype(np.float32)


class _Cells:
    """Along one direction, which chip each pixel is in and, near its edge, how much of the next shows through."""

    def __init__(self, pixels: int, cells: int, box: tuple[float, float], cut: slice) -> None:
        own, other, share = (part[cut] for part in _soft_cells(pixels, cells, *box))
        self.own = own.astype(np.int32)
        self.soft = np.flatnonzero(share < 1)
        self._near, self._far = self.own[self.soft], other[self.soft].astype(np.int32)
        self._share = np.rint(share[self.soft, None] * 256).astype(np.uint16)

    def mix(self, chips: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Spread rows of values below 255 over the pixels."""
        spread = np.ascontiguousarray(chips).take(self.own, axis=0)
        spread[self.soft] = self.mixed(chips)
        return spread

    def mixed(self, chips: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Spread them over the soft pixels only."""
        near, far = chips[self._near], chips[self._far]
        near *= self._share
        far *= 256 - self._share
        near += far
        near += 128
        near >>= 8
        return near


@lru_cache(maxsize=64)
def _cells(pixels: int, cells: int, box: tuple[float, float], first: int, length: int) -> _Cells:
    return _Cells(pixels, cells, box, slice(first, first + length))
