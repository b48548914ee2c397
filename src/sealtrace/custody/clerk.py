"""Small acts of many threads, entered together: one hold of the home and one commit for all that wait.

A page view is one entry with one row. Were each to take the home's lock by itself, two hundred readers would
queue for it; here whoever finds nobody at the desk takes what is waiting and enters it for all. Each returns
only when its own entry is durable, and one that fails takes nothing of the others with it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sealtrace.ledger.log import Rows
from sealtrace.ledger.model import Draft, Entry

if TYPE_CHECKING:
    from .office import Office

AT_ONCE = 250  # acts entered in one commit, so that none waits long


@dataclass(eq=False)
class _Act:
    drafts: Sequence[Draft]
    rows: Rows
    done: threading.Event = field(default_factory=threading.Event)
    entries: list[Entry] = field(default_factory=list)
    error: BaseException | None = None


class Clerk:
    """The desk where a process's small acts are entered."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._waiting: deque[_Act] = deque()
        self._desk = threading.Lock()

    def enter(self, drafts: Sequence[Draft], rows: Rows) -> list[Entry]:
        """Enter drafts with their rows, in one commit with whatever else is waiting; durable when it returns.

        Raises:
            HomeLocked: another process kept the home; nothing was entered.
            StorageFailed: the disk refused; nothing was acknowledged.
            Whatever `rows` raises: nothing of this act was entered.
        """
        act = _Act(drafts, rows)
        self._waiting.append(act)
        while not act.done.is_set():
            if self._desk.acquire(timeout=0.02):
                try:
                    if not act.done.is_set():
                        self._enter_waiting()
                finally:
                    self._desk.release()
        if act.error is not None:
            raise act.error
        return act.entries

    def _enter_waiting(self) -> None:
        batch: list[_Act] = []
        while self._waiting and len(batch) < AT_ONCE:
            batch.append(self._waiting.popleft())
        try:
            with self._office.holding():
                results = self._office.ledger.append_each([(act.drafts, act.rows) for act in batch])
            for act, result in zip(batch, results, strict=True):
                if isinstance(result, BaseException):
                    act.error = result
                else:
                    act.entries = result
        except BaseException as e:
            for act in batch:
                act.error = e
        for act in batch:
            act.done.set()
