"""Where the ledger can't take an entry nothing happens, and a page says so: really full, locked, without witnesses."""

from __future__ import annotations

import fcntl
import html
import os

import pytest

from sealtrace.custody import publication
from sealtrace.custody.service import Custody
from sealtrace.ledger.quorum import Policy
from sealtrace.policy.model import Role

from ...custody.test_no_room import forked, no_file_above
from .conftest import Office, upload

pytestmark = pytest.mark.usefixtures("site", "at_once")


@pytest.mark.parametrize(("language", "said"), [("en", "The ledger has no room"), ("zh-CN", "账本没有空间")])
def test_a_full_disk_takes_nothing_in_and_says_so(client_of, site: Custody, language: str, said: str) -> None:
    from django.db import connections

    client = client_of(Role.TRACER, language=language)
    before = site.office.ledger.size()
    connections.close_all()

    def work() -> str:
        no_file_above(3_000_000)
        answer = client.post("/trace/begin", {"files": upload("big.bin", os.urandom(6_000_000))})
        return f"{answer.status_code} {answer.content.decode()}"

    page = html.unescape(forked(work))
    assert page.startswith("507 "), page[:3000]
    assert said in page
    assert site.office.ledger.size() == before
    assert not [p for p in site.office.home.staging.rglob("*") if p.is_file()]


def test_on_a_full_disk_no_copy_leaves(client_of, office: Office, site: Custody) -> None:
    from django.db import connections

    client = client_of(Role.ISSUER)
    client.get("/issue")
    before = site.office.ledger.size()
    connections.close_all()

    def work() -> str:
        list(connections["default"].cursor().execute("SELECT 1"))
        no_file_above(1)
        answer = client.post(f"/issue/copy/{office.copy.id}/take")
        return f"{answer.status_code} {answer.content.decode()}"

    page = html.unescape(forked(work))
    assert page.startswith("507 "), page[:3000]
    assert "not one byte left" in page
    assert site.office.ledger.size() == before


def test_a_ledger_in_use_issues_nothing_and_says_so(client_of, office, site: Custody, monkeypatch) -> None:
    from sealtrace.custody import home
    from sealtrace.custody import office as offices

    monkeypatch.setattr(offices.Office.writing.__wrapped__, "__defaults__", (0.0,))
    assert home.LOCK_WAIT_S > 0
    client, before = client_of(Role.ISSUER), site.office.ledger.size()
    lock = os.open(site.office.home.folder / "lock", os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = client.post(f"/issue/copy/{office.copy.id}/take")
        page = html.unescape(answer.content.decode())
    finally:
        os.close(lock)
    assert answer.status_code == 503
    assert "The ledger is in use" in page
    assert "Nothing was done" in page
    assert site.office.ledger.size() == before


def test_a_lost_quorum_publishes_nothing_and_says_so(client_of, site: Custody) -> None:
    from sealtrace.ledger.notekey import NoteKey

    key = _witness_key()
    asked = publication.policy(site.office)
    publication.set_policy(site.office, Policy(((key, "http://127.0.0.1:9/"),), 1))
    try:
        client = client_of(Role.ISSUER)
        assert NoteKey.parse(key).name in client.get("/ledger/checkpoint").content.decode()
        answer = client.post("/ledger/seal")
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 503
        assert "Too few witnesses cosigned" in page
        assert "Nothing was published" in page
        assert "asked again at the next publication" in client.get("/").content.decode()
    finally:
        publication.set_policy(site.office, asked)


def _witness_key() -> str:
    import base64
    import hashlib

    raw = b"\x04" + hashlib.sha256(b"a witness that nobody runs").digest()
    digest = hashlib.sha256(b"w-nobody\n" + raw).digest()[:4].hex()
    return f"w-nobody+{digest}+{base64.b64encode(raw).decode()}"


def test_a_request_that_is_too_large_is_not_read(client_of, site: Custody, monkeypatch) -> None:
    from sealtrace.web.custody import intake

    monkeypatch.setattr(intake, "MOST_BYTES", 50_000)
    client, before = client_of(Role.TRACER), site.office.ledger.size()
    answer = client.post("/trace/begin", {"files": upload("big.bin", b"x" * 80_000)})
    assert answer.status_code == 422
    assert "at once" in answer.content.decode()
    assert site.office.ledger.size() == before


def test_what_nobody_signed_in_sends_is_not_read(site: Custody, monkeypatch) -> None:
    from django.test import Client

    from sealtrace.web.custody import intake

    def kept(*_args: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(intake.StagedUpload, "receive_data_chunk", kept)
    answer = Client().post("/trace/begin", {"files": upload("big.bin", b"x" * 3_000_000)})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "/", "", "a\x00b.pdf", "x" * 400 + ".pdf"]
)
def test_a_hostile_name_is_only_a_name(name: str) -> None:
    from sealtrace.web.custody.intake import plain_name

    shown = plain_name(name)
    assert shown
    assert "/" not in shown
    assert "\\" not in shown
    assert "\x00" not in shown
    assert shown not in (".", "..")
    assert len(shown) <= 111
