"""The queue's side of long work, for sites with separate worker processes: procrastinate on PostgreSQL.

The queue gives each job to one worker; the job's row holds what it is and what came of it, as in one process.
"""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .models import Job


@app.task(name="sealtrace.job", retry=RetryStrategy(max_attempts=3, wait=5))
def run(pk: int) -> None:
    """Do one job."""
    from . import service

    close_old_connections()
    try:
        service.do(Job.objects.get(pk=pk))
    finally:
        close_old_connections()
