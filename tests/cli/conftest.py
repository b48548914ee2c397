"""Running the command line in this process, one JSON object an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealtrace.cli.main import main

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command with --json; returns its object, and checks exit code and that it is one object."""

    def go(
        *words: str | Path, code: int = 0, at: Path = home, before: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        with pytest.raises(SystemExit) as left:
            main(["--home", str(at), *before, *map(str, words), "--json"])
        said = capsys.readouterr()
        assert left.value.code == code, (said.out, said.err)
        answer: dict[str, Any] = json.loads(said.out)
        assert answer["ok"] is (code == 0) or code == 1
        if code not in (0, 1):
            assert answer["code"]
            assert answer["message"]
            assert answer["advice"]
        return answer

    return go
