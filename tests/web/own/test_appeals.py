"""The appeals desk: who took no part answers, with reasons; a granted erasure is a second person's act."""

from __future__ import annotations

from sealtrace.people import access, acts, petitions
from sealtrace.people.access import Purpose
from sealtrace.people.duties import human
from sealtrace.policy.model import Role
from sealtrace.posts import service as posts
from sealtrace.posts.basis import add_months
from sealtrace.posts.rules import Status
from sealtrace.web.own import seed

from .scene import now

REFUSED = (403, 422)
"""Said on the page: duties that would fall together are denied, what does not fit is unprocessable."""


def test_an_appeal_is_heard_by_the_named_officer_and_granting_annuls(concerned, as_account, house) -> None:
    who = concerned()
    officer, address = as_account("op-070", Role.APPEALS), f"/appeals/{who.made.petition}"
    assert who.made.petition in officer.get("/appeals").content.decode()
    page = officer.get(address).content.decode()
    for shown in ("我只审核过月报", who.made.restriction, "op-062", "restriction decided", "周启明"):
        assert shown in page, shown
    assert "年度核对档案" not in page, "who looked is for the person and for oversight"
    blank = officer.post(address, {"reasons": "no outcome"})
    assert blank.status_code in REFUSED
    assert "no outcome" in blank.content.decode()
    assert officer.post(address, {"outcome": "grant", "reasons": " "}).status_code in REFUSED
    done = officer.post(address, {"outcome": "grant", "reasons": "月报证明他没有参与。"})
    assert done["Location"] == "/appeals"
    [one] = posts.shown(house.office, who.made.person, now())
    assert one.status is Status.ANNULLED
    shown = as_account(who.account).get("/me").content.decode()
    assert "annulled on appeal" in shown
    assert "月报证明他没有参与。" in shown
    assert officer.post(address, {"outcome": "refuse", "reasons": "again"}).status_code in REFUSED


def test_who_took_part_or_is_not_named_is_told_so_and_refused(concerned, as_account, house) -> None:
    who = concerned()
    access.grant(house.office, seed.CHIEF, seed.DECIDER.id, Purpose.APPEAL, add_months(now(), 1), now())
    access.grant(house.office, seed.CHIEF, "op-071", Purpose.APPEAL, add_months(now(), 1), now())
    for account, says in (
        ("op-062", "You took part in what is contested"),
        ("op-071", "named on the notice: op-070"),
    ):
        client = as_account(account, Role.APPEALS)
        assert says in client.get(f"/appeals/{who.made.petition}").content.decode()
        refused = client.post(f"/appeals/{who.made.petition}", {"outcome": "refuse", "reasons": "it holds"})
        assert refused.status_code in REFUSED
    assert petitions.petition(house.office, who.made.petition).open
    unknown = as_account("op-072", Role.APPEALS)
    assert "has not been granted the purpose appeal" in unknown.get("/appeals").content.decode()
    assert unknown.get(f"/appeals/{who.made.petition}").status_code in REFUSED
    assert unknown.get("/appeals/a-none").status_code == 404


def test_roles_without_business_here_are_denied(client_of) -> None:
    for role in (Role.PERSONNEL, Role.READER, Role.SYSTEM_ADMIN):
        assert client_of(role).get("/appeals").status_code == 403
    admin = client_of(Role.SECURITY_ADMIN)
    assert "None waits" in admin.get("/appeals").content.decode()
    assert admin.get("/appeals/a-1").status_code == 403
    assert client_of(Role.APPEALS).get("/appeals/o-1/erase").status_code == 403


def test_an_erasure_is_asked_for_granted_and_carried_out_by_two_people(concerned, as_account, house) -> None:
    who = concerned(screened=True)
    me, officer = as_account(who.account), as_account("op-070", Role.APPEALS)
    assert me.post("/me/ask/objection?about=erasure:file", {"text": "请删除全部记录"}).status_code == 302
    [asked] = petitions.open_about(house.office, who.made.person, "erasure:file")
    page = officer.get(f"/appeals/{asked.id}").content.decode()
    assert f"restriction {who.made.restriction} has not ended" in page
    assert f"petition {asked.id} is open" not in page
    officer.post(f"/appeals/{asked.id}", {"outcome": "grant", "reasons": "no reason to keep it"})
    admin = as_account("op-080", Role.SECURITY_ADMIN)
    access.grant(house.office, seed.CHIEF, "op-080", Purpose.DIRECTORY, add_months(now(), 1), now())
    assert asked.id in admin.get("/appeals").content.decode()
    address = f"/appeals/{asked.id}/erase"
    said = {"authority": "DPO", "basis": "PIPL art. 47"}
    assert "Not possible yet" in admin.get(address).content.decode()
    early = admin.post(address, said)
    assert early.status_code in REFUSED
    assert 'value="PIPL art. 47"' in early.content.decode()
    officer.post(f"/appeals/{who.made.petition}", {"outcome": "grant", "reasons": "nothing was shown"})
    assert "being carried out" in me.get("/me").content.decode()
    assert admin.post(address, said)["Location"] == "/appeals"
    assert not acts.readable(house.office, who.made.person)
    assert admin.get(address).status_code == 404
    assert "nobody with your account" in me.get("/me").content.decode()
    assert acts.identity(house.office, human(who.account)).id == who.account
