"""Content identity: the ISO 24138 ISCC, by which near-duplicates are recognised.

Meta, Content (text or image), Data and Instance units, each 64 bits, and their composite ISCC-CODE.
Source: ISO 24138:2024 through `iscc-lib`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import iscc_lib
import numpy as np
from numpy.typing import NDArray

from .kinds import IMAGES, Kind
from .model import Content

CHUNK = 1 << 20
IMAGE_SIDE = 32  # ISO 24138, image normalisation
MIN_TEXT = 64  # characters of collapsed text below which a text code says nothing
CHANCE = 0.5  # share of bits that two unrelated units have in common


def iscc(path: Path, content: Content, raster: NDArray[np.uint8] | None = None) -> str:
    """Return the composite ISCC of a file, "ISCC:..."; the bytes are streamed.

    `raster` is the first page as picture, for kinds that are pictures; it is rendered when not given.
    """
    codes = []
    if content.title:
        codes.append(iscc_lib.gen_meta_code_v0(content.title).iscc)
    unit = _content_unit(path, content, raster)
    if unit is not None:
        codes.append(unit)
    codes += _byte_units(path)
    return str(iscc_lib.gen_iscc_code_v0(codes).iscc)


def near(one: str, other: str) -> float:
    """Return how alike two files are, 0 to 1: their content units, else their data units.

    1 means equal units; unrelated files come out near 0. Only units of the same kind are compared.
    """
    if one == other:
        return 1.0
    mine, theirs = _units(one), _units(other)
    for kind in ("content", "data"):
        if kind in mine and kind in theirs:
            (sort, bits), (other_sort, other_bits) = mine[kind], theirs[kind]
            if sort == other_sort:
                shared = 1 - (bits ^ other_bits).bit_count() / 64
                return max(0.0, (shared - CHANCE) / (1 - CHANCE))
            return 0.0
    return 0.0


def _content_unit(path: Path, content: Content, raster: NDArray[np.uint8] | None) -> str | None:
    if content.kind in IMAGES:
        if raster is None:
            from .pages import render

            raster = render(path, content.kind, 0)
        return str(iscc_lib.gen_image_code_v0(_thumbnail(raster)).iscc)
    if content.kind in (Kind.OPAQUE, Kind.ZIP):
        return None
    text = iscc_lib.text_clean(content.text)
    if len(iscc_lib.text_collapse(text)) < MIN_TEXT:
        return None
    return str(iscc_lib.gen_text_code_v0(text).iscc)


def _thumbnail(raster: NDArray[np.uint8]) -> bytes:
    """32 x 32 grey pixels of the trimmed picture. Source: ISO 24138:2024, image normalisation."""
    from PIL import Image, ImageChops

    picture = Image.fromarray(raster).convert("RGB")
    border = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    box = ImageChops.difference(picture, border).getbbox()
    grey = picture.crop(box).convert("L") if box else picture.convert("L")
    return grey.resize((IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.BICUBIC).tobytes()


def _byte_units(path: Path) -> list[str]:
    data, instance = iscc_lib.DataHasher(), iscc_lib.InstanceHasher()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            data.update(chunk)
            instance.update(chunk)
    return [str(data.finalize().iscc), str(instance.finalize().iscc)]


@lru_cache(maxsize=65536)
def _units(code: str) -> dict[str, tuple[int, int]]:
    """The content and data units of a composite: (sub-type, 64 bits)."""
    found = {}
    for unit in iscc_lib.iscc_decompose(code):
        main, sub, _version, _length, digest = iscc_lib.iscc_decode(unit)
        name = {int(iscc_lib.MT.CONTENT): "content", int(iscc_lib.MT.DATA): "data"}.get(int(main))
        if name:
            found[name] = (int(sub), int.from_bytes(digest[:8], "big"))
    return found
