"""One candidate: side by side with the person, and the step that is next. The first reviewer is blind to the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import PurposeMissing, SealtraceError, UsageProblem
from sealtrace.people.acts import identity
from sealtrace.watch import candidates, desk
from sealtrace.watch.candidates import Card
from sealtrace.watch.rules import CandidateFile, State

from ..accounts.may import may
from ..acts import act, me, now, office
from ..frame.views import status_of, words_of
from ..own import cards
from . import declared

DONE = {
    State.CANDIDATE: 1, State.UNDER_REVIEW: 2, State.CONFIRMED: 3, State.CASE: 5, State.REJECTED: 5,
}  # fmt: skip
ANSWERS = {"same": True, "other": False}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field, on the roster and on record, and what the comparison says."""

    word: str | Promise
    roster: str
    record: str
    says: str


def compared(card: Card) -> list[Compared]:
    """The fields that were compared, the name apart."""
    p, row = card.person, card.row
    record: Mapping[str, str] = {
        "employer": "; ".join(dict.fromkeys(e.employer for e in p.employments)),
        "speciality": "; ".join(p.specialities),
        "school": "; ".join(p.education), "birth": str(p.birth_year or ""),
    }  # fmt: skip
    return [
        Compared(declared.COLUMNS[f], getattr(row, f), record[f], str(card.agreement.get(f, "unknown")))
        for f in record
    ]


def others(card: Card) -> tuple[int, str] | None:
    """How many others in a million may write their name so, to two figures; None below one."""
    found = card.expected_others
    if found < 1:
        return None
    step = 10 ** max(0, len(str(int(found))) - 2)
    near = round(found / step) * step
    return near, f"{near:,}"


def _looked_at(request: HttpRequest, name: str) -> tuple[CandidateFile, Card]:
    """Where the candidate stands, and the card that who asks may see now: blind before the first review."""
    candidates.ready(office())
    file = candidates.file_of(office(), name)
    view = desk.first_view if file.state is State.CANDIDATE else desk.second_view
    return file, view(office(), me(request), name, now())


def _show(request: HttpRequest, name: str, wrong: SealtraceError | None = None) -> HttpResponse:
    told = {"problem": words_of(wrong)} if wrong else {}
    try:
        file, card = _looked_at(request, name)
    except PurposeMissing as e:
        state = candidates.file_of(office(), name).state
        closed = {"name": name, "state": state, "problem": words_of(wrong or e)}
        return render(request, "rosters/closed.html", closed, status=status_of(wrong) if wrong else 200)
    context: dict[str, Any] = {
        "card": card, "file": file, "compared": compared(card), "others": others(card), "done": DONE[file.state]
        + (file.state is State.CONFIRMED and file.person_heard), "blocked": _blocked(request, file, name),
        "restrictions": [cards.card(s) for s in card.restrictions], "answer": request.POST.get("answer", ""),
        "reasons": request.POST.get("reasons", ""), "typed_at": request.POST.get("at", ""),
        "decided": card.band_counts[1], "right": card.band_counts[0],
    }  # fmt: skip
    return render(
        request, "rosters/candidate.html", {**context, **told}, status=status_of(wrong) if wrong else 200
    )


def _blocked(request: HttpRequest, file: CandidateFile, name: str) -> str:
    """Why the one who looks can't take the next step; blank where they can. The engine holds to the same."""
    who = identity(office(), me(request)).id
    if who == file.person:
        return _("It is about yourself.")
    if file.state is State.CANDIDATE and desk.saw_reason(office(), me(request), name):
        return _(
            "You have seen why this person is restricted, or took part in it. Somebody who has not goes first."
        )
    if file.state is State.UNDER_REVIEW and who == file.first_reviewer:
        return _("You made the first review. Somebody else makes the second.")
    return ""


@may("candidate:see")
@require_GET
def candidate(request: HttpRequest, name: str) -> HttpResponse:
    """One candidate, as far as who asks may see it now."""
    return _show(request, name)


@may("candidate:review")
@require_POST
def say(request: HttpRequest, name: str) -> HttpResponse:
    """Say whether the row is the person: the first time not knowing why, the second time by somebody else."""
    candidates.ready(office())
    candidates.row_of(office(), name)
    step = {"first": desk.review_first, "second": desk.review_second}.get(request.POST.get("at", ""))
    same, reasons = ANSWERS.get(request.POST.get("answer", "")), request.POST.get("reasons", "")
    if step is None or same is None:
        return _show(request, name, UsageProblem(_("Say whether the row is the person.")))
    return act(
        request,
        _("Entered. Your reasons are kept with it."),
        lambda: step(office(), me(request), name, reasons, now(), same=same),
        lambda e: _show(request, name, e),
        "rosters",
    )


@may("candidate:decide")
@require_POST
def decide(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """Record what the person answered; then open a case, or reject."""
    reasons = request.POST.get("reasons", "")
    steps = {
        "heard": (desk.hear, _("Entered. Now decide, with the answer before you.")),
        "case": (desk.open_case, _("A case is open. The person is told, with the reasons.")),
        "reject": (desk.reject, _("Rejected. This pair is not shown again.")),
    }
    if step not in steps:
        raise Http404
    candidates.ready(office())
    candidates.row_of(office(), name)
    what, done = steps[step]
    to = ("rosters-candidate", name) if step == "heard" else ("rosters",)
    return act(
        request,
        done,
        lambda: what(office(), me(request), name, reasons, now()),
        lambda e: _show(request, name, e),
        *to,
    )
