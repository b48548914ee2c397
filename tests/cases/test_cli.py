"""`sealtrace case` end to end: four people at one home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sealtrace.cli.main import main
from sealtrace.custody.service import Custody


def call(home: Path, capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> Any:
    with pytest.raises(SystemExit) as left:
        main(["--home", str(home), "case", *argv, "--json"])
    out = json.loads(capsys.readouterr().out)
    assert left.value.code == code, out
    return out


def test_four_people_work_one_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    Custody.create(home, org="Joint", org_code="J").close()
    li, wang, chen = ("--as", "Li@customs"), ("--as", "Wang@customs"), ("--as", "Chen@industry")
    k = call(home, capsys, "open", "smuggling", "--title", "Powder", "--basis", "Customs Law, art. 6", *li)[
        "case"
    ]
    assert (
        call(home, capsys, "open", "leak", "--title", "T", "--basis", "b", "--dry-run", *li)["entry"] is None
    )
    (tmp_path / "s.txt").write_bytes(b"spectrum")
    taken = ("--where", "Port 3", "--method", "XRF", "--authority", "order 7", "--at", "2026-03-02T09:00")
    e = call(home, capsys, "evidence", "collect", k, "--title", "Spectrum", "--kind", "reading",
             "--file", str(tmp_path / "s.txt"), *taken, *li)["item"]  # fmt: skip
    call(home, capsys, "subject", k, "declaration", "D-1", "--arm", "random", *li)
    refer = ("referral", "make", k, e, "--to", "industry", "--subject", "Is it ceramic", "--purpose", "look")
    r = call(home, capsys, *refer, "--basis", "b", *li)["item"]
    call(home, capsys, "show", k, "--purpose", "look", "--as", "Mei@commerce", code=10)
    call(home, capsys, "referral", "answer", k, r, "--accept", "--reason", "ours", *chen)
    shown = call(home, capsys, "show", k, "--purpose", "look", *chen)
    assert [i["item"] for i in shown["items"]] == [e, r]
    call(home, capsys, "evidence", "offer", k, e, "--to", "Chen@industry", "--purpose", "assay", *li)
    call(home, capsys, "evidence", "answer", k, e, "--accept", "--condition", "whole", *chen)
    call(home, capsys, "evidence", "get", k, e, "--out", str(tmp_path / "got"), "--purpose", "assay", *chen)
    assert (tmp_path / "got").read_bytes() == b"spectrum"
    t = call(home, capsys, "task", k, "--title", "assay", "--for", "industry", "--due", "2020-01-01", *li)[
        "item"
    ]
    assert call(home, capsys, "due", *chen, code=1)["due"][0]["overdue"]
    call(home, capsys, "task", k, "--done", t, "--result", "Nd2O3", *chen)
    o = call(home, capsys, "outcome", "propose", k, "seized", "--text", "Nd", "--alternatives", "none fits",
             "--basis", "b", "--kg", "600", "--element", "Nd", *li)["item"]  # fmt: skip
    call(home, capsys, "outcome", "sign", k, o, *li, code=35)
    call(home, capsys, "outcome", "sign", k, o, *wang)
    call(home, capsys, "close", k, "--reason", "done", *li)
    for form, more in (("report", ()), ("stix", ()), ("case", ()), ("chain", ("--item", e))):
        call(home, capsys, "export", k, "--form", form, "--out", str(tmp_path / form), "--to", "court",
             "--purpose", "hearing", *more, *li)  # fmt: skip
    assert call(home, capsys, "verify", str(tmp_path / "chain"))["holds"]
    text = (tmp_path / "chain").read_text("utf-8").replace("Port 3", "Port 4")
    (tmp_path / "chain").write_text(text, "utf-8")
    assert not call(home, capsys, "verify", str(tmp_path / "chain"), code=1)["holds"]
    assert call(home, capsys, "check")["ok"]
    assert [c["state"] for c in call(home, capsys, "list", *li)["cases"]] == ["closed"]
