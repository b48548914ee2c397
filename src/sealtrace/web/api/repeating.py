"""Do a request with an idempotency key once, however often it is sent.

The key is reserved before the work begins; its answer is kept with it. The same key for another request is refused.
A server killed between an act and keeping its answer does the act again when the request is repeated; the acts
themselves are made so that this harms nothing: copies, for one, are issued under the request's key.
Source: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Status

from sealtrace.errors import KeyReused, StillWorking, UsageProblem

from .access import caller
from .models import Kept

HEADER = "Idempotency-Key"
KEPT_FOR, LONGEST_WORK = timedelta(days=2), timedelta(minutes=10)


def _digest(request: HttpRequest) -> bytes:
    parts = (request.method or "", request.get_full_path(), request.headers.get("Content-Digest", ""))
    return hashlib.sha256("\0".join(parts).encode()).digest()


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise UsageProblem("an idempotency key has 1 to 255 printable characters")
    return key


def _alive(worker: str) -> bool:
    host, _, process = worker.rpartition(":")
    return host != os.uname().nodename or Path(f"/proc/{process}").exists()


def _reserve(request: HttpRequest, key: str) -> Kept | HttpResponse:
    now, operator = timezone.now(), caller(request).token.device.operator
    Kept.objects.filter(at__lt=now - KEPT_FOR).delete()
    me, digest = f"{os.uname().nodename}:{os.getpid()}", _digest(request)
    try:
        with transaction.atomic():
            return Kept.objects.create(operator=operator, key=key, digest=digest, worker=me, at=now)
    except IntegrityError:
        known = Kept.objects.get(operator=operator, key=key)
    if bytes(known.digest) != digest:
        raise KeyReused("this idempotency key was sent before with another request")
    if known.status:
        answer = HttpResponse(bytes(known.body), status=known.status, content_type=known.kind)
        answer.headers["Idempotent-Replayed"] = "true"
        return answer
    if _alive(known.worker) and now - known.at < LONGEST_WORK:
        raise StillWorking("the first request with this key is still being worked on")
    taken = Kept.objects.filter(pk=known.pk, status=0, worker=known.worker, at=known.at)
    if not taken.update(worker=me, at=now):
        raise StillWorking("the first request with this key is still being worked on")
    return known


def order_key(request: HttpRequest) -> str:
    """The key under which this request's copies are issued: the same for the same request, else one of its own."""
    key = _key(request)
    if key is None:
        return f"api:{secrets.token_hex(16)}"
    said = "\0".join((caller(request).actor.operator, key)).encode() + b"\0" + _digest(request)
    return f"api:{hashlib.sha256(said).hexdigest()}"


def once(request: HttpRequest, act: Callable[[], tuple[int, dict[str, Any]]]) -> Any:
    """Do an act that gives status and answer, or give the answer it had before. A refusal frees the key again.

    Raises:
        KeyReused: the key was sent with another request.
        StillWorking: the first one is not done.
    """
    key = _key(request)
    if key is None:
        return Status(*act())
    reserved = _reserve(request, key)
    if isinstance(reserved, HttpResponse):
        return reserved
    rows = Kept.objects.filter(pk=reserved.pk)
    try:
        status, answer = act()
    except BaseException:
        rows.delete()
        raise
    rows.update(status=status, kind="application/json; charset=utf-8", body=json.dumps(answer).encode())
    return Status(status, answer)
