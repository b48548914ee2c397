"""Who has been granted which purpose, and until when; and how grants follow an account to its person.

A person of the directory acts under the person's id, so what was granted to the account must stand under that id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import apsw

from sealtrace.custody.office import Office

from . import store
from .access import END, Purpose
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


def following(office: Office, person: str, accounts: Sequence[str], now: datetime) -> list[tuple[int, str]]:
    """Grants of accounts that follow to the person they are being bound to: their numbers and purposes.

    What the same human granted under another of the accounts does not follow: nobody grants to oneself.
    """
    mine = {person, *accounts, *store.accounts(office, person)}
    found = []
    for account in accounts:
        rows = read(
            office,
            "SELECT id, purpose, granter FROM purpose_grants WHERE actor = ? AND from_at <= ? AND ? < until_at",
            (account, second(now), second(now)),
        )
        found += [(number, purpose) for number, purpose, granter in rows if granter not in mine]
    return found


def follow(
    db: apsw.Connection, person: str, accounts: Sequence[str], numbers: Sequence[int], now: datetime
) -> None:
    """Hand grants on to the person, in the transaction that binds the accounts; the accounts' own rows end.

    Purpose, granter and end stay as they were. What one of the accounts had granted to the person ends as well.
    """
    told = {"now": second(now), "person": person}
    for number in numbers:
        db.execute(
            "INSERT INTO purpose_grants(actor, purpose, granter, granter_kind, from_at, until_at)"
            " SELECT :person, purpose, granter, granter_kind, :now, until_at FROM purpose_grants"
            " WHERE id = :number AND until_at > :now",
            {**told, "number": number},
        )
    for account in accounts:
        db.execute(
            f"{END} WHERE until_at > :now AND (actor = :account OR (actor = :person AND granter = :account))",
            {**told, "account": account},
        )
