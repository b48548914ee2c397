"""Parquet: columns through Arrow. Values are replaced in their own type; groups, names and metadata stay.

Pages that hold changed values are written anew, with the compression they had; a file of columns can't be
patched in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sealtrace.content import bounds
from sealtrace.errors import InputDamaged, InputTooLarge

from .model import ORDER, Changes, Row, Table


def read(path: Path) -> list[Table]:
    """Read the one table of a file. Integers and nested columns are left alone, but seen."""
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > bounds.TABLE_ROWS:
                raise InputTooLarge(f"{path.name} has more than {bounds.TABLE_ROWS} rows")
            table = file.read()
    except (pa.ArrowException, OSError) as e:
        raise InputDamaged(f"{path.name} can't be read as Parquet: {e}") from e
    columns = tuple(_texts(column) for column in table.columns)
    fixed = frozenset(i for i, field in enumerate(table.schema) if not _free(field.type))
    return [Table("table", tuple(table.schema.names), columns, fixed, ORDER)]


def rewrite(source: Path, target: Path, changes: Sequence[Changes]) -> None:
    """Write a copy with some values changed, row groups and compression as they were."""
    with pq.ParquetFile(source) as file:
        table, schema = file.read(), file.schema_arrow
    for number, texts in changes[0].items():
        field = schema.field(number)
        old = table.column(number).to_pylist()
        new = [
            _value(text, field.type) if text is not None else value
            for text, value in zip(texts, old, strict=True)
        ]
        table = table.set_column(number, field, pa.array(new, type=field.type))
    _write(table, source, target)


def arrange(source: Path, target: Path, table: int, rows: Sequence[Row]) -> None:  # noqa: ARG001 (a file is one table)
    """Write a copy with its rows in another order."""
    with pq.ParquetFile(source) as file:
        held = file.read()
    _write(held.take(pa.array([row for row, _ in rows])), source, target)


def _write(table: Any, source: Path, target: Path) -> None:
    with pq.ParquetFile(source) as file:
        metadata = file.metadata
    group = metadata.row_group(0) if metadata.num_row_groups else None
    codecs = {
        group.column(i).path_in_schema: group.column(i).compression for i in range(group.num_columns)
    } if group else {}  # fmt: skip
    names = {name: "NONE" if codec == "UNCOMPRESSED" else codec for name, codec in codecs.items()}
    pq.write_table(
        table, target, row_group_size=max(1, group.num_rows if group else 1), compression=names or "snappy",
        version=metadata.format_version,
    )  # fmt: skip


def _free(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _texts(column: Any) -> tuple[str, ...]:
    if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
        return tuple("" if v is None else str(np.float32(v)) for v in column.to_pylist())
    return tuple("" if v is None else str(v) for v in column.to_pylist())


def _value(text: str, kind: Any) -> Any:
    return Decimal(text) if pa.types.is_decimal(kind) else float(text)
