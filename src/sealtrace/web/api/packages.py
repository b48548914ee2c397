"""Packages for outsiders over the API: the same way as on the screens; the code is in one answer, and kept nowhere."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field

from sealtrace.custody.model import Recipient, entry_dict
from sealtrace.custody.outgoing import handing
from sealtrace.custody.outgoing import receipt as receipts
from sealtrace.ids import CopyId, VersionRef

from .. import site
from ..custody import packaging
from . import paging
from .access import may
from .orders import order_dict
from .problems import REFUSALS, Problem
from .repeating import once, order_key
from .shapes import OrderShape, PackageMade, PackageOrder, Packages, PackageShape, ReceiptOrder, Received

router = Router(tags=["packages"])
CopyKey = Annotated[str, Field(max_length=40)]


@router.post("/packages", response={202: OrderShape, REFUSALS: Problem}, operation_id="orderPackage")
def place(request: HttpRequest, order: PackageOrder) -> Any:
    """Order a package for an outsider. One of an important or core file waits for a second person's approval."""
    found = may(request, "package:order")
    ref, outsider = (
        str(site.custody().version(VersionRef.parse(order.file)).ref),
        Recipient(order.operator, order.device, order.ip),
    )

    def act() -> tuple[int, dict[str, Any]]:
        made = packaging.place(
            found.actor, ref, outsider, organisation=order.organisation, purpose=order.purpose, until=order.until,
            undertaking=order.undertaking, now=timezone.now(), key=order_key(request),
        )  # fmt: skip
        return 202, order_dict(made)

    return once(request, act)


@router.post(
    "/orders/{number}/package",
    response={200: PackageMade, REFUSALS: Problem},
    operation_id="makePackage",
    by_alias=True,
)
def make(request: HttpRequest, number: Annotated[int, Field(ge=1, le=1 << 62)]) -> Any:
    """Make an order's package, once. The code that opens it is in this answer alone: no key brings it again."""
    found = may(request, "package:hand-over")
    made = packaging.make(found.actor, packaging.find(number))
    return {"copy": made.copy.as_dict(), "code": made.code}


@router.get(
    "/packages", response={200: Packages, REFUSALS: Problem}, operation_id="listPackages", by_alias=True
)
def listed(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None
) -> Any:
    """Packages, newest first: how far each has come."""
    may(request, "package:list")
    rows = handing.listed(site.custody().office, before, limit + 1)
    kept = paging.page(request, response, rows, limit, lambda row: row.copy.entry.index)
    return {"items": [row.as_dict() for row in kept]}


@router.post(
    "/packages/receipts",
    response={200: Received, REFUSALS: Problem},
    operation_id="receivePackage",
    by_alias=True,
)
def receive(request: HttpRequest, order: ReceiptOrder) -> Any:
    """Bring a package's receipt back, as the text that its page made; the same receipt again gives its entry."""
    may(request, "package:receive")
    read = receipts.read(order.text)
    entry = receipts.register(site.custody().office, read)
    return {"copy": str(read.copy), "name": read.name, "signed_at": read.at, "entry": entry_dict(entry)}


@router.get(
    "/packages/{copy_id}",
    response={200: PackageShape, REFUSALS: Problem},
    operation_id="showPackage",
    by_alias=True,
)
def show(request: HttpRequest, copy_id: CopyKey) -> Any:
    """One package: whom it is for, under what, how far it has come, its receipt."""
    may(request, "package:list")
    return handing.show(site.custody().office, CopyId.parse(copy_id)).as_dict()


@router.post(
    "/packages/{copy_id}/content", response={REFUSALS: Problem}, operation_id="takePackage",
    openapi_extra={"responses": {200: {"description": "The package, one HTML file.", "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }}}},
)  # fmt: skip
def content(request: HttpRequest, copy_id: CopyKey) -> Any:
    """The package's bytes, to who ordered it, once. The handing over is an entry before the first byte goes."""
    found, copy = may(request, "package:hand-over"), CopyId.parse(copy_id)
    return FileResponse(
        packaging.hand_over(found.actor, copy), as_attachment=True, filename=f"package-{copy}.html",
        content_type="application/octet-stream",
    )  # fmt: skip
