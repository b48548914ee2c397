"""Leaks over the API: taken in by scanners, traced at once, the answer and its evidence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field

from sealtrace.custody import store
from sealtrace.custody.circumstances import WARNING
from sealtrace.errors import NotRegistered

from .. import site
from ..jobs import service as jobs
from ..jobs.models import Job
from . import paging, uploads, works
from .access import may
from .copies import sent
from .problems import REFUSALS, Problem
from .repeating import once
from .shapes import JobShape, StandingOrder, TraceOrder, Traces

router = Router(tags=["leaks"])


def _file(what: str, kind: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"description": what, "content": content}}}


@router.post("/leaks", response={202: JobShape, REFUSALS: Problem}, operation_id="traceLeak")
def trace(request: HttpRequest, order: TraceOrder) -> Any:
    """Take a leak in and trace it; the job's result has the answer, as `sealtrace leak trace --json` gives it."""
    found = may(request, "leak:trace")
    keys = [row.key for row in uploads.named(order.uploads, found.actor.operator)]
    if order.text.strip():
        keys.append(uploads.take_text(order.text, found.token.device.operator, timezone.now()).key)
    arguments = {"uploads": keys, "chance": order.chance, "source": order.source}
    return once(request, lambda: (202, works.job_dict(jobs.start(works.TRACE, found.actor, arguments))))


@router.get("/traces", response={200: Traces, REFUSALS: Problem}, operation_id="listTraces")
def list_traces(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None
) -> Any:
    """The traces made so far, newest first."""
    may(request, "leak:see")
    rows = store.newest_traces(site.custody().office.db, before, limit + 1)
    kept = paging.page(request, response, rows, limit, lambda row: row[2])
    return {"items": [{"trace": name, "at": at, "entry": entry} for name, at, entry in kept]}


@router.post(
    "/traces/together", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="weighTogether"
)
def together(request: HttpRequest, order: StandingOrder) -> Any:
    """Weigh the leaks of several traces together, as `sealtrace leak together --json` does."""
    found = may(request, "leak:trace")

    def answer() -> tuple[int, dict[str, Any]]:
        standing = site.custody().together(order.traces, chance=order.chance, by=found.recipient)
        return 200, standing.as_dict()

    return once(request, answer)


@router.get("/traces/{trace}", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="showTrace")
def show(request: HttpRequest, trace: str) -> Any:
    """A kept answer: result, file, accused copies with their recipients of record, who asked."""
    may(request, "leak:see")
    kept = site.custody().recall(trace[:64])
    return {
        "trace": kept.id, "at": kept.at, "entry": kept.entry, "result": kept.result, "file": kept.file,
        "title": kept.title, "versions": list(kept.versions), "considered": kept.considered, "chance": kept.chance,
        "copies": [
            {"id": str(c.id), "file": c.ref, "operator": c.who.operator, "device": c.who.device, "ip": c.who.ip,
             "issued_at": c.issued_at, "chance_of_error": c.chance_of_error, "channels": list(c.channels),
             "entry": c.entry}
            for c in kept.copies
        ],
        "pieces": [{"sha256": p.sha256.hex(), "size_bytes": p.size_bytes, "kind": p.kind} for p in kept.pieces],
        "notes": list(kept.notes), "asked_by": kept.asked.operator if kept.asked else None,
        "circumstances": {"warning": WARNING, "items": [one.as_dict() for one in kept.circumstances]},
    }  # fmt: skip


@router.get("/traces/{trace}/evidence", response={REFUSALS: Problem}, operation_id="exportEvidence",
            openapi_extra=_file("The evidence file.", "application/octet-stream"))  # fmt: skip
def evidence(
    request: HttpRequest, trace: str, defence: Annotated[str | None, Field(max_length=40)] = None
) -> Any:
    """The evidence of a trace as one file that anybody verifies offline; with `defence`, for that copy's recipient."""
    may(request, "evidence:export")
    name = site.custody().recall(trace[:64]).id
    with site.custody().office.staging("evidence") as folder:
        site.custody().export_evidence(name, folder / "evidence", defence=defence)
        return sent(folder / "evidence", f"{name}.evidence")


