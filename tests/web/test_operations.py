"""Readiness, metrics, logs, certificates, client addresses: what the machines that watch a site rely on."""

from __future__ import annotations

import contextlib
import http.client
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
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from sealtrace.cli.main import main
from sealtrace.custody.service import Custody
from sealtrace.errors import StorageFailed, UsageProblem
from sealtrace.policy.model import Role
from sealtrace.vault.keyring import ShareOrder
from sealtrace.web import serving
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


def test_those_who_follow_their_work_leave_threads_to_others(
    client_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many streams stay open; one more tells the state and ends; a stream that ends makes room."""
    from sealtrace.web.jobs import views
    from sealtrace.web.jobs.models import Job

    client = client_of(Role.READER)
    job = Job.objects.create(kind="none", operator=client.operator.code)
    monkeypatch.setattr(views, "POLL_S", 0.001)
    monkeypatch.setattr(views, "BEAT_S", 0.01)

    def stream() -> Any:
        return client.get(f"/jobs/{job.pk}/events")

    answers = [stream() for _ in range(views.MOST_STREAMS)]
    following = [iter(answer.streaming_content) for answer in answers]
    for one in following:
        assert next(one).startswith(b"retry: ")
    further = list(stream().streaming_content)
    assert len(further) == 2
    assert b'"waiting"' in further[1]
    first = following[0]
    assert b"event: step" in next(first)
    assert next(first) == b":\n\n", (
        "a word into a stream with nothing new, so that a browser that left is noticed"
    )
    answers[0].close()
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert [b"event: over" in part for part in stream().streaming_content] == [False, True]
    for one in following[1:]:
        assert b"event: over" in list(one)[-1]


@contextlib.contextmanager
def served(home: Path, *words: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The application served by its command on a free port; ended cleanly."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
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
    program = subprocess.Popen(
        [*command, *words], stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    try:
        yield port, program
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(timeout=30)
    assert program.returncode == 0


def answered(url: str, program: subprocess.Popen[bytes], context: ssl.SSLContext | None = None) -> Message:
    """The headers of an answer, once the server answers."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, context=context, timeout=5) as page:
                headers: Message = page.headers
                return headers
        except OSError:
            assert program.poll() is None
            time.sleep(0.1)
    pytest.fail("the server did not answer")


def test_served_for_real_over_tls(tmp_path: Path) -> None:
    """Two server processes of one home, TLS 1.3 with the office's own authority, and a clean end."""
    home = tmp_path / "home"
    Custody.create(home, org="Test Works", org_code="TW").close()
    made = certificates.make(tmp_path / "tls", ["localhost"], "TW")
    trust = ssl.create_default_context(cafile=str(made.authority))
    with served(home, "--workers", "2", "--certificate", str(made.certificate), "--key", str(made.key)) as (
        port,
        program,
    ):
        headers = answered(f"https://localhost:{port}/sign-in", program, trust)
        assert headers["Strict-Transport-Security"]
        assert "__Host-csrf" in headers["Set-Cookie"]


def test_connections_that_browsers_keep_hold_nobody_up(tmp_path: Path) -> None:
    """A hundred people's browsers keep six connections each, and the next person is answered."""
    home = tmp_path / "home"
    Custody.create(home, org="Test Works", org_code="TW").close()
    with served(home) as (port, program), contextlib.ExitStack() as kept:
        answered(f"http://127.0.0.1:{port}/healthz", program)
        for _ in range(600):
            line = http.client.HTTPConnection(
                "127.0.0.1", port, timeout=15
            )  # idle ones are closed after 30 s
            kept.callback(line.close)
            line.request("GET", "/healthz")
            assert line.getresponse().read()


def test_a_home_that_seals_what_it_traces_by_is_served_by_one_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    (tmp_path / "shares").mkdir()
    Custody.create(
        home, org="Test Works", org_code="TW", trace_shares=ShareOrder(2, 3, tmp_path / "shares")
    ).close()
    with pytest.raises(SystemExit) as refused:
        main(["--home", str(home), "web", "serve", "--workers", "2", "--port", "1"])
    assert refused.value.code == UsageProblem.exit_code
    assert "only the process that marked a page" in capsys.readouterr().err


def test_as_many_connections_as_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = dict[int, tuple[int, int]]()
    monkeypatch.setattr(serving.resource, "setrlimit", lambda what, limits: kept.update({what: limits}))
    for soft, hard, room, raised in (
        (1024, 524_288, 4096, (4608, 524_288)), (1024, 2048, 1536, (2048, 2048)), (1024, -1, 4096, (4608, -1)),
        (20_000, 20_000, 4096, None), (-1, -1, 4096, None), (1024, 1024, 512, (1024, 1024)),
    ):  # fmt: skip
        kept.clear()
        monkeypatch.setattr(serving.resource, "getrlimit", lambda _what, found=(soft, hard): found)
        assert serving.connections() == room
        assert kept.get(serving.resource.RLIMIT_NOFILE) == raised
    monkeypatch.setattr(serving.resource, "getrlimit", lambda _what: (256, 560))
    with pytest.raises(UsageProblem, match="may open 560 files"):
        serving.connections()
