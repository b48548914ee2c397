"""What every screen of travel does: who acts, the second it is, one act and the page it leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sealtrace.custody.office import Office
from sealtrace.errors import SealtraceError, UsageProblem
from sealtrace.people.acts import identity
from sealtrace.people.duties import Actor, human
from sealtrace.people.moments import whole

from .. import site
from ..accounts.may import acting
from ..frame.views import status_of

UNPROCESSABLE = 422
ON_THE_PAGE = (UNPROCESSABLE, 403)
PERSON = "per-"
Show = Callable[[SealtraceError], HttpResponse]


def office() -> Office:
    """The office of this site's home."""
    return site.custody().office


def me(request: HttpRequest) -> Actor:
    """Who acts, under the one id the registers of people know."""
    return identity(office(), human(acting(request).operator))


def in_directory(who: Actor) -> bool:
    """Whether the directory of specialists has this person; others have no journeys or documents here."""
    return who.id.startswith(PERSON)


def now() -> datetime:
    """The second it is."""
    return whole(office().clock.now())


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


def act(
    request: HttpRequest, done: str, what: Callable[[], object], wrong: Show, to: str, *names: str
) -> HttpResponse:
    """Do one thing; then the page it leads to. What can't be done shows the page again with the reason on top.

    Errors of the ledger and the machine are not ours to soften: they become the problem page.
    """
    try:
        what()
    except SealtraceError as e:
        if status_of(e) not in ON_THE_PAGE:
            raise
        return wrong(e)
    messages.success(request, done)
    return redirect(to, *names)
