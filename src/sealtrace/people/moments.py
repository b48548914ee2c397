"""Times as the tables of people hold them: UTC to the second, so that the order of the text is the order of time."""

from __future__ import annotations

from datetime import UTC, datetime

from sealtrace.errors import RestrictionUnlawful

FORM = "%Y-%m-%dT%H:%M:%SZ"


def second(at: datetime) -> str:
    """Write a time as the tables hold it: UTC, whole seconds, as `2026-01-31T08:00:00Z`.

    Raises:
        RestrictionUnlawful: the time names no zone, or has a fraction of a second.
    """
    if at.utcoffset() is None or at.microsecond:
        raise RestrictionUnlawful("times in the register are whole seconds with a zone")
    return at.astimezone(UTC).strftime(FORM)


def moment(text: str) -> datetime:
    """Read what `second` wrote."""
    return datetime.strptime(text, FORM).replace(tzinfo=UTC)


def moment_or_none(text: str | None) -> datetime | None:
    """Read a time that may be missing."""
    return moment(text) if text is not None else None


def whole(at: datetime) -> datetime:
    """The second a time lies in."""
    return at.astimezone(UTC).replace(microsecond=0)


def timed(column: str, *, optional: bool = False) -> str:
    """A column that holds nothing but such a time."""
    holds = f"{column} IS strftime('%Y-%m-%dT%H:%M:%SZ', {column})"
    return (
        f"{column} TEXT CHECK ({column} IS NULL OR {holds})"
        if optional
        else f"{column} TEXT NOT NULL CHECK ({holds})"
    )
