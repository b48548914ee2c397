"""Trace a leak: from a file, picture or text to the copy it came from, or to an honest 'not enough'.

Cheapest and surest first: exact bytes, authenticated stamp, then identification by page picture and by
text, then detection against the copies really issued. How many copies are considered, the chance, the models and
the software are an entry in the ledger before anything is decoded; the answer is one before it is given.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import apsw

from sealtrace.content.kinds import detect
from sealtrace.custody import circumstances, indexing, proof_store, store
from sealtrace.custody.digests import digest_file
from sealtrace.custody.issue import person_of
from sealtrace.custody.model import Recipient, written
from sealtrace.custody.office import Office
from sealtrace.errors import InputEmpty, UsageProblem
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.model import Entry
from sealtrace.trace import evidence, software
from sealtrace.trace.model import (
    Accused,
    Answer,
    Opening,
    Piece,
)
from sealtrace.trace.weigh import models_text

from .answer import Named, TraceAnswer
from .held import HeldPages
from .search import Search, Tell

OPENED, TRACED = "leak:opened", "leak:traced"


def trace(
    office: Office,
    paths: Sequence[Path],
    *,
    chance: float,
    by: Recipient | None = None,
    tell: Tell | None = None,
) -> TraceAnswer:
    """Trace one leak, given as one or several pieces. Who asks, on which device and from where, is `by`.

    Raises:
        UsageProblem: no piece, or a chance outside (0, 0.01].
        InputMissing, InputUnreadable, InputEmpty: a piece can't be read as a file.
        KeySealed: what tells copies apart is sealed, and no release is in force.
    """
    if not paths:
        raise UsageProblem("there is nothing to trace", advice="Give at least one file.")
    if not 0 < chance <= 0.01:
        raise UsageProblem(
            f"chance {chance} is outside (0, 0.01]", advice="Give a small chance, such as 1e-9."
        )
    begun = time.perf_counter()
    pieces = [_piece(path) for path in paths]
    trace_id = f"T{os.urandom(8).hex()}"
    with office.writing():
        indexing.catch_up(office)
        opened = _open(office, trace_id, pieces, chance)
    search = Search(office, pieces, opened, tell, trace_id)
    answer = search.run()
    claimed = circumstances.claimed(pieces)
    search.tell("enter")
    with office.writing():
        return _enter(office, trace_id, answer, search.held, begun, by, claimed)


def _open(office: Office, trace_id: str, pieces: Sequence[Piece], chance: float) -> Opening:
    """Fix in the log what the answer will be judged by, durable before anything is decoded."""
    release = office.released() if office.tracing_key is not None else None
    digests = [piece.sha256 for piece in pieces]
    earlier = proof_store.openings_of(office.db, digests)
    considered, models = max(1, store.count_copies(office.db)), models_text()
    fields: dict[str, str | int | bytes | None] = {
        "trace": trace_id,
        "considered": considered,
        "chance": repr(chance),
        "models": models,
        "software_sha256": software.digest(),
        "leak_sha256": b"".join(digests),
        "earlier": earlier,
        "release": release.entry.index if release else None,
    }
    entry = office.record_act(
        OPENED, trace_id, fields, lambda db, entry: proof_store.insert_opened(db, digests, entry.index)
    )
    return Opening(entry.index, considered, chance, models, software.digest(), earlier)


def _piece(path: Path) -> Piece:
    digest, size = digest_file(path)
    if size == 0:
        raise InputEmpty(f"{path} has no bytes")
    return Piece(path, digest, size, detect(path))


def _enter(
    office: Office,
    trace_id: str,
    answer: Answer,
    held: HeldPages,
    begun: float,
    by: Recipient | None,
    claimed: Sequence[circumstances.Said],
) -> TraceAnswer:
    """Enter the trace in the ledger with everything needed to recompute it, then put names to copies."""
    opened = answer.opened
    assert opened is not None, "a trace is opened before it is answered"
    at = written(office.clock.now())
    rows_named = {a.version for a in answer.accused} | {w.version for w in answer.weighed}
    refs = {row: str(store.version_by_row(office.db, row).ref) for row in rows_named}
    kept = evidence.keep(answer, trace_id, at, refs, two_keys=office.two_keys)
    words = [held.word(a.version, a.copy) for a in answer.accused]
    notary = [held.notary_word(a.copy) if a.halves else None for a in answer.accused]

    asked = {"by_operator": by.operator, "by_device": by.device, "by_ip": by.ip} if by else {}
    title = answer.identified.title if answer.identified else None
    seconds = time.perf_counter() - begun

    def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        record = {"kept": kept, "opening": sealed.opening, "opened": opened.index, "words": words}
        record |= {"notary_words": notary} if any(notary) else {}
        record |= {"title": title, "seconds": seconds, "claimed": list(claimed)}
        box = office.subjects.seal_office(record, trace_id.encode())
        store.insert_trace(db, trace_id, at, entry.index, box)

    entry = office.record(
        TRACED,
        trace_id,
        {
            "trace": trace_id,
            "opened": opened.index,
            "at": at,
            "result": str(answer.result),
            "file": str(answer.identified.ref) if answer.identified else None,
            "accused": b"".join(sorted(bytes(a.copy) for a in answer.accused)),
            "accused_versions": ",".join(sorted({refs[a.version] for a in answer.accused})),
            "considered": answer.considered,
            "chance": repr(answer.chance),
            "models": opened.models,
            "software_sha256": opened.software_sha256,
            "leak_sha256": b"".join(piece.sha256 for piece in answer.pieces),
            "findings_sha256": evidence.digest(kept),
            **asked,
        },
        rows,
    )
    copies = tuple(_name(office, accused) for accused in answer.accused)
    beside = circumstances.of(office, claimed, [copy.accused.copy for copy in copies])
    return TraceAnswer(trace_id, answer, copies, time.perf_counter() - begun, entry, beside)


def _name(office: Office, accused: Accused) -> Named:
    row = office.copy(accused.copy)
    who = person_of(office, row)
    return Named(accused, who.operator, who.device, who.ip, row.issued_at, str(row.purpose), row.entry)
