"""Licences over the API: classify, accounts and their postings, what verifies a licence."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from sealtrace.catalogue.units import kilograms_mg
from sealtrace.licences import accounts, desk, issuing, workdays
from sealtrace.licences.account import Amount, Kind, Request, Want
from sealtrace.licences.cases import answers, shipped
from sealtrace.licences.states import day_of

from .. import site
from .access import may
from .problems import REFUSALS, Problem
from .repeating import once
from .shapes import Cases, Correction, Draw, LicenceText, Posting, Release

router = Router()
Answer = dict[str, Any]


@router.post(
    "/licences/classify",
    response={200: Answer, REFUSALS: Problem},
    operation_id="classify",
    tags=["licences"],
)
def classify(request: HttpRequest, cases: Cases) -> Any:
    """Decide for each case whether a licence is needed; a malformed one gets its own answer."""
    import json

    may(request, "licence:classify")
    lines = [json.dumps(case).encode() for case in cases.cases]
    return {"items": list(answers(lines, shipped()))}


@router.get(
    "/licences", response={200: Answer, REFUSALS: Problem}, operation_id="listLicences", tags=["licences"]
)
def list_licences(request: HttpRequest) -> Any:
    """The licences' accounts."""
    may(request, "licence:see")
    return {"items": [account.as_dict() for account in desk.accounts(site.custody().office)]}


def _post(
    request: HttpRequest, licence: str, kind: Kind, order: Posting, ref: str | None = None, sign: int = 1
) -> Any:
    may(request, "licence:draw")
    wants = tuple(
        Want(
            line.element,
            Amount(
                sign * kilograms_mg(line.kg), sign * (kilograms_mg(line.gross_kg) if line.gross_kg else 0),
                sign * line.value,
            ),
            line.entry,
        )
        for line in order.lines
    )  # fmt: skip
    made = Request(licence[:100], kind, order.key, wants, ref, order.note)
    return once(request, lambda: (200, dict(accounts.post(site.custody().office, made).as_dict())))


@router.post(
    "/licences/{licence}/draw",
    response={200: Answer, REFUSALS: Problem},
    operation_id="draw",
    tags=["licences"],
)
def draw(request: HttpRequest, licence: str, order: Draw) -> Any:
    """Draw quantities, all lines or none; the same `key` again is the same draw, also from the command line."""
    return _post(request, licence, Kind.DRAW, order, order.from_reservation)


@router.post(
    "/licences/{licence}/reserve",
    response={200: Answer, REFUSALS: Problem},
    operation_id="reserve",
    tags=["licences"],
)
def reserve(request: HttpRequest, licence: str, order: Posting) -> Any:
    """Hold quantities for a shipment; `key` names the reservation."""
    return _post(request, licence, Kind.RESERVE, order)


@router.post(
    "/licences/{licence}/release",
    response={200: Answer, REFUSALS: Problem},
    operation_id="release",
    tags=["licences"],
)
def release(request: HttpRequest, licence: str, order: Release) -> Any:
    """Give back what a reservation holds."""
    return _post(request, licence, Kind.RELEASE, order, order.reservation)


@router.post(
    "/licences/{licence}/correct",
    response={200: Answer, REFUSALS: Problem},
    operation_id="correct",
    tags=["licences"],
)
def correct(request: HttpRequest, licence: str, order: Correction) -> Any:
    """Correct a draw by a further posting: give back what was too much, or draw what was too little."""
    return _post(request, licence, Kind.CORRECT, order, order.draw, -1 if order.back else 1)


@router.post(
    "/licences/verify",
    response={200: Answer, REFUSALS: Problem},
    operation_id="verifyLicence",
    tags=["licences"],
)
def verify(request: HttpRequest, order: LicenceText) -> Any:
    """Verify a licence's signed text against this office's key."""
    may(request, "licence:see")
    from sealtrace.errors import ProofInvalid
    from sealtrace.licences import token

    if not order.text.startswith(token.PREFIX):
        raise ProofInvalid("this is no licence's text")
    trusted = [issuing.read_key(issuing.public_key(site.custody().office).encode())]
    verdict = issuing.verify(order.text, trusted, order.on or day_of(site.custody().office.clock.now()))
    found = verdict.licence
    return {
        "usable": verdict.usable, "state": verdict.state, "licence": found.number, "holder": found.holder,
        "end_user": found.end_user, "destination": found.destination, "from": found.valid_from.isoformat(),
        "to": found.valid_to.isoformat(),
    }  # fmt: skip


@router.get(
    "/licences/deadline",
    response={200: Answer, REFUSALS: Problem},
    operation_id="deadline",
    tags=["licences"],
)
def deadline(
    request: HttpRequest,
    start: Annotated[date, Query(alias="from")],
    days: Annotated[int, Query(ge=1, le=1000)] = 45,
) -> Any:
    """A deadline in China's working days: 45 for a decision, 7 for an answer to customs."""
    may(request, "licence:see")
    made = workdays.shipped().after(start, days)
    return {
        "from": start.isoformat(), "working_days": days, "day": made.day.isoformat(), "provisional": made.provisional
    }  # fmt: skip


@router.get(
    "/licences/key", response={200: Answer, REFUSALS: Problem}, operation_id="licenceKey", tags=["licences"]
)
def key(request: HttpRequest) -> Any:
    """The public key that verifies this office's licences and status lists, as PEM."""
    may(request, "licence:see")
    return {"key": issuing.public_key(site.custody().office)}


@router.get(
    "/licences/status", response={REFUSALS: Problem}, operation_id="licenceStatus", tags=["licences"],
    openapi_extra={"responses": {200: {"description": "The signed status list, CBOR.", "content": {
        "application/cbor": {"schema": {"type": "string", "format": "binary"}}
    }}}},
)  # fmt: skip
def status_list(request: HttpRequest, days: Annotated[int, Query(ge=1, le=90)] = 7) -> Any:
    """The signed list of which licences are suspended, revoked or ended, to be relied on for so many days."""
    may(request, "licence:see")
    _, data = issuing.status_list(site.custody().office, days)
    return HttpResponse(data, content_type="application/cbor")


@router.get(
    "/licences/{licence}",
    response={200: Answer, REFUSALS: Problem},
    operation_id="showLicence",
    tags=["licences"],
)
def show(request: HttpRequest, licence: str) -> Any:
    """A licence's account: its lines with what is granted, reserved, drawn and left."""
    may(request, "licence:see")
    return desk.account(site.custody().office, licence[:100]).as_dict()
