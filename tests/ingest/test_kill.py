"""Kill -9 while collecting and sealing: no sample is lost, none is sealed twice, and recovery is the normal path.

A collector is forked, works until it is killed at a random moment after a random number of steps, and the next
one goes on in the same home. What it takes never changes, so the sum of all batches must be exactly that.
"""

from __future__ import annotations

import os
import random
import select
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.ingest import folder, seal, service
from sealtrace.ingest.collect import Live, live, run
from sealtrace.ingest.folder import FolderCollector
from sealtrace.ingest.model import Cut, Source
from sealtrace.ingest.rows import Shape
from sealtrace.ledger.check import EVERYTHING

from .conftest import HOUR
from .test_seal import everything

ROWS, KILLS = 120, 10
SOURCE = Source("line", "folder", "data", Cut.parse("rows:16"), grace_s=0.0)


def work(home: Path, data: Path, report: int) -> None:
    """Collect and seal all there is; one byte through the pipe before and after every durable write."""

    def telling(real):  # type: ignore[no-untyped-def]
        def told(*args: object, **named: object) -> object:
            os.write(report, b".")
            done = real(*args, **named)
            os.write(report, b".")
            return done

        return told

    Live.keep = telling(Live.keep)  # type: ignore[method-assign]
    seal._register = telling(seal._register)
    seal._enter = telling(seal._enter)
    clock = FixedClock(HOUR + timedelta(days=1))
    with Custody.open(home, clock=clock) as custody, live(custody, SOURCE) as line:
        for _ in run(
            line, FolderCollector(data, Shape("at"), clock), once=True, close=True, wait=lambda: None
        ):
            os.write(report, b".")


def killed_after(home: Path, data: Path, steps: int, seconds: float) -> bool:
    """Fork a collector and kill it; True when it came to its end first."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.setpgid(0, 0)
            os.close(read_end)
            work(home, data, write_end)
            code = 0
        finally:
            os._exit(code)
    os.close(write_end)
    heard = 0
    while heard < steps and select.select([read_end], [], [], 30)[0] and (chunk := os.read(read_end, 1)):
        heard += len(chunk)
    select.select([], [], [], seconds)  # let it go on into the middle of something
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(read_end)
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL)
    return os.waitstatus_to_exitcode(status) == 0


def test_nothing_is_lost_and_nothing_sealed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "CHUNK", 700)
    home, data, rnd = tmp_path / "home", tmp_path / "data", random.Random(4)
    data.mkdir()
    rows = [f"{(HOUR + timedelta(seconds=n)).isoformat()},{n},{n / 8}\n" for n in range(ROWS)]
    (data / "log.csv").write_text("at,count,flow\n" + "".join(rows))
    Custody.create(home, org="Kill Works", org_code="KW").close()
    ended = [killed_after(home, data, rnd.randint(1, 14), rnd.uniform(0, 0.01)) for _ in range(KILLS)]
    assert ended.count(False) >= KILLS // 2, "hardly any was killed at work: the test would prove nothing"
    while not ended[-1]:
        ended.append(killed_after(home, data, 10**6, 0))
    with Custody.open(home) as custody:
        got = everything(custody, "line", tmp_path)
        assert sorted(int(str(v)) for tag, _, v in got if tag == "count") == list(range(ROWS))
        assert sorted(float(str(v)) for tag, _, v in got if tag == "flow") == [n / 8 for n in range(ROWS)]
        batches = service.batches(custody)
        assert [b.number for b in batches] == list(range(1, len(batches) + 1))
        assert [b.summary["previous_sha256"] for b in batches[1:]] == [b.sha256.hex() for b in batches[:-1]]
        assert {b.summary["samples"] for b in batches[:-1]} == {16}
        assert len(list(custody.versions())) == len(custody.office.acts(seal.EVENT)) == len(batches)
        assert custody.check(EVERYTHING) == []
