"""The desk where petitions and appeals are heard, and where an erasure that was granted is carried out.

Who took what is contested never answers it: the engine refuses, and the page says so before anybody types.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sealtrace.errors import NotRegistered, PurposeMissing, SealtraceError, UsageProblem
from sealtrace.people import gates, petitions
from sealtrace.people.access import Purpose
from sealtrace.people.acts import identity
from sealtrace.people.duties import human
from sealtrace.people.petitions import Kind, Petition
from sealtrace.policy import engine
from sealtrace.rights import contested, erasing
from sealtrace.rights.page import OwnPage, file_of

from ..accounts.may import acting, may
from ..acts import act, me, now, office
from ..frame.views import status_of, words_of
from . import cards, matters, words

OUTCOMES = {"grant": True, "refuse": False}


def _told(wrong: SealtraceError | None) -> dict[str, Any]:
    return {"problem": words_of(wrong)} if wrong else {}


def _status(wrong: SealtraceError | None) -> int:
    return status_of(wrong) if wrong else 200


@may("appeal:list")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, the most urgent first; and granted erasures for who carries them out."""
    context: dict[str, Any] = {"at": now(), "rows": None, "erasures": contested.granted_erasures(office())}
    if engine.decide(acting(request), "appeal:decide").allowed:
        try:
            context["rows"] = petitions.waiting(office(), me(request), now())
        except PurposeMissing as e:
            context["problem"] = words_of(e)
    erase_it = engine.decide(acting(request), "subject:erase")
    context["may_erase"] = erase_it.allowed or erase_it.step_up
    return render(request, "own/waiting.html", context)


@may("appeal:decide")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, name: str) -> HttpResponse:
    """One petition with the record it is about; and its answer, with reasons."""
    person = petitions.petition(office(), name).person
    outcome, reasons = request.POST.get("outcome", ""), request.POST.get("reasons", "")

    def show(wrong: SealtraceError | None = None) -> HttpResponse:
        file = file_of(office(), me(request), person, Purpose.APPEAL, f"hearing {name}", now())
        asked = petitions.petition(office(), name)
        record = {
            **_record(asked, file, identity(office(), me(request)).id),
            "outcome": outcome,
            "reasons": reasons,
        }
        return render(request, "own/petition.html", {**record, **_told(wrong)}, status=_status(wrong))

    if request.method == "GET":
        return show()
    if outcome not in OUTCOMES:
        return show(UsageProblem(_("Say whether it is granted or refused.")))
    return act(
        request,
        _("Answered. The person is told, with your reasons."),
        lambda: contested.answer(office(), me(request), name, reasons, now(), granted=OUTCOMES[outcome]),
        show,
        "appeals",
    )


def _record(asked: Petition, file: OwnPage, officer: str) -> dict[str, Any]:
    """What the officer sees: the petition, the thing it contests, what was entered about that, earlier petitions."""
    thing = matters.matter(file, asked.about)
    kind, _colon, name = asked.about.partition(":")
    chronicle = [h for h in file.chronicle if name and name in (h.fields.get(kind), h.fields.get("petition"))]
    return {
        "asked": asked, "matter": thing, "person": file.person, "at": file.at, "decider": _decider(asked),
        "card": cards.card(thing.restriction) if thing and thing.restriction else None,
        "blocked": _blocked(asked, thing, officer, file), "chronicle": chronicle,
        "others": [p for p in file.petitions if p.id != asked.id],
        "standing": _standing(asked, file) if asked.about == contested.ERASURE else None,
        "kept": [k for k in file.kept if k.category != "access"],
    }  # fmt: skip


def _decider(asked: Petition) -> str:
    return petitions.asked_decider(office(), asked.id)


def _standing(asked: Petition, file: OwnPage) -> list[str]:
    """What stands against the erasure beside this petition itself."""
    found = erasing.hindrances(office(), file.person.id, file.at)
    return [words.hindrance(one) for one in found if asked.id not in one]


def _blocked(asked: Petition, thing: matters.Matter | None, officer: str, file: OwnPage) -> str:
    """Why this officer can't answer it; blank where they can. The engine holds to the same."""
    if not asked.open:
        return ""
    if officer == asked.person:
        return _("It is about yourself: somebody else answers it.")
    taken = {_decider(asked)}
    if thing is not None and thing.restriction is not None:
        r = thing.restriction.record.restriction
        taken |= {r.proposer.id, r.decider.id}
        if officer not in taken and asked.kind is Kind.APPEAL and officer != r.appeal.officer:
            return _("It is for the officer named on the notice: %(who)s.") % {"who": r.appeal.officer}
    if officer in taken:
        return _("You took part in what is contested: somebody else answers it.")
    if asked.kind is Kind.APPEAL and officer not in file.appeal_officers:
        return _("An appeal is heard by a named officer: %(who)s.") % {
            "who": ", ".join(gates.officers(office(), file.at)) or "–"
        }
    return ""


@may("subject:erase", step_up=True)
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, name: str) -> HttpResponse:
    """Carry out an erasure that an officer granted: a second person's act. Nothing of the file is shown for it."""
    found = next((e for e in contested.granted_erasures(office()) if e.petition == name), None)
    if found is None:
        raise NotRegistered(f"there is no granted erasure {name!r}", advice="Open it from the list again.")
    authority, basis = request.POST.get("authority", ""), request.POST.get("basis", "")

    def show(wrong: SealtraceError | None = None) -> HttpResponse:
        standing = [words.hindrance(h) for h in erasing.hindrances(office(), found.person, now())]
        context = {"erasure": found, "standing": standing, "authority": authority, "basis": basis}
        return render(request, "own/erase.html", {**context, **_told(wrong)}, status=_status(wrong))

    if request.method == "GET":
        return show()
    return act(request, _("Erased. What remains in the ledger opens nothing."), lambda: erasing.erase(
            office(), me(request), human(found.officer), found.person, authority=authority, basis=basis, now=now(),
            with_copies="with_copies" in request.POST,
        ), show, "appeals")  # fmt: skip
