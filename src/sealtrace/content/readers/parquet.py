"""Parquet: schema and first rows as text, through Arrow."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sealtrace.content import bounds
from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, Part
from sealtrace.errors import InputDamaged

BATCH = 10_000


def read(path: Path, kind: Kind) -> Content:
    """Read column names and rows, as lines of tab-separated values."""
    try:
        with pq.ParquetFile(path, memory_map=True) as table:
            lines = ["\t".join(table.schema_arrow.names)]
            size = 0
            for batch in table.iter_batches(batch_size=BATCH):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    lines.append("\t".join("" if v is None else str(v) for v in row))
                    size += len(lines[-1])
                if len(lines) > bounds.TABLE_ROWS or size > bounds.TEXT_CHARACTERS:
                    break
    except (pa.ArrowException, OSError) as e:
        raise InputDamaged(f"{path.name} can't be read as Parquet: {e}") from e
    return Content(kind, None, (Part("table", "\n".join(lines)),))
