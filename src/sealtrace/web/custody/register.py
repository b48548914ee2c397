"""The register: bring files, see what they became, find them again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.custody import store
from sealtrace.custody.model import Level
from sealtrace.custody.register import Refused
from sealtrace.custody.uncertainty import typed_uncertainty
from sealtrace.errors import MalformedCode, SealtraceError, UsageProblem
from sealtrace.ids import FileCode, VersionRef
from sealtrace.marks.report import CHINESE, MarkReport
from sealtrace.policy import engine
from sealtrace.policy.model import Actor

from .. import site
from ..accounts.may import acting, may
from ..jobs import service as jobs
from ..jobs.models import Job
from ..jobs.service import Tell, work
from ..jobs.views import own_job
from . import intake, reading
from .answer import CHANNELS

KIND = "file:register"
PAGE_SIZE = 50


@may("file:list")
@require_GET
def files(request: HttpRequest) -> HttpResponse:
    """The files, newest first; found by code or by a part of their title."""
    db, wanted = site.custody().office.db, request.GET.get("q", "").strip()[:200]
    level = request.GET.get("level", "")
    level = level if level in set(Level) else ""
    code = _code(wanted)
    if code is not None and store.version_by_ref(db, VersionRef(code)) is not None:
        return redirect("register-file", code=str(code))
    before = reading.whole_number(request.GET.get("before"))
    found = store.newest_files(db, before, PAGE_SIZE + 1, title=wanted, level=level)
    tally = site.custody().office.tally
    rows = [(version, tally.of(db, version.row)) for _row, version in found[:PAGE_SIZE]]
    context = {
        "rows": rows, "wanted": wanted, "level": level, "before": before, "levels": list(Level),
        "older": found[PAGE_SIZE - 1][0] if len(found) > PAGE_SIZE else None,
        "may_register": engine.decide(acting(request), "file:register").allowed,
        "version_of": request.GET.get("version_of", ""),
        "under_way": Job.objects.filter(kind=KIND, operator=acting(request).operator, ended_at=None)[:5],
    }  # fmt: skip
    return render(request, "custody/register.html", context)


def _code(text: str) -> FileCode | None:
    try:
        return FileCode.parse(text.partition("@")[0])
    except MalformedCode:
        return None


@may("file:register")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Take files in and start registering them."""
    level = request.POST.get("level", "general")
    if level not in set(Level):
        raise UsageProblem(_("There is no such level."))
    reason = request.POST.get("reason", "").strip()[:300]
    if level == Level.CORE and not reason:
        raise UsageProblem(
            _("Core level needs a reason. Nothing was registered."),
            advice=_("State the ground, for example that it gives stage counts and phase ratios."),
        )
    version_of = request.POST.get("version_of", "").strip()
    if version_of:
        site.custody().version(VersionRef(FileCode.parse(version_of.partition("@")[0])))
    declared = typed_uncertainty(request.POST.get("uncertainty", "")[:20_000])
    place = f"{intake.FILES}-{secrets.token_hex(8)}"
    pieces = intake.received(request, place)
    if version_of and len(pieces) > 1:
        intake.forget(place)
        raise UsageProblem(_("A new version is one file. Nothing was registered."))
    if declared and len(pieces) > 1:
        intake.forget(place)
        raise UsageProblem(
            _("Uncertainties belong to one table. Nothing was registered."),
            advice=_("Register the table by itself."),
        )
    job = jobs.start(KIND, acting(request), {
        "pieces": [piece.as_dict() for piece in pieces], "place": place, "level": level, "reason": reason,
        "title": request.POST.get("title", "").strip()[:200] if len(pieces) == 1 else "",
        "version_of": version_of.partition("@")[0], "uncertainty": declared,
    })  # fmt: skip
    return redirect("register-run", pk=job.pk)


