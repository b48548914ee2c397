"""Closing a year: its statements move to a sealed shard, and are purged when the policy's time has come."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from sealtrace.errors import HomeLocked, NotRegistered, UsageProblem
from sealtrace.ledger.model import Entry
from sealtrace.ledger.shards import Shard
from sealtrace.ledger.tree import WIDTH

from . import store
from .keys import ROTATED
from .model import written
from .office import Office

MAX_YEAR = 9999
CLOSED, PURGED = "ledger:shard-closed", "ledger:shard-purged"


def end_of(office: Office, name: str) -> int:
    """Where a shard of this name ends: at the last whole tile of the year it names, or of the whole log.

    A year ends with the newest entry that the register dates in it or before, in UTC.
    """
    size = office.ledger.size()
    if len(name) == 4 and name.isascii() and name.isdecimal() and int(name) < MAX_YEAR:
        last = store.last_entry_before(office.db, written(datetime(int(name) + 1, 1, 1, tzinfo=UTC)))
        size = 0 if last is None else last + 1
    return size // WIDTH * WIDTH


def stretch(office: Office, name: str, past: int | None = None) -> tuple[int, int]:
    """The entries [first, past) that closing a shard would move. Raises UsageProblem."""
    return office.ledger.shards.stretch(name, past if past is not None else end_of(office, name))


def close_shard(office: Office, name: str, past: int | None = None) -> tuple[Shard, Entry]:
    """Move the statements before entry `past` to a shard, by default up to `end_of(name)`. Hashes stay.

    Raises:
        UsageProblem: nothing to move, or the name is taken.
    """
    with office.writing():
        ledger = office.ledger
        shard = ledger.shards.prepare(name, past if past is not None else end_of(office, name))
        fields: dict[str, str | int | bytes | None] = {
            "name": name,
            "first": shard.first,
            "past": shard.past,
            "sha256": shard.sha256,
            "root": ledger.root(shard.past),
        }
        entry = office.record_act(CLOSED, "ledger", fields, lambda db, _: ledger.shards.close(db, shard))
        return shard, entry


def purge_shard(office: Office, name: str, *, authority: str, basis: str) -> Entry:
    """Destroy the statements of a closed shard; every hash, receipt and proof stays.

    The home's first entry and its key rotations are spared: all evidence rests on them, and they are
    about no person.

    Raises:
        NotRegistered: there is no such shard, or it was purged before.
        UsageProblem: authority or basis are empty.
    """
    with office.writing():
        shards, shard = office.ledger.shards, purgeable(office, name, authority=authority, basis=basis)
        founding = [0, *(index for index, _ in office.acts(ROTATED))]
        spared = [(i, office.ledger.entry(i).statement) for i in founding if shard.first <= i < shard.past]
        fields: dict[str, str | int | bytes | None] = {
            "name": name,
            "sha256": shard.sha256,
            "authority": authority,
            "basis": basis,
        }
        entry = office.record_act(
            PURGED, "ledger", fields, lambda db, made: shards.purge(db, shard, made.index, spared)
        )
        shards.remove_purged()
        with suppress(HomeLocked):  # a reader elsewhere: its end empties the write-ahead log
            office.ledger.empty_write_ahead_log()
        return entry


def purgeable(office: Office, name: str, *, authority: str, basis: str) -> Shard:
    """Find a shard that may be purged. Raises as `purge_shard` does."""
    if not authority.strip() or not basis.strip():
        raise UsageProblem("a purge names who orders it and the rule it rests on")
    shard = next((s for s in office.ledger.shards.all() if s.name == name and s.purged is None), None)
    if shard is None:
        raise NotRegistered(
            f"there is no shard {name!r} to purge", advice="`sealtrace ledger shard list` shows the shards."
        )
    return shard
