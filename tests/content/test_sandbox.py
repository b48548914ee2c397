"""The sandbox: a worker that may die without harm."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sealtrace import sandbox
from sealtrace.errors import InputDamaged, InputRefused, InputTooLarge


def double(value: int) -> int:
    return 2 * value


def refuse() -> None:
    raise InputDamaged("page 3 is torn", advice="tape it")


def forever() -> None:
    while True:
        pass


def greedy(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def surprise() -> None:
    raise KeyError("nobody foresaw this")


def noisy() -> str:
    print("to standard output")
    os.write(1, b"and past python")
    return "quiet"


def worker_pid() -> int:
    return os.getpid()


def write_file(path: Path, size_bytes: int) -> None:
    path.write_bytes(bytes(size_bytes))


def test_answers_and_stays_warm() -> None:
    assert sandbox.call(double, 21) == 42
    assert sandbox.call(worker_pid) == sandbox.call(worker_pid) != os.getpid()


def test_our_errors_come_through_whole() -> None:
    with pytest.raises(InputDamaged, match="page 3 is torn") as caught:
        sandbox.call(refuse)
    assert caught.value.hint == "tape it"


def test_time_memory_death_and_surprise_are_named_and_harm_nobody() -> None:
    with pytest.raises(InputTooLarge, match="longer than"):
        sandbox.call(forever, limits=sandbox.Limits(seconds=0.3))
    with pytest.raises(InputTooLarge, match="memory"):
        sandbox.call(greedy, 4 << 30, limits=sandbox.Limits(memory_bytes=1 << 30))
    with pytest.raises(InputRefused):
        sandbox.call(die)
    with pytest.raises(InputRefused, match="KeyError"):
        sandbox.call(surprise)
    assert sandbox.call(double, 2) == 4


def test_printing_does_not_disturb_the_pipe() -> None:
    assert sandbox.call(noisy) == "quiet"
    assert sandbox.call(double, 3) == 6


def test_a_forked_child_gets_a_worker_of_its_own() -> None:
    mine = sandbox.call(worker_pid)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, str(sandbox.call(worker_pid)).encode())
        os._exit(0)
    os.close(write_end)
    theirs = int(os.read(read_end, 100))
    os.close(read_end)
    os.waitpid(child, 0)
    assert theirs != mine
    assert sandbox.call(worker_pid) == mine
