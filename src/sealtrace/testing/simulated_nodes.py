"""The nodes of the simulated world: witnesses, organisations, their disks and clocks.

Logs and witnesses are the product's own; each runs on a disk that may lose power at any write.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import apsw

from sealtrace.errors import Corrupted, QuorumMissing, StorageFailed
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys
from sealtrace.ledger.monitor import Alarm, Monitor, folder_source
from sealtrace.ledger.notekey import COSIGN_ED25519, NoteSigner
from sealtrace.ledger.publish import publish
from sealtrace.ledger.quorum import Asker, Policy
from sealtrace.ledger.witness import Reply, Witness

from .disk import Fate, Image, Kind, Operation, write_files

ORGANISATIONS = ("producer", "regulator", "customs")
WITNESSES = ("w1", "w2", "w3")
NEEDED = 2
START = datetime(2026, 3, 2, tzinfo=UTC)

Leaves = list[bytes]
T = TypeVar("T")


class OneByOne(Executor):
    """Calls each function at once, one after the other, so that a seed replays."""

    def __init__(self, _most: int = 1) -> None:
        super().__init__()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call `fn` here; what it raises waits in the future."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as e:  # a power cut too: it is raised where the result is asked for
            future.set_exception(e)
        return future


class Violation(AssertionError):
    """Something happened that must not."""


def signer_of(witness: str) -> NoteSigner:
    """A witness' key, from its name."""
    return NoteSigner.from_seed(
        f"{witness}.example", COSIGN_ED25519, hashlib.sha256(witness.encode()).digest()
    )


@cache
def keys_of(organisation: str) -> LedgerKeys:
    """A log's keys, from its name."""

    @cache
    def secret(purpose: str) -> bytes:
        return hashlib.sha256(f"{organisation} {purpose}".encode()).digest()

    return LedgerKeys(f"{organisation}.example/log", f"urn:example:{organisation}", secret)


POLICY = Policy(tuple((signer_of(name).public.text, name) for name in WITNESSES), NEEDED)


class Surroundings(Protocol):
    """What a node needs of its world."""

    rnd: random.Random
    root: Path
    step: int
    refusals: int
    crashes: int

    def carry(self, branch: Branch, url: str, body: bytes) -> Reply:
        """Carry a request to a witness and its answer back. Raises OSError when one is lost."""
        ...

    def quorum_reached(self, origin: str, leaves: Leaves) -> None:
        """Note a head that a quorum cosigned."""
        ...


@dataclass
class SkewedClock:
    """A node's clock: the world's time plus its own error."""

    world: Surroundings
    skew: timedelta = timedelta()

    def now(self) -> datetime:
        """The time this node believes in."""
        return START + timedelta(seconds=self.world.step) + self.skew


@dataclass
class Disk:
    """A node's disk, which may lose power at a write, and may lie about synchronising."""

    folder: Path
    image: Image = field(default_factory=Image)
    fuse: int | None = None
    dead: bool = False
    honest: bool = True

    def observe(self, op: Operation) -> Fate:
        """Do one operation, unless the power is gone."""
        if self.fuse is not None and not self.dead:
            self.fuse -= 1
            self.dead = self.fuse <= 0
        if self.dead:
            return Fate.FAILED_NOT_KEPT
        if self.honest or op.kind is not Kind.SYNC:
            self.image.apply(op)
        return Fate.DONE

    def put(self, files: dict[str, bytes]) -> None:
        """Replace everything by these files, durably."""
        self.fuse, self.dead = None, False
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        write_files(files, self.folder)
        self.image = Image.of_folder(self.folder)

    def cut(self, rnd: random.Random) -> None:
        """Lose power and come back with what was kept."""
        self.put(self.image.after_cut(rnd))


class WitnessNode:
    """One witness on its own disk."""

    def __init__(self, world: Surroundings, name: str, files: dict[str, bytes]) -> None:
        self.world, self.name = world, name
        self.disk, self.clock = Disk(world.root / name), SkewedClock(world)
        self.cosigned: dict[str, list[Leaves]] = {}
        self.disk.put(files)
        self.start()

    def start(self) -> None:
        """Come up from what the disk holds."""
        self.witness = Witness(self.disk.folder / "witness.db", [signer_of(self.name)], self.clock)

    def ask(self, branch: Branch, body: bytes, leaves: Leaves) -> Reply:
        """Answer one request; the world sees every cosignature, whether its message arrives or not."""
        reply = Reply(503)
        with suppress(apsw.Error):  # only without power; otherwise the witness names its failures
            reply = self.witness.add_checkpoint(body)
        if self.disk.dead:
            self.crash()
            raise OSError("the witness lost power")
        if reply.status == 200:
            for seen in self.cosigned.setdefault(branch.origin, []):
                if not same_history(seen, leaves):
                    raise Violation(f"{self.name} cosigned two histories of {branch.origin}")
            self.cosigned[branch.origin].append(leaves)
        return reply

    def crash(self) -> None:
        """Lose power and start again."""
        self.disk.dead = True
        with suppress(apsw.Error):
            self.witness.close()
        self.disk.cut(self.world.rnd)
        self.start()


