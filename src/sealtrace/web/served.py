"""What each server process runs: open the home as planned, start Django, answer requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import boot
from .plan import left


def application() -> Callable[..., Any]:
    """Make the WSGI application of this process."""
    from .operations import logs

    logs.begin()
    plan = left()
    boot.start(plan.site(plan.open()), migrate=False)
    from .api import webhooks
    from .jobs import service as jobs
    from .wsgi import application as made

    jobs.take_up()
    webhooks.follow()
    return made
