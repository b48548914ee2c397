"""The book of declarations and outcomes: one SQLite file, nothing ever overwritten.

Importing the same row again changes nothing; a changed row is a new version of its declaration. Declarations and
outcomes are bitemporal: from when they hold, and since when they were known; a correction or an appeal adds a row and
takes none away, so that any past decision can be looked at with what was known on its day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from sealtrace.ledger.database import connect, failures_named

from .model import COLUMNS, Kind, Label, Source

if TYPE_CHECKING:
    import polars as pl

SCHEMA = """
CREATE TABLE IF NOT EXISTS declarations(
    decl_id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    digest BLOB NOT NULL,                  -- SHA-256 of the row, so that the same row is known again
    valid_from TEXT NOT NULL,              -- from which day on it is so; its own date unless said otherwise
    known_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (decl_id, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcomes(
    id INTEGER PRIMARY KEY,
    decl_id TEXT NOT NULL,
    fraud INTEGER CHECK (fraud IN (0, 1)), -- null takes an earlier outcome back
    valid_from TEXT NOT NULL,
    known_at TEXT NOT NULL,
    source TEXT NOT NULL,
    note TEXT NOT NULL,
    UNIQUE (decl_id, fraud, valid_from, known_at, source)
);
CREATE INDEX IF NOT EXISTS outcomes_by_declaration ON outcomes(decl_id, known_at);
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did: declarations new, corrected (a new version), and known already."""

    new: int
    corrected: int
    known: int

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.new + other.new, self.corrected + other.corrected, self.known + other.known)


class Book:
    """An open book. Every write is durable when it returns, and harmless to repeat."""

    def __init__(self, path: Path) -> None:
        """Open the book, making it if it is not there.

        Raises:
            StorageFailed, Corrupted: it can't be opened.
        """
        self._db = connect(path, create=not path.exists())
        with failures_named("opening the book"):
            self._db.execute(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def take(
        self,
        frame: pl.DataFrame,
        known_at: datetime,
        *,
        valid_from: date | None = None,
        dry_run: bool = False,
    ) -> Taken:
        """Take one batch in one transaction; with `dry_run` only say what would happen.

        A row holds from its own date on; a correction that holds from a later day only says so by `valid_from`.
        """
        done = Taken(0, 0, 0)
        with failures_named("importing declarations"), self._db:
            for row in frame.iter_rows(named=True):
                done += self._take_one(row, known_at, valid_from or row["date"], dry_run=dry_run)
        return done

    def _take_one(self, row: dict[str, Any], known_at: datetime, valid_from: date, *, dry_run: bool) -> Taken:
        body = json.dumps(
            {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items() if v is not None},
            ensure_ascii=False,
            sort_keys=True,
        )
        digest = hashlib.sha256(body.encode()).digest()
        last = self._db.execute(
            "SELECT version, digest FROM declarations WHERE decl_id = ? ORDER BY version DESC LIMIT 1",
            (row["decl_id"],),
        ).fetchone()
        if last is not None and last[1] == digest:
            return Taken(0, 0, 1)
        if not dry_run:
            self._db.execute(
                "INSERT INTO declarations VALUES (?, ?, ?, ?, ?, ?)",
                (row["decl_id"], 1 if last is None else last[0] + 1, digest, valid_from.isoformat(),
                 known_at.isoformat(), body),
            )  # fmt: skip
        return Taken(1, 0, 0) if last is None else Taken(0, 1, 0)

    def declarations(
        self, *, as_of: datetime | None = None, valid_on: date | None = None, batch_rows: int = 50_000
    ) -> Iterator[pl.DataFrame]:
        """Give the newest version of each declaration in batches: of those known as of a time, what holds on a day."""
        import polars as pl

        until = "9999" if as_of is None else as_of.isoformat()
        day = "9999" if valid_on is None else valid_on.isoformat()
        cursor = self._db.execute(
            "SELECT body FROM declarations d WHERE version = (SELECT max(version) FROM declarations e"
            " WHERE e.decl_id = d.decl_id AND e.known_at <= ? AND e.valid_from <= ?) ORDER BY decl_id",
            (until, day),
        )
        types = {Kind.TEXT: pl.String, Kind.NUMBER: pl.Float64, Kind.DAY: pl.String}
        while rows := list(_some(cursor, batch_rows)):
            bodies = [json.loads(body) for (body,) in rows]
            columns = {
                n: pl.Series(n, [b.get(n) for b in bodies], dtype=types[k]) for n, k in COLUMNS.items()
            }
            yield pl.DataFrame(columns).with_columns(pl.col("date").str.to_date())

    def versions(self, decl_id: str) -> list[tuple[int, datetime, dict[str, Any]]]:
        """Give all versions of one declaration, oldest first."""
        rows = self._db.execute(
            "SELECT version, known_at, body FROM declarations WHERE decl_id = ? ORDER BY version", (decl_id,)
        )
        return [(version, datetime.fromisoformat(at), json.loads(body)) for version, at, body in rows]

    def add(self, labels: Iterable[Label]) -> int:
        """Add outcomes; one that is already there is not added again. Give how many were new."""
        before = self._db.total_changes()
        with failures_named("adding outcomes"), self._db:
            for label in labels:
                self._add_one(label)
        return self._db.total_changes() - before

    def _add_one(self, label: Label) -> None:
        values = (
            label.decl_id,
            None if label.fraud is None else int(label.fraud),
            label.valid_from.isoformat(),
            label.known_at.isoformat(),
            str(label.source),
        )
        known = self._db.execute(
            "SELECT 1 FROM outcomes WHERE decl_id = ? AND fraud IS ? AND valid_from = ? AND "
            "known_at = ? AND source = ?",
            values,
        ).fetchone()
        if known is None:
            self._db.execute(
                "INSERT INTO outcomes(decl_id, fraud, valid_from, known_at, source, note) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (*values, label.note),
            )

    def outcomes(self, *, valid_on: date, known_at: datetime) -> dict[str, bool]:
        """Give the outcomes that hold on a day, as they were known at a time.

        Of several, the one known last counts, whatever its source: an appeal flips the sentence before it.
        """
        rows = self._db.execute(
            "SELECT decl_id, fraud FROM outcomes WHERE valid_from <= ? AND known_at <= ? ORDER "
            "BY known_at, id",
            (valid_on.isoformat(), known_at.isoformat()),
        )
        last = {str(decl_id): fraud for decl_id, fraud in rows}
        return {decl_id: bool(fraud) for decl_id, fraud in last.items() if fraud is not None}

    def history(self, decl_id: str) -> list[Label]:
        """Give every outcome ever recorded of one declaration, in the order it became known."""
        rows = self._db.execute(
            "SELECT fraud, valid_from, known_at, source, note FROM outcomes WHERE decl_id = ? "
            "ORDER BY known_at, id",
            (decl_id,),
        )
        return [
            Label(
                decl_id,
                None if fraud is None else bool(fraud),
                date.fromisoformat(valid),
                datetime.fromisoformat(known),
                Source(source),
                note,
            )
            for fraud, valid, known, source, note in rows
        ]


def _some(cursor: apsw.Cursor, many: int) -> Iterator[tuple[Any, ...]]:
    for _ in range(many):
        row = cursor.fetchone()
        if row is None:
            return
        yield row
