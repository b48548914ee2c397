"""The tint of a raster: every chip a little lighter or darker than the page, too little to be seen.

The step between lighter and darker chips is three grey levels: two vanish in JPEG's dead zone at quality
50, four are worth 40 dB. Paper at 255 can only darken, so there the chips are 255 and 252; elsewhere +1
and -2. In texture, where coding noise is larger and the eye coarser, the step grows as far as 42 dB allow.

KNOWN LIMIT: what bleaches the paper to 255 or reduces the page to black and white takes the tint with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .geometry import ChipGrid

Pixel = TypeVar("Pixel", np.uint8, np.uint16)
Plane = NDArray[np.float32]

HALF_STEP = 1.5  # grey levels of 255
MAX_GAIN = 1.0  # in the strongest texture the step is (1 + gain) times the one on flat paper
MSE_BUDGET = 255**2 / 10**4.23  # mean squared change for 42.3 dB: 42 must hold after rounding too
SMALLEST_PITCH, PAGE_PITCH = 6, 8  # pixels; the second on A4 at 150 dpi
PAGE_PIXELS = 1240 * 1754
SYMBOLS = (2048, 1024, 512, 256)
CHIPS_A_SYMBOL = 8
FEWEST_CHIPS = 512  # with fewer not even a clean copy of the shortest codeword is safely told from others
MSE_LIMIT = 255**2 / 10**4.205
DARKEST, DARK = 4, 20  # grey levels: no step on black, where it would be seen, the whole step from DARK on
DITHER_DOWN, DITHER_ACROSS = 0.5698402910, 0.7548776662
_EDGE = 0.6  # part of the pitch over which one chip passes into the next: white pages keep 42 dB by it
_PAPER = 245  # grey levels; brighter is paper, whose texture is that of nearby ink
_BAND_PIXELS = 1 << 21  # rows are worked on in bands of about this many pixels, to bound the memory
_HALO = 16  # rows a band needs of its neighbours: more than twice the widest blur


def plan_raster(width: int, height: int) -> tuple[ChipGrid, int]:
    """Choose the chip grid and the codeword's length for an image of native pixels.

    The pitch is a whole number of pixels, 8 on an A4 page at 150 dpi, and scales with the image: the
    picture of a page carries the same chips at any resolution. 0 symbols: too small to tell copies apart.
    """
    if width < 1 or height < 1:
        raise ValueError(f"an image of {width} x {height} pixels carries nothing")
    pitch = max(SMALLEST_PITCH, round(PAGE_PITCH * math.sqrt(width * height / PAGE_PIXELS)))
    pitch = min(pitch, width, height)
    cols, rows = width // pitch, height // pitch
    left, top = (width - cols * pitch) // 2, (height - rows * pitch) // 2
    right, bottom = left + cols * pitch, top + rows * pitch
    grid = ChipGrid(rows, cols, left / width, top / height, right / width, bottom / height)
    if grid.chips < FEWEST_CHIPS:
        return grid, 0
    return grid, symbols_for(grid.chips)


def symbols_for(chips: int) -> int:
    """The length of the codeword that so many chips carry well."""
    return next((m for m in SYMBOLS if chips >= CHIPS_A_SYMBOL * m), SYMBOLS[-1])


def tint_raster(image: NDArray[Pixel], grid: ChipGrid, chips: NDArray[np.int8]) -> NDArray[Pixel]:
    """Return the image with its chips tinted: (H, W) or (H, W, 1..4), uint8 or uint16; alpha is kept.

    `chips` is (rows, cols) of +1 and -1, as `Layout.chips` gives it. The result keeps at least 42 dB PSNR
    and 0.98 SSIM. KNOWN LIMIT: where an image is fully transparent the tint is there but not seen.
    """
    if chips.shape != (grid.rows, grid.cols):
        raise ValueError(f"the pattern has shape {chips.shape}, the grid {(grid.rows, grid.cols)}")
    if image.dtype not in (np.uint8, np.uint16) or image.ndim not in (2, 3):
        raise ValueError(f"an image is uint8 or uint16 of 2 or 3 dimensions, not {image.dtype} {image.shape}")
    texture = _texture(image)
    pattern = _Pattern(grid, chips, *image.shape[1::-1])
    gain = _gain(image, texture)
    while True:
        marked, error = _tinted(image, texture, pattern, gain)
        if gain == 0 or error <= MSE_LIMIT:
            return marked
        gain = 0.85 * gain if gain > 0.1 else 0.0  # saturated colours move further than `_gain` expects


def _tinted(
    image: NDArray[Pixel], texture: NDArray[np.uint8], pattern: _Pattern, gain: float
) -> tuple[NDArray[Pixel], float]:
    """Tint the image at one gain; also give the mean squared change in grey levels of 255."""
    marked = image.copy()
    squares = 0.0
    for rows in _bands(*image.shape[:2]):
        shade = np.clip((_luma(image[rows]) - DARKEST) / (DARK - DARKEST), 0, 1)
        strength = np.float32(gain / 255) * texture[rows]
        step = np.float32(HALF_STEP) * shade * (1 + strength)
        # in texture a step is no whole number of levels: dither it, where nobody sees
        dither = np.minimum(4 * strength, 1) * _dither(rows, image.shape[1])
        squares += _tint_band(marked[rows], step, step * pattern.rows(rows) + dither)
    return marked, squares / (len(_colours(image)) * texture.size)


def _tint_band(band: NDArray[Pixel], step: Plane, change: Plane) -> float:
    """Tint a band in place, each colour around the nearest level that leaves the step its headroom.

    Returns the sum of the squared changes.
    """
    top = np.iinfo(band.dtype).max
    unit = np.float32(top / 255)
    lowered, change = np.minimum(step / 3, np.float32(0.5)) * unit, change * unit
    low, high = step * unit, top - step * unit
    squares = 0.0
    for colour in _colours(band):
        before = colour.astype(np.float32)
        after = np.clip(np.rint(np.clip(before - lowered, low, high) + change), 0, top)
        colour[:] = after.astype(band.dtype)
        squares += float(np.square((after - before).reshape(-1) / unit).sum(dtype=np.float64))
    return squares


def _dither(rows: slice, width: int) -> Plane:
    """Fixed offsets in (-0.5, 0.5), evenly spread over every small neighbourhood (an R2 sequence)."""
    down = np.arange(rows.start, rows.stop, dtype=np.float64)[:, None] * DITHER_DOWN
    across = np.arange(width, dtype=np.float64) * DITHER_ACROSS
    return ((down % 1 + across % 1) % 1 - 0.5).astype(np.float32)


def _colours(image: NDArray[Pixel]) -> list[NDArray[Pixel]]:
    """Views of the colour planes, without alpha."""
    if image.ndim == 2:
        return [image]
    channels = image.shape[2]
    return [image[..., c] for c in range(channels - 1 if channels in (2, 4) else channels)]


def _luma(image: NDArray[Pixel]) -> Plane:
    """The mean of the colours in grey levels of 255: where texture is does not depend on their weights."""
    colours = _colours(image)
    total = colours[0].astype(np.float32)
    for colour in colours[1:]:
        total += colour
    return total * np.float32(255 / np.iinfo(image.dtype).max / len(colours))


def _texture(image: NDArray[Pixel]) -> NDArray[np.uint8]:
    """How much texture is around each pixel, (H, W), 0 on flat ground and paper to 255 where it is strong."""
    texture = np.empty(image.shape[:2], np.uint8)
    for rows, luma, around in _around(image):
        texture[rows] = _levels(luma, around)
    return texture


def _around(image: NDArray[Pixel]) -> Iterator[tuple[slice, Plane, Plane]]:
    """Each band of rows with its luma and the mean of the detail around each pixel; both are the caller's."""
    import cv2

    for rows in _bands(*image.shape[:2]):
        top = max(0, rows.start - _HALO)
        luma = _luma(image[top : rows.stop + _HALO])
        detail = cv2.blur(luma, (9, 9))
        np.abs(np.subtract(luma, detail, out=detail), out=detail)
        around = np.asarray(cv2.blur(np.minimum(detail, 20, out=detail), (13, 13)), np.float32)
        inner = slice(rows.start - top, rows.stop - top)
        yield rows, luma[inner], around[inner]


