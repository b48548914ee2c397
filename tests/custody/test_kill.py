"""Kill -9 while registering and issuing: every acknowledged entry is there, and the check is clean.

A writer is forked from this process, which has loaded what such work needs, works until it is killed at a random
moment, and reports through a pipe only what was acknowledged to it. 200 kills over 8 homes; after each kill the
next writer opens the same home, so recovery runs as the normal path it is.
"""

from __future__ import annotations

import os
import random
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealtrace import sandbox
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.ids import CopyId, FileCode
from sealtrace.ledger.check import EVERYTHING

from ..conftest import prose

HOMES = 8
KILLS_A_HOME = 25


def work(home: Path, files: Path, seed: int, report: int) -> None:
    """Register and issue until killed; one line through the pipe for each acknowledgement."""
    rnd = random.Random(seed)
    with Custody.open(home) as custody:
        while True:
            path = files / f"{rnd.getrandbits(40):x}.txt"
            path.write_text("\n".join(prose(rnd.getrandbits(30), 12)), "utf-8")
            [done] = custody.register([path])
            os.write(report, f"file {done.code} {done.entry.index} {done.entry.leaf.hex()}\n".encode())
            for _ in range(3):
                out = files / f"copy-{rnd.getrandbits(40):x}.txt"
                copy = custody.issue(str(done.code), Recipient("op", "dev", "10.0.0.9"), out)
                os.write(report, f"copy {copy.id} {copy.entry.index} {copy.entry.leaf.hex()}\n".encode())


def killed_after(home: Path, files: Path, seed: int, seconds: float) -> list[list[str]]:
    """Fork a writer, kill it after a while, return what it had been told."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)
            os.close(read_end)
            work(home, files, seed, write_end)
        finally:
            os._exit(70)
    os.close(write_end)
    heard = bytearray()
    give_up = time.monotonic() + 20
    kill_at = None
    while (now := time.monotonic()) < give_up and (kill_at is None or now < kill_at):
        ready, _, _ = select.select([read_end], [], [], 0.002)
        if ready:
            chunk = os.read(read_end, 65536)
            if not chunk:
                break
            heard += chunk
        if kill_at is None and heard:
            kill_at = time.monotonic() + seconds  # count from the first acknowledgement
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while chunk := os.read(read_end, 65536):
        heard += chunk
    os.close(read_end)
    return [line.split() for line in heard.decode().splitlines() if line.count(" ") == 3]


@pytest.fixture(scope="module")
def warmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a writer does, done once here: a forked one need not load modules before it can be killed at work, nor
    start a worker of its own to read three lines of text (how such workers die is tests/content/test_sandbox.py's).
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(sandbox, "call", lambda function, *args, limits=None, **kwargs: function(*args, **kwargs))
    folder = tmp_path_factory.mktemp("warmed")
    path = folder / "first.txt"
    path.write_text("\n".join(prose(1, 12)), "utf-8")
    with Custody.create(folder / "home", org="Kill Works", org_code="KW") as custody:
        [done] = custody.register([path])
        custody.issue(str(done.code), Recipient("op", "dev", "10.0.0.9"), folder / "copy.txt")
    yield
    patch.undo()


@pytest.mark.usefixtures("warmed")
@pytest.mark.parametrize("number", range(HOMES))
def test_nothing_acknowledged_is_lost(number: int, tmp_path: Path) -> None:
    home, files = tmp_path / "home", tmp_path / "files"
    files.mkdir()
    Custody.create(home, org="Kill Works", org_code="KW").close()
    rnd = random.Random(number)
    told: list[list[str]] = []
    for kill in range(KILLS_A_HOME):
        told += killed_after(home, files, number * 1000 + kill, rnd.uniform(0.0, 0.06))
    assert len(told) >= KILLS_A_HOME, "the writers did hardly any work: the test would prove nothing"
    with Custody.open(home) as custody:
        for kind, name, index, leaf in told:
            assert custody.office.ledger.entry(int(index)).leaf.hex() == leaf
            if kind == "file":
                assert custody.version(str(FileCode.parse(name))).entry == int(index)
            else:
                assert custody.copy(CopyId.parse(name)).entry.index == int(index)
        assert custody.check(EVERYTHING) == []
