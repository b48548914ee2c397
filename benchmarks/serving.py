"""Which server carries the application: Granian and waitress side by side, same process count, same page.

./run bench serving [--seconds 8] [--clients 16]

Each answers the sign-in page (a template, no database) and /healthz in turn, a short turn each, in the same minute.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sealtrace.custody.service import Custody
from sealtrace.web.plan import Plan

SERVERS = {
    "granian": """
from sealtrace.web.serving import Listen, serve
from sealtrace.web.plan import left
serve(left(), Listen("127.0.0.1", {port}))
""",
    "waitress": """
from waitress import serve
from sealtrace.web.served import application
serve(application(), host="127.0.0.1", port={port}, threads=32)
""",
}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, until: float, took: list[float]) -> None:
    """One client: a connection that is kept, one request after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while time.perf_counter() < until:
        begun = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Language": "en"})
        connection.getresponse().read()
        took.append(time.perf_counter() - begun)
    connection.close()


def load(port: int, path: str, seconds: float, clients: int) -> list[float]:
    """Many clients at a time; the seconds of each answer."""
    took: list[float] = []
    until = time.perf_counter() + seconds
    threads = [threading.Thread(target=ask, args=(port, path, until, took)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def main() -> None:
    """Run from the command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=4)
    words.add_argument("--clients", type=int, default=16)
    told = words.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {told.clients} clients"
    )
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        Custody.create(home, org="Bench", org_code="BE").close()
        plan = Plan(str(home))
        from sealtrace.web.serving import prepare

        prepare(plan)
        plan.leave()
        running = {}
        for name, code in SERVERS.items():
            port = free_port()
            program = subprocess.Popen(
                [sys.executable, "-c", code.format(port=port)], stderr=subprocess.DEVNULL
            )
            running[name] = (port, program)
        for port, _ in running.values():
            while socket.socket().connect_ex(("127.0.0.1", port)):
                time.sleep(0.1)
        results: dict[tuple[str, str], list[float]] = {}
        for _turn in range(2):
            for path in ("/healthz", "/sign-in"):
                for name, (port, _) in running.items():
                    results.setdefault((name, path), []).extend(
                        load(port, path, told.seconds / 2, told.clients)
                    )
        for _, program in running.values():
            program.terminate()
        for (name, path), took in results.items():
            rate, middle, p95 = (
                len(took) / told.seconds,
                statistics.median(took),
                statistics.quantiles(took, n=20)[-1],
            )
            print(
                f"{name:9} {path:9} {rate:7,.0f}/s   median {middle * 1e3:6.1f} ms   p95 {p95 * 1e3:6.1f} ms"
            )


if __name__ == "__main__":
    main()
