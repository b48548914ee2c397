"""A working day of one home on a watched disk, and what must hold of whatever a power cut leaves of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sealtrace.clock import FixedClock
from sealtrace.custody import backup, erasure, keys, publication, retention
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.merkle import Frontier, leaf_hash
from sealtrace.ledger.model import Draft, Entry, LedgerKeys
from sealtrace.ledger.note import open_checkpoint
from sealtrace.ledger.notekey import COSIGN_ED25519, NoteSigner
from sealtrace.ledger.quorum import Policy
from sealtrace.ledger.tiles import WIDTH, tile_path
from sealtrace.ledger.witness import Reply, Witness

from ..conftest import AT, prose

CLOCK = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
URL = "memory:witness"
WITNESS = NoteSigner.from_seed("witness.example/w", COSIGN_ED25519, bytes(range(32)))
OPERATORS = ("op-first", "op-second")


@dataclass
class Told:
    """What the program was told is done, and so must never be undone."""

    entries: list[Entry] = field(default_factory=list)
    heads: list[tuple[int, bytes]] = field(default_factory=list)
    published: int = 0
    cosigned: tuple[int, bytes] = (0, b"")
    backups: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    def copy(self) -> Told:
        """As told up to now."""
        return Told(
            list(self.entries), list(self.heads), self.published, self.cosigned, list(self.backups),
            list(self.erased),
        )  # fmt: skip


def found(root: Path) -> None:
    """Make a home with a file and two copies, and a witness."""
    path = root.parent / "process.txt"
    path.write_text("\n".join(prose(1, 12)), "utf-8")
    with Custody.create(root / "home", org="Power Works", org_code="PW", clock=FixedClock(AT)) as custody:
        [done] = custody.register([path])
        for name in OPERATORS:
            custody.issue(str(done.code), Recipient(name, "dev", "10.0.0.9"), root.parent / f"{name}.txt")
        log = custody.office.ledger.keys().verifier_keys[0]
    witness = Witness(root / "witness.db", [WITNESS], CLOCK)
    witness.add_log(log)
    witness.close()


def ledger_keys(root: Path) -> LedgerKeys:
    """The keys of the home's log."""
    with Custody.open(root / "home", clock=CLOCK) as custody:
        return custody.office.home.ledger_keys()


def drafts(start: int, count: int) -> list[Draft]:
    """Drafts that differ from each other."""
    return [
        Draft("copy:issued", f"{i:016x}", commit({"n": i}).digest, "application/vnd.test+cbor")
        for i in range(start, start + count)
    ]


