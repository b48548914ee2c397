"""A real browser on the served site: signed in with a passkey of its own, watched for errors and outside requests."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-gpu",
]  # fmt: skip
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for one module's tests: until it ends, a loop runs in this thread and nothing else may start one."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with playwright.sync_playwright() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
        )  # Playwright's loop runs in this thread; no view is async
        started = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@dataclass
class Visitor:
    """One signed-in person's page, and what went wrong on it."""

    page: Any
    address: str
    name: str
    pictures: Path
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.address + path)

    def proven(self) -> list[str]:
        """Wait until every proof on the page has been checked; returns what came of each."""
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('[data-proof]')].every((p) => (p.dataset.proved ?? 'not') !== 'not')"
        )
        states: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll('[data-proof]')].map((p) => p.dataset.proved)"
        )
        return states

    def look(self, name: str) -> None:
        """Keep a picture; nothing sideways, nothing axe objects to, no error and no outside request so far."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("() => scrollTo(0, 0)")
        self.page.screenshot(path=self.pictures / f"{name}.{self.name}.png", full_page=True)
        assert self.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        assert not [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found], name
        assert self.wrong == [], name


@pytest.fixture
def visitor(browser: Any, address: str, pictures: Path) -> Iterator[Callable[..., Visitor]]:
    """Sign a test client's person in by a one-time link and a passkey: `visitor(client, "zh-CN", 390)`.

    The browser is a device of its own, beside the client's. A passkey needs a host with a name, so it is localhost.
    """
    from sealtrace.web.accounts import service

    contexts, home = [], address.replace("127.0.0.1", "localhost")

    def sign_in(client: Any, locale: str, width: int, *, dark: bool = False) -> Visitor:
        context = browser.new_context(
            locale=locale, viewport={"width": width, "height": 860}, color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )  # fmt: skip
        contexts.append(context)
        shape = "phone" if width < 600 else "desktop"
        made = Visitor(
            context.new_page(), home, f"{locale[:2]}.{'dark' if dark else 'light'}.{shape}", pictures
        )
        made.page.on("console", lambda said: made.wrong.append(said.text) if said.type == "error" else None)
        made.page.on("pageerror", lambda error: made.wrong.append(str(error)))
        made.page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((home, "data:", "blob:")) else made.wrong.append(asked.url)
            ),
        )
        authenticator = context.new_cdp_session(made.page)
        authenticator.send("WebAuthn.enable")
        authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        made.go(f"/enrol/{service.invite(client.operator, by='test')}")
        made.page.click("main button.primary")
        made.page.click("[data-passkey=make]")
        made.page.wait_for_url(f"{home}/")
        return made

    yield sign_in
    for context in contexts:
        context.close()


def download(visitor: Visitor, click: Callable[[], Any]) -> bytes:
    """The bytes of what a click downloads."""
    with visitor.page.expect_download() as coming:
        click()
    return Path(coming.value.path()).read_bytes()


def as_file(name: str, data: bytes) -> dict[str, Any]:
    """A file for a file field."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def base64_of(data: bytes) -> str:
    """Bytes as text, to carry them into the page."""
    return base64.b64encode(data).decode()
