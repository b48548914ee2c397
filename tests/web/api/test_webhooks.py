"""Webhooks follow the ledger; a real receiver gets real messages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sealtrace.client import Client
from sealtrace.errors import TargetRefused
from sealtrace.hooks import signing
from sealtrace.policy.model import Role

Got = list[tuple[dict[str, str], bytes]]


@pytest.fixture
def receiver() -> Iterator[tuple[str, Got, list[int]]]:
    """A receiver on this machine: its address, what it got, and the statuses it answers with."""
    got: Got = []
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(answers.pop(0) if answers else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/in", got, answers
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_an_address_inside_the_house_is_refused(device: Callable[..., Client]) -> None:
    client = device(Role.TRACER)
    for url in ("https://127.0.0.1/x", "https://169.254.169.254/latest", "http://localhost:8000/"):
        with pytest.raises(TargetRefused):
            client.request("POST", "webhooks", json={"url": url, "events": ["*"]})


def test_events_of_the_ledger_reach_the_receiver_signed_and_once(
    device: Callable[..., Client],
    receiver: tuple[str, Got, list[int]],
    monkeypatch: pytest.MonkeyPatch,
    sheet: Any,
) -> None:
    from ipaddress import ip_network

    from django.utils import timezone

    from sealtrace.web.api import webhooks
    from sealtrace.web.api.models import Delivery

    url, got, answers = receiver
    monkeypatch.setattr(webhooks, "networks", lambda: [ip_network("127.0.0.0/8")])
    client = device(Role.TRACER, Role.REGISTRAR)
    made = client.request("POST", "webhooks", json={"url": url, "events": ["file:registered"]}).json()
    client.register([sheet])
    now = timezone.now()
    webhooks.collect(now)
    assert webhooks.collect(now) == 0  # nothing twice

    answers.append(500)
    mine = Delivery.objects.get(webhook__key=made["id"])  # one, of all that happened
    webhooks.deliver(mine, now)
    again = Delivery.objects.get(pk=mine.pk)
    assert (again.state, again.tries, again.status) == ("waiting", 1, 500)
    assert again.next_at > now
    assert mine.pk not in [d.pk for d in webhooks.due(now)]
    later = now + timedelta(minutes=1)
    [due] = [d for d in webhooks.due(later) if d.pk == mine.pk]
    assert webhooks.take(due, later)
    assert not webhooks.take(due, later)  # one worker sends it
    webhooks.deliver(due, later)
    assert Delivery.objects.get(pk=mine.pk).state == "done"

    assert len(got) == 2
    (fields, body), (_, same) = got
    assert body == same
    assert signing.verify(made["secret"], fields, body, now) == f"msg_{made['id']}_{mine.entry}"
    log = client.request("GET", f"webhooks/{made['id']}/deliveries").json()["items"]
    assert [(d["event"], d["tries"], d["status"]) for d in log] == [("file:registered", 2, 204)]
    client.request("DELETE", f"webhooks/{made['id']}")
    assert client.request("GET", "webhooks").json()["items"] == []


def test_a_receiver_that_never_answers_is_given_up(
    device: Callable[..., Client], receiver: tuple[str, Got, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipaddress import ip_network

    from django.utils import timezone

    from sealtrace.web.api import webhooks
    from sealtrace.web.api.models import Delivery, Webhook

    monkeypatch.setattr(webhooks, "networks", lambda: [ip_network("127.0.0.0/8")])
    client = device(Role.TRACER)
    made = client.request("POST", "webhooks", json={"url": receiver[0], "events": ["*"]}).json()
    now = timezone.now()
    hook = Webhook.objects.get(key=made["id"])
    row = Delivery.objects.create(webhook=hook, event="leak:traced", entry=0, next_at=now, at=now)

    def refuse(*_: Any) -> int:
        raise ConnectionRefusedError(111, "refused")

    for _ in range(len(webhooks.PAUSES_S) + 1):
        row = Delivery.objects.select_related("webhook").get(pk=row.pk)
        assert row.state == "waiting"
        webhooks.deliver(row, row.next_at, send=refuse)
    row = Delivery.objects.get(pk=row.pk)
    assert (row.state, row.tries) == ("given-up", len(webhooks.PAUSES_S) + 1)
    assert "refused" in row.problem