@work(KIND)
def register(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:  # noqa: ARG001
    """Register files one by one; repeated, it answers with the codes they have already."""
    pieces, rows = arguments["pieces"], list[dict[str, Any]]()
    with intake.laid_out(pieces, arguments["place"]) as paths:
        results = site.custody().register_each(
            paths, level=arguments["level"], title=arguments["title"] or None,
            new_version_of=arguments["version_of"] or None, uncertainty=arguments.get("uncertainty"),
        )  # fmt: skip
        tell("register", 0, len(pieces))
        for number, result in enumerate(results, 1):
            name = result.path.name
            if isinstance(result, Refused):
                rows.append({"name": name, "refused": result.error.as_dict()})
            else:
                rows.append({"name": name, **result.as_dict()})
            tell("register", number, len(pieces))
    intake.forget(arguments["place"])
    return {"rows": rows}


@may("file:register")
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a batch is, then what each file became."""
    job = own_job(request, pk)
    if job.kind != KIND:
        raise Http404
    names = [piece["name"] for piece in job.arguments["pieces"]]
    return render(request, "custody/register_run.html", {"job": job, "names": names})


@may("file:list")
@require_GET
def file(request: HttpRequest, code: str) -> HttpResponse:
    """One file: its versions, copies and what happened."""
    ref = VersionRef.parse(code)
    chain = site.custody().chain(str(ref.code))
    chosen = next((v for v, _n in chain if v.version == ref.version), chain[-1][0])
    actor = acting(request)
    may_copies = engine.decide(actor, "copy:list").allowed
    newest = store.newest_copies(site.custody().office.db, None, 10, version=chosen.row) if may_copies else []
    context = {
        "chain": list(reversed(chain)), "file": chosen, "newest": chain[-1][0],
        "copies": site.custody().shown(newest), "may_copies": may_copies,
        "may_issue": engine.decide(actor, "copy:issue").allowed,
        "may_package": bool(chosen.pages) and engine.decide(actor, "package:order").allowed,
        "may_register": engine.decide(actor, "file:register").allowed,
        "may_rights": engine.decide(actor, "file:rights").allowed,
        "likenesses": dict(chain).get(chosen, 0),
    }  # fmt: skip
    return render(request, "custody/file.html", context)


@may("file:list")
@require_GET
def marks(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """The mark report of a version, as a part of a page or by itself."""
    ref = VersionRef(FileCode.parse(code), version)
    try:
        report, problem = site.custody().mark_report(ref), ""
    except SealtraceError as e:
        report, problem = None, e.message
    context = {"report": _grouped(report) if report else None, "problem": problem, "ref": ref}
    part = "custody/part_marks.html" if request.headers.get("HX-Request") else "custody/marks.html"
    return render(request, part, context)


def _grouped(report: MarkReport) -> dict[str, Any]:
    """The report with runs of alike pages in one row, in the page's language."""

    def say(word: str) -> str:
        return word if get_language() == "en" else CHINESE.get(word, word)

    groups: list[dict[str, Any]] = []
    for row in report.pages:
        same = groups and (groups[-1]["chips"], groups[-1]["smallest"]) == (row.chips, row.smallest)
        if same and groups[-1]["last"] == row.page - 1:
            groups[-1]["last"] = row.page
            continue
        groups.append({
            "first": row.page, "last": row.page, "chips": row.chips, "symbols": row.symbols,
            "smallest": row.smallest, "share": round(100 * row.smallest_share, 1),
            "width": round(min(100.0, 100 * row.smallest_share), 1), "weak": row.smallest_share > 0.5,
        })  # fmt: skip
    channels = [
        {
            "name": c.channel,
            "word": CHANNELS.get(c.channel, c.channel),
            "capacity": c.capacity,
            "words": say(c.why or c.survives)
            + (f" · {c.halves[0]} {say('office')} + {c.halves[1]} {say('notary')}" if c.halves else ""),
            "carries": bool(c.capacity),
        }
        for c in report.channels
    ]
    tables = [
        {"number": t.table + 1, "columns": len(t.columns), "rows": t.rows, "smallest": t.smallest_rows,
         "cell": t.cell, "mean": t.mean, "deviation": 100 * t.deviation}
        for t in report.tables
    ]  # fmt: skip
    return {"channels": channels, "pages": groups, "tables": tables, "notes": report.notes}
