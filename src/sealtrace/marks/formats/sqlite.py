"""SQLite: the stamp and the notice in a table of their own; other tables keep their rows."""

from __future__ import annotations

import shutil
from pathlib import Path

from sealtrace.content.kinds import Kind
from sealtrace.content.tables.database import OWN, opened
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.notice import NOTICE
from sealtrace.marks.stamp import TOKEN_BITS, in_bytes

from .model import DIGEST_BITS, FilePlan, Job


def plan(source: Path, kind: Kind) -> FilePlan:  # noqa: ARG001 (every format takes both)
    """A database can always take one more table."""
    with opened(source) as db:
        db.execute("SELECT count(*) FROM sqlite_schema")
    return FilePlan(stamp=True)


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy."""
    shutil.copyfile(job.source, job.target)
    with opened(job.target, writing=True) as db:
        db.execute(f"DROP TABLE IF EXISTS {OWN}")
        db.execute(f"CREATE TABLE {OWN}(copy TEXT, notice TEXT)")
        notice = NOTICE if job.plan.table is not None else ""
        db.execute(f"INSERT INTO {OWN} VALUES (?, ?)", (job.text, notice))  # noqa: S608 (a constant)
    return AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)


def stamps(path: Path) -> list[bytes]:
    """Read tokens from the table, if it is there."""
    with opened(path) as db:
        if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (OWN,)).fetchone():
            return []
        rows = db.execute(f"SELECT copy FROM {OWN} LIMIT 100").fetchall()  # noqa: S608 (a constant)
    return [token for row in rows for token in in_bytes(str(row[0]).encode())]
