"""Which witnesses a log asks, how many must agree, and asking them: nothing is published below quorum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import apsw

from sealtrace.errors import ProofInvalid, QuorumMissing, UsageProblem

from .log import Ledger
from .note import Note
from .notekey import TIMESTAMPED, NoteKey
from .verify import open_checkpoint
from .witness import Reply, request

SCHEMA = """
CREATE TABLE IF NOT EXISTS witnesses(
    vkey TEXT PRIMARY KEY,
    url TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quorum(one INTEGER PRIMARY KEY CHECK (one = 1), needed INTEGER NOT NULL);
"""

Post = Callable[[str, bytes], Reply]
"""Sends a request body to a witness' URL; returns its answer. Raises OSError when it can't be reached."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The witnesses of a log, by C2SP verifier key and submission prefix, and how many must cosign."""

    witnesses: tuple[tuple[str, str], ...]
    needed: int

    def __post_init__(self) -> None:
        if not 0 <= self.needed <= len({NoteKey.parse(vkey).name for vkey, _ in self.witnesses}):
            raise UsageProblem(f"{self.needed} of {len(self.witnesses)} witnesses can't be asked for")

    def satisfied(self, note: str) -> list[str]:
        """The names of the policy's witnesses whose cosignature on a checkpoint holds.

        Raises:
            ProofInvalid: the note is malformed, or a cosignature of one of them does not hold.
            QuorumMissing: they are fewer than the policy asks for.
        """
        keys = [NoteKey.parse(vkey) for vkey, _ in self.witnesses]
        held = sorted({key.name for key in Note.parse(note).held_by(keys)})
        if len(held) < self.needed:
            raise QuorumMissing(
                f"{len(held)} of the {self.needed} witnesses needed have cosigned: {', '.join(held) or 'none'}"
            )
        return held


def load(db: apsw.Connection) -> Policy:
    """Read a log's policy; without one no witness is asked."""
    known = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'quorum'").fetchone()
    if known is None:
        return Policy((), 0)
    rows = db.execute("SELECT vkey, url FROM witnesses ORDER BY vkey").fetchall()
    row = db.execute("SELECT needed FROM quorum").fetchone()
    return Policy(tuple((str(vkey), str(url)) for vkey, url in rows), int(row[0]) if row else 0)


def save(db: apsw.Connection, policy: Policy) -> None:
    """Write a log's policy. Runs in the caller's transaction.

    Raises:
        UsageProblem: a key is not a witness', whose lines carry a time.
    """
    for vkey, _ in policy.witnesses:
        if NoteKey.parse(vkey).kind not in TIMESTAMPED:
            raise UsageProblem(f"{NoteKey.parse(vkey).name}: this is a log's key, not a witness'")
    for statement in filter(str.strip, SCHEMA.split(";")):
        db.execute(statement)
    db.execute("DELETE FROM witnesses")
    db.executemany("INSERT INTO witnesses VALUES (?, ?)", policy.witnesses)
    db.execute("INSERT OR REPLACE INTO quorum VALUES (1, ?)", (policy.needed,))


Each = Callable[[Callable[[str], list[str]], Sequence[str]], Iterable[list[str]]]
"""Calls a function on each of some URLs; gives the results in order."""


def in_parallel(ask: Callable[[str], list[str]], urls: Sequence[str]) -> Iterable[list[str]]:
    """Ask all at once, each in a thread of its own."""
    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(ask, urls))


@dataclass
class Asker:
    """Collects cosignatures for a log's newest checkpoint; remembers the size each witness holds."""

    ledger: Ledger
    post: Post
    failures: dict[str, str] = field(default_factory=dict)
    """Why the last round brought nothing, by witness URL."""
    each: Each = in_parallel
    """How the witnesses are asked; `map` asks one after the other."""
    _held: dict[str, int] = field(default_factory=dict)

    def seal(self, policy: Policy) -> str:
        """Complete the newest checkpoint with the log's own lines and enough cosignatures.

        Raises:
            QuorumMissing: too few cosigned; what came is kept, the entries are safe.
        """
        note = self.ledger.complete()
        self.failures.clear()
        if not policy.witnesses:
            return note
        urls = list(dict.fromkeys(url for _, url in policy.witnesses))
        answers = list(self.each(lambda url: self._ask(url, note, policy), urls))
        note = self.ledger.complete([line for lines in answers for line in lines])
        policy.satisfied(note)
        return note

    def _ask(self, url: str, note: str, policy: Policy) -> list[str]:
        """Ask one witness; lines of its trusted keys only. A witness that fails is left out by name."""
        size = open_checkpoint(note, self.ledger.keys().verifier_keys).size
        old = self._held.get(url, 0)
        try:
            for _ in range(2):
                proof = self.ledger.consistency(old, size) if old <= size else []
                reply = self.post(url, request(old, proof, note))
                if reply.status != 409:
                    break
                old = _size_in(reply)
            if reply.status != 200:
                raise ProofInvalid(f"it answered {reply.status}: {reply.body.strip()[:200]}")
            lines = _trusted(note, reply.body, [vkey for vkey, at in policy.witnesses if at == url])
            self._held[url] = size
        except (OSError, ProofInvalid, ValueError) as e:
            self.failures[url] = str(e)
            return []
        return lines


def _size_in(reply: Reply) -> int:
    text = reply.body.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ProofInvalid("it holds another head and does not say of what size")
    return int(text)


def _trusted(note: str, body: str, vkeys: Sequence[str]) -> list[str]:
    """Of the answered lines, those that hold under the witness' own keys."""
    text = Note.parse(note).text
    answered = Note.parse(f"{text}\n{body}")
    keys = {(key.name, key.digest): key for key in map(NoteKey.parse, vkeys)}
    held = []
    for line, row in zip(answered.lines, body.splitlines(keepends=True), strict=True):
        key = keys.get((line.name, line.digest))
        if key is not None:
            key.verify(text, line.signature)
            held.append(row)
    if not held:
        raise ProofInvalid("it answered with no cosignature of a known key")
    return held
