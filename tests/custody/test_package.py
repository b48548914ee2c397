"""Packages, copies for the defence, disclosed keys: what is handed over holds, says no more, and is the same again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sealtrace.clock import FixedClock
from sealtrace.content.tables import delimited
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import NotRegistered, ProofInvalid, UsageProblem
from sealtrace.testing import tables as attacks
from sealtrace.trace import package, recompute
from sealtrace.trace.validation import validation, validation_bytes
from sealtrace.trace.verify import verify
from sealtrace.verifier import sealtrace_verify as standalone

from ..conftest import AT
from .test_tables import as_csv

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Custody, Path, str]]:
    """A home in which a blend of two copies of a table was traced."""
    folder = tmp_path_factory.mktemp("blend")
    table = attacks.readings(np.random.default_rng(11), 400, 12)
    (folder / "line.csv").write_text(as_csv(table), "utf-8")
    people = [Recipient(f"op-{i:03d}", f"dev-{i}", f"10.9.0.{i}") for i in range(1, 4)]
    with Custody.create(folder / "home", org="Test Works", org_code="TW", clock=FixedClock(AT)) as custody:
        [file] = custody.register([folder / "line.csv"], uncertainty=attacks.uncertainties(table))
        issued = custody.issue_many(str(file.code), people, folder / "copies")[:2]
        one, other = (delimited.read(copy.path)[0].numbers[:, 1:] for copy in issued if copy.path)
        taken = np.random.default_rng(1).random(one.shape) < 0.6
        (folder / "blend.csv").write_text(as_csv(attacks.of_numbers(np.where(taken, one, other))), "utf-8")
        answer = custody.trace([folder / "blend.csv"])
        assert len(answer.copies) == 2
        custody.disclose(answer.trace, folder / "keys.cbor", to="Expert", purpose="order 1")
        yield custody, folder, answer.trace


def redone(path: Path, keys: bytes) -> dict[str, bool | None]:
    report = verify(path)
    return {c.claim: c.holds for c in recompute.recompute(report.content, report.findings, keys)}


def test_a_package_is_the_same_again_and_holds(traced: tuple[Custody, Path, str], tmp_path: Path) -> None:
    custody, folder, trace = traced
    given: dict[str, Any] = {
        "leak": [folder / "blend.csv"],
        "keys": folder / "keys.cbor",
        "appeal": "Board 7",
    }
    for name in ("a.zip", "b.zip"):
        custody.export_package(trace, tmp_path / name, **given)
    data = (tmp_path / "a.zip").read_bytes()
    assert data == (tmp_path / "b.zip").read_bytes()
    report = verify(tmp_path / "a.zip")
    assert report.holds, report.claims
    assert {c.claim: c.holds for c in standalone.check_evidence(data)} == {
        c.claim: c.holds for c in report.claims
    }
    members = package.read(data, "a.zip")
    assert {"report.en.pdf", "report.zh.pdf", "validation.json", "leak/1.csv", "document-keys.cbor"} <= set(
        members
    )
    assert members["validation.json"] == validation_bytes()
    assert b"Board 7" in members["APPEAL.txt"]
    assert sum(name.startswith("defence/") for name in members) == 2


def test_a_package_takes_only_what_belongs_to_the_trace(
    traced: tuple[Custody, Path, str], tmp_path: Path
) -> None:
    custody, folder, trace = traced
    with pytest.raises(UsageProblem, match="none of the files"):
        custody.export_package(trace, tmp_path / "a.zip", leak=[folder / "line.csv"])
    with pytest.raises(UsageProblem, match="not a file of disclosed document keys"):
        custody.export_package(trace, tmp_path / "a.zip", keys=folder / "line.csv")
    assert not (tmp_path / "a.zip").exists()


def test_the_copy_for_the_defence_holds_nobody_else_s_data(
    traced: tuple[Custody, Path, str], tmp_path: Path
) -> None:
    custody, folder, trace = traced
    custody.export_evidence(trace, tmp_path / "whole.evidence")
    mine, other = verify(tmp_path / "whole.evidence").people
    custody.export_evidence(trace, tmp_path / "mine.evidence", defence=mine["id"])
    data = (tmp_path / "mine.evidence").read_bytes()
    for field in ("operator", "device", "ip"):
        assert mine[field].encode() in data
        assert other[field].encode() not in data
    report = verify(tmp_path / "mine.evidence")
    assert report.holds, report.claims
    assert {c.claim: c.holds for c in standalone.check_evidence(data)} == {
        c.claim: c.holds for c in report.claims
    }
    assert all(redone(tmp_path / "mine.evidence", (folder / "keys.cbor").read_bytes()).values())
    stranger = next(c for c in custody.copies() if str(c.id) not in (mine["id"], other["id"]))
    with pytest.raises(NotRegistered, match="does not name copy"):
        custody.export_evidence(trace, tmp_path / "x.evidence", defence=stranger.id)


def test_the_weighing_is_done_again_from_the_disclosed_key(
    traced: tuple[Custody, Path, str], tmp_path: Path
) -> None:
    custody, folder, trace = traced
    custody.export_evidence(trace, tmp_path / "it.evidence")
    keys = (folder / "keys.cbor").read_bytes()
    found = redone(tmp_path / "it.evidence", keys)
    assert len(found) == 6
    assert all(found.values()), found
    _, _, by_version = recompute.read(keys)
    [mine] = by_version.values()
    other = recompute.DocumentKeys(mine.version, bytes(32), mine.ids)
    wrong = redone(tmp_path / "it.evidence", recompute.write(trace, [other]))
    assert next(claim for claim, holds in wrong.items() if not holds).endswith("committed to at issue")
    fewer = recompute.DocumentKeys(mine.version, mine.document_key, mine.ids[1:])
    wrong = redone(tmp_path / "it.evidence", recompute.write(trace, [fewer]))
    assert any(claim.endswith("those that were weighed") and not holds for claim, holds in wrong.items())
    assert not redone(tmp_path / "it.evidence", recompute.write("T0", [mine]))["the keys are for this trace"]
    with pytest.raises(ProofInvalid):
        recompute.read(keys[:-9])


def test_a_disclosure_is_an_entry_that_says_to_whom(
    traced: tuple[Custody, Path, str], tmp_path: Path
) -> None:
    custody, _, trace = traced
    [(_, said)] = custody.office.acts("key:disclosed")
    assert (said["to"][1], said["purpose"][1], said["trace"][1]) == ("Expert", "order 1", trace)
    size = custody.office.ledger.size()
    with pytest.raises(UsageProblem, match="to whom"):
        custody.disclose(trace, tmp_path / "k", to=" ", purpose="x")
    assert custody.office.ledger.size() == size


def test_the_error_rates_in_a_package_are_those_that_were_printed() -> None:
    """Each row stands in the page of benchmarks with the same words, figure, machine and command."""
    shipped = validation()
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    page = re.sub(r"\s+", " ", page)
    assert len(shipped["rows"]) > 5
    for row in shipped["rows"]:
        line = f"| {row['what']} | {row['figure']} | {row['machine']} | `{row['command']}` |"
        assert line in page, row["what"]


def test_the_numbers_of_trials_in_a_package_are_those_of_its_words() -> None:
    """`trials` and `traced` say in numbers what each row's figure says in words, such as "991 of 1,000 named"."""
    told = 0
    for row in validation()["rows"]:
        assert 0 <= row["wrong"] <= row["trials"]
        assert 0 <= row.get("traced", 0) <= row["trials"]
        if "no innocent" in row["figure"] or "none wrong" in row["figure"]:
            assert row["wrong"] == 0
        said = re.search(r"((?:[\d,]+(?:, | and ))*[\d,]+) of ([\d,]+)", row["figure"])
        if said is None or "traced" not in row:
            continue
        told += 1
        counts = [int(n.replace(",", "")) for n in re.split(r", | and ", said[1])]
        each = len(counts) * int(
            said[2].replace(",", "")
        )  # a figure "for each" kind stands for several runs of it
        assert row["trials"] % each == 0, row["what"]
        assert row["traced"] * each == sum(counts) * row["trials"], row["what"]
    assert told >= 5
