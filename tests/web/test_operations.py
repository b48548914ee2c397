"""Readiness, metrics, logs, certificates, client addresses: what the machines that watch a site rely on."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509

from sealtrace.custody.service import Custody
from sealtrace.errors import StorageFailed, UsageProblem
from sealtrace.policy.model import Role
from sealtrace.web import site as site_module
from sealtrace.web.frame.middleware import client_ip
from sealtrace.web.operations import certificates, logs
from sealtrace.web.plan import Plan


@pytest.mark.usefixtures("site")
class TestWatching:
    def test_alive_and_ready_by_part(self) -> None:
        from django.test import Client

        assert Client().get("/healthz").json() == {"ok": True}
        ready = Client().get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["parts"] == {"accounts": True, "ledger": True, "vault": True, "room": True}

    def test_a_part_that_fails_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from django.test import Client

        from sealtrace.web.operations import views

        def broken() -> None:
            raise StorageFailed("the store does not answer")

        monkeypatch.setitem(views.CHECKS, "vault", broken)
        ready = Client().get("/readyz")
        assert ready.status_code == 503
        assert ready.json() == {
            "ok": False,
            "parts": {"accounts": True, "ledger": True, "vault": False, "room": True},
        }

    def test_metrics_name_routes_never_records_or_people(self, client_of) -> None:
        from django.test import Client

        client = client_of(Role.ISSUER)
        client.get("/ledger")
        text = Client().get("/metrics").content.decode()
        assert 'sealtrace_requests_total{method="GET",route="ledger",status="200"}' in text
        assert "sealtrace_ledger_entries" in text
        assert client.operator.code not in text

    def test_metrics_are_not_for_strangers(self) -> None:
        from django.test import Client

        assert Client(REMOTE_ADDR="203.0.113.9").get("/metrics").status_code == 404


def test_a_log_line_has_the_route_and_no_address_person_or_message_of_an_error() -> None:
    stream = io.StringIO()
    before = logging.getLogger().handlers[:]
    try:
        logs.begin(stream)
        try:
            raise ValueError("op-017 at 10.1.1.1")
        except ValueError:
            extra = {
                "route": "ledger",
                "status": 500,
                "request": object(),
            }  # Django's own lines hold a request
            logging.getLogger("x").exception("failed", extra=extra)
    finally:
        logging.getLogger().handlers[:] = before
    line = json.loads(stream.getvalue())
    assert (line["message"], line["route"], line["status"], line["error"]) == (
        "failed",
        "ledger",
        500,
        "ValueError",
    )
    assert "op-017" not in stream.getvalue()
    assert "10.1.1.1" not in stream.getvalue()


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("203.0.113.9", "10.9.9.9", "203.0.113.9"),  # not a proxy of ours: the header is a stranger's word
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        (
            "10.0.0.2",
            "10.9.9.9, 203.0.113.9",
            "203.0.113.9",
        ),  # what the client itself put before is not believed
        ("10.0.0.2", "203.0.113.9, 10.0.0.3", "203.0.113.9"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_the_clients_address_is_the_last_that_is_no_declared_proxy(
    monkeypatch: pytest.MonkeyPatch, remote: str, forwarded: str, client: str
) -> None:
    proxied = site_module.Site(None, "x", proxies=(ip_network("10.0.0.0/29"),))
    monkeypatch.setattr(site_module, "_site", proxied)
    assert client_ip(remote, forwarded) == client


def test_certificates_chain_renew_and_stay_private(tmp_path: Path) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    first = certificates.make(tmp_path, ["sealtrace.example.org", "10.20.0.5"], "Yulong", now)
    authority = x509.load_pem_x509_certificate(first.authority.read_bytes())
    server = x509.load_pem_x509_certificates(first.certificate.read_bytes())[0]
    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["sealtrace.example.org"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["10.20.0.5"]
    again = certificates.make(tmp_path, ["sealtrace.example.org"], "Yulong", now + timedelta(days=80))
    assert again.authority.read_bytes() == first.authority.read_bytes()
    assert again.ends_at > first.ends_at
    assert all((tmp_path / name).stat().st_mode & 0o077 == 0 for name in ("authority.key", "server.key"))
    with pytest.raises(UsageProblem):
        certificates.make(tmp_path, [], "Yulong")


def test_a_plan_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageProblem, match="PostgreSQL"):
        Plan("home", queue=True)
    with pytest.raises(UsageProblem):
        Plan("home", proxies=("10.0.0.300/8",))


def test_served_for_real_over_tls(tmp_path: Path) -> None:
    """Two server processes of one home, TLS 1.3 with the office's own authority, and a clean end."""
    home = tmp_path / "home"
    Custody.create(home, org="Test Works", org_code="TW").close()
    made = certificates.make(tmp_path / "tls", ["localhost"], "TW")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [
        sys.executable,
        "-m",
        "sealtrace.cli.main",
        "--home",
        str(home),
        "web",
        "serve",
        "--port",
        str(port),
    ]
    words += ["--workers", "2", "--certificate", str(made.certificate), "--key", str(made.key)]
    program = subprocess.Popen(words, stderr=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    trust = ssl.create_default_context(cafile=str(made.authority))
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(
                    f"https://localhost:{port}/sign-in", context=trust, timeout=5
                ) as page:
                    assert page.headers["Strict-Transport-Security"]
                    assert "__Host-csrf" in page.headers["Set-Cookie"]
                    break
            except OSError:
                assert program.poll() is None
                time.sleep(0.1)
        else:
            pytest.fail("the server did not answer")
    finally:
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=30)
    assert program.returncode == 0
