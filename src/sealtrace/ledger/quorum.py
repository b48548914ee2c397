"""Which witnesses a log asks, how many must agree, and asking them: nothing is published below quorum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ThreadPoolExecutor, wait
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

GRACE_S = 0.05

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

    def check_kinds(self) -> None:
        """Raise UsageProblem unless every key is a witness', whose lines carry a time."""
        for vkey, _ in self.witnesses:
            if NoteKey.parse(vkey).kind not in TIMESTAMPED:
                raise UsageProblem(f"{NoteKey.parse(vkey).name}: this is a log's key, not a witness'")

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
    policy.check_kinds()
    for statement in filter(str.strip, SCHEMA.split(";")):
        db.execute(statement)
    db.execute("DELETE FROM witnesses")
    db.executemany("INSERT INTO witnesses VALUES (?, ?)", policy.witnesses)
    db.execute("INSERT OR REPLACE INTO quorum VALUES (1, ?)", (policy.needed,))


@dataclass
class Asker:
    """Collects cosignatures for a log's newest checkpoint; remembers the size each witness holds."""

    ledger: Ledger
    post: Post
    failures: dict[str, str] = field(default_factory=dict)
    """Why the last round brought nothing, by witness URL."""
    pool: Callable[[int], Executor] = ThreadPoolExecutor
    """Makes what asks so many witnesses at once."""
    _held: dict[str, int] = field(default_factory=dict)

    def seal(self, policy: Policy) -> str:
        """Complete the newest checkpoint with the log's own lines and enough cosignatures.

        All witnesses are asked at once; once enough have cosigned the others have GRACE_S to add theirs.

        Raises:
            QuorumMissing: too few cosigned; what came is kept, the entries are safe.
        """
        self.failures.clear()
        if not policy.witnesses:
            return self.ledger.complete()
        note = self.ledger.checkpoint()
        note = self.ledger.complete(self._ask(note, policy))
        try:
            policy.satisfied(note)
        except QuorumMissing as e:
            told = "; ".join(f"{url}: {why}" for url, why in sorted(self.failures.items()))
            raise QuorumMissing(f"{e.message}{f' ({told})' if told else ''}") from e
        return note

    def _ask(self, note: str, policy: Policy) -> list[str]:
        """Ask every witness; lines of their trusted keys only. A witness that fails is left out by name."""
        size = open_checkpoint(note, self.ledger.keys().verifier_keys).size
        keys: dict[str, list[str]] = {}
        for vkey, url in policy.witnesses:
            keys.setdefault(url, []).append(vkey)
        lines: list[str] = []
        names: set[str] = set()
        pool = self.pool(len(keys))
        try:
            asked = {pool.submit(self.post, url, self._request(url, size, note)): url for url in keys}
            again = set(keys)  # who may still be asked a second time
            while asked:
                enough = len(names) >= policy.needed
                answered, _ = wait(asked, GRACE_S if enough else None, FIRST_COMPLETED)
                if not answered:
                    break
                for future in sorted(answered, key=lambda f: asked[f]):
                    url = asked.pop(future)
                    try:
                        reply = future.result()
                        if reply.status == 409 and url in again:
                            again.remove(url)
                            self._held[url] = _held_size(reply, size)
                            asked[pool.submit(self.post, url, self._request(url, size, note))] = url
                            continue
                        held = _cosigned(reply, note, keys[url], self._held.get(url, 0))
                    except (OSError, ProofInvalid, ValueError) as e:
                        self.failures[url] = str(e)
                        continue
                    self._held[url] = size
                    lines += held
                    names.update(row.split(" ")[1] for row in held)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return lines

    def _request(self, url: str, size: int, note: str) -> bytes:
        """Write the request for one witness, from the size it is thought to hold."""
        old = min(self._held.get(url, 0), size)
        return request(old, self.ledger.consistency(old, size), note)


def _held_size(reply: Reply, size: int) -> int:
    """The size a witness says that it holds; it can't be beyond this log's."""
    old = _size_in(reply)
    if old > size:
        raise ProofInvalid(f"it cosigned a head of {old} entries before; this log has {size}")
    return old


def _cosigned(reply: Reply, note: str, vkeys: Sequence[str], old: int) -> list[str]:
    if reply.status == 409:
        raise ProofInvalid(f"it cosigned another head of {old} entries")
    if reply.status != 200:
        raise ProofInvalid(f"it answered {reply.status}: {reply.body.strip()[:200]}")
    return _trusted(note, reply.body, vkeys)


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
