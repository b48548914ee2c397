"""`sealtrace trade lodge|leave|withdraw|blocked|resolve|rank --processes` from outside."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sealtrace.cli.main import main
from sealtrace.custody.service import Custody
from sealtrace.licences import desk
from sealtrace.licences.account import Amount
from sealtrace.testing.trade_scene import write_scene

HEAD = "decl_id,date,exporter,consignee,hs6,decl_element,net_kg,value_usd,licence"


def call(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> Any:
    with pytest.raises(SystemExit) as left:
        main([*argv, "--json"])
    out = json.loads(capsys.readouterr().out)
    assert left.value.code == code, out
    return out


def test_declarations_go_through_the_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ("--home", str(tmp_path / "home"), "trade")
    today = datetime.now(UTC).date()
    with Custody.create(tmp_path / "home", org="O", org_code="O") as custody:
        terms = desk.Terms("L-1", "single", date(2020, 1, 1), today + timedelta(days=400))
        desk.add(custody.office, terms, "1C905.b", "Dy", Amount(100_000_000))
    rows = [f"D{n},{today},E1,C1,284690,Dy,{kg},1000,L-1" for n, kg in ((1, 60), (2, 50), (3, 70))]
    rows += [f"D4,{today},E1,C1,250700,,500,100,", f"D5,{today},E1,C1,284690,,5,1000,L-1"]
    (tmp_path / "d.csv").write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    found = call(capsys, *home, "lodge", str(tmp_path / "d.csv"), code=1)
    assert (found["lodged"], found["reserved"]) == (3, 2)
    assert [(c["declaration"], c["code"]) for c in found["blocked"]] == [("D3", "quantity-exceeded")]
    assert [p["declaration"] for p in found["problems"]] == ["D5"]
    assert call(capsys, *home, "leave", "D1")["kind"] == "draw"
    assert call(capsys, *home, "withdraw", "D2")["kind"] == "release"
    assert call(capsys, *home, "leave", "D3", code=41)["code"] == "licence-not-in-force"
    assert [c["declaration"] for c in call(capsys, *home, "blocked")["blocked"]] == ["D3"]


def test_aliases_are_resolved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        "a,Delta Glass Co. Ltd.,Mill Road 3,0571 88881234,DE",
        "b,GLASS DELTA,mill rd 3,+86 571 88881234,DE",
        "c,Other Firm,,,",
    ]
    (tmp_path / "p.csv").write_text("\n".join(["party,name,address,phone,country", *rows]) + "\n", "utf-8")
    found = call(capsys, "trade", "resolve", str(tmp_path / "p.csv"), "--out", str(tmp_path / "e.csv"))
    assert (found["parties"], found["entities"]) == (3, 2)
    assert (tmp_path / "e.csv").read_text("utf-8").split() == [
        "party,entity",
        '"a","a"',
        '"b","a"',
        '"c","c"',
    ]


def test_a_missing_scheduler_is_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sealtrace.cli.trade.SCHEDULER_WAIT_S", 0.2)
    scene = write_scene(tmp_path / "scene", rows=300, frauds=6, days=90)
    found = call(
        capsys, "trade", "rank", str(scene.folder), "--out", str(tmp_path / "r.csv"), "--scheduler",
        "tcp://127.0.0.1:1", code=60,
    )  # fmt: skip
    assert found["code"] == "source-unreachable"
