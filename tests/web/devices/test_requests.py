"""Every unsafe request comes signed from the session's own device, once."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.utils import timezone

from sealtrace.errors import Denied
from sealtrace.policy.model import Role

pytestmark = pytest.mark.usefixtures("site")


def bare(client) -> Client:
    """The same session in a browser without the device's key: a stolen cookie."""
    thief = Client(HTTP_ACCEPT_LANGUAGE="en")
    thief.cookies = client.cookies
    return thief


def test_a_stolen_cookie_sends_nothing(client_of) -> None:
    from sealtrace.web.audit.models import Line

    client = client_of(Role.READER)
    answer = bare(client).post("/account/sessions/end-others")
    assert answer.status_code == 403
    assert b"not signed by its device" in answer.content
    kept = Line.objects.filter(operator=client.operator.code, action="device:sign").get()
    assert kept.subject == "Address /account/sessions/end-others"
    assert client.post("/account/sessions/end-others").status_code == 302


def test_a_request_counts_once(client_of) -> None:
    client = client_of(Role.READER)
    from sealtrace.web.devices import forms

    said = client.signed("POST", "/device/proof", {forms.DIGEST: forms.digest([("next", "/")])})
    form = {"next": "/", forms.FIELD: "\n".join(said)}
    assert bare(client).post("/device/proof", form).status_code == 302
    again = bare(client).post("/device/proof", form)
    assert again.status_code == 403
    assert b"sent before" in again.content


def test_a_changed_field_or_file_is_refused(client_of) -> None:
    from sealtrace.web.devices import forms

    client = client_of(Role.READER)
    file = ("paper", 3, forms.file_hash(io.BytesIO(b"abc")))
    said = client.signed("POST", "/device/proof", {forms.DIGEST: forms.digest([("next", "/"), file])})
    for following, content in (("/ledger", b"abc"), ("/", b"abd")):
        form = {"next": following, "paper": io.BytesIO(content), forms.FIELD: "\n".join(said)}
        answer = bare(client).post("/device/proof", form)
        assert answer.status_code == 403
        assert b"does not hold" in answer.content


def test_files_and_line_ends_are_signed_as_they_arrive(client_of) -> None:
    client = client_of(Role.READER)
    form = {"next": "/", "note": "a\r\nb\rc\n", "many": ["1", "2"], "paper": io.BytesIO(b"z" * 5_000_000)}
    assert client.post("/device/proof", form).status_code == 302
    assert client.post("/device/proof", {"a": 1}, content_type="application/json").status_code == 302


def test_another_persons_device_can_not_sign_for_this_session(client_of) -> None:
    one, two = client_of(Role.READER), client_of(Role.READER)
    one.key, one.device = two.key, two.device
    answer = one.post("/device/proof", {"next": "/"})
    assert answer.status_code == 403


def test_a_revoked_device_is_out_at_once_and_stays_out(client_of) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from sealtrace.web.devices import service

    client = client_of(Role.READER)
    client.post(f"/account/devices/{client.device.code}/revoke")
    assert client.get("/account").status_code == 302
    public = client.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(Denied):
        service.enrol(client.operator, public, "browser", by="x", ip="127.0.0.1", now=timezone.now())


def test_enrolling_and_revoking_are_entries(site, client_of) -> None:
    client = client_of(Role.READER)
    assert any(act["device"][1] == client.device.code for _, act in site.office.acts("device:enrolled"))
    client.post(f"/account/devices/{client.device.code}/revoke")
    assert any(act["device"][1] == client.device.code for _, act in site.office.acts("device:revoked"))


def test_a_page_waits_until_the_device_has_signed_again(client_of) -> None:
    from datetime import timedelta

    from sealtrace.web.accounts.models import Sitting

    client = client_of(Role.READER)
    Sitting.objects.filter(pk=client.sitting.pk).update(proved_at=timezone.now() - timedelta(minutes=11))
    away = client.get("/account")
    assert away["Location"] == "/device/proof?next=%2Faccount"
    assert client.post("/device/proof", {"next": "/account"})["Location"] == "/account"
    assert client.get("/account").status_code == 200
