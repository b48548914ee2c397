"""The verbs about people end to end: from an empty home to a case, the own page and an erasure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealtrace.cli import words
from sealtrace.cli.main import main
from sealtrace.cli.words_people import NAMES

Call = Callable[..., dict[str, Any]]
UNTIL = "2026-12-31"


@pytest.fixture
def call(memory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run one verb as somebody at a fixed time; its object."""
    from datetime import UTC, datetime

    from sealtrace import clock

    monkeypatch.setattr(clock.SystemClock, "now", lambda _self: datetime(2026, 3, 2, 8, 30, tzinfo=UTC))

    def run(*given: str | Path, who: str | None = None, code: int = 0, text: bool = False) -> Any:
        tail = [*(["--as", who] if who else []), *([] if text else ["--json"])]
        with pytest.raises(SystemExit) as left:
            main(["--home", str(memory / "home"), *map(str, given), *tail])
        said = capsys.readouterr()
        assert left.value.code == code, said
        return said.out if text else json.loads(said.out)

    run("init", "--org", "Works")
    return run


FREE = {"says", "fields", "title", "remedy", "cap_months", "columns"}
"""Fields whose content has names of its own."""


def untranslated(value: Any) -> set[str]:
    """Names of fields in an object that have no Chinese word."""
    if isinstance(value, list):
        return {name for one in value for name in untranslated(one)}
    if not isinstance(value, dict):
        return set()
    found = {k for k in value if k.replace("_", " ") not in {*NAMES, *words.CHINESE}}
    return found | {n for k, v in value.items() if k not in FREE for n in untranslated(v)}


def test_from_an_empty_home_to_a_case_and_an_erasure(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("person", "add", "--name", "陈国栋", who="op-060", code=30)["code"] == "module-disabled"
    for module in ("directory", "posts", "travel", "documents", "screening"):
        call(
            "person",
            "gate",
            module,
            "--document",
            "d-1",
            "--assessor",
            "op-002",
            "--until",
            UNTIL,
            who="op-001",
        )
    call("person", "officer", "op-070", "--until", UNTIL, who="op-001")
    for who, purposes in {
        "op-060": "directory leaving restriction designation", "op-061": "restriction designation case travel",
        "op-064": "screening travel", "op-065": "case", "op-066": "case", "op-070": "appeal",
    }.items():  # fmt: skip
        for purpose in purposes.split():
            call("person", "grant", who, purpose, "--until", UNTIL, who="op-001")
    person = call(
        "person", "add", "--name", "陈国栋", "--spelling", "Tan Kok Tong", "--birth-year", "1974", "--speciality",
        "solvent extraction", "--employment", "Hetao Separation Works", "technical director", "2019-01-01", "--account",
        "op-208", who="op-060",
    )["person"]  # fmt: skip
    call("post", "adopt", "state-secrets-46@1", "--counsel", "op-002", "--source", "gazette", who="op-001")
    proposal = call(
        "post", "propose", person, "--authority", "Committee 17", "--basis", "state-secrets-46@1", "--grade",
        "important", "--activity", "solvent extraction", "--territory", "MY", "--reasons", "knew the cascade", "--from",
        "2026-03-02", "--until", "2028-03-01", who="op-060",
    )["proposal"]  # fmt: skip
    decide = ("post", "decide", proposal, "--impose", "--notice", "n-17")
    assert call(*decide, who="op-060", code=35)["code"] == "duties-not-separated"
    restriction = call(*decide, who="op-061")["restriction"]
    call("post", "serve", restriction, "--how", "in person", who="op-060")
    call("post", "appeal", restriction, "I never saw it", who="op-208")
    [shown] = call("post", "restrictions", person, "--reason", "review", who="op-060")["restrictions"]
    assert (shown["status"], shown["appeals"][0]["text"]) == ("effective", "I never saw it")
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "Name,Former employer,Field,Born\nTan Kok Tong,Hetao Separation Works,solvent extraction,1974\n"
        "Tan Kok Tong,Perak Hospital,surgery,1991\nLim Ah,,,\n"
    )
    done = call(
        "watch", "screen", roster, "--source", "https://plant.example", "--publisher", "Plant", "--purpose", "check",
        "--lawful-because", "published", "--activity", "solvent extraction", "--territory", "MY", "--retrieved",
        "2026-03-01", who="op-064",
    )["screened"]  # fmt: skip
    [candidate] = done["candidates"]
    assert done["name_only"] == 1
    assert call("watch", "card", candidate, who="op-064")["card"]["restrictions"] == []
    call("watch", "review", candidate, "--same", "--reasons", "agrees", who="op-064")
    assert len(call("watch", "card", candidate, "--whole", who="op-065")["card"]["restrictions"]) == 1
    call("watch", "review", candidate, "--same", "--second", "--reasons", "agrees", who="op-065")
    call("watch", "open-case", candidate, "--reasons", "x", who="op-066", code=37)
    call("watch", "hear", candidate, "he is there", who="op-066")
    assert call("watch", "open-case", candidate, "--reasons", "x", who="op-066")["state"] == "case"
    journey = call(
        "travel", "declare", person, "--stop", "MY", "Ipoh", "2026-04-01", "2026-04-05", "--purpose", "family",
        "--companion", "spouse", "CN", who="op-208",
    )["journey"]  # fmt: skip
    assert (
        call("travel", "show", journey, who="op-208")["journey"]["plan"]["companions"][0]["country"] == "CN"
    )
    assert call("travel", "must", person, who="op-061")["required"] is False
    call("person", "own", "--out", tmp_path / "own", "--lang", "zh", who="op-208")
    whole = json.loads((tmp_path / "own" / "own-page.json").read_text("utf-8"))
    assert {s["actor"] for s in whole["looks"]} >= {"op-060", "op-064", "op-065"}
    assert (tmp_path / "own" / "own-page.pdf").read_bytes().startswith(b"%PDF")
    assert "陈国栋" in call("person", "own", who="op-208", text=True)
    erase = (
        "person",
        "erase",
        person,
        "--approver",
        "op-001",
        "--authority",
        "court",
        "--basis",
        "PIPL 47",
        "--yes",
    )
    assert len(call(*erase, "--dry-run", who="op-060")["hindrances"]) == 2
    call("post", "decide-appeal", restriction, "--annul", "--reasons", "none shown", who="op-070")
    assert call(*erase, who="op-060")["rows"] > 20
    assert call("person", "own", who="op-208", code=10)["code"] == "not-registered"


def test_bad_words_are_told(call: Call, tmp_path: Path) -> None:
    assert call("person", "gates", who="op-1")["modules"]["documents"] is None
    assert "state-secrets-46@1" in json.dumps(call("post", "bases", who="op-1"))
    for said in (
        ("person", "review", "ch-1"), ("watch", "review", "c-1", "--reasons", "x", "--same", "--other"),
        ("post", "decide", "rp-1", "--impose", "--refuse"), ("travel", "list", "--from", "2026-01-01"),
    ):  # fmt: skip
        assert call(*said, who="op-1", code=2)["code"] == "usage"
    call("person", "grant", "op-1", "directory", "--until", "soon", who="op-2", code=2, text=True)
    call("person", "show", "per-1", "--reason", "x", who="op-1", code=10)
    call("person", "gates", code=2, text=True)
    (tmp_path / "people.csv").write_text("name,spouse\na,b\nc,d\n")
    assert (
        call("person", "import", tmp_path / "people.csv", who="op-1", code=33)["code"]
        == "family-data-refused"
    )
