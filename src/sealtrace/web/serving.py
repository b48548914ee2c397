"""Serve the application: Granian, a Rust server that runs WSGI on threads in one or more processes.

Chosen by measurement (benchmarks/serving.py) and for what it has built in: TLS 1.3, HTTP/2, processes that are
started again. Server-sent events hold a thread each, so there are more threads than cores.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from .plan import Plan

THREADS, BACKPRESSURE = 32, 256


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, with how many processes, and the certificate of TLS."""

    host: str
    port: int
    workers: int = 1
    certificate: Path | None = None
    key: Path | None = None


def prepare(plan: Plan) -> None:
    """Bring the tables up to date, once, before any server process starts; in a process of its own, since Django
    and the home's connections must not be there when server processes split off.

    Raises what opening the home raises.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        apart.submit(_prepare, plan).result()


def _prepare(plan: Plan) -> None:
    from . import boot

    with plan.open() as custody:
        boot.start(plan.site(custody))


def serve(plan: Plan, listen: Listen) -> None:
    """Serve until interrupted."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    plan.leave()
    Server(
        "sealtrace.web.served:application",
        factory=True,
        address=listen.host,
        port=listen.port,
        interface=Interfaces.WSGI,
        workers=listen.workers,
        blocking_threads=THREADS,
        backpressure=BACKPRESSURE,
        websockets=False,
        log_level=LogLevels.error,
        ssl_cert=listen.certificate,
        ssl_key=listen.key,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    ).serve()
