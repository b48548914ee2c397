"""Do something about rows of the site's database and enter it in the ledger: both, or the ledger says it was not done.

The home's lock is taken before the database's, always in this order. The entry is durable before the rows are, and
the rows carry its number in their own transaction. A deed that fails, or whose process is killed, between the two
leaves an entry without that number: it is followed by an entry `deed:without-effect` that names it, at once or before
the next deed. So there is never an effect without an entry, and never an entry whose effect one has to guess. Finishing
such a deed instead would be wrong: its person was never told that it was done, and may have done it again. For most it
would not be possible either: an entry holds no token, no passkey and no payload of a request, only what proves them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from django.db import DatabaseError, transaction

from sealtrace.custody import outside
from sealtrace.errors import SealtraceError

from . import site

Enter = Callable[[str, str, Mapping[str, str | int | bytes | None]], int]
_held = threading.local()


@contextmanager
def together() -> Iterator[Enter]:
    """Open one deed; gives `enter(event, subject, fields)`, which writes an entry and returns its index.

    A deed within a deed is a part of it.
    """
    enter: Enter | None = getattr(_held, "enter", None)
    if enter is not None:
        yield enter
        return
    with site.custody().office.writing():
        settled = recover()
        try:
            with transaction.atomic(durable=True):
                _held.enter = _entering(settled)
                yield _held.enter
        except BaseException:
            _held.enter = None
            with suppress(SealtraceError, DatabaseError):  # what failed first is said; the next deed recovers
                recover()
            raise
        finally:
            _held.enter = None


def _entering(settled: list[int]) -> Enter:
    from .audit.models import Effect

    office = site.custody().office

    def enter(event: str, subject: str, fields: Mapping[str, str | int | bytes | None]) -> int:
        index = outside.enter(office, event, subject, fields, settled).index
        Effect.objects.create(entry=index)
        return index

    return enter


def recover() -> list[int]:
    """Say in the ledger which entries had no effect; gives those that had one and are still noted as open.

    Hold the home for writing.
    """
    from .audit.models import Effect

    office = site.custody().office
    noted = outside.still_open(office)
    settled = list(Effect.objects.filter(entry__in=noted).values_list("entry", flat=True))
    lost = [entry for entry in noted if entry not in settled]
    if lost:
        outside.void(office, lost)
    Effect.objects.exclude(entry__in=settled).delete()  # let go of there, so of no more use here
    return settled
