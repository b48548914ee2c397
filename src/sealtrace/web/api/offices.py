"""The other offices over the API: erasing a person's data, comparing names."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from sealtrace.custody import erasure
from sealtrace.custody.model import entry_dict

from .. import site
from .access import may
from .problems import REFUSALS, Problem
from .repeating import once
from .shapes import Erasure, NamePairs

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
    "/watch/names", response={200: Answer, REFUSALS: Problem}, operation_id="scoreNames", tags=["watch"]
)
def score(request: HttpRequest, order: NamePairs) -> Any:
    """How well two spellings fit one name, from 0 to 1; nothing is kept, and a high score is not a person."""
    may(request, "watch:score")
    from sealtrace.watch.names import compare

    found = [compare(left, right) for left, right in order.pairs]
    return {"items": [{"score": round(f.score, 6), "reading": f.reading} for f in found]}
