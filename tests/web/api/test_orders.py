"""Core files over the API: ordered by one person, approved by another; copies ended, revoked, files restricted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sealtrace.client import Client
from sealtrace.client.results import Job
from sealtrace.custody.service import Custody
from sealtrace.errors import CopyEnded, Denied, DutiesNotSeparated, SealtraceError, SecondPersonNeeded
from sealtrace.policy.model import Role

SCOPES = (
    "home:see",
    "copy:*",
    "copy:approve",
    "copy:revoke",
    "approval:list",
    "file:*",
    "need:set",
    "need:list",
)


def waited(client: Client, number: int) -> dict:
    order = client.request("GET", f"orders/{number}").json()
    if order["job"]:
        from sealtrace.web.jobs.models import Job

        for _ in range(500):
            if Job.objects.get(pk=order["job"]).over:
                break
            client._sleep(0)
    return client.request("GET", f"orders/{number}").json()


def test_a_core_file_is_ordered_by_one_and_approved_by_another(
    device: Callable[..., Client], sheet: Path, site: Custody
) -> None:
    asker, second = device(Role.ISSUER, Role.APPROVER, scopes=SCOPES), device(Role.APPROVER, scopes=SCOPES)
    recipient = device(Role.APPROVER, scopes=SCOPES)
    [file] = site.register([sheet], level="core")
    to = {"operator": recipient.operator.code, "device": "dev-r", "ip": "10.20.3.41"}  # type: ignore[attr-defined]
    asked = {"file": str(file.code), "recipients": [to], "purpose": "stage 3", "days": 2}
    with pytest.raises(SecondPersonNeeded):
        asker.request("POST", "copies", json={k: v for k, v in asked.items() if k != "days"})
    order = asker.request("POST", "orders", json=asked).json()
    assert (order["state"], order["job"], order["copies"]) == ("asked", None, [])
    [waiting] = [
        a for a in second.request("GET", "approvals").json()["items"] if a["key"] == order["request"]
    ]
    assert waiting["payload"]["recipients"] == [to]
    assert order["request"] not in {a["key"] for a in recipient.request("GET", "approvals").json()["items"]}
    decide = f"approvals/{order['request']}/decide"
    for wrong, error in ((asker, (Denied, DutiesNotSeparated)), (recipient, (Denied,))):
        with pytest.raises(error):
            wrong.request("POST", decide, json={"approve": True})
    assert (
        second.request("POST", decide, json={"approve": True, "note": "on site"}).json()["state"]
        == "approved"
    )
    done = waited(asker, order["id"])
    assert (done["state"], len(done["copies"])) == ("issued", 1)
    [copy] = done["copies"]
    standing = asker.request("GET", f"copies/{copy}/standing").json()
    assert standing["in_force"]
    assert standing["expires_at"] is not None
    asker.request("POST", f"copies/{copy}/decide", json={"act": "revoke", "reason": "left"})
    assert not asker.request("GET", f"copies/{copy}/standing").json()["in_force"]
    with pytest.raises(CopyEnded):
        asker.fetch(copy, sheet.with_suffix(".out"))
    with pytest.raises(SealtraceError):
        second.request("POST", decide, json={"approve": True})


def test_a_file_is_limited_to_those_who_need_to_know(
    device: Callable[..., Client], sheet: Path, site: Custody
) -> None:
    security = device(Role.SECURITY_ADMIN, scopes=SCOPES)
    issuer = device(Role.ISSUER, scopes=SCOPES)
    [file] = site.register([sheet])
    security.request("POST", f"files/{file.code}/needs", json={"act": "limit"})
    security.request(
        "POST", f"files/{file.code}/needs", json={"act": "give", "operator": "op-k", "why": "line 5"}
    )
    [need] = security.request("GET", f"files/{file.code}/needs").json()["items"]
    assert (need["operator"], need["why"], need["holds"]) == ("op-k", "line 5", True)
    to = {"operator": "op-x", "device": "d", "ip": "10.0.0.1"}
    asked = {"file": str(file.code), "recipients": [to], "purpose": "p"}
    with pytest.raises(Denied):
        issuer.request("POST", "orders", json=asked)
    order = issuer.request("POST", "orders", json=asked | {"recipients": [to | {"operator": "op-k"}]}).json()
    assert waited(issuer, order["id"])["state"] == "issued"
    with pytest.raises(Denied):
        issuer.request("POST", f"files/{file.code}/needs", json={"act": "open"})
    issuer.request("POST", f"files/{file.code}/restrict", json={"act": "only"})
    with pytest.raises(Denied):
        issuer.request("POST", "orders", json=asked | {"recipients": [to | {"operator": "op-k"}]})


def test_an_issue_repeated_after_its_answer_was_lost_gives_the_same_copies(
    device: Callable[..., Client], sheet: Path, site: Custody
) -> None:
    """The server was killed between beginning the job and keeping its answer: the key is taken over."""
    from sealtrace.web.api.models import Kept

    issuer = device(Role.ISSUER, scopes=SCOPES)
    [file] = site.register([sheet])
    to = {"operator": "op-y", "device": "d", "ip": "10.0.0.1"}
    body = {"file": str(file.code), "recipients": [to], "purpose": "p"}

    def issue() -> list[str]:
        answer = issuer.request("POST", "copies", json=body, key="lost-1").json()
        return issuer.wait(Job.read(answer)).result["copies"]

    first = issue()
    rows = Kept.objects.filter(key="lost-1")
    rows.update(status=0, worker="elsewhere:1", at=rows.get().at - timedelta(hours=1))
    assert issue() == first
    assert len(site.copies(code=str(file.code))) == 1
