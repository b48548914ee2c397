"""What every screen of licensing does: who acts for the licence desk, the open office, one act and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sealtrace.custody.office import Office
from sealtrace.errors import SealtraceError
from sealtrace.people.duties import Actor, ActorKind

from .. import site
from ..accounts.may import acting
from ..frame.views import status_of

UNPROCESSABLE = 422
TELLS_ON_THE_PAGE = (UNPROCESSABLE, 403)
Show = Callable[[HttpRequest, str, SealtraceError | None], HttpResponse]


def office() -> Office:
    """The office of this site's home."""
    return site.custody().office


def person(request: HttpRequest) -> Actor:
    """Who acts, as the licence desk knows people."""
    return Actor(acting(request).operator, ActorKind.HUMAN)


def act(
    request: HttpRequest, name: str, done: str, what: Callable[[], object], show: Show, to: str
) -> HttpResponse:
    """Do one thing; then the page it leads to. What can't be done leaves the page as it is, with the reason on top.

    Errors of the ledger and the machine are not ours to soften: they become the problem page.
    """
    try:
        what()
    except SealtraceError as e:
        if status_of(e) not in TELLS_ON_THE_PAGE:
            raise
        return show(request, name, e)
    messages.success(request, done)
    return redirect(to, name)


def kept(said: Mapping[str, str]) -> str:
    """The page of hits that is looked at, as a query: filters and place."""
    return urlencode({k: v for k in ("view", "list", "after") if (v := said.get(k, ""))})
