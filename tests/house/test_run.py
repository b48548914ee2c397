"""The `run` script: installs once, again only when the lock changes, and names what it may not install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAKE_UV = """#!/bin/sh
echo "$@" >> calls
[ "$1" = venv ] && mkdir -p .venv/bin && ln -s /bin/true .venv/bin/python
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script and what it reads, and a `uv` that only notes how it was called."""
    (tmp_path / "src/sealtrace/ledger").mkdir(parents=True)
    for name in ("run", "pyproject.toml", "hatch_build.py", "src/sealtrace/ledger/lanes.c"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "programs").mkdir()
    uv = tmp_path / "programs" / "uv"
    uv.write_text(FAKE_UV)
    uv.chmod(0o755)
    return tmp_path


def call(checkout: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """Run lines of shell with the script's functions, without its last part that reads the verb."""
    script = "\n".join(['source <(sed "/^case /,\\$d" run)', *lines])
    environment = {"PATH": f"{checkout / 'programs'}:{os.environ['PATH']}"}
    shell = ["bash", "-c", script]
    return subprocess.run(
        shell, cwd=checkout, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def calls(checkout: Path) -> list[str]:
    """How uv was called since the last look."""
    log = checkout / "calls"
    found = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def test_installs_once_and_again_when_the_lock_changes(checkout: Path) -> None:
    assert call(checkout, "setup base").returncode == 0
    first = calls(checkout)
    assert first[0].startswith("venv ")
    assert any("--require-hashes" in line and "requirements/base.txt" in line for line in first)
    assert call(checkout, "setup base").returncode == 0
    assert calls(checkout) == []
    with (checkout / "requirements" / "base.txt").open("a") as lock:
        lock.write("# changed\n")
    assert call(checkout, "setup base").returncode == 0
    again = calls(checkout)
    assert again, "a changed lock is installed"
    assert not any(line.startswith("venv ") for line in again), "the environment is kept"


def test_what_is_installed_for_tests_serves_the_demo(checkout: Path) -> None:
    assert call(checkout, "setup base", "setup dev", "rm calls", "setup base", "setup dev").returncode == 0
    assert calls(checkout) == []


def test_an_interrupted_installation_is_done_again(checkout: Path) -> None:
    call(checkout, "setup base")
    calls(checkout)
    (checkout / ".venv" / "stamp-base").unlink()
    assert call(checkout, "setup base").returncode == 0
    assert calls(checkout) != []


def test_without_rights_the_exact_command_is_named(checkout: Path) -> None:
    done = call(
        checkout,
        "id() { echo 1000; }",
        "present() { return 1; }",
        "system qpdf:qpdf libreoffice-calc:libsclo.so",
        "echo went on",
    )
    assert done.returncode == 2
    assert "sudo apt-get" in done.stderr
    assert "install -y" in done.stderr
    assert done.stderr.rstrip().endswith("qpdf libreoffice-calc")
    assert "went on" not in done.stdout


def test_present_programs_are_not_installed(checkout: Path) -> None:
    done = call(checkout, "id() { echo 1000; }", "system bash:bash coreutils:true", "echo went on")
    assert done.stdout == "went on\n"


def test_office_parts_are_looked_for_beside_the_office_program(checkout: Path) -> None:
    """Where LibreOffice lives differs between distributions; its libraries lie beside its program."""
    office = checkout / "opt" / "office" / "program"
    office.mkdir(parents=True)
    (office / "soffice").write_text("#!/bin/sh\n")
    (office / "soffice").chmod(0o755)
    (office / "libsclo.so").touch()
    (checkout / "programs" / "soffice").symlink_to(office / "soffice")
    done = call(
        checkout,
        "present libsclo.so && echo Calc",
        "present libsdlo.so && echo Impress",
        "present bash && echo bash",
    )
    assert done.stdout == "Calc\nbash\n"


@pytest.mark.parametrize("words", [[], ["nonsense"]])
def test_a_wrong_verb_gets_the_list(words: list[str]) -> None:
    done = subprocess.run(
        [ROOT / "run", *words], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    for verb in ("demo", "test", "serve", "check", "bench", "lock"):
        assert f"\n  {verb} " in done.stderr