class Branch:
    """One running copy of a log: the usual one, an old one put back, or a fork's second history."""

    def __init__(self, node: OrganisationNode, place: str) -> None:
        self.node, self.place, self.origin = node, place, keys_of(node.name).origin
        self.leaves: Leaves = []
        self.told = 0  # how many entries were acknowledged
        self._open()

    def _open(self) -> None:
        self.ledger = Ledger.open(
            self.node.disk.folder / self.place / "log.db", keys_of(self.node.name), self.node.clock
        )
        self.ledger.heads.further = []  # Ed25519 alone: the other lines change nothing here but the time it takes
        self.asker = Asker(self.ledger, self._post, pool=OneByOne)

    def append(self, count: int) -> None:
        """Enter something; what is acknowledged must stay."""
        rnd = self.node.world.rnd
        made = [
            Draft("copy:issued", f"{rnd.getrandbits(64):x}", rnd.randbytes(32), "application/x")
            for _ in range(count)
        ]
        for entry in self.ledger.append(made):
            if entry.index != len(self.leaves):
                raise Violation(f"{self.origin}: entry {entry.index} came where {len(self.leaves)} was due")
            self.leaves.append(entry.leaf)
        self.told = len(self.leaves)

    def seal(self) -> str:
        """Collect cosignatures."""
        note = self.asker.seal(POLICY)
        self.node.world.quorum_reached(self.origin, self.leaves[: size_of(note)])
        return note

    def _post(self, url: str, body: bytes) -> Reply:
        return self.node.world.carry(self, url, body)

    def reopen(self) -> None:
        """Start again, and compare with what was acknowledged; what was not may be there or not."""
        self._open()
        stored = [self.ledger.leaf(i) for i in range(self.ledger.size())]
        if stored[: self.told] != self.leaves[: self.told]:
            raise Violation(f"{self.origin} lost an acknowledged entry")
        self.leaves, self.told = stored, len(stored)


class OrganisationNode:
    """One organisation: its log, what it publishes, and a monitor that follows it from elsewhere."""

    def __init__(self, world: Surroundings, name: str, files: dict[str, bytes]) -> None:
        self.world, self.name = world, name
        self.disk, self.clock = Disk(world.root / name), SkewedClock(world)
        self.disk.put({f"home/{n}": data for n, data in files.items()} | {"home/": b""})
        self.branches = [Branch(self, "home")]
        self.source = self.disk.folder / "public"
        self.monitor = Monitor(
            self.read, world.root / f"monitor-{name}",
            self.branches[0].ledger.keys().verifier_keys, self.clock, policy=POLICY,
        )  # fmt: skip
        self.backup = files_of(self.disk.folder / "home")

    def read(self, path: str, limit: int) -> bytes | None:
        """Read from where the organisation shows its log at the moment."""
        return folder_source(self.source)(path, limit)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Do something that may meet a missing quorum or a loss of power; nothing else may go wrong."""
        try:
            yield
        except QuorumMissing:
            self.world.refusals += 1
        except (StorageFailed, Corrupted, apsw.Error, OSError) as e:
            if not self.disk.dead:
                raise Violation(f"{self.name} failed with its power on: {e}") from e
        if self.disk.dead:
            self.crash()

    def crash(self) -> None:
        """Lose power and start again from what the disk kept."""
        self.disk.dead = True
        for branch in self.branches:
            with suppress(apsw.Error):
                branch.ledger.close()
        self.disk.cut(self.world.rnd)
        self.world.crashes += 1
        for branch in self.branches:
            branch.reopen()

    def seal_and_publish(self, branch: Branch) -> None:
        """Publish a branch if it reaches its quorum and extends what is published."""
        note = branch.seal()
        publish(branch.ledger, self.source, note, lock=self.disk.folder / "lock")

    def look(self) -> None:
        """Let the monitor look; it may only find that there is nothing yet."""
        for finding in self.monitor.look().findings:
            if finding.alarm is not Alarm.UNREACHABLE or (self.source / "checkpoint").exists():
                raise Violation(f"a false alarm about {self.name}: {finding.alarm}: {finding.message}")


def template(root: Path) -> dict[str, dict[str, bytes]]:
    """Make the nodes' first disks: three empty logs, and three witnesses that know them."""
    made: dict[str, dict[str, bytes]] = {}
    world = _Now()
    log_keys = []
    for name in ORGANISATIONS:
        folder = root / name
        folder.mkdir(parents=True)
        ledger = Ledger.create(folder / "log.db", keys_of(name), world)
        log_keys.append(ledger.keys().verifier_keys[0])
        ledger.close()
        made[name] = files_of(folder)
    for name in WITNESSES:
        folder = root / name
        folder.mkdir(parents=True)
        witness = Witness(folder / "witness.db", [signer_of(name)], world)
        for key in log_keys:
            witness.add_log(key)
        witness.close()
        made[name] = files_of(folder)
    return made


class _Now:
    def now(self) -> datetime:
        return START


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, and every folder with a slash behind its name."""
    return {
        path.relative_to(folder).as_posix() + "/" * path.is_dir(): b"" if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith("-shm")
    }


def size_of(note: str) -> int:
    """The tree size a checkpoint names."""
    return int(note.split("\n", 2)[1])


def same_history(one: Leaves, other: Leaves) -> bool:
    """Tell whether one of two histories begins with the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
