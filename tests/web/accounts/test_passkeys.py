"""Passkeys: the whole way from the one-time link, and every way an answer may be wrong."""

from __future__ import annotations

import pytest
from django.test import Client

from .authenticator import PRESENT, Browser

pytestmark = pytest.mark.usefixtures("site")
JSON = "application/json"


def enrolled(operator, *roles):
    """A browser that came by a one-time link and made a passkey; client, browser, operator."""
    from sealtrace.web.accounts import service

    made, browser, client = operator(*roles), Browser(), Client(HTTP_ACCEPT_LANGUAGE="en")
    client.post(f"/enrol/{service.invite(made, by='test')}")
    options = client.post("/account/passkeys/options", "{}", content_type=JSON).json()
    answer = client.post("/account/passkeys", browser.make(options), content_type=JSON)
    assert answer.status_code == 200, answer.content
    return client, browser, made


def asked(client):
    return client.post("/sign-in/passkey/options", "{}", content_type=JSON).json()


def test_from_the_link_to_a_passkey_to_signing_in_again(site, operator) -> None:
    client, browser, made = enrolled(operator)
    device = made.devices.get()
    assert device.code in client.get("/account").content.decode()
    again = Client()
    answer = again.post("/sign-in/passkey", browser.answer(asked(again)), content_type=JSON)
    assert answer.status_code == 200
    assert made.devices.get() == device, "the same browser is the same device"
    assert made.sittings.filter(ended_at=None, device=device).count() == 2
    events = {event: [a["operator"][1] for _, a in site.office.acts(event)] for event in (
        "account:invited", "account:passkey-made", "account:signed-in",
    )}  # fmt: skip
    assert all(made.code in who for who in events.values())


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://evil.example"}, {"flags": PRESENT}, {"key": b"another device's key"}]
)
def test_a_wrong_origin_an_unverified_person_or_another_device_is_refused(operator, wrong) -> None:
    _, browser, _ = enrolled(operator)
    client = Client()
    answer = client.post("/sign-in/passkey", browser.answer(asked(client), **wrong), content_type=JSON)
    assert answer.status_code == 403
    assert client.get("/account").status_code == 302


def test_an_answer_is_good_once_and_for_its_own_challenge(operator) -> None:
    _, browser, _ = enrolled(operator)
    client = Client()
    said = browser.answer(asked(client))
    assert client.post("/sign-in/passkey", said, content_type=JSON).status_code == 200
    other = Client()
    assert other.post("/sign-in/passkey", said, content_type=JSON).status_code == 403
    asked(other)
    assert other.post("/sign-in/passkey", said, content_type=JSON).status_code == 403


def test_a_cloned_authenticator_shows_by_its_counter(operator) -> None:
    _, browser, _ = enrolled(operator)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    browser.counter = 0
    answer = client.post("/sign-in/passkey", browser.answer(asked(client)), content_type=JSON)
    assert answer.status_code == 403
    assert b"counter went back" in answer.content


def test_an_unknown_passkey_and_a_switched_off_operator_stay_out(operator) -> None:
    client = Client()
    assert (
        client.post("/sign-in/passkey", Browser().answer(asked(client)), content_type=JSON).status_code == 403
    )
    _, browser, made = enrolled(operator)
    made.is_active = False
    made.save()
    assert (
        client.post("/sign-in/passkey", browser.answer(asked(client)), content_type=JSON).status_code == 403
    )


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"credential": {}}', '{"credential": 1, "device_key": "!"}']
)
def test_rubbish_is_refused_in_the_readers_language(body: str) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    answer = client.post("/sign-in/passkey", body, content_type=JSON)
    assert answer.status_code == 403
    assert answer.json()["message"] == "登录凭据不成立。"


def test_a_link_works_once_and_lets_nobody_near_a_second_passkey(operator) -> None:
    from sealtrace.web.accounts import service

    _, _, made = enrolled(operator)
    token = service.invite(made, by="test")
    thief = Client()
    assert thief.get(f"/enrol/{token}").status_code == 200
    assert thief.post(f"/enrol/{token}").status_code == 302
    assert thief.post("/account/passkeys/options", "{}", content_type=JSON).status_code == 403
    assert Client().post(f"/enrol/{token}").status_code == 403


def test_the_last_passkey_stays(client_of, operator) -> None:
    from django.utils import timezone

    from sealtrace.errors import NotRegistered, SignInFailed
    from sealtrace.web.accounts import passkeys

    _, _, made = enrolled(operator)
    with pytest.raises(SignInFailed):
        passkeys.remove(made, made.passkeys.get().pk, now=timezone.now())
    with pytest.raises(NotRegistered):
        passkeys.remove(operator(), made.passkeys.get().pk, now=timezone.now())
