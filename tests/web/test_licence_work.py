"""More of the licence desk's work on screens: flags, measures, papers, versions, the field editor, hits, the checks."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest

from sealtrace.licences import service
from sealtrace.licences.screening.lists import SCHEMA, read_list
from sealtrace.licences.states import LicenceState
from sealtrace.people.duties import human
from sealtrace.policy.model import Role

from .test_licences_screens import advised, applied, form, post, today

_numbers = itertools.count(1)


@pytest.fixture
def office(site: Any) -> Any:
    return site.office


def text_of(client: Any, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()
    text: str = answer.content.decode()
    assert "style=" not in text
    return text


@pytest.fixture
def people(client_of: Any) -> tuple[Any, Any, Any]:
    """An applicant and two licence officers."""
    return client_of(Role.READER), client_of(Role.LICENSING), client_of(Role.LICENSING)


def licensed(people: tuple[Any, Any, Any], office: Any) -> str:
    """A case granted, served, its licence in force; gives its name, which is the licence's number."""
    applicant, clerk, second = people
    name = applied(applicant)
    advised(clerk, name, office)
    said = {"departure": "civil end use, verified"}
    post(clerk, f"/licences/{name}/propose", outcome="grant", reasons="civil end use, verified", **said)
    post(second, f"/licences/{name}/approve")
    post(second, f"/licences/{name}/notify", how="by hand")
    return name


def test_a_person_sets_a_flag_and_lifts_it(people: tuple[Any, Any, Any], office: Any) -> None:
    applicant, clerk, _ = people
    name = applied(applicant)
    post(clerk, f"/licences/{name}/accept")
    post(clerk, f"/licences/{name}/flag", flag="", own="old premises", reason="the address was a warehouse")
    assert "old premises" in text_of(clerk, f"/licences/{name}")
    post(clerk, f"/licences/{name}/unflag", 422, flag="old premises", reason="")
    post(clerk, f"/licences/{name}/unflag", flag="old premises", reason="a factory stands there now")
    assert service.get_case(office, name).flags == ()
    assert client_denied(applicant, f"/licences/{name}/flag")


def client_denied(client: Any, path: str) -> bool:
    return bool(client.post(path, {}).status_code == 403)


def test_a_licence_is_suspended_at_once_and_revoked_by_two(people: tuple[Any, Any, Any], office: Any) -> None:
    applicant, clerk, second = people
    name = licensed(people, office)
    account = f"/licences/account/{name}"
    post(clerk, f"{account}/measures", step="suspend", reason="a question about the end user",
         basis="Decree 792", review_by=(today() + timedelta(days=30)).isoformat())  # fmt: skip
    assert service.account(office, name).state is LicenceState.SUSPENDED
    post(clerk, f"{account}/measures", step="revoke", reason="goods were passed on", basis="Decree 792")
    told = text_of(applicant, f"/applications/{name}")
    assert "goods were passed on" in told
    post(applicant, f"/applications/{name}/object/2", text="one consignment, by mistake")
    post(clerk, f"{account}/measures/2/approve", 403, answer="no")
    post(second, f"{account}/measures/2/approve", 403, answer="")  # the objection has no answer
    post(second, f"{account}/measures/2/approve", answer="three consignments, by their papers")
    assert service.account(office, name).state is LicenceState.REVOKED
    assert "three consignments" in text_of(applicant, f"/applications/{name}")
    assert name in text_of(clerk, "/licences/all?state=revoked")
    assert client_denied(applicant, f"{account}/measures")


def test_the_holder_amends_and_surrenders(people: tuple[Any, Any, Any], office: Any) -> None:
    applicant, clerk, _ = people
    name = licensed(people, office)
    copy = post(applicant, f"/applications/{name}/amend")["Location"].rpartition("/")[2]
    assert service.get_case(office, copy).application.replaces == name
    assert name in text_of(applicant, f"/applications/{copy}")
    post(applicant, f"/applications/{copy}/save", **form(end_use="pumps"))
    assert service.get_case(office, copy).application.replaces == name  # a save keeps it
    post(applicant, f"/applications/{name}/surrender", reason="the order was cancelled")
    assert service.account(office, name).state is LicenceState.SURRENDERED
    assert "surrender" in text_of(clerk, f"/licences/account/{name}")


