"""The whole life of a case on screens: applied for, accepted, advised, decided by two, served, used at the gate."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sealtrace.licences import service
from sealtrace.licences.states import day_of
from sealtrace.policy.model import Role

_numbers = itertools.count(1)


@pytest.fixture
def office(site: Any) -> Any:
    return site.office


def today() -> date:
    """The day in China, as the desk counts it."""
    return day_of(datetime.now(UTC))


def form(**change: str) -> dict[str, Any]:
    said: dict[str, Any] = {"end_use": "drive motors for passenger cars", "kind": "single", "from": today().isoformat(),
                            "to": (today() + timedelta(days=300)).isoformat()}  # fmt: skip
    for role, name, country in (("applicant", "赣州某某稀土", "CN"), ("end_user", "Plant C Magnets", "DE"),
                                ("consignee", "D Logistics", "DE")):  # fmt: skip
        said |= {f"{role}_name": name, f"{role}_country": country, f"{role}_address": "x street 1"}
    return said | goods("114.771") | change


def goods(kilograms: str) -> dict[str, list[str]]:
    return {"goods_id": ["g1"], "goods_name_zh": ["氧化镝"], "goods_form": ["oxide"], "goods_formula": ["Dy2O3"],
            "goods_gross_kg": [kilograms], "goods_value": ["9.00"]}  # fmt: skip


def post(client: Any, path: str, status: int = 302, **said: Any) -> Any:
    answer = client.post(path, said)
    assert answer.status_code == status, answer.content.decode()
    return answer


def applied(client: Any) -> str:
    """An application made on the form, with its documents, handed in; gives its name."""
    name = client.post("/applications/new", form())["Location"].rpartition("/")[2]
    for kind in ("contract", "end_use_statement"):
        paper = SimpleUploadedFile(f"{kind}.pdf", f"{kind} of {name}".encode())
        post(client, f"/applications/{name}/enclose", kind=kind, file=paper)
    post(client, f"/applications/{name}/submit")
    return name


def advised(clerk: Any, name: str, office: Any) -> None:
    post(clerk, f"/licences/{name}/accept")
    post(clerk, f"/licences/{name}/ask")
    for advice in service.get_case(office, name).advice:
        post(
            clerk,
            f"/licences/{name}/advise",
            department=advice.department,
            view="for",
            reason="fits the capacity",
        )


def test_a_case_lives_on_screens(client_of: Any, office: Any) -> None:
    applicant, clerk, second = client_of(Role.READER), client_of(Role.LICENSING), client_of(Role.LICENSING)
    customs = client_of(Role.CUSTOMS)
    name = applied(applicant)
    assert name in applicant.get("/applications").content.decode()
    assert name in clerk.get("/licences").content.decode()

    advised(clerk, name, office)
    post(clerk, f"/licences/{name}/question", text="Who makes the motors?", part="end_use")
    assert "the clock stands" in clerk.get(f"/licences/{name}").content.decode()
    assert "Who makes the motors?" in applicant.get(f"/applications/{name}").content.decode()
    post(applicant, f"/applications/{name}/answer", text="Plant C itself")

    post(clerk, f"/licences/{name}/propose", outcome="grant", reasons="civil end use, verified")
    assert "Decide as proposed" not in clerk.get(f"/licences/{name}").content.decode()
    refused = post(clerk, f"/licences/{name}/approve", 403).content.decode()
    assert "another person approves it" in refused
    assert service.get_case(office, name).state == "proposed"
    post(second, f"/licences/{name}/approve")
    text = service.signed_text(office, name)
    assert text not in applicant.get(f"/applications/{name}").content.decode()  # not before it is served
    post(second, f"/licences/{name}/notify", how="by hand")
    assert name in applicant.get(f"/applications/{name}").content.decode()

    number = f"D-{name}"
    declared = {"licence": text, "number": number, "exporter": "赣州某某稀土", "end_user": "Plant C Magnets",
                "destination": "de", **goods("10")}  # fmt: skip
    assert post(customs, "/gate", **declared)["Location"] == f"/gate/{number}"
    page = customs.get(f"/gate/{number}").content.decode()
    assert "licence and goods agree" in page
    post(customs, f"/gate/{number}/reserve")
    post(customs, f"/gate/{number}/endorse")
    line = service.account(office, name).lines[0].balance
    drawn, granted = line.drawn.element_mg, line.granted.element_mg
    assert granted > drawn > 0
    page = clerk.get(f"/licences/account/{name}").content.decode()
    assert f'width="{drawn * 1000 // granted / 10:.1f}%"' in page
    assert "style=" not in page
    figures = clerk.get("/licences/figures").content.decode()
    assert "DE" in figures
    assert today().isoformat()[:7] in figures


def test_a_licence_for_less_is_in_doubt_and_nothing_leaves(client_of: Any, office: Any) -> None:
    customs, number = client_of(Role.CUSTOMS), f"D-none-{next(_numbers)}"
    post(
        customs,
        "/gate",
        licence="",
        number=number,
        exporter="a",
        end_user="b",
        destination="DE",
        **goods("10"),
    )
    assert "no licence is presented" in customs.get(f"/gate/{number}").content.decode()
    post(customs, f"/gate/{number}/endorse", 422)
    post(customs, f"/gate/{number}/question", text="no licence")
    assert service.get_shipment(office, number).state == "held"


def test_an_appeal_is_heard_by_somebody_else(client_of: Any, office: Any) -> None:
    applicant, clerk, second = client_of(Role.READER), client_of(Role.LICENSING), client_of(Role.LICENSING)
    name = applied(applicant)
    advised(clerk, name, office)
    criterion = next(iter(service.case_rules(office).criteria))
    said = {"outcome": "refuse", "reasons": "the amount does not fit", "dissent": "the capacity is not there",
            "departure": "another amount"}  # fmt: skip
    post(clerk, f"/licences/{name}/propose", 422, **said)
    post(clerk, f"/licences/{name}/propose", **said, criterion=criterion)
    post(second, f"/licences/{name}/approve")
    post(second, f"/licences/{name}/notify", how="by hand")
    post(applicant, f"/applications/{name}/appeal", grounds="the capacity is there")
    post(
        client_of(Role.LICENSING, Role.APPEALS),
        f"/licences/{name}/hear",
        outcome="annul",
        reasons="it is there",
    )
    assert service.get_case(office, name).state == "review"


def test_an_incomplete_application_keeps_what_was_typed(client_of: Any) -> None:
    applicant = client_of(Role.READER)
    answer = post(applicant, "/applications/new", 422, **form(**{"from": "soon"}))
    assert "Plant C Magnets" in answer.content.decode()


@pytest.mark.parametrize(
    ("role", "path"),
    [(Role.READER, "/licences"), (Role.CUSTOMS, "/licences"), (Role.LICENSING, "/gate"), (Role.ISSUER, "/applications"),
     (Role.AUDITOR, "/applications"), (Role.READER, "/licences/lists")],
)  # fmt: skip
def test_other_roles_are_denied(client_of: Any, role: Role, path: str) -> None:
    assert client_of(role).get(path).status_code == 403


def test_an_auditor_reads_and_decides_nothing(client_of: Any) -> None:
    auditor, name = client_of(Role.AUDITOR), applied(client_of(Role.READER))
    assert auditor.get(f"/licences/{name}").status_code == 200
    for what in ("accept", "propose", "approve", "hear", "advise", "notify"):
        assert auditor.post(f"/licences/{name}/{what}").status_code == 403


def test_somebody_elses_application_is_no_application(client_of: Any) -> None:
    name = applied(client_of(Role.READER))
    other = client_of(Role.READER)
    assert name not in other.get("/applications").content.decode()
    for answer in (
        other.get(f"/applications/{name}"),
        other.post(f"/applications/{name}/withdraw", {"reason": "no"}),
    ):
        assert "of yours" in answer.content.decode()


def test_a_list_is_released_by_somebody_who_did_not_edit_it(client_of: Any, office: Any) -> None:
    editor, other = client_of(Role.LICENSING), client_of(Role.LICENSING)
    document = json.loads(json.dumps(dict(service.case_rules(office).document), default=str))
    document["criteria"][0]["en"] += " (worded anew)"
    file = SimpleUploadedFile("rules.json", json.dumps(document).encode())
    name = f"rules-{next(_numbers)}"
    post(editor, "/licences/lists/draft", name=name, file=file)
    assert "worded anew" in editor.get(f"/licences/lists/{name}").content.decode()
    post(editor, f"/licences/lists/{name}/release", 403, reason="clearer")
    post(other, f"/licences/lists/{name}/release", reason="clearer")
    assert "(worded anew)" in service.case_rules(office).criteria[document["criteria"][0]["id"]][1]
    assert other.get("/licences/lists").status_code == 200


@pytest.mark.parametrize(("typed", "fen"), [("9", 900), ("9.5", 950), ("1,234.05", 123405), ("", 0), ("9.005", "9.005"),
                                            ("many", "many"), ("٣", "٣")])  # fmt: skip
def test_a_value_is_whole_fen_or_left_as_typed(typed: str, fen: int | str, site: Any) -> None:
    from sealtrace.web.licences.forms import minor

    assert minor(typed) == fen
