"""What a real home writes, by the verifiers that know nothing of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sealtrace.clock import FixedClock
from sealtrace.content.tables import delimited
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.ledger.model import Profile
from sealtrace.testing import tables as attacks
from sealtrace.trace import recompute
from sealtrace.trace.verify import verify
from sealtrace.verifier import sealtrace_verify as standalone

from ..conftest import AT, prose
from ..custody.test_tables import as_csv
from . import golden
from .test_page import JS

CHECK = """
import { readFileSync } from "node:fs";
const { checkEvidence } = await import("./evidence.js");
const [path, key] = process.argv.slice(-2);
const { claims } = await checkEvidence(new Uint8Array(readFileSync(path)), { key });
console.log(JSON.stringify(Object.fromEntries(claims.list.map((c) => [c.claim, c.holds]))));
"""


def by_page(path: Path, key: str) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on PATH; ./run test installs it")
    command = [node, "--input-type=module", "-e", CHECK, "--", str(path), key]
    done = subprocess.run(command, cwd=JS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", ["exact", "strong"])
def test_evidence_of_a_real_trace(
    custody: Custody, tmp_path: Path, people: list[Recipient], page_png: Callable[..., Path], kind: str
) -> None:
    from PIL import Image

    text = tmp_path / "notes.txt"
    text.write_text("\n".join(prose(7, 40)) + "\n", "utf-8")
    [file] = custody.register([text if kind == "exact" else page_png(2)], level="core")
    copy = custody.issue_many(str(file.code), people[:3], tmp_path / "copies")[1]
    assert copy.path is not None
    leak = tmp_path / "leak.txt"
    if kind == "exact":
        leak.write_bytes(copy.path.read_bytes())
    else:
        Image.open(copy.path).convert("RGB").save(tmp_path / "leak.jpg", quality=80)
        leak = tmp_path / "leak.jpg"
    answer = custody.trace([leak])
    assert answer.answer.result == kind
    out = tmp_path / "it.evidence"
    custody.export_evidence(answer.trace, out)
    [key] = custody.office.ledger.keys().verifier_keys
    ours = verify(out, expected_key=key)
    assert ours.holds, ours.claims
    expected = golden.as_found(ours.claims)
    assert golden.as_found(standalone.check_evidence(out.read_bytes(), key=key)) == expected
    assert by_page(out, key) == expected


def test_evidence_of_a_real_blend_of_tables(
    custody: Custody, tmp_path: Path, people: list[Recipient]
) -> None:
    """Two copies' cells taken by turns: whatever is named, in whatever rounds, all verifiers find the same."""
    table = attacks.readings(np.random.default_rng(11), 400, 12)
    path = tmp_path / "line.csv"
    path.write_text(as_csv(table), "utf-8")
    [file] = custody.register([path], uncertainty=attacks.uncertainties(table))
    issued = custody.issue_many(str(file.code), people[:3], tmp_path / "copies")[:2]
    one, other = (delimited.read(copy.path)[0].numbers[:, 1:] for copy in issued if copy.path)
    taken = np.random.default_rng(1).random(one.shape) < 0.6
    (tmp_path / "blend.csv").write_text(as_csv(attacks.of_numbers(np.where(taken, one, other))), "utf-8")
    answer = custody.trace([tmp_path / "blend.csv"])
    assert {copy.accused.copy for copy in answer.copies} & {copy.id for copy in issued}
    out = tmp_path / "it.evidence"
    custody.export_evidence(answer.trace, out)
    [key] = custody.office.ledger.keys().verifier_keys
    ours = verify(out, expected_key=key)
    assert ours.holds, ours.claims
    expected = golden.as_found(ours.claims)
    assert any("e-value" in claim for claim in expected)
    assert golden.as_found(standalone.check_evidence(out.read_bytes(), key=key)) == expected
    assert by_page(out, key) == expected


def test_evidence_of_a_table_with_an_order_and_decoys_of_its_own(
    custody: Custody, tmp_path: Path, people: list[Recipient]
) -> None:
    """Three channels in one product: all verifiers, and the other side's expert, find the stated number."""
    table = attacks.readings(np.random.default_rng(12), 660, 8)
    path = tmp_path / "line.csv"
    path.write_text(as_csv(table), "utf-8")
    [file] = custody.register(
        [path], uncertainty=attacks.uncertainties(table), order_free=True, decoys_safe=True
    )
    issued = custody.issue_many(str(file.code), people[:2], tmp_path / "copies")
    assert {m.channel for m in issued[0].marks} == {"exact", "stamp", "table", "order", "decoy"}
    assert issued[0].path is not None
    assert (
        issued[0].path.with_name(f"{issued[0].path.name}.notice.txt").read_text("utf-8").startswith("This is")
    )
    [copy] = delimited.read(issued[0].path)
    (tmp_path / "x.csv").write_text(
        as_csv(attacks.of_numbers(copy.numbers[30:600, 1:]), header=False), "utf-8"
    )
    answer = custody.trace([tmp_path / "x.csv"])
    [named] = answer.copies
    assert named.accused.copy == issued[0].id
    assert named.accused.channels == ("table", "order", "decoy")
    out = tmp_path / "it.evidence"
    custody.export_evidence(answer.trace, out)
    [key] = custody.office.ledger.keys().verifier_keys
    ours = verify(out, expected_key=key)
    assert ours.holds, ours.claims
    expected = golden.as_found(ours.claims)
    assert golden.as_found(standalone.check_evidence(out.read_bytes(), key=key)) == expected
    version = custody.version(str(file.code))
    ids = np.sort(np.array([c.id.value for c in issued], np.uint64))
    keys = recompute.DocumentKeys(str(version.ref), custody.office.document_key(version), ids)
    again = recompute.recompute(ours.content, ours.findings, recompute.write(answer.trace, [keys]))
    assert all(claim.holds for claim in again), again
    assert by_page(out, key) == expected


def test_a_log_published_by_a_home_in_the_sm_profile(tmp_path: Path, people: list[Recipient]) -> None:
    (tmp_path / "notes.txt").write_text("\n".join(prose(77, 40)) + "\n", "utf-8")
    made = Custody.create(
        tmp_path / "home", org="Test Works", org_code="TW", clock=FixedClock(AT), profile=str(Profile.SM)
    )
    with made as custody:
        [file] = custody.register([tmp_path / "notes.txt"], level="core")
        custody.issue_many(str(file.code), people, tmp_path / "copies")
        custody.export_log(tmp_path / "out")
        keys = custody.office.ledger.keys()
        entry, receipt = custody.office.ledger.entry(3), custody.office.ledger.receipt(3)
        note = custody.office.ledger.checkpoint()
    claims = standalone.check_folder(
        tmp_path / "out", keys.verifier_keys, keys.cosigner_keys, keys.statement_keys
    )
    found = golden.as_found(claims)
    assert all(found.values()), claims
    assert "the entries give the signed SM3 root" in found
    given = {name: list(getattr(keys, name)) for name in ("verifier_keys", "statement_keys", "receipt_keys")}
    pair = golden.as_found(standalone.check_pair(entry.statement, receipt, given, note))
    assert list(pair.values()) == [True, True, True]
