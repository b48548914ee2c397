"""What the house tells a person: written in the transaction that gives cause for it, read on the own page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office

from .acts import read, seal, unseal
from .moments import moment, second


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: what kind, about what, what it says, since when it lies there."""

    id: int
    kind: str
    about: str
    says: Mapping[str, Any]
    at: datetime


def tell(
    office: Office,
    db: apsw.Connection,
    person: str,
    kind: str,
    about: str,
    says: Mapping[str, Any],
    now: datetime,
) -> None:
    """Leave a notice for a person, within the caller's transaction."""
    box = seal(office, db, person, dict(says), f"notice {kind} {about}")
    db.execute(
        "INSERT INTO notices(person, kind, about, sealed, at) VALUES (?, ?, ?, ?, ?)",
        (person, kind, about, box, second(now)),
    )


def notices(office: Office, person: str) -> list[Notice]:
    """All notices for a person, newest first."""
    rows = read(
        office, "SELECT id, kind, about, sealed, at FROM notices WHERE person = ? ORDER BY id DESC", (person,)
    )
    return [
        Notice(n, kind, about, unseal(office, person, sealed, f"notice {kind} {about}") or {}, moment(at))
        for n, kind, about, sealed, at in rows
    ]
