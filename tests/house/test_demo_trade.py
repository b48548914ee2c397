"""The campaign, with fewer cases: the neodymium is found, scopes hold, exports are there, every record is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sealtrace.demo.trade import show, words
from sealtrace.errors import UsageProblem


def test_the_campaign_ends_well_and_leaves_its_files(
    memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = memory / "campaign"
    assert show.run(out, lang="zh", many=10, rows=1400) == 0
    said = capsys.readouterr().out
    assert "0 处不符" in said
    assert "99.4" in said
    assert said.count("k-2031-") == 11, "a row for each case, and the story's head"
    assert (out / "cases" / "report.zh.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((out / "cases" / "case.stix.json").read_text("utf-8"))["type"] == "bundle"
    assert "Nd2O3" not in (out / "pictures" / "map.svg").read_text("utf-8")
    assert list((out / "pictures").glob("first-*.svg"))
    (memory / "mine").mkdir()
    (memory / "mine" / "file").touch()
    with pytest.raises(UsageProblem):
        show.run(memory / "mine")


def test_every_sentence_is_there_in_both_languages() -> None:
    for zh, en in words._WORDS.values():
        assert zh.strip()
        assert en.strip()
        assert sorted(part.split("}")[0] for part in zh.split("{")[1:]) == sorted(
            part.split("}")[0] for part in en.split("{")[1:]
        )
