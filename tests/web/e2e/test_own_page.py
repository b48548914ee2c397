"""From a look to an objection, from an appeal to its answer, from a roster to a second review: in a real browser."""

from __future__ import annotations

import pytest

from sealtrace.policy.model import Role
from tests.web.own.scene import as_account, concerned, house

__all__ = ["as_account", "concerned", "house"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("site")]
LOOKS = [("zh-CN", 1440, False), ("en-GB", 1440, True), ("zh-CN", 390, False)]


def test_a_person_reads_contests_and_is_answered(concerned, as_account, visitor) -> None:
    who = concerned(screened=True)
    me, officer = as_account(who.account, Role.READER), as_account("op-070", Role.APPEALS)
    blind, second = as_account("op-064", Role.PERSONNEL), as_account("op-065", Role.PERSONNEL)
    [candidate] = who.made.candidates
    for locale, width, dark in LOOKS:
        eyes = visitor(me, locale, width, dark=dark)
        eyes.go("/me")
        eyes.look("own-page")
        eyes.go("/me/correct/employments")
        eyes.look("own-correct")
        if locale == "en-GB":
            eyes.go("/me")
            eyes.page.locator("#looks a").first.press("Enter")
            eyes.page.locator("#text").press_sequentially("Why was this needed?")
            eyes.look("own-ask")
            eyes.page.keyboard.press("Tab")
            eyes.page.keyboard.press("Enter")
            eyes.page.wait_for_url("**/me")
            assert "Why was this needed?" in eyes.page.inner_text("main")
        reviewer = visitor(blind, locale, width, dark=dark)
        for name, path in (("rosters", "/rosters"), ("rosters-new", "/rosters/new"),
                           ("rosters-first", f"/rosters/candidate/{candidate}")):  # fmt: skip
            reviewer.go(path)
            reviewer.look(name)
    reviewer.page.check("input[value=same]")
    reviewer.page.fill("#reasons", "单位、专业与出生年一致")
    reviewer.page.click("form[action$=review] button")
    reviewer.page.wait_for_url("**/rosters")
    for locale, width, dark in LOOKS:
        reviewer = visitor(second, locale, width, dark=dark)
        reviewer.go(f"/rosters/candidate/{candidate}")
        reviewer.look("rosters-second")
        hears = visitor(officer, locale, width, dark=dark)
        hears.go("/appeals")
        hears.look("appeals")
        hears.go(f"/appeals/{who.made.petition}")
        hears.look("appeals-petition")
    hears.page.check("input[value=grant]")
    hears.page.fill("#reasons", "月报证明他没有参与。")
    hears.page.click("form button.primary")
    hears.page.wait_for_url("**/appeals")
    eyes.go("/me")
    assert "月报证明他没有参与。" in eyes.page.inner_text("main")
    eyes.look("own-page-answered")
