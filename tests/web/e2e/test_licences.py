"""Licensing in a real browser: a decision by two, a shipment released at the gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sealtrace.licences import service
from sealtrace.policy.model import Role

from ..test_licences_screens import advised, applied, goods, post, today

pytestmark = pytest.mark.browser


def test_two_people_decide_and_the_gate_releases(
    site: Any, client_of: Callable[..., Any], visitor: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sealtrace.web import site as served
    from sealtrace.web.accounts.service import add_operator
    from sealtrace.web.testing import DeviceClient

    applicant, clerk, second = client_of(Role.READER), client_of(Role.LICENSING), client_of(Role.LICENSING)
    customs, office = client_of(Role.CUSTOMS), site.office
    name = applied(applicant)
    advised(clerk, name, office)

    first = visitor(clerk, "zh-CN", 1440)
    first.go(f"/licences/{name}")
    first.look("licences-review")
    first.page.fill("#pr-r", "civil end use, verified")
    first.page.click("form[action$='/propose'] button")
    first.page.locator(".seat[data-s='signed']").wait_for()
    assert first.page.locator(".seat[data-s='signed']").count() == 1
    other = visitor(second, "en", 1440, dark=True)
    other.go(f"/licences/{name}")
    other.page.click("form[action$='/approve'] button")
    other.page.fill("#no", "by hand")
    other.page.click("form[action$='/notify'] button")
    other.page.locator("form[action$='/notify'] button").wait_for(state="detached")

    gate = visitor(customs, "zh-CN", 390)
    gate.go("/gate")
    number = f"D-{name}"
    typed = {"licence": service.signed_text(office, name), "nu": number, "ex": "赣州某某稀土", "de": "DE",
             "eu": "Plant C Magnets", "g1n": "氧化镝", "g1x": "Dy2O3", "g1m": "10"}  # fmt: skip
    for field, value in typed.items():
        gate.page.fill(f"#{field}", value)
    gate.page.select_option("#g1f", "oxide")
    gate.look("licences-gate")
    gate.page.click("main form button.primary")
    gate.page.wait_for_url(f"**/gate/{number}")
    gate.look("licences-shipment")
    gate.page.click("form[action$='/reserve'] button")
    gate.page.locator("form[action$='/cancel'] button").wait_for()
    gate.page.click("form[action$='/endorse'] button")
    gate.page.locator("form[action$='/endorse'] button").wait_for(state="detached")
    gate.look("licences-released")
    assert service.account(office, name).lines[0].balance.drawn.element_mg > 0

    post(
        customs,
        "/gate",
        licence="",
        number=f"{number}-2",
        exporter="a",
        end_user="b",
        destination="DE",
        **goods("1"),
    )
    account, law = f"/licences/account/{name}", "Decree 792"
    soon = (today() + timedelta(days=30)).isoformat()
    post(clerk, f"{account}/measures", step="suspend", reason="a question", basis=law, review_by=soon)
    post(clerk, f"{account}/measures/1/notify", how="on the holder's page")
    post(applicant, f"/applications/{name}/measures/1/appeal", grounds="no goods were passed on")
    for path, what in ((f"/licences/{name}", "case"), ("/licences/appeals", "appeals"),
                       ("/licences/lists", "lists"), ("/licences/all", "all"),
                       ("/licences?view=ended", "board"), (f"/licences/account/{name}/credential", "credential"),
                       ("/licences/figures?check=1", "figures"), ("/licences/hits", "hits"),
                       ("/licences/treatment", "treatment"), (f"/licences/{name}/versions/3", "version")):  # fmt: skip
        other.go(path)
        other.look(f"licences-{what}")
    post(clerk, f"{account}/measures", step="revoke", reason="goods were passed on", basis=law)
    first.go(f"/licences/account/{name}")
    first.look("licences-measures")
    own = visitor(applicant, "en", 390)
    own.go(f"/applications/{name}")
    own.look("licences-own")
    monkeypatch.setitem(served.current().extra, "advises:MT", "technical")
    adviser = DeviceClient(HTTP_ACCEPT_LANGUAGE="zh")
    adviser.sign_in(add_operator("ad-e2e", "MT", (), by="test"))
    asked = visitor(adviser, "zh-CN", 1440)
    for path, what in (("/advice?view=given", "asked"), (f"/advice/{name}", "asked-one")):
        asked.go(path)
        asked.look(f"licences-{what}")


def test_a_form_answers_as_it_is_filled_and_a_list_is_edited_in_fields(
    site: Any, client_of: Callable[..., Any], visitor: Callable[..., Any]
) -> None:
    own = visitor(client_of(Role.READER), "zh-CN", 1440)
    own.go("/applications/new")
    own.page.fill("#applicant-n", "赣州某某稀土")
    own.page.locator("#lacking li", has_text="缺少申请人").wait_for(state="detached")
    own.page.locator("details summary").first.click()
    own.page.locator("[data-component] [data-add], [data-add='[data-component]']").first.click()
    own.page.click("[data-add='[data-goods]']")
    assert own.page.locator("[name=component_name]").count() == 3
    assert [f.input_value() for f in own.page.locator("[name=component_goods]").all()] == ["g1", "g1", "g2"]
    own.look("licences-form")

    clerk = visitor(client_of(Role.LICENSING), "en", 1440)
    clerk.go("/licences/lists")
    clerk.page.select_option("#be-k", "control-list")
    clerk.page.fill("#be-n", "winter list")
    clerk.page.click("form[action$='/begin'] button")
    clerk.page.get_by_role("link", name="1C905.b").click()
    clerk.page.fill("#e-en", "Dysprosium oxide and its mixtures, worded anew")
    clerk.look("licences-entry")
    clerk.page.click("main form button.primary")
    clerk.page.get_by_text("worded anew").first.wait_for()
    clerk.look("licences-draft")
    other = visitor(client_of(Role.LICENSING), "zh-CN", 390, dark=True)
    other.go("/licences/lists/winter%20list")
    other.look("licences-draft")
    other.go("/licences/lists/winter%20list/instruments/MOFCOM-GACC-2025-57")
    other.look("licences-instrument")
    post(client_of(Role.LICENSING), "/licences/lists/winter list/drop", reason="only a trial")
    post(client_of(Role.LICENSING), "/licences/lists/begin", name="winter rules", kind="case-rules")
    other.go("/licences/lists/winter%20rules/rules/routes/technical")
    other.look("licences-rule")
    clerk.go("/licences/lists/winter%20rules")
    clerk.look("licences-rules")
    assert "worded anew" not in str(service.controls(site.office).document)