def test_what_can_be_taken_away(people: tuple[Any, Any, Any], office: Any, client_of: Any) -> None:
    applicant, clerk, _ = people
    name = licensed(people, office)
    for client, path in (
        (clerk, f"/licences/account/{name}/page"),
        (applicant, f"/applications/{name}/licence"),
    ):
        assert client.get(path).content.startswith(b"%PDF-")
    assert "VerifiableCredential" in text_of(clerk, f"/licences/account/{name}/credential")
    assert clerk.get(f"/licences/account/{name}/credential?form=jwt").content.count(b".") == 2
    assert clerk.get("/licences/status-list").content
    paper = service.get_case(office, name).application.enclosures[0]
    answer = clerk.get(f"/licences/{name}/documents/{paper['id']}")
    assert (answer.content, answer["X-Content-Type-Options"]) == (f"contract of {name}".encode(), "nosniff")
    assert answer["Content-Disposition"].startswith("attachment")
    other = client_of(Role.READER)
    for path in (f"documents/{paper['id']}", "licence", "versions/1"):
        assert "of yours" in other.get(f"/applications/{name}/{path}").content.decode()
    assert "contract" in text_of(applicant, f"/applications/{name}/versions/2")
    text_of(clerk, f"/licences/{name}/versions/1")
    assert "has no version 99" in clerk.get(f"/licences/{name}/versions/99").content.decode()


def test_the_form_tells_what_is_lacking_as_it_is_filled(people: tuple[Any, Any, Any]) -> None:
    applicant = people[0]
    said = form(applicant_name="") | {
        "party_id": ["p1"], "party_role": ["intermediary"], "party_name": ["Broker"], "party_country": ["ae"],
        "party_address": [""], "party_names": ["B. & Co; Broker Ltd"],
    }  # fmt: skip
    told = post(applicant, "/applications/check", 200, **said).content.decode()
    assert "no applicant is named" in told
    assert "a party lacks" in told
    assert (
        "can't be read yet"
        in post(applicant, "/applications/check", 200, **form(**{"from": "soon"})).content.decode()
    )


def test_a_mixture_and_an_intermediary_are_typed_in_fields(people: tuple[Any, Any, Any], office: Any) -> None:
    applicant = people[0]
    said = form() | {
        "party_id": ["p1"], "party_role": ["intermediary"], "party_name": ["Broker"], "party_country": ["ae"],
        "party_address": ["Dubai"], "party_names": ["B. & Co; Broker Ltd"], "goods_formula": [""],
        "goods_form": ["oxide_mixture"], "goods_source": ["lab_composition"], "component_goods": ["g1", "g1", "g9"],
        "component_name": ["Dy2O3", "Tb4O7", "Y"], "component_share": ["60 %", "40 %", "1 %"],
        "end_use_site": "Hamburg", "end_use_signed_by": "A. Meier", "end_use_signed_on": today().isoformat(),
        "undertakes": ["not_military", "not_passed_on"],
    }  # fmt: skip
    name = post(applicant, "/applications/new", **said)["Location"].rpartition("/")[2]
    made = service.get_case(office, name).application
    assert made.goods[0].stated["lab_composition"] == {"Dy2O3": "60 %", "Tb4O7": "40 %"}
    [broker] = [p for p in made.parties if p.role == "intermediary"]
    assert (broker.country, broker.names) == ("AE", ("B. & Co", "Broker Ltd"))
    assert made.document["end_use"]["undertakes"] == ["not_military", "not_passed_on"]
    before = made.document
    page = applicant.get(f"/applications/{name}")
    assert page.context["form"]["goods"][0]["components"][:2] == [("Dy2O3", "60 %"), ("Tb4O7", "40 %")]
    post(applicant, f"/applications/{name}/save", **said)  # the same fields make the same document
    assert service.get_case(office, name).versions[-1].document == before
    twice = said | {"component_name": ["Dy2O3", "Dy2O3", "Y"]}
    assert "60 % + 40 %" in post(applicant, f"/applications/{name}/save", 422, **twice).content.decode()


