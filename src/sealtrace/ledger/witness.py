"""A witness: cosigns other organisations' checkpoints, and only such as extend what it cosigned before.

It keeps one head a log and persists it before it answers. What it refuses although the log signed it is
kept: two heads of one size with different roots prove a fork; a proof that does not join two heads only
raises a suspicion, since anybody can send a wrong proof with somebody's checkpoint.
Sources: C2SP tlog-witness; cosignatures of both kinds by C2SP tlog-cosignature.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from sealtrace.clock import Clock
from sealtrace.errors import NotRegistered, ProofInvalid, SealtraceError

from .database import connect, failures_named
from .merkle import EMPTY_ROOT
from .model import TreeHead
from .note import Note
from .notekey import NoteKey, NoteSigner, from_base64, read_head
from .verify import verify_consistency

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = 1 << 20

SCHEMA = """
CREATE TABLE IF NOT EXISTS logs(
    origin TEXT NOT NULL,
    vkey TEXT NOT NULL,
    PRIMARY KEY (origin, vkey)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads(
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forks(
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    origin TEXT NOT NULL,
    problem TEXT NOT NULL,
    proven INTEGER NOT NULL,       -- 1: both heads have one size; 0: the proof between them did not hold
    held TEXT NOT NULL,            -- the checkpoint cosigned before
    offered TEXT NOT NULL,         -- the signed request that contradicts it
    note BLOB NOT NULL UNIQUE      -- digest of the offered checkpoint, so that each is kept once
);
"""
MAX_SUSPICIONS = 1000  # a log: proven forks are always kept


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answers: HTTP status, body, content type."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Fork:
    """Two signed heads of one log that contradict each other, or may."""

    at: str
    origin: str
    problem: str
    proven: bool
    held: str
    offered: str


NOTHING = TreeHead(0, EMPTY_ROOT)


class _Refused(Exception):
    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class Witness:
    """One witness with its keys and its memory of logs, in an SQLite database."""

    def __init__(self, database: Path, signers: Sequence[NoteSigner], clock: Clock) -> None:
        self._signers, self._clock, self._lock = tuple(signers), clock, threading.Lock()
        with failures_named("opening the witness's memory"):
            self._db = connect(database, create=True)
            self._db.execute(SCHEMA)

    @property
    def keys(self) -> list[str]:
        """The C2SP verifier keys of this witness' cosignatures."""
        return [signer.public.text for signer in self._signers]

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def add_log(self, verifier_key: str) -> str:
        """Trust a log's key; returns its origin. A second key of one origin is a rotation's.

        Raises:
            ProofInvalid: this is not a verifier key.
        """
        key = NoteKey.parse(verifier_key)
        with self._lock, failures_named("adding a log"):
            self._db.execute("INSERT OR IGNORE INTO logs VALUES (?, ?)", (key.name, key.text))
        return key.name

    def remove_log(self, verifier_key: str) -> str:
        """Trust a log's key no more, as after its rotation; what was cosigned stays known.

        Raises:
            ProofInvalid: this is not a verifier key.
            NotRegistered: it was not trusted.
        """
        key = NoteKey.parse(verifier_key)
        with self._lock, failures_named("removing a log's key"):
            self._db.execute("DELETE FROM logs WHERE vkey = ?", (key.text,))
            if not self._db.changes():
                raise NotRegistered(
                    f"this witness does not know that key of {key.name}",
                    advice="`sealtrace witness list` shows the logs it knows.",
                )
        return key.name

    def heads(self) -> list[tuple[str, TreeHead]]:
        """Each log's newest cosigned head."""
        rows = self._db.execute(
            "SELECT DISTINCT l.origin, ifnull(h.size, 0), ifnull(h.root, x'') FROM logs l"
            " LEFT JOIN heads h USING (origin) ORDER BY l.origin"
        )
        return [(str(origin), TreeHead(int(size), bytes(root))) for origin, size, root in rows]

    def forks(self) -> list[Fork]:
        """The evidence of forks kept so far, oldest first."""
        rows = self._db.execute("SELECT at, origin, problem, proven, held, offered FROM forks ORDER BY id")
        return [Fork(str(a), str(o), str(p), bool(w), str(h), str(n)) for a, o, p, w, h, n in rows]

    def add_checkpoint(self, request: bytes) -> Reply:
        """Answer one add-checkpoint request; safe to call from many threads.

        200 with cosignature lines; 400 malformed; 403 no trusted signature; 404 unknown log; 409 with the
        size held, or another root at the same size; 422 the proof does not join the two heads.
        """
        with self._lock:
            try:
                return self._answer(request)
            except _Refused as e:
                return e.reply
            except SealtraceError as e:
                return Reply(503 if e.code != ProofInvalid.code else 400, e.message + "\n")

    def _answer(self, request: bytes) -> Reply:
        old, proof, note = _parse(request)
        parsed = Note.parse(note)
        origin, head = read_head(parsed.text)
        self._must_be_signed(origin, parsed)
        if old > head.size:
            raise _Refused(Reply(400, "the old size is beyond the checkpoint's\n"))
        with failures_named("keeping a head"), self._transaction():
            held, held_note = self._held(origin)
            contradicts = bool(held_note) and head.size == held.size and head.root != held.root
            if contradicts:
                self._keep_fork(
                    origin, "another root at the same size", held_note, request, note, proven=True
                )
            if contradicts or old != held.size:
                raise _Refused(Reply(409, f"{held.size}\n", "text/x.tlog.size"))
            try:
                if old == 0 and proof:
                    raise ProofInvalid("a proof from an empty tree is empty")
                verify_consistency(old, head.size, proof, held.root, head.root)
            except ProofInvalid as e:
                self._keep_fork(origin, e.message, held_note, request, note, proven=False)
                raise _Refused(Reply(422, e.message + "\n")) from e
            self._db.execute(
                "INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)", (origin, head.size, head.root, note)
            )
        now = int(self._clock.now().timestamp())
        return Reply(200, "".join(signer.line(parsed.text, now) for signer in self._signers))

    def _must_be_signed(self, origin: str, note: Note) -> None:
        rows = self._db.execute("SELECT vkey FROM logs WHERE origin = ?", (origin,)).fetchall()
        if not rows:
            raise _Refused(Reply(404, "this log is unknown here\n"))
        try:
            held = note.held_by(NoteKey.parse(str(row[0])) for row in rows)
        except ProofInvalid as e:
            raise _Refused(Reply(403, e.message + "\n")) from e
        if not held:
            raise _Refused(Reply(403, "no trusted key signed this checkpoint\n"))

    def _held(self, origin: str) -> tuple[TreeHead, str]:
        row = self._db.execute("SELECT size, root, note FROM heads WHERE origin = ?", (origin,)).fetchone()
        return (TreeHead(int(row[0]), bytes(row[1])), str(row[2])) if row else (NOTHING, "")

    def _keep_fork(
        self, origin: str, problem: str, held: str, request: bytes, note: str, *, proven: bool
    ) -> None:
        """Evidence outlives the refusal: it is kept by the transaction that refuses, once."""
        suspicions = "SELECT count(*) FROM forks WHERE origin = ? AND NOT proven"
        row = self._db.execute(suspicions, (origin,)).fetchone()
        if proven or (row is not None and row[0] < MAX_SUSPICIONS):
            digest = hashlib.sha256(f"{int(proven)} {note}".encode()).digest()
            self._db.execute(
                "INSERT OR IGNORE INTO forks(at, origin, problem, proven, held, offered, note)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self._clock.now().isoformat(), origin, problem, proven, held, request.decode(), digest),
            )

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    """Commits what was written, also when the request is refused; undoes it on any other failure."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        if self._db.in_transaction:  # a BEGIN that failed after it was done
            self._db.execute("ROLLBACK")
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        keep = kind is None or issubclass(kind, _Refused)
        try:
            if keep:
                self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def _parse(request: bytes) -> tuple[int, list[bytes], str]:
    """Read a request: old size, proof, checkpoint. Raises _Refused with 400."""
    malformed = _Refused(Reply(400, "this is not an add-checkpoint request\n"))
    if len(request) > MAX_REQUEST_BYTES:
        raise malformed
    try:
        top, blank, note = request.decode().partition("\n\n")
        first, *lines = top.split("\n")
        word, size = first.split(" ")
        proof = [from_base64(line) for line in lines]
    except ValueError as e:
        raise malformed from e
    regular = size.isascii() and size.isdecimal() and (size == "0" or size[0] != "0") and not int(size) >> 63
    if word != "old" or not blank or not regular or len(proof) > MAX_PROOF_LINES:
        raise malformed
    if any(len(node) != 32 for node in proof):
        raise malformed
    return int(size), proof, note


def request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """Write an add-checkpoint request."""
    lines = [f"old {old}", *(base64.b64encode(node).decode() for node in proof), "", note]
    return "\n".join(lines).encode()
