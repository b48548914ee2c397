"""What may be done with a file and its copies after registering: who needs to know, reading here only, undertakings,
ends and revocations. Each decision is an entry before it holds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.custody import controls, knowing, undertaking
from sealtrace.custody.model import Recipient, Version
from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ids import CopyId, VersionRef
from sealtrace.policy import engine

from .. import site
from ..accounts.may import acting, may
from ..accounts.models import Operator
from . import ordering, packages
from .orders import LONGEST_UNDERTAKING
from .reading import day_of

MOST_FILES = 200
NOBODY = Recipient("(nobody)", "none", "0.0.0.0")  # noqa: S104 (a value, not an address to bind)


def _version(code: str) -> Version:
    return site.custody().version(VersionRef.parse(code.partition("@")[0]))


@may("file:rights")
@require_GET
def rights(request: HttpRequest, code: str) -> HttpResponse:
    """Who may read a file, and under what: its list, its undertaking, whether it is for reading here only."""
    version, office, actor = _version(code), site.custody().office, acting(request)
    may_list = engine.decide(actor, "need:list").allowed
    return render(request, "custody/rights.html", {
        "file": version, "limited": knowing.is_limited_file(office, version.code), "may_list": may_list,
        "needs": knowing.listed(office, version.code) if may_list else [], "today": timezone.localdate(),
        "only": controls.is_view_only(office, version, NOBODY.operator),
        "words": undertaking.due(office, version, NOBODY), "longest": LONGEST_UNDERTAKING,
        "given": undertaking.given(office, version.code) if engine.decide(actor, "copy:list").allowed else [],
        "may_open": engine.decide(actor, "file:list").allowed,
        "may_restrict": engine.decide(actor, "file:restrict").allowed,
    })  # fmt: skip


@may("file:restrict")
@require_POST
def restrict(request: HttpRequest, code: str) -> HttpResponse:
    """Let a file be read here only, or taken again, or ask its readers for an undertaking."""
    version, office, by = _version(code), site.custody().office, acting(request).operator
    act = request.POST.get("act", "")
    if act in ("only", "lift"):
        controls.set_view_only(office, version.code, operator=None, by=by, only=act == "only")
        said = (
            _("Copies of this file leave no more.")
            if act == "only"
            else _("Copies of this file may leave again.")
        )
    elif act == "undertaking":
        words = request.POST.get("words", "").strip()
        if not words or len(words) > LONGEST_UNDERTAKING:
            raise UsageProblem(_("An undertaking has 1 to %(n)d characters.") % {"n": LONGEST_UNDERTAKING})
        controls.ask_undertaking(office, version.code, words, by=by)
        said = _("Every reader signs these words before the next page opens.")
    else:
        raise UsageProblem(_("There is no such decision."))
    messages.success(request, said)
    return redirect("register-rights", code=str(version.code))


@may("need:set")
@require_POST
def need(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a file's list of those who need to know.

    Raises:
        NotRegistered: nobody of this code is an operator here.
    """
    version, office, by, form = _version(code), site.custody().office, acting(request).operator, request.POST
    act, operator = form.get("act", ""), form.get("operator", "").strip()
    if act in ("limit", "open"):
        knowing.limit(office, version.code, by=by, limited=act == "limit")
    elif act == "end":
        knowing.end(office, version.code, operator, by=by)
    elif act == "give":
        if not Operator.objects.filter(code=operator).exists():
            raise NotRegistered(
                _("There is no operator with this code."), advice=_("Look at the list of operators.")
            )
        until = ordering.end_of(day_of(form.get("until", "")))
        knowing.give(office, version.code, operator, why=form.get("why", ""), by=by, until=until)
    else:
        raise UsageProblem(_("There is no such decision."))
    return redirect("register-rights", code=str(version.code))


@may("need:list")
@require_GET
def purposes(request: HttpRequest) -> HttpResponse:
    """The purposes that this office acts for, and the files with a list of those who need to know."""
    office, code = site.custody().office, request.GET.get("code", "").strip()
    if code:
        return redirect("register-rights", code=str(_version(code).code))
    context = {"purposes": knowing.purposes(office), "files": knowing.limited_files(office, MOST_FILES)}
    return render(request, "custody/purposes.html", context)


@may("purpose:set")
@require_POST
def set_purpose(request: HttpRequest) -> HttpResponse:
    """Put a purpose on the office's list, or take it off."""
    office, by, purpose = site.custody().office, acting(request).operator, request.POST.get("purpose", "")
    if request.POST.get("act") == "end":
        knowing.end_purpose(office, purpose, by=by)
    else:
        knowing.add_purpose(office, purpose, by=by)
    return redirect("policy-purposes")


@may("copy:revoke")
@require_POST
def decide_copy(request: HttpRequest, copy: str) -> HttpResponse:
    """Revoke a copy, take a revocation back, or give the copy another end."""
    office, by, form = site.custody().office, acting(request).operator, request.POST
    found, act = CopyId.parse(copy), form.get("act", "")
    if act == "revoke":
        controls.revoke(office, found, by=by, reason=form.get("reason", ""))
        said = _("Revoked. Its bytes are handed out no more, and its holder’s pages close at once.")
    elif act == "reinstate":
        controls.reinstate(office, found, by=by, reason=form.get("reason", ""))
        said = _("The revocation is taken back.")
    elif act == "expire":
        until = ordering.end_of(day_of(form.get("until", "")))
        if until is None:
            raise UsageProblem(_("Give the last day."))
        controls.expire(office, found, until, by=by)
        said = _("The copy has another end.")
    else:
        raise UsageProblem(_("There is no such decision."))
    messages.success(request, said)
    return redirect("issue-package" if packages.after_decision(found) else "issue-copy", copy=copy)
