"""Yearly shards and their purge: bodies go, hashes, receipts and proofs stay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody import keys, retention
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import Corrupted, NotRegistered, UsageProblem
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.model import Entry
from sealtrace.ledger.monitor import Monitor, folder_source
from sealtrace.ledger.verify import verify_inclusion, verify_receipt
from sealtrace.trace.verify import verify

from ..conftest import AT, prose
from ..ledger.rig import CLOCK, every_byte

WHO = Recipient("li.wei", "WS-017", "10.1.2.3")
ORDER = {"authority": "records office", "basis": "档案法 art. 31"}


def issue(custody: Custody, count: int) -> str:
    path = custody.office.home.folder.parent / "notes.txt"
    path.write_text("\n".join(prose(3, 30)), "utf-8")
    [done] = custody.register([path])
    custody.issue_many(str(done.code), [WHO] * count, None)
    return str(done.code)


@pytest.fixture
def filled(custody: Custody) -> list[Entry]:
    issue(custody, 600)
    return list(custody.office.ledger.entries())


def test_a_closed_shard_changes_nothing_that_can_be_read_or_proved(
    custody: Custody, filled: list[Entry]
) -> None:
    ledger, root = custody.office.ledger, custody.office.ledger.root()
    shard, entry = retention.close_shard(custody.office, "first")
    assert (shard.first, shard.past, entry.index) == (0, 512, 602)
    assert list(ledger.entries(0, 602)) == filled
    assert ledger.root(602) == root
    assert verify_receipt(ledger.receipt(3), filled[3].statement, ledger.keys().receipt_keys).index == 3
    assert custody.check() == []
    assert custody.check(EVERYTHING) == []
    path = ledger.shards.path(shard)
    assert path.stat().st_mode & 0o777 == 0o400
    assert filled[100].statement in path.read_bytes()
    database = (custody.office.home.database, custody.office.home.database.with_suffix(".db-wal"))
    ledger.empty_write_ahead_log()
    assert not any(filled[100].statement in p.read_bytes() for p in database if p.exists())


def test_a_year_takes_what_is_dated_in_it(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
    with Custody.create(tmp_path / "home", org="Works", clock=clock) as custody:
        code = issue(custody, 300)
        clock.at = datetime(2027, 1, 1, tzinfo=UTC)
        custody.issue_many(code, [WHO] * 300, None)
        with pytest.raises(UsageProblem):
            retention.close_shard(custody.office, "2025")
        assert retention.stretch(custody.office, "2026") == (0, 256)
        assert retention.close_shard(custody.office, "2026")[0].past == 256
        assert retention.close_shard(custody.office, "2027")[0].past == 512
        assert [s.name for s in custody.office.ledger.shards.all()] == ["2026", "2027"]
        assert custody.check(EVERYTHING) == []


@pytest.mark.parametrize(
    ("name", "past"),
    [("x", 100), ("x", 0), ("x", 1024), ("x", 99_840), ("../x", 256), ("", 256), ("a b", 256)],
)
def test_what_can_not_be_a_shard_is_refused(
    custody: Custody, filled: list[Entry], name: str, past: int
) -> None:
    with pytest.raises(UsageProblem):
        retention.close_shard(custody.office, name, past)
    assert custody.office.ledger.size() == 602
    assert custody.check(EVERYTHING) == []


def test_a_name_is_used_once(custody: Custody, filled: list[Entry]) -> None:
    retention.close_shard(custody.office, "one", 256)
    with pytest.raises(UsageProblem, match="can't be named"):
        retention.close_shard(custody.office, "one", 512)


@pytest.mark.parametrize("harm", ["flip", "remove"])
def test_harm_to_a_shard_is_found_by_name(custody: Custody, filled: list[Entry], harm: str) -> None:
    shard, _ = retention.close_shard(custody.office, "first")
    path = custody.office.ledger.shards.path(shard)
    data = bytearray(path.read_bytes())
    path.unlink()
    if harm == "flip":
        at = data.index(filled[77].statement) + 40
        data[at] ^= 1
        path.write_bytes(data)
    problems = [p for p in _checked(custody) if "shard first" in p or "entry 77" in p]
    assert problems


def _checked(custody: Custody) -> list[str]:
    try:
        return [f"{p.place}: {p.problem}" for p in custody.check(EVERYTHING)]
    except Corrupted as e:
        return [e.message]


def test_after_a_purge_bodies_are_gone_and_proofs_hold(
    custody: Custody, tmp_path: Path, filled: list[Entry]
) -> None:
    ledger, tiles = custody.office.ledger, tmp_path / "tiles"
    custody.export_log(tiles)
    watch = Monitor(folder_source(tiles), tmp_path / "memory", ledger.keys().verifier_keys, CLOCK)
    assert watch.look().findings == ()
    retention.close_shard(custody.office, "first")
    body = filled[100].statement
    assert any(body in data for _, data in every_byte(tmp_path / "home", tiles))
    retention.purge_shard(custody.office, "first", **ORDER)
    custody.export_log(tiles)
    assert [str(p) for p, data in every_byte(tmp_path / "home", tiles) if body in data] == []
    with pytest.raises(NotRegistered, match="purged"):
        ledger.entry(100)
    assert ledger.leaf(100) == filled[100].leaf
    for index in (1, 100, 511, 560):
        held = verify_receipt(ledger.receipt(index), filled[index].statement, ledger.keys().receipt_keys)
        assert held.index == index
        size = ledger.size()
        verify_inclusion(index, size, filled[index].leaf, ledger.inclusion(index, size), ledger.root(size))
    assert custody.check(EVERYTHING) == []
    assert watch.look().findings == (), "who followed the log goes on"
    assert len(custody.copies(operator=WHO.operator)) == 600, "the register can still be read"
    [(_, opening)] = custody.office.acts(retention.PURGED)
    assert (opening["authority"][1], opening["basis"][1]) == tuple(ORDER.values())
    with pytest.raises(NotRegistered):
        retention.purge_shard(custody.office, "first", **ORDER)


def test_a_fresh_export_after_a_purge_has_hashes_and_no_bodies(
    custody: Custody, tmp_path: Path, filled: list[Entry]
) -> None:
    retention.close_shard(custody.office, "first")
    retention.purge_shard(custody.office, "first", **ORDER)
    custody.export_log(tmp_path / "tiles")
    names = {str(p.relative_to(tmp_path / "tiles")) for p, _ in every_byte(tmp_path / "tiles")}
    assert {"tile/0/000", "tile/0/001", "tile/1/000.p/2"} <= names
    assert not {"tile/entries/000", "tile/entries/001"} & names


@pytest.mark.parametrize(("pruned", "alarms"), [(512, []), (511, ["broken-tree"]), (0, ["broken-tree"])])
def test_a_new_monitor_must_be_told_what_was_purged(
    custody: Custody, tmp_path: Path, filled: list[Entry], pruned: int, alarms: list[str]
) -> None:
    retention.close_shard(custody.office, "first")
    retention.purge_shard(custody.office, "first", **ORDER)
    custody.export_log(tmp_path / "tiles")
    keys_now = custody.office.ledger.keys()
    watch = Monitor(
        folder_source(tmp_path / "tiles"), tmp_path / "memory", keys_now.verifier_keys, CLOCK,
        statement_keys=keys_now.statement_keys, pruned=pruned,
    )  # fmt: skip
    assert [finding.alarm for finding in watch.look().findings] == alarms


def test_evidence_can_be_written_after_a_purge(custody: Custody, tmp_path: Path) -> None:
    """The home's first entry and its rotations are spared: all evidence rests on them."""
    code = issue(custody, 300)
    keys.rotate(custody.office)
    custody.issue_many(code, [WHO] * 300, None)
    retention.close_shard(custody.office, "first")
    retention.purge_shard(custody.office, "first", **ORDER)
    copy = custody.issue(code, WHO, tmp_path / "copy.txt")
    answer = custody.trace([tmp_path / "copy.txt"])
    assert [str(c.accused.copy) for c in answer.copies] == [str(copy.id)]
    custody.export_evidence(answer.trace, tmp_path / "evidence")
    report = verify(tmp_path / "evidence", expected_key=custody.office.ledger.keys().verifier_keys[0])
    assert report.holds, report.claims


def test_a_crash_after_the_purge_was_entered_is_finished_at_the_next_opening(
    custody: Custody, tmp_path: Path, filled: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    shard, _ = retention.close_shard(custody.office, "first")
    path = custody.office.ledger.shards.path(shard)
    with monkeypatch.context() as patch:
        patch.setattr(type(custody.office.ledger.shards), "remove_purged", lambda _: None)
        retention.purge_shard(custody.office, "first", **ORDER)
    assert path.exists()
    custody.close()
    Custody.open(tmp_path / "home", clock=FixedClock(AT)).close()
    assert not path.exists()
