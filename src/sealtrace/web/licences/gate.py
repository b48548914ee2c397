"""The gate: a licence and a declaration in, the verdict in words, quantity held and drawn, questions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import SealtraceError
from sealtrace.licences import service
from sealtrace.licences.gate.shipment import PAPERS
from sealtrace.licences.workdays import shipped as calendar

from ..accounts.may import may
from ..frame.views import status_of
from . import forms, words
from .acts import UNPROCESSABLE, act, office, person

LATEST = 30


@may("gate:scan")
@require_http_methods(["GET", "POST"])
def gate(request: HttpRequest) -> HttpResponse:
    """Scan or paste a licence beside what is declared; the latest shipments."""
    wrong: SealtraceError | None = None
    document: dict[str, Any] = {}
    if request.method == "POST":
        document = forms.declaration(request.POST)
        try:
            made = service.present(
                office(), person(request), request.POST.get("licence", "").strip(), document
            )
            return redirect("gate-shipment", made.number)
        except SealtraceError as e:
            if status_of(e) != UNPROCESSABLE:
                raise
            wrong = e
    context = {
        "latest": service.shipments(office())[-LATEST:][::-1], "wrong": wrong, "said": document, "words": words.ALL,
        "text": request.POST.get("licence", ""), "form": forms.fields({"goods": document.get("goods", [])}),
    }  # fmt: skip
    return render(request, "licences/gate.html", context, status=status_of(wrong) if wrong else 200)


@may("gate:scan")
@require_GET
def shipment(request: HttpRequest, number: str) -> HttpResponse:
    """One shipment: the verdict and what can be done."""
    return show(request, number)


def show(request: HttpRequest, number: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render a shipment; with an error on top when something could not be done."""
    found = service.get_shipment(office(), number)
    context = {"found": found, "wrong": wrong, "timeline": list(reversed(found.timeline)), "words": words.ALL,
               "due": found.answer_due(calendar()), "papers": PAPERS}  # fmt: skip
    return render(request, "licences/shipment.html", context, status=status_of(wrong) if wrong else 200)


@may("gate:release")
@require_POST
def reserve(request: HttpRequest, number: str) -> HttpResponse:
    """Hold the quantity."""
    return act(request, number, _("The quantity is held."),
               lambda: service.reserve(office(), person(request), number), show, "gate-shipment")  # fmt: skip


@may("gate:release")
@require_POST
def endorse(request: HttpRequest, number: str) -> HttpResponse:
    """Draw the quantity and release."""
    return act(request, number, _("Drawn and released."),
               lambda: service.endorse(office(), person(request), number), show, "gate-shipment")  # fmt: skip


@may("gate:release")
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Give back what was held."""
    return act(request, number, _("What was held is given back."),
               lambda: service.cancel_shipment(office(), person(request), number, request.POST.get("reason", "")),
               show, "gate-shipment")  # fmt: skip


@may("gate:question")
@require_POST
def question(request: HttpRequest, number: str) -> HttpResponse:
    """Question the shipment: nothing leaves meanwhile."""
    return act(request, number, _("Questioned. Nothing leaves until it is concluded."),
               lambda: service.question_shipment(office(), person(request), number, request.POST.get("text", "")),
               show, "gate-shipment")  # fmt: skip


@may("gate:question")
@require_POST
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    """Refuse a shipment in doubt."""
    return act(request, number, _("Refused."),
               lambda: service.refuse_shipment(office(), person(request), number, request.POST.get("reason", "")),
               show, "gate-shipment")  # fmt: skip


@may("gate:question")
@require_POST
def file_answer(request: HttpRequest, number: str) -> HttpResponse:
    """File the exporter's answer with its papers."""
    sent = {k: f.read() for k in PAPERS if (f := request.FILES.get(k)) is not None}
    return act(request, number, _("The answer is filed."),
               lambda: service.file_answer(office(), person(request), number, sent, request.POST.get("text", "")),
               show, "gate-shipment")  # fmt: skip


@may("gate:question")
@require_POST
def conclude(request: HttpRequest, number: str) -> HttpResponse:
    """Conclude a question."""
    said = request.POST
    return act(request, number, _("The question is concluded."),
               lambda: service.conclude(office(), person(request), number, said.get("outcome", ""),
                                        said.get("reason", "")), show, "gate-shipment")  # fmt: skip
