"""Serve the application on one address."""

from __future__ import annotations

from .jobs import service as jobs

CONNECTIONS = 1000  # browsers keep theirs open between pages: many more than are being answered


def serve(host: str, port: int) -> None:
    """Serve until interrupted."""
    from waitress import serve as run

    from .wsgi import application

    jobs.take_up()
    run(application, host=host, port=port, threads=16, connection_limit=CONNECTIONS, ident=None)
