"""Write a trace's evidence file: gather entries, receipts and openings, and seal them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace.errors import NotRegistered
from sealtrace.ids import CopyId
from sealtrace.trace import evidence
from sealtrace.trace.evidence import AccusedProof, ProvenEntry

from . import store
from .home import Home
from .issue import code_book, deliver
from .keys import ROTATED
from .office import Office


def export(office: Office, trace_id: str, out: Path) -> int:
    """Write the evidence of a trace to `out`, whole or not at all; returns its size in bytes.

    Raises:
        NotRegistered: no trace has this id, or an accused person's data has been erased.
    """
    found = store.trace_by_id(office.db, trace_id)
    if found is None:
        raise NotRegistered(
            f"no trace has the id {trace_id!r}", advice="`sealtrace leak list` shows the traces made so far."
        )
    name, entry, sealed = found
    record = office.subjects.unseal_office(sealed, name.encode())
    findings = cbor2.loads(record["kept"])
    keys = office.ledger.keys()
    data = evidence.seal(
        findings=record["kept"],
        trace=_proven(office, entry, record["opening"]),
        home=_home_entry(office),
        rotations=[_proven(office, index, opening) for index, opening in office.acts(ROTATED)],
        accused=[_accused(office, CopyId(int.from_bytes(a["copy"], "big"))) for a in findings["accused"]],
        checkpoint=office.ledger.checkpoint(),
        keys={
            "verifier_keys": keys.verifier_keys,
            "statement_keys": keys.statement_keys,
            "receipt_keys": keys.receipt_keys,
        },
        signing=signing_key(office.home),
    )
    with office.staging(f"evidence-{name}") as folder:
        (folder / "evidence").write_bytes(data)
        deliver(folder / "evidence", out)
    return len(data)


def public_key(home: Home) -> bytes:
    """The raw Ed25519 key that signs this home's evidence files; named in the home's first entry."""
    return signing_key(home).public_key().public_bytes_raw()


def signing_key(home: Home) -> Ed25519PrivateKey:
    """The key that signs this home's evidence files and backups."""
    return Ed25519PrivateKey.from_private_bytes(home.keyring.secret("evidence/signing"))


def _proven(office: Office, index: int, opening: Mapping[str, Any]) -> ProvenEntry:
    return ProvenEntry(index, office.ledger.entry(index).statement, office.ledger.receipt(index), opening)


def _home_entry(office: Office) -> ProvenEntry:
    row = office.db.execute("SELECT entry, opening FROM home").fetchone()
    assert row is not None, "every home has its first entry"
    return _proven(office, row[0], office.subjects.unseal_office(bytes(row[1]), b"home"))


def _accused(office: Office, copy: CopyId) -> AccusedProof:
    row = office.copy(copy)
    sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    if sealed is None:
        raise NotRegistered(
            f"the recipient of copy {copy} has been erased: its evidence can't be written any more",
            advice="Evidence written before the erasure still verifies.",
        )
    book = code_book(office, store.version_by_row(office.db, row.version))
    return AccusedProof(
        issue=_proven(office, row.entry, sealed["opening"]),
        codeword=_packed_word(book, copy) if book else None,
        bias_key=book.bias_key if book else None,
    )


def _packed_word(book: Any, copy: CopyId) -> bytes:
    import numpy as np

    word: bytes = book.words(np.array([copy.value], dtype=np.uint64))[0].tobytes()
    return word
