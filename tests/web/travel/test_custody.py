"""Documents on screens: off until assessed by two, three people to take one, a clock for the owner, contested, back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sealtrace.clock import FixedClock
from sealtrace.people import gates
from sealtrace.people.acts import read_one
from sealtrace.people.gates import Module
from sealtrace.policy.model import Role
from sealtrace.travel import documents

from .scene import day, enrol, grant, now, officers, page, post, refused


def title_of(office: Any, keeper: Any, owner: str, title: str, status: int = 302) -> str:
    """Name a title on the form; gives the key of what waits for its verification."""
    post(keeper, "/documents/office/title", status, owner=owner, title=title, title_document=f"rule for {owner}",
         until=day(office, 90))  # fmt: skip
    from sealtrace.web.approvals.models import Request

    return str(Request.objects.filter(action="document:take").latest("id").key) if status == 302 else ""


def taken(office: Any, keeper: Any, verifier: Any, owner: str, title: str) -> str:
    key = title_of(office, keeper, owner, title)
    post(verifier, f"/documents/office/title/{key}/verify", do="verify", note="seen")
    said = {"kind": "Passport", "issuer": "CN", "number": "E1234 5678"}
    return str(post(keeper, f"/documents/office/title/{key}/take", **said)["Location"]).rpartition("/")[2]


def test_the_part_is_off_until_two_people_assessed_it(client_of: Any, office: Any, monkeypatch: Any) -> None:
    far = office.clock.now() + timedelta(days=4000)
    with monkeypatch.context() as later:
        later.setattr(office, "clock", FixedClock(far))
        text = page(client_of(Role.READER), "/documents")
        assert "No document may be taken" in text
        assert "nobody is named" in text
    clerk, security, audit = (client_of(r) for r in (Role.PERSONNEL, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN))
    said = {"module": "documents", "document": "DPIA-9", "reason": "necessary", "until": day(office, 1000)}
    refused(clerk, "/travel/parts/assess", **{**said, "until": day(office, 2000)})
    assert "DPIA-9" in refused(clerk, "/travel/parts/assess", **{**said, "reason": ""})
    post(client_of(Role.READER), "/travel/parts/assess", 403, **said)
    key = post(clerk, "/travel/parts/assess", **said)["Location"].rpartition("/")[2]
    assert "DPIA-9" in page(security, "/travel/parts")
    post(clerk, f"/approvals/{key}/approve", 403)
    post(security, f"/approvals/{key}/approve")
    assert gates.assessed(office, now(office))[Module.DOCUMENTS][:10] >= day(
        office, 1001
    )  # others' may last longer
    kept = read_one(office, "SELECT valid_until FROM impact_assessments WHERE document = 'DPIA-9'")
    assert str(kept[0])[:10] == day(office, 1001)
    mine = security.operator.code
    kept = refused(security, "/travel/parts/appoint", officer=mine, until=day(office, 9))
    assert f'value="{mine}"' in kept
    post(audit, "/travel/parts/appoint", officer="op-hears", until=day(office, 9))
    assert "op-hears" in page(audit, "/travel/parts")


def test_three_people_take_a_document_and_its_owner_gets_it_back(client_of: Any, office: Any) -> None:
    owner, stranger = client_of(Role.READER), client_of(Role.READER)
    person = enrol(office, owner)
    enrol(office, stranger)
    keeper, verifier = officers(office, client_of, 2)
    key = title_of(office, keeper, person, "official-passport")
    take = f"/documents/office/title/{key}/take"
    said = {"kind": "Passport", "issuer": "CN", "number": "E1234 5678"}
    early = refused(keeper, take, **said)
    assert "E1234 5678" in early, "what was typed stays"
    assert documents.items(office, person, now(office)) == []
    refused(keeper, f"/documents/office/title/{key}/verify", do="verify")
    refused(verifier, take, **said)
    post(verifier, f"/documents/office/title/{key}/verify", do="verify", note="seen in the list")
    receipt = post(keeper, take, **said)["Location"].rpartition("/")[2]
    refused(keeper, take, **said)
    paper = page(keeper, f"/documents/office/{receipt}")
    assert "5678" in paper
    assert "E1234" not in paper, "the number is under the owner's key"
    assert verifier.operator.code in paper
    mine = f"/documents/mine/{receipt}"
    page(stranger, mine, 404)
    post(stranger, f"{mine}/ask", 404)
    post(owner, f"{mine}/ask")
    assert "hours left" in page(owner, "/documents") + page(owner, mine)
    assert "asked for by the owner" in page(keeper, "/documents/office")
    held = f"/documents/office/{receipt}"
    assert "needed here" in refused(keeper, f"{held}/refuse", reasons="needed here", remedy=" ")
    post(verifier, f"{held}/refuse", reasons="the journey is not over", remedy="bureau, 60 days")
    answer = page(owner, mine)
    assert "the journey is not over" in answer
    assert "bureau, 60 days" in answer
    post(owner, f"{mine}/appeal", text="it is over")
    assert "it is over" in page(keeper, held)
    assert "Appeal open" in page(keeper, "/documents/office")
    post(keeper, f"{held}/give")
    assert "Given back" in page(owner, mine)
    assert receipt not in page(keeper, "/documents/office")


def test_safekeeping_is_never_refused_and_there_is_no_fifth_title(client_of: Any, office: Any) -> None:
    owner = client_of(Role.READER)
    person = enrol(office, owner)
    keeper, verifier = officers(office, client_of, 2)
    receipt = taken(office, keeper, verifier, person, "voluntary-safekeeping")
    itself = enrol(office, keeper)
    grant(office, keeper.operator.code)  # from now on under the person's number
    refused(keeper, "/documents/office/title", owner=itself, title="official-passport", title_document="x",
            until=day(office, 9))  # fmt: skip
    waits = title_of(office, verifier, itself, "official-passport")
    refused(keeper, f"/documents/office/title/{waits}/verify", do="verify")
    post(owner, f"/documents/mine/{receipt}/ask")
    assert "overdue" in page(owner, "/documents")
    assert "Refuse in writing" not in page(keeper, f"/documents/office/{receipt}")
    refused(verifier, f"/documents/office/{receipt}/refuse", reasons="no", remedy="none")
    title_of(office, keeper, person, "because-we-say-so", 422)
    title_of(office, keeper, "per-00000000", "official-passport", 404)
    seizure = title_of(office, keeper, person, "case-seizure")
    refused(verifier, f"/documents/office/title/{seizure}/verify", do="refuse", note=" ")
    post(verifier, f"/documents/office/title/{seizure}/verify", do="refuse", note="no such case")
    refused(
        keeper,
        f"/documents/office/title/{seizure}/take",
        kind="Passport",
        issuer="CN",
        number="E1234567",
    )


@pytest.mark.parametrize(
    "path", ["/documents/office/title/none/take", "/documents/office/q-none", "/documents/mine/q-none"]
)
def test_what_does_not_exist_is_not_found(client_of: Any, office: Any, path: str) -> None:
    [keeper] = officers(office, client_of, 1)
    page(keeper, f"/documents/{path}", 404)
