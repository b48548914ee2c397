"""The ledger explorer: entries in words, proofs as files, searches only as allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sealtrace.custody.service import Custody
from sealtrace.ledger import verify
from sealtrace.policy.model import Role
from sealtrace.web.custody import events

from .conftest import Office

pytestmark = pytest.mark.usefixtures("site")


OURS = ("home:", "file:", "copy:", "leak:", "ledger:", "subject:", "licence:")


def test_every_event_of_the_main_job_has_words_and_is_documented() -> None:
    lines = Path("docs/events.md").read_text("utf-8").splitlines()
    named = {line.split("`")[1] for line in lines if line.startswith("| `")}
    said = set(events.WORDS) - {"purged"}
    assert said <= named
    assert {event for event in named if event.startswith(OURS)} <= said


def test_entries_are_shown_in_words_with_their_subject(client_of, office: Office) -> None:
    client = client_of(Role.AUDITOR)
    index = office.copy.entry.index
    page = client.get(f"/ledger/{index}").content.decode()
    assert "Copy issued" in page
    assert str(office.copy.id) in page
    assert (
        office.copy.operator not in page[page.index("<main") :]
    )  # the log names nobody; the bar names who looks
    assert client.get(f"/ledger?q={index}").headers["Location"] == f"/ledger/{index}"
    assert client.get("/ledger/99999999").status_code == 404


def test_the_list_goes_back_by_index(client_of, site: Custody) -> None:
    client = client_of(Role.AUDITOR)
    newest = client.get("/ledger").content.decode()
    assert f'href="/ledger/{site.office.ledger.size() - 1}"' in newest
    page = client.get("/ledger?before=5").content.decode()
    assert 'href="/ledger/4"' in page
    assert 'href="/ledger/5"' not in page


@pytest.mark.parametrize("what", ["leaf", "sha256", "code", "copy", "operator", "device"])
def test_whoever_lists_copies_finds_by_anything(client_of, office: Office, what: str) -> None:
    asked = {
        "leaf": office.copy.entry.leaf.hex(), "sha256": office.file.sha256.hex(), "code": str(office.file.code),
        "copy": str(office.copy.id), "operator": office.copy.operator, "device": office.copy.device,
    }[what]  # fmt: skip
    found = office.file.entry.index if what in ("sha256", "code") else office.copy.entry.index
    page = client_of(Role.TRACER).get("/ledger", {"q": asked}).content.decode()
    assert f'href="/ledger/{found}"' in page


def test_others_find_only_what_is_public(client_of, office: Office) -> None:
    client = client_of(Role.SYSTEM_ADMIN)
    by_name = client.get("/ledger", {"q": office.copy.operator}).content.decode()
    assert "No entry fits" in by_name
    assert "Names and codes were not looked up" in by_name
    by_leaf = client.get("/ledger", {"q": office.copy.entry.leaf.hex()}).content.decode()
    assert f'href="/ledger/{office.copy.entry.index}"' in by_leaf


def test_the_proof_bundle_proves_the_entry_without_us(client_of, office: Office) -> None:
    import base64

    client, index = client_of(Role.AUDITOR), office.copy.entry.index
    proof = json.loads(client.get(f"/ledger/{index}/bundle").content)
    statement, receipt = (base64.b64decode(proof[name]) for name in ("statement", "receipt"))
    proven = verify.verify_receipt(receipt, statement, proof["receipt_keys"])
    assert proven.index == index
    again = client.get(f"/ledger/{index}/receipt").content  # signed anew each time
    assert verify.verify_receipt(again, statement, proof["receipt_keys"]).index == index
    assert client.get(f"/ledger/{index}/statement").content == statement
    assert client.get(f"/ledger/{index}/secret").status_code == 404
    assert client.get("/ledger/checkpoint.txt").content.decode().split("\n")[1] == str(proof["size"])


def test_consistency_is_proven_only_between_trees_that_were(client_of, site: Custody) -> None:
    client, size = client_of(Role.AUDITOR), site.office.ledger.size()
    told = client.get(f"/ledger/consistency.json?old=1&new={size}").json()
    assert told["path"]
    for query in ("old=0&new=1", f"old=1&new={size + 1}", "old=x&new=2", "old=5&new=4"):
        assert client.get(f"/ledger/consistency.json?{query}").status_code == 422
