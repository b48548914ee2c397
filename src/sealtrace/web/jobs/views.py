"""How far a job is: as a page part, and as a stream of server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from django.db import close_old_connections
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from ..accounts.may import acting, may
from .models import Job

POLL_S = 0.25
LONGEST_S = 300.0


def own_job(request: HttpRequest, pk: int) -> Job:
    """A job of the person who asks; another's is not found."""
    job = Job.objects.filter(pk=pk, operator=acting(request).operator).first()
    if job is None:
        raise Http404
    return job


@may("home:see")
@require_GET
def events(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Stream the job's state until it is over; the browser asks again when the stream ends before."""
    own_job(request, pk)
    response = StreamingHttpResponse(_stream(pk), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _stream(pk: int) -> Iterator[bytes]:
    begun, shown = time.monotonic(), None
    while time.monotonic() - begun < LONGEST_S:
        job = Job.objects.get(pk=pk)
        state = {"state": job.state, "stage": job.stage, "done": job.done, "total": job.total}
        if state != shown:
            shown = state
            yield f"event: {'over' if job.over else 'step'}\ndata: {json.dumps(state)}\n\n".encode()
        if job.over:
            break
        time.sleep(POLL_S)
    close_old_connections()
