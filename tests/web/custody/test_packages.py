"""Packages for outsiders on the screens: ordered, approved, made once, handed over once, receipted, revoked."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from sealtrace.custody.outgoing import handing
from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

from ...conftest import spec_bytes
from ..outsider import signed
from .conftest import upload

pytestmark = pytest.mark.usefixtures("site", "at_once")
WORDS = "I pass it on to nobody."


@pytest.fixture(scope="module")
def papers(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A one-page file of each level, by level."""
    folder, made = tmp_path_factory.mktemp("packages"), {}
    for number, level in enumerate(("general", "important", "core")):
        original = folder / f"{level}.pdf"
        original.write_bytes(spec_bytes(8_800 + number, 1))
        made[level] = str(site.register([original], level=level)[0].code)
    return made


def asked(client, code: str, **more: str):
    fields = {
        "ref": f"{code}@1", "operator": "Lab <4>", "organisation": "Assay Ltd", "purpose": "round robin",
        "until": "2099-01-01", "undertaking": WORDS,
    }  # fmt: skip
    return client.post("/issue/packages/ask", fields | more)


def made(client, place: str) -> tuple[str, str]:
    """The copy id and the code of an order's package."""
    answer = client.post(f"{place}/package")
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 200, page[-900:]
    return (
        re.findall(r'action="/issue/packages/([0-9A-Z-]+)/take"', page)[0],
        re.findall(r"<code>((?:[0-9A-Z]{4}-){7}[0-9A-Z]{4})</code>", page)[0],
    )


def test_a_package_is_ordered_made_once_handed_over_once_and_receipted(
    client_of, papers: dict[str, str], site: Custody
) -> None:
    issuer, other = client_of(Role.ISSUER), client_of(Role.ISSUER)
    place = asked(issuer, papers["general"]).headers["Location"]
    assert "Make the package" in issuer.get(place).content.decode()
    assert "Make the package" not in other.get(place).content.decode()
    assert other.post(f"{place}/package").status_code == 403
    copy, code = made(issuer, place)
    again = issuer.post(f"{place}/package")
    assert again.status_code == 403
    assert code not in again.content.decode()
    here = f"/issue/packages/{copy}"
    for page in (issuer.get(here), issuer.get(place), issuer.get("/issue/packages"), issuer.get("/ledger")):
        assert page.status_code == 200
        assert code not in page.content.decode()
    assert other.post(f"{here}/take").status_code == 403
    size = site.office.ledger.size()
    answer = issuer.post(f"{here}/take")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    package = b"".join(answer.streaming_content)
    assert site.office.ledger.size() == size + 1
    assert issuer.post(f"{here}/take").status_code == 403
    assert b"Assay Ltd" not in package
    text = signed(package, copy, code)
    registrar = client_of(Role.REGISTRAR)
    wrong = issuer.post("/issue/packages/receipt", {"text": text.replace("2026-11-28", "2026-11-29")})
    assert wrong.status_code == 422
    assert "The receipt was not entered" in wrong.content.decode()
    assert (
        registrar.post("/issue/packages/receipt", {"file": upload("r.json", text.encode())}).status_code
        == 302
    )
    shown = html.unescape(issuer.get(here).content.decode())
    assert "Signed by <b>王工</b>" in shown
    assert "receipt back" in html.unescape(issuer.get("/issue/packages").content.decode())
    assert "<4>" not in issuer.get("/issue/packages").content.decode()
    assert "&lt;4&gt;" in issuer.get(here).content.decode()


@pytest.mark.parametrize("level", ["important", "core"])
def test_what_matters_leaves_when_a_second_person_agrees(
    client_of, papers: dict[str, str], level: str
) -> None:
    issuer = client_of(Role.ISSUER, Role.APPROVER, clearance="core")
    place = asked(issuer, papers[level]).headers["Location"]
    assert issuer.post(f"{place}/package").status_code == 403
    assert issuer.post(f"{place}/decide", {"agree": "yes"}).status_code == 403
    second = client_of(Role.APPROVER, clearance="core")
    assert "Assay Ltd" in second.get(place).content.decode()
    assert second.post(f"{place}/decide", {"agree": "yes"}).status_code == 302
    copy, _ = made(issuer, place)
    assert second.get(f"/issue/packages/{copy}").status_code == 200


