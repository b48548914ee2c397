"""The command line as an outsider drives it: JSON shapes, exit codes, clear errors."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..conftest import prose

SEALTRACE = [sys.executable, "-m", "sealtrace.cli.main"]


class Shell:
    """Runs the program in a process of its own with one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def __call__(self, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SEALTRACE, "--home", str(self.home), *map(str, words)],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
            env={**self.environment, **environment}, timeout=120,
        )  # fmt: skip

    def json(self, *words: str | Path, code: int = 0) -> dict[str, Any]:
        done = self(*words, "--json")
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path / "home")
    made.json("init", "--org", "Test Works", "--org-code", "TW")
    return made


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("\n".join(prose(1, 20)) + "\n萃取段流量\n", "utf-8")
    return path


def test_register_issue_trace_prove(shell: Shell, tmp_path: Path, notes: Path) -> None:
    [row] = shell.json("file", "register", notes, "--level", "core")["files"]
    assert set(row) >= {"path", "code", "version", "sha256", "iscc", "entry"}
    assert set(row["entry"]) == {"index", "leaf"}
    out = tmp_path / "copy.txt"
    copy = shell.json(
        "copy", "issue", row["code"], "--to", "李工", "--device", "dev-3", "--ip", "10.1.2.3", "--out", out
    )["copy"]
    assert set(copy) >= {
        "id",
        "code",
        "version",
        "operator",
        "device",
        "ip",
        "issued_at",
        "sha256",
        "marks",
        "entry",
    }
    answer = shell.json("leak", "trace", out)
    assert (answer["result"], answer["copies"][0]["operator"]) == ("exact", "李工")
    assert set(answer) >= {"trace", "file", "copies", "considered", "channels", "seconds", "entry"}
    shell.json("evidence", "export", answer["trace"], "--out", tmp_path / "e.cose")
    stranger = Shell(tmp_path / "no-home")
    report = stranger.json("evidence", "verify", tmp_path / "e.cose")
    assert report["copies"][0]["operator"] == "李工"
    key = shell("ledger", "key").stdout.strip()
    assert stranger("evidence", "verify", tmp_path / "e.cose", "--key", key).returncode == 0
    assert stranger("evidence", "verify", tmp_path / "e.cose", "--key", key[:-4] + "AAA=").returncode == 20


def test_trace_without_a_copy_is_exit_one(shell: Shell, notes: Path) -> None:
    shell.json("file", "register", notes)
    answer = shell.json("leak", "trace", notes, code=1)
    assert (answer["result"], answer["copies"]) == ("inconclusive", [])


def test_recipients_file(shell: Shell, tmp_path: Path, notes: Path) -> None:
    [row] = shell.json("file", "register", notes)["files"]
    people = tmp_path / "people.csv"
    people.write_text("operator,device,ip\nop-1,dev-1,10.0.0.1\n王工,dev-2,fe80::1\n", "utf-8")
    copies = shell.json("copy", "issue", row["code"], "--recipients", people, "--out", tmp_path / "many")[
        "copies"
    ]
    assert [c["operator"] for c in copies] == ["op-1", "王工"]
    assert all(Path(c["path"]).stat().st_size for c in copies)
    people.write_text("operator,device\nop-1,dev-1\n", "utf-8")
    failed = shell.json("copy", "issue", row["code"], "--recipients", people, "--out", tmp_path / "x", code=2)
    assert "ip" in failed["message"]
    people.write_text("operator,device,ip\nop-1,dev-1,10.0.0.999\n", "utf-8")
    failed = shell.json("copy", "issue", row["code"], "--recipients", people, "--out", tmp_path / "x", code=2)
    assert "line 2" in failed["message"]


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["file", "register", "nowhere.pdf"], 50, "input-missing"),
        (["file", "show", "NOSUCHCODE"], 16, "malformed-code"),
        (["file", "show", "00000-00000"], 10, "not-registered"),
        (["copy", "show", "C0000-0000-0000-000"], 10, "not-registered"),
        (["leak", "trace", "nowhere.png"], 50, "input-missing"),
        (["evidence", "export", "T123", "--out", "e"], 10, "not-registered"),
        (["evidence", "verify", "nowhere"], 50, "input-missing"),
        (["ledger", "statement", "99", "--out", "s"], 10, "not-registered"),
        (
            ["copy", "issue", "00000-00000", "--to", "a", "--device", "b", "--ip", "10.0.0.1", "--out", "x"],
            10,
            "not-registered",
        ),
        (
            ["copy", "issue", "00000-00000", "--to", "a", "--device", "b", "--ip", "ten", "--out", "x"],
            2,
            "usage",
        ),
    ],
)
def test_each_failure_has_code_advice_and_exit_code(
    shell: Shell, words: list[str], exit_code: int, code: str
) -> None:
    failed = shell.json(*words, code=exit_code)
    assert (failed["ok"], failed["code"]) == (False, code)
    assert failed["message"]
    assert failed["advice"]


