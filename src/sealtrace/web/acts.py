"""What the screens of the registers of people share: who acts, the second it is, one act and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sealtrace.custody.office import Office
from sealtrace.errors import SealtraceError
from sealtrace.people.duties import Actor, human
from sealtrace.people.moments import whole

from . import site
from .accounts.may import acting
from .frame.views import status_of

UNPROCESSABLE = 422
TELLS_ON_THE_PAGE = (UNPROCESSABLE, 403)
Show = Callable[[SealtraceError], HttpResponse]


def office() -> Office:
    """The office of this site's home."""
    return site.custody().office


def me(request: HttpRequest) -> Actor:
    """Who acts, as the registers of people know them."""
    return human(acting(request).operator)


def now() -> datetime:
    """The second it is, by the office's clock."""
    return whole(office().clock.now())


def act(
    request: HttpRequest, done: str, what: Callable[[], object], show: Show, to: str, *arguments: object,
    place: str = "",
) -> HttpResponse:  # fmt: skip
    """Do one thing; then the page it leads to. What can't be done shows the page again, with the reason on top.

    Errors of the ledger and the machine are not ours to soften: they become the problem page.
    """
    try:
        what()
    except SealtraceError as e:
        if status_of(e) not in TELLS_ON_THE_PAGE:
            raise
        return show(e)
    messages.success(request, done)
    answer = redirect(to, *arguments)
    if place:
        answer["Location"] += f"#{place}"
    return answer
