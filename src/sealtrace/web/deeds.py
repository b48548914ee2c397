"""Do something about rows of the site's database and enter it in the ledger: both, or nothing happened.

The home's lock is taken before the database's, always in this order. The entry is durable before the rows are: a
process killed between the two leaves an entry whose deed has no effect, never an effect without an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction

from . import site

Enter = Callable[[str, str, Mapping[str, str | int | bytes | None]], int]


@contextmanager
def together() -> Iterator[Enter]:
    """Open one deed; gives `enter(event, subject, fields)`, which writes an entry and returns its index."""
    office = site.custody().office

    def enter(event: str, subject: str, fields: Mapping[str, str | int | bytes | None]) -> int:
        return office.record_act(event, subject, fields, lambda _db, _entry: None).index

    with office.writing(), transaction.atomic():
        yield enter
