"""Picture containers taken apart and put together: chunks, segments, directories. Stamps go in here."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PIL import Image, TiffImagePlugin

from sealtrace.content.kinds import Kind
from sealtrace.errors import InputDamaged

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"bKGD",
    b"hIST",
    b"sBIT",
    b"acTL",
    b"fcTL",
    b"fdAT",
}
"""Chunks that describe the pixels themselves: the new encoding brings its own."""
KEYWORD = b"Sealtrace"
IMAGE_DESCRIPTION = 270


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (type, whole chunk) of a PNG. Source: PNG (W3C, third edition), 5.3."""
    at = len(PNG_HEAD)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if at + 12 + size > len(data):
            raise InputDamaged("a PNG chunk is cut off")
        yield data[at + 4 : at + 8], data[at : at + 12 + size]
        at += 12 + size


def png_with_pixels_of(original: bytes, encoded: bytes) -> bytes:
    """Put newly encoded pixels among the original's other chunks, each on its side of the pixels."""
    before: list[bytes] = []
    after: list[bytes] = []
    seen = False
    for name, chunk in png_chunks(original):
        seen |= name == b"IDAT"
        if name not in PIXEL_CHUNKS:
            (after if seen else before).append(chunk)
    new = [
        (name, chunk) for name, chunk in png_chunks(encoded) if name in (b"IHDR", b"IDAT", b"IEND", b"PLTE")
    ]
    header, pixels, end = new[0][1], [c for n, c in new if n in (b"IDAT", b"PLTE")], new[-1][1]
    return b"".join([PNG_HEAD, header, *before, *pixels, *after, end])


def stamp_png(data: bytes, text: str) -> bytes:
    """Add a tEXt chunk right after the header."""
    body = b"tEXt" + KEYWORD + b"\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = len(PNG_HEAD) + 25  # IHDR is always first and always 25 bytes
    return data[:end] + chunk + data[end:]


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, whole segment) up to the first scan; then (0xDA, all the rest). Source: ITU-T T.81, B.1."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise InputDamaged("a JPEG segment does not begin with a marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xDA:
            yield marker, data[at:]
            return
        (size,) = struct.unpack_from(">H", data, at + 2)
        yield marker, data[at : at + 2 + size]
        at += 2 + size
    raise InputDamaged("a JPEG has no scan")


def jpeg_with_segments_of(original: bytes, encoded: bytes) -> bytes:
    """Put the original's EXIF, XMP, profiles and comments around newly encoded pixels.

    APP0 and APP14 describe the encoding itself and come from the new one; the original's density is kept.
    A multi-picture index (MPF) would point to pictures that are not there any more and is left out.
    """
    kept = [
        segment
        for marker, segment in jpeg_segments(original)
        if (0xE1 <= marker <= 0xED or marker in (0xEF, 0xFE)) and not segment[4:].startswith(b"MPF\0")
    ]
    jfif = next((s for m, s in jpeg_segments(original) if m == 0xE0 and s[4:9] == b"JFIF\0"), None)
    new = []
    for marker, segment in jpeg_segments(encoded):
        dense = marker == 0xE0 and jfif is not None
        new.append(segment[:11] + jfif[11:16] + segment[16:] if dense and jfif else segment)
        if marker == 0xE0:
            new += kept
            kept = []
    return encoded[:2] + b"".join([*kept, *new])


def stamp_jpeg(data: bytes, text: str) -> bytes:
    """Add a comment segment before the first table."""
    body = KEYWORD + b" " + text.encode()
    comment = b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body
    at = 2
    for marker, segment in jpeg_segments(data):
        if not 0xE0 <= marker <= 0xEF:
            break
        at += len(segment)
    return data[:at] + comment + data[at:]


def tiff_of(frames: Sequence[Image.Image], settings: Sequence[dict[str, Any]], text: str) -> bytes:
    """Write frames as TIFF, each with its own compression and resolution, the stamp in the first's description."""
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out, new=True) as target:
        for number, (frame, keep) in enumerate(zip(frames, settings, strict=True)):
            info = dict(keep.pop("tiffinfo", {}))
            if number == 0:
                info[IMAGE_DESCRIPTION] = text
            frame.encoderinfo = {}
            frame.save(target, "TIFF", tiffinfo=info, **keep)
            target.newFrame()
    return out.getvalue()


def stamp_tiff(data: bytes, text: str) -> bytes:
    """The stamp of a TIFF stands in its description; one that was not written anew gets it as trailing bytes."""
    return data if text.encode() in data else data + b"\n" + text.encode() + b"\n"


def stamp_webp(data: bytes, text: str) -> bytes:
    """Append a chunk of our own; a simple file becomes an extended one. Source: RFC 9649, 2.7."""
    body = text.encode()
    chunks = data[12:]
    if chunks[:4] != b"VP8X":
        chunks = _extended_header(data) + chunks
    chunks += (b"\0" if len(chunks) & 1 else b"") + b"SEAL" + struct.pack("<I", len(body)) + body
    chunks += b"\0" if len(body) & 1 else b""
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _extended_header(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=["WEBP"]) as picture:
        width, height = picture.size
        alpha = 0x10 if picture.mode == "RGBA" else 0
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X" + struct.pack("<I", 10) + bytes([alpha, 0, 0, 0]) + size


def stamp_bmp(data: bytes, text: str) -> bytes:
    """Put the token between header and pixels, where the format leaves room. Source: BITMAPFILEHEADER."""
    (start,) = struct.unpack_from("<I", data, 10)
    if not 26 <= start <= len(data):
        raise InputDamaged("a BMP's pixel offset points outside")
    body = text.encode() + b"\0" * (-len(text) % 4)
    made = bytearray(data[:start] + body + data[start:])
    struct.pack_into("<I", made, 2, len(made))
    struct.pack_into("<I", made, 10, start + len(body))
    return bytes(made)


STAMP: dict[Kind, Callable[[bytes, str], bytes]] = {
    Kind.PNG: stamp_png,
    Kind.JPEG: stamp_jpeg,
    Kind.TIFF: stamp_tiff,
    Kind.WEBP: stamp_webp,
    Kind.BMP: stamp_bmp,
}
