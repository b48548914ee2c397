"""A small world of organisations, witnesses and monitors, run from one seed, step by step.

The logs, witnesses, quorum, publishing and monitors are the product's own; the network, the clocks and the
power are simulated. Messages are lost, delayed, doubled and overtaken, or their answers are; clocks are
wrong; nodes lose power in the middle of a write and start again from what their disk kept; one operator
puts an old backup back; another keeps two histories. Whatever happens, `Violation` must not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from sealtrace.errors import HistoryForked, QuorumMissing, SealtraceError
from sealtrace.ledger.monitor import Alarm, Monitor, verify_proof
from sealtrace.ledger.notekey import NoteKey
from sealtrace.ledger.publish import publish
from sealtrace.ledger.witness import Reply

from .disk import Fate, Kind, Operation, watched
from .simulated_nodes import (
    ORGANISATIONS,
    POLICY,
    WITNESSES,
    Branch,
    Leaves,
    OrganisationNode,
    Violation,
    WitnessNode,
    files_of,
    same_history,
    size_of,
    template,
)

__all__ = ["Violation", "World", "simulate", "template"]

STEPS = 12
HONEST, RESTORER, FORKER = ORGANISATIONS


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
        leaves = branch.leaves[: size_of(body.decode().partition("\n\n")[2])]
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
            if not same_history(seen, leaves):
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
        node.backup = files_of(node.disk.folder / "home")

    def _restore(self) -> None:
        """An operator puts an old backup back, with or without the head beside it, and tries to go on."""
        node = self.organisations[RESTORER]
        if node.disk.fuse is not None:
            node.crash()
        [branch] = node.branches
        branch.ledger.close()
        newest, whole = files_of(node.disk.folder), self.rnd.random() < 0.5
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
        files = files_of(node.disk.folder)
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
        return not all(same_history(one, branch.leaves) for one in seen)

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