def test_an_entry_is_edited_in_fields_and_its_effect_seen(people: tuple[Any, Any, Any], office: Any) -> None:
    applicant, clerk, second = people
    case = applied(applicant)
    post(clerk, f"/licences/{case}/accept")
    name = f"fields-{next(_numbers)}"
    post(clerk, "/licences/lists/begin", name=name, kind="control-list")
    post(clerk, "/licences/lists/begin", 422, name=name, kind="control-list")
    path = f"/licences/lists/{name}/entries/1C905.b"
    held = clerk.get(path).context["e"]
    post(clerk, path, 422, **{**held, "elements": "Xx"})
    post(clerk, path, **{**held, "to": "2026-01-01"})
    page = text_of(clerk, f"/licences/lists/{name}")
    assert "entries[1C905.b].to" in page
    assert case in page  # an open case would be decided otherwise
    post(
        clerk,
        f"/licences/lists/{name}/instruments/MOFCOM-GACC-2025-57",
        event="resumed",
        date="2026-12-01",
        until="",
    )
    post(
        clerk,
        f"/licences/lists/{name}/instruments/-",
        id=f"X-{name}",
        zh="新公告",
        en="New",
        date="2026-12-01",
    )
    post(clerk, f"/licences/lists/{name}/entries/-", code="9X001", instrument=f"X-{name}", form="oxide", zh="钕",
         en="Nd", elements="Nd", named="")  # fmt: skip
    assert {"entries[9X001]", f"instruments[X-{name}]"} <= {c.place for c in service.changes(office, name)}
    assert (
        "another person releases it"
        in post(clerk, f"/licences/lists/{name}/release", 403, reason="x").content.decode()
    )
    post(second, f"/licences/lists/{name}/drop", reason="only a trial")


def test_rules_are_edited_in_fields_and_run_dry(people: tuple[Any, Any, Any], office: Any) -> None:
    applicant, clerk, second = people
    case = applied(applicant)
    post(clerk, f"/licences/{case}/accept")
    name = f"流转 规则 {next(_numbers)}"  # signed as it is sent, encoded
    post(clerk, "/licences/lists/begin", name=name, kind="case-rules")
    flag = {"id": "large", "zh": "数量较大", "en": "large", "from": "2025-04-04", "element_kg_from": "50"}
    post(clerk, f"/licences/lists/{name}/rules/flags/large", 422, **flag | {"from": "soon"})
    post(clerk, f"/licences/lists/{name}/rules/flags/large", **flag)
    route = {"id": "customs", "zh": "海关", "en": "Customs", "department": "customs", "part": ["goods"],
             "flag": "large", "working_days": "5", "from": "2025-04-04"}  # fmt: skip
    post(clerk, f"/licences/lists/{name}/rules/routes/-", **route)
    post(clerk, f"/licences/lists/{name}/criteria/-", id="end-user-new", zh="新用户", en="a new end user")
    found = {e.name: e.after for e in service.effects(office, name)}
    assert found[case] == "large, customs"  # on its own day, under the rules as drafted
    assert "+ large, customs" in text_of(second, f"/licences/lists/{name}")
    for part, which in (
        ("rules/flags", "large"),
        ("rules/routes", "technical"),
        ("criteria", "end-use-military"),
    ):
        text_of(clerk, f"/licences/lists/{name}/{part}/{which}")
    post(second, f"/licences/lists/{name}/drop", reason="only a trial")


