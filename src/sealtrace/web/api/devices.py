"""Devices over the API: enrolled with a one-time code, listed, revoked."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status
from pydantic import Field

from sealtrace.errors import SealtraceError, SignatureRefused, TooManyRequests

from ..devices import service as devices
from ..devices.models import Device
from . import paging, signed, tokens
from .access import may
from .account import when
from .problems import REFUSALS, Problem
from .repeating import once
from .shapes import Devices, DeviceShape, Enrolled, EnrolOrder, RevokeOrder

router = Router(tags=["devices"])


def _shown(device: Device) -> dict[str, Any]:
    return {
        "number": device.pk, "code": device.code, "operator": device.operator.code, "kind": str(device.kind),
        "enrolled_at": when(device.enrolled_at), "last_seen_at": when(device.last_seen_at),
        "revoked_at": when(device.revoked_at), "entry": device.entry,
    }  # fmt: skip


@router.post("/devices", response={201: Enrolled, REFUSALS: Problem}, operation_id="enrol", auth=None)
def enrol(request: HttpRequest, order: EnrolOrder) -> Any:
    """Enrol a device with a one-time code; the request is signed by the new key, with the keyid "new"."""
    import base64

    ip: str = request.ip  # type: ignore[attr-defined]
    if not signed.strangers.may(ip):
        raise TooManyRequests("too many refused requests from this address")
    try:
        try:
            key = base64.b64decode(order.public_key, validate=True)
        except ValueError as e:
            raise SignatureRefused("the key is not base64") from e
        signed.check(request, key, "new", timezone.now())
        device, token = tokens.enrol(order.code, order.public_key, order.name, ip=ip, now=timezone.now())
    except SealtraceError:
        signed.strangers.refused(ip)
        raise
    return Status(201, {"device": device.code, "token": token, "operator": device.operator.code})


@router.get("/devices", response={200: Devices, REFUSALS: Problem}, operation_id="listDevices")
def listed(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None,
    operator: Annotated[str | None, Field(max_length=40)] = None,
) -> Any:  # fmt: skip
    """Enrolled devices, newest first; of one operator, or of all."""
    may(request, "device:list")
    rows = Device.objects.select_related("operator").order_by("-pk")
    rows = rows.filter(operator__code=operator) if operator else rows
    rows = rows.filter(pk__lt=before) if before is not None else rows
    kept = paging.page(request, response, list(rows[: limit + 1]), limit, lambda row: row.pk)
    return {"items": [_shown(row) for row in kept]}


@router.post(
    "/devices/{code}/revoke", response={200: DeviceShape, REFUSALS: Problem}, operation_id="revokeDevice"
)
def revoke(request: HttpRequest, code: Annotated[str, Field(max_length=20)], order: RevokeOrder) -> Any:
    """Revoke a device: nothing it signs counts from then on, and its sessions end."""
    found = may(request, "device:revoke")

    def act() -> tuple[int, dict[str, Any]]:
        done = devices.revoke(found.actor, code, reason=order.reason, now=timezone.now())
        return 200, _shown(done)

    return once(request, act)
