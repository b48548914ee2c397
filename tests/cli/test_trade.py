"""`sealtrace trade` as it is called: files out, exit codes, one object with --json."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sealtrace.cli.main import main
from sealtrace.testing.trade_scene import Scene, write_scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return write_scene(tmp_path_factory.mktemp("scene"), rows=1500, frauds=30, seed=8)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main([str(w) for w in words])
    return int(left.value.code or 0), capsys.readouterr().out


def test_rank_writes_every_declaration_best_first(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    out = tmp_path / "ranking.csv"
    code, said = run(capsys, "trade", "rank", scene.folder, "--out", out, "--json")
    answer = json.loads(said)
    assert (code, answer["ok"], answer["declarations"]) == (0, True, scene.rows)
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert list(rows[0]) == ["decl_id", "score", "reasons"]
    assert len(rows) == scene.rows
    scores = [float(r["score"]) for r in rows]
    assert scores == sorted(scores, reverse=True)
    assert "许可证" in rows[0]["reasons"]
    code, said = run(capsys, "trade", "rank", scene.folder, "--out", out, "--language", "en")
    assert code == 0
    assert "许可证额度" not in out.read_text("utf-8")


def test_select_and_verify(scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels, out = tmp_path / "labels.csv", tmp_path / "picks.csv"
    labels.write_text("decl_id,date,label\nD000003,2031-02-05,0\n")
    words = (
        "trade",
        "select",
        scene.folder,
        "--until",
        "2031-06-01",
        "--inspected",
        labels,
        "--budget",
        20,
        "--out",
        out,
    )
    code, said = run(capsys, *words, "--json")
    answer = json.loads(said)
    assert code == 0
    assert (answer["targeted"], answer["random"], answer["picks"]) == (18, 2, 20)
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert list(rows[0]) == ["decl_id", "propensity", "arm"]
    assert {r["arm"] for r in rows} == {"targeted", "random"}
    assert all(0 < float(r["propensity"]) <= 1 for r in rows)
    key = tmp_path / "picks.csv.key"
    assert run(capsys, "trade", "verify", out, "--key", key)[0] == 0
    again = out.read_text()
    run(capsys, *words)
    assert out.read_text() == again, "the same key draws the same picks"
    key.write_text("00" * 32)
    code, said = run(capsys, "trade", "verify", out, "--key", key, "--json")
    assert code == 1
    assert not json.loads(said)["holds"]


def test_a_bad_row_is_set_aside_with_exit_code_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "declarations.csv"
    path.write_text(
        "decl_id,date,exporter,consignee,hs6,net_kg,value_usd\n"
        "1,2031-01-01,E,C,250700,5,2\n2,2031-01-01,E,C,250700,none,2\n"
    )
    code, said = run(capsys, "trade", "rank", tmp_path, "--out", tmp_path / "r.csv", "--json")
    assert code == 3
    assert json.loads(said)["problems"] == [
        {
            "source": "declarations.csv",
            "line": 3,
            "column": "net_kg",
            "message": "'none' is no positive number",
        }
    ]
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 2
    book = tmp_path / "book.db"
    code, said = run(capsys, "trade", "import", path, "--book", book, "--json")
    assert (code, json.loads(said)["new"]) == (3, 1)
    code, said = run(capsys, "trade", "import", path, "--book", book, "--json")
    assert (json.loads(said)["new"], json.loads(said)["known"]) == (0, 1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("rank", "nowhere", "--out", "r.csv"), 50),
        (("select", "nowhere", "--until", "soon", "--inspected", "x", "--budget", "3", "--out", "p.csv"), 2),
        (("verify", "nowhere.csv", "--key", "k"), 50),
    ],
)
def test_what_is_wrong_has_its_exit_code(
    words: tuple[str, ...],
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "trade", *words)[0] == code
