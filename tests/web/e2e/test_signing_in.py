"""In a real browser: link, passkey, device key, signed forms and requests, confirmation, two people; zh and en."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from sealtrace.policy.model import Role

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def apart(act: Callable[[], Any]) -> Any:
    """Do something with the database beside Playwright's loop, which Django takes for an asynchronous one."""
    out: list[Any] = []
    thread = threading.Thread(target=lambda: out.append(act()))
    thread.start()
    thread.join()
    assert out, "it failed"
    return out[0]


@pytest.fixture
def visit(browser: Browser, address: str, operator) -> Iterator[Callable[..., Page]]:
    """A page with an authenticator, signed in by a one-time link; console errors and outside requests fail."""
    home, troubles, contexts = address.replace("127.0.0.1", "localhost"), [], []

    def begin(*roles: Role, locale: str = "en-US", **screen: Any) -> Page:
        from sealtrace.web.accounts import service

        def invited():
            made = operator(*roles)
            return made, service.invite(made, by="test")

        made, token = apart(invited)
        context: BrowserContext = browser.new_context(locale=locale, base_url=home, **screen)
        contexts.append(context)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
        page.on("pageerror", lambda e: troubles.append(str(e)))
        page.on("request", lambda r: r.url.startswith((home, "data:", "blob:")) or troubles.append(r.url))
        page.goto(f"/enrol/{token}")
        page.click("main button.primary")
        page.click("[data-passkey=make]")
        page.wait_for_url(f"{home}/")
        page.operator = made  # type: ignore[attr-defined]
        return page

    yield begin
    for context in contexts:
        context.close()
    assert troubles == []


def age(operator) -> None:
    """Let the confirmation and the device's proof grow old."""
    from sealtrace.web.accounts.models import Sitting

    old = {"confirmed_at": timedelta(minutes=6), "proved_at": timedelta(minutes=11)}

    def act():
        from django.db.models import F

        return Sitting.objects.filter(operator=operator).update(**{k: F(k) - v for k, v in old.items()})

    apart(act)


def test_from_the_first_link_to_a_signed_form_and_back(visit, operator, pictures: Path) -> None:
    page = visit(Role.SECURITY_ADMIN, viewport={"width": 1440, "height": 900}, color_scheme="dark")
    other = apart(operator)
    page.goto("/account")
    page.screenshot(path=pictures / "account.en.dark.desktop.png", full_page=True)
    assert Axe().run(page).violations_count == 0
    key = "indexedDB.open('sealtrace', 1)"
    taken = page.evaluate(
        f"""() => new Promise(done => {{ const o = {key}; o.onsuccess = () => {{
            const g = o.result.transaction('keys').objectStore('keys').get('device');
            g.onsuccess = () => crypto.subtle.exportKey('pkcs8', g.result.privateKey)
                .then(() => done('taken'), e => done(e.name)); }} }})"""
    )
    assert taken == "InvalidAccessError", "the device's key can't be taken out of the browser"
    page.goto(f"/operators/{other.code}")
    page.select_option("#role", "tracer")
    page.click("text=Give the role")
    page.get_by_role("button", name="End Tracer").wait_for()
    assert apart(other.roles) == {Role.TRACER}
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.click("[data-passkey=sign-in]")
    page.wait_for_url(lambda url: url.endswith("/"))
    assert apart(page.operator.devices.count) == 1, "the same browser is the same device"
    age(page.operator)
    page.goto(f"/operators/{other.code}")  # by way of the device's own proof
    page.select_option("#role", "registrar")
    page.click("text=Give the role")  # by way of the passkey, since the confirmation is old
    page.get_by_role("button", name="End Registrar").wait_for()
    assert Axe().run(page).violations_count == 0


def test_two_people_in_chinese_on_a_phone(visit, operator, pictures: Path) -> None:
    asker = visit(Role.SECURITY_ADMIN, locale="zh-CN", viewport={"width": 390, "height": 844})
    made = apart(operator)
    asker.goto(f"/operators/{made.code}")
    asker.select_option("#role", "approver")
    asker.fill("#reason", "三号线需要第二名会签人\n两人轮班")
    asker.click("text=授予角色 >> nth=-1")
    asker.locator(".toast").wait_for()
    second = visit(Role.AUDIT_ADMIN, locale="zh-CN", viewport={"width": 390, "height": 844})
    for path in (
        "/approvals",
        "/operators",
        "/policy?deed=leak:trace&kind=Office",
        "/audit",
        "/audit/ledger",
        "/account",
    ):
        second.goto(path)
        assert second.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert Axe().run(second).violations_count == 0, path
        name = path.strip("/").split("?")[0].replace("/", "-")
        second.screenshot(path=pictures / f"{name}.zh.light.phone.png", full_page=True)
    second.goto("/approvals")
    second.locator(".todo a", has_text=made.code).click()
    second.fill("#note", "同意")
    second.click("main button.primary")
    second.locator(".seat", has_text="已批准").wait_for()
    second.screenshot(path=pictures / "approval.zh.light.phone.png", full_page=True)
    assert apart(made.roles) == {Role.APPROVER}


def test_an_htmx_form_and_a_lone_htmx_button_are_signed(visit) -> None:
    page = visit(Role.READER)
    page.goto("/account")
    answers: list[tuple[str, int]] = []
    page.on(
        "response",
        lambda r: r.request.method == "POST" and answers.append((r.url.rsplit("/", 1)[1], r.status)),
    )
    page.evaluate(
        """() => { document.querySelector('main').insertAdjacentHTML('beforeend',
            `<form id="f" hx-post="/device/proof" hx-swap="none"><textarea name="note">a\\nb</textarea>
             <button name="b" value="1">form</button></form>
             <button id="l" hx-post="/account/sessions/end-others" hx-swap="none">lone</button>`);
            htmx.process(document.querySelector('main')); }"""
    )
    with page.expect_response("**/device/proof"):
        page.click("#f button")
    with page.expect_response("**/account/sessions/end-others"):
        page.click("#l")
    assert [status for name, status in answers if name in ("proof", "end-others")] == [302, 302]