def test_a_revoked_package_is_gone_from_here(client_of, papers: dict[str, str], site: Custody) -> None:
    issuer = client_of(Role.ISSUER)
    copy, _ = made(issuer, asked(issuer, papers["general"]).headers["Location"])
    answer = issuer.post(f"/issue/copy/{copy}/decide", {"act": "revoke", "reason": "wrong person"})
    assert answer.headers["Location"] == f"/issue/packages/{copy}"
    shown = issuer.get(f"/issue/packages/{copy}").content.decode()
    assert "This package is revoked" in shown
    assert "Download the package" not in shown
    refused = issuer.post(f"/issue/packages/{copy}/take")
    assert refused.status_code >= 400
    assert "revoked" in refused.content.decode()
    assert not handing.show(site.office, site.copy(copy).id).waits


def test_making_and_handing_over_ask_for_a_confirmation(client_of, papers: dict[str, str]) -> None:
    from sealtrace.web.accounts.models import Sitting

    issuer = client_of(Role.ISSUER)
    place = asked(issuer, papers["general"]).headers["Location"]
    earlier = issuer.sitting.confirmed_at - timedelta(hours=1)
    Sitting.objects.filter(pk=issuer.sitting.pk).update(confirmed_at=earlier)
    answer = issuer.post(f"{place}/package")
    assert answer.status_code == 403
    assert "accounts/confirm_first.html" in {t.name for t in answer.templates}
    assert issuer.get("/issue/packages").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"organisation": ""}, {"until": ""}, {"until": "2001-01-01"}, {"purpose": ""}, {"operator": " "},
     {"ip": "nowhere"}, {"operator": "x" * 300}, {"until": "soon"}],
)  # fmt: skip
def test_an_incomplete_order_is_refused_in_words(
    client_of, papers: dict[str, str], fields: dict[str, str]
) -> None:
    issuer = client_of(Role.ISSUER)
    assert asked(issuer, papers["general"], **fields).status_code == 422


@pytest.mark.parametrize(
    "hostile", [b"\xff\xfe", b"[" * 4000, b"{}", b"A" * 2_000_000, b"<script>alert(1)</script>"]
)
def test_a_hostile_receipt_changes_nothing(client_of, hostile: bytes, site: Custody) -> None:
    issuer, size = client_of(Role.ISSUER), site.office.ledger.size()
    answer = issuer.post("/issue/packages/receipt", {"file": upload("../../r.json", hostile)})
    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content
    assert issuer.post("/issue/packages/receipt", {"text": ""}).status_code == 422
    assert site.office.ledger.size() == size


def test_lists_go_on_page_by_page_and_forms_need_their_token(
    client_of, operator, papers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sealtrace.web.custody import packages
    from sealtrace.web.testing import DeviceClient

    monkeypatch.setattr(packages, "PAGE_SIZE", 1)
    issuer = client_of(Role.ISSUER)
    copies = [made(issuer, asked(issuer, papers["general"]).headers["Location"])[0] for _ in range(2)]
    first = issuer.get("/issue/packages").content.decode()
    assert copies[1] in first
    assert copies[0] not in first
    [older] = re.findall(r'href="(\?before=\d+)"', first)
    assert copies[0] in issuer.get(f"/issue/packages{older}").content.decode()
    forged = DeviceClient(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    forged.sign_in(operator(Role.ISSUER))
    for path in (f"/issue/packages/{copies[0]}/take", "/issue/packages/ask", "/issue/packages/receipt"):
        assert forged.post(path, {}).status_code == 403, path
    reader = client_of(Role.READER, clearance="core")
    for path in ("/issue/packages", f"/issue/packages/{copies[0]}"):
        assert reader.get(path).status_code == 403, path
