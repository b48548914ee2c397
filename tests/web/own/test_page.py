"""The own page: all that is held, who looked and why; taken along, corrected, contested. Nobody reads another's."""

from __future__ import annotations

import json

from sealtrace.people import access, petitions
from sealtrace.people import service as directory
from sealtrace.people.access import Purpose
from sealtrace.people.duties import human
from sealtrace.policy.model import Role
from sealtrace.web.own import seed

from .scene import now

REFUSED = (403, 422)
"""Said on the page: duties that would fall together are denied, what does not fit is unprocessable."""


def test_everything_is_on_the_page_and_can_be_taken_along(concerned, as_account, house) -> None:
    who = concerned(screened=True)
    me = as_account(who.account)
    page = me.get("/me")
    shown = page.content.decode()
    for held in ("周启明", "Zhou Qiming", "技术主任", who.made.restriction, who.made.petition, "2026-17", "in force",
                 "op-061", "op-062", "op-070", "Zhou Qi Ming", "年度核对档案",
                 "A restriction was notified to you"):  # fmt: skip
        assert held in shown, held
    assert " style=" not in shown
    assert "2026-17" in as_account(who.account, language="zh-CN").get("/me").content.decode()
    taken = me.post("/me/export", {"form": "json"})
    assert json.loads(taken.content)["person"]["names"][0]["text"] == "周启明"
    assert taken["Content-Disposition"].endswith('.json"')
    assert me.post("/me/export", {"form": "pdf"}).content.startswith(b"%PDF-")
    assert me.post("/me/export", {"form": "exe"}).status_code in REFUSED
    own = [s for s in access.looks(house.office, who.made.person) if s.purpose == "own"]
    assert len(own) == 4


def test_who_is_not_in_the_directory_reads_that_and_nothing_is_entered(client_of, house) -> None:
    client = client_of()
    client.get("/")
    before = house.office.ledger.size()
    page = client.get("/me")
    assert "nobody with your account" in page.content.decode()
    assert house.office.ledger.size() == before
    assert client.post("/me/export", {"form": "json"}).status_code == 404


def test_a_look_by_an_officer_shows_with_its_reason_and_can_be_questioned(
    concerned, as_account, house
) -> None:
    who = concerned()
    for _ in range(2):
        directory.show(
            house.office, seed.KEEPER, who.made.person, Purpose.DIRECTORY, "checking a spelling", now()
        )
    officer = as_account("op-070", Role.APPEALS)
    assert officer.get(f"/appeals/{who.made.petition}").status_code == 200
    me = as_account(who.account)
    shown = me.get("/me").content.decode()
    assert "checking a spelling" in shown
    assert "2 times that day" in shown
    assert f"hearing your petition {who.made.petition}" in shown
    seen = next(s for s in access.looks(house.office, who.made.person) if s.reason == "checking a spelling")
    asked = me.post(f"/me/ask/objection?about=access:{seen.entry}", {"text": "Why twice?"})
    assert asked.status_code == 302
    [made] = petitions.open_about(house.office, who.made.person, f"access:{seen.entry}")
    assert petitions.asked_decider(house.office, made.id) == seed.KEEPER.id
    again = me.post(f"/me/ask/objection?about=access:{seen.entry}", {"text": "And once more?"})
    assert again.status_code in REFUSED
    assert "And once more?" in again.content.decode()


def test_a_change_is_proposed_and_waits_and_errors_keep_what_was_typed(concerned, as_account, house) -> None:
    who = concerned()
    me = as_account(who.account)
    assert "技术主任" in me.get("/me/correct/employments").content.decode()
    rows = {"employer": ["厂", ""], "role": ["工程师", ""], "from": ["yesterday", ""], "until": ["", ""]}
    wrong = me.post("/me/correct/employments", rows)
    assert wrong.status_code in REFUSED
    assert "yesterday is no day" in wrong.content.decode()
    assert 'value="yesterday"' in wrong.content.decode()
    rows["from"][0] = "2010-03-01"
    assert me.post("/me/correct/employments", rows).status_code == 302
    assert me.post("/me/correct/names", {"text": "周启明\nZhou Qiming\nChow Kai Ming"}).status_code == 302
    assert me.post("/me/correct/birth_year", {"text": "78"}).status_code in REFUSED
    assert me.post("/me/correct/orcid", {"text": "0000-0002-1825-0098"}).status_code in REFUSED
    assert me.get("/me/correct/salary").status_code == 404
    shown = me.get("/me").content.decode()
    assert shown.count("a change waits") == 2
    changes = {c.field: c.after for c in directory.store.changes(house.office, person=who.made.person)}
    assert changes["names"][2] == ["Chow Kai Ming", "self"]
    assert changes["employments"] == [["厂", "工程师", "2010-03-01", None]]


def test_an_open_petition_is_added_to_and_taken_back_by_its_person_alone(
    concerned, as_account, house
) -> None:
    who, other = concerned(), concerned()
    me, stranger = as_account(who.account), as_account(other.account)
    assert me.post(f"/me/petition/{who.made.petition}/add", {"text": "月报见附件"}).status_code == 302
    assert "月报见附件" in me.get("/me").content.decode()
    assert me.post(f"/me/petition/{who.made.petition}/add", {"text": " "}).status_code in REFUSED
    for step in ("add", "withdraw"):
        assert stranger.post(f"/me/petition/{who.made.petition}/{step}", {"text": "x"}).status_code == 404
    assert me.post(f"/me/petition/{who.made.petition}/burn").status_code == 404
    for thing in (f"restriction:{who.made.restriction}", "access:1", "nothing:at all"):
        assert stranger.get(f"/me/ask/objection?about={thing}").status_code == 404
    assert (
        stranger.post(
            f"/me/ask/objection?about=restriction:{who.made.restriction}", {"text": "x"}
        ).status_code
        == 404
    )
    assert me.get("/me/ask/order?about=erasure:file").status_code == 404
    assert me.post(f"/me/petition/{who.made.petition}/withdraw").status_code == 302
    assert petitions.petition(house.office, who.made.petition).withdrawn
    assert "taken back" in me.get("/me").content.decode()


def test_what_may_not_be_is_refused_on_the_page_itself(concerned, as_account) -> None:
    who = concerned()
    me = as_account(who.account)
    assert "paid for as long" not in me.get("/me").content.decode()
    early = me.post(f"/me/release/{who.made.restriction}")
    assert early.status_code in REFUSED
    assert "only when compensation has stayed unpaid" in early.content.decode()
    assert me.post("/me/document/q-none/back").status_code == 404
    again = me.post(f"/me/ask/appeal?about=restriction:{who.made.restriction}", {"text": "still wrong"})
    assert again.status_code in REFUSED
    assert "still wrong" in again.content.decode()
    assert human(who.account).id not in again.content.decode().split("<main")[1]
