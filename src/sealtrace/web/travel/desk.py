"""What every screen of travel does: who acts, the second it is, one act and the page it leads to."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sealtrace.errors import UsageProblem
from sealtrace.people.acts import identity
from sealtrace.people.duties import Actor, human

from ..accounts.may import acting
from ..acts import TELLS_ON_THE_PAGE, UNPROCESSABLE, act, now, office

__all__ = ["TELLS_ON_THE_PAGE", "UNPROCESSABLE", "act", "now", "office"]

PERSON = "per-"


def me(request: HttpRequest) -> Actor:
    """Who acts, under the one id the registers of people know."""
    return identity(office(), human(acting(request).operator))


def in_directory(who: Actor) -> bool:
    """Whether the directory of specialists has this person; others have no journeys or documents here."""
    return who.id.startswith(PERSON)


def day(text: str, *, end: bool = False) -> datetime:
    """The midnight at which a typed day begins, or with `end` at which it is over.

    Raises:
        UsageProblem: it is no day.
    """
    from datetime import timedelta

    try:
        typed = date.fromisoformat(text.strip())
    except ValueError as e:
        raise UsageProblem(f"{text!r} is no day", advice="Write 2026-11-03.") from e
    return datetime(typed.year, typed.month, typed.day, tzinfo=UTC) + timedelta(days=1 if end else 0)


def said(request: HttpRequest, name: str, what: str) -> str:
    """A text that has to be there. Raises UsageProblem."""
    text = request.POST.get(name, "").strip()
    if not text:
        raise UsageProblem(_("%(what)s: nothing was given.") % {"what": what}, advice=_("Fill the field in."))
    return text[:2000]


def grounds(request: HttpRequest) -> str:
    """The grounds of an appeal. Raises UsageProblem."""
    return said(request, "text", pgettext("people", "Grounds of an appeal"))
