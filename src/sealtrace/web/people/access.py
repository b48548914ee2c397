"""Who may look for what: parts switched on by an assessment, officers who hear appeals, purposes, legal bases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.people import access as looks
from sealtrace.people import gates, grants
from sealtrace.people.access import MAY_SEE, Purpose
from sealtrace.people.duties import human
from sealtrace.posts import bases

from ..accounts.may import may
from ..frame.views import status_of
from . import desk, forms

GRANTABLE = tuple(p for p in Purpose if p not in (Purpose.OWN, Purpose.BREAK_GLASS))


@may("person:access")
@require_GET
def access(request: HttpRequest) -> HttpResponse:
    """The state of each part, the officers, the purposes that hold, the legal bases."""
    return _page(request)


def _page(request: HttpRequest, wrong: SealtraceError | None = None, form: str = "") -> HttpResponse:
    office, now = desk.office(), desk.now()
    context = {
        "modules": gates.state(office, now).items(), "officers": gates.officers(office, now),
        "grants": _by_operator(grants.held(office, now)), "bases": bases.listed(office, now.date()),
        "wrong": wrong, "form": form,
        "purposes": [(p, sorted(MAY_SEE[p])) for p in GRANTABLE], "said": request.POST if wrong else {},
        "here": "access", "now": now,
    }  # fmt: skip
    return render(request, "people/access.html", context, status=status_of(wrong) if wrong else 200)


@dataclass(frozen=True, slots=True)
class Holder:
    """Everything that is granted to one operator, and the first day on which some of it ends."""

    actor: str
    purposes: tuple[Purpose, ...]
    granters: tuple[str, ...]
    until_at: datetime


def _by_operator(held: list[grants.Grant]) -> list[Holder]:
    made = []
    for actor, rows in groupby(held, lambda g: g.actor):
        last: dict[Purpose, datetime] = {}
        granters: dict[str, None] = {}
        for one in rows:  # by purpose, the longest last
            last[one.purpose] = one.until_at
            granters[one.granter] = None
        made.append(Holder(actor, tuple(last), tuple(granters), min(last.values())))
    return made


def _act(request: HttpRequest, form: str, done: str, what: Callable[[], object]) -> HttpResponse:
    return desk.act(request, done, what, lambda e: _page(request, e, form), "people-access", place=form)


def _choice(request: HttpRequest, field: str, label: str, among: frozenset[str]) -> str:
    chosen = forms.text(request.POST, field, label)
    if chosen not in among:
        raise forms.wrong_field(field, _("%(given)s is not among the choices") % {"given": chosen})
    return chosen


@may("person:grant", step_up=True)
@require_POST
def grant(request: HttpRequest) -> HttpResponse:
    """Let somebody act for a purpose until a day, twelve months at most; never oneself."""
    said = request.POST

    def granted() -> None:
        purpose = _choice(request, "purpose", _("Purpose"), frozenset(map(str, GRANTABLE)))
        looks.grant(
            desk.office(), desk.me(request), forms.text(said, "operator", _("Operator")), Purpose(purpose),
            forms.until(said, "until", _("Until")), desk.now(),
        )  # fmt: skip

    return _act(request, "grant", _("Granted."), granted)


@may("person:grant", step_up=True)
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End every purpose somebody has."""
    return _act(
        request, "grant", _("Every purpose is ended."),
        lambda: looks.end_grants(
            desk.office(), desk.me(request), forms.text(request.POST, "operator", _("Operator")), desk.now()
        ),
    )  # fmt: skip


@may("person:grant", step_up=True)
@require_POST
def assess(request: HttpRequest) -> HttpResponse:
    """Approve an impact assessment that somebody else made; the part is on from then."""
    said = request.POST

    def assessed() -> None:
        module = _choice(request, "module", _("Part"), frozenset(map(str, gates.Module)))
        gates.assess(
            desk.office(), gates.Module(module), forms.text(said, "document", _("Number of the assessment")),
            human(forms.text(said, "assessor", _("Who made it"))), desk.me(request),
            forms.until(said, "until", _("Until")), desk.now(),
        )  # fmt: skip

    return _act(request, "assess", _("The assessment is on record."), assessed)


@may("person:grant", step_up=True)
@require_POST
def appoint(request: HttpRequest) -> HttpResponse:
    """Name who hears appeals."""
    said = request.POST
    return _act(
        request, "appoint", _("The officer is named."),
        lambda: gates.appoint(
            desk.office(), forms.text(said, "officer", _("Operator")), desk.me(request),
            forms.until(said, "until", _("Until")), desk.now(),
        ),
    )  # fmt: skip


@may("person:grant", step_up=True)
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Adopt a version of a legal basis that counsel compared with the text."""
    said = request.POST
    return _act(
        request, "adopt", _("Adopted. A restriction may rest on it."),
        lambda: bases.adopt(
            desk.office(), desk.me(request), human(forms.text(said, "counsel", _("Counsel"))),
            forms.text(said, "basis", _("Legal basis")),
            source=forms.text(said, "source", _("Where the text was read")),
        ),
    )  # fmt: skip
