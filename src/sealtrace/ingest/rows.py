"""Rows of tables as samples: which column is the time, which names the tag, which hold values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sealtrace.errors import SourceUnsuitable, UsageProblem

from .model import SECOND, Sample, Value, us

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_EPOCH_US = {"s": SECOND, "ms": 1000, "us": 1}
_RANGE_US = range(us(datetime(1900, 1, 1, tzinfo=UTC)), us(datetime(9000, 1, 1, tzinfo=UTC)))


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table's rows are read.

    time: the column of source times. tag: a column whose text names what a row is about; without it every
    value column is a tag. columns: the value columns; by default all others. first: a column read ahead of
    the others, as the lot is. zone: of times without one. epoch: unit of times given as numbers.
    """

    time: str
    tag: str | None = None
    columns: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    first: str = ""
    zone: str = "UTC"
    epoch: str = "s"

    def __post_init__(self) -> None:
        if self.epoch not in _EPOCH_US:
            raise UsageProblem(f"{self.epoch!r} is no unit of time; use s, ms or us")
        zone_of(self.zone)


def zone_of(name: str) -> tzinfo:
    """A time zone by its name. Raises UsageProblem."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise UsageProblem(
            f"there is no time zone {name!r}", advice="Use a name such as Asia/Shanghai."
        ) from e


def samples_of(row: Mapping[str, Any], shape: Shape) -> list[Sample]:
    """The samples of one row, in the order of its columns; an empty cell gives none.

    Raises:
        SourceUnsuitable: no time, a time that can't be read, or a column that is not there.
    """
    for needed in filter(None, (shape.time, shape.tag, *shape.columns)):
        if needed not in row:
            raise SourceUnsuitable(f"there is no column {needed!r}; there are {', '.join(map(str, row))}")
    at = time_us(row[shape.time], shape)
    aside = {shape.time, shape.tag, *shape.leave}
    names = [n for n in shape.columns or row if n not in aside]
    if shape.first in row:
        names = [shape.first, *(n for n in names if n != shape.first)]
    about = "" if shape.tag is None else str(row[shape.tag])
    alone = len([n for n in names if n != shape.first]) == 1
    found = []
    for name in names:
        value = value_of(row[name])
        if value is not None:
            tag = name if not about or name == shape.first else about if alone else f"{about}.{name}"
            found.append(Sample(at, tag, value))
    return found


def time_us(cell: object, shape: Shape) -> int:
    """A cell's time in microseconds since 1970 UTC.

    Raises:
        SourceUnsuitable: it is none, or outside the years 1900 to 9000.
    """
    try:
        found = _time_us(cell, shape)
    except (ValueError, OverflowError, TypeError) as e:
        raise SourceUnsuitable(f"{str(cell)[:60]!r} can't be read as a time") from e
    if found not in _RANGE_US:
        raise SourceUnsuitable(f"{str(cell)[:60]!r} is outside the years 1900 to 9000")
    return found


def _time_us(cell: object, shape: Shape) -> int:
    if isinstance(cell, datetime):
        return us(cell if cell.tzinfo else cell.replace(tzinfo=zone_of(shape.zone)))
    if isinstance(cell, date):
        return us(datetime.combine(cell, time(), zone_of(shape.zone)))
    if isinstance(cell, bool) or cell is None:
        raise ValueError("no time")
    if isinstance(cell, int | float | Decimal):
        return round(Decimal(str(cell)) * _EPOCH_US[shape.epoch])
    text = str(cell).strip()
    if _NUMBER.fullmatch(text):
        return round(Decimal(text) * _EPOCH_US[shape.epoch])
    return _time_us(datetime.fromisoformat(text.replace("/", "-")), shape)


def value_of(cell: object) -> Value:
    """A cell as a sample's value: numbers and texts as they are, all else as text; None when it is empty."""
    if cell is None or isinstance(cell, bool | int | float | str):
        return cell if cell != "" else None
    if isinstance(cell, Decimal):
        near = float(cell)
        return near if Decimal(repr(near)) == cell else str(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, bytes):
        return cell.hex()
    return json.dumps(cell, ensure_ascii=False, default=str)


def number_of(text: str) -> Value:
    """A cell of a text table: a number when it is written as one, else the text; None when it is empty."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text or None
    return float(text) if found[1] or found[2] else int(text)
