"""A disk that refuses: each failure is StorageFailed, nothing accepted is lost, nothing half-written stays."""

from __future__ import annotations

import os
import resource
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import HomeExists, StorageFailed
from sealtrace.ledger.check import EVERYTHING

from ..conftest import prose


def forked(work: Callable[[], str]) -> str:
    """Run `work` in a child process and give back what it returned, or its traceback."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = work()
        except BaseException:
            said = traceback.format_exc()
        os.write(write_end, said.encode()[:60000])
        os._exit(0)
    os.close(write_end)
    heard = b""
    while chunk := os.read(read_end, 65536):
        heard += chunk
    os.close(read_end)
    os.waitpid(child, 0)
    return heard.decode()


def no_file_above(size_bytes: int) -> None:
    """From here on no file of this process can grow past `size_bytes`: the kernel says EFBIG."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


def big_text(folder: Path) -> Path:
    path = folder / "big.txt"
    path.write_text("\n".join(prose(3, 4000)), "utf-8")
    return path


def test_registering_on_a_full_disk_keeps_nothing_half(tmp_path: Path) -> None:
    home, path = tmp_path / "home", big_text(tmp_path)
    Custody.create(home, org="Full", org_code="FU").close()

    def work() -> str:
        with Custody.open(home) as custody:
            no_file_above(40_000)
            try:
                custody.register([path])
            except StorageFailed as e:
                return f"refused: {e.message}"
        return "registered"

    assert forked(work).startswith("refused: ")
    with Custody.open(home) as custody:
        assert custody.check(EVERYTHING) == []
        assert list(custody.versions()) == []
        assert not [p for p in (home / "vault").rglob("*") if p.is_file()]
        [done] = custody.register([path])  # the same command again, with room
        assert done.version == 1


@pytest.mark.parametrize("limit", [1_000, 20_000, 200_000])
def test_issuing_on_a_full_disk_leaves_no_half_copy(tmp_path: Path, limit: int) -> None:
    home, path = tmp_path / "home", big_text(tmp_path)
    out = tmp_path / "copy.txt"
    with Custody.create(home, org="Full", org_code="FU") as custody:
        [done] = custody.register([path])
        before = custody.office.ledger.size()

    def work() -> str:
        with Custody.open(home) as custody:
            no_file_above(limit)
            try:
                custody.issue(str(done.code), Recipient("a", "b", "10.0.0.1"), out)
            except StorageFailed as e:
                return f"refused: {e.message}"
        return "issued"

    assert forked(work).startswith("refused: ")
    assert not out.exists()
    assert not list(tmp_path.glob(".copy*"))
    with Custody.open(home) as custody:
        assert custody.check(EVERYTHING) == []
        for copy in custody.copies():  # entered before delivery failed: on record, and can be fetched
            custody.fetch(copy.id, tmp_path / "fetched.txt")
        assert custody.office.ledger.size() >= before


def test_no_ledger_no_copy(tmp_path: Path) -> None:
    """When the entry can't be written, not one byte of the copy leaves."""
    home, path = tmp_path / "home", tmp_path / "small.txt"
    path.write_text("\n".join(prose(4, 30)), "utf-8")
    out = tmp_path / "copy.txt"
    with Custody.create(home, org="Full", org_code="FU") as custody:
        [done] = custody.register([path])

    def work() -> str:
        with Custody.open(home) as custody:
            wal = (home / "register.db-wal").stat().st_size if (home / "register.db-wal").exists() else 0
            no_file_above(max(wal, 5_000) + 100)
            try:
                custody.issue(str(done.code), Recipient("a", "b", "10.0.0.1"), out)
            except StorageFailed as e:
                return f"refused: {e.message}"
        return "issued"

    assert forked(work).startswith("refused: ")
    assert not out.exists()
    with Custody.open(home) as custody:
        assert custody.check(EVERYTHING) == []
        assert custody.copies() == []


def test_a_home_that_can_not_be_made_leaves_nothing(tmp_path: Path) -> None:
    def work() -> str:
        no_file_above(2_000)
        try:
            Custody.create(tmp_path / "home", org="Full", org_code="FU")
        except StorageFailed as e:
            return f"refused: {e.message}"
        return "made"

    assert forked(work).startswith("refused: ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "mine.txt").write_text("mine")
    with pytest.raises(HomeExists):
        Custody.create(tmp_path / "home", org="X")
    assert (tmp_path / "home" / "mine.txt").read_text() == "mine"


def test_what_a_killed_process_left_is_swept_up(custody: Custody, tmp_path: Path) -> None:
    left = custody.office.home.staging / "issue-dead"
    left.mkdir()
    (left / "original.pdf").write_bytes(b"plain text of a secret")
    path = tmp_path / "a.txt"
    path.write_text("\n".join(prose(1, 10)), "utf-8")
    custody.register([path])
    assert list(custody.office.home.staging.iterdir()) == []
