"""Collecting from a folder of CSV, TSV, JSONL and Parquet files that grow: appended rows are taken, once.

The position holds, for each file, how far it was read and a digest of its beginning. A file that shrank or
begins otherwise was rewritten: it is read from the start, which is noted; rows it has in common with what was
taken before are dropped as duplicates when they are sealed. Only whole rows are taken; a last line without
its line end is taken once the file has rested, and again should it turn out to have been cut.

KNOWN LIMIT: the position is written anew with every taking, so folders of more than some ten thousand files
are slow; move finished files elsewhere.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sealtrace.clock import Clock
from sealtrace.custody.watch import IGNORED_ENDINGS, IGNORED_STARTS
from sealtrace.errors import InputMissing, SourceUnreachable, SourceUnsuitable, UsageProblem

from .collect import Taken
from .model import Sample, us
from .rows import Shape, number_of, samples_of

CHUNK = 4 << 20
HEAD = 4096
LONGEST_ROW = 1 << 20
PARQUET_ROWS = 20_000
TEXT, PARQUET = (".csv", ".tsv", ".jsonl", ".ndjson"), ".parquet"
SEPARATORS = ",;\t|"
REST_S = 5.0


@dataclass(frozen=True, slots=True)
class _Read:
    """What one reading of one file gave, and its position after it; a file without news gives no reading."""

    rows: list[tuple[str, dict[str, Any]]]
    position: dict[str, Any]
    notes: list[str]


class FolderCollector:
    """Takes appended rows, one piece of one file at a time."""

    def __init__(
        self, folder: Path, shape: Shape, clock: Clock, *, encoding: str = "utf-8", rest_s: float = REST_S
    ) -> None:
        if not folder.is_dir():
            raise InputMissing(f"{folder} is not a folder")
        try:
            "".encode(encoding)
        except LookupError:
            raise UsageProblem(f"there is no text encoding {encoding!r}") from None
        self.folder, self.place = folder, str(folder.absolute())
        self.shape, self.clock, self.encoding, self.rest_s = shape, clock, encoding, rest_s

    def take(self, state: Mapping[str, Any]) -> Taken:
        """Take the next piece of the first file that has more.

        Raises:
            SourceUnreachable: the folder is gone.
        """
        positions: dict[str, Any] = dict(state)
        for path in self._files():
            name = str(path.relative_to(self.folder))
            try:
                read = self._read(path, positions.get(name, {}))
            except OSError:
                continue  # it went away, or is not ready: the next round finds it again
            if read is not None:
                samples, notes = self._samples(name, read)
                return Taken(samples, positions | {name: read.position}, notes)
        return Taken((), positions, drained=True)

    def _samples(self, name: str, read: _Read) -> tuple[list[Sample], list[str]]:
        samples: list[Sample] = []
        notes = [f"{name}: {note}" for note in read.notes]
        for where, row in read.rows:
            try:
                samples += samples_of(row, self.shape)
            except SourceUnsuitable as e:
                notes.append(f"{name}, {where}, not taken: {e.message}")
        return samples, notes

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            raise SourceUnreachable(f"the folder {self.folder} is gone")
        return sorted(
            p
            for p in self.folder.rglob("*")
            if p.suffix.lower() in (*TEXT, PARQUET)
            and p.is_file()
            and not p.is_symlink()
            and not any(part.startswith(IGNORED_STARTS) for part in p.relative_to(self.folder).parts)
            and not p.name.endswith(IGNORED_ENDINGS)
        )

    def _read(self, path: Path, position: dict[str, Any]) -> _Read | None:
        size = path.stat().st_size
        rested = us(self.clock.now()) - path.stat().st_mtime_ns // 1000 >= self.rest_s * 1e6
        if path.suffix.lower() == PARQUET:
            return _read_parquet(path, position, rested=rested)
        return self._read_text(path, position, size, rested=rested)

    def _read_text(self, path: Path, position: dict[str, Any], size: int, *, rested: bool) -> _Read | None:
        offset: int = position.get("offset", 0)
        notes = []
        with path.open("rb") as file:
            head = file.read(min(HEAD, position.get("head_bytes", 0)))
            if offset and (size < offset or hashlib.sha256(head).digest() != position["head"]):
                notes.append("the file was rewritten; it is read from its start")
                position, offset = {}, 0
            taken_cut = position.get("cut", b"")
            if size - offset <= len(taken_cut) and not notes:
                return None
            file.seek(0)
            head = file.read(HEAD)
            file.seek(offset)
            data = file.read(CHUNK)
        records, used = _records(data, lines_only=path.suffix.lower() in (".jsonl", ".ndjson"))
        whole = offset + used
        cut = data[used:] if rested and whole + len(data[used:]) == size else b""
        if cut and cut != taken_cut:
            records.append(cut)
        elif records and taken_cut and records[0].rstrip(b"\r\n") == taken_cut:
            records = records[1:]  # the line that was taken without its end has got it
        if not records and not used and not notes:
            return self._stuck(path, position, data, size)
        columns = position.get("columns")
        rows: list[tuple[str, dict[str, Any]]] = []
        line = position.get("line", 0)
        for record in records:
            line += 1
            columns = self._row(path, record, columns, line, rows, notes)
        head_bytes = min(HEAD, whole)
        after = {
            "offset": whole, "head_bytes": head_bytes, "head": hashlib.sha256(head[:head_bytes]).digest(),
            "columns": columns, "line": line - bool(cut and cut != taken_cut), "cut": cut,
        }  # fmt: skip
        return _Read(rows, after, notes)

    def _stuck(self, path: Path, position: dict[str, Any], data: bytes, size: int) -> _Read | None:
        """A row longer than any we take would hold everything up: it is left out and noted."""
        if len(data) < min(CHUNK, LONGEST_ROW) or not data:
            return None
        offset = position.get("offset", 0) + len(data)
        with path.open("rb") as file:
            head = file.read(HEAD)
        after = position | {"offset": offset, "head_bytes": len(head), "head": hashlib.sha256(head).digest()}
        return _Read(
            [], after, [f"{len(data)} bytes without a line end at {offset - len(data)} left out of {size}"]
        )

    def _row(
        self,
        path: Path,
        record: bytes,
        columns: list[str] | None,
        line: int,
        rows: list[tuple[str, dict[str, Any]]],
        notes: list[str],
    ) -> list[str] | None:
        """Read one record into `rows`; returns the columns, which the first line of a CSV names."""
        where = f"row {line}"
        try:
            text = record.decode(self.encoding).rstrip("\r\n").removeprefix("\ufeff")
        except UnicodeDecodeError:
            notes.append(f"{where}, not taken: it is not {self.encoding}")
            return columns
        if not text.strip():
            return columns
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            try:
                found = json.loads(text)
            except ValueError:
                found = None
            if isinstance(found, dict):
                rows.append((where, found))
            else:
                notes.append(f"{where}, not taken: it is no JSON object")
            return columns
        separator = (
            "\t" if path.suffix.lower() == ".tsv" else _separator(text if columns is None else columns[0])
        )
        if columns is None:
            return [separator, *(next(csv.reader([text], delimiter=separator)))]
        cells = next(csv.reader([text], delimiter=columns[0], strict=False))
        if len(cells) != len(columns) - 1:
            notes.append(f"{where}, not taken: {len(cells)} cells under {len(columns) - 1} columns")
            return columns
        rows.append((where, {n: number_of(c.strip()) for n, c in zip(columns[1:], cells, strict=True)}))
        return columns


def _separator(header: str) -> str:
    return max(SEPARATORS, key=header.count)


def _records(data: bytes, *, lines_only: bool) -> tuple[list[bytes], int]:
    """Whole records at the beginning of `data`, and how many bytes they are. A quoted cell may hold line ends."""
    records, start, at = list[bytes](), 0, 0
    while (end := data.find(b"\n", at)) >= 0:
        at = end + 1
        if lines_only or data.count(b'"', start, at) % 2 == 0 or at - start > LONGEST_ROW:
            records.append(data[start:at])
            start = at
    return records, start


def _read_parquet(path: Path, position: dict[str, Any], *, rested: bool) -> _Read | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stat = path.stat()
    seen = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
    if position.get("seen") == seen and position.get("done"):
        return None
    try:
        with pq.ParquetFile(path) as file:
            total = file.metadata.num_rows
            notes = []
            start = position.get("rows", 0)
            if position.get("seen", seen) != seen and not _same_beginning(file, position):
                notes, start = ["the file was rewritten; it is read from its start"], 0
            rows = list(_rows_from(file, start))
    except pa.ArrowException as e:
        if not rested:
            return None  # still being written
        return _Read([], {"seen": seen, "done": True, "rows": 0}, [f"not taken: no Parquet file ({e})"])
    taken = start + len(rows)
    first = (
        hashlib.sha256(repr(rows[0][1]).encode()).digest() if start == 0 and rows else position.get("first")
    )
    return _Read(rows, {"seen": seen, "done": taken >= total, "rows": taken, "first": first}, notes)


def _same_beginning(file: Any, position: dict[str, Any]) -> bool:
    """Whether a changed Parquet file still starts with the row it started with, and has not lost rows."""
    first = next(_rows_from(file, 0), None)
    held = None if first is None else hashlib.sha256(repr(first[1]).encode()).digest()
    return file.metadata.num_rows >= position.get("rows", 0) and held == position.get("first", held)


def _rows_from(file: Any, start: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """At most PARQUET_ROWS rows from `start` on. Row groups before it are not read."""
    skip, group = start, 0
    while group < file.num_row_groups and skip >= file.metadata.row_group(group).num_rows:
        skip -= file.metadata.row_group(group).num_rows
        group += 1
    given = 0
    for batch in file.iter_batches(batch_size=PARQUET_ROWS, row_groups=range(group, file.num_row_groups)):
        if skip >= batch.num_rows:
            skip -= batch.num_rows
            continue
        for row in batch.slice(skip, PARQUET_ROWS - given).to_pylist():
            given += 1
            yield f"row {start + given}", {k: _plain(v) for k, v in row.items()}
        skip = 0
        if given >= PARQUET_ROWS:
            return


def _plain(cell: Any) -> Any:
    """A cell as Python has it: a time in nanoseconds loses what is below a microsecond."""
    return cell.to_pydatetime() if not isinstance(cell, datetime) and hasattr(cell, "to_pydatetime") else cell
