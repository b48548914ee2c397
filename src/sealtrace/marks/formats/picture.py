"""Pictures: the tint in the pixels, the stamp in the container; other metadata stays as it was.

PNG is taken apart by chunk and JPEG by segment; TIFF and WebP are written again with their compression,
resolution, profile and EXIF; BMP keeps its header. Bilevel pictures become 8-bit grey, palettes colour.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind
from sealtrace.content.readers.image import ORIENTATION, opened
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.geometry import ChipGrid, MarkPlan, PagePlan
from sealtrace.marks.stamp import TOKEN_BITS
from sealtrace.marks.tint import plan_raster, tint_raster

from . import containers
from .model import DIGEST_BITS, FilePlan, Job

PLAIN = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "I;16B", "I;16L", "I"}
WEBP_QUALITY = 98
JPEG_MARGIN = 0.04
SQUARED_ERROR = 255**2 / 10**4.2
"""Mean squared change of a copy against its original: 42 dB."""
TURNS: dict[int, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    2: (np.fliplr, np.fliplr),
    3: (lambda a: np.rot90(a, 2), lambda a: np.rot90(a, 2)),
    4: (np.flipud, np.flipud),
    5: (lambda a: a.swapaxes(0, 1), lambda a: a.swapaxes(0, 1)),
    6: (lambda a: np.rot90(a, -1), lambda a: np.rot90(a, 1)),
    7: (lambda a: np.rot90(a, 2).swapaxes(0, 1), lambda a: np.rot90(a, 2).swapaxes(0, 1)),
    8: (lambda a: np.rot90(a, 1), lambda a: np.rot90(a, -1)),
}
"""EXIF orientation: how stored pixels become shown ones, and back. Source: EXIF 2.32, tag 0x0112."""


def plan(source: Path, kind: Kind) -> FilePlan:
    """Plan each frame; the codeword is as long as the largest frame allows."""
    notes: dict[str, None] = {}
    grids: list[ChipGrid | None] = []
    symbols = 0
    with opened(source, kind) as picture:
        frames = min(getattr(picture, "n_frames", 1), bounds.FRAMES)
        if _moving(picture, kind):
            return FilePlan(
                MarkPlan(0, (None,) * frames), stamp=True, notes=("moving pictures carry the stamp only",)
            )
        for frame in range(frames):
            picture.seek(frame)
            if picture.mode not in PLAIN:
                notes[f"{picture.mode} pixels carry no tint"] = None
                grids.append(None)
                continue
            if picture.mode == "1":
                notes["black-and-white pixels become grey in copies"] = None
            size = picture.size if picture.getexif().get(ORIENTATION, 1) < 5 else picture.size[::-1]
            grid, length = plan_raster(*size)
            grids.append(grid if length else None)
            symbols = max(symbols, length)
    if not symbols:
        notes["the picture is too small for the tint"] = None
    pages = tuple(None if grid is None or not symbols else PagePlan(grid, "raster") for grid in grids)
    return FilePlan(MarkPlan(symbols, pages), stamp=True, notes=tuple(notes))


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy."""
    marks = [AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)]
    tinted = any(job.chips(page) is not None for page in range(len(job.plan.mark_plan.pages)))
    original = job.source.read_bytes()
    if tinted:
        marks.append(AppliedMark(ChannelName.PAGE, job.plan.mark_plan.symbols))
    made = _WRITERS[job.kind](job, original) if tinted else original
    job.target.write_bytes(containers.STAMP[job.kind](made, job.text))
    return tuple(marks)


def stamps(path: Path) -> list[bytes]:
    """Read tokens: the text form stands as it is in every one of these containers."""
    from sealtrace.marks.stamp import in_bytes

    return in_bytes(path.read_bytes())


# -- pixels --------------------------------------------------------------------------------------


def _tinted(job: Job, pixels: NDArray[Any], frame: int, orientation: int = 1) -> NDArray[Any]:
    """Tint the pixels of one frame, in the orientation in which it is shown."""
    found = job.chips(frame)
    if found is None:
        return pixels
    there, back = TURNS.get(orientation, (lambda a: a, lambda a: a))
    shown = np.ascontiguousarray(there(pixels))
    tinted: NDArray[Any] = np.ascontiguousarray(back(tint_raster(shown, *found)))
    return tinted


def _pixels(picture: Image.Image) -> NDArray[Any]:
    """A frame's pixels as grey, grey and alpha, RGB or RGBA; 8 bits, or 16 where it has them."""
    if picture.mode.startswith("I"):
        deep: NDArray[Any] = np.clip(np.asarray(picture), 0, 65535).astype(np.uint16)
        return deep
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    elif picture.mode == "1":
        picture = picture.convert("L")
    pixels: NDArray[Any] = np.asarray(picture)
    return pixels


def _png(job: Job, original: bytes) -> bytes:
    """Encode again and put back every chunk that still applies."""
    import cv2

    pixels = cv2.imdecode(np.frombuffer(original, np.uint8), cv2.IMREAD_UNCHANGED)
    with opened(job.source, job.kind) as picture:
        orientation = picture.getexif().get(ORIENTATION, 1)
        eight = picture.mode not in ("I", "I;16", "I;16B") and (pixels is None or pixels.dtype == np.uint8)
        if pixels is None or eight:
            pixels = _pixels(picture)
    swapped = not eight and pixels.ndim == 3
    tinted = _tinted(job, _swap(pixels) if swapped else pixels, 0, orientation)
    done, data = cv2.imencode(
        ".png", _swap(tinted) if tinted.ndim == 3 else tinted, [cv2.IMWRITE_PNG_COMPRESSION, 6]
    )
    assert done, "OpenCV encodes 8 and 16 bit pixels"
    return containers.png_with_pixels_of(original, data.tobytes())


