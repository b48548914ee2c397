"""Files over the API: bytes in, registration, lists, versions, what can be marked."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status
from pydantic import Field

from sealtrace.custody import store
from sealtrace.custody.model import Version
from sealtrace.ids import VersionRef

from .. import site
from ..jobs import service as jobs
from . import paging, uploads, works
from .access import caller, may
from .problems import REFUSALS, Problem
from .repeating import once
from .shapes import Files, FileShape, JobShape, RegisterOrder, UploadShape

router = Router(tags=["files"])


def file_dict(version: Version) -> dict[str, Any]:
    """A version as the API shows it."""
    return {
        "code": str(version.code), "version": version.version, "title": version.title, "level": str(version.level),
        "kind": str(version.kind), "sha256": version.sha256.hex(), "iscc": version.iscc,
        "size_bytes": version.size_bytes, "pages": version.pages, "registered_at": version.registered_at,
        "entry": version.entry,
    }  # fmt: skip


@router.post(
    "/uploads", response={201: UploadShape, REFUSALS: Problem}, operation_id="upload",
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }}},
)  # fmt: skip
def upload(request: HttpRequest, name: Annotated[str, Field(min_length=1, max_length=255)]) -> Any:
    """Send the bytes of one file, streamed; a later request names the upload.

    The body is application/octet-stream, and Content-Digest its sha-256. Safe to repeat.
    """
    found = caller(request)
    if request.content_type != "application/octet-stream":
        from sealtrace.errors import UsageProblem

        raise UsageProblem("an upload is sent as application/octet-stream")
    kept = uploads.take(request, name, found.token.device.operator, timezone.now())
    return Status(201, {
        "id": kept.key, "name": kept.name, "sha256": bytes(kept.sha256).hex(), "size_bytes": kept.size,
    })  # fmt: skip


@router.post("/files", response={202: JobShape, REFUSALS: Problem}, operation_id="registerFiles")
def register(request: HttpRequest, order: RegisterOrder) -> Any:
    """Register uploads as files; the job's result has a row for each: its code, or why it was refused."""
    found = may(request, "file:register")
    uploads.named(order.uploads, found.actor.operator)
    if order.new_version_of is not None:
        site.custody().version(VersionRef.parse(order.new_version_of))
        if len(order.uploads) != 1:
            from sealtrace.errors import UsageProblem

            raise UsageProblem("a new version is one file")
    return once(request, lambda: (202, works.job_dict(jobs.start(works.REGISTER, found.actor, order.dict()))))


@router.get("/files", response={200: Files, REFUSALS: Problem}, operation_id="listFiles")
def list_files(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None,
    title: Annotated[str, Field(max_length=200)] = "",
    level: Annotated[str, Field(pattern="^(general|important|core)?$")] = "",
) -> Any:  # fmt: skip
    """The files, newest first, each with its newest version; `title` is a part of the title."""
    may(request, "file:list")
    rows = store.newest_files(site.custody().office.db, before, limit + 1, title=title, level=level)
    kept = paging.page(request, response, rows, limit, lambda row: row[0])
    return {"items": [file_dict(version) for _row, version in kept]}


@router.get("/files/{ref}", response={200: FileShape, REFUSALS: Problem}, operation_id="showFile")
def show(request: HttpRequest, ref: str) -> Any:
    """A file by CODE, its newest version, or CODE@VERSION."""
    may(request, "file:list")
    return file_dict(site.custody().version(ref))


@router.get("/files/{ref}/versions", response={200: Files, REFUSALS: Problem}, operation_id="listVersions")
def versions(request: HttpRequest, ref: str) -> Any:
    """All versions of a file, oldest first."""
    may(request, "file:list")
    return {"items": [file_dict(version) for version, _copies in site.custody().chain(ref)]}


@router.get(
    "/files/{ref}/marks", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="markReport"
)
def marks(request: HttpRequest, ref: str) -> Any:
    """What each page or table of a version can carry, and the smallest piece that can be traced."""
    may(request, "file:list")
    return {"code": ref, **site.custody().mark_report(ref).to_dict()}


@router.get(
    "/files/{ref}/label", response={REFUSALS: Problem}, operation_id="fileLabel",
    openapi_extra={"responses": {200: {"description": "The label, SVG.", "content": {
        "image/svg+xml": {"schema": {"type": "string"}}
    }}}},
)  # fmt: skip
def label(request: HttpRequest, ref: str) -> Any:
    """The file's code as a QR label (its URN), for binders and carriers."""
    may(request, "file:list")
    from sealtrace.custody.label import write_label

    code = site.custody().version(VersionRef.parse(ref)).code
    with site.custody().office.staging("label") as folder:
        write_label(code, folder / "label.svg")
        return HttpResponse((folder / "label.svg").read_bytes(), content_type="image/svg+xml")
