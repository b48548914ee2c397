"""Run a function on untrusted bytes in a worker process that may die without harm.

One warm worker, started when first needed and used again; bounds on memory, time, file size and open
files. The worker reads calls from a pipe and ends when the pipe closes, so it never outlives its parent.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import InputRefused, InputTooLarge, SealtraceError

T = TypeVar("T")

START_S = 60.0
FRAME = struct.Struct(">Q")
NO_FILES_ABOVE = 1 << 31  # bytes a worker may write into one file
OPEN_FILES = 256
PIPE_BYTES = 1 << 20
BOOT = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from sealtrace.sandbox import serve; serve()"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use: wall-clock seconds and bytes of address space."""

    seconds: float = 60.0
    memory_bytes: int = 3 << 30


DEFAULT = Limits()


class Worker:
    """One worker process and the pipes to it."""

    def __init__(self) -> None:
        environment = {
            **os.environ, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        self.pid = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-c", BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # a page's pixels in a few pieces, where the system lets a pipe hold so much
            fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        pickle.dump(sys.path, self._process.stdin)
        self._process.stdin.flush()

    def ask(self, call: tuple[Any, ...], limits: Limits) -> tuple[str, Any]:
        """Send one call and wait for its answer; ("died", how) or ("time", None) when there is none."""
        frame = pickle.dumps((limits, *call), protocol=5)
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(FRAME.pack(len(frame)) + frame)
            self._process.stdin.flush()
            answer = self._receive(time.monotonic() + limits.seconds)
        except (BrokenPipeError, EOFError):
            return "died", self._process.wait()
        except TimeoutError:
            return "time", None
        kind, value = pickle.loads(answer)  # noqa: S301 (from our own worker, over our own pipe)
        return kind, value

    def _receive(self, give_up: float) -> bytes:
        (size,) = FRAME.unpack(self._read(FRAME.size, give_up))
        return self._read(size, give_up)

    def _read(self, size: int, give_up: float) -> bytes:
        assert self._process.stdout is not None
        source, got = self._process.stdout.fileno(), bytearray()
        while len(got) < size:
            left = give_up - time.monotonic()
            if left <= 0 or not select.select([source], [], [], left)[0]:
                raise TimeoutError
            chunk = os.read(source, min(size - len(got), 1 << 20))
            if not chunk:
                raise EOFError
            got += chunk
        return bytes(got)

    def stop(self) -> None:
        """End the worker at once."""
        if self.pid == os.getpid():
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # what was still to be sent has no reader any more
                        pipe.close()


_lock = threading.Lock()
_idle: list[Worker] = []


def call(function: Callable[..., T], /, *args: Any, limits: Limits = DEFAULT, **kwargs: Any) -> T:
    """Run a module-level function in a worker process and give back what it returns.

    About 0.1 ms beside the function once a worker is warm. Concurrent calls get workers of their own.

    Raises:
        SealtraceError: what the function raised, unchanged.
        InputTooLarge: it ran out of time or memory.
        InputRefused: the worker died, or the function failed in a way nobody foresaw.
    """
    worker = _take()
    try:
        kind, value = worker.ask((function, args, kwargs), limits)
    except BaseException:
        worker.stop()
        raise
    if kind == "ok":
        _give_back(worker)
        result: T = value
        return result
    if kind == "error":
        _give_back(worker)
        raise value
    worker.stop()
    if kind == "time":
        raise InputTooLarge(f"reading the file took longer than {limits.seconds:.0f} s")
    if kind == "memory":
        raise InputTooLarge(f"reading the file took more than {limits.memory_bytes >> 20} MiB of memory")
    raise InputRefused(f"the reader failed on this file ({value})")


def _take() -> Worker:
    with _lock:
        while _idle:
            worker = _idle.pop()
            if worker.pid == os.getpid():
                return worker
    return Worker()


def _give_back(worker: Worker) -> None:
    with _lock:
        if len(_idle) < (os.cpu_count() or 1):
            _idle.append(worker)
            return
    worker.stop()


@atexit.register
def _stop_all() -> None:
    with _lock:
        while _idle:
            _idle.pop().stop()


# -- inside the worker ---------------------------------------------------------------------------


def serve() -> None:
    """Answer calls until the pipe closes. Standard output belongs to the answers alone."""
    source, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _bound()
    while len(head := source.read(FRAME.size)) == FRAME.size:
        (size,) = FRAME.unpack(head)
        frame = source.read(size)
        answer = _answer(frame)
        out.write(FRAME.pack(len(answer)))
        out.write(answer)
        out.flush()


def _answer(frame: bytes) -> bytes:
    import resource

    kind, value = "ok", None
    try:
        limits, function, args, kwargs = pickle.loads(frame)  # noqa: S301 (from our own parent)
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, resource.RLIM_INFINITY))
        signal.alarm(int(limits.seconds) + 10)  # should the parent be gone, the kernel ends a runaway call
        value = function(*args, **kwargs)
    except SealtraceError as e:
        kind, value = "error", e
    except MemoryError:
        kind = "memory"
    except Exception as e:  # foreign parsers raise anything; the parent names it
        kind, value = "failed", f"{type(e).__name__}: {e}"[:300]
    finally:
        signal.alarm(0)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return pickle.dumps((kind, value), protocol=5)


def _bound() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, bound in ((resource.RLIMIT_FSIZE, NO_FILES_ABOVE), (resource.RLIMIT_NOFILE, OPEN_FILES)):
        hard = resource.getrlimit(what)[1]
        least = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(what, (least, least))
