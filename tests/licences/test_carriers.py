"""Registered files as technology carriers: judged by what they say, in any format that can be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sealtrace.cli.main import main
from sealtrace.custody.service import Custody
from sealtrace.licences.carriers import judge


@pytest.mark.parametrize(
    ("text", "on", "decision"),
    [
        (
            "Dysprosium solvent extraction: process parameters of the scrub section",
            "2026-03-02",
            "prohibited_technology",
        ),
        ("稀土萃取生产线维护手册", "2026-03-02", "suspended"),
        ("稀土萃取生产线维护手册", "2026-11-11", "status_unknown"),
        ("Minutes of the canteen committee", "2026-03-02", "refer"),
    ],
)
def test_a_text_file(custody: Custody, tmp_path: Path, text: str, on: str, decision: str) -> None:
    path = tmp_path / "note.txt"
    path.write_text(text + "\n" * 3, "utf-8")
    [done] = custody.register([path])
    assert judge(custody.office, custody.version(str(done.code)), date.fromisoformat(on)).decision == decision


def test_a_pdf_and_the_command(
    spec_pdf: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "h"
    with Custody.create(home, org="T", org_code="T") as made:
        [done] = made.register([spec_pdf(1)], title="钕铁硼磁体制备工艺")
    with pytest.raises(SystemExit) as left:
        main(["--home", str(home), "licence", "file", str(done.code), "--on", "2026-03-02"])
    assert left.value.code == 1
    assert "RE-P1" in capsys.readouterr().out
