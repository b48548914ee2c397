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


@pytest.fixture(scope="session")
def extracts(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Traces of two extracts of one table's copy, by how much they show: `large` name together, `small` do not."""
    import numpy as np

    from sealtrace.content.tables import delimited
    from sealtrace.custody.model import Recipient
    from sealtrace.testing import tables as attacks

    from ..custody.test_tables import as_csv

    folder, table = tmp_path_factory.mktemp("extracts"), attacks.readings(np.random.default_rng(27), 240, 8)
    (folder / "run.csv").write_text(as_csv(table), "utf-8")
    [file] = site.register(
        [folder / "run.csv"], title="Readings of line 3", uncertainty=attacks.uncertainties(table)
    )
    people = [Recipient(f"op-t{i}", f"dev-t{i}", f"10.20.7.{i}") for i in range(1, 5)]
    path = site.issue_many(f"{file.code}@1", people, folder / "copies")[2].path
    assert path is not None
    [copy] = delimited.read(path)
    found: dict[str, list[str]] = {"large": [], "small": []}
    for name, at, rows in (("large", 0, 90), ("large", 100, 90), ("small", 20, 8), ("small", 200, 8)):
        leak = folder / f"{at}.csv"
        leak.write_text(as_csv(attacks.of_numbers(copy.numbers[at : at + rows, 1:]), header=False), "utf-8")
        found[name].append(
            site.trace([leak], chance=1e-300).trace
        )  # so sure that none names anybody by itself
    return found
