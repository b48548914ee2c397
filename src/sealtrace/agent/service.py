"""What the agent does: send what waits, look through a folder, go on for as long as it runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sealtrace.client import Client
from sealtrace.errors import (
    HomeLocked,
    InputUnreadable,
    KeyReused,
    QuorumMissing,
    SealtraceError,
    ServerUnreachable,
    StillWorking,
    StorageFailed,
    TooManyRequests,
)

from .queue import Queue

LATER = (ServerUnreachable, TooManyRequests, StillWorking, HomeLocked, QuorumMissing, StorageFailed)
"""What ends by itself: the item stays in the queue. Everything else is an answer."""
SETTLED_S = 2.0
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Sent:
    """How many items were answered, how many wait still, and why the first of those does."""

    answered: int
    waiting: int
    why: str = ""


def look(folder: Path, queue: Queue, *, level: str, now: float, tell: Tell) -> int:
    """Queue every file of a folder that is new or changed and has been still for two seconds; returns how many."""
    found = 0
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in sorted(folders) if not name.startswith(".")]
        for name in sorted(names):
            path = Path(place, name)
            if name.startswith((".", "~$")) or path.is_symlink():
                continue
            try:
                at = path.stat()
                if at.st_size and now - at.st_mtime >= SETTLED_S and queue.is_new(path):
                    queue.add(path, level=level)
                    found += 1
                    tell("queued", name)
            except (FileNotFoundError, InputUnreadable) as e:
                tell("skipped", f"{name}: {e}")
    return found


def send(queue: Queue, client: Client, tell: Tell) -> Sent:
    """Send what waits, in order. What the server can't take now stays; what it refuses is kept as its answer."""
    answered, items = 0, queue.waiting()
    for number, item in enumerate(items):
        try:
            with queue.file(item) as path:
                [made] = client.register([path], level=item.level, key=item.key)
        except LATER as e:
            return Sent(answered, len(items) - number, e.message)
        except KeyReused:
            queue.renew(item)
            return Sent(answered, len(items) - number, "a new key was needed")
        except SealtraceError as e:
            queue.answer(item, {"refused": e.as_dict()})
            tell("refused", f"{item.name}: {e.message}")
        else:
            if made.refused is not None:
                queue.answer(item, {"refused": dict(made.refused)})
                tell("refused", f"{item.name}: {made.refused['message']}")
            else:
                queue.answer(item, {"code": made.code, "version": made.version, "new": made.new})
                tell("registered", f"{item.name}: {made.code}@{made.version}")
        answered += 1
    return Sent(answered, 0)


def fetch(client: Client, out: Path, copies: list[str]) -> list[Path]:
    """Fetch the named copies, or every own copy that is not there yet; returns what was written."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for copy in [client.copy(name) for name in copies] if copies else list(client.own_copies()):
        if any(path.name.startswith(f"{copy.id}.") for path in out.iterdir()) or (out / copy.id).exists():
            continue
        place = out / copy.id
        client.fetch(copy.id, place)
        written.append(place)
    return written


def run(
    folder: Path, queue: Queue, client: Client, *, level: str, clock: Callable[[], float], tell: Tell
) -> None:
    """Watch a folder until interrupted: what settles is queued, what is queued is sent whenever the server answers."""
    from watchfiles import watch

    told = ""
    for _changes in watch(folder, rust_timeout=2_000, yield_on_timeout=True, raise_interrupt=True):
        look(folder, queue, level=level, now=clock(), tell=tell)
        sent = send(queue, client, tell)
        if sent.why and sent.why != told:
            tell("waiting", f"{sent.waiting}: {sent.why}")
        told = sent.why
