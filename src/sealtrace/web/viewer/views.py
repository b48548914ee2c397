"""Screens of the viewer. No unmarked byte passes here: pictures, tiles and cells come marked from the reading room."""

from __future__ import annotations

import base64

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from sealtrace.content.tables import files as table_files
from sealtrace.custody import controls, reading, undertaking
from sealtrace.custody.model import Version
from sealtrace.errors import CannotMark, CopyEnded, Denied, ProofInvalid
from sealtrace.policy import engine

from .. import site
from ..accounts.may import acting, may
from ..devices.models import Device
from .readers import named, reader, subject_of, ticketed

FILES_A_PAGE = 50
THUMBS = 2  # on either side of the page that is open
SHOWN_WIDTH = 704  # CSS pixels that a page takes at 100 %: 44 rem


def shows_table(version: Version) -> bool:
    """Whether a version is read as a table."""
    return not version.pages and version.kind in table_files.MODULES


@may("page:list")
@require_GET
def files(request: HttpRequest) -> HttpResponse:
    """The newest version of every file this person may open, newest first."""
    actor, before = acting(request), request.GET.get("before", "")
    found: list[Version] = []
    last = int(before) if before.isdecimal() else None
    while len(found) < FILES_A_PAGE:
        batch = site.custody().newest(before=last, limit=FILES_A_PAGE)
        for version in batch:
            last = version.row
            if engine.decide(actor, "page:view", subject_of(version, actor.operator)).allowed:
                found.append(version)
                if len(found) == FILES_A_PAGE:
                    break
        if len(batch) < FILES_A_PAGE:
            last = None if len(found) < FILES_A_PAGE else last
            break
    shown = [
        {"version": v, "opens": bool(v.pages) or (shows_table(v) and v.plan.table is not None)} for v in found
    ]
    return render(request, "viewer/files.html", {"files": shown, "older": last, "paged": bool(before)})


@may("page:view", named)
@require_GET
def file(request: HttpRequest, ref: str) -> HttpResponse:  # noqa: ARG001
    """Open a file at its beginning."""
    version = site.custody().version(ref)
    if shows_table(version):
        return redirect("view-table", ref=str(version.ref), number=1, part=1)
    return redirect("view-page", ref=str(version.ref), number=1)


@may("page:view", named)
@require_GET
def page(request: HttpRequest, ref: str, number: int) -> HttpResponse:
    """The frame around one page; the page itself is its picture, which is entered when it is asked for."""
    custody = site.custody()
    version = custody.version(ref)
    if shows_table(version):
        return redirect("view-table", ref=str(version.ref), number=1, part=1)
    if not version.pages:
        raise CannotMark(
            f"{version.ref} ({version.kind}) has no pages to look at", advice="Ask for a copy of it instead."
        )
    if not 1 <= number <= version.pages:
        return redirect("view-page", ref=str(version.ref), number=max(1, min(number, version.pages)))
    who = reader(request)
    if undertaking.due(custody.office, version, who.who) is not None:
        return redirect("view-undertake", ref=str(version.ref))
    controls.require_reading(custody.office, version, who.who)
    nearby = range(max(1, number - THUMBS), min(version.pages, number + THUMBS) + 1)
    decision = engine.decide(acting(request), "page:view", subject_of(version, who.who.operator))
    return render(request, "viewer/page.html", {
        "version": version, "number": number, "nearby": nearby, "reader": who, "decision": decision,
        "before": number - 1 if number > 1 else None, "after": number + 1 if number < version.pages else None,
        "zooms": reading.ZOOMS[1:], "now": custody.office.clock.now(),
    })  # fmt: skip


@may("page:view", named)
@require_http_methods(["GET", "POST"])
def undertake(request: HttpRequest, ref: str) -> HttpResponse:
    """The words a file asks its readers to sign; on POST, the signature of the device this session is bound to."""
    office = site.custody().office
    version, who = site.custody().version(ref), reader(request).who
    words = undertaking.due(office, version, who)
    if words is None:
        return redirect("view-file", ref=str(version.ref))
    if request.method == "POST":
        device = Device.objects.filter(code=who.device, operator__code=who.operator, revoked_at=None).first()
        if device is None:
            raise Denied("an undertaking is signed by an enrolled device", advice="Enrol this device first.")
        try:
            signature = base64.b64decode(request.POST.get("undertaking", ""), validate=True)
        except ValueError as e:
            raise ProofInvalid("the signature can't be read") from e
        undertaking.give(office, version, who, bytes(device.public_key), signature)
        return redirect("view-file", ref=str(version.ref))
    signed = base64.b64encode(undertaking.to_sign(version, words, who)).decode()
    return render(request, "viewer/undertaking.html", {"version": version, "words": words, "signed": signed})


