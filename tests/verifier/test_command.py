"""`sealtrace evidence verifier` and `evidence verify` on golden evidence, as a person calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import golden


def sealtrace(*words: str | Path, code: int = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "sealtrace.cli.main", "evidence", *map(str, words), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "LANG": "C"}
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_written_verifier_runs_by_itself(tmp_path: Path) -> None:
    paths = [Path(path) for path in sealtrace("verifier", "--out", tmp_path / "handover")["paths"]]
    assert [path.name for path in paths] == ["sealtrace_verify.html", "sealtrace_verify.py"]
    evidence = golden.DATA / "evidence" / "exact.evidence"
    done = subprocess.run(
        [sys.executable, "-I", paths[1], evidence], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Everything checked holds." in done.stdout


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert sealtrace("verifier", "--out", tmp_path / "file", code=15)["code"] == "storage-failed"


def test_verify_asks_for_cosigners() -> None:
    vectors = {vector["name"]: vector for vector in golden.of("evidence")}
    for name, code in (("cosigned", 0), ("cosigner-missing", 20)):
        vector = vectors[name]
        more = [word for cosigner in vector["cosigners"] for word in ("--cosigner", cosigner)]
        answer = sealtrace("verify", golden.path(vector) or "", "--key", vector["key"], *more, code=code)
        golden.must_be(vector, {claim["claim"]: claim["holds"] for claim in answer["claims"]})
