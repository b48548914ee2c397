"""Channels: the independent ways in which one copy differs from another, and what each can carry.

A channel writes a copy's mark into one kind of place and is read on its own. `exact` and `stamp` name a
copy by bytes; `page`, `text` `table`, `order` and `decoy` carry a codeword and are weighed by e-values, which multiply
because each channel has a code book of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class ChannelName(StrEnum):
    """The channels, surest first."""

    EXACT = "exact"
    STAMP = "stamp"
    PAGE = "page"
    TEXT = "text"
    TABLE = "table"
    ORDER = "order"
    DECOY = "decoy"


SURVIVES = {
    ChannelName.EXACT: "renaming, moving",
    ChannelName.STAMP: "saving again in its own program, while the metadata is kept",
    ChannelName.PAGE: "screenshot, photo, print and scan, crop, rescaling, JPEG, conversion to pictures",
    ChannelName.TEXT: "copying text, retyping",
    ChannelName.TABLE: "extracts, sorting, rounding, unit changes, other formats",
    ChannelName.ORDER: "losing rows, moving rows nearby, any change of values; not sorting or shuffling",
    ChannelName.DECOY: "sorting, shuffling, losing rows, other formats, while readings stay near",
}


@dataclass(frozen=True, slots=True)
class AppliedMark:
    """What one channel put into a copy: bits for exact bytes and stamps, symbols for codewords."""

    channel: str
    capacity: int


class Channel(Protocol):
    """One way to mark: given a copy's own secret, write it; the promise is in the two methods.

    `capacity` says before issue how many bits or symbols a file can carry, and why when it is none.
    `write` changes nothing that a reader of the file would take as content, gives the same bytes for the
    same copy each time, and leaves every part it does not mark byte for byte.
    """

    name: ChannelName

    def capacity(self, source: Path) -> tuple[int, str]:
        """Return bits or symbols, and the reason when it is 0."""
        ...

    def write(self, source: Path, secret: Mapping[str, Any], target: Path) -> AppliedMark | None:
        """Write the mark of one copy; None when this file has no place for it."""
        ...
