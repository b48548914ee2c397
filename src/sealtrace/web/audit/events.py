"""The ledger's events as the audit trail shows them: by event, subject and operator, a page at a time by index.

KNOWN LIMIT: a page looks at 4,000 entries at most and then says where it stopped, so that a rare event in a long log
takes several pages; an operator's entries are found by their keyed token, without looking through the log.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import site
from ..custody import entries

PAGE = 50
SCAN = 4000


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries, newest first; `following` is the index that the next page begins below, None at the end."""

    entries: tuple[entries.Shown, ...]
    following: int | None


def page(event: str, subject: str, operator: str, before: int | None) -> Found:
    """One page of the ledger's events."""
    custody = site.custody()
    top = custody.office.ledger.size()
    top = min(top, before) if before is not None else top
    if operator:
        known = [index for index, _ in custody.find(operator=operator) if index < top]
        numbers = iter(reversed(known))
    else:
        numbers = iter(range(top - 1, max(-1, top - 1 - SCAN), -1))
    kept: list[entries.Shown] = []
    last = top
    for last in numbers:
        shown = entries.shown(last)
        if shown.event.startswith(event) and subject in shown.subject:
            kept.append(shown)
            if len(kept) == PAGE:
                break
    more = last > 0 and (len(kept) == PAGE or (not operator and last < top))
    return Found(tuple(kept), last if more else None)
