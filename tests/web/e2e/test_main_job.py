"""The whole main job in a real browser: register, issue, download, leak, trace, verify, in both languages."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sealtrace.content.kinds import Kind
from sealtrace.content.pages import render
from sealtrace.policy.model import Role

from ...conftest import spec_bytes
from .conftest import Visitor, as_file, base64_of, download

pytestmark = pytest.mark.browser
WORDS = {
    "zh-CN": {"strong": "高度吻合", "ok": "已在本浏览器验证", "none": "没有匹配", "grown": "账本此后只有增加"},
    "en": {"strong": "Strong", "ok": "Verified in this browser", "none": "No match", "grown": "only grown since"},
}  # fmt: skip


def screenshot_of(copy: bytes, folder: Path) -> bytes:
    """A copy's second page as somebody's screen shows it, saved as JPEG."""
    from PIL import Image

    path = folder / "copy.pdf"
    path.write_bytes(copy)
    page = Image.fromarray(render(path, Kind.PDF, 1))
    screen = Image.new("RGB", (page.width + 160, page.height + 120), (64, 70, 78))
    screen.paste(page, (80, 60))
    made = io.BytesIO()
    screen.resize((screen.width * 4 // 5, screen.height * 4 // 5)).save(made, "JPEG", quality=82)
    return made.getvalue()


def traced(v: Visitor, name: str, data: bytes) -> None:
    """Bring a leak to the trace page and wait for its answer."""
    v.go("/trace")
    v.page.set_input_files("input[name=files]", as_file(name, data))
    v.page.click(".leak-form button.primary")
    v.page.wait_for_url(re.compile(r"/trace/T[0-9a-f]{16}$"), timeout=120_000)


@pytest.mark.parametrize(
    ("locale", "width", "dark", "seed"), [("zh-CN", 1440, False, 81), ("en", 390, True, 82)]
)
def test_the_main_job(
    client_of: Any,
    visitor: Any,
    tmp_path: Path,
    locale: str,
    width: int,
    dark: bool,
    seed: int,
) -> None:
    person = client_of(Role.REGISTRAR, Role.ISSUER, Role.TRACER, clearance="core", language=locale)
    v: Visitor = visitor(person, locale, width, dark=dark)
    words = WORDS[locale]

    v.go("/register")
    v.page.set_input_files("input[name=files]", as_file(f"spec-{seed}.pdf", spec_bytes(seed)))
    v.look("register")
    v.page.click("form button.primary")
    link = v.page.locator("a[href^='/register/'].code")
    link.wait_for(timeout=60_000)
    v.look("registered")
    link.click()
    v.page.wait_for_selector("text=2,048")
    v.look("file")

    v.page.click(".page-head .btn.primary")
    v.page.fill(
        "textarea[name=recipients]", "\n".join(f"op-{seed}{i},dev-{i},10.20.3.{i}" for i in range(1, 6))
    )
    v.page.fill("input[name=purpose]", "commissioning of line 5")
    v.page.wait_for_selector("text=2,048")
    v.look("issue-new")
    v.page.click("form[action='/issue/ask'] button.primary")
    takes = v.page.locator("form[action$='/take'] button")
    takes.nth(4).wait_for(timeout=60_000)
    v.look("issued")
    copy = download(v, takes.nth(3).click)
    assert copy.startswith(b"%PDF")
    assert copy != spec_bytes(seed)

    leak = screenshot_of(copy, tmp_path)
    traced(v, "screen.jpg", leak)
    assert v.page.locator(".answer .word").inner_text().startswith(words["strong"])
    assert f"op-{seed}4" in v.page.locator(".facts").inner_text()
    assert v.proven() == ["ok"]
    assert words["ok"] in v.page.locator("[data-badge]").first.inner_text()
    for picture in v.page.locator(".pair img").all():
        picture.scroll_into_view_if_needed()
        v.page.wait_for_function("(i) => i.complete && i.naturalWidth > 100", arg=picture.element_handle())
    v.look("trace-strong")
    evidence = download(v, v.page.locator(".steps .btn.primary").click)

    v.go("/ledger")
    assert v.proven() == ["ok"]
    v.look("ledger")
    v.page.locator("tbody a").first.click()
    assert v.proven() == ["ok"]
    v.look("ledger-entry")
    v.go("/")
    assert v.proven() == ["ok"]
    v.look("home")

    (tmp_path / "leak.evidence").write_bytes(evidence)
    told = subprocess.run(
        [sys.executable, "-m", "sealtrace.cli.main", "evidence", "verify", str(tmp_path / "leak.evidence"), "--json"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(told.stdout)["ok"]


def test_an_altered_proof_fails_in_the_browser_and_a_shorter_log_too(client_of: Any, visitor: Any) -> None:
    v: Visitor = visitor(client_of(Role.TRACER), "en", 1440)
    v.go("/ledger/0")
    assert v.proven() == ["ok"]
    size = v.page.evaluate("() => JSON.parse(localStorage['sealtrace.head']).size")
    v.page.evaluate(
        """(size) => {
          const head = JSON.parse(localStorage["sealtrace.head"]);
          localStorage["sealtrace.head"] = JSON.stringify({ ...head, size });
        }""",
        size + 1000,
    )
    v.page.reload()
    assert v.proven() == ["fail"]
    assert "tell the auditors" in v.page.locator("[data-seen]").inner_text()
    v.look("ledger-shrunk")
    v.page.evaluate("() => localStorage.clear()")

    def bent(route: Any) -> None:
        answer = route.fetch()
        proof = answer.json()
        proof["statement"] = base64_of(b"\xd2" + b"\x00" * 40)
        route.fulfill(response=answer, json=proof)

    v.page.route("**/proof.json", bent)
    v.page.reload()
    assert v.proven() == ["fail"]
    v.look("ledger-failed")


def test_many_leaks_and_a_stranger_on_one_triage_page(client_of: Any, visitor: Any) -> None:
    v: Visitor = visitor(client_of(Role.TRACER), "zh-CN", 390)
    v.go("/trace")
    files = [
        as_file(f"note-{i}.txt", f"nothing of this office {i}, only weather\n".encode() * 12)
        for i in range(3)
    ]
    v.page.set_input_files("input[name=files]", files)
    v.look("trace-chosen")
    v.page.check("input[name=each]")
    v.page.click(".leak-form button.primary")
    v.page.wait_for_selector("text=3 起中 3 起有结论", timeout=60_000)
    assert v.page.locator(".result-word").count() == 3
    v.look("triage")
    v.page.locator(".result-word").first.click()
    assert v.proven() == ["ok"]
    assert v.page.locator(".answer .word").inner_text().startswith("没有匹配")
    v.look("trace-none")


def test_a_pasted_picture_is_taken_and_an_evidence_file_is_checked_here(
    client_of: Any, visitor: Any, tmp_path: Path
) -> None:
    v: Visitor = visitor(client_of(Role.TRACER), "en", 1440)
    v.go("/trace")
    v.page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array([137, 80, 78, 71])], "pasted.png", { type: "image/png" }));
          document.dispatchEvent(Object.assign(new ClipboardEvent("paste", { bubbles: true, clipboardData: data })));
        }"""
    )
    assert "pasted.png" in v.page.locator("[data-chosen]").inner_text()
    v.go("/ledger/check")
    v.page.set_input_files("[data-check-file]", as_file("bent.evidence", b"not evidence at all"))
    v.page.wait_for_selector("[data-dropped][data-proved=fail]")
    v.look("ledger-check")
