"""The licence desk from the command line: from an application to an endorsed shipment, in JSON and in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from sealtrace.catalogue.lists import shipped
from sealtrace.cli.main import main
from sealtrace.clock import SystemClock
from sealtrace.demo.licences import run
from sealtrace.verifier import bundle

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
APPLICATION = {
    "parties": [
        {"id": r[0], "role": r, "name": n, "country": c, "address": "there"}
        for r, n, c in (
            ("applicant", "Holder", "CN"),
            ("end_user", "Plant C", "DE"),
            ("consignee", "Plant C", "DE"),
        )
    ],
    "goods": [{"id": "g1", "form": "oxide", "formula": "Dy2O3", "gross_kg": "100"}],
    "end_use": {"text": "motors"},
    "terms": {"kind": "single", "from": "2026-03-01", "to": "2026-12-31"},
}


class Desk:
    """Calls the command line in a home of its own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.capsys = home, capsys

    def __call__(self, *said: str | Path, exits: int = 0) -> Any:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["--home", str(self.home), *map(str, said), "--json"])
        answer = self.capsys.readouterr()
        assert int(left.value.code or 0) == exits, answer
        return json.loads(answer.out)

    def text(self, *said: str | Path) -> str:
        self.capsys.readouterr()
        with pytest.raises(SystemExit):
            main(["--home", str(self.home), *map(str, said)])
        return self.capsys.readouterr().out


