"""Publishing: a log that does not extend what was seen is refused before a byte is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sealtrace.errors import HistoryForked
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.note import open_checkpoint
from sealtrace.ledger.publish import publish

from .rig import CLOCK, draft, every_byte, keys, log_of


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p): data for p, data in every_byte(folder, without=lambda p: p.name == ".lock")}


def test_full_files_are_written_once_and_never_touched(tmp_path: Path) -> None:
    log, out = log_of(tmp_path / "log.db", 600), tmp_path / "out"
    publish(log, out, log.complete())
    before = snapshot(out)
    log.append([draft(i) for i in range(1000, 1300)])
    publish(log, out, log.complete())
    after = snapshot(out)
    checkpoint = str(out / "checkpoint")
    assert {k: v for k, v in before.items() if k != checkpoint} == {
        k: v for k, v in after.items() if k in before and k != checkpoint
    }
    assert str(out / "tile/entries/002") in after
    assert not list(out.rglob("*.part"))


def test_publishing_twice_changes_nothing(tmp_path: Path) -> None:
    log, out = log_of(tmp_path / "log.db", 300), tmp_path / "out"
    publish(log, out, log.complete())
    before = snapshot(out)
    publish(log, out, log.complete())
    assert snapshot(out) == before


def test_a_log_restored_from_an_old_copy_can_not_fork(tmp_path: Path) -> None:
    place, out = tmp_path / "log.db", tmp_path / "out"
    log = log_of(place, 10)
    log.close()
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(place, tmp_path / "elsewhere" / "log.db")
    log = Ledger.open(place, keys(), CLOCK)
    log.append([draft(1)])
    publish(log, out, log.complete())
    log.close()
    before = snapshot(out)
    restored = Ledger.open(tmp_path / "elsewhere" / "log.db", keys(), CLOCK)
    with pytest.raises(HistoryForked, match="11 entries that was published; this log has 10"):
        publish(restored, out, restored.complete())
    restored.append([draft(i) for i in range(70, 75)])  # as long and longer, with other entries
    with pytest.raises(HistoryForked, match="another root at 11 entries"):
        publish(restored, out, restored.complete())
    assert snapshot(out) == before


def test_the_lock_elsewhere_stops_a_fork_when_the_folder_is_restored_too(tmp_path: Path) -> None:
    log, out, lock = log_of(tmp_path / "log.db", 10), tmp_path / "out", tmp_path / "far" / "head"
    publish(log, out, log.complete(), lock=lock)
    shutil.copytree(out, tmp_path / "old")
    log.append([draft(1)])
    publish(log, out, log.complete(), lock=lock)
    shutil.rmtree(out)
    (tmp_path / "old").rename(out)
    fork = log_of(tmp_path / "fork.db", 10)
    fork.append([draft(2)])
    publish(fork, tmp_path / "unlocked", fork.complete())
    with pytest.raises(HistoryForked):
        publish(fork, out, fork.complete(), lock=lock)


@pytest.mark.parametrize("harm", ["", "nonsense\n", None])
def test_a_published_head_that_does_not_verify_stops_publishing(tmp_path: Path, harm: str | None) -> None:
    log, out = log_of(tmp_path / "log.db", 3), tmp_path / "out"
    publish(log, out, log.complete())
    note = (out / "checkpoint").read_text("utf-8")
    (out / "checkpoint").write_text(note.replace("\n3\n", "\n2\n", 1) if harm is None else harm, "utf-8")
    with pytest.raises(HistoryForked, match="can't be verified"):
        publish(log, out, log.complete())


def test_a_head_signed_before_a_rotation_is_still_this_logs(tmp_path: Path) -> None:
    log, out = log_of(tmp_path / "log.db", 3), tmp_path / "out"
    publish(log, out, log.complete())
    old = log.keys().verifier_keys
    log.append(
        [draft(1)],
        lambda db, _: db.execute("INSERT INTO generations VALUES (1, 0, 3), (2, 3, NULL)") and None,
    )
    assert set(log.keys().verifier_keys).isdisjoint(old)
    assert log.keys().retired_keys == old
    assert publish(log, out, log.complete()).size == 4
    assert open_checkpoint((out / "checkpoint").read_text("utf-8"), log.keys().verifier_keys).size == 4
