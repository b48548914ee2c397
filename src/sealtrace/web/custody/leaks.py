"""Tracing: bring a leak, see it being traced, read the answer, take the evidence."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from sealtrace.custody import leakmap, store
from sealtrace.policy import engine
from sealtrace.trace.report import report_on
from sealtrace.verifier.bundle import PAGE

from .. import site
from ..accounts.may import acting, may
from ..jobs.models import Job
from . import answer, intake, reading, reviews, tracing
from .models import Leak, Review

PAGE_SIZE = 25
SHOWN_SIDE = 1400  # pixels of the longer side of a leak's picture


@may("leak:trace")
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where a leak is dropped, and the traces made so far."""
    before = reading.whole_number(request.GET.get("before"))
    found = store.newest_traces(site.custody().office.db, before, PAGE_SIZE + 1)
    context = {
        "chances": tracing.CHANCES,
        "traces": [answer.listed(*row) for row in found[:PAGE_SIZE]],
        "older": found[PAGE_SIZE - 1][2] if len(found) > PAGE_SIZE else None,
        "waiting": Leak.objects.filter(operator=acting(request).operator, trace="").order_by("-id")[:5],
        "before": before,
        "may_choose": not site.custody().office.two_keys,
    }
    return render(request, "custody/trace.html", context)


