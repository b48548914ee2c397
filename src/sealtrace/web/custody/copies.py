"""Issued copies: lists, one copy, and taking its bytes."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.content.kinds import Kind
from sealtrace.custody import controls, store
from sealtrace.custody.model import IssuedCopy
from sealtrace.errors import Denied, SealtraceError
from sealtrace.ids import CopyId, VersionRef
from sealtrace.marks import notice
from sealtrace.policy import engine
from sealtrace.policy.model import Actor

from .. import site
from ..accounts.may import acting, may
from . import intake, reading
from .answer import CHANNELS
from .models import Order

PAGE_SIZE = 50


@may("copy:list")
@require_GET
def copies(request: HttpRequest) -> HttpResponse:
    """Copies of a version or of a person, newest first."""
    office, before = site.custody().office, reading.whole_number(request.GET.get("before"))
    ref, person = request.GET.get("file", "").strip(), request.GET.get("operator", "").strip()[:200]
    version, problem = None, ""
    if ref:
        try:
            version = office.version(VersionRef.parse(ref))
        except SealtraceError as e:
            problem = e.message
    subject = office.subjects.token("operator", person) if person else None
    rows = (
        []
        if problem
        else store.newest_copies(
            office.db, before, PAGE_SIZE + 1, version=version.row if version else None, subject=subject
        )
        if version or subject
        else []
    )
    context = {
        "copies": site.custody().shown(rows[:PAGE_SIZE]), "ref": ref, "person": person,
        "older": rows[PAGE_SIZE - 1].entry if len(rows) > PAGE_SIZE else None, "before": before,
        "asked": bool(ref or person), "problem": problem, "version": version,
    }  # fmt: skip
    return render(request, "custody/copies.html", context)


def _own_or_listed(actor: Actor, copy: IssuedCopy, action: str) -> None:
    """Let a recipient at their own copy, and others only by their roles.

    Raises:
        Denied: neither.
    """
    if copy.operator != actor.operator and not engine.decide(actor, action).allowed:
        raise Denied(_("This copy is another person’s."), advice=_("Ask an issuer."))


@may("copy:take")
@require_GET
def copy(request: HttpRequest, copy: str) -> HttpResponse:
    """One copy: its recipient of record, its marks, its entry."""
    found, actor = site.custody().copy(copy), acting(request)
    _own_or_listed(actor, found, "copy:list")
    version = site.custody().version(VersionRef(found.code, found.version))
    revoking = engine.decide(actor, "copy:revoke")
    context = {
        "copy": found, "version": version, "order": _order(found.id),
        "marks": [(CHANNELS.get(m.channel, m.channel), m.capacity) for m in found.marks],
        "standing": controls.standing(site.custody().office, found.id),
        "is_package": found.purpose == "package" and engine.decide(actor, "package:list").allowed,
        "may_package": bool(version.pages) and engine.decide(actor, "package:order").allowed,
        "may_revoke": revoking.allowed or revoking.step_up, "today": timezone.localdate(),
        "may_take": found.purpose == "copy"
        and (found.operator == actor.operator or engine.decide(actor, "copy:issue").allowed),
    }  # fmt: skip
    return render(request, "custody/copy.html", context)


def _order(copy: CopyId) -> Order | None:
    return Order.objects.filter(issued__copy=str(copy)).first()


@may("copy:take")
@require_POST
def take(request: HttpRequest, copy: str) -> HttpResponseBase:
    """Hand a copy's bytes out; the delivery is an entry before the first byte goes."""
    found, actor = site.custody().copy(copy), acting(request)
    _own_or_listed(actor, found, "copy:issue")
    version = site.custody().version(VersionRef(found.code, found.version))
    wrapped = version.kind is Kind.OPAQUE
    name = intake.plain_name(version.name)
    with site.custody().office.staging("take") as folder:
        place = folder / (Path(name).stem + ".zip" if wrapped else name)
        site.custody().fetch(found.id, place, wrapped=wrapped)
        bytes_out = place.open("rb")  # outlives its name: the folder goes at once
        told = place.with_name(place.name + notice.SUFFIX).exists()
    headers = {notice.HEADER: notice.ENGLISH} if told else None
    name = f"{place.stem}.{found.id}{place.suffix}"
    return FileResponse(bytes_out, as_attachment=True, filename=name, headers=headers)
