"""`sealtrace ingest` from the outside: collect, list, show, receipts, and a copy of a batch issued and traced."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sealtrace.cli import ingest as verbs
from sealtrace.cli.ingest_options import node_of
from sealtrace.demo.plant.server import PlantServer

from .conftest import Run

ROWS = [f"2026-03-02 08:{n:02d}:00,{n / 4},A" for n in range(8)]


@pytest.fixture
def data(tmp_path: Path, run: Run) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    (made / "log.csv").write_text("\n".join(["time,flow,lot", *ROWS]) + "\n")
    run("init", "--org", "Test Works")
    return made


def collect(run: Run, data: Path, *more: str | Path, code: int = 0) -> dict[str, Any]:
    words = ("ingest", "folder", data, "--name", "line", "--time", "time", "--once", "--grace", "0")
    return run(*words, *more, code=code)


def test_collect_list_show(run: Run, data: Path, tmp_path: Path) -> None:
    declared = tmp_path / "u.yaml"
    declared.write_text("columns: {flow: {uncertainty: 0.05, unit: L/h}}")
    dry = collect(run, data, "--dry-run")
    assert (dry["samples"], dry["notes"]) == (16, [])
    assert run("ingest", "list") == {"ok": True, "sources": [], "batches": []}
    told = collect(
        run, data, "--uncertainty", declared, "--receipts", tmp_path / "receipts", "--period", "60"
    )
    assert (told["taken"], told["waiting"], told["notes"]) == (16, 0, [])
    [batch] = told["batches"]
    assert (batch["window"], batch["samples"], batch["rows"]) == ("2026-03-02T08:00:00.000000Z", 16, 8)
    assert Path(batch["receipt"]).stat().st_size > 100
    [version] = run("file", "show", batch["code"])["versions"]
    assert version["sha256"] == batch["sha256"]


def test_folders_are_collected_on_and_late_data_corrects(run: Run, data: Path) -> None:
    [main] = collect(run, data)["batches"]
    with (data / "log.csv").open("a") as file:
        file.write(ROWS[3] + "\n2026-03-02 08:59:00,9,A\n")
    [correction] = collect(run, data)["batches"]
    assert correction["corrects"] == main["code"]
    assert (correction["findings"]["late"], correction["findings"]["duplicates"]) == (2, 2)
    shown = run("ingest", "show", main["code"])["batch"]
    assert [c["code"] for c in shown["corrections"]] == [correction["code"]]
    listed = run("ingest", "list", "--source", "line")
    assert [b["code"] for b in listed["batches"]] == [main["code"], correction["code"]]
    assert (listed["sources"][0]["taken"], listed["sources"][0]["waiting"]) == (20, 0)
    assert run("ledger", "check")["ok"]


def test_what_can_not_be_taken_is_told_by_exit_code_and_note(
    run: Run, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sealtrace.cli.main import main

    (data / "bad.jsonl").write_text('{"time": "never", "flow": 1}\n')
    home = str(data.parent / "home")
    words = ["ingest", "folder", str(data), "--name", "line", "--time", "time", "--once", "--json"]
    with pytest.raises(SystemExit) as left:
        main(["--home", home, *words])
    assert left.value.code == verbs.PARTLY
    assert "'never' can't be read as a time" in capsys.readouterr().out


def test_sql(run: Run, data: Path, tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "lims.db")
    with base:
        base.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, at TEXT, flow REAL, charge TEXT)")
        base.executemany(
            "INSERT INTO t(at, flow, charge) VALUES (?, ?, ?)",
            [(f"2026-03-02T08:0{n}:00Z", n / 2, "A" if n < 3 else "B") for n in range(5)],
        )
    base.close()
    words = (
        "ingest", "sql", f"sqlite:///{tmp_path / 'lims.db'}", "--table", "t", "--by", "id", "--time", "at",
        "--name", "lab", "--batch", "lot:charge", "--once", "--grace", "0",
    )  # fmt: skip
    [a] = run(*words)["batches"]
    assert (a["window"], a["samples"], a["tags"]) == ("A", 6, ["charge", "flow"])
    [b] = run(*words, "--close")["batches"]
    assert (b["window"], b["samples"], b["number"]) == ("B", 4, 2)
    assert run(*words)["taken"] == 0


@pytest.fixture
def plant() -> Iterator[PlantServer]:
    """A simulated plant, served by a thread of its own as long as the test runs."""
    over, up = threading.Event(), threading.Event()
    made = PlantServer()

    async def serve() -> None:
        async with made:
            up.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(60)
    yield made
    over.set()
    thread.join()


def test_opcua(run: Run, data: Path, plant: PlantServer) -> None:
    words = ("ingest", "opcua", plant.url, "--name", "p", "--once", "--grace", "0", "--publish", "10")
    assert set(run(*words, "--dry-run")["tags"]) >= {"feed_flow_l_h", "steps"}
    only = ("--node", "ns=2;s=steps=count", "--node", "ns=2;s=feed_flow_l_h", "--since", "2026-01-01")
    [batch] = run(*words, *only)["batches"]
    assert (batch["tags"], batch["samples"], batch["rows"]) == (["count", "feed_flow_l_h"], 2, 1)
    assert run(*words, *only)["batches"] == []  # the same reading again is no news


def test_refusals(run: Run, data: Path) -> None:
    assert collect(run, data, "--batch", "week", code=2)["code"] == "usage"
    assert run(
        "ingest", "opcua", "opc.tcp://127.0.0.1:9", "--name", "p", "--once", code=60
    )["code"] == "source-unreachable"  # fmt: skip
    collect(run, data)
    assert collect(run, data, "--batch", "day", code=63)["code"] == "source-differs"
    assert run("ingest", "show", "00000-00000", code=10)["code"] == "not-registered"
    words = ("ingest", "folder", data, "--name", "x", "--time", "time", "--close")
    assert run(*words, code=2)["code"] == "usage"


def test_a_copy_of_a_batch_is_issued_and_traced(run: Run, data: Path, tmp_path: Path) -> None:
    [batch] = collect(run, data)["batches"]
    out = tmp_path / "copy.parquet"
    copy = run(
        "copy", "issue", batch["code"], "--to", "op", "--device", "dev", "--ip", "10.0.0.1", "--out", out
    )["copy"]
    answer = run("leak", "trace", out)
    assert [c["id"] for c in answer["copies"]] == [copy["id"]]


@pytest.mark.parametrize(
    ("text", "node", "name"),
    [
        ("ns=2;s=flow", "ns=2;s=flow", ""), ("ns=2;s=flow=F1", "ns=2;s=flow", "F1"), ("i=85", "i=85", ""),
        ("ns=3;i=7=T", "ns=3;i=7", "T"),
    ],
)  # fmt: skip
def test_node_words(text: str, node: str, name: str) -> None:
    assert node_of(text) == (node, name)


def test_text_in_chinese(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from sealtrace.cli.main import main

    collect(run, data)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(SystemExit):
        main(["--home", str(data.parent / "home"), "ingest", "list"])
    said = capsys.readouterr().out
    assert "数据源" in said
    assert "样本数" in said
