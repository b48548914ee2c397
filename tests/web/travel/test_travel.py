"""Journeys on screens: declared with what was typed kept, decided by three, free ones left alone, family nowhere."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from sealtrace.people.acts import read_one
from sealtrace.policy.model import Role
from sealtrace.travel.documents import ready

from .scene import day, declared, enrol, officers, page, plan, post, refused


def count(office: Any) -> int:
    ready(office)
    return int(read_one(office, "SELECT count(*) FROM journeys")[0])


def test_a_duty_is_decided_by_three_and_may_be_contested(client_of: Any, office: Any) -> None:
    traveller = client_of(Role.READER)
    person = enrol(office, traveller, designated=True)
    first, second, third = officers(office, client_of, 3)
    assert "You must declare" in page(traveller, "/travel")
    name = declared(office, traveller)
    weigh = f"/travel/office/{name}"
    assert name in page(first, "/travel/office")
    post(first, f"{weigh}/opinion", office="personnel", view="for", reasons="fine by us")
    kept = refused(first, f"{weigh}/opinion", office="secrecy", view="for", reasons="twice the same person")
    assert "You took part already" in kept
    refused(third, f"{weigh}/decide", decision="allow")
    post(second, f"{weigh}/opinion", office="secrecy", view="against", reasons="carriers are out")
    refused(second, f"{weigh}/decide", decision="allow")
    mute = refused(third, f"{weigh}/decide", decision="refuse", reasons=" ")
    assert 'value="refuse" checked' in mute
    post(third, f"{weigh}/decide", decision="refuse", reasons="return the carriers first")
    mine = page(traveller, f"/travel/mine/{name}")
    assert "return the carriers first" in mine
    assert "who took no part" in mine
    refused(traveller, f"/travel/mine/{name}/appeal", text=" ")
    post(traveller, f"/travel/mine/{name}/appeal", text="they are all back")
    for client, path in ((traveller, f"/travel/mine/{name}"), (third, weigh)):
        assert "they are all back" in page(client, path)
    assert "Appeal open" in page(first, f"/travel/calendar?month={day(office, 6)[:7]}")
    assert person in page(first, f"/travel/calendar?month={day(office, 6)[:7]}")


def test_who_travels_along_is_shown_to_the_traveller_alone(client_of: Any, office: Any) -> None:
    traveller = client_of(Role.READER)
    enrol(office, traveller, designated=True)
    [clerk] = officers(office, client_of, 1)
    name = declared(office, traveller)
    assert "spouse · Netherlands" in page(traveller, f"/travel/mine/{name}")
    month = day(office, 6)[:7]
    calendar = page(clerk, f"/travel/calendar.ics?month={month}")
    assert name in calendar
    for text in (
        page(clerk, f"/travel/office/{name}"), page(clerk, "/travel/office"), calendar,
        page(clerk, f"/travel/calendar?month={month}"), page(traveller, "/travel"), page(traveller, "/travel/mine.ics"),
    ):  # fmt: skip
        assert "spouse" not in text
        assert "Netherlands" not in text


def test_a_free_journey_is_registered_and_nobody_decides(client_of: Any, office: Any) -> None:
    traveller, other = client_of(Role.READER), client_of(Role.READER)
    enrol(office, traveller)
    enrol(office, other)
    [clerk] = officers(office, client_of, 1)
    assert "is voluntary" in page(traveller, "/travel/declare")
    name = declared(office, traveller)
    assert "nothing to approve" in page(traveller, f"/travel/mine/{name}")
    assert name not in page(clerk, "/travel/office") + page(
        clerk, f"/travel/calendar?month={day(office, 6)[:7]}"
    )
    refused(clerk, f"/travel/office/{name}/opinion", office="personnel", view="against", reasons="no")
    refused(clerk, f"/travel/office/{name}/decide", decision="refuse", reasons="no")
    assert "nothing to decide" in page(clerk, f"/travel/office/{name}")
    post(clerk, f"/travel/office/{name}/brief", text="keep the laptop with you")
    assert "keep the laptop with you" in page(traveller, f"/travel/mine/{name}")
    page(other, f"/travel/mine/{name}", 404)
    post(other, f"/travel/mine/{name}/note", 404, kind="withdrawn", text="not mine")
    post(traveller, f"/travel/mine/{name}/note", kind="changed", text="one day later")
    early = refused(traveller, f"/travel/mine/{name}/note", kind="reported", text="too early, kept")
    assert "begun" in early
    post(traveller, f"/travel/mine/{name}/note", kind="withdrawn", text="moved")
    assert name not in page(traveller, "/travel/mine.ics")


def test_what_was_typed_stays_and_nothing_is_entered(client_of: Any, office: Any) -> None:
    traveller = client_of(Role.READER, language="zh-CN")
    enrol(office, traveller)
    before = count(office)
    wrong = plan(office, stop_country=["Narnia", "TH"], purpose="", companion_relationship=["friend"],
                 stop_until=[day(office, 1), day(office, 9)])  # fmt: skip
    text = refused(traveller, "/travel/declare", **wrong)
    for kept in ("Narnia", "Ipoh", "Prof. Lim", day(office, 8)):
        assert f'value="{kept}"' in text or kept in text
    for field in ("stop-1-country", "stop-1-until", "purpose", "companion-1-relationship"):
        assert f'href="#{field}"' in text
        assert f'aria-describedby="{field}-error"' in text
    more = post(traveller, "/travel/declare", 200, **plan(office, add="stop")).content.decode()
    assert more.count('name="stop_country"') == 3
    assert count(office) == before


def test_delegates_and_files_tell_each_row(client_of: Any, office: Any) -> None:
    traveller, helper, stranger = (client_of(Role.READER) for _ in range(3))
    person, other = enrol(office, traveller), enrol(office, stranger)
    said = {k: v for k, v in plan(office).items() if not k.startswith("companion")} | {"person": person}
    kept = refused(helper, "/travel/declare", **said)
    assert 'value="conference"' in kept
    refused(traveller, "/travel/delegate", account=helper.operator.code, until="soon")
    post(traveller, "/travel/delegate", account=helper.operator.code, until=day(office, 30))
    assert helper.operator.code in page(traveller, "/travel")
    assert person in page(helper, "/travel")
    post(helper, "/travel/declare", **said)
    before = count(office)
    rows = ("person,countries,from,until,purpose,contacts\n"
            f"{person},MY|TH,{day(office, 20)},{day(office, 22)},fair,\n"
            f"{other},MY,{day(office, 20)},{day(office, 22)},fair,\n{person},Malaysia,x,y,fair,\n")  # fmt: skip
    checked = post(helper, "/travel/bulk", 200, rows=rows, do="check").content.decode()
    assert "2 rows refused" in checked
    assert "1 row in order" in checked
    assert "Malaysia,x,y" in checked, "what was pasted stays"
    assert count(office) == before
    file = SimpleUploadedFile("j.csv", rows.encode())
    done = post(helper, "/travel/bulk", 200, file=file, do="declare").content.decode()
    assert "1 row in order" in done
    assert count(office) == before + 1
    relatives = refused(helper, "/travel/bulk", rows="person,spouse\nx,y\n", do="declare")
    assert "spouse" in relatives
    post(traveller, f"/travel/delegate/{helper.operator.code}/end")
    refused(helper, "/travel/declare", **said)
    refused(traveller, f"/travel/delegate/{helper.operator.code}/end")
    assert "Choose a file" in refused(helper, "/travel/bulk", do="declare")


def test_who_has_no_part_in_it_sees_nothing(client_of: Any, office: Any) -> None:
    reader, clerk = client_of(Role.READER), client_of(Role.PERSONNEL)
    assert "does not know you" in page(reader, "/travel")
    assert "does not know you" in page(reader, "/travel/declare")
    for path in ("/travel/office", "/travel/calendar", "/travel/calendar.ics", "/documents/office"):
        page(reader, path, 403)
        told = page(clerk, path, 403)
        assert "have not been granted the purpose" in told, "the role alone opens nothing"
