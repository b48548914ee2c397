"""Read declarations as they come: CSV, Parquet or JSON lines, in bounded batches, each bad row named and set aside.

A row without a number it needs is left out; a row whose optional number can't be read keeps its place without it.
Both are reported with file, line and column. Nothing here guesses units: kilograms, cubic metres, US dollars.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealtrace.errors import InputDamaged, InputEmpty, InputMissing, InputUnreadable

from .model import COLUMNS, REQUIRED, Direction, Kind, Problem

if TYPE_CHECKING:
    import polars as pl

BATCH_ROWS = 50_000
SUFFIXES = (".csv", ".parquet", ".jsonl", ".ndjson")
_MANY = 10_000
"""Problems kept in words; beyond that they are counted only, so that a wrong file can't fill the memory."""

Row = tuple[int, Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some declarations with the columns of `COLUMNS`, and the problems met on the way."""

    frame: pl.DataFrame
    problems: tuple[Problem, ...]
    rows: int
    """Rows read, good or bad."""


def find(folder: Path, name: str) -> Path | None:
    """Give the file NAME.csv, .parquet, .jsonl or .ndjson of a folder, if there is one."""
    return next((folder / f"{name}{s}" for s in SUFFIXES if (folder / f"{name}{s}").is_file()), None)


def read(
    path: Path,
    *,
    batch_rows: int = BATCH_ROWS,
    kinds: Mapping[str, Kind] = COLUMNS,
    required: Sequence[str] = REQUIRED,
) -> Iterator[Batch]:
    """Read one file batch by batch; memory follows `batch_rows`, never the file.

    Raises:
        InputMissing, InputUnreadable, InputEmpty: there is nothing to read.
        InputDamaged: it is no table of declarations: a required column is missing, or it is not what its name says.
    """
    for header, rows in _chunks(path, batch_rows, list(kinds)):
        missing = [name for name in required if name not in header]
        if missing:
            raise InputDamaged(
                f"{path.name} has no column {', '.join(missing)}", advice="Give the columns their names."
            )
        yield _typed(path.name, header, rows, kinds, required)


def _chunks(path: Path, size: int, names: Sequence[str]) -> Iterator[tuple[list[str], list[Row]]]:
    reader = {".parquet": _parquet, ".jsonl": _json_lines, ".ndjson": _json_lines}.get(
        path.suffix.lower(), _csv
    )
    try:
        if path.stat().st_size == 0:
            raise InputEmpty(f"{path.name} has no bytes")
        yield from reader(path, size, names)
    except FileNotFoundError as e:
        raise InputMissing(f"{path} is not there") from e
    except (PermissionError, IsADirectoryError) as e:
        raise InputUnreadable(f"{path} can't be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise InputDamaged(f"{path.name} is not UTF-8 at byte {e.start}") from e


def _csv(path: Path, size: int, _names: Sequence[str]) -> Iterator[tuple[list[str], list[Row]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        try:
            header = [name.strip() for name in next(reader)]
        except StopIteration:
            raise InputEmpty(f"{path.name} has no rows") from None
        while True:
            rows: list[Row] = []
            try:
                for row in itertools.islice(reader, size):
                    if row:
                        rows.append((reader.line_num, row))
            except csv.Error as e:
                raise InputDamaged(f"{path.name}, line {reader.line_num}: {e}") from e
            if not rows:
                return
            yield header, rows


def _json_lines(path: Path, size: int, names: Sequence[str]) -> Iterator[tuple[list[str], list[Row]]]:
    header = list(names)
    with path.open(encoding="utf-8-sig") as file:
        for lines in _batched(file, size):
            yield header, [(number, _object(line, header)) for number, line in lines if line.strip()]


def _batched(file: Iterable[str], size: int) -> Iterator[list[tuple[int, str]]]:
    numbered = enumerate(file, 1)
    while lines := list(itertools.islice(numbered, size)):
        yield lines


def _object(line: str, header: Sequence[str]) -> list[str | None]:
    """Give an object's fields in order; a line that is no object gives a row of the wrong length, which is named."""
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return []
    if not isinstance(found, dict):
        return []
    return [None if (value := found.get(name)) is None else _plain(value) for name in header]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parquet(path: Path, size: int, names: Sequence[str]) -> Iterator[tuple[list[str], list[Row]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            header = [name for name in file.schema_arrow.names if name in names]
            number = itertools.count(1)
            for batch in file.iter_batches(batch_size=size, columns=header):
                columns = [
                    [None if v is None else _plain_cell(v) for v in c.to_pylist()] for c in batch.columns
                ]
                yield header, [(next(number), row) for row in zip(*columns, strict=True)]
    except pa.ArrowException as e:
        raise InputDamaged(f"{path.name} can't be read as Parquet: {e}") from e


def _plain_cell(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _typed(
    source: str,
    header: Sequence[str],
    rows: Sequence[Row],
    kinds: Mapping[str, Kind],
    required: Sequence[str],
) -> Batch:
    """Give text rows their types, whole columns at a time."""
    import polars as pl

    width = len(header)
    problems = [
        Problem(source, line, "", f"{len(row)} fields where the header has {width}")
        for line, row in rows
        if len(row) != width
    ]
    whole = [(line, row) for line, row in rows if len(row) == width]
    lines = pl.Series("line", [line for line, _ in whole], dtype=pl.Int64)
    columns = list(zip(*(row for _, row in whole), strict=True)) if whole else [()] * width
    given = dict(zip(header, columns, strict=True))
    text = pl.DataFrame(
        [
            lines,
            *(
                pl.Series(n, list(given[n]) if n in given else [None] * len(lines), dtype=pl.String)
                for n in kinds
            ),
        ]
    ).with_columns(pl.col(*kinds).str.strip_chars().replace("", None))
    typed = text.with_columns(
        *(pl.col(n).cast(pl.Float64, strict=False) for n, k in kinds.items() if k is Kind.NUMBER),
        *(
            pl.col(n).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
            for n, k in kinds.items()
            if k is Kind.DAY
        ),
    ).with_columns(pl.when(pl.col(n).is_finite()).then(n) for n, k in kinds.items() if k is Kind.NUMBER)
    bad_required = pl.Series("bad", [False] * len(typed))
    for name, kind in kinds.items():
        unread = text[name].is_not_null() & typed[name].is_null()
        if name == "direction":
            unread = text[name].is_not_null() & ~text[name].is_in([d.value for d in Direction])
        if name in required and kind is Kind.NUMBER:
            unread = unread | (typed[name] <= 0).fill_null(False)
        absent = text[name].is_null() if name in required else None
        for line, value in text.filter(unread).select("line", name).iter_rows():
            problems.append(
                Problem(source, line, name, f"{value!r} is no {_expected(name, kind, name in required)}")
            )
        if absent is not None:
            problems += [
                Problem(source, line, name, "nothing is given") for line in text.filter(absent)["line"]
            ]
        if name in required:
            bad_required = bad_required | unread | text[name].is_null()
        elif name == "direction":
            bad_required = bad_required | unread
    return Batch(
        typed.filter(~bad_required).drop("line"),
        tuple(sorted(problems, key=lambda p: p.line)[:_MANY]),
        len(rows),
    )


def _expected(name: str, kind: Kind, needed: bool) -> str:
    if name == "direction":
        return "direction (export or import)"
    if kind is Kind.NUMBER:
        return "positive number" if needed else "number"
    return "day (YYYY-MM-DD)"


def newest(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Join batches; where a declaration comes again, the later row is its correction and takes its place."""
    import polars as pl

    kept = list(frames)
    if not kept:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    return pl.concat(kept).unique("decl_id", keep="last", maintain_order=True)
