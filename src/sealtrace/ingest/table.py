"""A batch as a Parquet file: a row for each moment in the order of arrival, a column for each tag.

Columns: `time` (source time, UTC), `arrival` (number of the row's first sample in the order of arrival), one
column a tag, `status` (JSON of the tags whose status is not good; null when all are). What the batch is and
what was found in it stands in the schema's metadata under `sealtrace.batch`, so that its digest covers both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .model import Arrival, Value
from .rules import text_of

METADATA = b"sealtrace.batch"
TIME, ARRIVAL, STATUS = "time", "arrival", "status"
_EXACT = 1 << 53  # every whole number up to here is a double
_INT64 = range(-(1 << 63), 1 << 63)


def rows_of(arrivals: Sequence[Arrival]) -> list[dict[str, Arrival]]:
    """Put consecutive samples of one source time into one row, by tag; a tag that comes again opens a new one."""
    rows: list[dict[str, Arrival]] = []
    at: int | None = None
    for arrival in arrivals:
        sample = arrival.sample
        if at != sample.at_us or sample.tag in rows[-1]:
            rows.append({})
            at = sample.at_us
        rows[-1][sample.tag] = arrival
    return rows


def write(arrivals: Sequence[Arrival], about: Mapping[str, Any], out: Path) -> int:
    """Write the batch; returns its number of rows. Zstandard, every value exact."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = rows_of(arrivals)
    first = [next(iter(row.values())) for row in rows]
    tags = sorted({a.sample.tag for a in arrivals})
    arrays = [
        pa.array([a.sample.at_us for a in first], pa.timestamp("us", tz="UTC")),
        pa.array([a.number for a in first], pa.int64()),
        *(_column(pa, [row[tag].sample.value if tag in row else None for row in rows]) for tag in tags),
        pa.array([_status(row) for row in rows], pa.string()),
    ]
    names = [TIME, ARRIVAL, *(column_name(tag) for tag in tags), STATUS]
    about = {**about, "rows": len(rows)}
    metadata = {METADATA: json.dumps(about, ensure_ascii=False, sort_keys=True).encode()}
    table = pa.Table.from_arrays(arrays, names=names).replace_schema_metadata(metadata)
    pq.write_table(table, out, compression="zstd")
    return len(rows)


def column_name(tag: str) -> str:
    """A tag's column: its own name, unless that is one of ours."""
    return f"{tag}_" if tag.rstrip("_") in (TIME, ARRIVAL, STATUS) else tag


def about(path: Path) -> dict[str, Any]:
    """What a batch says of itself."""
    import pyarrow.parquet as pq

    found: dict[str, Any] = json.loads(pq.read_schema(path).metadata[METADATA])
    return found


def held(path: Path, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Value]:
    """Which of these tags and source times the batch has, with their values."""
    import pyarrow.parquet as pq

    by_tag: dict[str, set[int]] = {}
    for tag, at in wanted:
        by_tag.setdefault(tag, set()).add(at)
    names = set(pq.read_schema(path).names)
    present = [tag for tag in by_tag if column_name(tag) in names]
    table = pq.read_table(path, columns=[TIME, STATUS, *(column_name(t) for t in present)])
    times = table[TIME].cast("int64").to_pylist()
    statuses = [json.loads(s) if s else {} for s in table[STATUS].to_pylist()]
    found: dict[tuple[str, int], Value] = {}
    for tag in present:
        ours = by_tag[tag]
        for at, value, status in zip(times, table[column_name(tag)].to_pylist(), statuses, strict=True):
            if at in ours and (value is not None or tag in status):
                found[tag, at] = value
    return found


def _column(pa: Any, values: Sequence[Value]) -> Any:
    """The narrowest column that holds every value exactly; what has no common type is written as text."""
    kinds = {type(v) for v in values if v is not None}
    if kinds <= {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int} and all(v in _INT64 for v in values if v is not None):
        return pa.array(values, pa.int64())
    if kinds <= {int, float} and all(abs(v) <= _EXACT for v in values if isinstance(v, int)):
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    return pa.array([None if v is None else text_of(v) for v in values], pa.string())


def _status(row: Mapping[str, Arrival]) -> str | None:
    poor = {tag: a.sample.status or "" for tag, a in row.items() if a.sample.status or a.sample.value is None}
    return json.dumps(poor, ensure_ascii=False, sort_keys=True) if poor else None
