"""The personnel-security office in a real browser: why first, two people decide, an appeal stays in sight."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sealtrace.people.access import Purpose
from sealtrace.people.duties import human
from sealtrace.people.moments import whole
from sealtrace.posts import service

from ..people.conftest import SECRETS, house, officer, specialist

pytestmark = pytest.mark.browser
__all__ = ["house", "officer", "specialist"]
_numbers = itertools.count(1)


def test_a_restriction_is_proposed_decided_served_and_contested(
    house: Any, officer: Callable[..., Any], specialist: Callable[..., str], visitor: Callable[..., Any]
) -> None:
    account = f"op-e2e{next(_numbers)}"
    person, today = specialist("陈国栋", account), house.clock.now().date()
    first, second = officer(Purpose.DIRECTORY, Purpose.RESTRICTION), officer(Purpose.RESTRICTION)

    keeper = visitor(first, "zh-CN", 1440)
    keeper.go("/people")
    keeper.page.fill("#text", "陈国")
    keeper.page.fill("#reason", "核对姓名")
    keeper.page.click("main form button.primary")
    keeper.look("people-directory")
    keeper.page.click(f"main a[href='/people/{person}']")
    keeper.look("people-why")
    keeper.page.check("input[value=restriction]")
    keeper.page.fill("#reason", "离岗后复核")
    keeper.page.click("main button.primary")
    keeper.page.click("main a[href$='/restrict']")
    typed = {"authority": "单位保密委员会 2026-17", "activity": "solvent extraction", "territory": "MY",
             "reasons": "掌握级联参数", "starts": f"{today - timedelta(days=1)}",
             "ends": f"{today + timedelta(days=300)}"}  # fmt: skip
    for field, value in typed.items():
        keeper.page.fill(f"#{field}", value)
    keeper.page.select_option("#basis", SECRETS)
    keeper.look("people-restrict")
    keeper.page.click("main form button.primary")
    keeper.page.wait_for_url(f"**/people/{person}*")

    other = visitor(second, "en", 1440, dark=True)
    other.go("/people/due")
    other.look("people-due")
    other.page.locator("main a[href^='/people/proposals/']").last.click()
    other.look("people-proposal")
    other.page.fill("#notice", "n-17")
    other.page.click("button[value=impose]")
    other.page.wait_for_url("**/people/due")

    keeper.go(f"/people/{person}")
    keeper.page.click("details:has(form[action$='/serve']) summary")
    keeper.page.fill("form[action$='/serve'] input[name=how]", "当面，本人签收")
    keeper.page.click("form[action$='/serve'] button")
    keeper.page.wait_for_selector("form[action$='/serve']", state="detached")
    [shown] = service.shown(house, person, whole(house.clock.now()))
    restriction = shown.record.restriction.id
    assert shown.record.served_at is not None
    service.appeal(
        house, human(account), restriction, "I never had those parameters", whole(house.clock.now())
    )

    other.go(f"/people/{person}?purpose=restriction")
    other.page.fill("#reason", "an appeal was made")
    other.page.click("main button.primary")
    other.page.wait_for_selector(f"#{restriction} .appeal")
    other.look("people-file")
    phone = visitor(officer(Purpose.DIRECTORY, Purpose.RESTRICTION), "zh-CN", 390)
    phone.go(f"/people/{person}?purpose=restriction")
    phone.page.fill("#reason", "复查")
    phone.page.click("main button.primary")
    phone.page.wait_for_selector(f"#{restriction}")
    phone.look("people-file")
    for path in ("posts", "changes", "access", "add", "import"):
        phone.go(f"/people/{path}")
        phone.look(f"people-{path}")