@may("leak:trace")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Take a leak in and start its trace; `each` makes every file a leak of its own."""
    actor = acting(request)
    chance = tracing.chance_of(request.POST.get("chance", "1e-9"))
    pieces = intake.received(request)
    ground = request.POST.get("ground", "").strip()
    via = "paste" if request.POST.get("text", "").strip() else "upload"
    if request.POST.get("each") and len(pieces) > 1:
        batch = tracing.take_each(actor, pieces, chance=chance, ground=ground, via=via)
        return redirect("trace-batch", batch=batch)
    leak = tracing.take(actor, pieces, chance=chance, ground=ground, via=via)
    return redirect("trace-run", pk=leak.pk)


@may("leak:trace")
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """A trace under way; once it is over, its answer or what went wrong."""
    leak = Leak.objects.filter(pk=pk, operator=acting(request).operator).first()
    if leak is None:
        raise Http404
    if leak.trace:
        return redirect("trace-answer", trace=leak.trace)
    job = Job.objects.filter(pk=leak.job or 0).first()
    failed = job is None or job.state == Job.State.FAILED
    context = {"leak": leak, "job": job, "failed": failed, "problem": job.problem if job else None}
    return render(request, "custody/trace_run.html", context)


@may("leak:trace")
@require_GET
def batch(request: HttpRequest, batch: str) -> HttpResponse:
    """Many leaks brought at once, each with its answer as it comes."""
    leaks = list(Leak.objects.filter(batch=batch, operator=acting(request).operator).order_by("id"))
    if not leaks:
        raise Http404
    jobs = {job.pk: job for job in Job.objects.filter(pk__in=[leak.job for leak in leaks])}
    rows = [_row(leak, jobs.get(leak.job or 0)) for leak in leaks]
    done = sum(row["over"] for row in rows)
    part = (
        "custody/trace_batch_rows.html" if request.headers.get("HX-Request") else "custody/trace_batch.html"
    )
    context = {"rows": rows, "done": done, "total": len(rows), "over": done == len(rows), "batch": batch}
    return render(request, part, context)


def _row(leak: Leak, job: Job | None) -> dict[str, Any]:
    shown = answer.listed(leak.trace, "", 0) if leak.trace else None
    failed = job is None or job.state == Job.State.FAILED
    problem = (job.problem or {}).get("message", "") if job else ""
    return {
        "leak": leak, "answer": shown, "failed": failed and not shown, "problem": problem,
        "over": bool(shown) or failed, "name": leak.pieces[0]["name"],
    }  # fmt: skip


@may("leak:see")
@require_GET
def show(request: HttpRequest, trace: str) -> HttpResponse:
    """The answer of a trace."""
    kept, actor = site.custody().recall(trace), acting(request)
    ran = kept.asked.operator if kept.asked else None
    context = answer.context(kept) | {
        "reviews": Review.objects.filter(trace=kept.id).order_by("id"),
        "may_review": reviews.may_review(actor, kept.id, ran),
        "may_ask": engine.decide(actor, "leak:trace").allowed,
        "case_url": _case_address(kept.id),
        "may_choose": bool(kept.weighed) and not kept.copies and not site.custody().office.two_keys,
    }
    return render(request, "custody/trace_answer.html", context)


def _case_address(trace: str) -> str:
    """Where a case is opened with a trace; nothing where this office has no case board."""
    try:
        return f"{reverse('cases-new')}?{urlencode({'trace': trace})}"
    except NoReverseMatch:
        return ""


@may("evidence:export")
@require_GET
def evidence(request: HttpRequest, trace: str) -> HttpResponseBase:  # noqa: ARG001
    """The evidence file, which verifies without us."""
    data = _evidence(trace)
    response = FileResponse(io.BytesIO(data), content_type="application/vnd.sealtrace.evidence+cose")
    response.headers["Content-Disposition"] = f'attachment; filename="{_plain(trace)}.evidence"'
    return response


@may("evidence:export")
@require_GET
def report(request: HttpRequest, trace: str) -> HttpResponseBase:  # noqa: ARG001
    """The report for a court, as PDF in the page's language."""
    beside = [one.as_dict() for one in site.custody().recall(trace).circumstances]
    with site.custody().office.staging("report") as folder:
        path = folder / "evidence"
        path.write_bytes(_evidence(trace))
        written = report_on(path, "en" if get_language() == "en" else "zh", circumstances=beside)
    response = FileResponse(io.BytesIO(written.pdf), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{_plain(trace)}.pdf"'
    return response


@may("ledger:see")
@require_GET
def verifier(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    """The offline verifier, one HTML file to keep."""
    response = FileResponse(io.BytesIO(PAGE.read_bytes()), content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="sealtrace_verify.html"'
    return response


def _plain(trace: str) -> str:
    return "".join(c for c in trace if c.isalnum())[:40]


def _evidence(trace: str) -> bytes:
    with site.custody().office.staging("evidence-web") as folder:
        site.custody().export_evidence(trace, folder / "evidence")
        return (folder / "evidence").read_bytes()


# -- the evidence picture ------------------------------------------------------------------------


@may("leak:see")
@require_GET
def picture(request: HttpRequest, trace: str, weighing: int, number: int, what: str) -> HttpResponse:  # noqa: ARG001
    """The leaked picture, or the marks found on it beside or over it."""
    found = _map(trace, weighing, number)
    if found is None or what not in ("leak", "marks", "over"):
        raise Http404
    draw = {"leak": _leak, "marks": _marks, "over": _over}[what]
    data, kind = draw(found)
    response = HttpResponse(data, content_type=kind)
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


@lru_cache(maxsize=8)
def _map(trace: str, weighing: int, number: int) -> leakmap.LeakMap | None:
    kept = site.custody().recall(trace)
    leak = Leak.objects.filter(trace=trace).first()
    if leak is None or weighing >= len(kept.weighed) or number >= len(kept.weighed[weighing].pages):
        return None
    weighed = kept.weighed[weighing]
    copy = next((copy for copy in kept.copies if copy.ref == weighed.ref), None)
    if copy is None or weighed.channel != "page":
        return None
    with intake.laid_out(leak.pieces) as paths:
        path: Path = paths[weighed.pages[number]["piece"]]
        return leakmap.leak_map(site.custody().office, weighed, number, path, copy.id)


def _png(rgba: np.ndarray[Any, Any]) -> bytes:
    import cv2

    swapped = rgba[..., [2, 1, 0, 3]]
    return cv2.imencode(".png", swapped)[1].tobytes()


def _leak(found: leakmap.LeakMap) -> tuple[bytes, str]:
    import cv2

    small, _scale = _small(found.leak)
    return cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes(), "image/jpeg"


def _small(leak: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], float]:
    import cv2

    scale = min(1.0, SHOWN_SIDE / max(leak.shape[:2]))
    size = (max(1, round(leak.shape[1] * scale)), max(1, round(leak.shape[0] * scale)))
    return cv2.resize(leak, size, interpolation=cv2.INTER_AREA), scale


AGREES, DIFFERS = (26, 76, 130), (178, 118, 10)  # azurite and ochre, as in the tokens


def _drawn(marks: np.ndarray[Any, Any], cell: int) -> np.ndarray[Any, Any]:
    """Every mark as a square of `cell` pixels: filled where it agrees, a frame where it differs, none unread."""
    rows, cols = marks.shape
    strength = np.clip(np.abs(marks), 0, 1)
    alpha = np.where(marks == 0, 0.0, 0.15 + 0.85 * strength)
    rgba = np.zeros((rows, cols, 4), np.uint8)
    rgba[marks > 0, :3] = AGREES
    rgba[marks < 0, :3] = DIFFERS
    rgba[..., 3] = (255 * alpha).astype(np.uint8)
    big = rgba.repeat(cell, 0).repeat(cell, 1)
    inside = np.zeros((cell, cell), bool)
    inside[1:-2, 1:-2] = True
    hollow = np.tile(inside, (rows, cols)) & (marks < 0).repeat(cell, 0).repeat(cell, 1)
    gap = np.zeros((cell, cell), bool)
    gap[-1], gap[:, -1] = True, True
    big[hollow | np.tile(gap, (rows, cols)), 3] = 0
    return big


def _marks(found: leakmap.LeakMap) -> tuple[bytes, str]:
    """The marks on a white page, with the edge of what the leak shows."""
    import cv2

    cell = 6
    drawn = _drawn(found.marks, cell)
    x0, y0, x1, y1 = found.box
    width, height = found.marks.shape[1] * cell / (x1 - x0), found.marks.shape[0] * cell / (y1 - y0)
    page = np.full((round(height), round(width), 4), (253, 253, 251, 255), np.uint8)
    top, left = round(y0 * height), round(x0 * width)
    part = page[top : top + drawn.shape[0], left : left + drawn.shape[1]]
    drawn = drawn[: part.shape[0], : part.shape[1]]
    alpha = drawn[..., 3:].astype(np.float32) / 255
    part[..., :3] = (part[..., :3] * (1 - alpha) + drawn[..., :3] * alpha).astype(np.uint8)
    high, wide = found.leak.shape[:2]
    corners = np.array([[0, 0, 1], [wide, 0, 1], [wide, high, 1], [0, high, 1]], float)
    at = corners @ np.linalg.inv(found.to_leak).T
    edge = at[:, :2] / at[:, 2:] * [width / found.size[0], height / found.size[1]]
    if np.isfinite(edge).all():
        canvas = np.ascontiguousarray(page[..., :3])
        points = np.clip(edge, -8192, 8192).astype(np.int32)
        cv2.polylines(canvas, [points], isClosed=True, color=(20, 28, 33), thickness=2)
        page[..., :3] = canvas
    return _png(page), "image/png"


def _over(found: leakmap.LeakMap) -> tuple[bytes, str]:
    """The marks where they are on the leak, on a transparent ground of the leak's shape."""
    import cv2

    small, scale = _small(found.leak)
    cell = 6
    drawn = _drawn(found.marks, cell)
    x0, y0, x1, y1 = found.box
    rows, cols = found.marks.shape
    across, down = (x1 - x0) * found.size[0] / (cols * cell), (y1 - y0) * found.size[1] / (rows * cell)
    to_page = np.array([[across, 0, x0 * found.size[0]], [0, down, y0 * found.size[1]], [0, 0, 1]])
    whole = np.diag([scale, scale, 1.0]) @ found.to_leak @ to_page
    size = (small.shape[1], small.shape[0])
    return _png(cv2.warpPerspective(drawn, whole, size, flags=cv2.INTER_LINEAR)), "image/png"
