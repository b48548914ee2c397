"""SQLite: every table with numbers, row by row id. Foreign files are opened without triggers, views or trust.

Source: sqlite.org/fileformat2.html, sqlite.org/security.html.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import apsw

from sealtrace.content import bounds
from sealtrace.errors import InputDamaged, InputTooLarge

from .model import Changes, Row, Table

MAGIC = b"SQLite format 3\x00"
OWN = "sealtrace_copy"  # the table that a copy's stamp stands in


def read(path: Path) -> list[Table]:
    """Read all ordinary tables, columns and rows in their own order; only real numbers may be rewritten."""
    with opened(path) as db:
        return [_table(db, name, _columns(db, name)) for name in names(db)]


def arrange(source: Path, target: Path, table: int, rows: Sequence[Row]) -> None:
    """Never asked for: rows of a database stand by their ids, in no order that a copy could have of its own."""
    raise NotImplementedError("no table of a database is movable")


def rewrite(source: Path, target: Path, changes: Sequence[Changes]) -> None:
    """Write a copy in which some numbers read otherwise."""
    shutil.copyfile(source, target)
    with opened(target, writing=True) as db:
        for name, wanted in zip(names(db), changes, strict=True):
            columns, table = _columns(db, name), _identifier(name)
            ids = [row[0] for row in db.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]  # noqa: S608 (quoted)
            for number, texts in wanted.items():
                change = f"UPDATE {table} SET {_identifier(columns[number])} = ? WHERE rowid = ?"  # noqa: S608 (quoted)
                new = zip(texts, ids, strict=True)
                db.executemany(change, [(float(text), row) for text, row in new if text is not None])


@contextmanager
def opened(path: Path, *, writing: bool = False) -> Iterator[apsw.Connection]:
    """Open a foreign database, distrusting its schema. A writer's changes stand or fall together.

    Raises InputDamaged.
    """
    mode = "mode=rw" if writing else "immutable=1"
    flags = apsw.SQLITE_OPEN_URI | (apsw.SQLITE_OPEN_READWRITE if writing else apsw.SQLITE_OPEN_READONLY)
    try:
        db = apsw.Connection(f"file:{quote(str(path))}?{mode}", flags=flags)
    except apsw.Error as e:
        raise InputDamaged(f"{path.name} can't be opened as SQLite: {e}") from e
    try:
        db.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
        db.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
        db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        if writing:
            db.execute("PRAGMA journal_mode = DELETE")  # one file: nothing is left beside it
            db.execute("PRAGMA synchronous = OFF")  # the copy is made durable when it is delivered
            with db:
                yield db
        else:
            yield db
    except apsw.Error as e:
        raise InputDamaged(f"{path.name} can't be read as SQLite: {e}") from e
    finally:
        db.close()


def names(db: apsw.Connection) -> list[str]:
    """The ordinary tables that have a row id, in the order they were made."""
    listed = db.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND wr = 0"
    )
    known = {str(row[0]) for row in listed}
    made = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
    return [
        str(row[0])
        for row in made
        if row[0] in known and row[0] != OWN and not str(row[0]).startswith("sqlite_")
    ]


def _columns(db: apsw.Connection, table: str) -> list[str]:
    return [str(row[0]) for row in db.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))]


def _table(db: apsw.Connection, name: str, columns: list[str]) -> Table:
    wanted = ", ".join(map(_identifier, columns))
    rows = []
    for row in db.execute(f"SELECT {wanted} FROM {_identifier(name)} ORDER BY rowid"):  # noqa: S608 (quoted)
        rows.append(row)
        if len(rows) > bounds.TABLE_ROWS:
            raise InputTooLarge(f"the table {name} has more than {bounds.TABLE_ROWS} rows")
    cells = tuple(tuple(_text(row[i]) for row in rows) for i in range(len(columns)))
    fixed = frozenset(
        i for i in range(len(columns)) if not all(isinstance(row[i], float | None) for row in rows)
    )
    return Table(name, tuple(columns), cells, fixed)


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
