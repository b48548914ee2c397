"""Believe a request: its token, the signature of the token's device, that it comes once and not too often."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from datetime import datetime, timedelta

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, UnreadablePostError

from sealtrace.errors import InputTooLarge, SignatureRefused, TooManyRequests

from ..devices import signatures
from ..devices.models import Device
from .models import Seen

PER_MINUTE = 600
REFUSALS_PER_MINUTE = 60
STREAMED = "application/octet-stream"
COVERED_IF_SENT = ("authorization", "idempotency-key")
_SWEEP_ONE_IN = 64


def headers_of(request: HttpRequest) -> dict[str, str]:
    """The request's headers by lower-case name."""
    return {name.lower(): value for name, value in request.headers.items()}


def check(request: HttpRequest, public_key: bytes, keyid: str, now: datetime) -> signatures.Signed:
    """Check that the holder of a key signed this request, with everything that matters in it.

    A streamed body's digest is compared when it has been read; any other body's here.

    Raises:
        SignatureRefused: it is not signed, stale, or the signature covers too little.
        InputTooLarge: the body is larger than a form may be.
    """
    headers = headers_of(request)
    signed = signatures.read(headers.get("signature-input", ""), headers.get("signature", ""))
    has_body = int(headers.get("content-length") or 0) > 0 or "transfer-encoding" in headers
    needed = {*signatures.COVERED, *(name for name in COVERED_IF_SENT if name in headers)}
    needed |= {signatures.BODY} if has_body else set()
    if not needed <= set(signed.components):
        raise SignatureRefused(f"the signature must cover {', '.join(sorted(needed))}")
    if signed.keyid != keyid:
        raise SignatureRefused("the signature names another device than the token belongs to")
    if not signatures.is_fresh(signed, now):
        raise SignatureRefused(
            "the signature is older than five minutes, or from the future",
            advice="Set the clock of the device right and send it again.",
        )
    query = request.META.get("QUERY_STRING", "")
    values = {**headers, "@method": request.method or "", "@path": request.get_full_path().partition("?")[0]}
    values["@query"] = f"?{query}"
    signatures.check(
        public_key, signatures.base(signed.components, values, signed.parameters), signed.signature
    )
    whole = has_body and request.content_type != STREAMED
    if whole and signatures.content_digest(body_of(request)) != headers.get(signatures.BODY, "").strip():
        raise SignatureRefused("the body is not what was signed")
    return signed


def body_of(request: HttpRequest) -> bytes:
    """The whole body of a request that is no upload. Raises InputTooLarge, SignatureRefused when it broke off."""
    try:
        return request.body
    except RequestDataTooBig as e:
        raise InputTooLarge("the request is larger than 2.5 MiB", advice="Send files by /uploads.") from e
    except UnreadablePostError as e:
        raise SignatureRefused("the body broke off") from e


def once(device: Device, nonce: str, now: datetime) -> None:
    """Let a nonce count, and the device ask so often.

    Raises:
        SignatureRefused: the request was sent before.
        TooManyRequests: more than PER_MINUTE in the last minute.
    """
    if secrets.randbelow(_SWEEP_ONE_IN) == 0:
        Seen.objects.filter(at__lt=now - 2 * signatures.FRESH).delete()
    if Seen.objects.filter(device=device, at__gt=now - timedelta(minutes=1)).count() >= PER_MINUTE:
        raise TooManyRequests(f"more than {PER_MINUTE} requests in a minute from this device")
    try:
        with transaction.atomic():
            Seen.objects.create(device=device, nonce=hashlib.sha256(nonce.encode()).hexdigest(), at=now)
    except IntegrityError as e:
        raise SignatureRefused("this request was sent before") from e


class Strangers:
    """Counts refused requests by address in this process, so that tokens can't be tried out quickly."""

    def __init__(self, per_minute: int = REFUSALS_PER_MINUTE, most: int = 4096) -> None:
        self._per_minute, self._most, self._lock = per_minute, most, threading.Lock()
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def may(self, ip: str) -> bool:
        """Whether an address may try at all."""
        with self._lock:
            began, count = self._seen.get(ip, (0.0, 0))
            return time.monotonic() - began > 60 or count < self._per_minute

    def refused(self, ip: str) -> None:
        """Count one refusal."""
        with self._lock:
            began, count = self._seen.pop(ip, (0.0, 0))
            now = time.monotonic()
            self._seen[ip] = (now, 1) if now - began > 60 else (began, count + 1)
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)


strangers = Strangers()
