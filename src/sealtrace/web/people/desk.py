"""What the screens about people share: who acts, the second it is, why a file is open, one act and where it leads."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from sealtrace.errors import PurposeMissing
from sealtrace.people import grants
from sealtrace.people.access import Purpose

from ..accounts.may import acting
from ..acts import TELLS_ON_THE_PAGE, act, me, now, office

__all__ = ["TELLS_ON_THE_PAGE", "act", "me", "now", "office"]

MOST_OPEN = 20
OPENED = "people opened"


@dataclass(frozen=True, slots=True)
class Opened:
    """Why a file is open in this session: asked once for each file and purpose, entered with each look."""

    person: str
    purpose: Purpose
    reason: str


def opened(request: HttpRequest) -> list[Opened]:
    """The files open in this session, the last one first."""
    held = request.session.get(OPENED, [])
    return [Opened(person, Purpose(purpose), reason) for person, purpose, reason in held]


def why(request: HttpRequest, person: str) -> Opened | None:
    """Why this person's file is open, or None."""
    return next((one for one in opened(request) if one.person == person), None)


def remember(request: HttpRequest, one: Opened) -> None:
    """Keep the answer for the session; it takes the place of an earlier one for the same person."""
    others = [o for o in opened(request) if o.person != one.person]
    request.session[OPENED] = [[o.person, str(o.purpose), o.reason] for o in [one, *others][:MOST_OPEN]]


def forget(request: HttpRequest, person: str) -> None:
    """Close a file: it is asked again before the next look."""
    request.session[OPENED] = [
        [o.person, str(o.purpose), o.reason] for o in opened(request) if o.person != person
    ]


def purposes(request: HttpRequest) -> list[Purpose]:
    """The purposes granted to who acts."""
    return grants.purposes_of(office(), me(request), now())


def require(request: HttpRequest, purpose: Purpose) -> None:
    """Stop before anything is read when a purpose is not granted. Raises PurposeMissing."""
    if purpose not in purposes(request):
        raise PurposeMissing(
            f"{acting(request).operator} has not been granted the purpose {purpose!s}",
            advice="Have somebody else grant it for a time.",
        )
