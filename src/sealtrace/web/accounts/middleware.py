"""Say on each request who acts: operator, device, address, roles; and believe an unsafe request only when signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sealtrace.errors import HomeLocked, SealtraceError, SignatureRefused, StorageFailed
from sealtrace.policy.model import Actor, DeviceState, Subject

from .. import site
from . import exemptions, sittings
from .models import Sitting

NOBODY_DEVICE = "none"
UNSIGNED = frozenset({"sign-out", "set_language", "sign-in", "enrol"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def device_state(sitting: Sitting, now: datetime) -> DeviceState:
    """Enrolled only while the device signed within the last minutes."""
    if sitting.device is None:
        return DeviceState.UNKNOWN
    if sitting.device.revoked_at is not None:
        return DeviceState.REVOKED
    return DeviceState.ENROLLED if sittings.is_proved(sitting, now) else DeviceState.UNKNOWN


def actor_of(request: HttpRequest, sitting: Sitting, now: datetime) -> Actor:
    """Who asks."""
    ip: str = request.ip  # type: ignore[attr-defined]
    operator, here = sitting.operator, site.current()
    return Actor(
        operator=operator.code,
        device=sitting.device.code if sitting.device else NOBODY_DEVICE,
        ip=ip,
        organisation=operator.organisation.code,
        roles=operator.roles(now),
        clearance=operator.clearance,
        device_state=device_state(sitting, now),
        internal=any(ip_address(ip) in network for network in here.internal),
        bound=bool(here.internal),
        stepped_up=sittings.is_confirmed(sitting, now),
        purpose=str(request.session.get("purpose", "")),
        exemptions=exemptions.in_force(operator.code, now),
        within_hours=within(here.extra.get("hours", ""), timezone.localtime(now)),
        advises=site.advises(operator.organisation.code),
    )


def within(hours: str, local: datetime) -> bool:
    """Whether a local time is inside hours such as 07:00-19:30; always, when there are none."""
    begin, _, end = hours.partition("-")
    return not end or begin <= f"{local:%H:%M}" < end


class actor:  # noqa: N801 (a middleware is named like the functions beside it)
    """Put an Actor on the request as `request.actor` and its sitting as `request.sitting`; None for nobody."""

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find out who asks, then pass the request on."""
        now = timezone.now()
        sitting = sittings.current(request, now)
        request.sitting = sitting  # type: ignore[attr-defined]
        request.actor = actor_of(request, sitting, now) if sitting else None  # type: ignore[attr-defined]
        return self.following(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_arguments: Any
    ) -> HttpResponse | None:
        """Django's hook: refuse an unsafe request that the session's device did not sign; its signature renews
        the device's proof. A page whose device has not signed for a while is shown after it has.
        """
        sitting: Sitting | None = request.sitting  # type: ignore[attr-defined]
        match = request.resolver_match
        name = match.url_name if match else None
        if sitting is None or sitting.device is None or getattr(view, "unsigned", False) or name in UNSIGNED:
            return None
        now = timezone.now()
        if request.method not in SAFE:
            from ..devices import service as devices

            try:
                devices.check_request(request, sitting.device, now)
                sittings.prove(sitting, now)
            except OperationalError as e:
                from ..frame.views import refused

                # a nonce that can't be kept could count twice: nothing is done
                kind = (
                    HomeLocked if "locked" in str(e) else StorageFailed
                )  # SQLite's own word for a busy database
                return refused(request, kind(f"the request's signature can't be noted: {e}"))
            except SignatureRefused as e:
                cut_off: SealtraceError | None = getattr(request, "cut_off", None)
                if cut_off is not None:  # only a part of the form arrived; its signature is of the whole
                    from ..frame.views import refused

                    return refused(request, cut_off)
                from ..audit import service as audit
                from ..audit.models import Line
                from ..frame.views import refused

                who = actor_of(request, sitting, now)
                audit.keep(
                    Line.Kind.DENIED, who, "device:sign", Subject("Address", request.path), "", now=now
                )
                return refused(request, e)
            sitting.proved_at = now
            request.actor = actor_of(request, sitting, now)  # type: ignore[attr-defined]
        elif not sittings.is_proved(sitting, now) and name != "device-proof" and _is_page(request):
            from .may import elsewhere

            return elsewhere(request, "device-proof")
        return None


def _is_page(request: HttpRequest) -> bool:
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"
