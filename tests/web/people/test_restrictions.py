"""Posts, restrictions and leavings on screens: each step by the right person, refused to the wrong one."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from sealtrace.custody.model import Recipient
from sealtrace.people.access import Purpose
from sealtrace.people.acts import chronicle
from sealtrace.people.duties import human
from sealtrace.people.moments import whole
from sealtrace.posts import bases, checklist, designating, places, proposals, service
from sealtrace.posts.basis import add_months
from sealtrace.posts.rules import Status

from .conftest import CHIEF, COUNSEL, REFUSED, SECRETS, opened, post

_numbers = itertools.count(1)
CONTRACT = "labour-contract-23-24@1"


@pytest.fixture
def terms(house: Any) -> dict[str, str]:
    """A proposal as it is typed: from yesterday, for two years."""
    today = house.clock.now().date()
    return {"authority": "Committee 2026-17", "basis": SECRETS, "grade": "important", "activity": "solvent extraction",
            "territory": "MY", "reasons": "knew the cascade", "starts": f"{today - timedelta(days=1)}",
            "ends": f"{today + timedelta(days=600)}"}  # fmt: skip


def imposed(house: Any, first: Any, second: Any, person: str, terms: dict[str, str]) -> str:
    """A restriction proposed and imposed on the screens; gives its name."""
    opened(first, person, Purpose.RESTRICTION)
    post(first, f"/people/{person}/restrict", **terms)
    [waiting] = proposals.of_person(house, person)
    post(second, f"/people/proposals/{waiting.id}/decide", answer="impose", notice="n-17")
    [made] = service.shown(house, person, whole(house.clock.now()))
    return str(made.record.restriction.id)


def test_a_restriction_lives_on_screens(
    house: Any, officer: Any, specialist: Any, terms: dict[str, str]
) -> None:
    account = f"op-own{next(_numbers)}"
    person = specialist("陈国栋", account)
    first, second = officer(Purpose.RESTRICTION, Purpose.DIRECTORY), officer(Purpose.RESTRICTION)
    assert "purpose=restriction" in first.get(f"/people/{person}/restrict")["Location"]
    opened(first, person, Purpose.RESTRICTION)
    assert "State Secrets Law" in first.get(f"/people/{person}/restrict").content.decode()
    long = post(first, f"/people/{person}/restrict", **{**terms, "ends": "2039-01-01"})
    [too_long] = proposals.of_person(house, person)
    refused = post(second, f"/people/proposals/{too_long.id}/decide", REFUSED, answer="impose", notice="n-17")
    assert "36 months" in refused.content.decode()
    assert 'value="n-17"' in refused.content.decode()
    mute = post(second, f"/people/proposals/{too_long.id}/decide", REFUSED, answer="refuse", reasons=" ")
    assert "a refused restriction says why" in mute.content.decode()
    post(second, f"/people/proposals/{too_long.id}/decide", answer="refuse", reasons="beyond the cap")
    assert list(chronicle(house, person))[-1].fields["reasons"] == "beyond the cap"
    assert long["Location"] == f"/people/{person}#proposals"
    typed = post(first, f"/people/{person}/restrict", REFUSED, **{**terms, "territory": ""}).content.decode()
    assert "knew the cascade" in typed
    assert 'id="territory-e"' in typed

    post(first, f"/people/{person}/restrict", **terms)
    [waiting] = proposals.of_person(house, person)
    assert "Somebody else: you proposed it." in first.get(f"/people/proposals/{waiting.id}").content.decode()
    mine = post(first, f"/people/proposals/{waiting.id}/decide", REFUSED, answer="impose", notice="n-1")
    assert "must be different people" in mine.content.decode()
    assert waiting.id in second.get("/people/due").content.decode()
    post(second, f"/people/proposals/{waiting.id}/decide", REFUSED, answer="impose", notice=" ")
    post(second, f"/people/proposals/{waiting.id}/decide", answer="impose", notice="n-17")
    assert second.get(f"/people/proposals/{waiting.id}").status_code in REFUSED  # decided

    [shown] = service.shown(house, person, whole(house.clock.now()))
    name = shown.record.restriction.id
    page = first.get(f"/people/{person}").content.decode()
    assert "it binds nobody before that" in page
    assert name in first.get("/people/due").content.decode()
    post(first, f"/people/{person}/restrictions/{name}/serve", REFUSED, how="")
    post(first, f"/people/{person}/restrictions/{name}/serve", how="in person")
    service.appeal(house, human(account), name, "I never had those parameters", whole(house.clock.now()))
    assert "an appeal is open" in first.get("/people/due?days=365").content.decode()
    page = first.get(f"/people/{person}").content.decode()
    assert "in force" in page
    assert "is being heard" in page
    assert "I never had those parameters" in page

    step = f"/people/{person}/restrictions/{name}"
    kept = post(first, f"{step}/review", REFUSED, next="2099-01-01", reasons="still needed").content.decode()
    assert "still needed" in kept
    due = add_months(whole(house.clock.now()), 6).date()
    post(first, f"{step}/review", next=f"{due}", reasons="still needed")
    assert f"{due}" in first.get(f"/people/{person}").content.decode()
    post(first, f"{step}/release", REFUSED, reasons="")
    post(first, f"{step}/release", reasons="the cascade is published")
    [over] = service.shown(house, person, whole(house.clock.now()))
    assert over.status is Status.RELEASED
    post(first, f"{step}/release", REFUSED, reasons="again")


def test_pay_is_for_who_pays(
    house: Any, site: Any, officer: Any, specialist: Any, terms: dict[str, str], tmp_path: Any
) -> None:
    if not any(b.adopted and b.basis.ref == CONTRACT for b in bases.listed(house, house.clock.now().date())):
        bases.adopt(house, CHIEF, COUNSEL, CONTRACT, source="gazette")
    secret = tmp_path / f"secret{next(_numbers)}.txt"
    secret.write_text(f"stage efficiencies of the cascade {next(_numbers)}\n" * 40)
    [file] = site.register([secret])
    person, first = specialist("林少华"), officer(Purpose.RESTRICTION)
    today = house.clock.now().date()
    contract = {**terms, "basis": CONTRACT, "starts": f"{today - timedelta(days=70)}", "compensation": "yes"}
    opened(first, person, Purpose.RESTRICTION)
    assert (
        "names the secret" in post(first, f"/people/{person}/restrict", REFUSED, **contract).content.decode()
    )
    name = imposed(house, first, officer(Purpose.RESTRICTION), person, {**contract, "files": str(file.code)})
    assert "2 months unpaid" in first.get(f"/people/{person}").content.decode()
    step = f"/people/{person}/restrictions/{name}/pay"
    post(first, step, REFUSED, month="1", voucher="V-1")
    payer = officer(Purpose.COMPENSATION)
    assert "Put the payment on record" in opened(payer, person, Purpose.COMPENSATION)
    post(payer, step, REFUSED, month="one", voucher="V-1")
    post(payer, step, month="1", voucher="V-1")
    post(payer, step, REFUSED, month="1", voucher="V-1")
    assert "1 month unpaid" in payer.get(f"/people/{person}").content.decode()


def test_a_post_is_proposed_and_decided_by_two(house: Any, officer: Any, specialist: Any) -> None:
    person, title = specialist("吴新"), f"director {next(_numbers)}"
    first, second = officer(Purpose.DESIGNATION), officer(Purpose.DESIGNATION)
    post(officer(), "/people/posts/add", REFUSED, title=title, organisation="W", grade="core", activity="x")
    said = {"title": title, "organisation": "Works", "grade": "core", "activity": "solvent extraction"}
    kept = post(first, "/people/posts/add", REFUSED, **said, cooling_off="long").content.decode()
    assert f'value="{title}"' in kept
    post(first, "/people/posts/add", **said, cooling_off="6")
    assert title in second.get("/people/posts").content.decode()
    [made] = [p for p in places.posts(house) if p.title == title]
    opened(first, person, Purpose.DESIGNATION)
    today = house.clock.now().date()
    offer = {"post": made.id, "authority": "Committee", "document": "2026-9", "starts": f"{today + timedelta(days=1)}",
             "ends": f"{today + timedelta(days=400)}"}  # fmt: skip
    assert (
        "2026-9"
        in post(
            first, f"/people/{person}/designate", REFUSED, **{**offer, "ends": "1999-01-01"}
        ).content.decode()
    )
    post(first, f"/people/{person}/designate", **offer)
    [waiting] = designating.of_person(house, person)
    assert waiting.id in second.get("/people/due").content.decode()
    post(first, f"/people/designations/{waiting.id}/decide", REFUSED, answer="yes")
    post(second, f"/people/designations/{waiting.id}/decide", REFUSED, answer="no", reasons="")
    assert title in second.get(f"/people/designations/{waiting.id}").content.decode()
    post(second, f"/people/designations/{waiting.id}/decide", answer="yes")
    [held] = places.designations(house, person)
    assert (held.post.id, held.document) == (made.id, "2026-9")
    assert "no other post before" in first.get(f"/people/{person}").content.decode()
    post(first, f"/people/{person}/posts/{held.id}/end", REFUSED, last="2039-01-01")
    post(first, f"/people/{person}/posts/{held.id}/end", last=f"{today + timedelta(days=3)}")
    post(first, "/people/posts/add", **{**said, "title": f"{title} b"})
    [next_post] = [p for p in places.posts(house) if p.title == f"{title} b"]
    post(first, f"/people/{person}/designate", **{**offer, "post": next_post.id})
    [again] = designating.of_person(house, person)
    cooling = post(second, f"/people/designations/{again.id}/decide", REFUSED, answer="yes").content.decode()
    assert "cooling-off" in cooling
    post(second, f"/people/designations/{again.id}/decide", answer="no", reasons="cooling-off")
    assert designating.of_person(house, person) == []


def test_a_leaving_waits_for_what_is_still_held(
    house: Any, site: Any, officer: Any, specialist: Any, tmp_path: Any
) -> None:
    account = f"op-leaves{next(_numbers)}"
    person = specialist("周敏", account)
    paper = tmp_path / f"plan{account}.txt"
    paper.write_text(f"flow sheet of line two for {account}\n" * 60)
    [file] = site.register([paper])
    site.issue_many(
        str(file.code), [Recipient(account, "dev-77", "10.0.0.7")], tmp_path / "out", wrapped=True
    )
    first, second = officer(Purpose.DESIGNATION, Purpose.LEAVING), officer(Purpose.DESIGNATION)
    now = whole(house.clock.now())
    place = places.enter_post(house, human(first.operator.code), title="engineer", organisation="W", grade="general",
                              activity="x", now=now)  # fmt: skip
    held = places.designate(
        house, human(first.operator.code), human(second.operator.code), person, place.id, authority="C", document="d",
        starts_at=now, ends_at=add_months(now, 12), now=now,
    )  # fmt: skip
    page = opened(first, person, Purpose.LEAVING)
    assert "1 copies, 1 devices" in page
    post(first, f"/people/{person}/posts/{held}/leave", REFUSED, leaves="soon")
    post(first, f"/people/{person}/posts/{held}/leave", leaves=f"{now.date() + timedelta(days=9)}")
    [leaving] = checklist.leavings(house, person)
    do = f"/people/{person}/leavings/{leaving.id}/do"
    post(first, do, REFUSED, item="carriers-returned", document="R-1")
    post(first, do, REFUSED, item="talk", document="")
    post(first, do, REFUSED, item="dance", document="x")
    for item in ("talk", "undertaking", "access-revoked"):
        post(first, do, item=item, document=f"doc {item}")
    [copy] = leaving.holding.copies
    back = f"/people/{person}/take-back"
    post(first, back, REFUSED, copy=str(copy.id), receipt="")
    post(first, back, REFUSED, receipt="R-7")
    post(first, back, copy=str(copy.id), device="dev-77", receipt="R-7")
    assert "was given back" in first.get(f"/people/{person}").content.decode()
    post(first, do, item="carriers-returned", document="R-7")
    [done] = checklist.leavings(house, person)
    assert done.complete
    assert "doc talk" in first.get(f"/people/{person}").content.decode()


def test_what_is_due_is_shown_without_names(
    house: Any, officer: Any, specialist: Any, terms: dict[str, str]
) -> None:
    person, first = specialist("何立秋"), officer(Purpose.RESTRICTION, language="zh-hans")
    name = imposed(house, first, officer(Purpose.RESTRICTION), person, terms)
    page = first.get("/people/due?days=365").content.decode()
    assert name in page
    assert "何立秋" not in page
    assert "送达" in page
    assert "授予" in officer(language="zh-hans").get("/people/due").content.decode()
