"""Collecting from a table of any database SQLAlchemy speaks to, by a column that grows: a key or a time.

The position is the newest value taken, with the digests of the rows taken within the overlap before it. Each
reading starts at the overlap again, so that rows of equal key, and rows that were committed late with an
earlier one, are found once and taken once.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sealtrace.errors import SourceUnreachable, SourceUnsuitable, UsageProblem

from .collect import Taken
from .model import Sample
from .rows import Shape, samples_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Table

PAGE = 20_000
_SECRET = re.compile("pass|pwd|secret|token|key", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Where:
    """Which table, and by which column it is followed. overlap: seconds of a time, or units of a number."""

    table: str
    key: str
    overlap: float = 0.0


class SqlCollector:
    """Takes new rows of one table, a page at a time."""

    def __init__(self, url: str, where: Where, shape: Shape, password: str | None = None) -> None:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            parsed = make_url(url)
            parsed = parsed if password is None else parsed.set(password=password)
            self.engine = create_engine(parsed)
        except (ArgumentError, NoSuchModuleError, ImportError) as e:
            raise UsageProblem(
                f"the database address can't be used: {e}", advice="Install the driver it names."
            ) from e
        self.place = place_of(parsed, where.table)
        self.where, self.shape = where, shape
        self._table: Table | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def take(self, state: Mapping[str, Any]) -> Taken:
        """Take the next page after `state`.

        Raises:
            SourceUnreachable, SourceUnsuitable.
        """
        from sqlalchemy import select

        known = [(_read(key), digest) for key, digest in state.get("taken", [])]
        newest = _read(state["newest"]) if "newest" in state else None
        with self._failures_named():
            table = self._reflected()
            column = table.c[self.where.key]
            query = select(table).where(column.is_not(None)).order_by(column)
            if newest is not None:
                query = query.where(column >= self._back(newest))
            limit = PAGE + len(known)
            with self.engine.connect() as connection:
                page = [dict(row) for row in connection.execute(query.limit(limit)).mappings()]
        return self._sorted_out(page, known, newest, drained=len(page) < limit)

    def _sorted_out(
        self, page: list[dict[str, Any]], known: list[tuple[Any, bytes]], newest: Any, *, drained: bool
    ) -> Taken:
        samples: list[Sample] = []
        notes: list[str] = []
        unseen = Counter(digest for _, digest in known)
        here = []
        for row in page:
            key, digest = row[self.where.key], _digest(row)
            here.append((key, digest))
            newest = key if newest is None or key > newest else newest
            if unseen[digest]:
                unseen[digest] -= 1
                continue
            try:
                samples += samples_of(row, self.shape)
            except SourceUnsuitable as e:
                notes.append(f"row {self.where.key} = {key} not taken: {e.message}")
        left = [(key, digest) for key, digest in known if _spend(unseen, digest)]
        state: dict[str, Any] = {}
        if newest is not None:
            start = self._back(newest)
            kept = [[_written(k), d] for k, d in (*here, *left) if k >= start]
            state = {"newest": _written(newest), "taken": kept}
        return Taken(samples, state, notes, drained)

    def _reflected(self) -> Table:
        from sqlalchemy import MetaData, Table
        from sqlalchemy.exc import NoSuchTableError

        if self._table is None:
            schema, _, name = self.where.table.rpartition(".")
            try:
                self._table = Table(name, MetaData(), schema=schema or None, autoload_with=self.engine)
            except NoSuchTableError as e:
                raise SourceUnsuitable(f"there is no table {self.where.table!r}") from e
            needed = {self.where.key, self.shape.time, *self.shape.columns} | {
                self.shape.tag or self.shape.time
            }
            missing = sorted(needed - set(self._table.c.keys()))
            if missing:
                self._table = None
                raise SourceUnsuitable(f"table {self.where.table} has no column {missing[0]!r}")
        return self._table

    def _back(self, key: Any) -> Any:
        """Where reading starts again: the overlap before a key."""
        overlap = self.where.overlap
        if not overlap:
            return key
        if isinstance(key, datetime):
            return key - timedelta(seconds=overlap)
        if isinstance(key, int | float):
            return key - overlap
        if isinstance(key, Decimal):
            return key - Decimal(str(overlap))
        raise UsageProblem(f"column {self.where.key!r} is neither a time nor a number: it takes no overlap")

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            yield
        except DBAPIError as e:
            raise SourceUnreachable(f"{self.place}: {e.orig}") from e
        except SQLAlchemyError as e:
            raise SourceUnsuitable(f"{self.place}: {e}") from e


def place_of(url: URL, table: str) -> str:
    """A table's address without what opens it."""
    open_words = {name: value for name, value in url.query.items() if not _SECRET.search(name)}
    return f"{url._replace(password=None).set(query=open_words).render_as_string()}#{table}"


def _digest(row: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(repr([(k, row[k]) for k in sorted(row)]).encode()).digest()[:16]


def _spend(unseen: Counter[bytes], digest: bytes) -> bool:
    """Whether one more row of this digest was taken before and not met again on this page."""
    if unseen[digest]:
        unseen[digest] -= 1
        return True
    return False


def _written(key: Any) -> Any:
    """A key in a form the buffer keeps; `_read` gives it back."""
    if isinstance(key, datetime):
        return ["time", key.isoformat()]
    if isinstance(key, date):
        return ["date", key.isoformat()]
    return key


def _read(written: Any) -> Any:
    if isinstance(written, list):
        kind, text = written
        return datetime.fromisoformat(text) if kind == "time" else date.fromisoformat(text)
    return written
