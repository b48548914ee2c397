"""The screens of cases: what a department sees is what was referred, over every address."""

from __future__ import annotations

import re

import pytest

from sealtrace.cases import disclosure, files, service
from sealtrace.cases.model import Actor, CaseKind, Department, SubjectKind
from sealtrace.policy.model import Role

pytestmark = pytest.mark.usefixtures("site")
SECRET, SHOWN, SUBJECT = (
    "hidden-tail-of-the-consignment",
    "spectrum-that-was-referred",
    "a consignment at port 3",
)
ORGANISATION = {d: d.value.upper() for d in Department}


@pytest.fixture
def officer(client_of):
    """A signed-in person of a department."""

    def make(department: Department, role: Role = Role.CUSTOMS, language: str = "en"):
        from sealtrace.web.accounts.models import Organisation

        client = client_of(role, language=language)
        code = ORGANISATION[department]
        client.operator.organisation = Organisation.objects.get_or_create(code=code, defaults={"name": code})[
            0
        ]
        client.operator.save()
        client.by = Actor(client.operator.code, department)
        return client

    return make


@pytest.fixture(scope="module")
def joint(site):
    """A case of customs with a secret note and two exhibits, one of them referred to commerce, police only asked."""
    office, li, wang = site.office, Actor("li", Department.CUSTOMS), Actor("wang", Department.CUSTOMS)
    number = service.open_case(
        office, li, CaseKind.SMUGGLING, f"case {SECRET}", basis="Customs Law", severity="grave"
    ).case
    service.note(office, li, number, f"note {SECRET}")
    for title in (SHOWN, f"exhibit {SECRET}"):
        service.collect(office, li, number, title=title, kind="reading", where="Port 3", method="XRF",
                        authority="order 7", acquired_at=office.clock.now(), original=title.encode())  # fmt: skip
    for to in (Department.COMMERCE, Department.POLICE):
        item = service.refer(
            office, li, number, to, ["e-1"], subject=SUBJECT, purpose="to look", basis="art. 7"
        ).act.item
        if to is Department.POLICE:
            service.approve_referral(office, wang, number, item)
        else:
            mei = Actor("mei", Department.COMMERCE)
            service.answer_referral(office, mei, number, item, accept=True, reason="ours")
    return number


def opened(client, number: str) -> str:
    client.post(f"/cases/{number}/purpose", {"purpose": "to work on it"})
    answer = client.get(f"/cases/{number}")
    return answer.content.decode() if answer.status_code == 200 else ""


@pytest.mark.parametrize(
    ("department", "sees_case", "sees_exhibit", "sees_all"),
    [
        (Department.CUSTOMS, True, True, True),
        (Department.COMMERCE, True, True, False),
        (Department.POLICE, True, False, False),
        (Department.INDUSTRY, False, False, False),
    ],
)
def test_a_department_sees_what_was_referred_at_every_address(
    officer, site, joint, department, sees_case, sees_exhibit, sees_all
) -> None:
    client = officer(department)
    board, page = client.get("/cases").content.decode(), opened(client, joint)
    assert (joint in board, bool(page)) == (sees_case, sees_case)
    assert (SHOWN in page, SECRET in page, SECRET in board) == (sees_exhibit, sees_all, sees_all)
    for item, visible in (("e-1", sees_exhibit), ("e-2", sees_all)):
        answer = client.post(f"/cases/{joint}/original/{item}", {"purpose": "to compare"})
        assert (answer.status_code == 200) == visible
    for form in ("report", "stix", "case", "chain"):
        asked = {
            "form": form,
            "given_to": "court",
            "purpose": "trial",
            "item": "e-2" if form == "chain" else "",
        }
        answer = client.post(f"/cases/{joint}/export", asked)
        allowed = sees_all if form == "chain" else sees_exhibit
        assert (answer.status_code == 200) == allowed, form
        if not sees_all:
            assert SECRET.encode() not in answer.content
    size = site.office.ledger.size()
    answer = client.post(f"/cases/{joint}/do/examine/e-2", {"method": "XRF", "purpose": "mine"})
    assert answer.status_code >= 400
    assert SECRET not in answer.content.decode() or sees_all
    assert site.office.ledger.size() == size


def test_an_unread_case_is_not_shown_and_each_reading_is_in_the_ledger_first(officer, site, joint) -> None:
    client = officer(Department.CUSTOMS)
    assert SHOWN not in client.get(f"/cases/{joint}").content.decode()
    size = site.office.ledger.size()
    assert SHOWN in opened(client, joint)
    assert site.office.ledger.size() == size + 1


def _forms(page: str) -> dict[str, str]:
    return dict(re.findall(r'action="(/cases/[^"]*/do/[^"]*)".*?name="key" value="([^"]*)"', page, re.S))