def test_unknown_words_are_usage_errors(shell: Shell) -> None:
    for words in (["nonsense"], ["file", "nonsense"], ["file", "register"], ["leak", "trace"]):
        done = shell(*words)
        assert (done.returncode, done.stdout) == (2, "")


def test_home_is_never_made_twice_and_never_guessed(shell: Shell, tmp_path: Path) -> None:
    assert shell.json("init", code=14)["code"] == "home-exists"
    assert Shell(tmp_path / "elsewhere").json("file", "list", code=13)["code"] == "no-home"


def test_passphrase_protects_the_home(tmp_path: Path, notes: Path) -> None:
    shell = Shell(tmp_path / "home")
    shell.environment["SEALTRACE_PASSPHRASE"] = "right horse"
    shell.json("init")
    shell.json("file", "register", notes)
    shell.environment["SEALTRACE_PASSPHRASE"] = "wrong horse"
    assert shell.json("file", "list", code=12)["code"] == "wrong-key"
    del shell.environment["SEALTRACE_PASSPHRASE"]
    assert shell.json("file", "list", code=12)["code"] == "wrong-key"
    (tmp_path / "pass").write_text("right horse\n")
    done = shell("--passphrase-file", tmp_path / "pass", "file", "list")
    assert done.returncode == 0


def test_second_writer_is_told_the_home_is_in_use(shell: Shell, notes: Path) -> None:
    import fcntl

    with (shell.home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert shell.json("file", "register", notes, code=11)["code"] == "home-locked"
        assert shell("file", "list").returncode == 0
    assert shell("file", "register", notes).returncode == 0


def test_altered_evidence_is_refused_at_every_byte_tried(shell: Shell, tmp_path: Path, notes: Path) -> None:
    from sealtrace.errors import ProofInvalid
    from sealtrace.trace.verify import verify

    [row] = shell.json("file", "register", notes)["files"]
    out = tmp_path / "copy.txt"
    shell.json("copy", "issue", row["code"], "--to", "a", "--device", "b", "--ip", "10.0.0.1", "--out", out)
    trace = shell.json("leak", "trace", out)["trace"]
    shell.json("evidence", "export", trace, "--out", tmp_path / "e")
    whole = (tmp_path / "e").read_bytes()
    assert verify(tmp_path / "e").holds
    for at in range(0, len(whole), max(1, len(whole) // 300)):
        for bit in (1, 128):
            blob = bytearray(whole)
            blob[at] ^= bit
            (tmp_path / "bad").write_bytes(bytes(blob))
            try:
                assert not verify(tmp_path / "bad").holds, f"byte {at} altered and accepted"
            except ProofInvalid:
                continue


def test_dry_run_writes_nothing(shell: Shell, notes: Path) -> None:
    before = shell.json("ledger", "check")["entries"]
    [row] = shell.json("file", "register", notes, "--dry-run")["files"]
    assert row["note"] == "new"
    assert shell.json("ledger", "check")["entries"] == before


def test_watch_registers_and_makes_versions(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    path = folder / "recipe.txt"
    path.write_text("\n".join(prose(5, 20)), "utf-8")
    (folder / "~$lock.docx").write_text("x")
    first = json.loads(shell("file", "watch", folder, "--once", "--json").stdout)
    assert (first["version"], first["path"]) == (1, str(path))
    assert shell("file", "watch", folder, "--once", "--json").stdout == ""
    path.write_text("\n".join(prose(6, 20)), "utf-8")
    second = json.loads(shell("file", "watch", folder, "--once", "--json").stdout)
    assert (second["code"], second["version"]) == (first["code"], 2)


def test_text_is_in_the_users_language(shell: Shell, notes: Path) -> None:
    shell.json("file", "register", notes)
    assert "文件" in shell("leak", "trace", notes, LC_ALL="zh_CN.UTF-8").stdout
    assert "document" in shell("leak", "trace", notes).stdout


def test_label_is_a_qr_code_of_the_urn(shell: Shell, tmp_path: Path, notes: Path) -> None:
    import resvg_py
    import zxingcpp
    from PIL import Image

    [row] = shell.json("file", "register", notes)["files"]
    for ending in ("png", "svg"):
        shell.json("file", "label", row["code"], "--out", tmp_path / f"label.{ending}")
    drawn = io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_path=str(tmp_path / "label.svg"))))
    for label in (Image.open(tmp_path / "label.png"), Image.open(drawn)):
        [symbol] = zxingcpp.read_barcodes(label)
        assert symbol.text == f"urn:sealtrace:file:{row['code']}"


def test_starting_is_cheap() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, sealtrace.cli.main; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert not {"numpy", "cv2", "rich", "apsw", "lxml", "PIL"} & set(loaded)