def _swap(pixels: NDArray[Any]) -> NDArray[Any]:
    """Exchange red and blue, as OpenCV has them; alpha stays."""
    if pixels.shape[2] == 2:  # grey and alpha: OpenCV has no such order
        grey, alpha = pixels[:, :, :1], pixels[:, :, 1:]
        return np.ascontiguousarray(np.concatenate([grey, grey, grey, alpha], axis=2))
    order = [2, 1, 0, 3][: pixels.shape[2]]
    return np.ascontiguousarray(pixels[:, :, order])


def _jpeg(job: Job, original: bytes) -> bytes:
    """Encode again and put the original's segments back.

    With the original's own tables and sampling where that keeps the copy close enough to what was
    registered; coarse tables would add their own loss to the tint's, and are made finer.
    """
    with opened(job.source, job.kind) as picture:
        assert isinstance(picture, JpegImagePlugin.JpegImageFile)
        tables, sampling = picture.quantization, max(JpegImagePlugin.get_sampling(picture), 0)
        orientation = picture.getexif().get(ORIENTATION, 1)
        progressive = bool(picture.info.get("progressive"))
        pixels = _pixels(picture)
    tinted = _with_bare_margin(_tinted(job, pixels, 0, orientation), pixels)
    for finer, sampled in ((1, sampling), (2, sampling), (4, 0), (8, 0)):
        out = io.BytesIO()
        eased = {number: [max(1, step // finer) for step in table] for number, table in tables.items()}
        Image.fromarray(tinted).save(
            out, "JPEG", qtables=eased, subsampling=sampled, progressive=progressive, optimize=True
        )
        with Image.open(io.BytesIO(out.getvalue())) as again:
            if _squared_error(pixels, np.asarray(again)) <= SQUARED_ERROR:
                break
    return containers.jpeg_with_segments_of(original, out.getvalue())


def _with_bare_margin(tinted: NDArray[Any], pixels: NDArray[Any]) -> NDArray[Any]:
    """Leave the margin untinted: what that saves of the 42 dB is what the coding itself takes."""
    down, across = (max(1, round(side * JPEG_MARGIN)) for side in pixels.shape[:2])
    made = pixels.copy()
    made[down:-down, across:-across] = tinted[down:-down, across:-across]
    return made


def _squared_error(one: NDArray[Any], other: NDArray[Any]) -> float:
    difference = one.astype(np.int16) - other.astype(np.int16)
    return float(np.mean(np.square(difference, dtype=np.int32)))


def _tiff(job: Job, original: bytes) -> bytes:  # noqa: ARG001 (every writer takes the original)
    frames, settings = [], []
    with opened(job.source, job.kind) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            made = picture.copy()
            if job.chips(number) is not None:
                orientation = picture.getexif().get(ORIENTATION, 1)
                made = Image.fromarray(_tinted(job, _pixels(picture), number, orientation))
            compression = picture.info.get("compression", "raw")
            keep = {
                "compression": "tiff_deflate"
                if compression in ("group3", "group4", "tiff_ccitt")
                else compression
            }
            keep |= {name: picture.info[name] for name in ("dpi", "icc_profile") if name in picture.info}
            orient = picture.getexif().get(ORIENTATION)
            if orient:
                keep["tiffinfo"] = {ORIENTATION: orient}
            frames.append(made)
            settings.append(keep)
    return containers.tiff_of(frames, settings, job.text)


def _webp(job: Job, original: bytes) -> bytes:
    with opened(job.source, job.kind) as picture:
        keep = {name: picture.info[name] for name in ("icc_profile", "exif", "xmp") if name in picture.info}
        tinted = _tinted(job, _pixels(picture), 0, picture.getexif().get(ORIENTATION, 1))
    out = io.BytesIO()
    lossless = b"VP8L" in original[:64] or b"VP8L" in original[: 1 << 16]
    how = {"lossless": True, "exact": True} if lossless else {"quality": WEBP_QUALITY}
    Image.fromarray(tinted).save(out, "WEBP", method=4, **how, **keep)
    return out.getvalue()


def _bmp(job: Job, original: bytes) -> bytes:  # noqa: ARG001 (every writer takes the original)
    out = io.BytesIO()
    with opened(job.source, job.kind) as picture:
        keep = {"dpi": picture.info["dpi"]} if "dpi" in picture.info else {}
        Image.fromarray(_tinted(job, _pixels(picture), 0)).save(out, "BMP", **keep)
    return out.getvalue()


def _moving(picture: Image.Image, kind: Kind) -> bool:
    return kind in (Kind.PNG, Kind.WEBP) and getattr(picture, "n_frames", 1) > 1


_WRITERS: dict[Kind, Callable[[Job, bytes], bytes]] = {
    Kind.PNG: _png,
    Kind.JPEG: _jpeg,
    Kind.TIFF: _tiff,
    Kind.WEBP: _webp,
    Kind.BMP: _bmp,
}
