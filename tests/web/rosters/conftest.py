"""What tests of roster screening share: people under a restriction, and long work done at once."""

from __future__ import annotations

import pytest

from tests.web.own.scene import as_account, concerned, house

__all__ = ["as_account", "concerned", "house"]


@pytest.fixture(autouse=True)
def at_once(site, monkeypatch) -> None:
    """Long work is done before the answer."""
    from sealtrace.web.jobs import service
    from sealtrace.web.jobs.models import Job

    monkeypatch.setattr(service, "_submit", lambda pk: service.do(Job.objects.get(pk=pk)))
