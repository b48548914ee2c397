"""The frame: headers, language, guards, translations."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sealtrace.policy.model import Role
from sealtrace.web.frame.templatetags import parts

pytestmark = pytest.mark.usefixtures("site")


def test_every_text_has_its_chinese() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "sealtrace.web.words", "--check"], capture_output=True, text=True, check=False
    )
    assert told.stdout == ""
    assert told.returncode == 0


def test_without_signing_in_only_the_sign_in_page_opens(site) -> None:
    from django.test import Client

    answer = Client().get("/ledger")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in?next=%2Fledger"


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "登录"), ("en", "Sign in")])
def test_the_sign_in_page_speaks_the_browsers_language(language: str, word: str) -> None:
    from django.test import Client

    page = Client(HTTP_ACCEPT_LANGUAGE=language).get("/sign-in")
    assert f"<h1>{word}</h1>" in page.content.decode()
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_the_start_page_shows_who_you_are_and_only_your_places(client_of) -> None:
    client = client_of(Role.ISSUER)
    page = client.get("/").content.decode()
    assert client.operator.code in page
    assert 'style="' not in page


def test_a_denied_action_says_which_rule_is_missing(client_of) -> None:
    from django.urls import resolve

    assert resolve("/ledger").func.action == "ledger:see"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(8.04e-13, "≤ 8.1 × 10<sup>−13</sup>"), (0.0, "≤ 1.0"), (9.99e-5, "≤ 1.0 × 10<sup>−4</sup>")],
)
def test_a_chance_is_rounded_up_and_never_zero(value: float, shown: str) -> None:
    assert shown in parts.chance(value)