def _levels(luma: Plane, around: Plane) -> NDArray[np.uint8]:
    """Texture in 255 levels, none on paper."""
    around *= luma < _PAPER
    around *= 32
    return np.minimum(around, 255, out=around).astype(np.uint8)


def _gain(image: NDArray[Pixel], texture: NDArray[np.uint8]) -> float:
    """The largest gain, at most MAX_GAIN, whose expected squared change stays within the budget."""
    strength = texture.reshape(-1).astype(np.float32) / 255
    linear, square = float(strength.mean()), float(np.square(strength).mean())
    paper = float(np.mean(_colours(image)[0] >= np.iinfo(image.dtype).max - 1))
    return _gain_within(linear, square, paper)


def _gain_within(linear: float, square: float, paper: float) -> float:
    """The gain for a mean and mean square of the texture, 0 to 1, and the part of the page that is paper."""
    flat = 1 - _EDGE / 4  # mean square of the pattern along one direction
    energy = HALF_STEP**2 * flat**2
    still = energy + paper * HALF_STEP**2 + (1 - paper) * 0.25 + 1 / 12  # paper's mean darkens too
    spare = max(0.0, MSE_BUDGET - still)
    if square == 0:
        return 0.0
    # energy (2 g linear + g^2 square) = spare
    root = math.sqrt(linear**2 + square * spare / energy)
    return min(MAX_GAIN, (root - linear) / square)


def _bands(height: int, width: int) -> Iterator[slice]:
    step = max(1, _BAND_PIXELS // width)
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))


class _Pattern:
    """The chips drawn over the pixels: +1 and -1 with soft edges, 0 outside the grid."""

    def __init__(self, grid: ChipGrid, chips: NDArray[np.int8], width: int, height: int) -> None:
        self._chips = np.pad(chips.astype(np.float32), 1)
        self._down = _soft_cells(height, grid.rows, grid.y0, grid.y1)
        self._across = _soft_cells(width, grid.cols, grid.x0, grid.x1)

    def rows(self, rows: slice) -> Plane:
        """Draw a band of pixel rows, (h, W)."""
        own, other, share = (part[rows] for part in self._down)
        lines = self._chips[own] * share[:, None] + self._chips[other] * (1 - share[:, None])
        own, other, share = self._across
        return lines[:, own] * share + lines[:, other] * (1 - share)


def _soft_cells(
    pixels: int, cells: int, start: float, stop: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], Plane]:
    """For each pixel along one direction: its cell and the nearest other (both + 1), the own share."""
    place = ((np.arange(pixels) + 0.5) / pixels - start) * cells / (stop - start)
    cell = np.clip(np.floor(place), -1, cells)
    offset = place - cell
    border = np.minimum(np.abs(offset), np.abs(1 - offset))  # distance to the nearest border, in cells
    share = 0.5 + 0.5 * np.sin(np.pi * np.minimum(border / _EDGE, 0.5))
    own = cell.astype(np.intp)
    other = np.clip(own + np.where(offset < 0.5, -1, 1), -1, cells)
    return own + 1, other + 1, share.astype(np.float32)
