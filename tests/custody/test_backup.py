"""Backups: the restore drill, what is new only, and every flipped byte found."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from sealtrace.custody import backup, retention
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import Corrupted, HistoryForked, HomeExists, InputMissing, StorageFailed
from sealtrace.ledger.check import EVERYTHING

from ..conftest import prose

WHO = Recipient("li.wei", "WS-017", "10.1.2.3")


def registered(custody: Custody, folder: Path, seed: int) -> str:
    path = folder / f"notes-{seed}.txt"
    path.write_text("\n".join(prose(seed, 30)), "utf-8")
    [done] = custody.register([path])
    return str(done.code)


@pytest.fixture
def copy(custody: Custody, tmp_path: Path) -> IssuedCopy:
    return custody.issue(registered(custody, tmp_path, 1), WHO, tmp_path / "copy.txt")


def reopened(custody: Custody, place: Path) -> Custody:
    return Custody.open(place, key_file=custody.office.home.folder / "keys" / "home.key")


def test_the_restore_drill(custody: Custody, tmp_path: Path, copy: IssuedCopy) -> None:
    """Back up while others write, verify, lose the home, restore, check all of it, trace a copy from it."""
    backups, stop, told, failed = tmp_path / "backups", threading.Event(), [0], []

    def write() -> None:
        try:
            while not stop.is_set():
                custody.issue_many(str(copy.code), [WHO] * 20, None)
                told[0] += 20
        except BaseException as e:
            failed.append(e)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while told[0] < 40 and not failed:
            stop.wait(0.001)
        made = [backup.create(custody.office, backups) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    assert failed == []
    assert custody.office.ledger.size() == 3 + told[0]
    assert made[0].entries >= 43
    for one in made:
        assert backup.verify(backups, one.name)["entries"] == one.entries
    with pytest.raises(HomeExists):
        backup.restore(backups, tmp_path / "home")
    key = (tmp_path / "home" / "keys" / "home.key").read_bytes()
    custody.close()
    shutil.rmtree(tmp_path / "home")
    backup.restore(backups, tmp_path / "home")
    (tmp_path / "home" / "keys" / "home.key").write_bytes(key)
    with Custody.open(tmp_path / "home") as restored:
        assert restored.office.ledger.size() == made[-1].entries
        assert restored.check(EVERYTHING) == []
        answer = restored.trace([tmp_path / "copy.txt"])
        assert [str(c.accused.copy) for c in answer.copies] == [str(copy.id)]
        assert answer.copies[0].operator == WHO.operator
        assert restored.export_evidence(answer.trace, tmp_path / "evidence") > 0


def test_only_what_is_new_is_written(custody: Custody, tmp_path: Path, copy: IssuedCopy) -> None:
    custody.issue_many(str(copy.code), [WHO] * 2000, None)
    backups = tmp_path / "backups"
    first = backup.create(custody.office, backups)
    assert first.new_bytes == first.all_bytes
    again = backup.create(custody.office, backups)
    assert again.new_bytes == 0
    registered(custody, tmp_path, 2)
    third = backup.create(custody.office, backups)
    assert 0 < third.new_bytes < third.all_bytes / 2
    assert len(backup.names(backups)) == 2, "the same second and the same entries: one backup"


def test_a_restored_home_can_not_fork_what_was_published(
    custody: Custody, tmp_path: Path, copy: IssuedCopy
) -> None:
    backups, tiles = tmp_path / "backups", tmp_path / "tiles"
    backup.create(custody.office, backups)
    registered(custody, tmp_path, 2)
    custody.export_log(tiles)
    published = (tiles / "checkpoint").read_bytes()
    backup.restore(backups, tmp_path / "again")
    with reopened(custody, tmp_path / "again") as restored:
        with pytest.raises(HistoryForked):
            restored.export_log(tiles)
        for seed in (3, 4):
            registered(restored, tmp_path, seed)
        with pytest.raises(HistoryForked):
            restored.may_export(tiles)
        with pytest.raises(HistoryForked):
            restored.export_log(tiles)
    assert (tiles / "checkpoint").read_bytes() == published


def test_shards_are_backed_up_and_restored(custody: Custody, tmp_path: Path, copy: IssuedCopy) -> None:
    custody.issue_many(str(copy.code), [WHO] * 300, None)
    retention.close_shard(custody.office, "early", 256)
    backup.create(custody.office, tmp_path / "backups")
    backup.restore(tmp_path / "backups", tmp_path / "again")
    with reopened(custody, tmp_path / "again") as restored:
        assert restored.office.ledger.entry(5) == custody.office.ledger.entry(5)
        assert restored.check(EVERYTHING) == []


def test_every_flipped_byte_is_found(custody: Custody, tmp_path: Path, copy: IssuedCopy) -> None:
    backups = tmp_path / "backups"
    backup.create(custody.office, backups)
    files = [p for p in backups.rglob("*") if p.is_file()]
    assert {p.relative_to(backups).parts[0] for p in files} == {"chunks", "vault", "snapshots", "people.cbor"}
    for path in files:
        whole = path.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            with pytest.raises(Corrupted):
                backup.verify(backups)
            with pytest.raises(Corrupted):
                backup.restore(backups, tmp_path / "again")
            assert not (tmp_path / "again").exists(), "nothing half-restored stays"
        path.unlink()
        with pytest.raises((Corrupted, InputMissing)):
            backup.verify(backups)
        path.write_bytes(whole)
    assert backup.verify(backups)


def test_a_backup_of_another_home_is_told_apart(custody: Custody, tmp_path: Path, copy: IssuedCopy) -> None:
    backup.create(custody.office, tmp_path / "backups")
    with Custody.create(tmp_path / "other", org="Other") as other:
        from sealtrace.custody.prove import public_key

        with pytest.raises(Corrupted, match="another home"):
            backup.verify(tmp_path / "backups", key=public_key(other.office.home))
    assert backup.verify(tmp_path / "backups", key=public_key(custody.office.home))


def test_pruning_keeps_what_the_rest_needs(custody: Custody, tmp_path: Path, copy: IssuedCopy) -> None:
    backups = tmp_path / "backups"
    for seed in (2, 3, 4):
        registered(custody, tmp_path, seed)
        backup.create(custody.office, backups)
    newest = backup.names(backups)[-1]
    told = backup.prune(backups, 1, dry_run=True)
    assert len(backup.names(backups)) == 3
    assert backup.prune(backups, 1) == told
    assert told[0] == 2
    assert told[1] > 0
    assert backup.names(backups) == [newest]
    assert backup.verify(backups)
    assert backup.prune(backups, 1) == (0, 0)


def test_a_place_without_backups_and_one_that_can_not_be_written(custody: Custody, tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        backup.verify(tmp_path)
    with pytest.raises(InputMissing):
        backup.restore(tmp_path, tmp_path / "again")
    with pytest.raises(StorageFailed):
        backup.create(custody.office, Path("/proc/nowhere"))
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed):
        backup.create(custody.office, tmp_path / "file" / "below")


def test_a_passphrase_home_needs_nothing_else(tmp_path: Path) -> None:
    with Custody.create(tmp_path / "home", org="Works", passphrase="open sesame") as made:
        backup.create(made.office, tmp_path / "backups")
    backup.restore(tmp_path / "backups", tmp_path / "again")
    assert (tmp_path / "again" / "keys" / "keyring.json").stat().st_mode & 0o777 == 0o600
    with Custody.open(tmp_path / "again", passphrase="open sesame") as restored:
        assert restored.check(EVERYTHING) == []
    assert [p.name for p in (tmp_path / "again" / "keys").iterdir()] == ["keyring.json"]
