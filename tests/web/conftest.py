"""One site for all tests of the application in a process, since Django reads its settings once.

The home is shared and only grows; tests make operators of their own and look for what they did themselves.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Custody]:
    """An open home with the application started on it."""
    from sealtrace.web import boot
    from sealtrace.web.site import Site

    home = tmp_path_factory.mktemp("web") / "home"
    with Custody.create(home, org="Yulong Rare Earth", org_code="YL") as custody:
        boot.start(Site(custody, boot.secret_key(custody), hosts=("localhost", "127.0.0.1", "testserver")))
        from django.test.utils import setup_test_environment

        setup_test_environment()  # so that an answer tells its template and context
        yield custody
        from django.db import connections

        connections.close_all()


@pytest.fixture(autouse=True)
def english() -> None:
    """What is asked outside a request answers in English, whatever language the last request spoke."""
    from django.conf import settings
    from django.utils import translation

    if settings.configured:
        translation.deactivate_all()


@pytest.fixture
def operator(site: Custody) -> Callable[..., Any]:
    """Make an operator with roles: `operator(Role.ISSUER, clearance="core")`."""

    def make(*roles: Role, clearance: str = "general", code: str | None = None) -> Any:
        from sealtrace.web.accounts import service

        name = code or f"op-{next(_numbers):04d}"
        return service.add_operator(name, "YL", roles, by="test", clearance=clearance)

    return make


@pytest.fixture
def client_of(operator: Callable[..., Any]) -> Callable[..., Any]:
    """A test client that is an enrolled device and signs its requests: `client_of(Role.ISSUER)`; see DeviceClient."""

    def make(*roles: Role, clearance: str = "general", language: str = "en") -> Any:
        from sealtrace.web.testing import DeviceClient

        client = DeviceClient(HTTP_ACCEPT_LANGUAGE=language)
        client.sign_in(operator(*roles, clearance=clearance))
        return client

    return make


@pytest.fixture(scope="session")
def address(site: Custody) -> Iterator[str]:
    """The site served for real on a free port of this machine."""
    from waitress.server import create_server

    from sealtrace.web.wsgi import application

    server = create_server(application, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the test run keeps its screenshots."""
    folder = Path("test-pictures")
    folder.mkdir(exist_ok=True)
    return folder
