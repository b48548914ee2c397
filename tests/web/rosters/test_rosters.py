"""Rosters on screens: declared before read, compared as a job, reviewed by two, the person heard, then decided."""

from __future__ import annotations

import io

import pytest

from sealtrace.people import access
from sealtrace.policy.model import Role
from sealtrace.posts.basis import add_months
from sealtrace.watch import candidates
from sealtrace.web.own import seed
from tests.web.own.scene import now

SAID = {
    "publisher": "Ipoh Rare Earth", "address": "https://plant.example/list", "retrieved": "2026-01-02 03:04",
    "activity": seed.ACTIVITY, "purpose": "keeping no. 2026-17", "lawful_because": "published for everybody",
}  # fmt: skip
ROSTER = "Name,Formerly,Field,Born\nZhou Q.M. Qiming,x,y,1950\nZhou Qiming,云岭分离厂（虚构）,溶剂萃取,1979\n"

REFUSED = (403, 422)
"""Said on the page: duties that would fall together are denied, what does not fit is unprocessable."""


def sent(client, territory: str, data: str = ROSTER, name: str = "list.csv", **other):
    file = io.BytesIO(data.encode())
    file.name = name
    return client.post("/rosters/new", {**SAID, "territory": territory, "files": file, **other})


@pytest.fixture
def blind(as_account):
    return as_account("op-064", Role.PERSONNEL)


@pytest.fixture
def second(as_account):
    return as_account("op-065", Role.PERSONNEL)


def test_a_roster_is_declared_compared_and_its_file_goes(concerned, blind, house) -> None:
    who = concerned()
    lacking = blind.post("/rosters/new", {**SAID, "territory": who.territory, "purpose": ""})
    assert lacking.status_code in REFUSED
    assert "What it is looked at for" in lacking.content.decode()
    assert 'value="Ipoh Rare Earth"' in lacking.content.decode()
    assert sent(blind, "Malaysia").status_code in REFUSED
    assert blind.post("/rosters/new", {**SAID, "territory": who.territory}).status_code in REFUSED
    page = blind.get(sent(blind, who.territory)["Location"]).content.decode()
    assert "1 candidate to review" in page
    [found] = [c for c in candidates.rosters(house.office) if c["territory"] == who.territory]
    assert (found["row_count"], found["watched"], found["publisher"]) == (2, 1, "Ipoh Rare Earth")
    assert not list((house.office.home.folder / "intake").glob("files-*"))
    again = blind.get(sent(blind, who.territory)["Location"]).content.decode()
    assert "No candidate" in again
    assert "not shown again" in again
    shown = blind.get("/rosters").content.decode()
    assert "Ipoh Rare Earth" in shown
    assert "周启明" not in shown


