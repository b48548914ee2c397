"""CSV and TSV: whether a field that need not be quoted is quoted carries a bit.

A quoted and an unquoted field are the same value (RFC 4180, 2.5-2.6), so no reader sees a difference.
Fields that must be quoted, and empty ones, are left alone. The token's 192 bits are written over and over
in field order and read by majority.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sealtrace.content.decode import encoding_of
from sealtrace.content.kinds import Kind
from sealtrace.errors import InputDamaged
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.notice import without_comment
from sealtrace.marks.stamp import TOKEN_BITS, from_bits, to_bits

from .model import DIGEST_BITS, FilePlan, Job

FIELDS_USED = 64 * TOKEN_BITS
"""Fields that carry bits; what comes after them is copied as it is."""
DELIMITERS = ",;\t|"
NEEDS_QUOTES = set('"\r\n')


@dataclass(frozen=True, slots=True)
class Field:
    """One field that may be quoted or not: where it stands in the text, and its bare value."""

    start: int
    end: int
    quoted: bool
    value: str


def plan(source: Path, kind: Kind) -> FilePlan:  # noqa: ARG001 (every format takes both)
    """The stamp needs a field for each of its bits."""
    fields = sum(1 for _ in free_fields(_load(source)[0], limit=TOKEN_BITS))
    if fields < TOKEN_BITS:
        note = f"the table has {fields} fields that can carry the stamp; {TOKEN_BITS} are needed"
        return FilePlan(notes=(note,))
    return FilePlan(stamp=True)


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy."""
    text, encoding = _load(job.source)
    bits, made, at = to_bits(job.token), [], 0
    for number, field in enumerate(free_fields(text)):
        made.append(text[at : field.start])
        made.append(f'"{field.value}"' if bits[number % TOKEN_BITS] else field.value)
        at = field.end
    made.append(text[at:])
    job.target.write_bytes("".join(made).encode(encoding))
    return AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)


def stamps(path: Path) -> list[bytes]:
    """Read the token by majority over its repetitions; too few fields give nothing."""
    votes = [0] * TOKEN_BITS
    count = 0
    for number, field in enumerate(free_fields(_load(path)[0])):
        votes[number % TOKEN_BITS] += 1 if field.quoted else -1
        count += 1
    return [from_bits([int(vote > 0) for vote in votes])] if count >= TOKEN_BITS else []


def free_fields(text: str, limit: int = FIELDS_USED) -> Iterator[Field]:
    """Yield the fields whose quoting is free, in order, at most `limit`."""
    at, found = without_comment(text), 0
    delimiter = _delimiter(text[at:])
    while at < len(text) and found < limit:
        field, at = _next(text, at, delimiter)
        if field is not None:
            found += 1
            yield field


def _next(text: str, at: int, delimiter: str) -> tuple[Field | None, int]:
    """Read one field from `at`; returns it when its quoting is free, and where the next one starts."""
    quoted = text.startswith('"', at)
    end = _quoted_end(text, at) if quoted else _bare_end(text, at, delimiter)
    value = text[at + 1 : end - 1] if quoted else text[at:end]
    stop = _bare_end(text, end, delimiter)
    free = bool(value.strip()) and stop == end and not NEEDS_QUOTES & set(value) and delimiter not in value
    free = free and value == value.strip() and value[0] != "#"
    following = stop + (2 if text.startswith("\r\n", stop) else 1)
    return (Field(at, end, quoted, value) if free else None), following


def _quoted_end(text: str, at: int) -> int:
    """The place after the closing quote; doubled quotes are inside."""
    end = at + 1
    while (end := text.find('"', end)) >= 0:
        if not text.startswith('""', end):
            return end + 1
        end += 2
    return len(text)


def _bare_end(text: str, at: int, delimiter: str) -> int:
    places = (text.find(mark, at) for mark in (delimiter, "\n", "\r"))
    return min((place for place in places if place >= 0), default=len(text))


def _delimiter(text: str) -> str:
    first = text[: text.find("\n") if "\n" in text else len(text)]
    return max(DELIMITERS, key=first.count)


def _load(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    encoding = encoding_of(data)
    if encoding is None:
        raise InputDamaged(f"{path.name} is no text in UTF-8, UTF-16 or GB 18030")
    return data.decode(encoding), encoding
