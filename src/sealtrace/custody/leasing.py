"""Copies whose notary's half was given beforehand, so that a page opens without asking anybody outside.

A lease is some dozen new copies of one version: ids drawn here, halves and signed marks from the notary, kept in
memory alone. What is used is entered with the notary's mark before its first byte leaves, as at issue; what is not
used by the end of its time, or when the process ends, is forgotten and was never anybody's copy: the notary gives
each half once, and no entry names it.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook

from .ahead import Ahead
from .model import Version
from .office import Office
from .twokey import Marked, NotaryBook

FIRST, FULL = 4, 32
"""How many copies are asked for while a reader waits, and how many are held ready once nobody does."""
LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Lent:
    """A copy that nobody has yet."""

    copy: CopyId
    marked: Marked
    until: datetime


class Leases:
    """The leases of one open home, by version. Safe for many threads."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._held: dict[int, deque[_Lent]] = {}
        self._gate = threading.Lock()
        self._filling = threading.Lock()
        self._ahead: Ahead[int] = Ahead(self._fill)
        self._versions: dict[int, tuple[Version, CodeBook]] = {}

    def take(self, version: Version, own: CodeBook) -> tuple[CopyId, NotaryBook]:
        """Give a new copy of a version, and the code book that marks it, both halves.

        Only where none is at hand is the notary asked while the caller waits.

        Raises:
            NotaryAway, NotaryRefused, ProofInvalid: one had to be asked for, and the notary did not give it.
        """
        self._versions[version.row] = version, own
        lent = self._pop(version.row)
        while lent is None:
            with self._filling:
                lent = self._pop(version.row) or self._ask(version, own, FIRST)
        if self._count(version.row) <= FULL // 2:
            self._ahead.want(version.row)
        return lent.copy, NotaryBook(self._office, version, own, {lent.copy: lent.marked})

    def settle(self) -> None:
        """Wait until what was wished for is held."""
        self._ahead.settle()

    def close(self) -> None:
        """Ask for nothing more, and forget what nobody has."""
        self._ahead.close()
        with self._gate:
            self._held.clear()

    def _fill(self, row: int) -> None:
        version, own = self._versions[row]
        with self._filling:
            lent = self._ask(version, own, FULL - self._count(row))
        if lent is not None:
            with self._gate:
                self._held[row].appendleft(lent)

    def _ask(self, version: Version, own: CodeBook, count: int) -> _Lent | None:
        """Have the notary mark new copies; the first is given, the others are held."""
        if count < 1:
            return None
        copies = [CopyId.random() for _ in range(count)]
        until = self._office.clock.now() + LIFE
        marked = self._office.notary.marks(version, own, copies, words=True)
        first, *others = (_Lent(c, m, until) for c, m in zip(copies, marked, strict=True))
        with self._gate:
            self._held.setdefault(version.row, deque()).extend(others)
        return first

    def _pop(self, row: int) -> _Lent | None:
        now = self._office.clock.now()
        with self._gate:
            held = self._held.get(row, deque[_Lent]())
            while held:
                lent = held.popleft()
                if now < lent.until:
                    return lent
        return None

    def _count(self, row: int) -> int:
        with self._gate:
            return len(self._held.get(row, ()))
