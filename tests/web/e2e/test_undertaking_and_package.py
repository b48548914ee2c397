"""A browser where words are signed: a reader's undertaking, and the receipt of a package that an outsider opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealtrace.custody import controls, knowing, undertaking
from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

from ...conftest import spec_bytes
from .conftest import Visitor, as_file, download

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def spec(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("e2e") / "signed.pdf"
    path.write_bytes(spec_bytes(91, 2))
    return str(site.register([path], level="important", title="Dy/Tb 溶剂萃取工艺规程")[0].code)


def test_a_reader_signs_an_undertaking(
    visitor: Callable[..., Visitor], client_of: Callable[..., Any], spec: str, site: Custody
) -> None:
    office, version = site.office, site.version(spec)
    issuer, reader = client_of(Role.ISSUER, clearance="core"), client_of(Role.READER, clearance="core")

    at_desk = visitor(issuer, "zh-CN", 1440)
    at_desk.go(f"/issue/new/{spec}")
    at_desk.page.fill("#fi", reader.operator.code)
    at_desk.page.check(f'#found [data-line^="{reader.operator.code},"]')
    at_desk.page.click("[data-add]")
    assert reader.operator.code in at_desk.page.input_value("#re")
    at_desk.page.check("[name=form][value=reading]")
    at_desk.page.fill("#pu", "会签")
    at_desk.page.click("details summary")
    at_desk.page.fill("#ut", "我承诺不转交本文件，并于读毕后不留副本。")
    at_desk.look("issue-new")
    at_desk.page.click("form.panel button.primary")
    at_desk.page.wait_for_url("**/issue/order/*")
    at_desk.page.wait_for_selector(".tag[data-tone=proved]")
    at_desk.look("issue-order")

    signer = visitor(reader, "en", 390, dark=True)
    signer.go(f"/view/{spec}@1/1")
    signer.page.wait_for_url("**/undertaking")
    signer.look("undertaking")
    signer.page.click("#undertake button.primary")
    signer.page.wait_for_url(f"**/view/{spec}@1/1")
    [given] = undertaking.given(office, version.code)
    assert (given.operator, given.holds) == (reader.operator.code, True)

    at_desk.go(f"/register/{spec}/rights")
    at_desk.look("rights")
    assert reader.operator.code in at_desk.page.inner_text("main")


def test_a_package_made_on_the_page_is_opened_offline_and_its_receipt_brought_back(
    visitor: Callable[..., Visitor], client_of: Callable[..., Any], browser: Any, site: Custody, pictures: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(spec_bytes(92, 2))
    code = str(site.register([sheet], level="important", title="Dy/Tb 样品数据表")[0].code)
    issuer, second = client_of(Role.ISSUER, clearance="core"), client_of(Role.APPROVER, clearance="core")
    desk = visitor(issuer, "zh-CN", 1440)
    desk.go(f"/register/{code}")
    desk.page.click("a[href*='/packages/new/']")
    desk.page.fill("#po", "Dr. A. Recipient")
    desk.page.fill("#pg", "Fourth Assay Laboratory Ltd.")
    desk.page.fill("#pp", "比对测试")
    desk.page.fill("#pu", "2099-12-31")
    desk.page.fill("#pt", "本人承诺不转交、不复制，用毕销毁。\nI pass it on to nobody.")
    desk.look("package-new")
    desk.page.click("form.panel button.primary")
    desk.page.wait_for_url("**/issue/order/*")
    order = desk.page.url.removeprefix(desk.address)
    desk.look("package-order")
    assert second.post(f"{order}/decide", {"agree": "yes"}).status_code == 302
    desk.go(order)
    desk.page.click("form[action$='/package'] button")
    desk.page.wait_for_selector("[data-secret]")
    desk.look("package-made")
    secret = desk.page.inner_text("[data-secret] code")
    place = tmp_path / "package.html"
    place.write_bytes(download(desk, lambda: desk.page.click("form[action$='/take'] button")))

    context = browser.new_context(locale="en", viewport={"width": 390, "height": 860}, offline=True)
    opened = Visitor(context.new_page(), "", "en.light.phone", pictures)
    opened.page.on("console", lambda said: opened.wrong.append(said.text) if said.type == "error" else None)
    opened.page.goto(place.as_uri())
    opened.page.fill("#code", "0000-" * 7 + "0000")
    opened.page.click("#unlock button")
    opened.page.wait_for_selector("#wrong:not([hidden])")
    opened.page.fill("#code", secret.lower())
    opened.page.click("#unlock button")
    opened.page.wait_for_selector("#words:not([hidden])")
    assert not opened.page.is_visible("#page")
    opened.look("package-undertaking")
    opened.page.fill("#name", "A. Recipient")
    opened.page.click("#receipt button")
    opened.page.wait_for_function("() => document.querySelector('#page').naturalWidth > 0")
    opened.page.click("#after")
    opened.look("package-signed")
    signed = opened.page.input_value("#text")
    context.close()

    phone = visitor(client_of(Role.ISSUER, clearance="core"), "en", 390, dark=True)
    phone.go("/issue/packages")
    phone.page.fill("#rt", signed.replace("A. Recipient", "Somebody else"))
    phone.page.click("form[action$='/receipt'] button")
    phone.page.wait_for_selector("[role=alert]")
    phone.wrong.clear()  # the browser says of itself that the answer was a refusal
    phone.look("packages-wrong")
    phone.page.set_input_files("[name=file]", [as_file("receipt.json", signed.encode())])
    phone.page.click("form[action$='/receipt'] button")
    phone.page.wait_for_url("**/issue/packages/*-*")
    assert set(phone.proven()) == {"ok"}
    phone.look("package-received")
    assert "A. Recipient" in phone.page.inner_text("main")
    desk.go("/issue/packages")
    desk.look("packages")


def test_the_security_administrator_keeps_lists_and_purposes(
    visitor: Callable[..., Visitor], client_of: Callable[..., Any], spec: str, site: Custody
) -> None:
    version, office = site.version(spec), site.office
    security = client_of(Role.SECURITY_ADMIN)
    knowing.limit(office, version.code, by="op-1")
    knowing.give(office, version.code, "op-1", why="line 5 acceptance", by="op-1")
    try:
        admin = visitor(security, "en", 390)
        admin.go(f"/register/{spec}/rights")
        admin.look("rights-list")
        admin.go("/policy/purposes")
        admin.look("purposes")
        admin.go("/account/tokens")
        admin.look("tokens")
    finally:
        knowing.limit(office, version.code, by="op-1", limited=False)
    assert not knowing.is_limited_file(office, version.code)
    assert not controls.is_view_only(office, version, "op-1")
