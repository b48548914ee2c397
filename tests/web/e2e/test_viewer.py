"""A browser at the viewer: pages turn and zoom, what is revoked closes, and a screenshot names its reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealtrace.custody import controls
from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

from ...conftest import spec_bytes

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def spec(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("e2e") / "spec.pdf"
    path.write_bytes(spec_bytes(83, 3))
    return str(site.register([path], level="core", title="Dy/Tb 溶剂萃取工艺规程")[0].code)


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("zh-CN", 1440, "light"), ("en", 1440, "dark"), ("en", 390, "light")]
)
def test_a_screenshot_of_the_shown_page_names_its_reader(
    browser: Any, address: str, client_of: Callable[..., Any], spec: str, site: Custody, pictures: Path,
    language: str, width: int, scheme: str,
) -> None:  # fmt: skip
    from axe_playwright_python.sync_playwright import Axe

    clients = [client_of(Role.READER, clearance="core") for _ in range(3)]
    for other in clients[1:]:
        other.get(f"/view/{spec}@1/2/picture")
    client, told, outside = clients[0], [], []
    context = browser.new_context(
        locale=language, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": address}])
    page = context.new_page()
    page.on("console", lambda message: told.append(message.text))
    page.on(
        "request",
        lambda asked: outside.append(asked.url) if not asked.url.startswith((address, "data:")) else None,
    )
    page.goto(f"{address}/view/{spec}@1/1")
    page.wait_for_selector("#opening dl")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/2")
    page.wait_for_selector("#opening dl")
    name = f"viewer-{language}-{width}"
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    traced = site.trace([pictures / f"{name}.png"]).as_dict()
    assert [found["operator"] for found in traced["copies"]] == [client.operator.code]  # type: ignore[attr-defined]
    page.keyboard.press("+")
    page.wait_for_function(
        "[...document.querySelectorAll('.tile-row img')].slice(0, 2).every(i => i.naturalWidth)"
    )
    if width > 1000:
        page.wait_for_function(
            "() => { const seen = [...document.querySelectorAll('.tile-row img')]"
            ".filter(i => i.getBoundingClientRect().top < innerHeight);"
            " return seen.length && seen.every(i => i.naturalWidth); }"
        )
        page.wait_for_load_state("networkidle")
        page.screenshot(path=pictures / f"{name}-zoomed.png")
        traced = site.trace([pictures / f"{name}-zoomed.png"]).as_dict()
        assert [found["operator"] for found in traced["copies"]] == [client.operator.code]  # type: ignore[attr-defined]
    assert told == []
    copy = site.copies(operator=client.operator.code)[0]
    controls.revoke(site.office, copy.id, by="op-009", reason="left the project")
    page.evaluate("htmx.ajax('GET', document.getElementById('stage').getAttribute('hx-get'), '#stage')")
    page.wait_for_selector("#stage [role=alert]")
    assert page.locator("#stage img").count() == 0
    assert outside == []
    context.close()
