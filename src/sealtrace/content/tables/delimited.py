"""CSV and TSV: fields by their place in the text, so that one can be replaced and all else stays.

Source: RFC 4180; the delimiter is whichever of , ; tab | the first lines have most of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sealtrace.content.decode import encoding_of
from sealtrace.errors import InputDamaged

from .model import ADD, Changes, Row, Table
from .numbers import number

DELIMITERS = ",;\t|"
_HEAD = 20  # lines that the delimiter is told from
Span = tuple[int, int]


def read(path: Path) -> list[Table]:
    """Read the one table of a file; none when no two rows have the same number of fields, two at least."""
    text, _ = _load(path)
    rows = list(_rows(text))
    place = _place(text, rows)
    if place is None:
        return []
    header, data = place
    columns = tuple(tuple(_value(text, span) for span in spans) for spans in zip(*data, strict=True))
    names = tuple(_value(text, span).strip() for span in header) if header else ("",) * len(columns)
    return [Table("table", names, columns, movable=ADD)]


def rewrite(source: Path, target: Path, changes: Sequence[Changes]) -> None:
    """Write a copy in which some cells read otherwise; a quoted field stays quoted."""
    text, encoding = _load(source)
    place = _place(text, list(_rows(text)))
    assert place is not None, "only a table that was read is rewritten"
    edits: list[tuple[int, int, str]] = []
    for column, texts in changes[0].items():
        for row, new in zip(place[1], texts, strict=True):
            if new is not None:
                start, end = row[column]
                quoted = text.startswith('"', start)
                edits.append((start, end, f'"{new}"' if quoted else new))
    made, at = [], 0
    for start, end, new in sorted(edits):
        made += [text[at:start], new]
        at = end
    target.write_bytes("".join([*made, text[at:]]).encode(encoding))


def arrange(source: Path, target: Path, table: int, rows: Sequence[Row]) -> None:  # noqa: ARG001 (a file is one table)
    """Write a copy with its rows in another order, or more of them; what stands between rows stays there."""
    text, encoding = _load(source)
    place = _place(text, list(_rows(text)))
    assert place is not None, "only a table that was read is rearranged"
    data = place[1]
    ends = [row[-1][1] for row in data]
    gaps = [text[end : row[0][0]] for end, row in zip(ends, data[1:], strict=False)]
    made = [text[: data[0][0][0]]]
    for at, (row, texts) in enumerate(rows):
        if at:
            made.append(gaps[at - 1] if at <= len(gaps) else gaps[0])
        made.append(_record(text, data[row], texts))
    made.append(text[ends[-1] :])
    target.write_bytes("".join(made).encode(encoding))


def _record(text: str, spans: list[Span], texts: Mapping[int, str]) -> str:
    made, at = [], spans[0][0]
    for column, new in sorted(texts.items()):
        start, end = spans[column]
        made += [text[at:start], f'"{new}"' if text.startswith('"', start) else new]
        at = end
    return "".join([*made, text[at : spans[-1][1]]])


def _load(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    encoding = encoding_of(data)
    if encoding is None:
        raise InputDamaged(f"{path.name} is no text in UTF-8, UTF-16 or GB 18030")
    return data.decode(encoding), encoding


def _delimiter(text: str) -> str:
    lines = text.splitlines()[:_HEAD]
    return max(DELIMITERS, key=lambda mark: float(np.median([line.count(mark) for line in lines] or [0])))


def _rows(text: str) -> Iterator[list[Span]]:
    """Give the fields of every record as places in the text, quotes included."""
    mark = re.escape(_delimiter(text))
    fields = re.compile(rf'("(?:[^"]|"")*"[^{mark}\r\n]*|[^{mark}\r\n]*)({mark}|\r\n|\n|\r|$)')
    at, row = 1 if text.startswith("\ufeff") else 0, list[Span]()
    while at < len(text):
        match = fields.match(text, at)
        assert match is not None, "the pattern matches the empty field too"
        row.append(match.span(1))
        at = match.end()
        if match[2] not in DELIMITERS or not match[2]:
            yield row
            row = []
    if row:
        yield row


def _place(text: str, rows: list[list[Span]]) -> tuple[list[Span] | None, list[list[Span]]] | None:
    """Tell the header, if any, and the rows of data: those with the usual number of fields."""
    widths = Counter(len(row) for row in rows if len(row) > 1 or row[0][0] < row[0][1])
    if not widths:
        return None
    width = max(widths, key=lambda w: (widths[w] * (w > 1), w))
    data = [row for row in rows if len(row) == width]
    if width < 2 or len(data) < 2:
        return None
    filled = [value for span in data[0] if (value := _value(text, span).strip())]
    is_header = sum(not np.isfinite(number(value)) for value in filled) > len(filled) / 2
    return (data[0], data[1:]) if is_header else (None, data)


def _value(text: str, span: Span) -> str:
    value = text[span[0] : span[1]]
    return value[1:-1].replace('""', '"') if len(value) > 1 and value[0] == value[-1] == '"' else value
