"""Closing a year: its statements move to a sealed shard, and are purged when the policy's time has come."""

from __future__ import annotations

from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ledger.model import Entry
from sealtrace.ledger.shards import Shard
from sealtrace.ledger.tree import WIDTH

from .office import Office

CLOSED, PURGED = "ledger:shard-closed", "ledger:shard-purged"


def close_shard(office: Office, name: str, past: int | None = None) -> tuple[Shard, Entry]:
    """Move the statements before entry `past` to a shard; by default all whole tiles. Hashes stay.

    Raises:
        UsageProblem: nothing to move, or the name is taken.
    """
    with office.writing():
        ledger = office.ledger
        shard = ledger.shards.prepare(name, past if past is not None else ledger.size() // WIDTH * WIDTH)
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

    Raises:
        NotRegistered: there is no such shard, or it was purged before.
        UsageProblem: authority or basis are empty.
    """
    if not authority.strip() or not basis.strip():
        raise UsageProblem("a purge names who orders it and the rule it rests on")
    with office.writing():
        shards = office.ledger.shards
        shard = next((s for s in shards.all() if s.name == name and s.purged is None), None)
        if shard is None:
            raise NotRegistered(f"there is no shard {name!r} to purge")
        fields: dict[str, str | int | bytes | None] = {
            "name": name,
            "sha256": shard.sha256,
            "authority": authority,
            "basis": basis,
        }
        entry = office.record_act(
            PURGED, "ledger", fields, lambda db, made: shards.purge(db, shard, made.index)
        )
        shards.remove_purged()
        return entry
