"""Ends, revocations, prints, reading here only, undertakings, need-to-know lists and purposes, on the screens."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from sealtrace.custody import controls, knowing, undertaking
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

from ...conftest import spec_bytes
from .conftest import Office

pytestmark = pytest.mark.usefixtures("site", "at_once")


@pytest.fixture
def paper(site: Custody, tmp_path):
    original = tmp_path / "one.pdf"
    original.write_bytes(spec_bytes(abs(hash(tmp_path.name)) % 10_000, 1))
    [file] = site.register([original], level="general")
    return file


def order(client, file, **more: str):
    fields = {"ref": f"{file.code}@1", "recipients": "op-71, dev-71, 10.1.1.1", "purpose": "line 5"}
    return client.post("/issue/ask", fields | more)


def test_a_copy_ends_is_revoked_and_reinstated_from_its_page(
    client_of, page_of, paper, site: Custody
) -> None:
    issuer = client_of(Role.ISSUER)
    page = page_of(issuer, order(issuer, paper, days="3"))
    [copy] = re.findall(r'action="/issue/copy/([0-9A-Z-]+)/take"', page)
    until = controls.standing(site.office, site.copy(copy).id).expires_at
    assert until is not None
    from django.utils import timezone

    assert until[:10] >= (timezone.localdate() + timedelta(days=3)).isoformat()
    place = f"/issue/copy/{copy}/decide"
    assert issuer.post(place, {"act": "revoke", "reason": "left"}).status_code == 302
    shown = html.unescape(issuer.get(f"/issue/copy/{copy}").content.decode())
    assert "This copy is revoked" in shown
    assert "Download this copy" not in shown
    assert issuer.post(f"/issue/copy/{copy}/take").status_code != 200
    issuer.post(place, {"act": "reinstate", "reason": "back"})
    assert "Download this copy" in issuer.get(f"/issue/copy/{copy}").content.decode()
    issuer.post(place, {"act": "expire", "until": "2099-01-01"})
    assert "2099-01-02" in issuer.get(f"/issue/copy/{copy}").content.decode()
    assert issuer.post(place, {"act": "revoke", "reason": " "}).status_code == 422
    assert client_of(Role.TRACER).post(place, {"act": "revoke", "reason": "x"}).status_code == 403


def test_a_print_is_made_once_by_who_ordered_it(client_of, page_of, paper, site: Custody) -> None:
    issuer, other = client_of(Role.ISSUER), client_of(Role.ISSUER)
    place = order(issuer, paper, form="print").headers["Location"]
    assert "Make the print for op-71" in issuer.get(place).content.decode()
    assert other.post(f"{place}/print/0").status_code == 403
    answer = issuer.post(f"{place}/print/0")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert issuer.post(f"{place}/print/0").status_code == 403
    [made] = site.copies(code=str(paper.code))
    assert (made.purpose, made.operator) == ("print", "op-71")
    assert str(made.id) in issuer.get(place).content.decode()


def test_reading_here_only_and_an_undertaking_come_with_the_order(client_of, paper, site: Custody) -> None:
    issuer = client_of(Role.ISSUER)
    order(issuer, paper, form="reading", undertaking="I keep it to myself.")
    version, reader = site.version(str(paper.code)), Recipient("op-71", "d", "10.0.0.1")
    assert controls.is_view_only(site.office, version, "op-71")
    assert not controls.is_view_only(site.office, version, "op-72")
    assert undertaking.due(site.office, version, reader) == "I keep it to myself."
    assert site.copies(code=str(paper.code)) == []
    assert order(issuer, paper).status_code == 403  # a copy for who reads here only
    issuer.post(f"/register/{paper.code}/restrict", {"act": "only"})
    assert controls.is_view_only(site.office, version, "op-72")
    assert "No copy of this file leaves" in issuer.get(f"/register/{paper.code}/rights").content.decode()
    assert client_of(Role.TRACER).post(f"/register/{paper.code}/restrict", {"act": "lift"}).status_code == 403


def test_only_who_needs_to_know_opens_a_limited_file(client_of, paper, site: Custody) -> None:
    security, reader, other = client_of(Role.SECURITY_ADMIN), client_of(Role.READER), client_of(Role.READER)
    place = f"/register/{paper.code}/need"
    assert reader.get(f"/view/{paper.code}/1").status_code == 200
    assert security.post(place, {"act": "limit"}).status_code == 302
    assert reader.get(f"/view/{paper.code}/1").status_code == 403
    assert str(paper.code) not in reader.get("/view").content.decode()
    given = {"act": "give", "operator": reader.operator.code, "why": "line 5", "until": "2099-01-01"}
    assert security.post(place, given).status_code == 302
    assert reader.get(f"/view/{paper.code}/1").status_code == 200
    refused = other.get(f"/view/{paper.code}/1")
    assert refused.status_code == 403
    assert "P-25" in refused.content.decode()
    shown = security.get(f"/register/{paper.code}/rights").content.decode()
    assert "line 5" in shown
    assert "2099-01-02" in shown
    lists = security.get("/policy/purposes").content.decode()
    assert f"/register/{paper.code}/rights" in lists
    assert security.get("/policy/purposes", {"code": paper.code}).headers["Location"].endswith("/rights")
    security.post(place, {"act": "end", "operator": reader.operator.code})
    assert reader.get(f"/view/{paper.code}/1").status_code == 403
    assert security.post(place, {"act": "give", "operator": "op-none", "why": "x"}).status_code == 404
    assert reader.post(place, {"act": "open"}).status_code == 403


def test_an_office_with_purposes_issues_for_those_alone(client_of, page_of, paper, site: Custody) -> None:
    security, issuer = client_of(Role.SECURITY_ADMIN), client_of(Role.ISSUER)
    assert security.post("/policy/purposes/set", {"act": "add", "purpose": "upkeep"}).status_code == 302
    try:
        assert order(issuer, paper).status_code == 403
        assert "upkeep" in issuer.get(f"/issue/new/{paper.code}").content.decode()
        page = page_of(issuer, order(issuer, paper, listed_purpose="upkeep", purpose="pump 3"))
        assert "upkeep: pump 3" in page
    finally:
        security.post("/policy/purposes/set", {"act": "end", "purpose": "upkeep"})
    assert knowing.purposes(site.office) == []
    assert "No purposes are listed" in security.get("/policy/purposes").content.decode()


def test_recipients_are_found_with_their_devices_and_last_address(client_of, office: Office) -> None:
    issuer, reader = client_of(Role.ISSUER), client_of(Role.READER)
    found = issuer.get(
        "/issue/recipients", {"q": reader.operator.code}, HTTP_HX_REQUEST="true"
    ).content.decode()
    device = reader.operator.devices.get()
    assert f'data-line="{reader.operator.code}, {device.code}, 127.0.0.1"' in found
    assert (
        "Nobody with an enrolled device fits"
        in issuer.get("/issue/recipients", {"q": "zz-9"}).content.decode()
    )
    assert reader.get("/issue/recipients").status_code == 403
