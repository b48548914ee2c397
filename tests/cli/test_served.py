"""Over real sockets: a log with a witness, published and served, followed by a monitor."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import scitt_cose
import urllib3

from ..api.test_scrapi import Partner
from .conftest import Run

SEALTRACE = [sys.executable, "-m", "sealtrace.cli.main"]


@contextmanager
def served(home: Path, *words: str | Path) -> Iterator[str]:
    """Run a server on a free port; gives its address, and stops it as a terminal would."""
    server = subprocess.Popen(
        [*SEALTRACE, "--home", home, *words, "--port", "0"], stderr=subprocess.PIPE, text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert server.stderr is not None
    try:
        line = server.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        yield found[0]
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        server.stderr.close()


def test_witness_log_and_monitor_work_together(run: Run, home: Path, tmp_path: Path) -> None:
    witness, tiles = tmp_path / "witness", tmp_path / "tiles"
    [log_key] = run("init", "--org", "Served Works", "--org-code", "SW")["verifier_keys"]
    partner = Partner()
    (tmp_path / "key.pem").write_text(partner.pem)
    run("ledger", "issuer", "add", partner.name, tmp_path / "key.pem")
    keys = run("witness", "init", "w.example", at=witness)["keys"]
    run("witness", "add-log", log_key, at=witness)
    tiles.mkdir()
    with served(witness, "witness", "run") as witness_url:
        asked = [word for key in keys for word in ("--witness", witness_url, key)]
        run("ledger", "policy", *asked, "--quorum", "1")
        run("ledger", "export", "--out", tiles)
        with served(home, "ledger", "serve", "--published", tiles) as log_url:
            watch = (
                "monitor", "run", log_url, "--key", log_key, "--witness", keys[0], "--quorum", "1",
                "--memory", tmp_path / "memory", "--once",
            )  # fmt: skip
            assert run(*watch)["new_entries"] == 3
            statement = partner.statement(1)
            answer = urllib3.request(
                "POST", f"{log_url}/entries", body=statement, headers={"Content-Type": "application/cose"}
            )
            assert answer.status == 201
            pem = run("ledger", "key")["receipt_keys"][0]
            assert scitt_cose.verify_receipt(
                answer.data, leaf_entry_hex=statement.hex(), log_public_key_pem=pem
            ).ok
            run("ledger", "export", "--out", tiles)  # beside the running server
            assert run(*watch)["new_entries"] == 1
    [row] = run("witness", "list", at=witness)["logs"]
    assert row["size"] == 4
    refused = run("ledger", "key", "rotate")
    assert refused["entry"]["index"] == 4
    assert run("ledger", "export", "--out", tiles, code=23)["code"] == "quorum-missing"
    assert tiles.joinpath("checkpoint").read_text("utf-8").split("\n")[1] == "4", "fail closed"
