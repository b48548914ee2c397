"""A log that another process writes to opens cleanly at any moment."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.ledger.heads import Heads
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys

KEYS = LedgerKeys("test/log", "urn:test", lambda name: hashlib.sha256(name.encode()).digest())
CLOCK = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))


def test_an_append_between_two_reads_is_no_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Ledger.create(tmp_path / "log.db", KEYS, CLOCK)
    real, busy = Heads.load, []

    def load(self: Heads, db: object) -> object:
        if self is not writer.heads and not busy:
            busy.append(1)
            writer.append([Draft("t:x", "s", b"\1" * 32, "text/plain")])
        return real(self, db)  # type: ignore[arg-type]

    monkeypatch.setattr(Heads, "load", load)
    reader = Ledger.open(tmp_path / "log.db", KEYS, CLOCK)
    assert busy, "the append came in between"
    assert reader.size() == 1
    reader.close()
    writer.close()
