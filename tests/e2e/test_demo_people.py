"""The demonstration about people holds, line by line, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealtrace.demo import people
from sealtrace.errors import UsageProblem


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_holds(memory: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    assert people.run(memory / "out", lang=language) == 0
    said = capsys.readouterr().out
    assert "✗" not in said
    assert said.count("✓") >= 20
    assert (memory / "out" / "own-page.pdf").read_bytes().startswith(b"%PDF")


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(UsageProblem):
        people.run(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "x"