def test_a_case_is_worked_from_opening_to_appeal_by_its_forms(officer, site) -> None:
    first, second, third = (officer(Department.CUSTOMS) for _ in range(3))
    commerce = officer(Department.COMMERCE)
    asked = {
        "kind": "smuggling",
        "title": "Powder",
        "basis": "Customs Law",
        "severity": "grave",
        "key": "k-1",
    }
    number = first.post("/cases/open", asked)["Location"].rpartition("/")[2]
    assert first.post("/cases/open", asked)["Location"].endswith(number)  # sent twice, opened once

    def do(client, step: str, **said: object) -> None:
        page = opened(client, number)
        keys = _forms(page)
        address = f"/cases/{number}/do/{step}"
        assert address in keys, f"{step} is not offered"
        answer = client.post(address, {**said, "key": keys[address]})
        assert answer.status_code == 302, answer.content.decode()

    when = "2031-03-02T08:30"
    do(
        first,
        "name-subject",
        kind="declaration",
        ref="D-1",
        text="kaolin",
        arm="targeted",
        valid_from="2031-02-03",
    )
    do(first, "allege", typology="misdescription", text="not kaolin", statute="art. 82")
    do(
        first,
        "collect",
        title="Sample",
        kind="sample",
        where="Port",
        method="scoop",
        authority="7",
        acquired_at=when,
    )
    do(first, "seal-evidence/e-1", seal_no="S-1", purpose="transport")
    do(first, "offer-evidence/e-1", to="customs", purpose="laboratory")
    assert f"/cases/{number}/do/answer-offer/e-1" not in _forms(
        opened(first, number)
    )  # two people, never one
    do(second, "answer-offer/e-1", accept="yes", condition="seal whole")
    do(second, "split-sample/e-1", title="half", purpose="second opinion")
    do(first, "set-task", title="Ask the shipper", assignee="customs", due=when)
    do(second, "finish-task/t-1", result="asked")
    do(first, "set-deadline", due=when, text="hearing")
    do(first, "move-deadline/d-1", due=when, reason="holiday")
    do(first, "meet-deadline/d-1", result="heard")
    do(first, "note", text="a note")
    do(first, "revise-note/n-1", text="a better note")
    do(first, "report-event", happened_at=when, text="truck left", source="gate log")
    do(first, "refer", to="commerce", items=["s-1"], subject="licence?", purpose="ask", basis="art. 7")
    do(commerce, "answer-referral/r-1", accept="yes", reason="ours")
    do(first, "settle-allegation/a-1", substantiated="yes", reason="laboratory")
    do(first, "propose-outcome", result="seized", text="Dy oxide", alternatives="kaolin: no", basis="art. 82",
       goods_mg="600.5", element="Dy", penalty_minor="1,000.25")  # fmt: skip
    assert "you proposed it" in opened(first, number)
    do(second, "sign-outcome/o-1", accept="yes")
    do(first, "lodge-appeal/o-1", appellant="shipper", grounds="mixed up")
    do(third, "decide-appeal/p-1", granted="no", reason="not so")
    do(first, "close", reason="done")
    case = files.load(site.office, number)
    assert case.state == "closed"
    assert case.items["o-1"].fields["goods_mg"] == 600_500_000
    assert case.items["o-1"].fields["penalty_minor"] == 100_025
    assert disclosure.view(case, commerce.by).title == "licence?"
    assert service.check(site.office) == []


@pytest.mark.parametrize(("role", "status"), [(Role.READER, 403), (Role.APPEALS, 200), (Role.AUDITOR, 403)])
def test_only_who_works_cases_comes_to_the_board(officer, role, status) -> None:
    client = officer(Department.CUSTOMS, role)
    assert client.get("/cases").status_code == status


def test_who_belongs_to_no_department_is_told_so(client_of) -> None:
    answer = client_of(Role.APPEALS).get("/cases")
    assert answer.status_code >= 400
    assert "department" in answer.content.decode()


@pytest.mark.parametrize("amount", ["-1", "1.005", "many", "1e400", "nan"])
def test_an_amount_that_is_none_is_refused(officer, joint, amount) -> None:
    said = {"result": "penalty", "text": "t", "alternatives": "a", "basis": "b", "penalty_minor": amount}
    client = officer(Department.CUSTOMS)
    answer = client.post(f"/cases/{joint}/do/propose-outcome", said)
    assert answer.status_code >= 400
    assert "Penalty" in answer.content.decode()


def test_a_case_with_two_traces_leads_a_tracer_to_weigh_them_together(site, officer):
    client = officer(Department.CUSTOMS, Role.CUSTOMS)
    number = service.open_case(
        site.office, client.by, CaseKind.SMUGGLING, "two extracts", basis="Customs Law", severity="grave"
    ).case
    tracer = officer(Department.CUSTOMS, Role.TRACER)
    for trace in ("T0a", "T0b"):
        service.name_subject(site.office, client.by, number, SubjectKind.TRACE, trace)
        client.post(f"/cases/{number}/purpose", {"purpose": "to look"})
    assert "/trace/together" not in client.get(f"/cases/{number}").content.decode()
    view = service.read_case(site.office, tracer.by, number, purpose="to look")
    from sealtrace.web.cases.page import together_address

    assert together_address(view) == "/trace/together?trace=T0a&trace=T0b"