def test_every_hit_is_judged_on_one_page(people: tuple[Any, Any, Any], office: Any) -> None:
    applicant, clerk, _ = people
    entry = {
        "id": "7",
        "names": ["Plant C Magnet Works"],
        "person": False,
        "countries": ["DE"],
        "remarks": "register 7",
    }
    listed = {"schema": SCHEMA, "id": "own", "version": "1", "effect": "watch", "entries": [entry]}
    service.take_list(office, human("op-lists"), read_list(json.loads(json.dumps(listed))))
    try:
        name = post(applicant, "/applications/new", **form(end_user_name="Plant C Magnet Works GmbH"))[
            "Location"
        ]
        name = name.rpartition("/")[2]
        for kind in ("contract", "end_use_statement"):
            service.enclose(office, human(service.get_case(office, name).applicant), name, kind.encode(),
                            service.Enclosure(kind), kind)  # fmt: skip
        post(applicant, f"/applications/{name}/submit")
        post(clerk, f"/licences/{name}/accept")
        [hit] = service.get_case(office, name).hits
        page = text_of(clerk, "/licences/hits")
        assert "register 7" in page
        assert "register 7" not in text_of(clerk, "/licences/hits?view=judged")
        answer = post(clerk, f"/licences/{name}/clear?from=hits&view=waiting&list=own&to=/x", hit=hit, same="no",
                      reason="another register number")  # fmt: skip
        assert answer["Location"] == "/licences/hits?view=waiting&list=own"
        assert service.get_case(office, name).hits[hit].same is False
        assert "another register number" in text_of(clerk, "/licences/hits")
    finally:
        service.retire_list(office, human("op-lists"), "own")


def test_like_cases_and_the_figures_made_again(people: tuple[Any, Any, Any], office: Any) -> None:
    clerk = people[1]
    name = licensed(people, office)
    page = text_of(clerk, "/licences/treatment")
    assert name in page
    assert "civil end use, verified" in page
    assert "the same" in text_of(clerk, "/licences/figures?check=1")
    office.ledger.append(
        [], lambda db, _: db.execute("UPDATE case_board SET state = 'draft' WHERE id = ?", (name,))
    )
    wrong = text_of(clerk, "/licences/figures?check=1")
    assert "not the same" in wrong
    assert name in wrong
    post(clerk, "/licences/figures/put-right")
    assert "not the same" not in text_of(clerk, "/licences/figures?check=1")


def test_the_holder_appeals_and_somebody_without_a_part_decides(
    people: tuple[Any, Any, Any], client_of: Any, office: Any
) -> None:
    applicant, clerk, second = people
    name = licensed(people, office)
    account, own = f"/licences/account/{name}", f"/applications/{name}/measures/1/appeal"
    soon = (today() + timedelta(days=30)).isoformat()
    post(clerk, f"{account}/measures", 422, step="suspend", reason="a question", review_by=soon)
    post(clerk, f"{account}/measures", 422, step="suspend", reason="a question", basis="Decree 792")
    post(
        clerk, f"{account}/measures", step="suspend", reason="a question", basis="Decree 792", review_by=soon
    )
    post(clerk, f"{account}/measures/1/notify", how="on the holder's page")
    told = text_of(applicant, f"/applications/{name}")
    assert (today() + timedelta(days=60)).isoformat() in told
    assert client_denied(clerk, own)
    assert "of yours" in client_of(Role.READER).post(own, {"grounds": "not mine"}).content.decode()
    post(applicant, own, grounds="no goods were passed on")
    assert f"{name}/1" in text_of(clerk, "/licences/appeals")
    hear = f"{account}/measures/1/hear"
    for client in (clerk, second, applicant):
        assert client_denied(client, hear)
    judge = client_of(Role.APPEALS)
    post(judge, hear, 422, outcome="stay", reasons="")
    post(judge, hear, outcome="stay", reasons="the goods are awaited")
    assert service.account(office, name).state is LicenceState.REINSTATED
    post(judge, hear, outcome="annul", reasons="none were passed on")
    assert "none were passed on" in text_of(applicant, f"/applications/{name}")
    assert f"{name}/1" not in text_of(clerk, "/licences/appeals")
    assert "annulled" in text_of(judge, account)
