"""Keep the indexes true to the register. They are derived data: what is missing is added again.

`versions.indexed` is the outbox: a version is entered with 0, and becomes 1 once both indexes are
durable. A process killed in between leaves 0 behind, and the next writer's `catch_up` is the same code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from sealtrace.content.page_index import PageRef
from sealtrace.content.pages import render_many
from sealtrace.content.reader import Content, read
from sealtrace.content.tables import files as table_files

from . import store
from .model import Version
from .office import Office

PAGES_AT_ONCE = 8
TABLES_A_VERSION = 4096
FLUSH_EVERY = 64  # versions between durable writes of the indexes


def remember(office: Office, sha256: bytes, content: Content) -> None:
    """Keep what was read at registering until `catch_up` has indexed it, so that it is not read twice."""
    office.just_read[sha256] = content
    if len(office.just_read) >= FLUSH_EVERY:
        catch_up(office)


def catch_up(office: Office) -> int:
    """Index every version that is not indexed yet; returns how many. Call while holding the home."""
    todo = store.unindexed(office.db)
    for start in range(0, len(todo), FLUSH_EVERY):
        batch = todo[start : start + FLUSH_EVERY]
        for version in batch:
            _index(office, version)
        office.page_index.flush()
        office.text_index.flush()
        office.table_index.flush()

        def done(db: apsw.Connection, _entries: object, batch: list[Version] = batch) -> None:
            for version in batch:
                store.mark_indexed(db, version.row)

        office.ledger.append([], done)
        for version in batch:
            office.just_read.pop(version.sha256, None)
    return len(todo)


def _index(office: Office, version: Version) -> None:
    content = office.just_read.get(version.sha256)
    needs_file = content is None or bool(version.pages) or version.kind in table_files.MODULES
    with _original(office, version, needed=needs_file) as path:
        if content is None:
            content = read(path, version.kind)
        for unit, part, _name in store.units(office.db, version.row):
            if part < len(content.parts) and content.parts[part].text.strip():
                office.text_index.add(unit, content.parts[part].text)
        for number, table in enumerate(table_files.read(path, version.kind)[:TABLES_A_VERSION]):
            office.table_index.add(table_unit(version.row, number), table)
        for start in range(0, version.pages, PAGES_AT_ONCE):
            numbers = range(start, min(start + PAGES_AT_ONCE, version.pages))
            for number, raster in zip(numbers, render_many(path, version.kind, numbers), strict=True):
                office.page_index.add(PageRef(version.row, number), raster)


def table_unit(row: int, number: int) -> int:
    """The index's number for one table of a version."""
    return row * TABLES_A_VERSION + number


def version_of_table(unit: int) -> int:
    """The version row behind the index's number for a table."""
    return unit // TABLES_A_VERSION


@contextmanager
def _original(office: Office, version: Version, *, needed: bool) -> Iterator[Path]:
    with office.staging(f"index-{version.row}") as folder:
        path = folder / f"original{Path(version.name).suffix}"
        if needed:
            office.vault.export(version.sha256, path)
        yield path
