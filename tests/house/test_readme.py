"""The readme's tour runs: its ```sh blocks, in order, in one shell, in an empty folder; output as shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh.md")
FENCE = re.compile(r"^```(sh|console|text)\n(.*?)^```$", re.M | re.S)
LIMIT_S = 300
MARK = "=== end of block"


def blocks(name: str) -> list[tuple[str, str]]:
    """Kind and text of each fenced block."""
    return FENCE.findall((ROOT / name).read_text("utf-8"))


def test_both_languages_have_the_same_commands() -> None:
    assert blocks(READMES[0]) == blocks(READMES[1])


def test_console_blocks_only_install_and_set_the_path() -> None:
    lines = [line for kind, text in blocks("README.md") if kind == "console" for line in text.splitlines()]
    for line in lines:
        assert re.fullmatch(r'\$ (\./run [a-z]+|export PATH="\$PWD/\.venv/bin:\$PATH")', line), line


def shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in an environment that has nothing but the installed commands."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }
    command = ["bash", "-c", f"set -euo pipefail\n{script}"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


@dataclass(frozen=True)
class Tour:
    """Where the tour was run, and what each block printed."""

    folder: Path
    printed: dict[str, str]

    def output_of(self, command: str) -> str:
        """What the block with this command printed."""
        return next(output for block, output in self.printed.items() if command in block)


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """Run the tour once."""
    folder = tmp_path_factory.mktemp("tour")
    commands = [text for kind, text in blocks("README.md") if kind == "sh"]
    done = shell(folder, "".join(f"{text}\necho '{MARK}'\n" for text in commands))
    outputs = done.stdout.split(f"{MARK}\n")
    assert done.returncode == 0, f"block {len(outputs)} failed\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return Tour(folder, dict(zip(commands, outputs, strict=False)))


def test_the_tour_names_the_copy_that_leaked(tour: Tour) -> None:
    traced = tour.output_of("leak trace")
    assert traced.startswith("STRONG")
    for fact in ("li.wei", "WS-017", "10.1.2.3", "Extraction specification"):
        assert fact in traced
    assert "chen.tao" not in traced


def test_the_tour_shows_what_is_printed(tour: Tour) -> None:
    """A ```text block shows lines of what the ```sh block before it printed; … stands for anything."""
    command, shown = "", 0
    for kind, text in blocks("README.md"):
        if kind == "sh":
            command = text
        elif kind == "text":
            shown += 1
            actual = [" ".join(line.split()) for line in tour.printed[command].splitlines()]
            for line in filter(str.strip, text.splitlines()):
                pattern = ".*".join(re.escape(" ".join(part.split())) for part in line.strip().split("…"))
                assert any(re.fullmatch(pattern, each) for each in actual), f"{line!r} was not printed"
    assert shown, "the readme shows at least one answer"


def test_the_tours_evidence_is_refused_when_a_byte_changes(tour: Tour) -> None:
    assert "evidence holds" in tour.output_of("evidence verify")
    whole = (tour.folder / "leak.evidence").read_bytes()
    for at in (40, len(whole) // 2, len(whole) - 1):
        altered = tour.folder / "altered.evidence"
        altered.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert shell(tour.folder, "sealtrace evidence verify altered.evidence").returncode == 20, f"byte {at}"
