"""Kill -9 at a chosen write, 800 times: appending, asking a witness, publishing, creating.

A worker is forked from this warmed process, opens what the one before it left, checks everything that was
ever acknowledged, works, and kills itself at a write, a rename or a synchronisation drawn by chance. With
the 200 kills of the register's own test that is a thousand.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.note import open_checkpoint
from sealtrace.ledger.publish import publish
from sealtrace.ledger.quorum import Asker, Policy
from sealtrace.ledger.witness import Reply, Witness
from sealtrace.testing.disk import Fate, Operation, watched

from .power import CLOCK, URL, WITNESS, drafts, tiles_give_the_root
from .test_log import KEYS

LOGS = 8
KILLS_A_LOG = 100
POLICY = Policy(((WITNESS.public.text, URL),), 1)
Tell = Callable[[str], None]


class Acknowledged:
    """All that workers were told, line by line as it came through the pipe."""

    def __init__(self) -> None:
        self.leaves: dict[int, str] = {}
        self.heads: dict[int, str] = {}
        self.published = self.cosigned = 0

    def take(self, line: str) -> None:
        """Take in one whole line."""
        what, number, value = line.split()
        if what == "entry":
            assert self.leaves.setdefault(int(number), value) == value, "an index was given out twice"
        elif what == "head":
            assert self.heads.setdefault(int(number), value) == value, "two heads of one size"
        elif what == "published":
            self.published = int(number)
        else:
            self.cosigned = int(number)


def check(root: Path, ledger: Ledger, witness: Witness, told: Acknowledged) -> None:
    """Compare what is there with all that was acknowledged."""
    size, nodes = ledger.size(), sorted(told.heads)
    assert size >= max(nodes, default=0)
    for old in nodes[-3:]:
        assert ledger.root(old).hex() == told.heads[old]
    for index in list(told.leaves)[-20:]:
        assert ledger.leaf(index).hex() == told.leaves[index]
    [(_, held)] = witness.heads()
    assert held.size >= told.cosigned
    if held.size:
        assert ledger.root(held.size) == held.root
    seen = 0
    if (root / "public" / "checkpoint").exists():
        note = (root / "public" / "checkpoint").read_text("utf-8")
        seen = open_checkpoint(note, ledger.keys().verifier_keys).size
        tiles_give_the_root(root / "public", ledger.keys().verifier_keys)
    assert seen >= told.published


def work(root: Path, told: Acknowledged, rnd: random.Random, tell: Tell) -> None:
    """Open, check, and work until killed."""
    fresh = not (root / "log.db").exists() or not told.heads
    if fresh:
        for left in root.glob("log.*"):
            left.unlink()  # the creation was never acknowledged
    ledger = (Ledger.create if fresh else Ledger.open)(root / "log.db", KEYS, CLOCK)
    witness = Witness(root / "witness.db", [WITNESS], CLOCK)
    witness.add_log(ledger.keys().verifier_keys[0])
    check(root, ledger, witness, told)
    tell(f"head {ledger.size()} {ledger.root().hex()}")

    def post(url: str, body: bytes) -> Reply:
        reply = witness.add_checkpoint(body)
        if reply.status == 200:
            tell(f"cosigned {witness.heads()[0][1].size} -")
        return reply

    while True:
        for entry in ledger.append(drafts(ledger.size(), rnd.choice((1, 2, 5)))):
            tell(f"entry {entry.index} {entry.leaf.hex()}")
        tell(f"head {ledger.size()} {ledger.root().hex()}")
        if rnd.random() < 0.4:
            note = Asker(ledger, post).seal(POLICY)
            publish(ledger, root / "public", note, lock=root / "lock")
            tell(f"published {ledger.size()} -")


def killed(root: Path, told: Acknowledged, seed: int) -> int:
    """Fork a worker that dies at a write drawn by chance; returns how many lines it was told."""
    rnd = random.Random(seed)
    left = rnd.randint(1, rnd.choice((30, 150)))  # soon after opening, or in the middle of publishing
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:

        def observe(_operation: Operation) -> Fate:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return Fate.DONE

        try:
            with watched(root, observe):
                work(root, told, rnd, lambda line: void(os.write(write_end, f"{line}\n".encode())))
        except BaseException as e:
            os.write(write_end, f"failed {type(e).__name__}: {e}\n".encode())
        os._exit(70)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        lines = pipe.read().decode().splitlines()
    _, status = os.waitpid(child, 0)
    failed = [line for line in lines if line.startswith("failed")]
    assert os.WIFSIGNALED(status), f"kill {seed}: {failed}"
    for line in lines:
        told.take(line)
    return len(lines)


def void(_: object) -> None:
    """Let a value go."""


@pytest.mark.parametrize("number", range(LOGS))
def test_nothing_acknowledged_is_lost(number: int, memory: Path) -> None:
    told = Acknowledged()
    heard = sum(killed(memory, told, number * 1000 + kill) for kill in range(KILLS_A_LOG))
    assert heard >= 2 * KILLS_A_LOG, "the workers did hardly any work: the test would prove nothing"
    assert told.published > 10
    ledger = Ledger.open(memory / "log.db", KEYS, CLOCK)
    try:
        assert ledger.check(EVERYTHING) == []
        assert {index: ledger.leaf(index).hex() for index in told.leaves} == told.leaves
        assert {size: ledger.root(size).hex() for size in told.heads} == told.heads
    finally:
        ledger.close()
