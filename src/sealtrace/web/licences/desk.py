"""The licence desk: the board, one case, one licence."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.licences import service
from sealtrace.licences.review.application import changes as parts_of
from sealtrace.licences.review.case import Case
from sealtrace.licences.states import day_of
from sealtrace.licences.workdays import shipped as calendar

from .. import site
from ..accounts.may import may
from ..frame.views import status_of
from . import plots, words
from .acts import act, kept, office, person
from .advice import on_behalf

ROWS = 50
DECISION_DAYS = 45


@may("licence:list")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Cases with their clock: open ones by the day they are due, then the rest, newest first."""
    today = day_of(office().clock.now())
    rows = service.board(office())
    view = request.GET.get("view", "open")
    shown = [r for r in rows if (r.open if view == "open" else not r.open and r.state != "draft")]
    shown.sort(key=(lambda r: (r.due or "9999", r.id)) if view == "open" else (lambda r: (r.opened_on, r.id)),
               reverse=view != "open")  # fmt: skip
    after = request.GET.get("after", "")
    start = next((n + 1 for n, r in enumerate(shown) if r.id == after), 0)
    page = shown[start : start + ROWS]
    waiting, _judged = service.count_hits(office())
    heard = service.open_appeals(office())
    late = sum(w.overdue(today) for w in heard) + sum(1 for _ in service.due_reviews(office(), today))
    context = {
        "waiting": waiting, "appeals": len(heard), "appeals_late": late,
        "rows": [(r, r.overdue(today)) for r in page], "view": view, "opened": sum(r.open for r in rows),
        "more": page[-1].id if start + ROWS < len(shown) else "", "accounts": service.accounts(office())[-ROWS:],
    }  # fmt: skip
    return render(request, "licences/board.html", context)


@may("licence:list")
@require_GET
def case(request: HttpRequest, name: str) -> HttpResponse:
    """One case: who, what, why, advice, screening, decision, what happened."""
    return show(request, name)