def test_what_has_no_purpose_or_is_no_roster_leaves_nothing(concerned, blind, house) -> None:
    who = concerned()
    for territory, data, says in (
        ("QQ", ROSTER, "no lawful purpose"), ("", "Name,Spouse\nZhou,Li\n", "relatives"),
        ("", "Who,Where\na,b\n", "no column that is known to hold names"), ("", "\x00\x01\x02 not a roster", ""),
    ):  # fmt: skip
        place = sent(blind, territory or who.territory, data)["Location"]
        page = blind.get(place).content.decode()
        assert "Nothing was compared" in page
        assert says in page
        assert not list((house.office.home.folder / "intake").glob("files-*"))
    pk = place.rpartition("/")[2]
    assert 'value="Ipoh Rare Earth"' in blind.get(f"/rosters/new?again={pk}").content.decode()
    assert "没有进行比对" in blind.get(place, HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()
    unusual = sent(blind, who.territory, ROSTER.replace("Name,Formerly", "Who,Whence"), column_name="Who",
                   column_employer="Whence")  # fmt: skip
    assert "1 candidate to review" in blind.get(unusual["Location"]).content.decode()


def test_a_comparison_whose_process_was_killed_is_done_once(concerned, blind, house, monkeypatch) -> None:
    from sealtrace.web.custody import intake
    from sealtrace.web.jobs import service
    from sealtrace.web.jobs.models import Job

    who, forget = concerned(), intake.forget

    def killed(_place: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(intake, "forget", killed)
    with pytest.raises(KeyboardInterrupt):
        sent(blind, who.territory)
    monkeypatch.setattr(intake, "forget", forget)
    job = Job.objects.filter(operator="op-064").latest("pk")
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING)
    service.do(Job.objects.get(pk=job.pk))
    job.refresh_from_db()
    assert len(job.result["candidates"]) == 1
    assert len([c for c in candidates.rosters(house.office) if c["territory"] == who.territory]) == 1


def test_two_reviewers_the_first_blind_the_person_heard_then_a_case(
    concerned, blind, second, as_account
) -> None:
    who = concerned(screened=True)
    [name] = who.made.candidates
    address = f"/rosters/candidate/{name}"
    page = blind.get(address).content.decode()
    for shown in ("Zhou Qi Ming", "周启明", "agrees", "a million with Chinese names"):
        assert shown in page, shown
    for hidden in (who.made.restriction, "2026-17", "离岗前", "%"):
        assert hidden not in page.split("<main")[1], hidden
    unsaid = blind.post(f"{address}/review", {"at": "first", "reasons": "employer and year"})
    assert unsaid.status_code in REFUSED
    assert "employer and year" in unsaid.content.decode()
    said = {"at": "first", "answer": "same", "reasons": "employer and year"}
    assert blind.post(f"{address}/review", said)["Location"] == "/rosters"
    assert "Not for you to open now" in blind.get(address).content.decode(), (
        "the first reviewer never learns why"
    )
    page = second.get(address).content.decode()
    assert who.made.restriction in page
    assert f"An appeal {who.made.petition} is open" in page
    assert second.post(f"{address}/decide/case", {"reasons": "at once"}).status_code in REFUSED
    assert second.post(f"{address}/review", {**said, "at": "second"}).status_code == 302
    early = second.post(f"{address}/decide/case", {"reasons": "not asked yet"})
    assert early.status_code in REFUSED
    assert "asked before any allegation" in early.content.decode()
    assert second.post(f"{address}/decide/heard", {"reasons": "he says it is him"})["Location"] == address
    assert second.post(f"{address}/decide/burn", {"reasons": "x"}).status_code == 404
    assert second.post(f"{address}/decide/case", {"reasons": "works there without leave"}).status_code == 302
    me = as_account(who.account).get("/me").content.decode()
    assert "A case was opened" in me
    assert "works there without leave" in me


def test_who_has_seen_the_reason_is_not_first_and_nobody_is_both(
    concerned, second, as_account, house
) -> None:
    who, other = concerned(screened=True), concerned(screened=True)
    [first], [name] = who.made.candidates, other.made.candidates
    said = {"at": "first", "answer": "same", "reasons": "year"}
    assert second.post(f"/rosters/candidate/{first}/review", said).status_code == 302
    assert "You made the first review" in second.get(f"/rosters/candidate/{first}").content.decode()
    refused = second.post(f"/rosters/candidate/{first}/review", {**said, "at": "second"})
    assert refused.status_code in REFUSED
    knowing = as_account("op-061", Role.PERSONNEL)
    access.grant(house.office, seed.CHIEF, "op-061", access.Purpose.SCREENING, add_months(now(), 1), now())
    assert "You have seen why" in knowing.get(f"/rosters/candidate/{name}").content.decode()
    assert knowing.post(f"/rosters/candidate/{name}/review", said).status_code in REFUSED
    rejected = second.post(f"/rosters/candidate/{name}/review", {**said, "answer": "other"})
    assert rejected.status_code == 302
    assert second.post(f"/rosters/candidate/{name}/decide/case", {"reasons": "x"}).status_code in REFUSED


def test_who_hears_appeals_and_others_take_no_part(client_of) -> None:
    assert client_of(Role.APPEALS, Role.PERSONNEL).get("/rosters/new").status_code == 403
    assert client_of(Role.READER).get("/rosters").status_code == 403
    plain = client_of(Role.PERSONNEL)
    assert "has not been granted the purpose" in plain.get("/rosters").content.decode()
    assert plain.get("/rosters/candidate/c-none").status_code == 404
