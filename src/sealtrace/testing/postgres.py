"""A PostgreSQL cluster of one's own in a folder: started for a test or a benchmark, reached by a socket, then gone."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql")
USERS = ("postgres", "nobody")


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version's; None when PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    found = [p.parent for place in PLACES for p in Path(place).glob("*/bin/initdb")]
    return max(found, key=lambda p: p.parent.name, default=Path(on_path).parent if on_path else None)


def user() -> str | None:
    """The user that runs it: PostgreSQL refuses to run as root. None when that is nobody else's business."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS if name in names)


@contextmanager
def cluster(*, durable: bool) -> Iterator[str]:
    """Start a cluster and give the words to connect to it; `durable` keeps its synchronisation to disk."""
    bin_folder = binaries()
    assert bin_folder is not None, "ask `binaries` first"
    owner = user()
    with tempfile.TemporaryDirectory(prefix="sealtrace-pg-", dir="/tmp") as made:
        folder = Path(made)
        if owner is not None:
            shutil.chown(folder, owner)
        data, unsynchronised = folder / "data", [] if durable else ["--no-sync"]
        options = f"-k {folder} -c listen_addresses='' -c fsync={'on' if durable else 'off'}"
        locale = ["-U", "sealtrace", "-A", "trust", "-E", "UTF8", "--locale=C"]
        _run(owner, [bin_folder / "initdb", "-D", data, *locale, *unsynchronised])
        _run(owner, [bin_folder / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"])
        try:
            yield f"host={folder} user=sealtrace dbname=postgres"
        finally:
            _run(owner, [bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])


def _run(owner: str | None, words: Sequence[str | Path]) -> None:
    before = [] if owner is None else ["setpriv", f"--reuid={owner}", "--clear-groups"]
    subprocess.run(
        [*before, *map(str, words)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        timeout=120,
    )
