"""Views of many readers entered together: each is durable before its picture is given, and fails closed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from sealtrace.custody import controls
from sealtrace.custody.model import Recipient
from sealtrace.custody.reading import Opening, Reader
from sealtrace.custody.service import Custody
from sealtrace.errors import CopyEnded, StorageFailed
from sealtrace.ids import FileCode, VersionRef
from sealtrace.ledger.check import EVERYTHING


@pytest.fixture
def ref(custody: Custody, page_png: Callable[..., Path]) -> VersionRef:
    return VersionRef(custody.register([page_png(21, size=(620, 877))])[0].code, 1)


def reader(number: int) -> Reader:
    return Reader(Recipient(f"op-{number:03d}", f"dev-{number}", "10.0.0.1"), f"session-{number}")


def opened(custody: Custody, ref: VersionRef, readers: int) -> list[Opening | BaseException]:
    """What each of several readers gets who open a page at the same time."""
    got: list[Opening | BaseException] = []

    def open_one(number: int) -> None:
        try:
            got.append(custody.office.reading_room.open_page(ref, 1, reader(number)))
        except BaseException as e:
            got.append(e)

    threads = [threading.Thread(target=open_one, args=(n,)) for n in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_those_who_come_while_the_home_is_busy_are_entered_in_one_commit(
    custody: Custody, ref: VersionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    append = custody.office.ledger.append_each

    def counted(orders: object) -> object:
        commits.append(len(orders))  # type: ignore[arg-type]  # a sequence, as the clerk gives it
        return append(orders)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(custody.office.ledger, "append_each", counted)
    got: list[Opening | BaseException] = []
    with custody.office.clerk._desk:  # the desk is taken until all of them wait
        crowd = threading.Thread(target=lambda: got.extend(opened(custody, ref, 6)))
        crowd.start()
        while len(custody.office.clerk._waiting) < 6:
            crowd.join(0.005)
    crowd.join()
    assert commits == [6]
    pictures = {one.entry.index: one.picture for one in got if isinstance(one, Opening)}
    assert len(set(pictures.values())) == 6, "everybody has a copy of their own"
    assert not custody.check(EVERYTHING)


def test_a_commit_that_fails_fails_everybody_who_waited_for_it(
    custody: Custody, ref: VersionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = custody.office.ledger.size()
    custody.office.reading_room.open_page(ref, 1, reader(99))
    ledger = custody.office.ledger

    def full(*_: object) -> None:
        raise apsw.FullError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(ledger, "_write_head", full)
        got = opened(custody, ref, 5)
    assert [type(one) for one in got] == [StorageFailed] * 5, "not one picture was given"
    assert ledger.size() == size + 1
    assert len(custody.copies(code=str(ref.code))) == 1
    again = opened(custody, ref, 5)
    assert sum(isinstance(one, Opening) for one in again) == 5, "and the next is entered as ever"


@pytest.mark.parametrize("entered", [False, True])
def test_a_process_that_dies_at_its_commit_has_given_nothing_that_is_not_entered(
    custody: Custody, ref: VersionRef, tmp_path: Path, entered: bool
) -> None:
    """Killed just before and just after the commit: a picture given means an entry kept, never the other way."""
    given, home = tmp_path / "given.jpg", custody.office.home.folder
    custody.close()
    child = os.fork()
    if child == 0:
        with Custody.open(home) as mine:
            append = mine.office.ledger.append_each

            def die(orders: object) -> None:
                if entered:
                    append(orders)  # type: ignore[arg-type]  # passed on as it came
                os.kill(os.getpid(), signal.SIGKILL)

            mine.office.ledger.append_each = die  # type: ignore[method-assign,assignment]  # for this process
            given.write_bytes(mine.office.reading_room.open_page(ref, 1, reader(1)).picture)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert not given.exists()
    with Custody.open(home) as after:
        assert len(after.copies(operator="op-001")) == entered
        assert not after.check(EVERYTHING)
        assert after.office.reading_room.open_page(ref, 1, reader(1)).first is not entered


def test_what_was_decided_stops_a_page_that_is_kept_in_memory(custody: Custody, ref: VersionRef) -> None:
    room = custody.office.reading_room
    mine = room.open_page(ref, 1, reader(1))
    controls.revoke(custody.office, mine.copy, by="op-900", reason="left")
    with pytest.raises(CopyEnded):
        room.open_page(ref, 1, reader(1))
    assert room.open_page(ref, 1, reader(2)).first, "another reader's goes on"
    controls.reinstate(custody.office, mine.copy, by="op-900", reason="came back")
    assert room.open_page(ref, 1, reader(1)).picture == mine.picture


def test_a_new_version_is_another_page(
    custody: Custody, ref: VersionRef, page_png: Callable[..., Path]
) -> None:
    room = custody.office.reading_room
    old = room.open_page(VersionRef(FileCode.parse(str(ref.code)), 1), 1, reader(1))
    custody.register([page_png(22, size=(620, 877))], new_version_of=str(ref.code))
    new = room.open_page(custody.version(str(ref.code)).ref, 1, reader(1))
    assert new.first
    assert (new.copy, new.picture) != (old.copy, old.picture)
