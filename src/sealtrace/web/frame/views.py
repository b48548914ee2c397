"""Pages of the frame itself: errors and language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sealtrace.errors import (
    CopyEnded,
    Corrupted,
    Denied,
    HistoryForked,
    HomeLocked,
    NotRegistered,
    QuorumMissing,
    SealtraceError,
    StorageFailed,
    TooManyTries,
)

from . import problems

STATUS: tuple[tuple[type[SealtraceError], int], ...] = (
    (NotRegistered, 404),
    (TooManyTries, 429),
    (Denied, 403),
    (CopyEnded, 410),
    (HomeLocked, 503),
    (StorageFailed, 507),
    (QuorumMissing, 503),
    (Corrupted, 500),
    (HistoryForked, 500),
)


def status_of(error: SealtraceError) -> int:
    """The HTTP status of one of our errors; 422 for input that can't be accepted."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 422)


def words_of(error: SealtraceError) -> tuple[str, str, str]:
    """What is wrong, what to do, and the detail in small print; in the language in use."""
    return problems.words_of(error, get_language() or "zh")


def problem(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    advice: str = "",
    detail: str = "",
    meaning: str = "",
) -> HttpResponse:
    """Render the one error page. meaning: what did not happen, in the reader's language."""
    context = {"title": title, "text": text, "advice": advice, "status": status, "detail": detail}
    context["meaning"] = meaning
    return render(request, "frame/problem.html", context, status=status)


def no_ledger_no_action(error: SealtraceError) -> tuple[str, str] | None:
    """Title and meaning where the ledger could not take the entry, so that nothing was done."""
    if isinstance(error, HomeLocked):
        return _("The ledger is in use"), _("Another program is writing to it. Nothing was done; try again.")
    if isinstance(error, StorageFailed):
        return (
            _("The ledger has no room"),
            _(
                "Nothing was issued, entered or kept, and not one byte left. What was accepted before is safe."
            ),
        )
    if isinstance(error, QuorumMissing):
        return (
            _("Too few witnesses cosigned"),
            _("Nothing was published. The entries are safe and wait for the next quorum."),
        )
    return None


def refused(request: HttpRequest, error: SealtraceError) -> HttpResponse:
    """One of our errors as a page: nothing was done, and why."""
    title = _("This can't be done") if status_of(error) != 404 else _("Not found")
    title, meaning = no_ledger_no_action(error) or (title, "")
    return problem(request, status_of(error), title, *words_of(error), meaning)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400."""
    return problem(request, 400, _("The request can't be read"), _("Nothing was changed."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """403."""
    return problem(request, 403, _("You may not do this"), _("Nothing was changed."))


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403 when the form was not this site's own, or too old."""
    text = _("The form is too old or comes from another site. Nothing was changed. Load the page again.")
    return problem(request, 403, _("The form was refused"), text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404."""
    return problem(
        request, 404, _("There is no such page"), _("Check the address, or go back to the start page.")
    )


def failed(request: HttpRequest) -> HttpResponse:
    """500: a defect of ours."""
    text = _("This is a defect in Sealtrace. What was accepted before is kept.")
    return problem(request, 500, _("Something failed"), text)
