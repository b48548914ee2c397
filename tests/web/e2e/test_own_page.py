"""From a look to an objection, from an appeal to its answer, from a roster to a second review: in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from sealtrace.policy.model import Role
from tests.web.own.scene import as_account, concerned, house

__all__ = ["as_account", "concerned", "house"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("site")]
LOOKS = [("zh", 1440, False), ("en", 1440, True), ("zh", 390, False)]


def turned(eyes: Any, language: str, width: int, dark: bool) -> None:
    """Let the same visitor see the site in another language, size and light."""
    eyes.page.set_viewport_size({"width": width, "height": 860})
    eyes.page.emulate_media(color_scheme="dark" if dark else "light")
    if eyes.page.evaluate("document.documentElement.lang").startswith("zh") != (language == "zh"):
        with eyes.page.expect_navigation():
            eyes.page.click("form.lang button")
    eyes.name = f"{language}.{'dark' if dark else 'light'}.{'phone' if width < 600 else 'desktop'}"


def looked_at(eyes: Any, name: str, path: str, *once: tuple[str, str]) -> None:
    """Look at a page in Chinese by day, in English in the dark and on a phone; at others beside it once."""
    for look in LOOKS:
        turned(eyes, *look)
        if look[0] == "en":
            for other, address in once:
                eyes.go(address)
                eyes.look(other)
        eyes.go(path)
        eyes.look(name)


def test_a_person_reads_contests_and_is_answered(concerned, as_account, visitor) -> None:
    who = concerned(screened=True)
    [candidate] = who.made.candidates
    eyes = visitor(as_account(who.account, Role.READER), "zh-CN", 1440)
    asked = f"/me/ask/objection?about=restriction:{who.made.restriction}"
    looked_at(eyes, "own-page", "/me", ("own-correct", "/me/correct/employments"), ("own-ask", asked))
    eyes.go("/me")
    eyes.page.locator("#looks a").first.press("Enter")
    eyes.page.locator("#text").press_sequentially("为何需要查阅？")
    eyes.page.keyboard.press("Tab")
    eyes.page.keyboard.press("Enter")
    eyes.page.wait_for_url("**/me")
    assert "为何需要查阅？" in eyes.page.inner_text("main")

    blind = visitor(as_account("op-064", Role.PERSONNEL), "zh-CN", 1440)
    address = f"/rosters/candidate/{candidate}"
    looked_at(blind, "rosters-first", address, ("rosters", "/rosters"), ("rosters-new", "/rosters/new"))
    assert who.made.restriction not in blind.page.inner_text("main")
    blind.page.check("input[value=same]")
    blind.page.fill("#reasons", "单位、专业与出生年一致")
    blind.page.click("form[action$=review] button")
    blind.page.wait_for_url("**/rosters")
    second = visitor(as_account("op-065", Role.PERSONNEL), "zh-CN", 1440)
    second.go(address)
    second.look("rosters-second")

    officer = visitor(as_account("op-070", Role.APPEALS), "zh-CN", 1440)
    looked_at(officer, "appeals-petition", f"/appeals/{who.made.petition}", ("appeals", "/appeals"))
    officer.page.check("input[value=grant]")
    officer.page.fill("#reasons", "月报证明他没有参与。")
    officer.page.click("main form button.primary")
    officer.page.wait_for_url("**/appeals")
    eyes.go("/me")
    assert "月报证明他没有参与。" in eyes.page.inner_text("main")
    eyes.look("own-page-answered")
