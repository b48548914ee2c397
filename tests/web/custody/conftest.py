"""A registered file with copies out, and long work done at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sealtrace.content.kinds import Kind
from sealtrace.content.pages import render
from sealtrace.custody.model import IssuedCopy, Recipient, RegisteredFile
from sealtrace.custody.service import Custody

from ...conftest import spec_bytes


@dataclass(frozen=True)
class Office:
    """What stands in the shared home: a file, its copies, a copy's bytes and a screenshot of one of its pages."""

    file: RegisteredFile
    copies: list[IssuedCopy]
    copy: IssuedCopy
    copy_bytes: bytes
    screenshot: bytes


@pytest.fixture(scope="session")
def office(site: Custody, tmp_path_factory: pytest.TempPathFactory) -> Office:
    from PIL import Image

    folder = tmp_path_factory.mktemp("office")
    original = folder / "spec.pdf"
    original.write_bytes(spec_bytes(71))
    [file] = site.register([original], level="important", title="Extraction of heavy rare earths")
    people = [Recipient(f"op-{i:03d}", f"dev-{i}", f"10.20.3.{i}") for i in range(1, 9)]
    copies = site.issue_many(f"{file.code}@1", people, folder / "copies")
    copy = copies[4]
    assert copy.path is not None
    page = render(copy.path, Kind.PDF, 1)
    Image.fromarray(page).save(folder / "screenshot.jpg", quality=85)
    return Office(file, copies, copy, copy.path.read_bytes(), (folder / "screenshot.jpg").read_bytes())


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, site: Custody) -> None:
    """Do long work where it is started."""
    from sealtrace.web.jobs import service
    from sealtrace.web.jobs.models import Job

    monkeypatch.setattr(service, "_submit", lambda pk: service.do(Job.objects.get(pk=pk)))


@pytest.fixture(scope="session")
def answered(site: Custody, office: Office) -> str:
    """The id of a screenshot's trace, which op-555 brought for case k-7."""
    from sealtrace.policy.model import Actor
    from sealtrace.web.custody import tracing
    from sealtrace.web.custody.intake import Kept, vault
    from sealtrace.web.custody.models import Leak
    from sealtrace.web.jobs import service
    from sealtrace.web.jobs.models import Job

    stored = vault().put_bytes(office.screenshot)
    piece = Kept("shot.jpg", stored.sha256.hex(), stored.size_bytes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "_submit", lambda pk: service.do(Job.objects.get(pk=pk)))
        leak = tracing.take(Actor("op-555", "dev-555", "10.20.1.8"), [piece], ground="k-7")
    return str(Leak.objects.get(pk=leak.pk).trace)


@pytest.fixture
def page_of() -> Callable[..., str]:
    """Follow a response's redirects within the site and give the page."""

    def follow(client: Any, response: Any) -> str:
        for _hop in range(4):
            if response.status_code != 302:
                break
            response = client.get(response["Location"])
        assert response.status_code == 200, response.content.decode()[:400]
        return str(response.content.decode())

    return follow


def upload(name: str, data: bytes) -> Any:
    """A file of a form."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, data)


def home_of(site: Custody) -> Path:
    """The folder of the shared home."""
    return site.office.home.folder
