"""The queue loses nothing: not to kill -9, not to a server that is away, not to a lost answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from sealtrace.agent import service
from sealtrace.agent.place import Place
from sealtrace.agent.queue import Queue
from sealtrace.client import Client, DeviceKey
from sealtrace.errors import HomeExists, NoHome, StorageFailed, WrongKey

LATER = 4_000_000_000.0
KILLED = """
import sys, os, signal
from pathlib import Path
from sealtrace.agent.queue import Queue
queue = Queue(Path(sys.argv[1]))
for number in range(3):
    queue.add(Path(sys.argv[2], f"{number}.txt"), level="important")
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def quiet(*_: str) -> None:
    """Tell nobody."""


def client(handler: Any) -> Client:
    return Client(
        "http://server", token="t", device="d", key=DeviceKey.generate(), sleep=lambda _s: None,
        transport=httpx.MockTransport(handler),
    )  # fmt: skip


def test_what_was_queued_is_there_after_kill_9_and_is_sent_under_the_same_key(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    for number in range(3):
        (work / f"{number}.txt").write_text(f"content {number}")
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "agent"), str(work)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
    )  # fmt: skip
    assert ran.returncode == -signal.SIGKILL
    assert ran.stdout.split() == ["0", "1", "2"]
    (work / "0.txt").write_text("changed since")
    queue = Queue(tmp_path / "agent")
    waiting = queue.waiting()
    assert [(item.name, item.level) for item in waiting] == [(f"{n}.txt", "important") for n in range(3)]
    with queue.file(waiting[0]) as path:
        assert path.read_text() == "content 0"  # as it was when it was queued
    queue.close()


def test_a_lost_answer_is_asked_for_again_with_the_same_key(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("some text")
    queue = Queue(tmp_path / "agent")
    queue.add(file, level="general")
    keys: list[str] = []
    away = True

    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/uploads"):
            sent = request.read()
            assert sent == b"some text"
            return httpx.Response(
                201, json={"id": "u", "name": "a.txt", "sha256": "", "size_bytes": len(sent)}
            )
        keys.append(request.headers["idempotency-key"])
        if away:
            raise httpx.ReadError("the answer was lost")
        row = {"name": "a.txt", "code": "ABC", "version": 1, "new": True, "entry": {"index": 1, "leaf": ""}}
        job = {"id": 1, "kind": "", "state": "done", "stage": "", "done": 1, "total": 1, "problem": None}
        return httpx.Response(202, json=job | {"result": {"files": [row]}})

    with client(server) as speaking:
        first = service.send(queue, speaking, quiet)
        assert (first.answered, first.waiting) == (0, 1)
        away = False
        assert service.send(queue, speaking, quiet) == service.Sent(1, 0)
    assert len(keys) > 2
    assert len(set(keys)) == 1
    assert [item.answer for item in queue.answered()] == [{"code": "ABC", "version": 1, "new": True}]
    assert not any(path.is_file() for path in (tmp_path / "agent" / "spool").iterdir())
    queue.close()


def test_a_refusal_is_an_answer_and_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "agent")
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
        queue.add(tmp_path / name, level="general")
    problem = {"code": "denied", "detail": "not allowed", "advice": "ask"}
    with client(lambda _r: httpx.Response(403, json=problem)) as speaking:
        assert service.send(queue, speaking, quiet) == service.Sent(2, 0)
    assert {item.answer["refused"]["code"] for item in queue.answered() if item.answer} == {"denied"}
    queue.close()


def test_looking_takes_each_settled_file_once_and_a_changed_one_again(tmp_path: Path) -> None:
    work, queue = tmp_path / "work", Queue(tmp_path / "agent")
    (work / "deep").mkdir(parents=True)
    (work / "deep" / "a.txt").write_text("one")
    (work / ".hidden").write_text("no")
    (work / "~$open.docx").write_text("no")
    (work / "link").symlink_to(work / "deep" / "a.txt")
    young = (work / "deep" / "a.txt").stat().st_mtime + 0.5
    assert service.look(work, queue, level="general", now=young, tell=quiet) == 0
    assert service.look(work, queue, level="general", now=LATER, tell=quiet) == 1
    assert service.look(work, queue, level="general", now=LATER, tell=quiet) == 0
    (work / "deep" / "a.txt").write_text("another text")
    assert service.look(work, queue, level="general", now=LATER, tell=quiet) == 1
    assert len(queue.waiting()) == 2
    queue.close()


def test_a_key_is_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "device.pem"
    made = DeviceKey.generate()
    made.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert DeviceKey.load(path).public == made.public
    with pytest.raises(StorageFailed):
        made.save(path)
    path.chmod(0o644)
    with pytest.raises(WrongKey):
        DeviceKey.load(path)


def test_a_folder_is_enrolled_once(tmp_path: Path) -> None:
    place = Place(tmp_path / "agent")
    with pytest.raises(NoHome):
        place.enrolment()
    answer = {"device": "dev-1", "token": "st_x", "operator": "op-1"}

    def connect(server: str, **options: Any) -> Client:
        options.pop("verify")
        return Client(
            server, transport=httpx.MockTransport(lambda _r: httpx.Response(201, json=answer)), **options
        )

    place.enrol("http://server", "code-1234", connect=connect)
    assert place.enrolment().device == "dev-1"
    assert (tmp_path / "agent" / "agent.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(HomeExists):
        place.enrol("http://server", "code-1234", connect=connect)
