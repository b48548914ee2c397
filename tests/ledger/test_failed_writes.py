"""Each external write failing twice over, once not kept and once kept: nothing is lost, and the retry does it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sealtrace.errors import QuorumMissing, StorageFailed
from sealtrace.testing.disk import Fate, Kind, Operation, watched

from .power import Day, found, ledger_keys, must_hold

Matches = Callable[[Operation], bool]


def under(prefix: str, *kinds: Kind) -> Matches:
    """Operations on paths that begin so."""
    return lambda op: (op.target or op.path).startswith(prefix) and (not kinds or op.kind in kinds)


WRITES: dict[str, Matches] = {
    "database write": under("home/register.db", Kind.WRITE),
    "database commit": under("home/register.db", Kind.SYNC),
    "head witness": under("home/register.head"),
    "tile": under("public/tile"),
    "checkpoint": under("public/checkpoint"),
    "lock": under("lock/"),
    "witness memory": under("witness.db"),
    "vault object": under("home/vault/"),
    "shard": under("home/shards/"),
    "backup": under("backup/"),
}
STEPS: list[Callable[[Day], None]] = [
    Day.set_policy, Day.append, Day.publish, Day.register, Day.append, Day.close_shard, Day.back_up,
    Day.rotate, Day.erase, Day.publish, Day.append,
]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with enough entries for a shard."""
    root = tmp_path_factory.mktemp("prepared") / "disk"
    root.mkdir()
    found(root)
    day = Day(root)
    day.append(260)
    day.close()
    return root


@pytest.mark.parametrize("kept", [False, True], ids=["not-kept", "kept"])
@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_fails(write: str, kept: bool, prepared: Path, memory: Path) -> None:
    """The first, and others spread over the day: each fails once, is named, and the same step works again."""
    home_keys, refused = ledger_keys(prepared), 0
    for number, nth in enumerate((1, 2, 5, 11)):
        root = memory / str(number) / "disk"
        root.parent.mkdir()
        shutil.copytree(prepared, root)
        seen = 0

        def observe(op: Operation, nth: int = nth) -> Fate:
            nonlocal seen
            if WRITES[write](op):
                seen += 1
                if seen == nth:
                    return Fate.FAILED_KEPT if kept else Fate.FAILED_NOT_KEPT
            return Fate.DONE

        with watched(root, observe):
            day = Day(root)
            for step in STEPS:
                try:
                    step(day)
                except (StorageFailed, QuorumMissing):
                    refused += 1
                    step(day)  # the same again
            day.close()
        assert seen >= nth or nth > 1, "the day never writes this"
        must_hold(root, home_keys, day.told, random.Random(nth), whole=True)
    assert refused or write == "head witness", "no failure was ever reported"
