"""Asking witnesses: all at once, and no longer than the quorum needs."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.errors import QuorumMissing
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import LedgerKeys
from sealtrace.ledger.notekey import COSIGN_ED25519, NoteSigner
from sealtrace.ledger.quorum import Asker, Policy
from sealtrace.ledger.witness import Reply, Witness

KEYS = LedgerKeys("test.example/log", "urn:test:issuer", lambda name: hashlib.sha256(name.encode()).digest())
CLOCK = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))


class Partners:
    """Four witnesses at hand; some may be away, or hold their answer back until the test ends."""

    def __init__(self, folder: Path, log_key: str) -> None:
        self.signers = [
            NoteSigner.from_seed(f"w{n}.example", COSIGN_ED25519, bytes([n]) * 32) for n in range(4)
        ]
        self.witnesses = [Witness(folder / f"w{n}.db", [s], CLOCK) for n, s in enumerate(self.signers)]
        for witness in self.witnesses:
            witness.add_log(log_key)
        self.away: set[str] = set()
        self.silent: set[str] = set()
        self.over = threading.Event()
        self.asked: list[str] = []

    def policy(self, needed: int) -> Policy:
        return Policy(tuple((s.public.text, str(n)) for n, s in enumerate(self.signers)), needed)

    def post(self, url: str, body: bytes) -> Reply:
        self.asked.append(url)
        if url in self.away:
            raise OSError("it is away")
        if url in self.silent:
            self.over.wait(60)
            raise OSError("it took too long")
        return self.witnesses[int(url)].add_checkpoint(body)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.create(tmp_path / "log.db", KEYS, CLOCK)
    made.append_signed([b"one", b"two"])
    return made


@pytest.fixture
def partners(ledger: Ledger, tmp_path: Path) -> Iterator[Partners]:
    made = Partners(tmp_path, ledger.keys().verifier_keys[0])
    yield made
    made.over.set()


def test_everyone_who_answers_cosigns(ledger: Ledger, partners: Partners) -> None:
    asker = Asker(ledger, partners.post)
    note = asker.seal(partners.policy(3))
    assert partners.policy(4).satisfied(note) == [f"w{n}.example" for n in range(4)]
    ledger.append_signed([b"three"])
    partners.asked.clear()
    assert len(partners.policy(4).satisfied(asker.seal(partners.policy(4)))) == 4
    assert sorted(partners.asked) == ["0", "1", "2", "3"], "what each holds is known from the round before"
    assert asker.failures == {}


def test_a_silent_witness_does_not_hold_up_a_quorum(ledger: Ledger, partners: Partners) -> None:
    partners.silent.add("2")
    note = Asker(ledger, partners.post).seal(partners.policy(3))
    assert partners.policy(3).satisfied(note) == ["w0.example", "w1.example", "w3.example"]


def test_below_the_quorum_what_came_is_kept_and_the_rest_named(ledger: Ledger, partners: Partners) -> None:
    partners.away |= {"0", "3"}
    asker = Asker(ledger, partners.post)
    with pytest.raises(QuorumMissing, match=r"2 of the 3 .* w1.example, w2.example"):
        asker.seal(partners.policy(3))
    assert asker.failures == {"0": "it is away", "3": "it is away"}
    assert len(partners.policy(2).satisfied(ledger.checkpoint())) == 2
    partners.away.clear()
    assert len(partners.policy(4).satisfied(asker.seal(partners.policy(4)))) == 4


def test_a_witness_that_holds_another_size_is_asked_again(ledger: Ledger, partners: Partners) -> None:
    Asker(ledger, partners.post).seal(partners.policy(4))
    ledger.append_signed([b"three"])
    forgetful = Asker(ledger, partners.post)
    partners.asked.clear()
    forgetful.seal(partners.policy(4))
    assert sorted(partners.asked) == sorted("01230123")
