"""Pictures: one page a frame, no text."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, PageSize
from sealtrace.errors import InputDamaged, InputTooLarge

FORMATS = {Kind.PNG: "PNG", Kind.JPEG: "JPEG", Kind.TIFF: "TIFF", Kind.WEBP: "WEBP", Kind.BMP: "BMP"}
TURNED = {5, 6, 7, 8}  # EXIF orientations that exchange width and height
ORIENTATION = 0x0112


@contextmanager
def opened(path: Path, kind: Kind) -> Iterator[Image.Image]:
    """Open a picture as the kind it is known to be, its pixel count checked before decoding.

    Raises:
        InputDamaged, InputTooLarge.
    """
    Image.MAX_IMAGE_PIXELS = bounds.PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=[FORMATS[kind]]) as picture:
                yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise InputTooLarge(f"{path.name} has more than {bounds.PIXELS:,} pixels") from e
    except (UnidentifiedImageError, SyntaxError, OSError, EOFError, ValueError) as e:
        raise InputDamaged(f"{path.name} can't be read as {kind}: {e}") from e


def read(path: Path, kind: Kind) -> Content:
    """Read the size of every frame, and decode the first to know that it can be."""
    sizes = []
    with opened(path, kind) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > bounds.FRAMES:
            raise InputTooLarge(f"{path.name} has {frames} frames; at most {bounds.FRAMES} are parsed")
        for frame in range(frames):
            picture.seek(frame)
            if picture.width * picture.height > bounds.PIXELS:
                raise InputTooLarge(f"{path.name} has more than {bounds.PIXELS:,} pixels")
            picture.load()
            width, height = picture.size
            if picture.getexif().get(ORIENTATION) in TURNED:
                width, height = height, width
            sizes.append(PageSize(float(width), float(height), "px"))
    return Content(kind, None, (), tuple(sizes))
