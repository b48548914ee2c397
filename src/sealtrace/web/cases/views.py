"""The case board, one case, each step of it, and its exports. Nothing here decides what may be seen: `cases` does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.cases import exports, service
from sealtrace.cases.model import CaseKind
from sealtrace.errors import UsageProblem
from sealtrace.policy import engine

from .. import site
from ..accounts.may import acting, may
from . import page
from .departments import acting_for
from .fields import Field, Kind, read
from .steps import BASIS, STEPS

PER_PAGE = 50
OPEN_FIELDS = (
    Field("kind", "kind", Kind.CHOICE, choices=tuple(CaseKind), prefix="kind.", of=CaseKind),
    Field("title", "title"), BASIS, Field("severity", "severity", required=False),
)  # fmt: skip
MEDIA = {
    exports.Form.REPORT: ("pdf", "application/pdf"),
    exports.Form.STIX: ("stix.json", "application/stix+json"),
    exports.Form.CASE: ("case.jsonld", "application/ld+json"),
    exports.Form.CHAIN: ("chain.json", "application/json"),
}


def language() -> str:
    """Zh or en, as the engines say it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def _start(request: HttpRequest) -> int:
    text = request.GET.get("start", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@may("case:list")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The cases of this person's department, newest first."""
    by, start, said = acting_for(acting(request)), _start(request), language()
    found = service.board(site.custody().office, by, limit=PER_PAGE + 1, start=start)
    now = timezone.now()
    cards = [
        {
            "view": c.view, "waiting": c.waiting, "kind": page.word(f"kind.{c.view.kind}", said),
            "state": page.word(f"state.{c.view.state}", said), "owner": page.word(c.view.owner, said),
            "severity": page.severity(c.view), "due": (due := page.next_due(c.view)),
            "overdue": due is not None and due < now,
        }
        for c in found[:PER_PAGE]
    ]  # fmt: skip
    more = start + PER_PAGE if len(found) > PER_PAGE else None
    return render(
        request, "cases/board.html",
        {"cards": cards, "mine": page.word(by.department, said), "start": start, "more": more,
         "back": max(0, start - PER_PAGE), "kinds": OPEN_FIELDS[0].options(said), "key": uuid4().hex},
    )  # fmt: skip


@may("case:open")
@require_POST
def open_case(request: HttpRequest) -> HttpResponse:
    """Open a case, led by this person's department."""
    values = read(OPEN_FIELDS, request)
    key = _key(request)
    done = service.open_case(
        site.custody().office, acting_for(acting(request)), key=key, **values  # type: ignore[arg-type]
    )  # fmt: skip
    _remember(request, done.case, _("opening the case"))
    messages.success(request, _("Entered in the ledger as entry %(n)s.") % {"n": f"{done.act.entry:,}"})
    return redirect("cases-case", number=done.case)


def _key(request: HttpRequest) -> str | None:
    """The form's own key, bound to who sends it: sent twice, it is done once."""
    given = request.POST.get("key", "")
    return f"{acting(request).operator} {given}"[:200] if given else None


def _remember(request: HttpRequest, number: str, why: str) -> None:
    request.session[f"case {number}"] = why


def _purpose(request: HttpRequest, number: str) -> str:
    return str(request.session.get(f"case {number}", ""))


@may("case:see")
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case. Why it is read is asked once in a session; each opening is in the ledger before anything is shown."""
    by, why, said = acting_for(acting(request)), _purpose(request, number), language()
    if not why:
        return render(request, "cases/purpose.html", {"number": number})
    view = service.read_case(site.custody().office, by, number, purpose=why)
    tracing = engine.decide(acting(request), "leak:trace")
    weigh = page.together_address(view) if tracing.allowed or tracing.step_up else ""
    return render(
        request, "cases/case.html", {**page.context(view, said), "purpose": why, "key": uuid4().hex, "together": weigh,
                                     "said": said, "forms": [f for f in exports.Form if f.value != "chain"]},
    )  # fmt: skip


@may("case:see")
@require_POST
def purpose(request: HttpRequest, number: str) -> HttpResponse:
    """Say why a case is read."""
    _remember(request, number, service.said(request.POST.get("purpose", ""), "the purpose of reading"))
    return redirect("cases-case", number=number)


@may("case:act")
@require_POST
def act(request: HttpRequest, number: str, step: str, item: str = "") -> HttpResponse:
    """Take one step of a case."""
    asked = STEPS.get(step)
    if asked is None or (asked.kind is None) == bool(item):
        raise Http404
    values: dict[str, Any] = read(asked.fields, request)
    if item:
        values[asked.takes] = item
    done = asked.call(site.custody().office, acting_for(acting(request)), number, key=_key(request), **values)
    messages.success(request, _("Entered in the ledger as entry %(n)s.") % {"n": f"{done.act.entry:,}"})
    if done.item is None and done.act.item:  # the step took it out of their sight
        return redirect("cases")
    return redirect("cases-case", number=number)


@may("case:export")
@require_POST
def export(request: HttpRequest, number: str) -> HttpResponse:
    """Write what this person may see as a file; the disclosure log has it first."""
    form = request.POST.get("form", "")
    if form not in list(exports.Form):
        raise UsageProblem(f"{form!r} is no form of export")
    data, _done = exports.export(
        site.custody().office, acting_for(acting(request)), number, exports.Form(form),
        to=request.POST.get("given_to", ""), purpose=request.POST.get("purpose", ""),
        item=request.POST.get("item", ""), language="en" if language() == "en" else "zh",
    )  # fmt: skip
    ending, media = MEDIA[exports.Form(form)]
    return _attached(data, f"{number}.{ending}", media)


@may("case:see")
@require_POST
def original(request: HttpRequest, number: str, item: str) -> HttpResponse:
    """A piece of evidence's original; the reading is in the ledger first."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "original"
        service.original(
            site.custody().office, acting_for(acting(request)), number, item, out,
            purpose=request.POST.get("purpose", "") or _purpose(request, number),
        )  # fmt: skip
        return _attached(out.read_bytes(), f"{number}-{item}", "application/octet-stream")


def _attached(data: bytes, name: str, media: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
