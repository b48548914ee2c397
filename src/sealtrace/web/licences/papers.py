"""What can be taken away: a licence's page and credential, the status list, enclosed documents; versions compared."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sealtrace.errors import CaseUnknown
from sealtrace.licences import service
from sealtrace.licences.review.application import changes as parts_of
from sealtrace.licences.review.case import Case

from ..accounts.may import may
from .acts import office
from .own import own_case


def attached(data: bytes, name: str, kind: str = "application/octet-stream") -> HttpResponse:
    """Bytes as a file to keep, never to be shown as a page of this site."""
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@may("licence:list")
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """A licence's page as PDF, with its symbol."""
    return attached(service.page(office(), number), f"{number}.pdf", "application/pdf")


@may("licence:list")
@require_GET
def credential(request: HttpRequest, number: str) -> HttpResponse:
    """A licence as a W3C Verifiable Credential: shown, or taken away as the secured JWT."""
    made, jwt = service.credential(office(), number)
    if request.GET.get("form") == "jwt":
        return attached(jwt.encode("ascii"), f"{number}.vc.jwt", "application/vc+jwt")
    text = json.dumps(made, ensure_ascii=False, indent=2)
    return render(request, "licences/credential.html", {"number": number, "text": text, "jwt": jwt})


@may("licence:list")
@require_GET
def status_list(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """The signed status list of today, for posts without a network."""
    made, data = service.status_list(office())
    return attached(data, f"status-{made.at:%Y%m%d}.bin")


@may("licence:list")
@require_GET
def document(request: HttpRequest, name: str, sha256: str) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """A document that a case encloses."""
    return attached(
        service.enclosure(office(), name, sha256), title_of(service.get_case(office(), name), sha256)
    )


@may("licence:list")
@require_GET
def versions(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One version of an application, and what it changed."""
    return _version(
        request, service.get_case(office(), name), number, "licences-case", "licences-version", _("Licences")
    )


# -- the applicant's own --------------------------------------------------------------------------


@may("licence:apply")
@require_GET
def own_page(request: HttpRequest, name: str) -> HttpResponse:
    """My licence's page as PDF, once it is served."""
    case = own_case(request, name)
    if not case.licence or not case.notified_on:
        raise CaseUnknown(f"{name} has no licence that was served")
    return attached(service.page(office(), case.licence), f"{case.licence}.pdf", "application/pdf")


@may("licence:apply")
@require_GET
def own_document(request: HttpRequest, name: str, sha256: str) -> HttpResponse:
    """A document that my application encloses."""
    return attached(service.enclosure(office(), name, sha256), title_of(own_case(request, name), sha256))


@may("licence:apply")
@require_GET
def own_versions(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One version of my application, and what it changed."""
    return _version(
        request,
        own_case(request, name),
        number,
        "applications-one",
        "applications-version",
        _("My applications"),
    )


def title_of(case: Case, sha256: str) -> str:
    """A file name from the document's title: what a file system and a header both take."""
    title = next(
        (d["title"] for v in case.versions for d in v.document["documents"] if d["id"] == sha256), sha256[:16]
    )
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in title)
    return plain or sha256[:16]


def _version(request: HttpRequest, case: Case, number: int, back: str, each: str, crumb: str) -> HttpResponse:
    if not 1 <= number <= len(case.versions):
        raise CaseUnknown(f"{case.id} has no version {number}")
    held = case.versions[number - 1]
    before: Any = case.versions[number - 2].document if number > 1 else {}
    context = {
        "case": case, "held": held, "changes": parts_of(before, held.document) if number > 1 else [],
        "back": back, "each": each, "crumb": crumb, "numbers": range(1, len(case.versions) + 1),
    }  # fmt: skip
    return render(request, "licences/version.html", context)