@pytest.fixture
def desk(memory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(SystemClock, "now", lambda self: AT)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    made = Desk(memory / "h", capsys)
    with pytest.raises(SystemExit):
        main(["--home", str(made.home), "init", "--org", "O"])
    return made


def test_from_an_application_to_an_endorsed_shipment(desk: Desk, tmp_path: Path) -> None:
    form, paper, listed = tmp_path / "a.json", tmp_path / "paper.txt", tmp_path / "l.csv"
    form.write_text(json.dumps(APPLICATION))
    paper.write_text("signed")
    (tmp_path / "statement.txt").write_text("signed too")
    listed.write_text("id,name\n1,Plant C Trading\n")
    own = ("--form", "own", "--id", "own", "--version", "1", "--effect", "notice")
    desk("licence", "screening", "import", listed, *own, "--as", "clerk")
    assert len(desk("licence", "screening", "list")["lists"]) == 1
    lacking = desk("licence", "apply", form, "--as", "ap", "--dry-run", exits=1)
    assert {m["code"] for m in lacking["missing"]} == {"no-contract", "no-end_use_statement"}
    assert "缺少文件" in desk.text("licence", "apply", form, "--as", "ap", "--dry-run")
    case = desk("licence", "apply", form, "--as", "ap")["case"]
    assert (
        case in desk("licence", "apply", form, "--as", "ap", "--case", case, "--submit", exits=49)["advice"]
    )
    desk("licence", "apply", form, "--as", "ap", "--case", case, "--enclose", f"contract:{paper}", "--enclose",
         f"end_use_statement:{tmp_path / 'statement.txt'}", "--submit")  # fmt: skip
    assert desk("licence", "case", "accept", case, "--as", "ap", exits=35)["code"] == "duties-not-separated"
    accepted = desk("licence", "case", "accept", case, "--as", "clerk")
    assert (accepted["state"], accepted["due"], accepted["provisional"]) == ("review", "2026-05-08", False)
    assert [h["party"] for h in accepted["hits"]] == ["e", "c"]
    desk("licence", "question", case, "--as", "clerk", "--text", "Which motors?", "--part", "end_use")
    desk("licence", "answer", case, "--as", "ap", "--text", "Traction motors.")
    asked = desk("licence", "case", "ask", case, "--as", "clerk")
    for advice in asked["advice"]:
        desk("licence", "advise", case, "--as", "te", "--department", advice["department"], "--view", "for",
             "--reason", "it fits")  # fmt: skip
    decide = (
        "licence",
        "decide",
        case,
        "--as",
        "clerk",
        "--outcome",
        "grant",
        "--reasons",
        "civil use",
        "--share",
        "Dy=80",
    )
    desk(*decide, exits=30)
    for hit in accepted["hits"]:
        desk("licence", "clear", case, hit["id"], "--other", "--as", "clerk", "--reason", "another body")
    desk("licence", "screen", case, "--as", "clerk")
    desk(*decide)
    desk("licence", "decide", case, "--as", "clerk", "--approve", exits=35)
    licence = desk("licence", "decide", case, "--as", "head", "--approve")["licence"]
    desk("licence", "notify", case, "--as", "clerk", "--how", "letter")
    assert desk("licence", "notice", case)["appeal"]["until"] == "2026-05-01"
    assert "申请复议截止日" in desk.text("licence", "notice", case)
    assert [a["same"] for a in desk("licence", "case", "reproduce", case)["assessments"]] == [True]
    assert desk("licence", "case", "statistics")["by_outcome"] == {"grant": 1}
    assert [c["id"] for c in desk("licence", "case", "list")["cases"]] == [case]
    assert desk("licence", "case", "history", case)["changes"]
    text = desk("licence", "show", licence)
    assert text["ok"]
    jwt = desk("licence", "credential", licence)
    assert jwt["credential"]["credentialSubject"]["goods"][0]["elementMilligrams"] == 80_000_000
    page = tmp_path / "page.html"
    desk("licence", "page", "--out", page)
    assert page.read_bytes() == bundle.LICENCE_PAGE.read_bytes()
    ship(desk, tmp_path, case)
    desk("licence", "appeal", case, "--as", "ap", "--grounds", "too little")
    desk("licence", "appeal", case, "--as", "clerk", "--outcome", "uphold", "--reasons", "enough", exits=35)
    assert (
        desk("licence", "appeal", case, "--as", "third", "--outcome", "uphold", "--reasons", "enough")[
            "state"
        ]
        == "upheld"
    )
    assert "复议维持" in desk.text("licence", "case", "show", case)


def ship(desk: Desk, tmp_path: Path, case: str) -> None:
    from sealtrace.custody.service import Custody
    from sealtrace.licences import store

    with Custody.open(desk.home) as custody:
        row = store.licence(custody.office.db, case)
        assert row is not None
        (tmp_path / "l.txt").write_bytes(row.token or b"")
    declared = {"number": "D-1", "exporter": "Holder", "end_user": "Plant C", "destination": "DE",
                "goods": [{"id": "g", "form": "oxide", "formula": "Dy2O3", "gross_kg": "10"}]}  # fmt: skip
    one, other = tmp_path / "d.json", tmp_path / "e.json"
    one.write_text(json.dumps(declared))
    other.write_text(json.dumps(declared | {"number": "D-2", "destination": "JP"}))
    licence = ("--licence", tmp_path / "l.txt")
    assert desk("licence", "gate", "scan", one, *licence)["state"] == "clear"
    assert desk("licence", "gate", "present", one, *licence, "--as", "gate")["state"] == "clear"
    first, again = (desk("licence", "gate", "endorse", "D-1", "--as", "gate") for _ in range(2))
    assert first["receipt"] == again["receipt"]
    assert desk("licence", "gate", "present", other, *licence, "--as", "gate", exits=1)["state"] == "doubt"
    assert "目的地不一致" in desk.text("licence", "gate", "show", "D-2")
    desk("licence", "gate", "question", "D-2", "--as", "gate", "--text", "Where to?")
    desk("licence", "gate", "file", "D-2", "--as", "gate", "--paper", f"contract:{one}")
    assert desk("licence", "gate", "conclude", "D-2", "--as", "gate", "--outcome", "licence_needed", "--reason", "no")[
        "state"] == "refused"  # fmt: skip
    assert [s["state"] for s in desk("licence", "gate", "list")["shipments"]] == ["endorsed", "refused"]
    assert desk("licence", "flows")["months"][0]["flows"] == 1
    assert desk("licence", "flows", "2026-03", exits=2)["code"] == "usage"
    assert (
        desk("licence", "flows", "2026-03", "--out", tmp_path / "f.csv", "--as", "gate", exits=2)["code"]
        == "usage"
    )


def test_lists_are_edited_by_one_and_released_by_another(desk: Desk, tmp_path: Path) -> None:
    source = tmp_path / "new.yaml"
    source.write_text(yaml.safe_dump({**shipped().document, "version": "2"}, allow_unicode=True), "utf-8")
    control = ("licence", "control")
    assert desk(*control, "draft", "two", source, "--as", "clerk")["state"] == "open"
    assert [c["place"] for c in desk(*control, "changes", "two", exits=1)["changes"]] == ["version"]
    assert desk(*control, "effects", "two")["effects"] == []
    desk(*control, "release", "two", "--as", "clerk", "--reason", "r", exits=35)
    assert desk(*control, "release", "two", "--as", "head", "--reason", "r")["released_by"] == "head"
    assert [d["state"] for d in desk(*control, "drafts")["drafts"]] == ["released"]
    desk(*control, "drop", "two", "--as", "head", "--reason", "r", exits=37)
    assert desk(*control, "raise", "--as", "clerk")["ok"]


def test_the_demo_of_the_desk_is_as_expected(tmp_path: Path) -> None:
    said: list[str] = []
    assert run(tmp_path, "zh", said.append) == 0
    text = "\n".join(said)
    for word in ("L-2026-0008", "D-006", "Northern Trade Bureau", "已用尽", "不予许可", "逐位重现"):
        assert word in text
    [flows] = tmp_path.glob("flows-*.csv")
    assert len(flows.read_text("utf-8-sig").splitlines()) == 5


LAW = ("--basis", "Decree 792")


def _in_days(days: int) -> str:
    return (AT + timedelta(days=days)).date().isoformat()


def test_measures_from_the_command_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from sealtrace.licences import desk as accounts

    desk("licence", "add", "DU-1", "--entry", "1C905.b", "--element", "Dy", "--kg", "5", "--from", "2026-01-01",
         "--to", "2026-12-31")  # fmt: skip
    step = ("licence", "step", "DU-1")
    with monkeypatch.context() as patch:
        patch.setattr(accounts, "step", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        desk.text(
            *step, "suspend", "--as", "op-1", "--reason", "a question", *LAW, "--review-by", _in_days(30)
        )
    assert desk("licence", "show", "DU-1")["state"] == "issued"
    assert desk("licence", "check", "--finish", "op-1")["finished"] == ["DU-1/1"]
    assert desk("licence", "show", "DU-1")["state"] == "suspended"
    assert (
        desk(*step, "revoke", "--as", "op-1", "--reason", "goods were passed on", *LAW)["measure_state"]
        == "proposed"
    )
    assert desk(*step, "revoke", "--as", "op-1", "--approve", exits=35)["code"] == "duties-not-separated"
    assert desk(*step, "revoke", "--as", "op-2", "--approve")["state"] == "revoked"
    assert desk(*step, "revoke", "--as", "op-2", "--approve", exits=2)["ok"] is False
    measure = "DU-1/2"
    assert desk("licence", "notify", measure, "--as", "op-2", "--how", "letter")["appeal"][
        "until"
    ] == _in_days(60)
    desk("licence", "appeal", measure, "--as", "op-5", "--grounds", "one consignment, by mistake")
    [waits] = desk("licence", "appeals")["appeals"]
    assert (waits["about"], waits["overdue"]) == (measure, False)
    decide = ("licence", "appeal", measure, "--reasons", "it was reported", "--outcome", "annul", "--as")
    assert desk(*decide, "op-1", exits=35)["code"] == "duties-not-separated"
    assert desk(*decide, "op-3")["state"] == "annulled"
    assert desk("licence", "show", "DU-1")["state"] == "suspended"  # as before: the other measure still holds
    assert desk("licence", "appeal", "L-1", "--stay", "--as", "op-3", exits=2)["ok"] is False
    assert desk("licence", "check")["ok"]
