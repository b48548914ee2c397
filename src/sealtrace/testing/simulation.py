"""A small world of organisations, witnesses and monitors, run from one seed, step by step.

The logs, witnesses, quorum, publishing and monitors are the product's own; the network, the clocks and the
power are simulated. Messages are lost, delayed, doubled and overtaken, or their answers are; clocks are
wrong; nodes lose power in the middle of a write and start again from what their disk kept; one operator
puts an old backup back; another keeps two histories. Whatever happens, `Violation` must not.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

import apsw

from sealtrace.errors import Corrupted, HistoryForked, QuorumMissing, SealtraceError, StorageFailed
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys
from sealtrace.ledger.monitor import Alarm, Monitor, folder_source, verify_proof
from sealtrace.ledger.notekey import COSIGN_ED25519, NoteKey, NoteSigner
from sealtrace.ledger.publish import publish
from sealtrace.ledger.quorum import Asker, Policy
from sealtrace.ledger.witness import Reply, Witness

from .disk import Fate, Image, Kind, Operation, watched, write_files

ORGANISATIONS = ("producer", "regulator", "customs")
WITNESSES = ("w1", "w2", "w3")
NEEDED = 2
STEPS = 12
HONEST, RESTORER, FORKER = ORGANISATIONS
START = datetime(2026, 3, 2, tzinfo=UTC)

Leaves = list[bytes]


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


@dataclass
class SkewedClock:
    """A node's clock: the world's time plus its own error."""

    world: World
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

    def __init__(self, world: World, name: str, files: dict[str, bytes]) -> None:
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
                if not _same_history(seen, leaves):
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
        self.asker = Asker(self.ledger, self._post, each=map)

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
        self.node.world.quorum_reached(self.origin, self.leaves[: _size_of(note)])
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

    def __init__(self, world: World, name: str, files: dict[str, bytes]) -> None:
        self.world, self.name = world, name
        self.disk, self.clock = Disk(world.root / name), SkewedClock(world)
        self.disk.put({f"home/{n}": data for n, data in files.items()} | {"home/": b""})
        self.branches = [Branch(self, "home")]
        self.source = self.disk.folder / "public"
        self.monitor = Monitor(
            self.read, world.root / f"monitor-{name}",
            self.branches[0].ledger.keys().verifier_keys, self.clock, policy=POLICY,
        )  # fmt: skip
        self.backup = _files(self.disk.folder / "home")

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


class World:
    """Everything that happens under one seed."""

    def __init__(
        self, seed: int, root: Path, template: dict[str, dict[str, bytes]], *, lying_disks: bool
    ) -> None:
        self.rnd, self.root, self.step = random.Random(seed), root, 0  # noqa: S311 (a seed must replay)
        self.refusals = self.crashes = self.detected = 0
        self.cut_off: set[tuple[str, str]] = set()
        self.late: list[tuple[int, str, Branch, bytes, Leaves]] = []
        self.quorate: dict[str, list[Leaves]] = {}
        self.calm = False
        self.writes: list[tuple[Kind, str, int, int]] = []
        """Every write of every node: kind, path, offset, length. The same seed gives the same ones."""
        self.witnesses = {name: WitnessNode(self, name, template[name]) for name in WITNESSES}
        self.organisations = {name: OrganisationNode(self, name, template[name]) for name in ORGANISATIONS}
        for witness in self.witnesses.values():
            witness.disk.honest = not lying_disks
        self.nodes: list[OrganisationNode | WitnessNode] = [
            *self.organisations.values(), *self.witnesses.values(),
        ]  # fmt: skip

    def observe(self, op: Operation) -> Fate:
        """Give an operation to the disk it is on."""
        name, _, path = op.path.partition("/")
        node = self.witnesses.get(name) or self.organisations.get(name)
        if node is None:
            return Fate.DONE
        self.writes.append((op.kind, op.path, op.offset, len(op.data)))
        target = op.target.removeprefix(name + "/")
        return node.disk.observe(Operation(op.kind, path, op.data, op.offset, target, op.synchronised))

    # -- the network -----------------------------------------------------------------------------

    def carry(self, branch: Branch, url: str, body: bytes) -> Reply:
        """Carry a request to a witness and its answer back, or not."""
        node, luck = self.witnesses[url], self.rnd.random()
        leaves = branch.leaves[: _size_of(body.decode().partition("\n\n")[2])]
        if self.calm:
            return node.ask(branch, body, leaves)
        if (branch.node.name, url) in self.cut_off or luck < 0.06:
            raise OSError("the request was lost")
        if luck < 0.12:
            self.late.append((self.step + self.rnd.randint(1, 6), url, branch, body, leaves))
            raise OSError("no answer in time")
        if luck < 0.18:
            node.ask(branch, body, leaves)
        reply = node.ask(branch, body, leaves)
        if luck > 0.94:
            raise OSError("the answer was lost")
        return reply

    def deliver_late(self) -> None:
        """Deliver what was under way, in any order."""
        due = [message for message in self.late if message[0] <= self.step or self.calm]
        self.late = [message for message in self.late if message not in due]
        self.rnd.shuffle(due)
        for _, url, branch, body, leaves in due:
            with suppress(OSError):
                self.witnesses[url].ask(branch, body, leaves)

    def quorum_reached(self, origin: str, leaves: Leaves) -> None:
        """Note a head that a quorum cosigned: all of one origin must be one history."""
        for seen in self.quorate.setdefault(origin, []):
            if not _same_history(seen, leaves):
                raise Violation(f"two histories of {origin} have a quorum")
        self.quorate[origin].append(leaves)

    # -- what happens ----------------------------------------------------------------------------

    def run(self) -> None:
        """Live through the seed: trouble first, then calm, in which everybody must get on."""
        events: list[tuple[int, Callable[[], None]]] = [
            (8, self._append), (5, self._publish), (1, self._look), (2, self._power_cut),
            (2, self._partition), (1, self._skew), (1, self._take_backup),
        ]  # fmt: skip
        restore_at, fork_at = self.rnd.randint(4, STEPS - 1), self.rnd.randint(2, STEPS - 4)
        for self.step in range(STEPS):
            self.deliver_late()
            if self.step == restore_at:
                self._restore()
            if self.step == fork_at:
                self._fork()
            self.rnd.choices([e for _, e in events], [weight for weight, _ in events])[0]()
        self._heal()
        self._everybody_gets_on()
        self._the_fork_is_proved()

    def _branch(self) -> Branch:
        return self.rnd.choice(self.rnd.choice(list(self.organisations.values())).branches)

    def _append(self) -> None:
        branch = self._branch()
        with branch.node.working():
            branch.append(self.rnd.choice((1, 1, 2, 4)))

    def _publish(self) -> None:
        branch = self._branch()
        with branch.node.working():
            try:
                branch.node.seal_and_publish(branch)
            except HistoryForked as e:
                if branch.node.name != FORKER:
                    raise Violation(f"{branch.origin} was accused of a fork: {e.message}") from e
                self.detected += 1

    def _look(self) -> None:
        self.rnd.choice(list(self.organisations.values())).look()

    def _power_cut(self) -> None:
        node = self.rnd.choice(self.nodes)
        node.disk.fuse = self.rnd.randint(1, 25)

    def _partition(self) -> None:
        pairs = [(o, w) for o in ORGANISATIONS for w in WITNESSES]
        self.cut_off = set(self.rnd.sample(pairs, self.rnd.randint(0, 6)))

    def _skew(self) -> None:
        node = self.rnd.choice(self.nodes)
        node.clock.skew = timedelta(seconds=self.rnd.uniform(-86_400, 86_400))

    def _take_backup(self) -> None:
        node = self.organisations[RESTORER]
        node.backup = _files(node.disk.folder / "home")

    def _restore(self) -> None:
        """An operator puts an old backup back, with or without the head beside it, and tries to go on."""
        node = self.organisations[RESTORER]
        if node.disk.fuse is not None:
            node.crash()
        [branch] = node.branches
        branch.ledger.close()
        newest, whole = _files(node.disk.folder), self.rnd.random() < 0.5
        kept = {
            n: d
            for n, d in newest.items()
            if not n.startswith("home/") or (not whole and n.endswith(".head"))
        }
        behind = branch.told
        node.disk.put(
            kept | {f"home/{n}": d for n, d in node.backup.items() if whole or not n.endswith(".head")}
        )
        try:
            old = Branch(node, "home")
        except HistoryForked:
            self.detected += 1
        else:
            old.leaves = [old.ledger.leaf(i) for i in range(old.ledger.size())]
            if not whole and len(old.leaves) < behind:
                raise Violation("an old database beside a newer head was opened")
            published = self.quorate.get(old.origin, [[]])[-1]
            went_back = len(old.leaves) < len(published)
            old.append(self.rnd.randint(1, 3))
            try:
                node.seal_and_publish(old)
            except (QuorumMissing, HistoryForked):
                self.detected += went_back
                old.ledger.close()
            else:
                if went_back:
                    raise Violation("a restored log published beside what was published before")
                node.branches = [old]  # nothing a quorum had seen was lost: this is the log from now on
                return
        node.disk.put(newest)  # the operator understands, and puts the newest copy back
        node.branches[0].reopen()

    def _fork(self) -> None:
        """An operator starts a second history from a copy of the first."""
        node = self.organisations[FORKER]
        if node.disk.fuse is not None:
            node.crash()
        [branch] = node.branches
        branch.ledger.close()
        files = _files(node.disk.folder)
        node.disk.put(files | {"second" + n[4:]: d for n, d in files.items() if n.startswith("home/")})
        branch.reopen()
        second = Branch(node, "second")
        second.leaves, second.told = list(branch.leaves), branch.told
        node.branches.append(second)
        second.append(1)
        branch.append(1)

    # -- the end ---------------------------------------------------------------------------------

    def _heal(self) -> None:
        """No more trouble: nodes with a burning fuse go down once more and come up."""
        for node in self.nodes:
            if node.disk.fuse is not None:
                node.crash()
        self.calm, self.cut_off = True, set()
        self.deliver_late()

    def _everybody_gets_on(self) -> None:
        for name in (HONEST, RESTORER):
            node = self.organisations[name]
            [branch] = node.branches
            branch.append(1)
            try:
                node.seal_and_publish(branch)
            except QuorumMissing as e:
                if not self._shown_another(branch):
                    raise Violation(f"{name} does not get on after healing: {e.message}") from e
            except SealtraceError as e:
                raise Violation(f"{name} does not get on after healing: {e.message}") from e
            node.look()
            if branch.ledger.check():
                raise Violation(f"{name}'s log does not hold: {branch.ledger.check()[0]}")

    def _shown_another(self, branch: Branch) -> bool:
        """Tell whether a witness cosigned a history that the operator has given up since."""
        seen = [one for w in self.witnesses.values() for one in w.cosigned.get(branch.origin, [])]
        return not all(_same_history(one, branch.leaves) for one in seen)

    def _the_fork_is_proved(self) -> None:
        """Of the two histories one goes on; the other is refused, by name, and the proof is kept."""
        node = self.organisations[FORKER]
        sealed = []
        for branch in node.branches:
            with suppress(QuorumMissing):
                branch.seal()
                sealed.append(branch)
        if len(sealed) != 1:
            raise Violation(f"{len(sealed)} of two histories reached a quorum")
        [winner] = sealed
        [loser] = [branch for branch in node.branches if branch is not winner]
        for one, other in ((winner, loser), (loser, winner)):
            if len(one.leaves) < len(other.leaves):
                one.append(len(other.leaves) - len(one.leaves))
        note = winner.seal()
        with suppress(QuorumMissing):
            loser.seal()
            raise Violation("the second history reached a quorum")
        if not any(
            fork.origin == winner.origin for w in self.witnesses.values() for fork in w.witness.forks()
        ):
            raise Violation("no witness kept proof of the fork")
        shown = self.root / "shown"
        publish(winner.ledger, shown, note)
        node.source, node.monitor = shown, self._monitor_of(node)
        node.look()
        with suppress(HistoryForked):
            publish(loser.ledger, shown, loser.ledger.checkpoint())
            raise Violation("the second history was published over the first")
        publish(loser.ledger, self.root / "forced", loser.ledger.checkpoint())
        node.source = self.root / "forced"
        found = {finding.alarm: finding for finding in node.monitor.look().findings}
        if not {Alarm.FORK, Alarm.NO_QUORUM} <= set(found):
            raise Violation(f"the monitor named {sorted(found)} where two histories stood")
        place = found[Alarm.FORK].proof
        if place is None:
            raise Violation("the monitor kept no proof")
        before, now = verify_proof(place, winner.ledger.keys().verifier_keys)
        if before.size != now.size or before.root == now.root:
            raise Violation("the kept proof shows no contradiction")

    def _monitor_of(self, node: OrganisationNode) -> Monitor:
        return Monitor(
            node.read, self.root / "end",
            node.branches[0].ledger.keys().verifier_keys, node.clock, policy=POLICY,
        )  # fmt: skip

    def close(self) -> None:
        """Let go of everything."""
        for node in self.organisations.values():
            for branch in node.branches:
                branch.ledger.close()
        for witness in self.witnesses.values():
            witness.witness.close()


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
        made[name] = _files(folder)
    for name in WITNESSES:
        folder = root / name
        folder.mkdir(parents=True)
        witness = Witness(folder / "witness.db", [signer_of(name)], world)
        for key in log_keys:
            witness.add_log(key)
        witness.close()
        made[name] = _files(folder)
    return made


class _Now:
    def now(self) -> datetime:
        return START


def simulate(seed: int, root: Path, made: dict[str, dict[str, bytes]], *, lying_disks: bool = False) -> World:
    """Run one seed in an empty folder; returns the world as it ended.

    `lying_disks` makes the witnesses' disks acknowledge what they have not kept: a witness on one answers
    before it has persisted, and the simulation must notice.

    Raises:
        Violation: something happened that must not.
    """
    worlds: list[World] = []
    with _remembered(), watched(root, lambda op: worlds[0].observe(op) if worlds else Fate.DONE):
        world = World(seed, root.resolve(), made, lying_disks=lying_disks)
        worlds.append(world)
        try:
            world.run()
        finally:
            for node in world.nodes:
                node.disk.fuse, node.disk.dead = None, False
            world.close()
    return world


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix() + "/" * path.is_dir(): b"" if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith("-shm")
    }


def _size_of(note: str) -> int:
    return int(note.split("\n", 2)[1])


@contextmanager
def _remembered() -> Iterator[None]:
    """Check each signature once: whether it holds never changes, and a seed meets the same ones often."""
    verify, held = NoteKey.verify, set()

    def once(key: NoteKey, text: str, signature: bytes) -> None:
        what = (key.public, text, signature)
        if what not in held:
            verify(key, text, signature)
            held.add(what)

    with patch.object(NoteKey, "verify", once):
        yield


def _same_history(one: Leaves, other: Leaves) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
