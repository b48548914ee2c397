"""Several leaks together: choose traces, see what the choice costs, have them weighed, read the answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from sealtrace.custody import standings
from sealtrace.custody.standing import Share
from sealtrace.custody.standings import Choice, KeptStanding
from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ids import VersionRef
from sealtrace.policy import engine
from sealtrace.policy.model import Actor

from .. import site
from ..accounts.may import acting, may
from ..jobs import service as jobs
from ..jobs.models import Job
from ..jobs.service import Tell, work
from . import answer, reading, tracing

KIND = "weigh-together"
PAGE_SIZE = 10
THIS, NEXT, CLOSEST = (
    gettext_lazy("This recipient"),
    gettext_lazy("The next recipient"),
    gettext_lazy("The closest"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A document's line in the table of what adds up, or, beneath it, a trace's by itself."""

    ref: str
    title: str
    log_e: float | None
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One answer in the list."""

    kept: KeptStanding
    word: str | Promise
    who: str


@may("leak:trace")
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """The traces ticked: which of them count, what choosing them costs; and the answers given so far."""
    office, names, unknown = site.custody().office, _names(request.GET), ""
    choice: Choice | None = None
    if names and not office.two_keys:
        choice, unknown = _choice(names)
    before = reading.whole_number(request.GET.get("before"))
    found = standings.newest(office, before, PAGE_SIZE + 1)
    context = {
        "two_keys": office.two_keys,
        "choice": choice,
        "rows": list(_rows(choice)) if choice else [],
        "unknown": unknown,
        "offers": list(zip(tracing.CHANCES, choice.terms, strict=False)) if choice else [],
        "given": [_listed(kept) for kept in found[:PAGE_SIZE]],
        "older": found[PAGE_SIZE - 1].entry if len(found) > PAGE_SIZE else None,
        "before": before,
    }
    return render(request, "custody/together.html", context)


def _names(form: Mapping[str, Any]) -> list[str]:
    """The traces that a form names, each once; what was typed may hold several."""
    typed = form.getlist("trace")  # type: ignore[attr-defined]
    return list(dict.fromkeys(name for text in typed for name in text.replace(",", " ").split()))


def _choice(names: list[str]) -> tuple[Choice, str]:
    """What can be chosen of these, and the first name that is no trace's."""
    known, unknown = [], ""
    for name in names:
        try:
            known.append(site.custody().recall(name).id)
        except NotRegistered:
            unknown = unknown or name[:40]
    return site.custody().choose(known, [float(chance) for chance in tracing.CHANCES]), unknown


def _rows(choice: Choice) -> Iterator[dict[str, Any]]:
    for kept in choice.traces:
        yield {"trace": answer.listed(kept.id, kept.at, kept.entry), "unfit": choice.unfit.get(kept.id)}


def _listed(kept: KeptStanding) -> Listed:
    return Listed(kept, answer.word(kept.result), ", ".join(stood.operator for stood in kept.named[:3]))


@may("leak:trace")
@require_POST
def weigh(request: HttpRequest) -> HttpResponse:
    """Have the traces chosen weighed together.

    Raises:
        UsageProblem: the chance is none, or these traces can't be put together.
    """
    chance, names = tracing.chance_of(request.POST.get("chance", "1e-9")), _names(request.POST)
    choice = site.custody().choose(names, [chance])
    if choice.unfit or not choice.terms:
        raise UsageProblem(
            _("These traces can’t be weighed together."), advice=_("Tick two or more that count.")
        )
    job = jobs.start(KIND, acting(request), {"traces": list(choice.counted), "chance": chance})
    return redirect("trace-together-run", pk=job.pk)


@work(KIND)
def together(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Weigh the traces together. Done twice it gives the same answer, with entries of its own."""
    found = site.custody().together(
        arguments["traces"], chance=arguments["chance"], by=tracing.asking(actor),
        tell=lambda stage: tell(stage, 0, 0),
    )  # fmt: skip
    return {"entry": found.entry.index}


@may("leak:trace")
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The weighing under way; once it is over, its answer or what went wrong."""
    job = Job.objects.filter(pk=pk, kind=KIND, operator=acting(request).operator).first()
    if job is None:
        raise Http404
    if job.result:
        return redirect("trace-together-answer", entry=job.result["entry"])
    failed = job.state == Job.State.FAILED
    return render(
        request, "custody/together_run.html", {"job": job, "failed": failed, "problem": job.problem}
    )


@may("leak:see")
@require_GET
def show(request: HttpRequest, entry: int) -> HttpResponse:
    """The answer of leaks weighed together."""
    kept, actor = site.custody().recall_standing(entry), acting(request)
    context = {
        "kept": kept,
        "word": answer.word(kept.result),
        "named": [
            {
                "stood": stood,
                "odds": answer.odds_in_words(stood.chance_of_error),
                "lines": list(_lines(stood.shares)),
            }
            for stood in kept.named
        ],
        "odds": answer.odds_in_words(max(one.chance_of_error for one in kept.named)) if kept.named else "",
        "lines": list(_lines(kept.closest)),
        "meters": list(_meters(kept)),
        "traces": [answer.listed(site.custody().recall(name).id, kept.at, 0) for name in kept.traces],
        "limit_words": answer.odds_in_words(kept.chance),
        "factor": answer.times(kept.log_paid),
        "may_take": engine.decide(actor, "evidence:export").allowed,
    }
    return render(request, "custody/together_answer.html", context)


def _lines(shares: tuple[Share, ...]) -> Iterator[Line]:
    for share in shares:
        title = site.custody().office.version(VersionRef.parse(share.ref)).title
        yield Line(share.ref, title, _told(share.log_e))
        yield from (Line(share.ref, title, _told(log_e), trace) for trace, log_e in share.traces)


def _told(log_e: float) -> float | None:
    return log_e if math.isfinite(log_e) else None


def _meters(kept: KeptStanding) -> Iterator[answer.Meter]:
    """Who is named, then the best of the others, against the threshold."""
    for stood in kept.named:
        words = THIS if len(kept.named) == 1 else stood.operator
        yield answer.meter(words, stood.log_e, kept.threshold, found=True)
    if not kept.named and kept.best is not None:
        yield answer.meter(CLOSEST, kept.best, kept.threshold, found=False)
    if kept.runner_up is not None:
        yield answer.meter(NEXT, kept.runner_up, kept.threshold, found=False)
