"""The log before the world, as the home's owner drives it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sealtrace.custody import publication
from sealtrace.custody.service import Custody
from sealtrace.errors import HistoryForked, ProofInvalid, QuorumMissing, UsageProblem
from sealtrace.ledger import timestamps
from sealtrace.ledger.note import open_checkpoint
from sealtrace.ledger.quorum import Policy
from sealtrace.vault.keyring import ShareOrder

from ..ledger.rig import Town, draft, every_byte
from ..ledger.test_timestamps import Authority


@pytest.fixture
def town(custody: Custody, tmp_path: Path) -> Town:
    return Town(tmp_path, 4, custody.office.ledger.keys().verifier_keys)


def test_below_the_quorum_nothing_is_published(custody: Custody, tmp_path: Path, town: Town) -> None:
    publication.set_policy(custody.office, town.policy(3))
    town.down = {"http://w0.example", "http://w1.example"}
    with pytest.raises(QuorumMissing):
        custody.export_log(tmp_path / "tiles", post=town.post)
    assert every_byte(tmp_path / "tiles") == []
    town.down.pop()
    note = custody.export_log(tmp_path / "tiles", post=town.post)
    assert len(town.policy(3).satisfied((tmp_path / "tiles" / "checkpoint").read_text("utf-8"))) == 3
    assert open_checkpoint(note, custody.office.ledger.keys().verifier_keys).size == 2


def test_a_changed_policy_is_an_entry(custody: Custody, town: Town) -> None:
    publication.set_policy(custody.office, town.policy(3))
    publication.set_policy(custody.office, Policy((), 0))
    told = [opening["needed"][1] for _, opening in custody.office.acts("ledger:policy-set")]
    assert told == [3, 0], "a weakened quorum shows"
    assert publication.policy(custody.office) == Policy((), 0)
    bad = Policy(((custody.office.ledger.keys().verifier_keys[0], "http://x"),), 1)
    with pytest.raises(UsageProblem):
        publication.set_policy(custody.office, bad)
    assert custody.office.ledger.size() == 3


def test_a_forked_home_asks_no_witness(custody: Custody, tmp_path: Path, town: Town) -> None:
    """The comparison comes first: a restored home does not even show its head to the witnesses."""
    publication.set_policy(custody.office, town.policy(3))
    custody.office.ledger.empty_write_ahead_log()
    shutil.copytree(tmp_path / "home", tmp_path / "old")
    custody.office.ledger.append([draft(1)])
    custody.export_log(tmp_path / "tiles", post=town.post)
    town.asked.clear()
    with Custody.open(tmp_path / "old") as old, pytest.raises(HistoryForked):
        old.export_log(tmp_path / "tiles", post=town.post)
    assert town.asked == []


def test_the_lock_file_elsewhere(custody: Custody, tmp_path: Path) -> None:
    lock = tmp_path / "far" / "head"
    custody.export_log(tmp_path / "tiles", lock=lock)
    assert lock.read_bytes() == (tmp_path / "tiles" / "checkpoint").read_bytes()
    assert custody.may_export(tmp_path / "tiles", lock=lock) == 1


def test_a_stamp_is_kept_and_a_wrong_one_is_not(custody: Custody, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path / "tsa"), Authority(tmp_path / "other")
    at = publication.stamp(custody.office, authority.ask, authority.roots)
    with pytest.raises(ProofInvalid):
        publication.stamp(custody.office, other.ask, authority.roots)
    [(size, said, note, token)] = timestamps.kept(custody.office.db)
    assert (size, said) == (1, at.isoformat())
    assert timestamps.check(note, token, authority.roots) == at


def test_a_home_sealed_with_shares_starts_with_enough_of_them(tmp_path: Path) -> None:
    (tmp_path / "shares").mkdir()
    order = ShareOrder(2, 3, tmp_path / "shares")
    with Custody.create(tmp_path / "home", org="Works", shares=order) as made:
        keys = made.office.ledger.keys()
    with Custody.open(tmp_path / "home", shares=order.paths[1:]) as opened:
        assert opened.office.ledger.keys() == keys
        opened.export_log(tmp_path / "tiles")
