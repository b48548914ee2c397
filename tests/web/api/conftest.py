"""Devices that really enrol at the served site and speak to it through the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sealtrace.client import Client, DeviceKey
from sealtrace.policy.model import Role


@pytest.fixture(autouse=True)
def forgotten_strangers(site: Any) -> None:
    from sealtrace.web.api import signed

    signed.strangers.__init__()  # type: ignore[misc]  # each test begins unknown


@pytest.fixture
def device(operator: Callable[..., Any], address: str) -> Iterator[Callable[..., Client]]:
    """An enrolled device: `device(Role.TRACER, scopes=("leak:trace",))`; without scopes it has all that matter."""
    opened: list[Client] = []

    def make(*roles: Role, scopes: tuple[str, ...] = (), clearance: str = "core", **options: Any) -> Client:
        from django.utils import timezone

        from sealtrace.web.accounts import service as accounts
        from sealtrace.web.api import tokens
        from sealtrace.web.devices.models import Device

        who = operator(*roles, clearance=clearance)
        client = Client(address, key=DeviceKey.generate(), sleep=lambda _s: _pause(), **options)
        opened.append(client)
        code, _ = client.enrol(accounts.invite(who, by="test"))
        given = scopes or ("file:*", "copy:*", "leak:trace", "leak:see", "evidence:export", "ledger:see", "home:see",
                           "licence:*", "watch:score", "webhook:manage", "subject:erase", "audit:see")  # fmt: skip
        enrolled = Device.objects.select_related("operator").get(code=code)
        client._token = tokens.give(enrolled, given, by="test", now=timezone.now())
        client.operator = who  # type: ignore[attr-defined]
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def _pause() -> None:
    import threading

    threading.Event().wait(0.02)  # between two looks at a job that real threads are doing


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A text that can be registered and traced."""
    path = tmp_path / "procedure.txt"
    lines = [f"Step {n}: raise stage {n} of circuit B to {40 + n} degrees and hold it." for n in range(40)]
    path.write_text("\n".join(lines) + f"\n{tmp_path.name}\n")
    return path