class Day:
    """Appends, rotations, publications, shards, erasures and backups; what was told done is told on at once."""

    def __init__(self, root: Path, tell: Callable[[Told], None] = lambda _: None) -> None:
        self._root, self._tell, self.told = root, tell, Told()
        self._open()

    def _open(self) -> None:
        root = self._root
        self._custody = Custody.open(root / "home", clock=CLOCK)
        self._witness = Witness(root / "witness.db", [WITNESS], CLOCK)
        self._ledger = self._custody.office.ledger

    def work(self, seed: int = 1, rounds: int = 26) -> None:
        """Do a whole day."""
        rnd = random.Random(seed)
        self.set_policy()
        self.append(260)
        for number in range(rounds):
            self.append(rnd.choice((1, 1, 2, 3, 7)))
            self._act(number)
            if number % 3 == 0:
                self.publish()
            if number % 7 == 6:
                self.close()
                self._open()

    def _act(self, number: int) -> None:
        match number % 13:
            case 1:
                self.rotate()
            case 2:
                self.back_up()
            case 4 if number < 13:
                self.close_shard()
            case 5:
                self._entered(keys.retire(self._custody.office))
            case 8 if number < 13:
                self.purge_shard()
            case 10:
                self.erase(OPERATORS[number // 13])

    def append(self, count: int = 2) -> None:
        """Enter something."""
        for entry in self._ledger.append(drafts(self._ledger.size(), count)):
            self._entered(entry)

    def set_policy(self) -> None:
        """Ask the witness from now on."""
        publication.set_policy(self._custody.office, Policy(((WITNESS.public.text, URL),), 1))

    def rotate(self) -> None:
        """Begin new keys, tell the witness, and publish while both sign."""
        self._entered(keys.rotate(self._custody.office))
        self._witness.add_log(self._ledger.keys().verifier_keys[0])
        self.publish()

    def register(self) -> None:
        """Register a file: its original goes into the vault."""
        path = self._root.parent / "further.txt"
        path.write_text("\n".join(prose(2, 12)), "utf-8")
        [done] = self._custody.register([path])
        self._entered(self._custody.office.ledger.entry(done.entry.index))

    def close_shard(self) -> None:
        """Move the first 256 statements out."""
        self._entered(retention.close_shard(self._custody.office, "2026", WIDTH)[1])

    def purge_shard(self) -> None:
        """Destroy them; from here on they may be gone."""
        self.told.entries = [e for e in self.told.entries if e.index >= WIDTH]
        self._tell(self.told)
        office = self._custody.office
        self._entered(retention.purge_shard(office, "2026", authority="board", basis="retention rule 1"))

    def erase(self, name: str = OPERATORS[0]) -> None:
        """Erase a person."""
        erasure.erase(self._custody.office, name, authority="board", basis="request")
        self._entered(self._ledger.entry(self._ledger.size() - 1))
        self.told.erased.append(name)
        self._tell(self.told)

    def publish(self) -> None:
        """Ask the witness and publish."""
        note = publication.publish_log(
            self._custody.office, self._root / "public", lock=self._root / "lock" / "head", post=self._post
        )
        self.told.published = int(note.split("\n")[1])
        self._tell(self.told)

    def back_up(self) -> None:
        """Make a backup."""
        self.told.backups.append(backup.create(self._custody.office, self._root / "backup").name)
        self._tell(self.told)

    def close(self) -> None:
        """Let go of home and witness."""
        self._custody.close()
        self._witness.close()

    def _post(self, url: str, body: bytes) -> Reply:
        assert url == URL
        reply = self._witness.add_checkpoint(body)
        if reply.status == 200:
            [(_, head)] = self._witness.heads()
            self.told.cosigned = (head.size, head.root)
            self._tell(self.told)
        return reply

    def _entered(self, entry: Entry) -> None:
        self.told.entries.append(entry)
        if not self.told.heads or self.told.heads[-1][0] != self._ledger.size():
            self.told.heads.append((self._ledger.size(), self._ledger.root()))
        self._tell(self.told)


def must_hold(root: Path, home_keys: LedgerKeys, told: Told, rnd: random.Random, *, whole: bool) -> None:
    """Open what is left the normal way and check everything that was told; then go on working."""
    ledger = Ledger.open(root / "home" / "register.db", home_keys, CLOCK)
    try:
        for size, head in {*told.heads[-3:], *rnd.sample(told.heads, min(3, len(told.heads)))}:
            assert size <= ledger.size(), "the signed head is behind an acknowledged one"
            assert ledger.root(size) == head, "the log forked from a head it gave out"
        for entry in {*told.entries[-2:], *rnd.sample(told.entries, min(3, len(told.entries)))}:
            assert ledger.entry(entry.index) == entry
            assert ledger.find(entry.leaf) == entry.index
        _witness_remembers(root, told)
        _published_holds(root, ledger, told)
        before = ledger.size()
        [again] = ledger.append(drafts(before, 1))
        assert again.index == before
        assert ledger.check() == []
    finally:
        ledger.close()
    if whole:
        _whole(root, told)


def _witness_remembers(root: Path, told: Told) -> None:
    witness = Witness(root / "witness.db", [WITNESS], CLOCK)
    try:
        for _, head in witness.heads():
            assert head.size >= told.cosigned[0], "the witness forgot what it cosigned"
            assert head.size > told.cosigned[0] or head.root == told.cosigned[1]
    finally:
        witness.close()


def _published_holds(root: Path, ledger: Ledger, told: Told) -> None:
    """What stands published is whole, is not older than told, and is of this log."""
    verifier_keys = ledger.keys().verifier_keys
    for place in (root / "public" / "checkpoint", root / "lock" / "head"):
        if not place.exists():
            assert not told.published, f"{place.name} was published and is gone"
            continue
        seen = open_checkpoint(place.read_text("utf-8"), verifier_keys)
        assert seen.size >= told.published
        assert ledger.root(seen.size) == seen.root
    if (root / "public" / "checkpoint").exists():
        tiles_give_the_root(root / "public", verifier_keys)


def tiles_give_the_root(folder: Path, verifier_keys: Sequence[str]) -> None:
    """Compute the published root from the published tiles, and the newest bundle's leaves beside its tile."""
    head = open_checkpoint((folder / "checkpoint").read_text("utf-8"), verifier_keys).head
    tree = Frontier(0, lambda _: b"")
    for tile in range(-(-head.size // WIDTH)):
        width = min(WIDTH, head.size - tile * WIDTH)
        name = tile_path(tile) + (f".p/{width}" if width < WIDTH else "")
        leaves = (folder / "tile" / "0" / name).read_bytes()
        assert len(leaves) == 32 * width, f"tile {name} is not whole"
        tree.append(leaves[at : at + 32] for at in range(0, len(leaves), 32))
    assert tree.root() == head.root, "the published tiles do not give the published root"
    if head.size:
        bundle, at, hashes = (folder / "tile" / "entries" / name).read_bytes(), 0, b""
        while at < len(bundle):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            hashes, at = hashes + leaf_hash(bundle[at + 2 : end]), end
        assert hashes == leaves, "the published entries do not give the published tile"


def _whole(root: Path, told: Told) -> None:
    from sealtrace.ledger.check import EVERYTHING

    with Custody.open(root / "home", clock=CLOCK) as custody:
        assert custody.check(EVERYTHING) == []
        for name in told.erased:
            assert custody.copies(operator=name) == []
        for name in told.backups:
            backup.verify(root / "backup", name)
