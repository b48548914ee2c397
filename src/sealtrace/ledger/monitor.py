"""A monitor: follows a published log, computes its tree again from the entries, and keeps proof of a fork.

It trusts the log's keys and its own memory, nothing else: every new entry is hashed, every new head must
extend the one seen before. What contradicts that is kept with both signed heads, before it is reported.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sealtrace.clock import Clock
from sealtrace.errors import Corrupted, ProofInvalid, QuorumMissing

from . import merkle
from .model import TreeHead
from .note import Checkpoint, Note, open_checkpoint
from .notekey import NoteKey
from .quorum import Policy
from .tilecheck import check_tiles, read_hashes
from .tiles import tile_path, write_whole
from .tree import HASH_BYTES, WIDTH
from .verify import verify_statement

MAX_CHECKPOINT_BYTES = 1 << 20
MAX_BUNDLE_BYTES = WIDTH * (2 + 0xFFFF)

Read = Callable[[str, int], bytes | None]
"""Reads one published file of at most so many bytes; None when it is not there. Raises OSError."""


class Alarm(StrEnum):
    """What a monitor can find wrong with a log."""

    FORK = "fork"  # two signed heads contradict each other
    ROLLBACK = "rollback"  # the log shows fewer entries than it has shown before
    BROKEN_TREE = "broken-tree"  # the published entries do not give the signed root
    BAD_STATEMENT = "bad-statement"  # an entry is not signed by the log's issuer
    BAD_SIGNATURE = "bad-signature"  # the checkpoint itself does not hold
    NO_QUORUM = "no-quorum"  # too few witnesses have cosigned
    STALE = "stale"  # the newest cosignature is older than agreed
    UNREACHABLE = "unreachable"  # nothing can be read


@dataclass(frozen=True, slots=True)
class Finding:
    """One alarm: what, in words, and where its proof was kept."""

    alarm: Alarm
    message: str
    proof: Path | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One look at the log: how far it was verified, and what was wrong."""

    size: int
    new_entries: int
    findings: tuple[Finding, ...]


