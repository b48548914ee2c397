"""What others wrote accepts what this log publishes, and refuses it once it is altered."""

from __future__ import annotations

from pathlib import Path

import metamorphic_log
import pytest
import scitt_cose
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint

from sealtrace.ledger.log import Ledger
from sealtrace.ledger.merkle import leaf_hash
from sealtrace.ledger.model import Profile
from sealtrace.ledger.publish import publish

from .rig import draft, log_of


@pytest.fixture(scope="module", params=list(Profile))
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    made = log_of(tmp_path_factory.mktemp("log") / "log.db", 600, profile=request.param)
    made.append([draft(7000)])
    return made


@pytest.fixture(scope="module")
def out(log: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    publish(log, folder, log.complete())
    return folder


@pytest.mark.parametrize("index", [0, 255, 256, 511, 599, 600])
def test_scitt_cose_verifies_receipts(log: Ledger, index: int) -> None:
    [pem] = log.keys().receipt_keys
    receipt, statement = log.receipt(index), log.entry(index).statement
    assert scitt_cose.verify_receipt(receipt, leaf_entry_hex=statement.hex(), log_public_key_pem=pem).ok
    other = log.entry((index + 1) % 601).statement
    assert not scitt_cose.verify_receipt(receipt, leaf_entry_hex=other.hex(), log_public_key_pem=pem).ok


def test_tlog_scales_computes_the_root_from_the_tiles(log: Ledger, out: Path) -> None:
    reader = TilesReader(LocalBackend(out))
    reader.set_size(601)
    assert reader.calculate_root_hash() == log.root()
    for index in (0, 256, 600):
        assert reader.get_entry(index) == log.entry(index).statement
        proof = reader.get_inclusion_proof(index, 601)
        assert proof.node_hashes == log.inclusion(index, 601)
        proof.check(leaf_hash(log.entry(index).statement), log.root())
    assert reader.get_consistency_proof(300, 601).node_hashes == log.consistency(300, 601)


def test_tlog_scales_verifies_ed25519_and_ml_dsa_lines(log: Ledger, out: Path) -> None:
    note = (out / "checkpoint").read_text("utf-8")
    text, _, rows = note.rpartition("\n\n")
    if "\nsm3 " in text:
        pytest.skip("tlog-scales reads no checkpoint with an extension line")
    read = Checkpoint.from_text(f"{text}\n\n{rows}")
    for key in (log.keys().verifier_keys[0], log.keys().cosigner_keys[0]):
        read.verify(Vkey.from_string(key))


def test_metamorphic_log_reads_the_note_whatever_other_lines_stand_there(log: Ledger, out: Path) -> None:
    note = (out / "checkpoint").read_text("utf-8")
    assert metamorphic_log.verify_signed_note(note, [log.keys().verifier_keys[0]]) == 1
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.verify_signed_note(note.replace("\n601\n", "\n602\n"), [log.keys().verifier_keys[0]])
