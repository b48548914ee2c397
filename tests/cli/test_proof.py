"""Devices, signed copies, sealed codewords, packages and recomputing, from the command line."""

from __future__ import annotations

from pathlib import Path

from ..conftest import page_image
from .conftest import Run


def test_from_a_device_s_key_to_a_package_that_is_recomputed(run: Run, tmp_path: Path, home: Path) -> None:
    (tmp_path / "shares").mkdir()
    made = run(
        "init", "--org", "Test Works", "--trace-shares", "2/3", "--trace-shares-to", tmp_path / "shares",
        "--signed-copies",
    )  # fmt: skip
    assert made["promises"] == ["opened", "sealed", "signed"]
    one, _, three = made["trace_shares"]
    quorum = ("--key-share", one, "--holder", "Security", "--key-share", three, "--holder", "Bureau")
    page_image(2, (620, 877)).save(tmp_path / "page.png")
    code = run("file", "register", tmp_path / "page.png")["files"][0]["code"]
    key = run("device", "key", "--out", tmp_path / "phone.key")
    who = ("--operator", "op-1", "--device", "phone")
    assert run("device", "enrol", *who, "--public-key", key["public_key"], "--dry-run")["dry_run"]
    enrolled = run("device", "enrol", *who, "--public-key", key["public_key"])["device"]
    me = ("--to", "op-1", "--device", "phone", "--key", tmp_path / "phone.key")
    run("copy", "request", f"{code}@1", *me, "--out", tmp_path / "request")
    issue = ("copy", "issue", code, "--ip", "10.9.0.1", "--out", tmp_path / "copy.png")
    run(*issue, "--to", "op-1", "--device", "phone", code=26)
    assert run(*issue, "--request", tmp_path / "request", "--dry-run")["operator"] == "op-1"
    copy = run(*issue, "--request", tmp_path / "request")["copy"]
    run(*issue, "--request", tmp_path / "request", code=26)
    receive = (
        "copy",
        "receive",
        tmp_path / "copy.png",
        "--copy",
        copy["id"],
        "--key",
        tmp_path / "phone.key",
    )
    run(*receive, "--out", tmp_path / "receipt")
    assert run("copy", "receipt", tmp_path / "receipt")["copy"] == copy["id"]
    run("device", "revoke", *who, "--reason", "lost")
    [device] = run("device", "list")["devices"]
    assert device["entry"] == enrolled["entry"]
    assert device["revoked"] is not None

    run("leak", "trace", tmp_path / "copy.png", code=25)
    answer = run("leak", "trace", tmp_path / "copy.png", *quorum, "--purpose", "case 7")
    assert answer["result"] == "exact"
    assert answer["opened"] < answer["entry"]["index"]
    out = tmp_path / "case.zip"
    run("evidence", "package", answer["trace"], "--out", out, "--leak", tmp_path / "copy.png")
    verified = run("evidence", "verify", out, at=tmp_path / "no home")
    assert all(claim["holds"] for claim in verified["claims"])
    run("evidence", "disclose", answer["trace"], "--out", tmp_path / "k", "--to", "E", "--for", "o", code=2)
    run("evidence", "recompute", out, code=2)
    assert len(run("evidence", "software")["software_sha256"]) == 64
