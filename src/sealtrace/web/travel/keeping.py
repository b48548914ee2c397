"""The keepers' screens: what is held and for how long, verifying a title, taking against a receipt, giving back.

Three people: the owner, who verifies the title in its document, who takes the travel document. The title is verified
first, as an approval that holds for exactly this owner, title, document and end; the number is typed at taking only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sealtrace.errors import NotRegistered, PurposeMissing, SealtraceError, UsageProblem
from sealtrace.people import access, gates
from sealtrace.people.access import Purpose
from sealtrace.people.acts import require_person
from sealtrace.people.duties import human, require_different
from sealtrace.people.gates import Module, require_module
from sealtrace.people.moments import moment, second
from sealtrace.policy.model import Subject
from sealtrace.travel import documents
from sealtrace.travel.documents import REFUSABLE
from sealtrace.travel.rules import Title

from ..accounts.may import acting, may
from ..approvals import service as approvals
from ..approvals.models import Request
from ..frame.views import status_of
from .desk import TELLS_ON_THE_PAGE, act, day, me, now, office, said
from .weighing import no_purpose
from .words import KINDS, TITLES

TAKE, VERIFY = "document:take", "document:verify"
LIFE, SOON = timedelta(days=7), timedelta(days=7)


def _granted(request: HttpRequest) -> bool:
    try:
        access.require_purpose(office(), me(request), Purpose.DOCUMENTS, now())
    except PurposeMissing:
        return False
    return True


@may("document:keep")
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """Everything in custody, the most urgent first, and titles that wait for somebody."""
    return show(request)


def show(request: HttpRequest, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render the custody list, with an error on top when something could not be done."""
    if not _granted(request):
        return no_purpose(request, Purpose.DOCUMENTS)
    at, actor = now(), acting(request)
    found = documents.documents(office(), me(request), at)
    soon = {i.held.receipt for i in found if not i.overdue and i.due_at <= at + SOON}
    rows = [{"item": i, "soon": i.held.receipt in soon} for i in found]
    titles = Request.objects.filter(action=TAKE, expires_at__gt=timezone.now(), used_at=None)
    open_titles = titles.filter(state__in=(Request.State.OPEN, Request.State.APPROVED)).order_by("asked_at")
    context = {
        "rows": rows, "titles": open_titles, "mine": actor.operator, "wrong": wrong, "typed": request.POST,
        "choices": [(t.value, words, hint) for t, (words, hint) in TITLES.items()],
        "on": gates.state(office(), at)[Module.DOCUMENTS], "overdue": sum(i.overdue for i in found),
        "soon": len(soon), "asked": sum(i.held.return_asked_at is not None for i in found),
    }  # fmt: skip
    return render(request, "travel/held.html", context, status=status_of(wrong) if wrong else 200)


@may("document:keep")
@require_POST
def ask_title(request: HttpRequest) -> HttpResponse:
    """Say on which title a document is to be taken; somebody else verifies it in its document."""

    def do() -> None:
        owner = said(request, "owner", pgettext("custody", "Owner"))
        name, end = request.POST.get("title", ""), day(request.POST.get("until", ""), end=True)
        if name not in list(Title):
            raise UsageProblem(_("Choose one of the titles. There is no other."))
        if end <= now():
            raise UsageProblem(_("The title is over already."))
        access.require_purpose(office(), me(request), Purpose.DOCUMENTS, now())
        require_module(office(), Module.DOCUMENTS, now())
        require_person(office(), owner)
        require_different(owner=owner, keeper=me(request).id)
        document = said(request, "title_document", _("Document of the title"))
        payload = {"owner": owner, "title": name, "title_document": document, "until": second(end)}
        approvals.ask(
            acting(request), TAKE, Subject("Person", owner), payload, approving=VERIFY, reason=document,
            now=timezone.now(), life=LIFE,
        )  # fmt: skip

    def wrong(e: SealtraceError) -> HttpResponse:
        return show(request, e)

    done = _("Somebody else verifies the title now. Nothing is taken before.")
    try:
        return act(request, done, do, wrong, "documents-office")
    except NotRegistered as e:
        return show(request, e)


