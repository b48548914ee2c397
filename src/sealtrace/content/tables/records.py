"""JSON: rows as objects in an array or one a line, or columns as arrays; numbers by their place in the text.

Source: RFC 8259; lines as in NDJSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sealtrace.content.decode import encoding_of
from sealtrace.errors import InputDamaged

from .model import ORDER, Changes, Row, Table

TOKEN = re.compile(
    r'\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([{}\[\],:]|true|false|null))', re.S
)
LEAST_ROWS = 2
DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number, string or word: its text as a cell, and where a number stands; 0, 0 for anything else."""

    text: str
    start: int = 0
    end: int = 0


class Record(dict[str, Any]):
    """An object with its place in the text."""

    start = end = 0


def read(path: Path) -> list[Table]:
    """Read every array of flat objects and every object of equally long flat arrays."""
    return [table for table, _, _ in _found(_load(path)[0])]


def rewrite(source: Path, target: Path, changes: Sequence[Changes]) -> None:
    """Write a copy in which some numbers read otherwise; every other character stays."""
    text, encoding = _load(source)
    edits: list[tuple[int, int, str]] = []
    for (_, columns, _), wanted in zip(_found(text), changes, strict=True):
        for column, texts in wanted.items():
            for cell, new in zip(columns[column], texts, strict=True):
                if new is not None and cell.end:
                    edits.append((cell.start, cell.end, new))
    made, at = [], 0
    for start, end, new in sorted(edits):
        made += [text[at:start], new]
        at = end
    target.write_bytes("".join([*made, text[at:]]).encode(encoding))


def arrange(source: Path, target: Path, table: int, rows: Sequence[Row]) -> None:
    """Write a copy in which a table's objects stand in another order; what stands between them stays there."""
    text, encoding = _load(source)
    objects = [rows for _, _, rows in _found(text)][table]
    made, at = [], 0
    for old, (row, _) in zip(objects, rows, strict=True):
        made += [text[at : old.start], text[objects[row].start : objects[row].end]]
        at = old.end
    target.write_bytes("".join([*made, text[at:]]).encode(encoding))


def _load(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    encoding = encoding_of(data)
    if encoding is None:
        raise InputDamaged(f"{path.name} is no text in UTF-8, UTF-16 or GB 18030")
    return data.decode(encoding), encoding


Columns = list[list[Scalar]]


def _found(text: str) -> Iterator[tuple[Table, Columns, list[Record]]]:
    """Every table, the places of its cells, and its objects; no objects where it is written in columns."""
    values = list(_values(text))
    if len(values) >= LEAST_ROWS and all(isinstance(v, dict) for v in values):
        yield from _tables(values, "records", 0)  # one object a line
    else:
        for value in values:
            yield from _tables(value, "table", 0)


def _tables(value: Any, name: str, depth: int) -> Iterator[tuple[Table, Columns, list[Record]]]:
    """Tables anywhere inside a value, outermost first."""
    if depth > DEEPEST:
        return
    if isinstance(value, list) and len(value) >= LEAST_ROWS and all(isinstance(v, dict) and v for v in value):
        names = list(
            dict.fromkeys(key for row in value for key, cell in row.items() if isinstance(cell, Scalar))
        )
        if names:
            empty = Scalar("")
            columns = [
                [c if isinstance(c := row.get(n, empty), Scalar) else empty for row in value] for n in names
            ]
            yield _table(name, names, columns, ORDER), columns, value
            return
    if isinstance(value, dict):
        flat = {
            k: v for k, v in value.items() if isinstance(v, list) and all(isinstance(c, Scalar) for c in v)
        }
        lengths = {len(v) for v in flat.values()}
        if len(flat) >= 2 and len(lengths) == 1 and lengths.pop() >= LEAST_ROWS:
            yield _table(name, list(flat), list(flat.values())), list(flat.values()), []
            return
        for key, inner in value.items():
            yield from _tables(inner, key, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _tables(inner, name, depth + 1)


def _table(name: str, names: list[str], columns: Columns, movable: str = "") -> Table:
    cells = tuple(tuple(cell.text for cell in column) for column in columns)
    return Table(name, tuple(names), cells, movable=movable)


def _begun(mark: str, at: int) -> Any:
    if mark == "[":
        return []
    made = Record()
    made.start = at
    return made


def _ended(value: Any, at: int) -> Any:
    if isinstance(value, Record):
        value.end = at
    return value


def _values(text: str) -> Iterator[Any]:
    """Every value of the text, nested as dict and list over scalars with their places."""
    at = 1 if text.startswith("\ufeff") else 0
    stack: list[Any] = []
    keys: list[str | None] = []
    key: str | None = None
    while match := TOKEN.match(text, at):
        at = match.end()
        string, number, mark = match.groups()
        if mark in ("{", "["):
            stack.append(_begun(mark, match.start(3)))
            keys.append(key)
            key = None
            if len(stack) > DEEPEST:
                raise InputDamaged("the JSON is nested too deeply")
            continue
        if mark in (",", ":"):
            continue
        if mark in ("}", "]"):
            value, key = _ended(stack.pop(), at), keys.pop()
        elif string is not None:
            if stack and isinstance(stack[-1], dict) and key is None:
                key = json.loads(string)
                continue
            value = Scalar(json.loads(string))
        elif number is not None:
            value = Scalar(number, match.start(2), match.end(2))
        else:
            value = Scalar("")
        if not stack:
            yield value
        elif isinstance(stack[-1], dict):
            stack[-1][key or ""] = value
            key = None
        else:
            stack[-1].append(value)
