"""SQLite: the rows of every table as text, through the reader of tables."""

from __future__ import annotations

from pathlib import Path

from sealtrace.content.kinds import Kind
from sealtrace.content.model import Content, Part
from sealtrace.content.tables import database


def read(path: Path, kind: Kind) -> Content:
    """Read column names and rows, as lines of tab-separated values, a part for each table."""
    parts = []
    for table in database.read(path):
        lines = ["\t".join(table.header), *("\t".join(row) for row in zip(*table.columns, strict=True))]
        parts.append(Part(table.name, "\n".join(lines)))
    return Content(kind, None, tuple(parts))
