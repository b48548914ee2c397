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
from sealtrace.errors import InputMissing, ProofInvalid, QuorumMissing

from . import merkle
from .model import TreeHead
from .note import Checkpoint, Note, open_checkpoint
from .notekey import NoteKey
from .quorum import Policy
from .tiles import tile_path, write_whole
from .tree import WIDTH
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
    ) -> None:
        self._read, self._memory, self._keys, self._clock = read, memory, list(verifier_keys), clock
        self._statement_keys, self._policy, self._max_age_s = list(statement_keys), policy, max_age_s
        memory.mkdir(parents=True, exist_ok=True)

    def look(self) -> Round:
        """Look once: verify what is new, remember it, report what is wrong."""
        size, edge, seen_note = self._remembered()
        findings: list[Finding] = []
        try:
            data = self._read("checkpoint", MAX_CHECKPOINT_BYTES)
            if data is None:
                raise InputMissing("there is no checkpoint")
            note = data.decode()
            head = open_checkpoint(note, self._keys)
        except (OSError, InputMissing, UnicodeDecodeError) as e:
            return Round(size, 0, (Finding(Alarm.UNREACHABLE, str(e)),))
        except ProofInvalid as e:
            return Round(size, 0, (self._kept(Alarm.BAD_SIGNATURE, e.message, seen_note, note),))
        findings += self._of_lines(note)
        tree = merkle.Frontier.of(size, edge)
        if head.size < size:
            message = f"it showed {size} entries before and shows {head.size} now"
            return Round(size, 0, (*findings, self._kept(Alarm.ROLLBACK, message, seen_note, note)))
        try:
            findings += self._follow(tree, head)
        except (OSError, ProofInvalid) as e:
            return Round(size, 0, (*findings, Finding(Alarm.BROKEN_TREE, str(e))))
        if tree.root() != head.root:
            alarm = Alarm.FORK if seen_note and head.size >= size else Alarm.BROKEN_TREE
            message = f"the entries read do not give the root signed for {head.size}"
            return Round(size, 0, (*findings, self._kept(alarm, message, seen_note, note)))
        self._remember(tree, note)
        return Round(head.size, head.size - size, tuple(findings))

    # -- reading the log -------------------------------------------------------------------------

    def _follow(self, tree: merkle.Frontier, head: Checkpoint) -> Iterator[Finding]:
        """Read the entries the tree lacks and add them."""
        while tree.size < head.size:
            tile, skip = divmod(tree.size, WIDTH)
            width = min(WIDTH, head.size - tile * WIDTH)
            entries = self._bundle(tile, width)[skip:]
            for number, entry in enumerate(entries, tree.size):
                if self._statement_keys:
                    try:
                        verify_statement(entry, self._statement_keys)
                    except ProofInvalid as e:
                        yield Finding(Alarm.BAD_STATEMENT, f"entry {number}: {e.message}")
            tree.append(merkle.leaf_hash(entry) for entry in entries)

    def _bundle(self, tile: int, width: int) -> list[bytes]:
        name = f"tile/entries/{tile_path(tile)}"
        data = self._read(name, MAX_BUNDLE_BYTES)
        if data is None and width < WIDTH:
            data = self._read(f"{name}.p/{width}", MAX_BUNDLE_BYTES)
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
        state = json.loads(place.read_text("utf-8"))
        return state["size"], [(level, bytes.fromhex(node)) for level, node in state["edge"]], state["note"]

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
    record = json.loads(place.read_text("utf-8"))
    before, now = (open_checkpoint(record[name], verifier_keys) for name in ("before", "now"))
    return before.head, now.head


def default_memory() -> Path:
    """Where a monitor keeps its memory when it is not told: the XDG state folder."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "sealtrace-monitor"
