"""The directory and a person's file: asked why, shown what the purpose covers, each look on record."""

from __future__ import annotations

import itertools
import os
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sealtrace.people import access, service, store
from sealtrace.people.access import Purpose
from sealtrace.people.duties import human
from sealtrace.people.moments import whole
from sealtrace.policy.model import Role
from sealtrace.travel import service as travel
from sealtrace.travel.journeys import Plan, Stop
from sealtrace.travel.rules import Companion
from sealtrace.web.custody import intake

from .conftest import CHIEF, REFUSED, opened, post

_names = itertools.count(1)
COLUMNS = b"name,spelling,birth_year,account\n"


def test_a_search_says_why_and_everyone_found_sees_it(
    house: Any, officer: Any, specialist: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"欧阳{next(_names)}"
    found = sorted(specialist(f"{name}{n}") for n in "甲乙丙")
    keeper = officer(Purpose.DIRECTORY)
    assert b"There is no list of everybody" in keeper.get("/people").content
    without = post(keeper, "/people/find", REFUSED, text=name, reason="").content.decode()
    assert f'value="{name}"' in without
    assert 'aria-invalid="true"' in without
    assert access.looks(house, found[0]) == []

    monkeypatch.setattr(service, "MOST_FOUND", 2)
    first = post(keeper, "/people/find", 200, text=name, reason="a project").content.decode()
    assert [p in first for p in found] == [True, True, False]
    assert access.looks(house, found[2]) == []
    rest = post(keeper, "/people/find", 200, text=name, reason="a project", after=found[1]).content.decode()
    assert [p in rest for p in found] == [False, False, True]
    [look] = access.looks(house, found[2])
    assert (look.actor, look.reason) == (keeper.operator.code, "a project")
    assert b"Nobody found" in post(keeper, "/people/find", 200, text="nobody-has-this", reason="x").content

    stranger = officer()
    assert b"not been granted" in stranger.get("/people").content
    post(stranger, "/people/find", REFUSED, text=name, reason="curious")
    assert len(access.looks(house, found[0])) == 1


def test_a_file_asks_why_and_shows_what_the_purpose_covers(house: Any, officer: Any, specialist: Any) -> None:
    person = specialist("周敏")
    client = officer(Purpose.DIRECTORY, Purpose.COMPENSATION)
    asked = client.get(f"/people/{person}").content.decode()
    assert "Why do you open" in asked
    assert "周敏" not in asked
    post(client, f"/people/{person}/why", REFUSED, purpose="directory", reason=" ")
    post(client, f"/people/{person}/why", REFUSED, purpose="oversight", reason="not granted to me")
    assert access.looks(house, person) == []

    page = opened(client, person, Purpose.DIRECTORY, "new project")
    assert "周敏" in page
    assert "new project" in page
    [look] = access.looks(house, person)
    assert (look.purpose, look.sections, look.reason) == ("directory", ("profile",), "new project")
    paying = opened(client, person, Purpose.COMPENSATION)
    assert "周敏" not in paying
    assert person in client.get("/people").content.decode()
    post(client, f"/people/{person}/close")
    assert "Why do you open" in client.get(f"/people/{person}").content.decode()
    opened(client, person, Purpose.DIRECTORY)
    assert client.get("/people/per-NOBODY").status_code == 200  # it asks, and tells nothing
    client.post("/people/per-NOBODY/why", {"purpose": "directory", "reason": "guess"})
    assert client.get("/people/per-NOBODY").status_code == 404


def test_oversight_sees_who_looked_and_no_profile(officer: Any, specialist: Any) -> None:
    person = specialist("林少华")
    opened(officer(Purpose.DIRECTORY), person, Purpose.DIRECTORY, "seen by oversight")
    page = opened(officer(Purpose.OVERSIGHT, role=Role.AUDITOR), person, Purpose.OVERSIGHT)
    assert "seen by oversight" in page
    assert "林少华" not in page


def test_one_person_is_entered(house: Any, officer: Any) -> None:
    client, name = officer(Purpose.DIRECTORY), f"吴新{next(_names)}"
    said = {
        "names": name,
        "spellings": "Wu Xin",
        "employments": "Works | chemist | yesterday |",
        "birth_year": "1990",
    }
    kept = post(client, "/people/add", REFUSED, **said).content.decode()
    assert name in kept
    assert "is no employment" in kept
    post(client, "/people/add", REFUSED, **{**said, "employments": "", "birth_year": "19x"})
    answer = post(
        client, "/people/add", **{**said, "employments": "Works | chemist | 2020-01-01 | 2023-12-31"}
    )
    profile = store.profile(house, answer["Location"].rpartition("/")[2])
    assert [n.text for n in profile.names] == [name, "Wu Xin"]
    assert str(profile.employments[0].ends_on) == "2024-01-01"
    assert name in client.get(answer["Location"]).content.decode()
    refused = post(officer(), "/people/add", REFUSED, names="谁").content.decode()
    assert "has not been granted" in refused


def test_a_list_is_looked_at_and_then_entered(house: Any, officer: Any) -> None:
    client, before = officer(Purpose.DIRECTORY), service.count(house)
    mine, other = f"op-x{next(_names)}", f"op-y{next(_names)}"
    rows = f"甲一,,1980,{mine}\n,,,\n乙二,Yi Er,19,\n丙三,,,{mine}\n丁四,,,{other}\n".encode()
    sent = SimpleUploadedFile("people.csv", COLUMNS + rows)
    preview = post(client, "/people/import", 200, files=sent).content.decode()
    assert "2 rows can be entered" in preview
    assert "has no name" in preview
    assert service.count(house) == before
    done = post(client, "/people/import/enter", 200).content.decode()
    assert "2 people entered" in done
    assert service.count(house) == before + 2
    post(client, "/people/import/enter", REFUSED)  # once
    bad = SimpleUploadedFile("people.csv", COLUMNS + "乙二,Yi Er,19,\n".encode())
    told = post(
        officer(Purpose.DIRECTORY, language="zh-hans"), "/people/import", 200, files=bad
    ).content.decode()
    assert "“19”不是出生年份" in told
    assert "no year of birth" not in told
    family = SimpleUploadedFile("people.csv", b"name,spouse\na,b\n")
    assert "relatives" in post(client, "/people/import", REFUSED, files=family).content.decode()
    post(officer(), "/people/import", REFUSED, files=SimpleUploadedFile("people.csv", COLUMNS + rows))


def test_a_list_that_is_looked_at_and_left_is_gone_after_a_day(house: Any, officer: Any) -> None:
    client = officer(Purpose.DIRECTORY)
    sent = SimpleUploadedFile("people.csv", COLUMNS + f"甲一,,1980,op-z{next(_names)}\n".encode())
    post(client, "/people/import", 200, files=sent)
    [left] = (house.home.folder / "intake").glob(f"{intake.LOOKED_AT}-people-{client.operator.code}")
    officer(Purpose.DIRECTORY).get("/people/import")
    assert left.exists()
    days_ago = time.time() - intake.LOOKED_AT_SECONDS - 60
    os.utime(left, (days_ago, days_ago))
    officer(Purpose.DIRECTORY).get("/people/import")
    assert not left.exists()
    post(client, "/people/import/enter", REFUSED)


def test_a_change_is_reviewed_by_somebody_else(house: Any, officer: Any, specialist: Any) -> None:
    person = specialist("黄雅琴")
    keeper, other = officer(Purpose.DIRECTORY), officer(Purpose.DIRECTORY)
    opened(keeper, person, Purpose.DIRECTORY)
    post(keeper, f"/people/{person}/change", field="projects", value="Dy/Tb cascade\nTb oxide line")
    unchanged = post(keeper, f"/people/{person}/change", REFUSED, field="birth_year", value="nineteen")
    assert 'value="nineteen"' in unchanged.content.decode()
    post(keeper, f"/people/{person}/change", REFUSED, field="orcid", value="0000-0002-1825-0097")
    [change] = [c for c in store.changes(house, waiting=True) if c.person == person]
    assert "Waits for somebody else" in keeper.get("/people/changes").content.decode()
    post(keeper, f"/people/changes/{change.id}/review", REFUSED, answer="accept")
    shown = other.get("/people/changes").content.decode()
    assert "<ins>Tb oxide line</ins>" in shown
    assert post(other, f"/people/changes/{change.id}/review", REFUSED, answer="refuse", reasons="")
    post(other, f"/people/changes/{change.id}/review", answer="accept")
    assert store.profile(house, person).projects == ("Dy/Tb cascade", "Tb oxide line")
    post(keeper, f"/people/{person}/change", field="names", value="Huang Ya Chin")
    [named] = [c for c in store.changes(house, waiting=True) if c.person == person]
    post(other, f"/people/changes/{named.id}/review", answer="refuse", reasons="not how she writes it")
    assert len(store.profile(house, person).names) == 2


def test_a_report_is_prepared_by_one_approved_by_another_and_taken(
    house: Any, officer: Any, specialist: Any
) -> None:
    person = specialist("何立")
    first, second, third = (officer(Purpose.REPORT) for _ in range(3))
    said = {"people": person, "field": ["names", "specialities"], "receiver": "省工信厅", "purpose": "yearly census",
            "clause": "条例 第十一条", "keep": "2031-12-31"}  # fmt: skip
    kept = post(first, "/people/reports/new", REFUSED, **{**said, "keep": "soon"}).content.decode()
    assert "省工信厅" in kept
    assert 'value="soon"' in kept
    post(first, "/people/reports/new", REFUSED, **{**said, "field": ["birth_year"]})
    post(first, "/people/reports/new", REFUSED, **{**said, "abroad": "yes"})
    place = post(first, "/people/reports/new", **said)["Location"]
    name = place.rpartition("/")[2]
    assert name in second.get("/people/reports").content.decode()
    post(first, f"{place}/decide", REFUSED, answer="approve")
    post(first, f"{place}/take", REFUSED)
    post(second, f"{place}/decide", REFUSED, answer="refuse", reasons="")
    post(second, f"{place}/decide", answer="approve")
    post(second, f"{place}/decide", REFUSED, answer="approve")
    told = post(first, f"{place}/take", 200).json()
    assert [sorted(one) for one in told["people"]] == [["names", "person", "specialities"]]
    assert told["people"][0]["names"][0][0] == "何立"
    post(third, f"{place}/take", REFUSED)
    page = opened(officer(Purpose.DIRECTORY), person, Purpose.DIRECTORY)
    assert "省工信厅" in page
    again = post(first, "/people/reports/new", **said)["Location"]
    post(second, f"{again}/decide", answer="refuse", reasons="told already")
    assert "nothing was told" in first.get(again).content.decode()


def test_purposes_are_granted_by_somebody_else(house: Any, officer: Any, client_of: Any) -> None:
    chief, clerk = client_of(Role.SECURITY_ADMIN), officer()
    code = clerk.operator.code
    assert "Grant a purpose" in chief.get("/people/access").content.decode()
    assert "Grant a purpose" not in clerk.get("/people/access").content.decode()
    post(clerk, "/people/access/grant", 403, operator=code, purpose="directory", until="2027-01-31")
    until = f"{house.clock.now().date().replace(day=1)}"
    post(
        chief,
        "/people/access/grant",
        REFUSED,
        operator=chief.operator.code,
        purpose="directory",
        until="2999-01-31",
    )
    typed = post(chief, "/people/access/grant", REFUSED, operator=code, purpose="own", until=until)
    assert f'value="{code}"' in typed.content.decode()
    soon = f"{house.clock.now().date().replace(day=28)}"
    post(chief, "/people/access/grant", operator=code, purpose="directory", until=soon)
    assert b"not been granted" not in clerk.get("/people").content
    other, now = officer(), whole(house.clock.now())
    access.grant(
        house,
        CHIEF,
        other.operator.code,
        Purpose.DIRECTORY,
        now + timedelta(days=9),
        now - timedelta(hours=1),
    )
    assert b"not been granted" not in other.get("/people").content
    post(chief, "/people/access/end", operator=other.operator.code)
    assert b"not been granted" in other.get("/people").content
    post(
        chief,
        "/people/access/assess",
        module="posts",
        document="D-9",
        assessor="op-other",
        until="2028-01-31",
    )
    post(chief, "/people/access/assess", REFUSED, module="posts", document="D-9", assessor=chief.operator.code,
         until="2028-01-31")  # fmt: skip
    post(chief, "/people/access/appoint", officer="op-officer", until="2028-01-31")
    post(
        chief,
        "/people/access/adopt",
        REFUSED,
        basis="civil-servant-107@1",
        counsel=chief.operator.code,
        source="gazette",
    )
    post(chief, "/people/access/adopt", basis="civil-servant-107@1", counsel="op-counsel", source="gazette")
    assert "Civil Servant Law" in chief.get("/people/access").content.decode()


def test_a_declared_journey_is_shown_for_its_purpose_without_the_family(
    house: Any, officer: Any, specialist: Any
) -> None:
    account, now = f"op-t{next(_names)}", whole(house.clock.now())
    person = specialist("何立", account)
    stop = Stop("MY", "Ipoh", now + timedelta(days=20), now + timedelta(days=27))
    with_family = (Companion("spouse", "SG", now + timedelta(days=20), now + timedelta(days=27)),)
    travel.declare(house, human(account), person, Plan((stop,), "conference", companions=with_family), now)
    page = opened(officer(Purpose.TRAVEL), person, Purpose.TRAVEL)
    assert "MY Ipoh" in page
    assert "voluntary" in page
    assert "spouse" not in page
