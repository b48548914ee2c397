"""The desk of screening: what waits, what was screened; one roster brought, and compared as long work."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sealtrace.custody.home import storage_guard
from sealtrace.errors import ModuleDisabled, PurposeMissing, SealtraceError, UsageProblem
from sealtrace.people.acts import identity, read
from sealtrace.people.duties import human
from sealtrace.people.gates import Module, require_module
from sealtrace.policy import engine
from sealtrace.policy.model import Actor
from sealtrace.watch import candidates, desk

from .. import site
from ..accounts.may import acting, may
from ..acts import TELLS_ON_THE_PAGE, me, now, office
from ..custody import intake
from ..frame import problems
from ..frame.views import status_of, words_of
from ..jobs import service as jobs
from ..jobs.models import Job
from ..jobs.service import Tell, work
from ..jobs.views import own_job
from . import declared

KIND = "roster:screen"
MOST_ROSTERS = 50


@may("roster:list")
@require_GET
def desk_page(request: HttpRequest) -> HttpResponse:
    """Candidates that wait, without names; and the rosters that were screened."""
    context: dict[str, Any] = {
        "rows": None,
        "may_screen": engine.decide(acting(request), "roster:screen").allowed,
    }
    try:
        require_module(office(), Module.SCREENING, now())
        context["rows"] = desk.waiting(office(), me(request), now())
    except (PurposeMissing, ModuleDisabled) as e:
        context["problem"] = words_of(e)
    context["rosters"] = candidates.rosters(office())[:MOST_ROSTERS]
    context["under_way"] = Job.objects.filter(kind=KIND, operator=acting(request).operator, ended_at=None)[:5]
    context["agreed"], context["both"] = candidates.agreement(office())
    return render(request, "rosters/desk.html", context)


@may("roster:screen")
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Declare one published roster and bring it; the comparison runs on by itself."""
    if request.method == "GET":
        return _form(
            request, declared.typed(_declared_before(request) or {"retrieved": f"{now():%Y-%m-%d %H:%M}"})
        )
    said = declared.typed(request.POST)
    place = f"{intake.FILES}-{secrets.token_hex(8)}"
    try:
        declared.source(said)
        pieces = intake.received(request, place)
        if len(pieces) != 1:
            intake.forget(place)
            raise UsageProblem(_("One roster at a time. Nothing was read."))
    except SealtraceError as e:
        if status_of(e) not in TELLS_ON_THE_PAGE:
            raise
        return _form(request, said, e)
    arguments = {"said": said, "place": place, "piece": pieces[0].as_dict(), "asked_at": now().isoformat()}
    return redirect("rosters-run", pk=jobs.start(KIND, acting(request), arguments).pk)


def _declared_before(request: HttpRequest) -> Mapping[str, str] | None:
    """What was declared for an own earlier try, `?again=7`."""
    asked = request.GET.get("again", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    job = own_job(request, int(asked))
    return job.arguments["said"] if job.kind == KIND else None


def _form(request: HttpRequest, said: Mapping[str, str], wrong: SealtraceError | None = None) -> HttpResponse:
    context = {"fields": declared.fields(said), "headings": declared.headings(said)}
    told = {"problem": words_of(wrong)} if wrong else {}
    return render(request, "rosters/new.html", {**context, **told}, status=status_of(wrong) if wrong else 200)


@work(KIND)
def screen(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Compare the roster; the file goes afterwards, whatever came of it. Repeated, it gives the same answer."""
    said, place = arguments["said"], arguments["place"]
    tell("compare", 0, 0)
    begun = site.custody().office.home.folder / "intake" / place / "begun"
    try:
        before = _screened_already(actor, arguments) if begun.exists() else None
        if before is None:
            with storage_guard("beginning the comparison"):
                begun.touch()
            with intake.laid_out([arguments["piece"]], place) as [path]:
                done = desk.screen(
                    office(), human(actor.operator), path, declared.source(said), now(),
                    columns=declared.columns(said),
                )  # fmt: skip
    except SealtraceError:
        intake.forget(place)
        raise
    intake.forget(place)
    if before is not None:
        return before
    return {
        "roster": done.roster, "sha256": done.sha256.hex(), "rows": done.rows, "watched": done.watched,
        "name_only": done.name_only, "again": done.again, "candidates": list(done.candidates),
        "columns": dict(done.columns),
    }  # fmt: skip


def _screened_already(actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """What this job, begun before, did until its process was killed; None where it did nothing yet."""
    asked, digest = datetime.fromisoformat(arguments["asked_at"]), arguments["piece"]["sha256"]
    who = identity(office(), human(actor.operator)).id
    for roster in candidates.rosters(office()):
        at = datetime.fromisoformat(roster["at"])
        if at < asked:
            break
        if bytes(roster["sha256"]).hex() == digest and roster["imported_by"] == who:
            made = read(
                office(), "SELECT id FROM candidates WHERE roster = ? ORDER BY at, id", (roster["id"],)
            )
            return {
                "roster": roster["id"], "sha256": digest, "rows": roster["row_count"], "watched": roster["watched"],
                "name_only": roster["name_only"], "again": 0, "candidates": [name for (name,) in made], "columns": {},
            }  # fmt: skip
    return None


@may("roster:screen")
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a screening is, then what it found."""
    job = own_job(request, pk)
    if job.kind != KIND:
        raise Http404
    context: dict[str, Any] = {"job": job, "said": job.arguments["said"], "piece": job.arguments["piece"]}
    if job.state == Job.State.FAILED:
        context["problem"] = _kept_words(job.problem or {})
    return render(request, "rosters/run.html", context)


def _kept_words(problem: Mapping[str, Any]) -> tuple[str, str, str]:
    """A kept error in the reader's language: what is wrong, what to do, the detail in small print."""
    message, advice = str(problem.get("message", "")), str(problem.get("advice", ""))
    if (get_language() or "zh").startswith("en"):
        return message, advice, ""
    return *problems.ZH.get(str(problem.get("code")), problems.ZH["internal"]), message
