"""The start-up self-test: the same small amount of work at any size, and what it catches."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from sealtrace.ledger import selftest
from sealtrace.ledger.log import Ledger

from .rig import log_of


@pytest.mark.parametrize("size", [0, 1, 700])
def test_a_sound_log_passes(tmp_path: Path, size: int) -> None:
    assert selftest.run(log_of(tmp_path / "log.db", size)) == []


def test_it_reads_a_fixed_number_of_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    real = Ledger.entry

    def counting(self: Ledger, index: int) -> object:
        read.append(index)
        return real(self, index)

    monkeypatch.setattr(Ledger, "entry", counting)
    for size in (1, 30, 700):
        log = log_of(tmp_path / f"{size}.db", size)
        read.clear()
        selftest.run(log)
        assert len(read) == selftest.SAMPLES
        assert read[0] == size - 1, "the newest entry is always among them"
    assert selftest.TESTS == 4 + selftest.SAMPLES


def test_wrong_answers_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(tmp_path / "log.db", 0)
    for name, said in (("_ROOT_OF_LEAVES", "tree hash"), ("_SM3_ABC", "SM3"), ("_SIGNATURE", "Ed25519")):
        with monkeypatch.context() as patch:
            patch.setattr(selftest, name, "00")
            [problem] = selftest.run(log)
        assert said in problem.problem


@pytest.mark.parametrize("harm", ["UPDATE bundles SET statements = zeroblob(90)", "DELETE FROM bundles"])
def test_entries_altered_or_removed_in_bulk_are_found(tmp_path: Path, harm: str) -> None:
    log = log_of(tmp_path / "log.db", 50)
    with apsw.Connection(str(tmp_path / "log.db")) as db:
        db.execute(harm)
    assert any(problem.place == "entry 49" for problem in selftest.run(log))
