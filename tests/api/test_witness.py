"""The witness protocol over HTTP."""

from __future__ import annotations

from pathlib import Path

from werkzeug.test import Client

from sealtrace.api.witness import witness_app
from sealtrace.ledger.notekey import NoteKey
from sealtrace.ledger.witness import MAX_REQUEST_BYTES, Witness, request

from ..ledger.rig import CLOCK, log_of, signers


def test_statuses_bodies_and_types_pass_through(tmp_path: Path) -> None:
    log = log_of(tmp_path / "log.db", 3)
    witness = Witness(tmp_path / "w.db", signers("w.example"), CLOCK)
    client = Client(witness_app(witness))
    body = request(0, [], log.checkpoint())
    assert client.post("/add-checkpoint", data=body).status_code == 404
    witness.add_log(log.keys().verifier_keys[0])
    done = client.post("/add-checkpoint", data=body)
    assert done.status_code == 200
    assert [line.split(" ")[1] for line in done.text.splitlines()] == ["w.example"] * 2
    again = client.post("/add-checkpoint", data=body)
    assert (again.status_code, again.text, again.content_type) == (409, "3\n", "text/x.tlog.size")
    assert client.post("/add-checkpoint", data=b"nonsense").status_code == 400
    assert client.post("/add-checkpoint", data=b"x" * (MAX_REQUEST_BYTES + 1)).status_code == 413
    assert client.get("/add-checkpoint").status_code == 405
    told = client.get("/keys").text.splitlines()
    assert told == witness.keys
    assert all(NoteKey.parse(key).name == "w.example" for key in told)
