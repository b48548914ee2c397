"""Serve the application: Granian, a Rust server that runs WSGI on threads in one or more processes.

Chosen by measurement (benchmarks/serving.py) and for what it has built in: TLS 1.3, HTTP/2, processes that are
started again. Server-sent events hold a thread each, so there are more threads than cores.
"""

from __future__ import annotations

import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from sealtrace.errors import UsageProblem

from .plan import Plan

THREADS = 32
CONNECTIONS = 4096
"""Kept connections of a process: what Granian calls backpressure counts a connection for as long as it is open, asked
on or not, and one more than that waits unanswered until another closes. A browser keeps up to six."""
FEWEST_CONNECTIONS = 64
OWN_FILES = 512  # of a process: databases, files of the vault, pipes of workers


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


def connections() -> int:
    """How many connections a process may keep; raises its own limit of open files as far as it may.

    Raises UsageProblem when the limit leaves hardly any.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted, unlimited = CONNECTIONS + OWN_FILES, resource.RLIM_INFINITY
    if soft != unlimited and soft < wanted:
        soft = wanted if hard == unlimited else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = CONNECTIONS if soft == unlimited else min(CONNECTIONS, soft - OWN_FILES)
    if room < FEWEST_CONNECTIONS:
        raise UsageProblem(
            f"this process may open {soft} files, too few to keep connections",
            advice=f"Raise the limit to {wanted} (LimitNOFILE= of the unit, or `ulimit -n`).",
        )
    return room


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
        backpressure=connections(),
        websockets=False,
        log_level=LogLevels.error,
        ssl_cert=listen.certificate,
        ssl_key=listen.key,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    ).serve()
