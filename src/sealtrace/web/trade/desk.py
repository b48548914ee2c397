"""The desk this site serves: the folder `trade` in the home, read once and again when a file in it changes.

Reading a hundred thousand declarations takes seconds, so a thread of its own does it: until then a page says so, and
after a change the desk read before goes on serving.

`sealtrace trade import FILE --book HOME/trade/book.db` fills the book; `licences`, `xrf` and `mirror` tables lie beside
it. A folder with a `declarations` table of its own needs no book.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sealtrace.errors import NotRegistered

from .. import site

if TYPE_CHECKING:
    import polars as pl

    from sealtrace.trade.service import Desk

FOLDER, BOOK, TABLE = "trade", "book.db", "declarations.parquet"
PATIENCE_S = 1.0  # how long a page waits for the folder to be read before it says that it is being read
State = tuple[tuple[str, int, int], ...]
_lock = Lock()
_readers = ThreadPoolExecutor(1, thread_name_prefix="customs-desk")
_read: dict[Path, tuple[State, Desk]] = {}
_reading: dict[Path, Future[Desk]] = {}


def folder() -> Path:
    """Where this site's declarations lie."""
    return site.custody().office.home.folder / FOLDER


def _state(place: Path) -> State:
    """What tells one content of the folder from another."""
    return tuple(
        (p.name, (s := p.stat()).st_mtime_ns, s.st_size)
        for p in sorted(place.iterdir())
        if p.is_file() and not p.name.startswith(".") and not p.name.endswith(("-wal", "-shm"))
    )


def filled() -> bool:
    """Whether there is anything to look at."""
    place = folder()
    return place.is_dir() and any(
        (place / BOOK).exists() or p.stem == "declarations" for p in place.iterdir()
    )


def desk(*, wait: bool = False) -> Desk | None:
    """The open desk; None while it is read for the first time, unless the caller waits for it.

    Raises:
        NotRegistered: nothing was imported yet.
    """
    if not filled():
        raise NotRegistered("no declarations were imported", advice="The customs desk says how.")
    place = folder()
    with _lock:
        known = _read.get(place)
        if known is not None and known[0] == _state(place):
            return known[1]
        coming = _reading.get(place)
        if coming is None:
            coming = _reading[place] = _readers.submit(_made, place)
    try:
        made = coming.result(None if wait else PATIENCE_S)
    except NotYet:
        return known[1] if known is not None else None
    finally:
        with _lock:
            if coming.done() and _reading.get(place) is coming:
                del _reading[place]
    return made


def _made(place: Path) -> Desk:
    """Read the folder and rank what is in it."""
    from sealtrace.trade.service import open_desk

    labels = _from_book(place) if (place / BOOK).exists() else None
    state = _state(place)
    made = open_desk(place, labels=labels)
    with _lock:
        _read[place] = (state, made)
    return made


def _from_book(place: Path) -> pl.DataFrame | None:
    """Write the book's newest versions as the folder's table, all or nothing; give the outcomes known, if any."""
    import polars as pl

    from sealtrace.trade.book import Book

    now = datetime.now(UTC)
    with Book(place / BOOK) as book:
        batches = list(book.declarations())
        outcomes = book.outcomes(valid_on=now.date(), known_at=now)
        found = [
            (name, max(label.known_at for label in book.history(name)).date(), float(fraud))
            for name, fraud in outcomes.items()
        ]
    if batches:
        part = place / f".{TABLE}.{os.getpid()}"
        pl.concat(batches).write_parquet(part)
        part.replace(place / TABLE)
    if not found:
        return None
    return pl.DataFrame(
        found, schema={"decl_id": pl.String, "date": pl.Date, "label": pl.Float64}, orient="row"
    )
