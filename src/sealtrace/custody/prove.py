"""Write a trace's evidence file: gather entries, receipts and openings, and seal them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace.errors import Corrupted, NotRegistered
from sealtrace.ids import CopyId
from sealtrace.trace import evidence
from sealtrace.trace.evidence import AccusedProof, ProvenEntry

from . import devices, proof_store, store
from .books import code_book
from .home import Home
from .issue import deliver
from .keys import ROTATED
from .office import Office

if TYPE_CHECKING:
    from sealtrace.marks.codewords import CodeBook


@dataclass(frozen=True, slots=True)
class Kept:
    """What the home keeps of one trace."""

    trace: str
    entry: int
    record: Mapping[str, Any]

    @property
    def findings(self) -> dict[str, Any]:
        """The findings, read."""
        found: dict[str, Any] = cbor2.loads(self.record["kept"])
        return found


def kept(office: Office, trace_id: str) -> Kept:
    """Find a trace by its id or its entry's index.

    Raises:
        NotRegistered: no trace has this id.
    """
    found = store.trace_by_id(office.db, trace_id)
    if found is None:
        raise NotRegistered(
            f"no trace has the id {trace_id!r}", advice="`sealtrace leak list` shows the traces made so far."
        )
    name, entry, sealed = found
    return Kept(name, entry, office.subjects.unseal_office(sealed, name.encode()))


def export(office: Office, trace_id: str, out: Path, *, defence: CopyId | None = None) -> int:
    """Write the evidence of a trace to `out`, whole or not at all; returns its size in bytes.

    With `defence`: for the recipient of that copy, other people's data withheld.

    Raises:
        NotRegistered: no trace has this id, it does not name that copy, or an accused person's data has been
            erased.
    """
    trace = kept(office, trace_id)
    data = sealed_evidence(office, trace, defence=defence)
    with office.staging(f"evidence-{trace.trace}") as folder:
        (folder / "evidence").write_bytes(data)
        deliver(folder / "evidence", out)
    return len(data)


def sealed_evidence(office: Office, trace: Kept, *, defence: CopyId | None = None) -> bytes:
    """Return a trace's evidence file. Raises NotRegistered as `export` does."""
    accused = [CopyId(int.from_bytes(a["copy"], "big")) for a in trace.findings["accused"]]
    if defence is not None and defence not in accused:
        raise NotRegistered(f"trace {trace.trace} does not name copy {defence}")
    opened, release = _opened(office, trace)
    before = opened.index if opened else trace.entry
    words = trace.record.get("words") or [None] * len(accused)
    notary = trace.record.get("notary_words") or [None] * len(accused)
    proofs = [
        _accused(office, copy, word, before, half)
        for copy, word, half in zip(accused, words, notary, strict=True)
    ]
    keys = office.ledger.keys()
    return evidence.seal(
        findings=trace.record["kept"],
        trace=_proven(office, trace.entry, trace.record["opening"]),
        home=_home_entry(office),
        rotations=[_proven(office, index, opening) for index, opening in office.acts(ROTATED)],
        accused=[
            proof if defence in (None, copy) else proof.withheld()
            for copy, proof in zip(accused, proofs, strict=True)
        ],
        checkpoint=office.ledger.checkpoint(),
        keys={
            "verifier_keys": keys.verifier_keys,
            "statement_keys": keys.statement_keys,
            "receipt_keys": keys.receipt_keys,
        },
        signing=signing_key(office.home),
        opened=opened,
        release=release,
        two_keys=office.two_keys,
    )


def _opened(office: Office, trace: Kept) -> tuple[ProvenEntry | None, ProvenEntry | None]:
    """The entry that opened a trace, and the release of sealed keys that it names."""
    index = trace.record.get("opened")
    if index is None:
        return None, None  # a trace of an earlier version
    opened = _act(office, index)
    release = opened.opening["release"][1]
    return opened, _act(office, release) if release is not None else None


def _act(office: Office, index: int) -> ProvenEntry:
    found = store.act(office.db, index)
    if found is None:
        raise Corrupted(f"the register has no act with entry {index}, though a trace belongs to it")
    event, sealed = found
    return _proven(office, index, office.subjects.unseal_office(sealed, store.act_bound_to(event)))


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


def _accused(
    office: Office,
    copy: CopyId,
    word: list[bytes] | None,
    before: int,
    notary: list[bytes] | None = None,
) -> AccusedProof:
    """What proves one accused copy; deeds that came after the trace was opened prove nothing and are left out."""
    row = office.copy(copy)
    sealed = office.subjects.unseal(office.db, row.subject, row.sealed, bytes(row.id))
    if sealed is None:
        raise NotRegistered(
            f"the recipient of copy {copy} has been erased: its evidence can't be written any more",
            advice="Evidence written before the erasure still verifies.",
        )
    if word is None and office.tracing_key is None:  # a trace of an earlier version kept none
        book = code_book(office, store.version_by_row(office.db, row.version))
        word = [_packed_word(book, copy), book.bias_key] if book else None
    deeds = []
    for index, event, box in proof_store.copy_acts(office.db, copy):
        opened = office.subjects.unseal(office.db, row.subject, box, store.act_bound_to(event))
        if opened is not None and index < before:
            deeds.append(_proven(office, index, opened["opening"]))
    enrolled = devices.enrolment_of(office, row.subject, sealed["opening"])
    return AccusedProof(
        issue=_proven(office, row.entry, sealed["opening"]),
        codeword=word[0] if word else None,
        bias_key=word[1] if word else None,
        deeds=[_proven(office, *enrolled), *deeds] if enrolled else deeds,
        notary=(notary[0], notary[1]) if notary else None,
    )


def _packed_word(book: CodeBook, copy: CopyId) -> bytes:
    import numpy as np

    word: bytes = book.words(np.array([copy.value], dtype=np.uint64))[0].tobytes()
    return word
