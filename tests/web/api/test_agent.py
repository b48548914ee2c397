"""The agent from its command line, at the really served site: enrol, register what a folder gets, fetch, status."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealtrace.cli.main import main
from sealtrace.client import Client
from sealtrace.policy.model import Role


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Run a command with --json: its exit code and its object."""

    def run(*argv: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([*map(str, argv), "--json"])
        return int(left.value.code or 0), json.loads(capsys.readouterr().out)

    return run


def test_a_folder_is_registered_and_copies_are_fetched(
    operator: Callable[..., Any], device: Callable[..., Client], address: str, tmp_path: Path, sheet: Path,
    said: Callable[..., tuple[int, dict[str, Any]]],
) -> None:  # fmt: skip
    from sealtrace.web.accounts import service as accounts

    who = operator(Role.REGISTRAR, Role.READER)
    place, work = tmp_path / "agent", tmp_path / "work"
    work.mkdir()
    (work / "sheet.txt").write_bytes(sheet.read_bytes() + b"of the agent\n")
    os.utime(work / "sheet.txt", (1_700_000_000, 1_700_000_000))
    options = ("--folder", place)
    code, made = said("agent", "enrol", address, "--code", accounts.invite(who, by="test"), *options)
    assert code == 0
    assert said("agent", "run", work, "--dry-run", *options)[1]["paths"] == [str(work / "sheet.txt")]
    code, sent = said("agent", "run", work, "--once", *options)
    assert (code, sent["answered"], sent["waiting"]) == (0, 1, 0)
    code, shown = said("agent", "status", *options)
    assert (code, shown["me"]["operator"], shown["me"]["device"]) == (0, who.code, made["device"])

    office = device(Role.ISSUER)
    newest = next(f for f in office.files(limit=5) if f.kind == "text")
    to = {"operator": who.code, "device": made["device"], "ip": "10.20.3.41"}
    [copy] = office.issue(f"{newest.code}", [to], purpose="reading")
    code, fetched = said("agent", "fetch", "--out", tmp_path / "copies", *options)
    assert (code, [Path(p).name for p in fetched["paths"]]) == (0, [copy.id])
    assert said("agent", "fetch", "--out", tmp_path / "copies", *options)[1]["paths"] == []
