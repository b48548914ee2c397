"""The owner's screens of travel documents in custody: what is held, on which title, asking back, contesting."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.errors import NotRegistered, SealtraceError
from sealtrace.people import gates, petitions
from sealtrace.people.gates import Module
from sealtrace.travel import documents
from sealtrace.travel.documents import Item

from ..accounts.may import may
from ..frame.views import status_of
from .desk import act, grounds, in_directory, me, now, office

MINE = "own documents in custody"


@may("document:own")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """My documents in custody; and, while the part is off, that it is and what is missing."""
    who, at = me(request), now()
    context: dict[str, Any] = {
        "on": gates.state(office(), at)[Module.DOCUMENTS], "listed": in_directory(who), "at": at,
        "assessed": Module.DOCUMENTS in gates.assessed(office(), at), "officers": gates.officers(office(), at),
    }  # fmt: skip
    if in_directory(who):
        context["items"] = documents.documents(office(), who, at, owner=who.id, reason=MINE)
    return render(request, "travel/documents.html", context)


def _own(request: HttpRequest, receipt: str) -> Item:
    """A document of mine. Raises NotRegistered for all others, so that names tell nothing."""
    who = me(request)
    if documents.owner_of(office(), receipt) != who.id:
        raise NotRegistered(
            f"there is no receipt {receipt!r} of yours", advice=_("Open it from the list again.")
        )
    return documents.receipt(office(), who, receipt, now())


@may("document:own")
@require_GET
def one(request: HttpRequest, receipt: str) -> HttpResponse:
    """The receipt of one of my documents, with its clock."""
    return show_one(request, receipt)


def show_one(request: HttpRequest, receipt: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render a receipt of mine, with an error on top when something could not be done."""
    context = {
        "item": _own(request, receipt),
        "wrong": wrong,
        "at": now(),
        "typed": request.POST,
        "mine": True,
    }
    return render(request, "travel/receipt.html", context, status=status_of(wrong) if wrong else 200)


@may("document:own")
@require_POST
def ask_back(request: HttpRequest, receipt: str) -> HttpResponse:
    """Ask for my document; the clock starts."""
    _own(request, receipt)
    done = _("Asked. The clock runs from now.")
    return act(request, done, lambda: documents.ask_back(office(), me(request), receipt, now()),
               lambda e: show_one(request, receipt, e), "documents-mine", receipt)  # fmt: skip


@may("document:own")
@require_POST
def appeal(request: HttpRequest, receipt: str) -> HttpResponse:
    """Contest a refusal to return; somebody who took no part answers."""
    item = _own(request, receipt)

    def do() -> None:
        petitions.make(
            office(), me(request), petitions.Kind.APPEAL, f"document:{receipt}", grounds(request),
            now(), decided_by=item.refused_by,
        )  # fmt: skip

    done = _("The appeal is lodged. Somebody who took no part answers it.")
    return act(request, done, do, lambda e: show_one(request, receipt, e), "documents-mine", receipt)
