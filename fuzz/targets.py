"""The targets: each reads hostile bytes, and only the documented error may come of it.

A target returns when the bytes were accepted or refused as documented; anything else it raises is a
finding. `samples` gives genuine bytes for each, to begin mutating from.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sealtrace.clock import FixedClock
from sealtrace.errors import InputMissing, InputTooLarge, ProofInvalid, QuorumMissing
from sealtrace.ids import CopyId
from sealtrace.ledger import issuers, witness
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys
from sealtrace.ledger.monitor import Monitor
from sealtrace.ledger.note import Note, open_checkpoint
from sealtrace.ledger.notekey import COSIGN_ED25519, NoteKey, NoteSigner
from sealtrace.ledger.publish import publish
from sealtrace.ledger.quorum import Asker, Policy
from sealtrace.ledger.verify import verify_commitment, verify_receipt, verify_statement
from sealtrace.ledger.witness import Reply, Witness
from sealtrace.testing.simulated_nodes import OneByOne

CLOCK = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
KEYS = LedgerKeys("fuzz.example/log", "urn:example:fuzz", lambda name: hashlib.sha256(name.encode()).digest())
WITNESS = NoteSigner.from_seed("witness.example", COSIGN_ED25519, bytes(32))
POLICY = Policy(((WITNESS.public.text, "w"),), 1)
STATUSES = {200, 400, 403, 404, 409, 422}
ENTRIES = 11
PACKAGE_RECEIPT = (
    b'{"copy": "%s", "name": "A. Recipient", "at": "2026-03-02T09:00:00.000Z", "signature": "AAAA", '
    b'"undertaking": "00"}' % str(CopyId(7)).encode()
)


@dataclass(frozen=True)
class World:
    """A small log, what it published, and a witness that follows it."""

    folder: Path
    ledger: Ledger
    witness: Witness
    note: str
    published: dict[str, bytes]


@cache
def world() -> World:
    """Make the small world once."""
    folder = Path(tempfile.mkdtemp(prefix="sealtrace-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ledger = Ledger.create(folder / "log.db", KEYS, CLOCK)
    atexit.register(ledger.close)
    digests = [hashlib.sha256(bytes([i])).digest() for i in range(ENTRIES)]
    ledger.append([Draft("e", f"{i:x}", digest, "text/plain") for i, digest in enumerate(digests)])
    seen = Witness(folder / "witness.db", [WITNESS], CLOCK)
    atexit.register(seen.close)
    seen.add_log(ledger.keys().verifier_keys[0])
    note = Asker(ledger, lambda _, body: seen.add_checkpoint(body)).seal(POLICY)
    publish(ledger, folder / "public", note)
    files = [path for path in (folder / "public").rglob("*") if path.is_file()]
    published = {path.relative_to(folder / "public").as_posix(): path.read_bytes() for path in files}
    return World(folder, ledger, seen, note, published)


def note(data: bytes) -> None:
    """C2SP signed notes and checkpoints, with the log's and the witness' keys."""
    text = data.decode("utf-8", "replace")
    with suppress(ProofInvalid):
        Note.parse(text).held_by([NoteKey.parse(POLICY.witnesses[0][0])])
    with suppress(ProofInvalid):
        open_checkpoint(text, world().ledger.keys().verifier_keys)


def verifier_key(data: bytes) -> None:
    """C2SP verifier keys, and a signature under whatever key they give."""
    with suppress(ProofInvalid):
        NoteKey.parse(data.decode("utf-8", "replace")).verify("text\n", bytes(72))


def statement(data: bytes) -> None:
    """Signed statements: verifying, and taking in from an outside issuer."""
    with suppress(ProofInvalid):
        verify_statement(data, world().ledger.keys().statement_keys)
    with suppress(ProofInvalid):
        verify_commitment(data, {"field": [bytes(16), "value"]})
    with suppress(ProofInvalid):
        issuers.bare(data)


def receipt(data: bytes) -> None:
    """Receipts."""
    with suppress(ProofInvalid):
        verify_receipt(data, world().ledger.entry(5).statement, world().ledger.keys().receipt_keys)


def request(data: bytes) -> None:
    """Add-checkpoint requests to a witness: always answered, with a status of the protocol."""
    assert world().witness.add_checkpoint(data).status in STATUSES


def answer(data: bytes) -> None:
    """Answers of a witness to the log: a bad one is a missing cosignature, nothing else."""
    status, text = 409 if data[:1] == b"4" else 200, data.decode("utf-8", "replace")
    with suppress(QuorumMissing):
        Asker(world().ledger, lambda *_: Reply(status, text), pool=OneByOne).seal(POLICY)


def _monitored(name: str, data: bytes) -> None:
    files = world().published | {name: data}
    memory = world().folder / "memory"
    shutil.rmtree(memory, ignore_errors=True)
    keys = world().ledger.keys()
    read = lambda path, _limit: files.get(path)  # noqa: E731
    Monitor(read, memory, keys.verifier_keys, CLOCK, statement_keys=keys.statement_keys, policy=POLICY).look()


def checkpoint(data: bytes) -> None:
    """A published checkpoint, as a monitor reads it."""
    _monitored("checkpoint", data)


def bundle(data: bytes) -> None:
    """A published entry bundle, as a monitor reads it."""
    _monitored(f"tile/entries/000.p/{ENTRIES}", data)


def tile(data: bytes) -> None:
    """A published hash tile, as a monitor reads it."""
    _monitored(f"tile/0/000.p/{ENTRIES}", data)


def evidence(data: bytes) -> None:
    """Evidence files: each claim holds or does not, or the file is none."""
    from sealtrace.trace.verify import verify

    place = world().folder / "evidence"
    place.write_bytes(data)
    with suppress(ProofInvalid, InputMissing, InputTooLarge):
        verify(place).as_dict()


def package_receipt(data: bytes) -> None:
    """Receipts of packages, as somebody outside sends them back: what is read can be checked."""
    from sealtrace.custody.outgoing.receipt import read_bytes

    with suppress(ProofInvalid):
        assert read_bytes(data).signed


TARGETS: dict[str, Callable[[bytes], None]] = {
    "note": note,
    "verifier_key": verifier_key,
    "statement": statement,
    "receipt": receipt,
    "request": request,
    "answer": answer,
    "checkpoint": checkpoint,
    "bundle": bundle,
    "tile": tile,
    "evidence": evidence,
    "package_receipt": package_receipt,
}


def samples(name: str) -> list[bytes]:
    """Genuine bytes of a target, to begin from."""
    made, small = world(), world().ledger
    keys = (*small.keys().verifier_keys, *small.keys().cosigner_keys, WITNESS.public.text)
    known: dict[str, list[bytes]] = {
        "note": [made.note.encode()],
        "checkpoint": [made.note.encode()],
        "verifier_key": [key.encode() for key in keys],
        "statement": [small.entry(5).statement],
        "receipt": [small.receipt(5)],
        "request": [
            witness.request(0, [], made.note),
            witness.request(7, small.consistency(7, ENTRIES), made.note),
        ],
        "answer": [made.note.partition("\n\n")[2].encode(), b"4", b"4000"],
        "bundle": [made.published[f"tile/entries/000.p/{ENTRIES}"]],
        "tile": [made.published[f"tile/0/000.p/{ENTRIES}"]],
        "package_receipt": [PACKAGE_RECEIPT],
    }
    return known.get(name, [])
