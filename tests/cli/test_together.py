"""`sealtrace leak together`, as a person calls it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sealtrace.cli.main import main
from sealtrace.content.tables import delimited
from sealtrace.testing import tables as attacks

from ..custody.test_tables import as_csv
from .conftest import Run


def test_two_extracts_are_put_together_and_name_the_recipient(
    run: Run, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("init", "--org", "Test Works", "--org-code", "TW")
    table = attacks.readings(np.random.default_rng(21), 300, 8)
    (tmp_path / "a.csv").write_text(as_csv(table), "utf-8")
    declared = attacks.uncertainties(table)["columns"]
    lines = [f"  {name}: {{uncertainty: {c['uncertainty']}}}" for name, c in declared.items()]  # type: ignore[attr-defined]
    (tmp_path / "u.yaml").write_text("\n".join(["columns:", *lines]), "utf-8")
    [file] = run("file", "register", tmp_path / "a.csv", "--uncertainty", tmp_path / "u.yaml")["files"]
    to = ("--to", "op-1", "--device", "dev-1", "--ip", "10.9.0.1")
    run("copy", "issue", file["code"], *to, "--out", tmp_path / "copy.csv")
    [copy] = delimited.read(tmp_path / "copy.csv")
    traces = []
    for at in (0, 100):
        part = tmp_path / f"{at}.csv"
        part.write_text(as_csv(attacks.of_numbers(copy.numbers[at : at + 90, 1:]), header=False), "utf-8")
        traces.append(run("leak", "trace", part)["trace"])
    answer = run("leak", "together", *traces)
    assert (answer["result"], answer["considered"], answer["traces"]) == ("strong", 1, traces)
    [stood] = answer["recipients"]
    assert stood["operator"] == "op-1"
    assert stood["chance_of_error"] <= answer["chance"] == 1e-9
    assert [one["trace"] for one in stood["documents"][0]["traces"]] == traces
    nobody = run("leak", "together", *traces, "--chance", "1e-300", code=1)
    assert (nobody["result"], nobody["recipients"]) == ("inconclusive", [])
    run("leak", "together", traces[0], code=2)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(SystemExit):
        main(["--home", str(home), "leak", "together", *traces])
    assert "误认概率不高于要求值" in capsys.readouterr().out
