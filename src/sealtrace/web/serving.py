"""Serve the application on one address."""

from __future__ import annotations

from .jobs import service as jobs


def serve(host: str, port: int) -> None:
    """Serve until interrupted."""
    from waitress import serve as run

    from .api import webhooks
    from .wsgi import application

    jobs.take_up()
    webhooks.follow()
    run(application, host=host, port=port, threads=16, ident=None)
