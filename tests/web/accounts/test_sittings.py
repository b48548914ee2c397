"""Sessions: a new key at sign-in, idle and absolute ends, ended by the person, by an administrator, by a sign-out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sealtrace.policy.model import Role

pytestmark = pytest.mark.usefixtures("site")


def age(client, **fields) -> None:
    from sealtrace.web.accounts.models import Sitting

    Sitting.objects.filter(pk=client.sitting.pk).update(**fields)


def test_a_planted_session_key_is_not_the_one_signed_in(operator) -> None:
    from sealtrace.web.accounts import service

    client = Client()
    client.post("/sign-in/passkey/options", "{}", content_type="application/json")
    planted = client.cookies["session"].value
    client.post(f"/enrol/{service.invite(operator(), by='test')}")
    assert client.cookies["session"].value != planted
    other = Client()
    other.cookies["session"] = planted
    assert other.get("/account").status_code == 302


@pytest.mark.parametrize(("field", "minutes"), [("seen_at", 31), ("began_at", 8 * 60 + 1)])
def test_a_session_ends_idle_and_in_the_end(client_of, field: str, minutes: int) -> None:
    client = client_of()
    assert client.get("/account").status_code == 200
    age(client, **{field: timezone.now() - timedelta(minutes=minutes)})
    assert client.get("/account")["Location"].startswith("/sign-in")


def test_signing_out_makes_the_cookie_worthless(client_of) -> None:
    client = client_of()
    kept = client.cookies["session"].value
    client.post("/sign-out")
    other = Client()
    other.cookies["session"] = kept
    assert other.get("/account").status_code == 302


def test_switching_an_operator_off_ends_their_sessions_and_links(client_of) -> None:
    """OWASP ASVS 5.0, V7.4.2."""
    from sealtrace.web.accounts import service

    admin, client = client_of(Role.SYSTEM_ADMIN), client_of(Role.READER)
    link = service.invite(client.operator, by="test")
    assert admin.post(f"/operators/{client.operator.code}/switch").status_code == 302
    assert client.get("/account").status_code == 302
    assert Client().post(f"/enrol/{link}").status_code == 403


def test_people_end_their_own_sessions_and_nobody_elses(client_of) -> None:
    one, two = client_of(), client_of()
    assert one.post(f"/account/sessions/{two.sitting.pk}/end").status_code == 404
    assert two.get("/account").status_code == 200
    again = type(one)()
    again.sign_in(one.operator)
    assert again.post("/account/sessions/end-others").status_code == 302
    assert one.get("/account").status_code == 302
    assert again.get("/account").status_code == 200


def test_a_page_that_needs_a_confirmation_asks_and_a_form_is_refused(client_of) -> None:
    client = client_of(Role.SYSTEM_ADMIN)
    age(client, confirmed_at=timezone.now() - timedelta(minutes=6))
    assert client.get("/account/code")["Location"] == "/confirm?next=%2Faccount%2Fcode"
    refused = client.post("/operators/add", {"code": "op-late"})
    assert refused.status_code == 403
    assert b"Confirm that it is you" in refused.content
    moved = client.post("/operators/add", {"code": "op-late"}, headers={"HX-Request": "true"})
    assert moved["HX-Redirect"].startswith("/confirm")


def test_cookies_are_hard_to_steal(settings_of_tls) -> None:
    made = settings_of_tls
    assert made["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert made["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert made["SESSION_COOKIE_SECURE"] is made["CSRF_COOKIE_SECURE"] is True
    assert made["answer"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.fixture
def settings_of_tls():
    """The settings of a site behind TLS, read in a process of their own."""
    import json
    import subprocess
    import sys

    program = (
        "import json; from sealtrace.web import site; site.put(site.Site(None, 'k', tls=True));"
        "from sealtrace.web import settings as s;"
        "from django.http import HttpRequest, HttpResponse; import os, django;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'sealtrace.web.settings'; django.setup();"
        "from sealtrace.web.frame.middleware import headers;"
        "answer = dict(headers(lambda request: HttpResponse())(HttpRequest()).headers);"
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if 'COOKIE' in n} | {'answer': answer}))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(told.stdout)
