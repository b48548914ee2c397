"""Screens of packages for outsiders: order one, make it and see its code once, hand it over, bring its receipt back."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.custody import controls, knowing
from sealtrace.custody.model import Recipient
from sealtrace.custody.outgoing import handing
from sealtrace.custody.outgoing import receipt as receipts
from sealtrace.errors import NotRegistered, ProofInvalid, SealtraceError, UsageProblem
from sealtrace.ids import CopyId, VersionRef
from sealtrace.policy import engine

from .. import site
from ..accounts.may import acting, may
from ..frame.problems import words_of
from . import ordering, packaging, reading
from .models import Order
from .orders import LONGEST_UNDERTAKING, last_day

PAGE_SIZE, MOST_OPEN = 50, 20
ANYWHERE = "0.0.0.0"  # noqa: S104 (a value that says the address is not known)


@may("package:list")
@require_GET
def packages(request: HttpRequest) -> HttpResponse:
    """Packages, newest first: how far each has come; orders not made yet; the way to bring a receipt back."""
    return _list(request)


def _list(request: HttpRequest, problem: SealtraceError | None = None) -> HttpResponse:
    before, actor = reading.whole_number(request.GET.get("before")), acting(request)
    rows = handing.listed(site.custody().office, before, PAGE_SIZE + 1)
    context = {
        "packages": rows[:PAGE_SIZE], "before": before,
        "older": rows[PAGE_SIZE - 1].copy.entry.index if len(rows) > PAGE_SIZE else None,
        "orders": packaging.open_orders(MOST_OPEN) if before is None else [],
        "may_order": engine.decide(actor, "package:order").allowed,
        "may_receive": engine.decide(actor, "package:receive").allowed,
        "problem": _words(problem) if problem else None,
    }  # fmt: skip
    return render(request, "custody/packages.html", context, status=422 if problem else 200)


def _words(problem: SealtraceError) -> tuple[str, str, str]:
    if not isinstance(problem, ProofInvalid):
        return words_of(problem, get_language() or "en")
    return (
        _("This is no receipt that a package made here has signed, or it was changed after that."),
        _("Ask for the file that the package saves after signing, or for the whole text below it."),
        problem.message,
    )


@may("package:order")
@require_GET
def new(request: HttpRequest, code: str) -> HttpResponse:
    """The form of an order."""
    version, office = site.custody().version(VersionRef.parse(code)), site.custody().office
    return render(request, "custody/package_new.html", {
        "file": version, "two": ordering.needs_second(version, Order.Form.PACKAGE), "today": timezone.localdate(),
        "purposes": knowing.purposes(office), "longest": LONGEST_UNDERTAKING,
        "words": ordering.asked_words(version),
    })  # fmt: skip


@may("package:order")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Order a package. What needs a second person waits."""
    form = request.POST
    outsider = Recipient(
        form.get("operator", ""),
        form.get("device", "").strip() or "outside",
        form.get("ip", "").strip() or ANYWHERE,
    )
    listed, words = form.get("listed_purpose", "").strip(), form.get("purpose", "").strip()
    organisation, until = form.get("organisation", "").strip(), last_day(request)
    if not organisation or len(organisation) > 200:
        raise UsageProblem(_("Say whose outsider it is. Nothing was ordered."))
    if until is None:
        raise UsageProblem(_("A package has a last day. Nothing was ordered."))
    order = packaging.place(
        acting(request), form.get("ref", ""), outsider, organisation=organisation, until=until,
        purpose=": ".join(filter(None, (listed, words)))[:200],
        undertaking=form.get("undertaking", "")[:LONGEST_UNDERTAKING], now=timezone.now(),
    )  # fmt: skip
    return redirect("issue-order", pk=order.pk)


@may("package:hand-over")
@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an order's package and show its code: here, now, and never again."""
    order = get_object_or_404(Order, pk=pk, form=Order.Form.PACKAGE)
    made = packaging.make(acting(request), order)
    return render(request, "custody/package_made.html", {"order": order, "made": made})


@may("package:list")
@require_GET
def package(request: HttpRequest, copy: str) -> HttpResponse:
    """One package: whom it is for and under what, how far it has come, its receipt."""
    found, actor = handing.show(site.custody().office, CopyId.parse(copy)), acting(request)
    order, handing_over = packaging.order_of(found.copy.id), engine.decide(actor, "package:hand-over")
    mine = order is not None and order.operator == actor.operator
    revoking = engine.decide(actor, "copy:revoke")
    return render(request, "custody/package.html", {
        "package": found, "copy": found.copy, "order": order, "standing": found.standing,
        "version": site.custody().version(VersionRef(found.copy.code, found.copy.version)),
        "may_hand_over": mine and found.waits and not found.standing.ended
        and (handing_over.allowed or handing_over.step_up),
        "may_revoke": revoking.allowed or revoking.step_up, "today": timezone.localdate(),
        "may_receive": engine.decide(actor, "package:receive").allowed and found.received is None,
    })  # fmt: skip


@may("package:hand-over")
@require_POST
def take(request: HttpRequest, copy: str) -> HttpResponseBase:
    """Hand a package's bytes out, once; its entry is durable before the first byte goes."""
    named = CopyId.parse(copy)
    return FileResponse(
        packaging.hand_over(acting(request), named), as_attachment=True, filename=f"package-{named}.html",
        content_type="application/octet-stream",
    )  # fmt: skip


@may("package:receive")
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Bring a receipt back, as its file or as pasted text; one that does not hold changes nothing."""
    sent = request.FILES.get("file")
    try:
        if sent is not None:
            read = receipts.read_bytes(sent.read(4 * receipts.LONGEST + 1))
        else:
            read = receipts.read(request.POST.get("text", "").strip())
        receipts.register(site.custody().office, read)
    except (ProofInvalid, NotRegistered, UsageProblem) as e:
        if not engine.decide(acting(request), "package:list").allowed:
            raise
        return _list(request, e)
    messages.success(request, _("The receipt holds: whoever opened the package signed it. It is entered."))
    if engine.decide(acting(request), "package:list").allowed:
        return redirect("issue-package", copy=str(read.copy))
    return redirect("register")


def after_decision(copy: CopyId) -> bool:
    """Whether a copy that was decided about is a package; its bytes go when it is revoked or over."""
    office = site.custody().office
    if controls.standing(office, copy).ended:
        handing.sweep(office)
    return site.custody().copy(copy).purpose == "package"