@may("page:view", named)
@require_GET
def picture(request: HttpRequest, ref: str, number: int) -> HttpResponse:
    """The marked picture of a page: this is the opening, and it is an entry before its first byte is sent."""
    custody = site.custody()
    opened = custody.office.reading_room.open_page(custody.version(ref).ref, number, reader(request))
    return HttpResponse(opened.picture, content_type=reading.MEDIA_TYPE)


@may("page:view", named)
@require_GET
def opening(request: HttpRequest, ref: str, number: int) -> HttpResponse:
    """Which copy this session's page is, for the margin."""
    custody = site.custody()
    version = custody.version(ref)
    copy = custody.office.reading_room.copy_of(version, number, reader(request))
    return render(request, "viewer/opening.html", {"copy": copy})


@may("page:view", named)
@require_GET
def zoom(request: HttpRequest, ref: str, number: int, level: int) -> HttpResponse:
    """One zoom level as its tiles; an entry of its own."""
    custody = site.custody()
    opened = custody.office.reading_room.zoom(custody.version(ref).ref, number, level, reader(request))
    edge = [
        SHOWN_WIDTH * level * n * reading.TILE / opened.width for n in range(max(opened.columns, opened.rows))
    ]
    across = [round(x) for x in edge[: opened.columns]] + [SHOWN_WIDTH * level]
    down = [round(y) for y in edge[: opened.rows]] + [
        round(SHOWN_WIDTH * level * opened.height / opened.width)
    ]
    rows = [
        [
            {
                "address": reverse("view-tile", args=[opened.ticket, column, row]),
                "width": across[column + 1] - across[column], "height": down[row + 1] - down[row],
            }
            for column in range(opened.columns)
        ]
        for row in range(opened.rows)
    ]  # fmt: skip
    return render(request, "viewer/zoom.html", {"rows": rows, "number": number, "level": level})


@may("page:view", ticketed)
@require_GET
def tile(request: HttpRequest, ticket: str, column: int, row: int) -> HttpResponse:
    """One tile of a zoom level that this reader opened."""
    data = site.custody().office.reading_room.tile(ticket, column, row, reader(request))
    return HttpResponse(data, content_type=reading.MEDIA_TYPE)


@may("page:view", named)
@require_GET
def standing(request: HttpRequest, ref: str) -> HttpResponse:
    """Asked by an open page every few seconds: 204 while it may stay open, else what takes its place."""
    custody = site.custody()
    try:
        controls.require_reading(custody.office, custody.version(ref), reader(request).who)
    except CopyEnded as e:
        return render(request, "viewer/ended.html", {"error": e})
    return HttpResponse(status=204)


@may("page:text", named)
@require_GET
def text(request: HttpRequest, ref: str, number: int) -> HttpResponse:  # noqa: ARG001
    """The text of a page for reading aids: only from a marked variant, and no file has one."""
    raise CannotMark(
        f"the text of {ref} can't carry a mark of its own, so it is not given out",
        advice="Enlarge the page, or ask for a copy.",
    )


@may("page:view", named)
@require_GET
def table(request: HttpRequest, ref: str, number: int, part: int) -> HttpResponse:
    """Some rows of the reader's own marked copy; each part is an entry."""
    custody = site.custody()
    version, who = custody.version(ref), reader(request)
    opened = custody.office.reading_room.open_table(version.ref, number - 1, part, who)
    parts = max(1, -(-opened.rows // reading.ROWS_A_PART))
    numbered = enumerate(opened.cells, opened.first_row + 1)
    return render(request, "viewer/table.html", {
        "version": version, "opened": opened, "number": number, "part": part, "parts": parts, "reader": who,
        "cells": list(numbered), "last": opened.first_row + len(opened.cells), "now": custody.office.clock.now(),
        "before": part - 1 if part > 1 else None, "after": part + 1 if part < parts else None,
    })  # fmt: skip
