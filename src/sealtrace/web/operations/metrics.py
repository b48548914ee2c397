"""Metrics for Prometheus. Nothing in them is personal: routes, counts and times."""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from .. import site

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 1.5, 2.5, 4.0, 10.0)
REQUESTS = Counter("sealtrace_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("sealtrace_request_seconds", "Time to answer.", ["route"], buckets=BUCKETS)
JOBS = Counter("sealtrace_jobs", "Long work ended.", ["kind", "state"])


def request(method: str, route: str, status: int, took_s: float) -> None:
    """Count one request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(took_s)


def job(kind: str, state: str) -> None:
    """Count one job that ended."""
    JOBS.labels(kind, state).inc()


class Standing(Collector):
    """What is asked anew at each scrape: the ledger's size, and the work that waits."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Prometheus' hook."""
        from ..jobs.models import Job

        entries = GaugeMetricFamily("sealtrace_ledger_entries", "Entries of the ledger.")
        entries.add_metric([], site.custody().office.ledger.size())
        yield entries
        waiting = GaugeMetricFamily("sealtrace_jobs_open", "Work waiting or running.", labels=["state"])
        for state in (Job.State.WAITING, Job.State.RUNNING):
            waiting.add_metric([state.value], Job.objects.filter(state=state).count())
        yield waiting


def exposition() -> bytes:
    """Everything in Prometheus' text format, of all worker processes where there are several."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + _standing()
    return generate_latest(REGISTRY) + _standing()


def _standing() -> bytes:
    registry = CollectorRegistry()
    registry.register(Standing())
    return generate_latest(registry)
