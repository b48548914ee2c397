"""The readme's tour runs: its ```sh blocks, in order, in one shell, in an empty folder; output as shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh.md")
FENCE = re.compile(r"^```(sh|console|text)\n(.*?)^```$", re.M | re.S)
LIMIT_S = 300


def blocks(name: str) -> list[tuple[str, str]]:
    """Kind and text of each fenced block."""
    return FENCE.findall((ROOT / name).read_text("utf-8"))


def test_both_languages_have_the_same_commands() -> None:
    assert blocks(READMES[0]) == blocks(READMES[1])


def test_console_blocks_only_install_and_set_the_path() -> None:
    lines = [line for kind, text in blocks("README.md") if kind == "console" for line in text.splitlines()]
    for line in lines:
        assert re.fullmatch(r'\$ (\./run [a-z]+|export PATH="\$PWD/\.venv/bin:\$PATH")', line), line


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Run the tour; gives each block with what it printed."""
    folder = tmp_path_factory.mktemp("tour")
    mark = "=== end of block"
    commands = [text for kind, text in blocks("README.md") if kind == "sh"]
    script = "set -euo pipefail\n" + "".join(f"{text}\necho '{mark}'\n" for text in commands)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }
    shell = ["bash", "-c", script]
    done = subprocess.run(
        shell, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    outputs = done.stdout.split(f"{mark}\n")
    assert done.returncode == 0, f"block {len(outputs)} failed\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return list(zip(commands, outputs, strict=False))


def test_the_tour_names_the_copy_that_leaked(tour: list[tuple[str, str]]) -> None:
    traced = next(output for command, output in tour if "leak trace" in command)
    assert traced.startswith("STRONG")
    for fact in ("li.wei", "WS-017", "10.1.2.3", "Extraction specification"):
        assert fact in traced
    assert "chen.tao" not in traced


def test_the_tour_shows_what_is_printed(tour: list[tuple[str, str]]) -> None:
    """A ```text block shows lines of what the ```sh block before it printed; … stands for anything."""
    printed = dict(tour)
    command, shown = "", 0
    for kind, text in blocks("README.md"):
        if kind == "sh":
            command = text
        elif kind == "text":
            shown += 1
            actual = [" ".join(line.split()) for line in printed[command].splitlines()]
            for line in filter(str.strip, text.splitlines()):
                pattern = ".*".join(re.escape(" ".join(part.split())) for part in line.strip().split("…"))
                assert any(re.fullmatch(pattern, each) for each in actual), f"{line!r} was not printed"
    assert shown, "the readme shows at least one answer"


def test_the_tours_evidence_is_refused_when_a_byte_changes(tour: list[tuple[str, str]]) -> None:
    verified = next(output for command, output in tour if "evidence verify" in command)
    assert "evidence holds" in verified
