"""How far a job is: as a page part, and as a stream of server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from threading import BoundedSemaphore

from django.db import close_old_connections
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from ..accounts.may import acting, may
from .models import Job

POLL_S = 0.25
LONGEST_S = 300.0
BEAT_S = 5.0  # a word into the open stream, so that a browser that left is noticed
MOST_STREAMS = 12  # of a server process at once: each holds one of its threads
AGAIN_MS = 2000  # when a browser without a stream asks again

_open = BoundedSemaphore(MOST_STREAMS)


def own_job(request: HttpRequest, pk: int) -> Job:
    """A job of the person who asks; another's is not found."""
    job = Job.objects.filter(pk=pk, operator=acting(request).operator).first()
    if job is None:
        raise Http404
    return job


@may("home:see")
@require_GET
def events(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Stream the job's state until it is over; the browser asks again when the stream ends before.

    While MOST_STREAMS are open, a further one tells the state once and ends, so that people who wait for their work
    never keep others from theirs.
    """
    own_job(request, pk)
    response = StreamingHttpResponse(_stream(pk), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _stream(pk: int) -> Iterator[bytes]:
    stays = _open.acquire(blocking=False)
    try:
        yield f"retry: {AGAIN_MS}\n\n".encode()
        yield from _states(pk, LONGEST_S if stays else 0.0)
    finally:
        if stays:
            _open.release()
        close_old_connections()


def _states(pk: int, seconds: float) -> Iterator[bytes]:
    begun = spoken = time.monotonic()
    shown = None
    while True:
        job, now = Job.objects.get(pk=pk), time.monotonic()
        state = {"state": job.state, "stage": job.stage, "done": job.done, "total": job.total}
        if state != shown:
            shown, spoken = state, now
            yield f"event: {'over' if job.over else 'step'}\ndata: {json.dumps(state)}\n\n".encode()
        elif now - spoken > BEAT_S:
            spoken = now
            yield b":\n\n"
        if job.over or now - begun >= seconds:
            return
        time.sleep(POLL_S)
