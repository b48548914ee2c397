"""What decisions about a file's need-to-know list come to: pure rules over their rows."""

from __future__ import annotations

from collections.abc import Iterable

from .controls_rows import ControlRow

LIMITED, OPENED = "file:need-to-know-limited", "file:need-to-know-lifted"
GIVEN, ENDED = "file:need-to-know-given", "file:need-to-know-ended"


def is_limited(rows: Iterable[ControlRow]) -> bool:
    """Whether a file has a list: the newest decision about it counts."""
    limited = False
    for row in rows:
        if row.event in (LIMITED, OPENED):
            limited = row.event == LIMITED
    return limited


def needs(rows: Iterable[ControlRow], now: str) -> bool:
    """Whether a person with these decisions about them, oldest first, has to know at `now`."""
    newest: ControlRow | None = None
    for row in rows:
        if row.event in (GIVEN, ENDED) and row.subject is not None:
            newest = row
    return newest is not None and newest.event == GIVEN and (newest.until is None or newest.until > now)
