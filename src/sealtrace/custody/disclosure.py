"""Disclose a document's keys to an expert, so that every codeword and score can be worked out again.

Whoever has a document key can work out any copy's marks, and could make such a copy. So a disclosure is an entry
of its own, made before the file is written: to whom, for what. What it discloses is fixed beforehand by the
commitments in the issue entries and in the findings; the file itself needs no signature.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from sealtrace.errors import UsageProblem
from sealtrace.ids import VersionRef
from sealtrace.ledger.model import Entry
from sealtrace.trace import recompute

from . import books, proof_store, store
from .issue import checked_target, deliver
from .model import Version, written
from .office import Office
from .prove import kept

DISCLOSED = "key:disclosed"


def disclose(office: Office, trace_id: str, out: Path, *, to: str, purpose: str) -> tuple[int, Entry]:
    """Write what recomputing a trace takes: document keys, word secrets where sealed, and the copies' ids.

    Raises:
        NotRegistered: no trace has this id.
        UsageProblem: it is not said to whom or for what, or nothing was weighed in this trace.
        KeySealed: the word secrets are sealed and no release is in force.
    """
    if not (to.strip() and purpose.strip()):
        raise UsageProblem("a disclosure says to whom and for what", advice="Give --to and --purpose.")
    target, trace = checked_target(out), kept(office, trace_id)
    weighed = list(dict.fromkeys(w["version"] for w in trace.findings["weighed"]))
    if not weighed:
        raise UsageProblem(
            "nothing was weighed in this trace: there are no scores to work out again",
            advice="An exact copy is proved by its bytes' digest alone.",
        )
    before = trace.record.get("opened")
    versions = [office.version(VersionRef.parse(ref)) for ref in weighed]
    data = recompute.write(trace.trace, [_keys(office, version, before) for version in versions])
    with office.writing():
        entry = office.record_act(
            DISCLOSED,
            trace.trace,
            {
                "trace": trace.trace,
                "to": to.strip(),
                "purpose": purpose.strip(),
                "disclosed_sha256": hashlib.sha256(data).digest(),
                "disclosed_at": written(office.clock.now()),
            },
            lambda _db, _entry: None,
        )
    with office.staging("disclosure") as folder:
        (folder / "keys").write_bytes(data)
        deliver(folder / "keys", target)
    return len(data), entry


def _keys(office: Office, version: Version, before: int | None) -> recompute.DocumentKeys:
    ids = np.sort(np.array(store.copy_ids(office.db, version.row, before), np.uint64))
    secrets: list[bytes] = []
    batches = np.zeros(0, np.int64)
    if office.tracing_key is not None:
        opened = books.unsealed(office, version)
        numbers = {row: number for number, row in enumerate(opened)}
        of = {copy: numbers[row] for copy, row in proof_store.sealed_copies(office.db, version.row)}
        secrets, batches = list(opened.values()), np.array([of[int(i)] for i in ids], np.int64)
    return recompute.DocumentKeys(
        str(version.ref), office.document_key(version), ids, tuple(secrets), batches
    )