class _Alarmed(Exception):
    """A look that ends with a finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


def folder_source(folder: Path) -> Read:
    """Read a log from a folder it was published to."""

    def read(name: str, limit: int) -> bytes | None:
        place = folder / name
        try:
            if place.stat().st_size > limit:
                raise OSError(f"{name} has more than {limit} bytes")
            return place.read_bytes()
        except FileNotFoundError:
            return None

    return read


def http_source(prefix: str) -> Read:
    """Read a log from its monitoring prefix."""
    from . import transport

    return lambda name, limit: transport.get(f"{prefix.rstrip('/')}/{name}", limit)


class Monitor:
    """Follows one log; its memory is a folder."""

    def __init__(
        self,
        read: Read,
        memory: Path,
        verifier_keys: Sequence[str],
        clock: Clock,
        *,
        statement_keys: Sequence[str] = (),
        policy: Policy | None = None,
        max_age_s: float | None = None,
        pruned: int = 0,
    ) -> None:
        self._read, self._memory, self._keys, self._clock = read, memory, list(verifier_keys), clock
        self._statement_keys, self._policy, self._max_age_s = list(statement_keys), policy, max_age_s
        self._pruned = pruned  # entries whose bodies the log has purged by its policy: their hashes are read
        memory.mkdir(parents=True, exist_ok=True)

    def look(self) -> Round:
        """Look once: verify what is new, remember it, report what is wrong."""
        size, edge, seen = self._remembered()
        findings: list[Finding] = []
        try:
            note, head = self._checkpoint(seen)
            findings += self._of_lines(note)
            if head.size < size:
                message = f"it showed {size} entries before and shows {head.size} now"
                raise _Alarmed(self._kept(Alarm.ROLLBACK, message, seen, note))
            tree = merkle.Frontier.of(size, edge)
            self._grow(tree, head, seen, note, findings)
        except _Alarmed as e:
            return Round(size, 0, (*findings, e.finding))
        self._remember(tree, note)
        return Round(head.size, head.size - size, tuple(findings))

    # -- reading the log -------------------------------------------------------------------------

    def _checkpoint(self, seen: str) -> tuple[str, Checkpoint]:
        try:
            data = self._read("checkpoint", MAX_CHECKPOINT_BYTES)
            note = None if data is None else data.decode()
        except (OSError, UnicodeDecodeError) as e:
            raise _Alarmed(Finding(Alarm.UNREACHABLE, str(e))) from e
        if note is None:
            raise _Alarmed(Finding(Alarm.UNREACHABLE, "there is no checkpoint"))
        try:
            return note, open_checkpoint(note, self._keys)
        except ProofInvalid as e:
            raise _Alarmed(self._kept(Alarm.BAD_SIGNATURE, e.message, seen, note)) from e

    def _grow(
        self, tree: merkle.Frontier, head: Checkpoint, seen: str, note: str, findings: list[Finding]
    ) -> None:
        """Read what is new into the tree and hold it against the signed head."""
        size = tree.size
        try:
            findings += self._follow(tree, head)
            if tree.root() != head.root:
                raise _Alarmed(self._contradiction(size, head, seen, note))
            check_tiles(self._tile, head.size, size)
        except OSError as e:
            raise _Alarmed(Finding(Alarm.UNREACHABLE, str(e))) from e
        except ProofInvalid as e:
            raise _Alarmed(self._kept(Alarm.BROKEN_TREE, e.message, seen, note)) from e

    def _contradiction(self, size: int, head: Checkpoint, seen: str, note: str) -> Finding:
        """A fork when the published entries do give the new root, without those seen before; else a broken tree."""
        message = f"the entries read do not give the root signed for {head.size}"
        if seen and head.size == size:
            message = f"the log signed two roots for {size} entries"
            return self._kept(Alarm.FORK, message, seen, note)
        if seen:
            whole = merkle.Frontier.of(0, [])
            try:
                while whole.size < head.size:
                    tile = whole.size // WIDTH
                    whole.append(
                        map(merkle.leaf_hash, self._bundle(tile, min(WIDTH, head.size - whole.size)))
                    )
            except (OSError, ProofInvalid) as e:
                message = f"{message}; {e}"
            if whole.root() == head.root:
                message = f"the first {size} entries are others now than those signed before"
                return self._kept(Alarm.FORK, message, seen, note)
        return self._kept(Alarm.BROKEN_TREE, message, seen, note)

    def _follow(self, tree: merkle.Frontier, head: Checkpoint) -> Iterator[Finding]:
        """Read the entries the tree lacks and add them."""
        while tree.size < head.size:
            tile, skip = divmod(tree.size, WIDTH)
            width = min(WIDTH, head.size - tile * WIDTH)
            leaves = read_hashes(self._tile, 0, tile, width)
            if (tile + 1) * WIDTH <= self._pruned and self._body(tile, width) is None:
                tree.append(leaves[skip:])
                continue
            bundle = self._bundle(tile, width)
            if leaves != list(map(merkle.leaf_hash, bundle)):
                raise ProofInvalid(f"tile/0/{tile_path(tile)} does not hold the hashes of its entries")
            entries = bundle[skip:]
            for number, entry in enumerate(entries, tree.size):
                if self._statement_keys:
                    try:
                        verify_statement(entry, self._statement_keys)
                    except ProofInvalid as e:
                        yield Finding(Alarm.BAD_STATEMENT, f"entry {number}: {e.message}")
            tree.append(merkle.leaf_hash(entry) for entry in entries)

    def _bundle(self, tile: int, width: int) -> list[bytes]:
        name, data = f"tile/entries/{tile_path(tile)}", self._body(tile, width)
        if data is None:
            raise ProofInvalid(f"{name} is missing")
        entries: list[bytes] = []
        at = 0
        while at < len(data) and len(entries) < width:
            length = int.from_bytes(data[at : at + 2], "big")
            entries.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        if len(entries) < width or at > len(data):
            raise ProofInvalid(f"{name} holds fewer than {width} entries")
        return entries

    def _body(self, tile: int, width: int) -> bytes | None:
        name = f"tile/entries/{tile_path(tile)}"
        data = self._read(name, MAX_BUNDLE_BYTES)
        if data is None and width < WIDTH:
            data = self._read(f"{name}.p/{width}", MAX_BUNDLE_BYTES)
        return data

    def _tile(self, name: str) -> bytes | None:
        return self._read(name, HASH_BYTES * WIDTH)

    def _of_lines(self, note: str) -> Iterator[Finding]:
        """Is the quorum there, and is the newest cosignature fresh?"""
        if self._policy is None:
            return
        try:
            self._policy.satisfied(note)
        except (QuorumMissing, ProofInvalid) as e:
            yield Finding(Alarm.NO_QUORUM, e.message)
            return
        if self._max_age_s is not None and self._policy.witnesses:
            keys = {(k.name, k.digest): k for k in (NoteKey.parse(v) for v, _ in self._policy.witnesses)}
            times = [
                keys[line.name, line.digest].timestamp(line.signature) or 0
                for line in Note.parse(note).lines
                if (line.name, line.digest) in keys
            ]
            age = self._clock.now().timestamp() - max(times, default=0)
            if age > self._max_age_s:
                yield Finding(Alarm.STALE, f"the newest cosignature is {age:.0f} s old")

    # -- memory ----------------------------------------------------------------------------------

    def _remembered(self) -> tuple[int, list[tuple[int, bytes]], str]:
        place = self._memory / "state.json"
        if not place.exists():
            return 0, [], ""
        try:
            state = json.loads(place.read_text("utf-8"))
            edge = [(int(level), bytes.fromhex(node)) for level, node in state["edge"]]
            if len(edge) != int(state["size"]).bit_count():
                raise ValueError("its edge does not fit its size")
            return int(state["size"]), edge, str(state["note"])
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise Corrupted(
                f"the monitor's memory {place} can't be read: {e}",
                advice="Put it back from a backup; removing it makes the monitor forget what it has seen.",
            ) from e

    def _remember(self, tree: merkle.Frontier, note: str) -> None:
        state = {"size": tree.size, "edge": [(level, node.hex()) for level, node in tree.edge], "note": note}
        write_whole(self._memory / "state.json", json.dumps(state).encode())

    def _kept(self, alarm: Alarm, message: str, before: str, now: str) -> Finding:
        """Keep both heads, so that anyone can see the contradiction; repeated looks keep it once."""
        record = json.dumps({"alarm": alarm, "message": message, "before": before, "now": now}, indent=1)
        name = f"{alarm}-{merkle.leaf_hash(record.encode()).hex()[:16]}.json"
        place = self._memory / "proof" / name
        if not place.exists():
            write_whole(place, record.encode())
        return Finding(alarm, message, place)


def verify_proof(place: Path, verifier_keys: Sequence[str]) -> tuple[TreeHead, TreeHead]:
    """Check that a kept proof holds two heads that the log itself signed; returns both.

    Raises:
        ProofInvalid: one of them was not signed by the log.
    """
    try:
        record = json.loads(place.read_text("utf-8"))
        notes = [str(record[name]) for name in ("before", "now")]
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise ProofInvalid(f"{place.name} is not a monitor's proof: {e}") from e
    before, now = (open_checkpoint(note, verifier_keys) for note in notes)
    return before.head, now.head


def default_memory() -> Path:
    """Where a monitor keeps its memory when it is not told: the XDG state folder."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "sealtrace-monitor"
