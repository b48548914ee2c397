"""The main job over HTTP: register, issue, take, trace, prove; by the client, at the really served site."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sealtrace.client import Client
from sealtrace.errors import (
    Denied,
    KeyReused,
    NotRegistered,
    SecondPersonNeeded,
    UsageProblem,
)
from sealtrace.policy.model import Role


def test_register_issue_take_trace_and_prove(
    device: Callable[..., Client], sheet: Path, tmp_path: Path
) -> None:
    worker = device(Role.REGISTRAR, Role.ISSUER, Role.TRACER)
    [made] = worker.register([sheet], level="important", title="Circuit B")
    assert made.code is not None
    assert made.new
    assert made.entry is not None
    assert next(worker.files(title="Circuit B")).code == made.code

    to = {"operator": worker.operator.code, "device": "dev-reader", "ip": "10.20.3.41"}  # type: ignore[attr-defined]
    [copy] = worker.issue(made.code, [to], purpose="acceptance of stage 3")
    assert (copy.code, copy.operator) == (made.code, to["operator"])
    out = tmp_path / "copy.txt"
    assert worker.fetch(copy.id, out) == copy.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert [c.id for c in worker.own_copies()] == [copy.id]
    assert [c.id for c in worker.copies(file=made.code)] == [copy.id]

    answer = worker.trace([out], source="scanner at the gate")
    assert answer.result == "exact"
    assert [c["id"] for c in answer.copies] == [copy.id]
    kept = worker.request("GET", f"traces/{answer.trace}").json()
    assert kept["asked_by"] == to["operator"]
    with pytest.raises(UsageProblem, match="1 traces"):
        worker.request("POST", "traces/together", json={"traces": [answer.trace] * 2})
    evidence = tmp_path / "evidence"
    worker.evidence(answer.trace, evidence)
    upload = worker.upload(evidence)
    verified = worker.request("POST", "evidence/verify", params={"upload": upload.id}).json()
    assert verified["ok"], verified

    proof = worker.request("GET", f"ledger/entries/{answer.entry.index}/proof").json()
    from sealtrace.ledger.verify import root_from_inclusion

    path = [bytes.fromhex(node) for node in proof["path"]]
    root = root_from_inclusion(proof["index"], proof["size"], bytes.fromhex(proof["leaf"]), path)
    assert root.hex() == proof["root"]
    assert f"\n{proof['size']}\n" in worker.checkpoint()


def test_a_repeated_key_does_it_once_and_another_request_under_it_is_refused(
    device: Callable[..., Client], sheet: Path
) -> None:
    registrar = device(Role.REGISTRAR)
    order = {"uploads": [registrar.upload(sheet).id]}
    first = registrar.request("POST", "files", json=order, key="k-1")
    again = registrar.request("POST", "files", json=order, key="k-1")
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"
    with pytest.raises(KeyReused):
        registrar.request("POST", "files", json=order | {"title": "Another"}, key="k-1")


def test_pages_lead_from_one_to_the_next_without_gap(device: Callable[..., Client]) -> None:
    reader = device(Role.READER)
    whole = reader.request("GET", "ledger/entries", params={"limit": 7}).json()["items"]
    answer = reader.request("GET", "ledger/entries", params={"limit": 3})
    seen = answer.json()["items"]
    while len(seen) < 7:
        answer = reader.request("GET", answer.links["next"]["url"])
        seen += answer.json()["items"]
    assert [e["index"] for e in seen][:7] == [e["index"] for e in whole]


def test_core_files_wait_for_a_second_person(device: Callable[..., Client], sheet: Path) -> None:
    worker = device(Role.REGISTRAR, Role.ISSUER)
    [made] = worker.register([sheet], level="core")
    with pytest.raises(SecondPersonNeeded):
        worker.issue(made.code or "", [{"operator": "a", "device": "d", "ip": "10.0.0.1"}], purpose="test")


def test_another_persons_copy_and_job_are_not_found(device: Callable[..., Client], sheet: Path) -> None:
    worker, stranger = device(Role.REGISTRAR, Role.ISSUER), device(Role.READER)
    [made] = worker.register([sheet])
    [copy] = worker.issue(
        made.code or "", [{"operator": "a", "device": "d", "ip": "10.0.0.1"}], purpose="test"
    )
    for ask in (
        lambda: stranger.copy(copy.id),
        lambda: stranger.request("GET", f"copies/{copy.id}/content"),
        lambda: stranger.request("GET", "jobs/1"),
        lambda: stranger.request("POST", "files", json={"uploads": [worker.upload(sheet).id]}),
    ):
        with pytest.raises((NotRegistered, Denied)):
            ask()


def test_a_file_is_registered_with_what_was_refused_beside_it(
    device: Callable[..., Client], sheet: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(b"%PDF-1.7\nno more")
    rows = device(Role.REGISTRAR).register([damaged, sheet])
    assert [row.code is not None for row in rows] == [False, True]
    assert rows[0].refused is not None
    assert rows[0].refused["code"].startswith("input-")
