"""Several leaks together in a real browser: tick, see the price, weigh, read who is named, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sealtrace.policy.model import Role

from .conftest import Visitor

pytestmark = pytest.mark.browser
WORDS = {"zh-CN": ("高度吻合", "不能认定"), "en": ("Strong", "Inconclusive")}


@pytest.mark.parametrize(("locale", "width", "dark"), [("zh-CN", 1440, False), ("en", 390, True)])
def test_leaks_weighed_together(
    client_of: Any, visitor: Any, extracts: dict[str, list[str]], locale: str, width: int, dark: bool
) -> None:
    v: Visitor = visitor(client_of(Role.TRACER, language=locale), locale, width, dark=dark)
    for name, word in zip(("large", "small"), WORDS[locale], strict=True):
        v.go("/trace")
        for trace in extracts[name]:
            v.page.check(f"input[value='{trace}']")
        if name == "large":
            v.look("together-ticked")
        v.page.click("form[action='/trace/together'] button")
        v.page.wait_for_selector("input[name=chance]")
        if name == "large":
            v.look("together-priced")
        v.page.click("form[action='/trace/together/weigh'] button.primary")
        v.page.wait_for_url(re.compile(r"/trace/together/\d+$"), timeout=30_000)
        assert v.proven() == ["ok"]
        assert v.page.inner_text("#w").startswith(word)
        v.look(f"together-{name}")
