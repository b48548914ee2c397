"""A PostgreSQL of this test run: a private cluster in a temporary folder, reached by a socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Where initdb and pg_ctl are, newest version first."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    return versions[0].parent if versions else None


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster and give the URL of its database; everything of it goes afterwards."""
    tools = binaries()
    assert tools is not None
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        folder = Path(name)
        become = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "nobody")
            become = ["setpriv", "--reuid=nobody", "--clear-groups"]

        def run(*words: str) -> None:
            subprocess.run([*become, *words], check=True, stdout=subprocess.DEVNULL, cwd="/")

        run(
            str(tools / "initdb"),
            "-D",
            f"{folder}/data",
            "-U",
            "sealtrace",
            "-A",
            "trust",
            "-N",
            "--locale=C.UTF-8",
        )
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run(
            str(tools / "pg_ctl"), "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start"
        )
        try:
            yield f"postgresql://sealtrace@{str(folder).replace('/', '%2F')}/postgres"
        finally:
            run(str(tools / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
