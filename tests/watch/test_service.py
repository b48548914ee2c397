"""Scoring files: every row answered, nothing left behind on failure."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from sealtrace.cli.watch import watch
from sealtrace.errors import FamilyDataRefused, InputDamaged, InputMissing
from sealtrace.watch import service
from sealtrace.watch.persons import COLUMNS


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_names(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('﻿id,left,right\n7,张伟,"Zhang, Wei"\n8,张伟,\n9,,\n', "utf-8")
    assert service.score_names(source, out) == 3
    rows = read(out)
    assert [r["id"] for r in rows] == ["7", "8", "9"]
    assert float(rows[0]["score"]) > 0.9
    assert [float(r["score"]) for r in rows[1:]] == [0, 0]
    assert float(rows[0]["expected_others_per_million"]) > 100


def test_persons(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    cells = ["张伟", "A|甲", "geology", "S", "1970", "Zhang Wei", "甲", "geology", "", "1970"]
    source.write_text(",".join(COLUMNS) + "\n" + ",".join(cells) + "\n" + "张伟\n", "utf-8")
    assert service.score_persons(source, out) == 2
    first, second = read(out)
    assert (first["fields_known"], first["fields_agreeing"], first["band"]) == ("3", "3", "strong")
    assert second["band"] == "insufficient"


def test_columns_about_relatives_stop_it_before_anything_is_written(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("left,right,spouse\n张伟,Zhang Wei,x\n", "utf-8")
    with pytest.raises(FamilyDataRefused):
        service.score_names(source, out)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("text", ["left\n张伟\n", "", 'left,right\n张伟,"Zhang\n'])
def test_a_broken_file_leaves_nothing(tmp_path: Path, text: str) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text, "utf-8")
    with pytest.raises(InputDamaged):
        service.score_names(source, out)
    assert list(tmp_path.iterdir()) == [source]


def test_another_encoding_and_a_missing_file_are_named(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("left,right\n张伟,Zhang Wei\n".encode("gb18030"))
    with pytest.raises(InputDamaged):
        service.score_names(source, tmp_path / "out.csv")
    with pytest.raises(InputMissing):
        service.score_names(tmp_path / "nowhere.csv", tmp_path / "out.csv")


def test_the_command_wants_one_kind_of_file(tmp_path: Path) -> None:
    out = str(tmp_path / "out.csv")
    assert CliRunner().invoke(watch, ["score", "--out", out]).exit_code != 0
    (tmp_path / "in.csv").write_text("left,right\n张伟,Zhang Wei\n", "utf-8")
    done = CliRunner().invoke(watch, ["score", "--names", str(tmp_path / "in.csv"), "--out", out, "--json"])
    assert done.exit_code == 0
    assert '"rows": 1' in done.stdout
