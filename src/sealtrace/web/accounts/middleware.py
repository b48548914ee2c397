"""Say on each request who acts: operator, device, address, roles."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse

from sealtrace.policy.model import Actor, DeviceState

from .. import site

NOBODY_DEVICE = "none"
CONFIRMED_S = 300


def actor(following: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put an Actor on the request as `request.actor`; None when nobody is signed in."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request)  # type: ignore[attr-defined]
        return following(request)

    return handle


def actor_of(request: HttpRequest) -> Actor | None:
    """Who asks, or None."""
    user = request.user
    if not user.is_authenticated:
        return None
    ip: str = request.ip  # type: ignore[attr-defined]
    return Actor(
        operator=user.code,
        device=request.session.get("device", NOBODY_DEVICE),
        ip=ip,
        organisation=user.organisation.code,
        roles=user.roles(),
        clearance=user.clearance,
        device_state=DeviceState(request.session.get("device_state", DeviceState.UNKNOWN)),
        stepped_up=time.time() - request.session.get("confirmed_at", 0) < CONFIRMED_S,
        internal=any(ip_address(ip) in network for network in site.current().internal),
    )
