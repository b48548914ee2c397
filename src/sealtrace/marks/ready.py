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
    _gain,
    _soft_cells,
    _texture,
)

Raster = NDArray[np.uint8]

_LEVELS = 127  # the pattern's -1 to +1 as 0 to 254
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
        grey = bool((raster[..., 0] == raster[..., 1]).all() and (raster[..., 1] == raster[..., 2]).all())
        planes = (
            raster[..., 0][..., None] if grey else raster[..., ::-1]
        )  # blue first: what the encoder takes
        paper = raster[..., 0] == 255 if grey else (raster == 255).all(axis=2)
        self._ink = np.flatnonzero(~paper).astype(np.int32)
        self._before = np.ascontiguousarray(planes.reshape(-1, planes.shape[2]).take(self._ink, axis=0).T)
        texture = _texture(raster)
        down, across = np.divmod(self._ink, np.int32(width))
        self._tint_for(_gain(raster, texture), texture.take(self._ink), (down + top, across))

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        return int(self._ink.nbytes + self._step.nbytes + self._centre.nbytes + self._before.nbytes)

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
        inked = (pattern.reshape(-1)[self._ink].astype(np.float32) * np.float32(1 / _LEVELS) - 1) * self._step
        colours = len(self._centre)
        made = paper if colours == 1 else cv2.merge([paper] * colours)
        flat = made.reshape(-1, colours)
        for number, centre in enumerate(self._centre):
            after = np.rint(centre + inked)
            flat[self._ink, number] = np.clip(after, 0, 255, out=after).astype(np.uint8)
        return np.asarray(made, np.uint8)

    def _pattern(self, chips: NDArray[np.int8]) -> Raster:
        """Draw the chips with soft edges: (H, W), 0 for -1, 127 for none, 254 for +1."""
        padded = np.pad((chips.astype(np.int16) + 1) * _LEVELS, 1, constant_values=_LEVELS).astype(np.uint16)
        lines = self._across.mix(padded.T).T
        pattern = lines.astype(np.uint8).take(self._down.own, axis=0)
        pattern[self._down.soft] = self._down.mixed(lines)
        return pattern

    def _tint_for(
        self, gain: float, texture: Raster, place: tuple[NDArray[np.int32], NDArray[np.int32]]
    ) -> None:
        """Work out every inked pixel's middle and step, at the largest gain up to `gain` that keeps 42 dB.

        Whether it keeps them is tried with one pattern that stands for all.
        """
        before = self._before.astype(np.float32)
        shade = np.clip((before.mean(axis=0) - DARKEST) / (DARK - DARKEST), 0, 1)
        spread = ((place[0] * DITHER_DOWN % 1 + place[1] * DITHER_ACROSS % 1) % 1 - 0.5).astype(np.float32)
        rows, cols = np.indices((self.grid.rows, self.grid.cols))
        pattern = ((rows + cols) % 2 * 2 - 1).astype(np.int8)
        while True:
            strength = np.float32(gain / 255) * texture
            self._step = np.float32(HALF_STEP) * shade * (1 + strength)
            lowered = np.minimum(self._step / 3, np.float32(0.5))
            centre = np.clip(before - lowered, self._step, 255 - self._step)
            self._centre = centre + np.minimum(4 * strength, 1) * spread
            if gain == 0 or self._error(pattern) <= MSE_LIMIT:
                return
            gain = 0.85 * gain if gain > 0.1 else 0.0

    def _error(self, chips: NDArray[np.int8]) -> float:
        """The mean squared change of one copy against the page."""
        marked = self.mark(chips)
        planes = marked.reshape(-1, len(self._before)).take(self._ink, axis=0).T
        inked = float(np.square(planes.astype(np.float32) - self._before).sum(dtype=np.float64))
        first = marked.reshape(-1, len(self._before))[:, 0].astype(np.int32)
        white = np.square(255 - first).sum() - np.square(255 - first.take(self._ink)).sum()
        return (inked + float(white) * len(self._before)) / marked.size


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
