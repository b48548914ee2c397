"""From the queue to an alert, from the alert to a case, in a real browser; every page looked at."""

from __future__ import annotations

import pytest

from sealtrace.policy.model import Role
from sealtrace.testing.trade_scene import write_scene

from .conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("site")]
LOOKS = [("zh-CN", 1440, False), ("en-GB", 1440, True), ("zh-CN", 390, False)]


def test_a_customs_officer_takes_an_alert_to_a_case(
    client_of, visitor, monkeypatch, tmp_path_factory
) -> None:
    from sealtrace.web.trade import desk

    folder = write_scene(tmp_path_factory.mktemp("season"), rows=1200, frauds=24, seed=7).folder
    monkeypatch.setattr(desk, "folder", lambda: folder)
    opened = desk.desk(wait=True)
    first = opened.ranking.decl_id[0]
    party = opened.declarations["consignee"][opened.row_of[first]]
    people = [client_of(Role.CUSTOMS) for _ in LOOKS]  # of one department: all of them see its cases
    client = people[0]
    said = {"basis": "Customs Law, art. 6", "statute": "Customs Law, art. 82"}
    case = client.post(f"/customs/alert/{first}/case", said)["Location"]
    client.post(f"{case}/do/note", {"text": "The consignee was founded in spring."})
    for person, (locale, width, dark) in zip(people, LOOKS, strict=True):
        eyes = visitor(person, locale, width, dark=dark)
        for name, path in (
            ("customs", "/customs"), ("customs-alert", f"/customs/alert/{first}"),
            ("customs-network", f"/customs/network?party={party}"), ("customs-map", "/customs/map?goods=strategic"),
            ("customs-mirror", "/customs/mirror"), ("customs-statistics", "/customs/statistics"),
        ):  # fmt: skip
            eyes.go(path)
            eyes.look(name)
        eyes.go(case)
        eyes.look("case-purpose")
        eyes.page.fill("main input[name=purpose]", "preparing the referral")
        eyes.page.click("main form .btn.primary")
        eyes.page.wait_for_selector("#referrals")
        eyes.page.click("#referrals > .body > .dos summary")
        eyes.look("case")
        eyes.go("/cases")
        eyes.look("cases")
    _refused_and_typed_again(eyes, first)


def _refused_and_typed_again(eyes: Visitor, declaration: str) -> None:
    """A form that is refused gives back what was typed, once."""
    path = f"/customs/alert/{declaration}"
    eyes.go(path)
    eyes.page.fill("#basis", "   ")
    eyes.page.fill("#statute", "Customs Law, art. 82, second paragraph")
    eyes.page.select_option("#arm", "tip")
    eyes.page.click("form.step button")
    eyes.page.click("[data-refused]")
    eyes.page.wait_for_url(f"**{path}")
    eyes.page.wait_for_function("() => document.querySelector('#arm').value === 'tip'")
    assert eyes.page.input_value("#statute") == "Customs Law, art. 82, second paragraph"
    eyes.page.reload()
    assert eyes.page.input_value("#statute") == ""
