"""A monitor believes what it computes: each way in which a log can contradict itself has its name."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.errors import Corrupted, ProofInvalid
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.monitor import Alarm, Monitor, Read, folder_source, verify_proof
from sealtrace.ledger.publish import publish
from sealtrace.ledger.quorum import Asker
from sealtrace.ledger.tilecheck import check_tiles

from .rig import AT, CLOCK, Town, draft, log_of


@pytest.fixture
def log(tmp_path: Path) -> Ledger:
    return log_of(tmp_path / "log.db", 300)


@pytest.fixture
def out(tmp_path: Path, log: Ledger) -> Path:
    publish(log, tmp_path / "out", log.complete())
    return tmp_path / "out"


def monitor(tmp_path: Path, log: Ledger, read: Read, **more: object) -> Monitor:
    keys = log.keys()
    return Monitor(
        read, tmp_path / "memory", keys.verifier_keys, CLOCK, statement_keys=keys.statement_keys, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def alarms(looker: Monitor) -> list[Alarm]:
    return [finding.alarm for finding in looker.look().findings]


def test_it_follows_an_honest_log_and_reads_each_entry_once(tmp_path: Path, log: Ledger, out: Path) -> None:
    asked: list[str] = []
    inner = folder_source(out)

    def read(name: str, limit: int) -> bytes | None:
        asked.append(name)
        return inner(name, limit)

    seen = monitor(tmp_path, log, read).look()
    assert (seen.size, seen.new_entries, seen.findings) == (300, 300, ())
    log.append([draft(i) for i in range(900, 1200)])
    publish(log, out, log.complete())
    asked.clear()
    again = monitor(tmp_path, log, read).look()  # a new process with the same memory
    assert (again.size, again.new_entries, again.findings) == (600, 300, ())
    assert "tile/entries/000" not in asked
    asked.clear()
    assert monitor(tmp_path, log, read).look().new_entries == 0
    assert asked == ["checkpoint"]


@pytest.mark.parametrize("more", [0, 1, 300])
def test_a_fork_is_called_a_fork_and_both_heads_are_kept(
    tmp_path: Path, log: Ledger, out: Path, more: int
) -> None:
    looker = monitor(tmp_path, log, folder_source(out))
    assert alarms(looker) == []
    fork = log_of(tmp_path / "fork.db", 300 + more, first=5000)
    shutil.rmtree(out)
    publish(fork, out, fork.complete())
    [found] = looker.look().findings
    assert found.alarm == Alarm.FORK
    assert found.proof is not None
    before, now = verify_proof(found.proof, log.keys().verifier_keys)
    assert (before.root, now.root) == (log.root(), fork.root())
    [again] = looker.look().findings
    assert again.proof == found.proof, "kept once"


def test_a_proof_of_heads_that_the_log_did_not_sign_is_refused(
    tmp_path: Path, log: Ledger, out: Path
) -> None:
    note = (out / "checkpoint").read_text("utf-8")
    place = tmp_path / "proof.json"
    place.write_text(json.dumps({"before": note, "now": note.replace("\n300\n", "\n301\n")}), "utf-8")
    with pytest.raises(ProofInvalid):
        verify_proof(place, log.keys().verifier_keys)
    place.write_text("[]", "utf-8")
    with pytest.raises(ProofInvalid, match="not a monitor's proof"):
        verify_proof(place, log.keys().verifier_keys)


def test_a_rollback_is_called_a_rollback(tmp_path: Path, log: Ledger, out: Path) -> None:
    shutil.copytree(out, tmp_path / "older")
    log.append([draft(1)])
    publish(log, out, log.complete())
    assert alarms(monitor(tmp_path, log, folder_source(out))) == []
    assert alarms(monitor(tmp_path, log, folder_source(tmp_path / "older"))) == [Alarm.ROLLBACK]


@pytest.mark.parametrize(
    "name", ["tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]
)
def test_a_flipped_bit_in_any_published_file_is_a_broken_tree(
    tmp_path: Path, log: Ledger, out: Path, name: str
) -> None:
    data = bytearray((out / name).read_bytes())
    for at in (0, len(data) // 2, len(data) - 1):
        flipped = bytearray(data)
        flipped[at] ^= 1
        (out / name).write_bytes(flipped)
        looker = monitor(tmp_path / str(at), log, folder_source(out))
        found = alarms(looker)
        assert found[-1:] == [Alarm.BROKEN_TREE], (name, at)
        assert looker.look().size == 0, "what was not verified is not remembered"


def test_a_missing_bundle_is_a_broken_tree(tmp_path: Path, log: Ledger, out: Path) -> None:
    (out / "tile/entries/000").unlink()
    [found] = monitor(tmp_path, log, folder_source(out)).look().findings
    assert (found.alarm, "tile/entries/000 is missing" in found.message) == (Alarm.BROKEN_TREE, True)


def test_a_checkpoint_that_does_not_hold_is_a_bad_signature(tmp_path: Path, log: Ledger, out: Path) -> None:
    note = (out / "checkpoint").read_text("utf-8")
    (out / "checkpoint").write_text(note.replace("\n300\n", "\n299\n", 1), "utf-8")
    assert alarms(monitor(tmp_path, log, folder_source(out))) == [Alarm.BAD_SIGNATURE]


def test_an_entry_of_an_unknown_issuer_is_a_bad_statement(tmp_path: Path, log: Ledger, out: Path) -> None:
    looker = Monitor(
        folder_source(out), tmp_path / "m", log.keys().verifier_keys, CLOCK,
        statement_keys=log.keys().receipt_keys,
    )  # fmt: skip
    assert set(alarms(looker)) == {Alarm.BAD_STATEMENT}


def test_it_says_when_the_quorum_is_missing_or_stale(tmp_path: Path, log: Ledger) -> None:
    town, out = Town(tmp_path, 3, log.keys().verifier_keys), tmp_path / "out"
    policy = town.policy(2)
    publish(log, out, log.complete())
    looker = monitor(tmp_path, log, folder_source(out), policy=policy, max_age_s=60.0)
    assert alarms(looker) == [Alarm.NO_QUORUM]
    publish(log, out, Asker(log, town.post).seal(policy))
    assert alarms(looker) == []
    looker._clock = FixedClock(AT + timedelta(seconds=61))
    [stale] = looker.look().findings
    assert (stale.alarm, "61 s" in stale.message) == (Alarm.STALE, True)


def test_it_says_when_nothing_can_be_read(tmp_path: Path, log: Ledger, out: Path) -> None:
    def refusing(name: str, limit: int) -> bytes | None:
        raise OSError("no route")

    assert alarms(monitor(tmp_path, log, refusing)) == [Alarm.UNREACHABLE]
    assert alarms(monitor(tmp_path, log, folder_source(tmp_path / "nowhere"))) == [Alarm.UNREACHABLE]

    def half(name: str, limit: int) -> bytes | None:
        if name.startswith("tile"):
            raise OSError("reset")
        return folder_source(out)(name, limit)

    assert alarms(monitor(tmp_path, log, half)) == [Alarm.UNREACHABLE], "no false broken tree"
    assert alarms(monitor(tmp_path, log, folder_source(out))) == []


@pytest.mark.parametrize("state", ["", "{}", '{"size": 5, "edge": [], "note": ""}', "[1]"])
def test_a_damaged_memory_is_named_and_not_forgotten(
    tmp_path: Path, log: Ledger, out: Path, state: str
) -> None:
    looker = monitor(tmp_path, log, folder_source(out))
    (tmp_path / "memory" / "state.json").write_text(state, "utf-8")
    with pytest.raises(Corrupted, match="memory"):
        looker.look()


def test_tiles_of_a_large_tree_fit_together(tmp_path: Path) -> None:
    """Level 2 needs 65,536 entries: the tiles are made from leaf hashes here."""
    from sealtrace.ledger.merkle import Frontier, number
    from sealtrace.ledger.tiles import tile_path

    size, nodes = 66_000, {}
    frontier = Frontier(0, {}.__getitem__)
    nodes = dict(frontier.append(i.to_bytes(32, "big") for i in range(size)))
    files: dict[str, bytes] = {}
    for level in range(3):
        width = size >> 8 * level
        for tile in range(-(-width // 256)):
            count = min(256, width - tile * 256)
            name = f"tile/{level}/{tile_path(tile)}" + ("" if count == 256 else f".p/{count}")
            files[name] = b"".join(nodes[number(8 * level, tile * 256 + i)] for i in range(count))
    check_tiles(files.get, size)
    for name in ("tile/2/000.p/1", "tile/1/001.p/1", "tile/1/000", "tile/0/100"):
        harmed = {**files, name: bytes([files[name][0] ^ 1]) + files[name][1:]}
        with pytest.raises(ProofInvalid):
            check_tiles(harmed.get, size)