def show(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render a case; with an error on top when an act could not be done."""
    found = service.get_case(office(), name)
    return render(request, "licences/case.html", {**_facts(found), "wrong": wrong,
                  "me": person(request).id}, status=status_of(wrong) if wrong else 200)  # fmt: skip


def _facts(case: Case) -> dict[str, Any]:
    today = day_of(office().clock.now())
    due = case.deadline(calendar())
    ran = case.working_days(calendar(), today)
    goods = [
        {"lot": lot, "found": found, "decided": case.determined.get(lot.id, found)}
        for lot in case.application.goods
        for found in (case.assessment or {"goods": ()})["goods"] if found["id"] == lot.id
    ]  # fmt: skip
    versions = case.versions[-2:]
    comparable = list(service.comparable(office(), case)) if case.assessment else []
    number = case.licence or case.application.replaces
    return {
        "case": case, "made": case.application, "due": due, "ran": ran, "left": DECISION_DAYS - ran, "goods": goods,
        "changes": parts_of(versions[0].document, versions[1].document) if len(versions) == 2 else [],
        "comparable": comparable, "criteria": service.case_rules(office()).criteria.items(), "words": words.ALL,
        "departments": sorted({r.department for r in service.case_rules(office()).routes}),
        "waiting": [a for a in case.advice if a.open or a.amendable(today)], "own_accounts": site.advising(),
        "open_hits": [h for h in case.hits.values() if h.same is None],
        "standing": case.proposal or case.decision, "account": _account(number) if number else None,
        "timeline": list(reversed(case.timeline)), "versions": range(1, len(case.versions) + 1),
        "flags": _flags(case), "flag_rules": service.case_rules(office()).flags,
        "unclear": [g for g in goods if g["decided"]["decision"] in ("refer", "status_unknown")],
    }  # fmt: skip


def _flags(case: Case) -> list[dict[str, Any]]:
    """The case's flags with their words; `human` ones can be lifted, with the reason they were set for."""
    rules = {r.id: {"zh": r.zh, "en": r.en} for r in service.case_rules(office()).flags}
    return [
        {"id": f, "words": rules.get(f, {"zh": f, "en": f}), "human": f in case.human_flags,
         "reason": case.human_flags.get(f, "")}
        for f in case.flags
    ]  # fmt: skip


def _account(number: str) -> dict[str, Any]:
    held = service.account(office(), number)
    return {"held": held, "bars": [plots.account(line) for line in held.lines]}


# -- what officers do -----------------------------------------------------------------------------


@may("licence:review")
@require_POST
def accept(request: HttpRequest, name: str) -> HttpResponse:
    """Accept: the clock begins."""
    return act(request, name, _("Accepted. The clock of 45 working days runs."),
               lambda: service.accept(office(), person(request), name), show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def give_back(request: HttpRequest, name: str) -> HttpResponse:
    """Return an incomplete application, with everything it lacks."""
    lacks = [line for line in request.POST.get("missing", "").splitlines() if line.strip()]
    return act(request, name, _("Returned to the applicant."),
               lambda: service.give_back(office(), person(request), name, lacks), show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def evaluate(request: HttpRequest, name: str) -> HttpResponse:
    """Classify the newest version again, by the list in use."""
    return act(request, name, _("The goods were classified again."),
               lambda: service.evaluate(office(), person(request), name), show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def determine(request: HttpRequest, name: str) -> HttpResponse:
    """Decide the class of goods that were referred."""
    said = request.POST
    entries = said.get("entries", "").replace(",", " ").split()
    return act(request, name, _("The class is decided."),
               lambda: service.determine(office(), person(request), name, said.get("goods", ""),
                                         said.get("decision", ""), entries, said.get("reason", "")),
               show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def ask_advice(request: HttpRequest, name: str) -> HttpResponse:
    """Ask departments: those ticked, or as the rules say."""
    return act(request, name, _("The departments were asked."),
               lambda: service.ask_advice(office(), person(request), name, request.POST.getlist("department")),
               show, "licences-case")  # fmt: skip


@may("licence:advise")
@require_POST
def advise(request: HttpRequest, name: str) -> HttpResponse:
    """Enter a department's advice: one without accounts of its own, or what came on paper."""
    said, department = request.POST, request.POST.get("department", "")
    return act(request, name, _("The advice is on record."),
               lambda: service.advise(office(), person(request), name, department, said.get("view", ""),
                                      said.get("reason", ""), said.get("conditions", ""),
                                      dissent=said.get("dissent", ""),
                                      paper=on_behalf(department, said.get("paper", ""))),
               show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def question(request: HttpRequest, name: str) -> HttpResponse:
    """Ask the applicant; the clock stands."""
    return act(request, name, _("The question was sent. The clock stands until the answer."),
               lambda: service.question(office(), person(request), name, request.POST.get("text", ""),
                                        request.POST.getlist("part")), show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def screen(request: HttpRequest, name: str) -> HttpResponse:
    """Screen the parties against the lists in use."""
    return act(request, name, _("The parties were screened."),
               lambda: service.screen(office(), person(request), name), show, "licences-case")  # fmt: skip


@may("licence:review")
@require_POST
def clear(request: HttpRequest, name: str) -> HttpResponse:
    """Judge a hit."""
    said = request.POST
    answer = act(request, name, _("The hit is judged."),
                 lambda: service.clear(office(), person(request), name, said.get("hit", ""),
                                       same=said.get("same") == "yes", reason=said.get("reason", "")),
                 show, "licences-case")  # fmt: skip
    if request.GET.get("from") != "hits" or answer.status_code != 302:
        return answer
    page = kept(request.GET)
    return redirect(reverse("licences-hits") + (f"?{page}" if page else ""))


# -- deciding -------------------------------------------------------------------------------------


@may("licence:decide")
@require_POST
def propose(request: HttpRequest, name: str) -> HttpResponse:
    """Propose a decision with its reasons."""
    said = request.POST
    what = service.Proposal(
        said.get("outcome", ""), said.get("reasons", ""), tuple(said.getlist("criterion")), said.get("conditions", ""),
        said.get("dissent", ""), said.get("departure", ""),
    )  # fmt: skip
    return act(request, name, _("Proposed. Another person decides."),
               lambda: service.propose(office(), person(request), name, what), show, "licences-case")  # fmt: skip


@may("licence:decide")
@require_POST
def approve(request: HttpRequest, name: str) -> HttpResponse:
    """Decide as proposed, as the second person."""
    return act(request, name, _("Decided as proposed."),
               lambda: service.approve(office(), person(request), name), show, "licences-case")  # fmt: skip


@may("licence:decide")
@require_POST
def send_back(request: HttpRequest, name: str) -> HttpResponse:
    """Send a proposal back, with the reason."""
    return act(request, name, _("Sent back to review."),
               lambda: service.send_back(office(), person(request), name, request.POST.get("reason", "")),
               show, "licences-case")  # fmt: skip


@may("licence:decide")
@require_POST
def notify(request: HttpRequest, name: str) -> HttpResponse:
    """Record that the decision was served."""
    return act(request, name, _("Service is on record; the days to appeal run."),
               lambda: service.notify(office(), person(request), name, request.POST.get("how", "")),
               show, "licences-case")  # fmt: skip


@may("licence:hear")
@require_POST
def hear(request: HttpRequest, name: str) -> HttpResponse:
    """Decide an appeal."""
    said = request.POST
    return act(request, name, _("The appeal is decided."),
               lambda: service.decide_appeal(office(), person(request), name, said.get("outcome", ""),
                                             said.get("reasons", "")), show, "licences-case")  # fmt: skip
