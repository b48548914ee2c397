"""ZIP files patched member by member: what is not replaced is copied raw, compressed bytes and all.

Source: PKWARE APPNOTE 6.3.10, 4.3.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from sealtrace.errors import CannotMark, InputDamaged

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
CENTRAL_SIZE, END_SIZE = 46, 22
MAX_COMMENT = 65_535
CHUNK = 1 << 20
FIXED_TIME = struct.pack("<HH", 0, 0x21)  # 1980-01-01 00:00: copies are reproducible


def patch(source: Path, target: Path, changed: Mapping[str, bytes], comment: bytes | None = None) -> None:
    """Copy a ZIP with some members replaced or added, in their old order, new ones last.

    Raises:
        InputDamaged, CannotMark: the directory can't be read, or needs 64-bit offsets.
    """
    with source.open("rb") as original, target.open("wb") as out:
        records, old_comment = _directory(original)
        ends = sorted(offset for _, _, offset in records)
        start_of_directory = _directory_offset(original)
        following = dict(zip(ends, [*ends[1:], start_of_directory], strict=True))
        written: list[bytes] = []
        for name, record, offset in records:
            at = out.tell()
            if name in changed:
                written.append(_write_member(out, name, changed[name], record))
            else:
                _copy(original, out, offset, following[offset])
                written.append(record[:42] + struct.pack("<I", at) + record[46:])
        known = {name for name, _, _ in records}
        written += [
            _write_member(out, name, data, None) for name, data in changed.items() if name not in known
        ]
        _write_end(out, written, old_comment if comment is None else comment)


def new_archive(target: Path, members: Mapping[str, Path], comment: bytes) -> None:
    """Write a ZIP of stored files, streamed; the same input gives the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        archive.comment = comment
        for name, path in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            info.file_size = path.stat().st_size
            with (
                path.open("rb") as source,
                archive.open(info, "w", force_zip64=info.file_size >= 1 << 31) as member,
            ):
                while chunk := source.read(CHUNK):
                    member.write(chunk)


def _end(source: BinaryIO) -> tuple[int, bytes]:
    """Where the end record stands, and its bytes with the comment."""
    source.seek(0, 2)
    size = source.tell()
    source.seek(max(0, size - END_SIZE - MAX_COMMENT))
    tail = source.read()
    at = tail.rfind(END)
    if at < 0:
        raise InputDamaged("the ZIP has no end record")
    return size - len(tail) + at, tail[at:]


def _directory_offset(source: BinaryIO) -> int:
    _, end = _end(source)
    (offset,) = struct.unpack_from("<I", end, 16)
    return int(offset)


def _directory(source: BinaryIO) -> tuple[list[tuple[str, bytes, int]], bytes]:
    """Read (name, raw record, offset of the local record) of every member, and the comment."""
    _, end = _end(source)
    count, size, offset, comment = struct.unpack_from("<HIIH", end, 10)
    if 0xFFFFFFFF in (size, offset) or count == 0xFFFF:
        raise CannotMark("the ZIP uses 64-bit offsets and can't be patched")
    source.seek(offset)
    data, records, at = source.read(size), [], 0
    for _ in range(count):
        if data[at : at + 4] != CENTRAL:
            raise InputDamaged("the ZIP's directory is damaged")
        flags, name_size, extra, note = struct.unpack_from("<H18xHHH", data, at + 8)
        (local,) = struct.unpack_from("<I", data, at + 42)
        raw = data[at + 46 : at + 46 + name_size]
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        total = CENTRAL_SIZE + name_size + extra + note
        records.append((name, data[at : at + total], local))
        at += total
    return records, end[22 : 22 + comment]


def _copy(source: BinaryIO, out: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    left = end - start
    while left > 0:
        chunk = source.read(min(CHUNK, left))
        if not chunk:
            raise InputDamaged("the ZIP is cut off")
        out.write(chunk)
        left -= len(chunk)


def _write_member(out: BinaryIO, name: str, data: bytes, record: bytes | None) -> bytes:
    """Write one member deflated; time and attributes are those of the record it replaces."""
    at = out.tell()
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    raw = name.encode("utf-8")
    flags = 0x800 if not name.isascii() else 0
    when = record[12:16] if record else FIXED_TIME
    sizes = struct.pack("<III", zlib.crc32(data), len(packed), len(data))
    out.write(
        LOCAL + struct.pack("<HHH", 20, flags, 8) + when + sizes + struct.pack("<HH", len(raw), 0) + raw
    )
    out.write(packed)
    made_by, attributes = (record[4:6], record[36:42]) if record else (struct.pack("<H", 20), bytes(6))
    head = CENTRAL + made_by + struct.pack("<HHH", 20, flags, 8) + when + sizes
    return head + struct.pack("<HHHH", len(raw), 0, 0, 0) + attributes + struct.pack("<I", at) + raw


def _write_end(out: BinaryIO, records: list[bytes], comment: bytes) -> None:
    start = out.tell()
    for record in records:
        out.write(record)
    size = out.tell() - start
    if out.tell() >= 1 << 32 or len(records) >= 0xFFFF:
        raise CannotMark("the ZIP is too large to be patched")
    out.write(
        END + struct.pack("<HHHHIIH", 0, 0, len(records), len(records), size, start, len(comment)) + comment
    )
