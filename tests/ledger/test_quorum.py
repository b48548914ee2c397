"""Witnesses are asked, and below their quorum nothing is sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealtrace.errors import ProofInvalid, QuorumMissing, UsageProblem
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.note import Note
from sealtrace.ledger.notekey import NoteKey
from sealtrace.ledger.quorum import Asker, Policy, load, save
from sealtrace.ledger.witness import Reply

from .rig import Town, draft, log_of, signers


@pytest.fixture
def log(tmp_path: Path) -> Ledger:
    return log_of(tmp_path / "log.db", 5)


@pytest.fixture
def town(tmp_path: Path, log: Ledger) -> Town:
    return Town(tmp_path, 4, log.keys().verifier_keys)


def lines(note: str) -> list[tuple[str, bytes]]:
    return [(line.name, line.digest) for line in Note.parse(note).lines]


def test_a_sealed_head_carries_the_logs_own_and_every_witness_lines(log: Ledger, town: Town) -> None:
    policy = town.policy(3)
    note = Asker(log, town.post).seal(policy)
    every = [*log.keys().verifier_keys, *log.keys().cosigner_keys, *(key for key, _ in policy.witnesses)]
    held = Note.parse(note).held_by(NoteKey.parse(key) for key in every)
    assert len(held) == 2 + 2 * 4
    assert policy.satisfied(note) == ["w0.example", "w1.example", "w2.example", "w3.example"]
    assert log.checkpoint() == note, "the lines are kept with the head"


def test_three_of_four_are_enough_and_two_are_not(log: Ledger, town: Town) -> None:
    asker, policy = Asker(log, town.post), town.policy(3)
    town.down = {"http://w1.example"}
    assert policy.satisfied(asker.seal(policy)) == ["w0.example", "w2.example", "w3.example"]
    assert list(asker.failures) == ["http://w1.example"]
    log.append([draft(99)])
    town.down = {"http://w1.example", "http://w3.example"}
    with pytest.raises(QuorumMissing, match=r"2 of the 3 .*w1\.example: connection refused"):
        asker.seal(policy)
    town.down = set()
    assert len(policy.satisfied(asker.seal(policy))) == 4, "the entries were safe, the next round seals them"


def test_each_round_asks_once_from_the_size_the_witness_holds(log: Ledger, town: Town) -> None:
    asker, policy = Asker(log, town.post), town.policy(4)
    for number in range(5):
        asker.seal(policy)
        log.append([draft(100 + number)])
    assert len(town.asked) == 5 * 4
    fresh = Asker(log, town.post)  # it does not know what they hold: one more question each
    fresh.seal(policy)
    assert len(town.asked) == 5 * 4 + 2 * 4


def test_cosignatures_of_an_older_head_do_not_count_for_a_newer(log: Ledger, town: Town) -> None:
    policy = town.policy(2)
    Asker(log, town.post).seal(policy)
    log.append([draft(50)])
    with pytest.raises(QuorumMissing):
        policy.satisfied(log.checkpoint())


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, "broken"),
        Reply(200, ""),
        Reply(200, "not a line\n"),
        Reply(409, "many\n"),
        Reply(409, "99999999999999999999999\n"),
        Reply(200, "\u2014 w0.example AAAAAAAA\n"),
    ],
)
def test_a_witness_that_answers_nonsense_is_left_out_by_name(log: Ledger, town: Town, reply: Reply) -> None:
    def post(url: str, body: bytes) -> Reply:
        return reply if url == "http://w0.example" else town.post(url, body)

    asker, policy = Asker(log, post), town.policy(3)
    assert "w0.example" not in policy.satisfied(asker.seal(policy))
    assert "http://w0.example" in asker.failures
    log.append([draft(9)])
    with pytest.raises(QuorumMissing, match=r"http://w0\.example"):
        asker.seal(town.policy(4))


def test_a_line_that_does_not_hold_is_not_taken(log: Ledger, town: Town) -> None:
    wrong = signers("w0.example")[0].line("another text\n", 0)

    def post(url: str, body: bytes) -> Reply:
        return Reply(200, wrong) if url == "http://w0.example" else town.post(url, body)

    asker = Asker(log, post)
    note = asker.seal(town.policy(3))
    assert wrong not in note
    assert "does not hold" in asker.failures["http://w0.example"]


def test_a_log_behind_its_witnesses_is_told_so(tmp_path: Path, log: Ledger, town: Town) -> None:
    log.append([draft(i) for i in range(50, 60)])
    Asker(log, town.post).seal(town.policy(4))
    restored = log_of(tmp_path / "restored.db", 5)
    with pytest.raises(QuorumMissing, match="it cosigned a head of 15 entries before; this log has 5"):
        Asker(restored, town.post).seal(town.policy(1))


def test_a_fork_of_the_same_size_is_told_so(tmp_path: Path, log: Ledger, town: Town) -> None:
    Asker(log, town.post).seal(town.policy(4))
    fork = log_of(tmp_path / "fork.db", 5, first=100)
    with pytest.raises(QuorumMissing, match="it cosigned another head of 5 entries"):
        Asker(fork, town.post).seal(town.policy(1))
    assert all(witness.forks()[0].proven for witness in town.witnesses.values())


def test_a_witness_counts_once_however_many_keys_it_has(town: Town) -> None:
    keys = town.policy(0).witnesses
    assert len(keys) == 8
    with pytest.raises(UsageProblem):
        Policy(keys, 5)


def test_a_policy_is_kept(log: Ledger, town: Town) -> None:
    assert load(log.reader()) == Policy((), 0)
    policy = town.policy(3)
    log.append([], lambda db, _: save(db, policy))
    kept = load(log.reader())
    assert (set(kept.witnesses), kept.needed) == (set(policy.witnesses), 3)


def test_a_logs_key_is_no_witness(log: Ledger) -> None:
    policy = Policy(((log.keys().verifier_keys[0], "http://x"),), 1)
    with pytest.raises(UsageProblem, match="log's key"):
        log.append([], lambda db, _: save(db, policy))
    with pytest.raises(ProofInvalid):
        Policy((("nonsense", "http://x"),), 1)
