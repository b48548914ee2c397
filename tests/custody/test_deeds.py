"""What an erasure does to devices and deeds: they become unreadable with the person, and the register still holds."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealtrace.clock import stamp
from sealtrace.custody import erasure, proof_store
from sealtrace.custody.service import Custody
from sealtrace.ledger.check import EVERYTHING
from sealtrace.trace.device import Receipt, Request

from ..conftest import AT, prose


def test_devices_and_receipts_go_with_the_person(custody: Custody, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("\n".join(prose(7, 40)) + "\n", "utf-8")
    [file] = custody.register([tmp_path / "notes.txt"])
    key = Ed25519PrivateKey.generate()
    custody.enrol_device("op-1", "phone", key.public_key().public_bytes_raw())
    request = Request(str(file.code), 1, "op-1", "phone", stamp(AT), bytes(16)).sign(key)
    copy = custody.issue_asked(request, "10.9.0.1", tmp_path / "copy.txt")
    assert copy.sha256 is not None
    custody.received(Receipt(bytes(copy.id), copy.sha256, stamp(AT)).sign(key))
    assert len(proof_store.copy_acts(custody.office.db, copy.id)) == 1
    assert custody.check(EVERYTHING) == []
    erasure.erase(custody.office, "op-1", authority="court", basis="art. 47")
    assert custody.devices() == []
    assert proof_store.copy_acts(custody.office.db, copy.id) == []
    assert custody.copy(copy.id).operator == "(erased)"
    assert custody.check(EVERYTHING) == []


def test_bytes_made_after_a_reserved_copy_prove_it(custody: Custody, tmp_path: Path) -> None:
    """The issue entry of a reserved copy names no digest; its delivery's entry does, and is in the evidence."""
    from sealtrace.custody.model import Recipient
    from sealtrace.trace.verify import verify
    from sealtrace.verifier import sealtrace_verify as standalone

    (tmp_path / "notes.txt").write_text("\n".join(prose(8, 40)) + "\n", "utf-8")
    [file] = custody.register([tmp_path / "notes.txt"])
    [copy] = custody.issue_many(str(file.code), [Recipient("op-1", "dev-1", "10.9.0.1")], None)
    custody.fetch(copy.id, tmp_path / "copy.txt")
    answer = custody.trace([tmp_path / "copy.txt"])
    custody.export_evidence(answer.trace, tmp_path / "it.evidence")
    report = verify(tmp_path / "it.evidence")
    assert report.holds, report.claims
    assert standalone.check_evidence((tmp_path / "it.evidence").read_bytes()).hold
    again = custody.trace([tmp_path / "copy.txt"])
    assert again.answer.opened is not None
    assert again.answer.opened.earlier == 1