@router.get("/traces/{trace}/report", response={REFUSALS: Problem}, operation_id="traceReport",
            openapi_extra=_file("The report, PDF.", "application/pdf"))  # fmt: skip
def report(request: HttpRequest, trace: str, lang: Literal["zh", "en"] = "en") -> Any:
    """The report on a trace's evidence for a court, as PDF."""
    may(request, "evidence:export")
    from sealtrace.trace.report import report_on

    name = site.custody().recall(trace[:64]).id
    with site.custody().office.staging("report") as folder:
        site.custody().export_evidence(name, folder / "evidence")
        (folder / "report").write_bytes(report_on(folder / "evidence", lang).pdf)
        return sent(folder / "report", f"{name}.{lang}.pdf", "application/pdf")


@router.get("/traces/{trace}/package", response={REFUSALS: Problem}, operation_id="exportEvidencePackage",
            openapi_extra=_file("The evidence package.", "application/zip"))  # fmt: skip
def package(
    request: HttpRequest, trace: str, appeal: Annotated[str | None, Field(max_length=500)] = None
) -> Any:
    """A trace's evidence package without leaked files and keys: evidence, reports, each accused person's part,
    error rates, limits, where to appeal, both verifiers."""
    may(request, "evidence:export")
    name = site.custody().recall(trace[:64]).id
    with site.custody().office.staging("package") as folder:
        site.custody().export_package(name, folder / "package.zip", appeal=appeal)
        return sent(folder / "package.zip", f"{name}.zip", "application/zip")


@router.get("/evidence/verifiers/{name}", response={REFUSALS: Problem}, operation_id="verifier",
            openapi_extra=_file("The verifier, one file.", "application/octet-stream"))  # fmt: skip
def verifier(request: HttpRequest, name: Literal["sealtrace_verify.html", "sealtrace_verify.py"]) -> Any:
    """A verifier that needs no Sealtrace and no network."""
    may(request, "ledger:see")
    from sealtrace.verifier import write

    with site.custody().office.staging("verifier") as folder:
        write(folder)
        return sent(folder / name, name)


@router.get("/software", response={200: dict[str, str], REFUSALS: Problem}, operation_id="software")
def software(request: HttpRequest) -> Any:
    """The digest over the program's source, as a trace enters it before decoding."""
    may(request, "ledger:see")
    from sealtrace import __version__
    from sealtrace.trace.software import digest

    return {"version": __version__, "software_sha256": digest().hex()}


@router.post(
    "/evidence/verify", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="verifyEvidence"
)
def verify(
    request: HttpRequest,
    upload: Annotated[str, Field(max_length=64)],
    key: Annotated[str | None, Field(max_length=300)] = None,
) -> Any:
    """Check an evidence file that was uploaded: what holds, what does not."""
    found = may(request, "ledger:see")
    from sealtrace.trace.verify import verify as check

    with uploads.laid_out(uploads.named([upload], found.actor.operator)) as paths:
        return check(paths[0], expected_key=key).as_dict()


@router.get("/jobs/{number}", response={200: JobShape, REFUSALS: Problem}, operation_id="showJob")
def job(request: HttpRequest, number: int) -> Any:
    """Where a job of one's own stands."""
    found = may(request, "home:see")
    if not 0 <= number < 1 << 62:
        raise NotRegistered("there is no such job")
    row = Job.objects.filter(pk=number, operator=found.actor.operator).first()
    if row is None:
        raise NotRegistered(f"you have no job {number}", advice="Use the number the request answered with.")
    return works.job_dict(row)


@router.get("/jobs", response={200: list[JobShape], REFUSALS: Problem}, operation_id="listJobs")
def list_jobs(request: HttpRequest) -> Any:
    """One's newest fifty jobs."""
    found = may(request, "home:see")
    rows = Job.objects.filter(operator=found.actor.operator).order_by("-pk")[:50]
    return [works.job_dict(row) for row in rows]
