"""Who has been granted which purpose, and until when: for the screens that offer them and for oversight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealtrace.custody.office import Office

from .access import Purpose
from .acts import identity, read, ready
from .duties import Actor
from .moments import moment, second


@dataclass(frozen=True, slots=True)
class Grant:
    """One purpose of somebody: who granted it, from when, until when."""

    actor: str
    purpose: Purpose
    granter: str
    from_at: datetime
    until_at: datetime


def held(office: Office, now: datetime) -> list[Grant]:
    """Every purpose that holds at `now`, by holder."""
    ready(office)
    rows = read(
        office,
        "SELECT actor, purpose, granter, from_at, until_at FROM purpose_grants"
        " WHERE from_at <= :now AND :now < until_at ORDER BY actor, purpose, until_at",
        {"now": second(now)},
    )
    return [Grant(who, Purpose(p), by, moment(start), moment(end)) for who, p, by, start, end in rows]


def purposes_of(office: Office, actor: Actor, now: datetime) -> list[Purpose]:
    """The purposes for which an actor may look now, a broken glass among them."""
    me = identity(office, actor).id
    found = {grant.purpose for grant in held(office, now) if grant.actor == me}
    glass = read(
        office,
        "SELECT 1 FROM break_glass WHERE actor = :me AND starts_at <= :now AND :now < ends_at LIMIT 1",
        {"me": me, "now": second(now)},
    )
    return [p for p in Purpose if p in found or (p is Purpose.BREAK_GLASS and glass)]
