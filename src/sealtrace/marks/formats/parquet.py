"""Parquet: the stamp as key-value metadata in the footer; the data pages stay where and what they are.

Arrow writes the new footer from the old one's metadata; it is spliced behind the untouched pages.
Source: Apache Parquet format, file layout.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pyarrow.parquet as pq

from sealtrace.content.kinds import Kind
from sealtrace.errors import InputDamaged
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.notice import NOTICE
from sealtrace.marks.stamp import TOKEN_BITS, in_bytes

from .model import DIGEST_BITS, FilePlan, Job

MAGIC = b"PAR1"
KEY, NOTICE_KEY = b"sealtrace.copy", b"sealtrace.notice"
CHUNK = 1 << 20


def plan(source: Path, kind: Kind) -> FilePlan:  # noqa: ARG001 (every format takes both)
    """A footer can always take one more key."""
    _footer(source)
    return FilePlan(stamp=True)


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy."""
    start, _ = _footer(job.source)
    footer = _stamped_footer(job)
    with job.source.open("rb") as source, job.target.open("wb") as out:
        left = start
        while left:
            chunk = source.read(min(CHUNK, left))
            out.write(chunk)
            left -= len(chunk)
        out.write(footer + struct.pack("<I", len(footer)) + MAGIC)
    return AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)


def stamps(path: Path) -> list[bytes]:
    """Read tokens from the footer."""
    start, size = _footer(path)
    with path.open("rb") as source:
        source.seek(start)
        return in_bytes(source.read(size))


def _footer(path: Path) -> tuple[int, int]:
    """Where the footer's metadata starts and how long it is."""
    total = path.stat().st_size
    with path.open("rb") as source:
        source.seek(max(0, total - 8))
        tail = source.read(8)
    if len(tail) < 8 or tail[4:] != MAGIC:
        raise InputDamaged(f"{path.name} does not end like Parquet")
    (size,) = struct.unpack("<I", tail[:4])
    if size > total - 12:
        raise InputDamaged(f"{path.name}: the footer is longer than the file")
    return total - 8 - size, size


def _stamped_footer(job: Job) -> bytes:
    metadata = pq.read_metadata(job.source)
    schema = pq.read_schema(job.source)
    keys = {**(schema.metadata or {}), **(metadata.metadata or {}), KEY: job.text.encode()}
    if job.plan.table is not None:
        keys[NOTICE_KEY] = NOTICE.encode()
    keys.pop(b"ARROW:schema", None)
    metadata.set_file_path("")
    out = io.BytesIO()
    pq.write_metadata(schema.with_metadata(keys), out, metadata_collector=[metadata])
    data = out.getvalue()
    (size,) = struct.unpack("<I", data[-8:-4])
    return data[-8 - size : -8]
