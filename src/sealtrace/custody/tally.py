"""How many copies and views a version has: counted once, then only what was entered since.

Copies are never removed and their entries only grow, so that what was counted stays true.
"""

from __future__ import annotations

import threading

import apsw


class Tally:
    """Counts of one open home, in memory."""

    def __init__(self) -> None:
        self._known: dict[
            int, tuple[int, int]
        ] = {}  # by version: the newest entry that was counted, how many
        self._gate = threading.Lock()

    def of(self, db: apsw.Connection, version: int) -> int:
        """The copies and views of a version now. A walk along an index over those that were not counted yet."""
        before, counted = self._known.get(version, (-1, 0))
        row = db.execute(
            "SELECT count(*), max(entry) FROM copies WHERE version = ? AND entry > ?", (version, before)
        ).fetchone()
        assert row is not None
        if not row[0]:
            return counted
        with self._gate:  # of two that counted at a time, the one who saw more is kept
            self._known[version] = max(self._known.get(version, (-1, 0)), (row[1], counted + row[0]))
        return int(counted + row[0])
