"""What an attacker tries on a web application: forged forms, foreign records, paths, hosts, redirects, script."""

from __future__ import annotations

import pytest
from django.test import Client

from sealtrace.policy.model import Role

pytestmark = pytest.mark.usefixtures("site")


def test_a_form_of_another_site_is_refused(operator) -> None:
    """Cross-site request forgery: without the form's token nothing happens, signed or not."""
    from sealtrace.web.testing import DeviceClient

    client = DeviceClient(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    client.sign_in(operator(Role.SYSTEM_ADMIN))
    answer = client.post("/operators/add", {"code": "op-csrf"})
    assert answer.status_code == 403
    assert b"comes from another site" in answer.content
    from sealtrace.web.accounts.models import Operator

    assert not Operator.objects.filter(code="op-csrf").exists()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
     "http:evil.example"]
)  # fmt: skip
def test_signing_in_leads_nowhere_else(client_of, target: str) -> None:
    client = client_of()
    assert client.post("/device/proof", {"next": target})["Location"] == "/"
    page = Client().get("/sign-in", {"next": target}).content.decode()
    assert 'data-next="/"' in page


def test_other_peoples_records_are_not_found(client_of) -> None:
    """Insecure direct object references: what is one's own is looked up by its owner."""
    from sealtrace.web.jobs.models import Job

    owner, other = client_of(Role.READER), client_of(Role.READER)
    job = Job.objects.create(kind="none", operator=owner.operator.code)
    form = {"deed": "file:open", "kind": "File", "subject": "YL-9", "reason": "r", "days": "1"}
    request = owner.post("/approvals/ask", form)["Location"]
    for path, send in (
        (f"/account/sessions/{owner.sitting.pk}/end", other.post),
        ("/account/passkeys/999999/remove", other.post),
        (f"/account/devices/{owner.device.code}/revoke", other.post),
        (request, other.get),
        (f"{request}/withdraw", other.post),
        (f"{request}/approve", other.post),
        (f"/jobs/{job.pk}/events", other.get),
    ):
        assert send(path).status_code == 404, path
    assert owner.get(request).status_code == 200
    assert owner.get("/account").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/static/../settings.py", "/static/%2e%2e/settings.py", "/static/..%2f..%2fetc/passwd", "/static/frame/%00",
     "/..;/x",     "/operators/..%2f..%2fetc"],
)  # fmt: skip
def test_no_path_leads_outside(client_of, path: str) -> None:
    client = client_of(Role.SYSTEM_ADMIN)
    answer = client.get(path)
    assert answer.status_code in (400, 404), path
    assert b"SECRET_KEY" not in answer.content


def test_a_foreign_host_is_refused() -> None:
    assert Client().get("/sign-in", HTTP_HOST="evil.example").status_code == 400


def test_a_forged_forwarded_address_is_not_believed(client_of) -> None:
    client = client_of()
    client.get("/account", HTTP_X_FORWARDED_FOR="10.99.99.99")
    page = client.get("/account", HTTP_X_FORWARDED_FOR="10.99.99.99").content.decode()
    assert "10.99.99.99" not in page


def test_what_people_type_stays_text(client_of) -> None:
    asker, approver = client_of(Role.READER), client_of(Role.APPROVER)
    evil = "<script>alert(1)</script>"
    form = {"deed": "file:open", "kind": "File", "subject": evil, "reason": evil, "days": "1"}
    where = asker.post("/approvals/ask", form)["Location"]
    for client, path in ((asker, "/account"), (asker, where), (approver, "/approvals"), (approver, where)):
        page = client.get(path).content.decode()
        assert evil not in page
        assert "&lt;script&gt;" in page
    assert (
        evil
        not in asker.get("/policy", {"deed": "file:open", "kind": "File", "subject": evil}).content.decode()
    )


def test_every_page_carries_the_headers(client_of) -> None:
    client = client_of(Role.AUDIT_ADMIN)
    for path in ("/", "/account", "/policy", "/audit", "/nowhere", "/sign-in"):
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"
        page = answer.content.decode()
        assert "<script>" not in page
        assert 'style="' not in page
        assert " onclick=" not in page


def test_a_flood_of_fields_and_a_huge_body_are_refused(client_of) -> None:
    client = client_of()
    many = "&".join(f"f{n}=1" for n in range(2000))
    kind = "application/x-www-form-urlencoded"
    assert client.generic("POST", "/device/proof", many, kind).status_code == 400
    huge = "f=" + "x" * 3_000_000
    assert client.generic("POST", "/device/proof", huge, kind).status_code == 400


def test_a_zip_bomb_is_stopped_by_its_bounds(tmp_path) -> None:
    """Files that come in are read under bounds on size, members and nesting; the bomb costs little."""
    import zipfile

    from sealtrace.content.kinds import Kind
    from sealtrace.content.reader import read
    from sealtrace.errors import InputTooLarge

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", b"0" * 60_000_000)
    with pytest.raises(InputTooLarge):
        read(bomb, Kind.ZIP)


def test_our_errors_speak_chinese_on_a_chinese_page(operator) -> None:
    from sealtrace.errors import all_errors
    from sealtrace.people.imports import Why
    from sealtrace.web.frame import problems

    assert {error.code for error in all_errors()} <= set(problems.ZH), "give the new error its Chinese words"
    assert set(Why) - {Why.OTHER} == set(problems.ROWS), "give the new problem of a row its Chinese words"
    from sealtrace.web.testing import DeviceClient

    client = DeviceClient(HTTP_ACCEPT_LANGUAGE="zh-CN")
    client.sign_in(operator())
    page = client.post("/approvals/ask", {"deed": "x"}).content.decode()
    assert "填写的内容彼此不符或不完整。" in page
    assert '<p class="small" lang="en">usage: ' in page
