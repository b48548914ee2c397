"""Copies over the API: issue, list, show, take."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from sealtrace.content.kinds import Kind
from sealtrace.custody import knowing, store
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.errors import NotRegistered, SecondPersonNeeded
from sealtrace.ids import CopyId, VersionRef
from sealtrace.marks import notice

from .. import site
from ..custody import ordering
from ..jobs import service as jobs
from . import paging, works
from .access import Caller, allowed, caller, may
from .problems import REFUSALS, Problem
from .repeating import once, order_key
from .shapes import Copies, CopyShape, IssueOrder, JobShape

router = Router(tags=["copies"])


@router.post("/copies", response={202: JobShape, REFUSALS: Problem}, operation_id="issueCopies")
def issue(request: HttpRequest, order: IssueOrder) -> Any:
    """Issue one marked copy to each recipient at once. Core files need a second person: order those with /orders."""
    found = may(request, "copy:issue")
    version = site.custody().version(VersionRef.parse(order.file))
    if ordering.needs_second(version):
        raise SecondPersonNeeded(
            f"{version.ref} is of core level; its copies need a second person's approval",
            advice="Order them with POST /api/v1/orders, or on the page Issue.",
        )
    knowing.require_purpose(site.custody().office, order.purpose)
    recipients = [Recipient(r.operator, r.device, r.ip) for r in order.recipients]
    arguments = {
        "file": str(version.ref), "purpose": order.purpose, "key": order_key(request),
        "recipients": [{"operator": r.operator, "device": r.device, "ip": r.ip} for r in recipients],
    }  # fmt: skip
    return once(request, lambda: (202, works.job_dict(jobs.start(works.ISSUE, found.actor, arguments))))


def _page(
    request: HttpRequest, response: HttpResponse, limit: int, before: int | None, *, version: int | None = None,
    operator: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    office = site.custody().office
    subject = office.subjects.token("operator", operator) if operator else None
    rows = store.newest_copies(office.db, before, limit + 1, version=version, subject=subject)
    kept = paging.page(request, response, rows, limit, lambda row: row.entry)
    return {"items": [site.custody().copy(row.id).as_dict() for row in kept]}


@router.get("/copies", response={200: Copies, REFUSALS: Problem}, operation_id="listCopies")
def list_copies(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None,
    file: Annotated[str | None, Field(max_length=40)] = None,
    operator: Annotated[str | None, Field(max_length=200)] = None,
) -> Any:  # fmt: skip
    """Copies of a version (CODE or CODE@VERSION) or of an operator, newest first."""
    may(request, "copy:list")
    version = site.custody().version(file).row if file else None
    return _page(request, response, limit, before, version=version, operator=operator)


@router.get("/me/copies", response={200: Copies, REFUSALS: Problem}, operation_id="listOwnCopies")
def own(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None
) -> Any:
    """The copies issued to the caller, newest first."""
    found = may(request, "copy:take")
    return _page(request, response, limit, before, operator=found.actor.operator)


def _visible(found: Caller, copy: str, others: str) -> IssuedCopy:
    """A copy of one's own, or any with the right to `others`; all else is not found."""
    missing = NotRegistered(f"no copy has the id {copy[:40]}")
    shown = site.custody().copy(CopyId.parse(copy))
    if shown.operator == found.actor.operator and allowed(found, "copy:take"):
        return shown
    if not allowed(found, others):
        raise missing
    return shown


@router.get("/copies/{copy_id}", response={200: CopyShape, REFUSALS: Problem}, operation_id="showCopy")
def show(request: HttpRequest, copy_id: str) -> Any:
    """One copy and its recipient of record."""
    return _visible(caller(request), copy_id, "copy:list").as_dict()


@router.get(
    "/copies/{copy_id}/content", response={REFUSALS: Problem}, operation_id="takeCopy",
    openapi_extra={"responses": {200: {"description": "The copy's bytes.", "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }}}},
)  # fmt: skip
def content(request: HttpRequest, copy_id: str) -> Any:
    """The copy's bytes, with their Content-Digest. The delivery is an entry before the first byte goes."""
    found = _visible(caller(request), copy_id, "copy:issue")
    if found.purpose != "copy":
        raise NotRegistered(f"{found.id} is a viewed page; nothing of it is handed out")
    version = site.custody().version(VersionRef(found.code, found.version))
    wrapped = version.kind is Kind.OPAQUE
    with site.custody().office.staging("take") as folder:
        place = folder / f"copy{'.zip' if wrapped else Path(version.name).suffix}"
        site.custody().fetch(found.id, place, wrapped=wrapped)
        return sent(place, f"{Path(version.name).stem}.{found.id}{place.suffix}")


def sent(place: Path, name: str, kind: str = "application/octet-stream") -> FileResponse:
    """A file as an answer that outlives its place, with its Content-Digest."""
    digest = hashlib.sha256()
    opened = place.open("rb")
    while chunk := opened.read(io.DEFAULT_BUFFER_SIZE * 16):
        digest.update(chunk)
    opened.seek(0)
    answer = FileResponse(opened, as_attachment=True, filename=name, content_type=kind)
    if place.with_name(place.name + notice.SUFFIX).exists():
        answer.headers[notice.HEADER] = notice.ENGLISH
    answer.headers["Content-Digest"] = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    return answer
