"""`sealtrace evidence report`, as a person calls it; no home is there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sealtrace.trace.evidence import read

from .conftest import Run

GOLDEN = Path(__file__).parents[1] / "golden" / "data" / "evidence"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_report_is_written_without_a_home(run: Run, tmp_path: Path, language: str) -> None:
    out = tmp_path / "report.pdf"
    answer = run("evidence", "report", GOLDEN / "strong.evidence", "--out", out, "--lang", language)
    assert out.read_bytes().startswith(b"%PDF")
    assert answer["size_bytes"] == out.stat().st_size
    assert (answer["result"], answer["language"]) == ("strong", language)
    assert answer["copies"][0]["operator"] == "op-002"


@pytest.mark.parametrize("name", ["raw-operator-changed", "raw-truncated", "e-value-overstated"])
def test_a_file_that_does_not_hold_gives_20_and_its_report(run: Run, tmp_path: Path, name: str) -> None:
    out = tmp_path / "report.pdf"
    answer = run("evidence", "report", GOLDEN / f"{name}.evidence", "--out", out, "--lang", "en", code=20)
    assert out.read_bytes().startswith(b"%PDF")
    assert answer["code"] == "proof-invalid"
    assert answer["path"] == str(out)
    assert not answer.get("copies")


def test_another_key_than_the_files_does_not_hold(run: Run, tmp_path: Path) -> None:
    key = "sealtrace/GOLD/log+eaf69985+AV9vZOirebrRlCDMptHYkCjz3A7EHc9sVxGsMR6D/hSa"
    words = ("evidence", "report", GOLDEN / "strong.evidence", "--out", tmp_path / "r.pdf", "--key", key)
    run(*words, code=20)


def test_the_evidence_is_never_written_over(run: Run, tmp_path: Path) -> None:
    evidence = tmp_path / "leak.evidence"
    shutil.copy(GOLDEN / "exact.evidence", evidence)
    run("evidence", "report", evidence, "--out", evidence, code=2)
    assert evidence.read_bytes() == (GOLDEN / "exact.evidence").read_bytes()


def test_nothing_is_written_where_there_is_no_evidence(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    run("evidence", "report", tmp_path / "none", "--out", out, code=50)
    assert not out.exists()
    run("evidence", "report", GOLDEN / "exact.evidence", "--out", tmp_path / "no" / "report.pdf", code=2)


def test_circumstances_come_from_the_answer_of_this_trace(run: Run, tmp_path: Path) -> None:
    out, answer = tmp_path / "report.pdf", tmp_path / "answer.json"
    words = ("evidence", "report", GOLDEN / "strong.evidence", "--out", out, "--lang", "en")
    run(*words)
    plain = out.read_bytes()
    trace = read(GOLDEN / "strong.evidence")[0]["trace"]["opening"]["trace"][1]
    row = {"what": "file", "fits": None, "piece": 0, "copy": None, "author": "someone@nowhere"}
    said = {"trace": trace, "circumstances": {"items": [row]}}
    answer.write_text(json.dumps(said), "utf-8")
    run(*words, "--circumstances", answer)
    assert out.read_bytes() != plain
    answer.write_text(json.dumps({**said, "trace": "T0"}), "utf-8")
    refused = run(*words, "--circumstances", answer, code=2)
    assert refused["message"] == f"answer.json is the answer of trace T0, not of {trace}"
    answer.write_text("[]", "utf-8")
    run(*words, "--circumstances", answer, code=2)
    run(*words, "--circumstances", tmp_path / "none", code=50)
