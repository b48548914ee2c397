"""Family members on a journey, as the traveller states them: relationship, country, dates. Nothing more exists.

Each declaration has a key of its own for them. The rows have no index and no person; they are read here and nowhere
else, for the traveller and for who decides that journey, and go with their key 90 days after the journey.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import FamilyDataRefused
from sealtrace.people.acts import read
from sealtrace.people.moments import moment, second

from .rules import Companion

KEPT_FOR = timedelta(days=90)
RELATIONSHIPS = frozenset({"spouse", "parent", "child", "sibling", "other"})
COUNTRY = re.compile(r"[A-Z]{2}")
KIND = "family"


def check(companions: Sequence[Companion]) -> None:
    """Refuse what could hold a name or a number.

    Raises:
        FamilyDataRefused: a relationship that is none of the list, or a country that is no ISO 3166 code.
    """
    for one in companions:
        if one.relationship not in RELATIONSHIPS or not COUNTRY.fullmatch(one.country):
            raise FamilyDataRefused(
                f"a companion is {', '.join(sorted(RELATIONSHIPS))} and a country of two letters, nothing else",
                advice="Leave names and numbers out; they are never held.",
            )


def keep(office: Office, db: apsw.Connection, journey: str, companions: Sequence[Companion]) -> bytes | None:
    """Seal companions under the declaration's own key; gives its token, None without companions."""
    if not companions:
        return None
    token = office.subjects.ensure(db, journey, KIND)
    for one in companions:
        record = {"relationship": one.relationship, "country": one.country, "starts_at": second(one.starts_at),
                  "ends_at": second(one.ends_at)}  # fmt: skip
        box = office.subjects.seal(db, token, record, b"companion")
        db.execute("INSERT INTO companions VALUES (?, ?)", (token, box))
    return token


def of_journey(office: Office, token: bytes | None) -> list[Companion]:
    """The companions of one declaration; none once their time is over."""
    found = []
    if token is not None:
        for (sealed,) in read(office, "SELECT sealed FROM companions WHERE family = ?", (token,)):
            record = office.subjects.unseal(office.db, token, bytes(sealed), b"companion")
            if record is not None:
                starts, ends = moment(record["starts_at"]), moment(record["ends_at"])
                found.append(Companion(record["relationship"], record["country"], starts, ends))
    return found


def held(office: Office) -> set[bytes]:
    """The tokens of declarations whose companions are still there."""
    return {bytes(row[0]) for row in read(office, "SELECT DISTINCT family FROM companions")}


def forget(db: apsw.Connection, token: bytes) -> None:
    """Destroy the companions of one declaration, rows and key."""
    db.execute("DELETE FROM companions WHERE family = ?", (token,))
    db.execute("DELETE FROM subjects WHERE token = ?", (token,))
