"""What every screen about people does: who acts, at which second; one act and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from sealtrace.custody.office import Office
from sealtrace.errors import SealtraceError
from sealtrace.people.duties import Actor, human
from sealtrace.people.moments import whole

from .. import site
from ..accounts.may import acting
from ..frame.views import status_of

TELLS_ON_THE_PAGE = (422, 403)
Show = Callable[[SealtraceError], HttpResponse]


def office() -> Office:
    """The office of this site's home."""
    return site.custody().office


def me(request: HttpRequest) -> Actor:
    """Who acts, as the registers of people know them."""
    return human(acting(request).operator)


def now() -> datetime:
    """This second."""
    return whole(timezone.now())


def act(
    request: HttpRequest, what: Callable[[], object], show: Show, done: str, to: str, *names: str
) -> HttpResponse:
    """Do one thing, then go on; what can't be done is told on the page, which keeps what was typed.

    Errors of the ledger and the machine are not ours to soften: they become the problem page.
    """
    try:
        what()
    except SealtraceError as e:
        if status_of(e) not in TELLS_ON_THE_PAGE:
            raise
        return show(e)
    messages.success(request, done)
    return redirect(to, *names)
