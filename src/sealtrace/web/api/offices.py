"""The other offices over the API: erasing a person's data, licences, comparing names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from sealtrace.catalogue.units import kilograms_mg
from sealtrace.custody import erasure
from sealtrace.custody.model import entry_dict
from sealtrace.licences import accounts, desk, issuing
from sealtrace.licences.account import Amount, Kind, Request, Want
from sealtrace.licences.cases import answers, shipped
from sealtrace.licences.states import day_of

from .. import site
from .access import may
from .problems import REFUSALS, Problem
from .repeating import once
from .shapes import Cases, Draw, Erasure, LicenceText, NamePairs

router = Router()
Answer = dict[str, Any]


@router.post(
    "/subjects/erase",
    response={200: Answer, REFUSALS: Problem},
    operation_id="eraseSubject",
    tags=["subjects"],
)
def erase(request: HttpRequest, order: Erasure) -> Any:
    """Destroy the key and salts of a person's data. It can't be undone; every receipt still verifies."""
    may(request, "subject:erase")
    office = site.custody().office

    def act() -> tuple[int, Answer]:
        if order.dry_run:
            return 200, {"dry_run": True, "copies": erasure.concerned(office, order.operator)}
        done = erasure.erase(office, order.operator, authority=order.authority, basis=order.basis)
        return 200, {"copies": done.copies, "settled": done.settled, "entry": entry_dict(done.entry)}

    return once(request, act)


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


@router.post(
    "/licences/{licence}/draw",
    response={200: Answer, REFUSALS: Problem},
    operation_id="draw",
    tags=["licences"],
)
def draw(request: HttpRequest, licence: str, order: Draw) -> Any:
    """Draw a quantity; the same `key` again is the same draw, also from the command line."""
    may(request, "licence:draw")
    want = Want(order.element, Amount(kilograms_mg(order.kg), 0, 0), order.entry or None)
    made = Request(licence[:100], Kind.DRAW, order.key, (want,), order.from_reservation, order.note)
    return once(request, lambda: (200, dict(accounts.post(site.custody().office, made).as_dict())))


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
    verdict = issuing.verify(order.text, trusted, order.on or day_of(datetime.now(UTC)))
    found = verdict.licence
    return {
        "usable": verdict.usable, "state": verdict.state, "licence": found.number, "holder": found.holder,
        "end_user": found.end_user, "destination": found.destination, "from": found.valid_from.isoformat(),
        "to": found.valid_to.isoformat(),
    }  # fmt: skip


@router.post(
    "/watch/names", response={200: Answer, REFUSALS: Problem}, operation_id="scoreNames", tags=["watch"]
)
def score(request: HttpRequest, order: NamePairs) -> Any:
    """How well two spellings fit one name, from 0 to 1; nothing is kept, and a high score is not a person."""
    may(request, "watch:score")
    from sealtrace.watch.names import compare

    found = [compare(left, right) for left, right in order.pairs]
    return {"items": [{"score": round(f.score, 6), "reading": f.reading} for f in found]}
