"""The golden vectors by implementations that others wrote: scitt-cose, tlog-scales, Go's x/mod, python-cwt."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import scitt_cose
from tlog_scales import reader, signing, tlog
from tlog_scales.backend import LocalBackend

from sealtrace.verifier.sealtrace_verify import leaf_hash, read_entries, root_from_inclusion

from . import golden

GOLDEN = golden.DATA.parent
STATEMENT = "the statement is signed by the issuer"
RECEIPT = "the receipt proves the statement to be in the log"


def strict(kind: str, name: str) -> list[dict[str, Any]]:
    return [vector for vector in golden.of(kind) if name not in vector.get("stricter_than", [])]


@pytest.mark.parametrize("vector", strict("pair", "scitt-cose"), ids=golden.name)
def test_scitt_cose(vector: dict[str, Any]) -> None:
    statement, receipt = (
        path.read_bytes() for e in (".statement", ".receipt") if (path := golden.path(vector, e))
    )
    fails = vector.get("fails", [])
    held = scitt_cose.verify_receipt(
        receipt, leaf_entry_hex=statement.hex(), log_public_key_pem=vector["keys"]["receipt_keys"][0]
    )
    assert held.ok is (RECEIPT not in fails), held.errors
    try:
        scitt_cose.verify_sign1(statement, public_key_pem=vector["keys"]["statement_keys"][0])
        signed = True
    except Exception:
        signed = False
    assert signed is (STATEMENT not in fails)


def test_tlog_scales_reads_the_published_log() -> None:
    head = head_of((golden.DATA / "log" / "checkpoint").read_text("utf-8"))
    log = reader.TilesReader(LocalBackend(golden.DATA / "log"))
    log.set_size(head.size)
    assert log.calculate_root_hash() == head.root_hash
    entries = list(read_entries(golden.DATA / "log", head.size))
    for index in (0, 255, 256, 259):
        assert log.get_entry(index) == entries[index]
        proof = log.get_inclusion_proof(index, head.size)
        assert (
            root_from_inclusion(index, head.size, leaf_hash(entries[index]), proof.node_hashes)
            == head.root_hash
        )


def head_of(note: str) -> tlog.Checkpoint:
    """Its own parser knows no extension lines, such as the SM3 root's."""
    origin, size, root = note.split("\n")[:3]
    return tlog.Checkpoint(origin, int(size), base64.b64decode(root), [])


@pytest.mark.parametrize(
    "vector", [v for v in golden.of("checkpoint") if v.get("cosigners")], ids=golden.name
)
def test_tlog_scales_checks_the_cosignatures(vector: dict[str, Any]) -> None:
    kinds = {4: signing.Ed25519CosignatureVerifier, 6: signing.MLDSA44CosignatureVerifier}
    note = golden.files(vector).decode()
    head, lines = head_of(note), note.rpartition("\n\n")[2]
    for cosigner in vector["cosigners"]:
        vkey = signing.Vkey.from_string(cosigner)
        if vkey.sig_type not in kinds:
            continue  # SM2 is a private kind
        fails = f"{vkey.name} has cosigned the checkpoint" in vector.get("fails", [])
        notes = [signing.NoteSignature.from_line(line) for line in lines.splitlines()]
        mine = [line for line in notes if vkey.match(line)]
        assert _verified(kinds[vkey.sig_type](vkey), mine, head) is not fails


def _verified(verifier: Any, notes: list[Any], head: Any) -> bool:
    try:
        for note in notes:
            verifier.verify_note(note, head)
    except Exception:
        return False
    return bool(notes)


def test_go_sumdb(tmp_path: Path) -> None:
    """Runs where Go is on PATH and its x/mod is in the module cache: `cd tests/golden/go && go mod download`."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no go on PATH")
    offline = os.environ | {"GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    build = [go, "build", "-o", str(tmp_path / "golden"), "."]
    built = subprocess.run(build, cwd=GOLDEN / "go", env=offline, capture_output=True, text=True, check=False)
    if "GOPROXY=off" in built.stderr:
        pytest.skip("golang.org/x/mod is not in the module cache")
    assert built.returncode == 0, built.stderr
    ran = subprocess.run(
        [str(tmp_path / "golden"), str(golden.DATA)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    assert "disagreements: 0" in ran.stdout


def test_python_cwt() -> None:
    """It holds cbor2 below 6, so `./run test` gives it an environment of its own."""
    python = Path(sys.prefix) / "foreign" / "bin" / "python"
    ran = subprocess.run([python, GOLDEN / "foreign_cwt.py"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
