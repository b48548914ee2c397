"""Rows <-> values of the restriction register. What the tables demand stands in `schema`.

Times are UTC to the second, so that text order is time order. Whether a restriction binds is computed in the query.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import NotRegistered, RestrictionUnlawful, StepRefused
from sealtrace.people.acts import read, read_one, refused_as, unseal
from sealtrace.people.duties import Actor, human
from sealtrace.people.moments import moment, second

from .basis import BasisRegister, LegalBasis, Suspension
from .model import AppealPath, Restriction, Scope
from .rules import Record
from .schema import EFFECTIVE


def add_basis(connection: apsw.Connection, basis: LegalBasis, entered_by: str, counsel: str) -> None:
    """Enter a version of a legal basis that counsel compared with the text; an unverified one is refused."""
    until = basis.valid_until.isoformat() if basis.valid_until else None
    remedy = json.dumps(dict(basis.remedy), ensure_ascii=False, sort_keys=True)
    described = json.dumps(describe(basis), ensure_ascii=False, sort_keys=True)
    with _refusals():
        connection.execute(
            "INSERT INTO legal_bases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (basis.ref, basis.clause, remedy, int(basis.verified), basis.valid_from.isoformat(), until,
             int(basis.compensation_monthly), described, entered_by, counsel),
        )  # fmt: skip
        caps = [(basis.ref, grade, months) for grade, months in basis.cap_months.items()]
        connection.executemany("INSERT INTO basis_caps VALUES (?, ?, ?)", caps)
        for suspended in basis.suspended:
            add_suspension(connection, basis.ref, suspended)


def add_suspension(connection: apsw.Connection, ref: str, suspended: Suspension) -> None:
    """Enter a time in which a version does not apply."""
    ends = suspended.end.isoformat() if suspended.end else None
    with _refusals():
        connection.execute(
            "INSERT INTO basis_suspensions VALUES (?, ?, ?, ?)",
            (ref, suspended.start.isoformat(), ends, suspended.by),
        )


def describe(basis: LegalBasis) -> dict[str, Any]:
    """A version as it is kept, suspensions aside."""
    return {
        "id": basis.id, "version": basis.version, "title": dict(basis.title), "clause": basis.clause,
        "valid_from": basis.valid_from.isoformat(),
        "valid_until": basis.valid_until.isoformat() if basis.valid_until else None,
        "verified": basis.verified, "cap_months": dict(basis.cap_months),
        "compensation_monthly": basis.compensation_monthly, "unpaid_months": basis.unpaid_months,
        "remedy": dict(basis.remedy), "remedy_days": basis.remedy_days,
    }  # fmt: skip


def bases(office: Office) -> BasisRegister:
    """The register of legal bases of this house, with the suspensions entered since."""
    suspended: dict[str, list[Suspension]] = {}
    for ref, start, end, by in read(
        office, "SELECT basis, starts_on, ends_on, ordered_by FROM basis_suspensions"
    ):
        last = date.fromisoformat(end) if end else None
        suspended.setdefault(ref, []).append(Suspension(date.fromisoformat(start), last, by))
    found = []
    for ref, described in read(office, "SELECT ref, described FROM legal_bases ORDER BY ref"):
        entry: Mapping[str, Any] = json.loads(described)
        until = entry["valid_until"]
        days = {"valid_from": date.fromisoformat(entry["valid_from"]),
                "valid_until": date.fromisoformat(until) if until else None}  # fmt: skip
        found.append(LegalBasis(**{**entry, **days}, suspended=tuple(suspended.get(ref, ()))))
    return BasisRegister(tuple(found))


def add(connection: apsw.Connection, r: Restriction, sealed: bytes) -> None:
    """Enter a decided restriction; `sealed` holds its reasons and the employers it names."""
    row = (
        r.id, r.person, r.authority, r.basis.ref, r.grade, r.scope.activity, r.scope.territory, sealed, r.notice,
        r.proposer.id, str(r.proposer.kind), r.decider.id, str(r.decider.kind), r.appeal.officer, r.appeal.days,
        r.appeal.outside, r.appeal.outside_days, second(r.decided_at), second(r.starts_at), second(r.ends_at),
        second(r.review_due), int(r.compensation_agreed),
    )  # fmt: skip
    with _refusals():
        connection.execute(f"INSERT INTO restrictions VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 (only marks)


def add_event(
    connection: apsw.Connection, restriction: str, kind: str, actor: Actor, at: datetime, *,
    due: datetime | None = None, month: int | None = None,
) -> None:  # fmt: skip
    """Enter what happened to a restriction.

    Raises:
        StepRefused: the step does not follow, or was not taken by a person.
    """
    with refused_as(StepRefused):
        connection.execute(
            "INSERT INTO restriction_events(restriction, kind, actor, actor_kind, at, due, month)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (restriction, kind, actor.id, str(actor.kind), second(at), second(due) if due else None, month),
        )


def effective(connection: apsw.Connection, now: datetime, person: str | None = None) -> list[str]:
    """Ids of the restrictions that bind at `now`, of one person or of all; computed, never stored."""
    rows: Iterable[tuple[str]] = connection.execute(EFFECTIVE, {"now": second(now), "person": person})
    return [row[0] for row in rows]


_COLUMNS = (
    "id, person, authority, basis, grade, activity, territory, sealed, notice, proposer, decider, appeal_officer,"
    " appeal_days, outside, outside_days, decided_at, starts_at, ends_at, review_due, compensation_agreed"
)


def record(office: Office, name: str, register: BasisRegister | None = None) -> Record:
    """A restriction with what happened to it. Raises NotRegistered."""
    row = read_one(office, f"SELECT {_COLUMNS} FROM restrictions WHERE id = ?", (name,))  # noqa: S608 (constant)
    if row is None:
        raise NotRegistered(
            f"there is no restriction {name!r}", advice="`sealtrace post restrictions` lists them."
        )
    return _record(office, row, register or bases(office))


def records(office: Office, person: str | None = None) -> list[Record]:
    """Restrictions of one person or of all, oldest first."""
    query = f"SELECT {_COLUMNS} FROM restrictions WHERE ? IS NULL OR person = ? ORDER BY decided_at, id"  # noqa: S608
    register = bases(office)
    return [_record(office, row, register) for row in read(office, query, (person, person))]


def _record(office: Office, row: tuple[Any, ...], register: BasisRegister) -> Record:
    (name, person, authority, basis, grade, activity, territory, sealed, notice, proposer, decider, officer, days,
     outside, outside_days, decided, starts, ends, review_due, paid) = row  # fmt: skip
    secret = unseal(office, person, sealed, f"restriction {name}") or {"reasons": "-", "employers": []}
    restriction = Restriction(
        name, person, authority, register.get(basis), grade,
        Scope(activity, territory, tuple(secret["employers"])), secret["reasons"], notice, human(proposer),
        human(decider), AppealPath(officer, days, outside, outside_days), moment(decided), moment(starts),
        moment(ends), moment(review_due), bool(paid),
    )  # fmt: skip
    found: dict[str, datetime] = {}
    due: datetime | None = None
    months = set()
    for kind, at, until, month in read(
        office,
        "SELECT kind, at, due, month FROM restriction_events WHERE restriction = ? ORDER BY id",
        (name,),
    ):
        found[kind] = moment(at)
        due = moment(until) if until else due
        if month is not None:
            months.add(month)
    closed = found.get("upheld") or found.get("annulled") or found.get("withdrawn")
    return Record(
        restriction, found.get("served"), due, frozenset(months), found.get("appealed"), closed,
        found.get("annulled"), found.get("released"),
    )  # fmt: skip


def _refusals() -> AbstractContextManager[None]:
    """Turn a refused row into an error of ours."""
    return refused_as(RestrictionUnlawful)
