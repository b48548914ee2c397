"""Every golden vector, by every verifier: they find what the vector says, and so agree with each other."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sealtrace.errors import ProofInvalid
from sealtrace.ledger.quorum import Policy
from sealtrace.ledger.verify import (
    open_checkpoint,
    root_from_inclusion,
    verify_consistency,
    verify_receipt,
    verify_statement,
)
from sealtrace.trace.verify import verify
from sealtrace.verifier import sealtrace_verify as standalone

from ..golden.generate import all_files
from ..golden.vectors import Lines, Scores
from . import golden

RUN = Path(__file__).with_name("run.mjs")
MODULES = Path(standalone.__file__).with_name("js")


@pytest.mark.parametrize("vector", golden.VECTORS, ids=lambda v: f"{v['kind']}-{v['name']}")
def test_standalone_python(vector: dict[str, Any], tmp_path: Path) -> None:
    golden.must_be(vector, golden.by_python(vector, tmp_path))


@pytest.mark.parametrize("vector", golden.of("evidence"), ids=golden.name)
def test_evidence_verify(vector: dict[str, Any]) -> None:
    path = golden.path(vector)
    assert path is not None
    try:
        report = verify(path, expected_key=vector.get("key"), cosigners=vector.get("cosigners", []))
    except ProofInvalid:
        assert vector.get("refused")
        return
    golden.must_be(vector, golden.as_found(report.claims))
    assert report.holds is not bool(vector.get("fails"))


@pytest.mark.parametrize("vector", golden.of("checkpoint"), ids=golden.name)
def test_the_ledgers_own_reading_of_checkpoints(vector: dict[str, Any]) -> None:
    note = golden.files(vector).decode()
    signed = "the checkpoint is signed by the log" not in vector.get("fails", [])
    assert _holds(lambda: open_checkpoint(note, [vector["key"]])) is signed
    for cosigner in vector.get("cosigners", []):
        name = cosigner.partition("+")[0]
        cosigned = f"{name} has cosigned the checkpoint" not in vector.get("fails", [])
        assert _holds(lambda key=cosigner: Policy(((key, ""),), 1).satisfied(note)) is cosigned


@pytest.mark.parametrize("vector", golden.of("pair"), ids=golden.name)
def test_the_ledgers_own_reading_of_receipts(vector: dict[str, Any]) -> None:
    if vector["name"] == "receipt-longer":
        pytest.skip("the ledger reads its own receipts; what follows one is the standalone verifiers' affair")
    statement, receipt = (
        path.read_bytes() for e in (".statement", ".receipt") if (path := golden.path(vector, e))
    )
    keys, fails = vector["keys"], vector.get("fails", [])
    assert _holds(lambda: verify_statement(statement, keys["statement_keys"])) is (
        "the statement is signed by the issuer" not in fails
    )
    assert _holds(lambda: verify_receipt(receipt, statement, keys["receipt_keys"])) is (
        "the receipt proves the statement to be in the log" not in fails
    )


def _holds(check: Any) -> bool:
    from sealtrace.errors import SealtraceError

    try:
        check()
    except SealtraceError:
        return False
    return True


@cache
def by_page(without_webcrypto: bool) -> dict[str, Any]:
    """What the page's modules find under Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on PATH; ./run test installs it")
    command = [node, str(RUN), str(MODULES), str(golden.DATA), *(["own"] if without_webcrypto else [])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("own", [False, True], ids=["webcrypto", "own-arithmetic"])
def test_javascript(own: bool) -> None:
    found = by_page(own)
    for vector in golden.VECTORS:
        golden.must_be(vector, found["found"][f"{vector['kind']} {vector['name']}"])
    for kind in ("inclusion", "consistency"):
        assert found[kind] == [row["holds"] for row in golden.PROOFS[kind]]


@pytest.mark.parametrize("of", [standalone, "ledger"], ids=["standalone", "ledger"])
def test_proofs(of: Any) -> None:
    own = of == "ledger"
    lead = root_from_inclusion if own else standalone.root_from_inclusion
    join = verify_consistency if own else standalone.check_consistency
    roots = {int(size): bytes.fromhex(root) for size, root in golden.PROOFS["roots"].items()}
    for row in golden.PROOFS["inclusion"]:
        leaf = standalone.leaf_hash(f"entry {row['index']}".encode())
        path = [bytes.fromhex(node) for node in row["path"]]
        held = _led(lead, row["index"], row["size"], leaf, path) == roots[row["size"]]
        assert held is row["holds"], row
    for row in golden.PROOFS["consistency"]:
        path = [bytes.fromhex(node) for node in row["path"]]
        arguments = (row["old"], row["new"], path, roots[row["old"]], roots[row["new"]])
        assert (_led(join, *arguments) is not False) is row["holds"], row


def _led(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (ProofInvalid, standalone.Broken):
        return False


def test_the_vectors_are_those_that_the_generator_writes() -> None:
    """Whoever doubts a vector can make it again."""
    for path, data in all_files(Lines(), Scores()).items():
        assert (golden.DATA / path).read_bytes() == data, path
