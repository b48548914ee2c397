"""Travel in a real browser: a journey declared with the keyboard, decided by three, a passport asked back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sealtrace.policy.model import Role

from ..travel.scene import day, declared, enrol, now, officers, open_house, page, post
from ..travel.test_custody import taken

pytestmark = pytest.mark.browser


def test_declared_by_keyboard_decided_by_three_and_asked_back(
    site: Any, client_of: Callable[..., Any], visitor: Callable[..., Any]
) -> None:
    office, traveller = site.office, client_of(Role.READER)
    open_house(office)
    person = enrol(office, traveller, designated=True)
    first, second, third = officers(office, client_of, 3)
    receipt = taken(office, first, second, person, "official-passport")
    name = declared(office, traveller)
    post(first, f"/travel/office/{name}/opinion", office="personnel", view="for", reasons="行前教育已安排")
    post(second, f"/travel/office/{name}/opinion", office="secrecy", view="for", reasons="不携带涉密载体")

    phone = visitor(traveller, "zh-CN", 390)
    phone.go("/travel/declare")
    phone.page.focus("#stop-1-country")
    for text in ("日本", "大阪"):
        phone.page.keyboard.type(text)
        phone.page.keyboard.press("Tab")
    phone.page.fill("#stop-1-from", day(office, 40))
    phone.page.fill("#stop-1-until", day(office, 41))
    phone.page.focus("#contacts")
    phone.page.keyboard.press("Shift+Tab")
    phone.page.keyboard.press("Enter")  # the purpose is missing: the page says so and keeps the rest
    phone.page.wait_for_selector(".errors")
    assert phone.page.input_value("#stop-1-country") == "日本"
    phone.wrong.clear()  # the browser reports the answer 422 as an error of its own
    phone.look("travel-declare")
    phone.page.fill("#purpose", "学术访问")
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_url("**/travel/mine/t-*")
    phone.look("travel-mine")
    phone.go("/travel")
    phone.look("travel")
    phone.go("/documents")
    phone.page.click(f"button[form='ask-{receipt}']")
    phone.page.wait_for_selector(".clock[data-s=runs]")
    phone.look("documents-receipt")

    desk = visitor(third, "en", 1440, dark=True)
    desk.go(f"/travel/calendar?month={day(office, 6)[:7]}")
    desk.look("travel-calendar")
    desk.page.click(f".stretch[href$='{name}']")
    desk.page.wait_for_url(f"**/{name}")
    desk.page.check("input[value=allow]")
    desk.look("travel-weigh")
    desk.page.click("form[action$='/decide'] button")
    desk.page.wait_for_function("() => document.querySelectorAll('.seat[data-s=signed]').length === 3")
    for path, what in (("/travel/office", "travel-office"), ("/documents/office", "documents-office"),
                       ("/travel/parts", "travel-parts"), ("/travel/bulk", "travel-bulk")):  # fmt: skip
        desk.go(path)
        desk.look(what)
    assert now(office).isoformat()[:10] in page(traveller, f"/travel/mine/{name}")
