"""When the ledger was last checked in full, and what was found: a note beside the home, not a record."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PLACE = "checked.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """One full check. at: as rows write times. entries: the log's size then. data: stored originals were read too."""

    at: str
    entries: int
    problems: int
    data: bool


def keep(home: Path, checked: Checked) -> None:
    """Note a check, whole or not at all; a home that can't be written keeps the note it has."""
    partial = home / f".{PLACE}.{os.getpid()}"
    with suppress(OSError):
        partial.write_text(json.dumps(asdict(checked)), "utf-8")
        partial.replace(home / PLACE)


def last(home: Path) -> Checked | None:
    """The newest note; None when there is none that can be read."""
    with suppress(OSError, ValueError, TypeError):
        return Checked(**json.loads((home / PLACE).read_text("utf-8")))
    return None