@may(VERIFY)
@require_POST
def verify(request: HttpRequest, key: str) -> HttpResponse:
    """Say that the title stands in its document, or that it does not."""

    def do() -> None:
        access.require_purpose(office(), me(request), Purpose.DOCUMENTS, now())
        require_different(owner=_title(key).payload["owner"], verifier=me(request).id)
        note = request.POST.get("note", "")
        if request.POST.get("do") == "refuse":
            approvals.refuse(acting(request), key, now=timezone.now(), note=note)
        else:
            approvals.approve(acting(request), key, now=timezone.now(), note=note)

    done = _("Entered. The person who asked is told by the list.")
    return act(request, done, do, lambda e: show(request, e), "documents-office")


def _title(key: str) -> Request:
    found = approvals.find(key)
    if found.action != TAKE:
        raise NotRegistered("there is no such title", advice=_("Open it from the list again."))
    return found


@may("document:keep")
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, key: str) -> HttpResponse:
    """Take the document against a receipt, on a title that somebody else verified."""
    asked, wrong = _title(key), None
    if not _granted(request):
        return no_purpose(request, Purpose.DOCUMENTS)
    if request.method == "POST":
        try:
            receipt = _taken(request, asked)
        except SealtraceError as e:
            if status_of(e) not in TELLS_ON_THE_PAGE:
                raise
            wrong = e
        else:
            messages.success(request, _("Taken. Print the receipt and hand it over now."))
            return redirect("documents-held", receipt)
    verdict = asked.verdicts.filter(approved=True).first()
    context = {"asked": asked, "says": asked.payload, "verdict": verdict, "wrong": wrong, "typed": request.POST,
               "kinds": KINDS, "until": moment(asked.payload["until"])}  # fmt: skip
    return render(request, "travel/take.html", context, status=status_of(wrong) if wrong else 200)


def _taken(request: HttpRequest, asked: Request) -> str:
    """Use the verified title once; gives the receipt."""
    says: Mapping[str, Any] = asked.payload
    kind, issuer = (
        said(request, "kind", pgettext("custody", "Kind")),
        said(request, "issuer", pgettext("custody", "Issuer")),
    )
    number = said(request, "number", pgettext("custody", "Number"))
    with approvals.effect(acting(request), asked.key, TAKE, says, now=timezone.now()) as ready:
        verdict = ready.verdicts.filter(approved=True).get()
        made = documents.take(
            office(), me(request), human(verdict.by), says["owner"], kind=kind, issuer=issuer, number=number,
            title=Title(says["title"]), title_document=says["title_document"], title_ends_at=moment(says["until"]),
            now=now(),
        )  # fmt: skip
    return made.receipt


@may("document:keep")
@require_GET
def one(request: HttpRequest, receipt: str) -> HttpResponse:
    """One document in custody: its receipt to print, and what may be done now."""
    return show_one(request, receipt)


def show_one(request: HttpRequest, receipt: str, wrong: SealtraceError | None = None) -> HttpResponse:
    """Render a document in custody, with an error on top when something could not be done."""
    if not _granted(request):
        return no_purpose(request, Purpose.DOCUMENTS)
    item, at = documents.receipt(office(), me(request), receipt, now()), now()
    may_refuse = (
        item.held.title in REFUSABLE and item.held.return_asked_at is not None and not item.overdue
        and item.held.returned_at is None and not item.refusal and me(request).id != item.held.owner
    )  # fmt: skip
    context = {
        "item": item,
        "wrong": wrong,
        "at": at,
        "typed": request.POST,
        "mine": False,
        "may_refuse": may_refuse,
    }
    return render(request, "travel/receipt.html", context, status=status_of(wrong) if wrong else 200)


@may("document:keep")
@require_POST
def give_back(request: HttpRequest, receipt: str) -> HttpResponse:
    """Return a document to its owner; always possible."""
    done = _("Given back. The owner has the notice.")
    return act(request, done, lambda: documents.give_back(office(), me(request), receipt, now()),
               lambda e: show_one(request, receipt, e), "documents-held", receipt)  # fmt: skip


@may("document:keep")
@require_POST
def refuse(request: HttpRequest, receipt: str) -> HttpResponse:
    """Refuse a return in writing, where the title carries it."""

    def do() -> None:
        reasons, remedy = said(request, "reasons", _("Reasons")), said(request, "remedy", _("Remedy"))
        documents.refuse_return(office(), me(request), receipt, reasons, remedy, now())

    done = _("Refused in writing. The owner has reasons and remedy.")
    return act(request, done, do, lambda e: show_one(request, receipt, e), "documents-held", receipt)
