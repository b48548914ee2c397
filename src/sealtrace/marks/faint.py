"""The faint line over a page shown on a screen: who opened it, where and when, for whoever looks or photographs.

It deters and it is read without any tool; it is no mark, and no trace rests on it.
"""

from __future__ import annotations

import threading
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sealtrace.typefaces import FOLDER

Raster = NDArray[np.uint8]

CELL = (588, 296)  # pixels between one line and the next, across and down, on A4 at 150 dpi
_SIZE, _TURN, _INK, _OPACITY = 24, 24, 98, 0.17


def draw_faint(picture: Raster, text: str, origin: tuple[int, int] = (0, 0), scale: int = 1) -> None:
    """Draw `text` over a picture, (H, W) or (H, W, 3), in place, again and again, turned by 24 degrees.

    `origin` is the place of a tile's top left pixel in the whole picture, `scale` how much that is enlarged.
    """
    height, width = picture.shape[:2]
    down, across, share = _cell(text, scale)
    cell = CELL[0] * scale, CELL[1] * scale
    first = -(origin[0] % cell[0]), -(origin[1] % cell[1])
    flat = picture.reshape(height * width, -1)
    for top in range(first[1], height, cell[1]):
        for left in range(first[0], width, cell[0]):
            y, x, part = down + top, across + left, share
            if top < 0 or left < 0 or top + cell[1] > height or left + cell[0] > width:
                inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
                y, x, part = y[inside], x[inside], part[inside]
            place = y * np.int32(width) + x
            shown = flat.take(place, axis=0).astype(np.float32)
            shown += (_INK - shown) * part[:, None]
            flat[place] = np.rint(shown).astype(np.uint8)


@lru_cache(maxsize=512)
def _cell(text: str, scale: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """The inked pixels of one cell, down and across, and how much each takes of the ink."""
    width, height = CELL[0] * scale, CELL[1] * scale
    size, longest = _SIZE * scale, 0.94 * np.hypot(width, height)
    font = _font(size)
    if font.getlength(text) > longest:
        size = max(8, int(size * longest / font.getlength(text)))
        font = _font(size)
    long, high = int(font.getlength(text)) + size, 2 * size  # the line alone, before it is turned
    sheet = Image.new("L", (long, high))
    ImageDraw.Draw(sheet).text((long / 2, high / 2), text, fill=255, font=font, anchor="mm")
    turn = cv2.getRotationMatrix2D((long / 2, high / 2), _TURN, 1)
    turn[:, 2] += np.array([(width - long) / 2, (height - high) / 2])
    cut = cv2.warpAffine(np.asarray(sheet), turn, (width, height), flags=cv2.INTER_LINEAR)
    down, across = np.nonzero(cut > 16)
    share = cut[down, across].astype(np.float32) * np.float32(_OPACITY / 255)
    return down.astype(np.int32), across.astype(np.int32), share


def _font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface at a size: one for each thread, since FreeType draws for one at a time."""
    fonts: dict[int, ImageFont.FreeTypeFont] | None = getattr(_own, "fonts", None)
    if fonts is None:
        fonts = _own.fonts = {}
    if size not in fonts:
        fonts[size] = ImageFont.truetype(str(FOLDER / "SealtraceSC-Regular.ttf"), size)
    return fonts[size]


_own = threading.local()
