"""Packages, devices, the ledger's further acts and evidence over HTTP, by the client, at the really served site."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sealtrace.client import Client
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    CopyEnded,
    Denied,
    NotRegistered,
    ProofInvalid,
    SealtraceError,
    SecondPersonNeeded,
    SignatureRefused,
    StorageFailed,
)
from sealtrace.ids import CopyId
from sealtrace.policy.model import Role

from ...conftest import spec_bytes
from ..outsider import signed

SCOPES = (
    "home:see", "file:*", "copy:*", "copy:approve", "copy:revoke", "package:*", "package:hand-over", "approval:list",
    "device:list", "device:revoke", "ledger:*", "audit:see", "leak:trace", "leak:see", "evidence:export",
)  # fmt: skip
UNTIL = date(2099, 12, 31)


@pytest.fixture(scope="module")
def paper(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> str:
    original = tmp_path_factory.mktemp("api-packages") / "paper.pdf"
    original.write_bytes(spec_bytes(8_900, 1))
    return str(site.register([original], level="important")[0].code)


def ordered(client: Client, paper: str, **more: str):
    return client.order_package(
        paper,
        "Lab 4",
        organisation="Assay Ltd",
        purpose="round robin",
        until=UNTIL,
        undertaking="I keep it.",
        **more,
    )


def test_a_package_goes_out_and_its_receipt_comes_back(
    device: Callable[..., Client], paper: str, tmp_path: Path
) -> None:
    issuer, other = device(Role.ISSUER, scopes=SCOPES), device(Role.ISSUER, scopes=SCOPES)
    second = device(Role.APPROVER, scopes=SCOPES)
    order = ordered(issuer, paper, key="p-1")
    assert ordered(issuer, paper, key="p-1") == order
    assert (order.state, order.form) == ("asked", "package")
    with pytest.raises(SecondPersonNeeded):
        issuer.make_package(order.id)
    assert order.request is not None
    assert second.decide(order.request, approve=True)["state"] == "approved"
    with pytest.raises(Denied):
        other.make_package(order.id)
    made = issuer.make_package(order.id)
    assert issuer.orders(order.id).copies == (made.copy.id,)
    with pytest.raises(Denied):
        issuer.make_package(order.id)
    assert (issuer.package(made.copy.id).state, issuer.package(made.copy.id).waits) == ("made", True)
    out = tmp_path / "package.html"
    with pytest.raises(Denied):
        other.take_package(made.copy.id, out)
    out.write_text("in the way")
    with pytest.raises(StorageFailed):
        issuer.take_package(made.copy.id, out)
    out.unlink()
    issuer.take_package(made.copy.id, out)
    assert hashlib.sha256(out.read_bytes()).hexdigest() == made.copy.sha256
    with pytest.raises(Denied):
        issuer.take_package(made.copy.id, tmp_path / "again.html")
    assert not (tmp_path / "again.html").exists()
    text = signed(out.read_bytes(), made.copy.id, made.code)
    for wrong in (text.replace("2026-11-28", "2026-11-27"), "[" * 4000, "{}"):
        with pytest.raises(ProofInvalid):
            issuer.receive_package(wrong)
    entry = issuer.receive_package(text)
    assert issuer.receive_package(text) == entry
    found = next(issuer.packages(limit=1))
    assert (found.copy.id, found.state, found.received_by, found.organisation) == (
        made.copy.id, "received", "王工", "Assay Ltd",
    )  # fmt: skip
    assert not issuer.revoke(made.copy.id, reason="over").in_force
    with pytest.raises(NotRegistered):
        issuer.package(str(CopyId(1)))


def test_a_revoked_package_is_not_handed_over_and_readers_see_none(
    device: Callable[..., Client], paper: str, site: Custody, tmp_path: Path
) -> None:
    issuer, reader = device(Role.ISSUER, scopes=SCOPES), device(Role.READER, scopes=SCOPES)
    second = device(Role.APPROVER, scopes=SCOPES)
    order = ordered(issuer, paper)
    second.decide(order.request or "", approve=True)
    copy = issuer.make_package(order.id).copy.id
    issuer.revoke(copy, reason="wrong person")
    with pytest.raises(CopyEnded):
        issuer.take_package(copy, tmp_path / "p.html")
    for ask in (
        lambda: list(reader.packages()), lambda: reader.package(copy), lambda: reader.receive_package("{}"),
        lambda: ordered(reader, paper), lambda: reader.make_package(order.id), lambda: list(reader.devices()),
        reader.check_ledger, reader.seal, lambda: reader.find(operator="op-1"),
        lambda: reader.revoke_device("dev-1", reason="x"),
    ):  # fmt: skip
        with pytest.raises(Denied):
            ask()


def test_a_device_is_listed_and_revoked(device: Callable[..., Client]) -> None:
    admin, lost = device(Role.SYSTEM_ADMIN, scopes=SCOPES), device(Role.READER, scopes=SCOPES)
    [row] = admin.devices(operator=lost.operator.code)  # type: ignore[attr-defined]
    assert row.revoked_at is None
    assert next(admin.devices(limit=1)).code == row.code
    assert admin.revoke_device(row.code, reason="lost on a journey").revoked_at is not None
    with pytest.raises(SealtraceError) as refused:
        lost.whoami()
    assert refused.type is SignatureRefused or refused.value.code == "not-signed-in"
    with pytest.raises(NotRegistered):
        admin.revoke_device(row.code, reason="again")


def test_the_ledger_is_checked_searched_and_shown(
    device: Callable[..., Client], paper: str, site: Custody, tmp_path: Path
) -> None:
    auditor = device(Role.AUDITOR, Role.TRACER, scopes=SCOPES)
    assert auditor.check_ledger()["ok"]
    version = site.version(paper)
    assert [row["index"] for row in auditor.find(sha256=version.sha256.hex())] == [version.entry]
    assert auditor.ledger_policy() == {"needed": 0, "witnesses": []}
    assert (auditor.issuers(), auditor.timestamps()) == ([], [])
    assert auditor.seal().splitlines()[0] == auditor.checkpoint().splitlines()[0]
    for what in (auditor.statement, auditor.receipt):
        assert what(version.entry, tmp_path / "proof")
    auditor.label(paper, tmp_path / "label.svg")
    assert paper in (tmp_path / "label.svg").read_text()
    assert len(auditor.software()["software_sha256"]) == 64


def test_evidence_comes_with_its_report_its_package_and_a_verifier(
    device: Callable[..., Client], sheet: Path, tmp_path: Path
) -> None:
    worker = device(Role.REGISTRAR, Role.ISSUER, Role.TRACER, scopes=SCOPES)
    [made] = worker.register([sheet])
    to = {"operator": "op-out", "device": "d", "ip": "10.0.0.9"}
    [copy] = worker.issue(made.code or "", [to], purpose="test")
    worker.fetch(copy.id, tmp_path / "copy.txt")
    trace = worker.trace([tmp_path / "copy.txt"]).trace
    worker.report(trace, tmp_path / "report.pdf", lang="zh")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    worker.evidence_package(trace, tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        assert {"manifest.cose", "trace.evidence", "APPEAL.txt"} <= set(archive.namelist())
    assert worker.verify_evidence(tmp_path / "package.zip")["ok"]
    worker.verifier("sealtrace_verify.py", tmp_path / "verify.py")
    compile((tmp_path / "verify.py").read_text("utf-8"), "verify.py", "exec")
    assert trace in {row["trace"] for row in worker.traces()}
