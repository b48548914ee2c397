"""Tokens on the account page: for one's own agents, shown once, revoked at once; times and the last full check."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def agent_of(site: Custody):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from django.utils import timezone

    from sealtrace.web.devices import service as devices

    def make(operator):
        key = Ed25519PrivateKey.generate().public_key()
        public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return devices.enrol(operator, public, "agent", by="test", ip="127.0.0.1", now=timezone.now())

    return make


def test_a_token_is_made_for_ones_own_agent_shown_once_and_revoked(client_of, agent_of) -> None:
    from django.utils import timezone

    from sealtrace.web.api import tokens

    client, other = client_of(Role.REGISTRAR), client_of(Role.REGISTRAR)
    mine, theirs = agent_of(client.operator), agent_of(other.operator)
    form = {"device": mine.code, "name": "scanner", "scopes": ["file:list", "file:register"], "days": "30"}
    page = client.post("/account/tokens/make", form).content.decode()
    [secret] = set(re.findall(r"st_[A-Za-z0-9_-]{40,}", page))
    found = tokens.find(secret, timezone.now())
    assert found is not None
    assert (found.device.code, found.scopes) == (mine.code, ["file:list", "file:register"])
    again = client.get("/account/tokens").content.decode()
    assert "scanner" in again
    assert secret not in again
    assert client.post("/account/tokens/make", form | {"device": theirs.code}).status_code == 404
    assert client.post("/account/tokens/make", form | {"scopes": ["all:things"]}).status_code == 422
    assert client.post("/account/tokens/make", form | {"days": "900"}).status_code == 422
    assert other.post(f"/account/tokens/{found.key}/revoke").status_code == 404
    assert client.post(f"/account/tokens/{found.key}/revoke").status_code == 302
    assert tokens.find(secret, timezone.now()) is None


def test_times_are_shown_in_the_sites_zone_and_on_evidence_in_utc_too() -> None:
    from sealtrace.web.frame.templatetags import parts

    at = datetime(2026, 11, 27, 23, 14, 22, tzinfo=UTC)
    assert parts.evidence_time(at) == "2026-11-28 07:14:22 +08:00"
    assert parts.both_times("2026-11-27T23:14:22.5Z") == "2026-11-28 07:14:22 +08:00 · 2026-11-27T23:14:22Z"


def test_the_start_page_says_when_the_ledger_was_last_checked(client_of, site: Custody) -> None:
    from sealtrace.custody import checked

    folder = site.office.home.folder
    (folder / checked.PLACE).unlink(missing_ok=True)
    client = client_of(Role.READER)
    assert "never" in client.get("/").content.decode()
    site.check()
    found = checked.last(folder)
    assert found is not None
    assert found.entries <= site.office.ledger.size()
    assert "nothing wrong" in client.get("/").content.decode()
    (folder / checked.PLACE).write_text("{")
    assert checked.last(folder) is None
