"""Rows of the restriction register, with the law's demands as constraints of the database itself.

Whatever program writes here: no row without authority, basis, scope, notice, end, review and appeal; none beyond
its cap; no step by anything but a person; nothing is changed or deleted afterwards. Times are UTC to the second,
as `2026-01-31T08:00:00Z`, so that text order is time order. Whether a restriction binds is computed in the query.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import apsw

from sealtrace.errors import RestrictionUnlawful, StepRefused
from sealtrace.people.duties import Actor
from sealtrace.people.moments import second

from .basis import LegalBasis
from .model import Restriction

SCHEMA = """
CREATE TABLE IF NOT EXISTS legal_bases(
    ref TEXT PRIMARY KEY CHECK (length(ref) > 0),
    clause TEXT NOT NULL CHECK (length(clause) > 0),
    remedy TEXT NOT NULL CHECK (length(remedy) > 0),
    verified INTEGER NOT NULL CHECK (verified = 1),
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    monthly_pay INTEGER NOT NULL CHECK (monthly_pay IN (0, 1))
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS basis_caps(
    basis TEXT NOT NULL REFERENCES legal_bases(ref),
    grade TEXT NOT NULL CHECK (length(grade) > 0),
    months INTEGER NOT NULL CHECK (months BETWEEN 1 AND 36),
    PRIMARY KEY (basis, grade)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS basis_suspensions(
    basis TEXT NOT NULL REFERENCES legal_bases(ref),
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    ordered_by TEXT NOT NULL CHECK (length(ordered_by) > 0)
);
CREATE TABLE IF NOT EXISTS restrictions(
    id TEXT PRIMARY KEY CHECK (length(id) > 0),
    person TEXT NOT NULL CHECK (length(person) > 0),
    authority TEXT NOT NULL CHECK (length(trim(authority)) > 0),
    basis TEXT NOT NULL REFERENCES legal_bases(ref),
    grade TEXT NOT NULL CHECK (length(grade) > 0),
    activity TEXT NOT NULL CHECK (length(trim(activity)) > 0),
    territory TEXT NOT NULL CHECK (length(trim(territory)) > 0),
    employers TEXT NOT NULL,
    reasons TEXT NOT NULL CHECK (length(trim(reasons)) > 0),
    notice TEXT NOT NULL CHECK (length(trim(notice)) > 0),
    proposer TEXT NOT NULL CHECK (length(proposer) > 0),
    proposer_kind TEXT NOT NULL CHECK (proposer_kind = 'human'),
    decider TEXT NOT NULL CHECK (length(decider) > 0),
    decider_kind TEXT NOT NULL CHECK (decider_kind = 'human'),
    appeal_officer TEXT NOT NULL CHECK (length(appeal_officer) > 0),
    appeal_days INTEGER NOT NULL CHECK (appeal_days > 0),
    outside TEXT NOT NULL CHECK (length(trim(outside)) > 0),
    outside_days INTEGER NOT NULL CHECK (outside_days > 0),
    decided_at TEXT NOT NULL CHECK (decided_at IS strftime('%Y-%m-%dT%H:%M:%SZ', decided_at)),
    starts_at TEXT NOT NULL CHECK (starts_at IS strftime('%Y-%m-%dT%H:%M:%SZ', starts_at)),
    ends_at TEXT NOT NULL CHECK (ends_at IS strftime('%Y-%m-%dT%H:%M:%SZ', ends_at)),
    review_due TEXT NOT NULL CHECK (review_due IS strftime('%Y-%m-%dT%H:%M:%SZ', review_due)),
    compensation_agreed INTEGER NOT NULL CHECK (compensation_agreed IN (0, 1)),
    CHECK (starts_at < ends_at),
    CHECK (decided_at < review_due),
    CHECK (review_due <= strftime('%Y-%m-%dT%H:%M:%SZ', decided_at, '+12 months', 'floor')),
    CHECK (proposer <> decider AND decider <> appeal_officer AND proposer <> appeal_officer),
    CHECK (person <> proposer AND person <> decider AND person <> appeal_officer)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS restrictions_by_person ON restrictions(person);
CREATE TABLE IF NOT EXISTS restriction_events(
    id INTEGER PRIMARY KEY,
    restriction TEXT NOT NULL REFERENCES restrictions(id),
    kind TEXT NOT NULL CHECK (kind IN ('served', 'reviewed', 'paid', 'appealed', 'upheld', 'annulled', 'released')),
    actor TEXT NOT NULL CHECK (length(actor) > 0),
    actor_kind TEXT NOT NULL CHECK (actor_kind = 'human'),
    at TEXT NOT NULL CHECK (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at)),
    due TEXT CHECK (due IS NULL OR due IS strftime('%Y-%m-%dT%H:%M:%SZ', due)),
    month INTEGER CHECK (month IS NULL OR month >= 0),
    CHECK ((kind = 'reviewed') = (due IS NOT NULL)),
    CHECK ((kind = 'paid') = (month IS NOT NULL)),
    CHECK (kind <> 'reviewed' OR (due > at AND due <= strftime('%Y-%m-%dT%H:%M:%SZ', at, '+12 months', 'floor')))
);
CREATE UNIQUE INDEX IF NOT EXISTS once ON restriction_events(restriction, kind)
    WHERE kind IN ('served', 'appealed', 'upheld', 'annulled', 'released');
CREATE UNIQUE INDEX IF NOT EXISTS month_once ON restriction_events(restriction, month) WHERE kind = 'paid';
CREATE TRIGGER IF NOT EXISTS restriction_within_the_law BEFORE INSERT ON restrictions BEGIN
    SELECT RAISE(ABORT, 'the basis carries nothing for this grade') WHERE NOT EXISTS (
        SELECT 1 FROM basis_caps WHERE basis = NEW.basis AND grade IN (NEW.grade, 'any'));
    SELECT RAISE(ABORT, 'longer than the basis allows') WHERE NEW.ends_at > (
        SELECT strftime('%Y-%m-%dT%H:%M:%SZ', NEW.starts_at, '+' || months || ' months', 'floor') FROM basis_caps
        WHERE basis = NEW.basis AND grade IN (NEW.grade, 'any') ORDER BY grade = 'any' LIMIT 1);
    SELECT RAISE(ABORT, 'the basis is not in force on the day of the decision') WHERE NOT EXISTS (
        SELECT 1 FROM legal_bases b WHERE b.ref = NEW.basis AND b.valid_from <= substr(NEW.decided_at, 1, 10)
        AND (b.valid_until IS NULL OR substr(NEW.decided_at, 1, 10) < b.valid_until)
        AND (b.monthly_pay = 0 OR NEW.compensation_agreed = 1)) OR EXISTS (
        SELECT 1 FROM basis_suspensions s WHERE s.basis = NEW.basis AND s.starts_on <= substr(NEW.decided_at, 1, 10)
        AND (s.ends_on IS NULL OR substr(NEW.decided_at, 1, 10) < s.ends_on));
END;
CREATE TRIGGER IF NOT EXISTS review_in_time BEFORE INSERT ON restriction_events
WHEN NEW.kind IN ('served', 'reviewed', 'released', 'appealed') BEGIN
    SELECT RAISE(ABORT, 'the restriction has lapsed or ended') WHERE NEW.at >= (
        SELECT min(r.ends_at, coalesce((SELECT e.due FROM restriction_events e WHERE e.restriction = r.id
            AND e.kind = 'reviewed' ORDER BY e.id DESC LIMIT 1), r.review_due))
        FROM restrictions r WHERE r.id = NEW.restriction) OR EXISTS (
        SELECT 1 FROM restriction_events e WHERE e.restriction = NEW.restriction
        AND e.kind IN ('released', 'annulled') AND e.at <= NEW.at);
END;
CREATE TRIGGER IF NOT EXISTS appeal_by_the_person BEFORE INSERT ON restriction_events WHEN NEW.kind = 'appealed' BEGIN
    SELECT RAISE(ABORT, 'an appeal is the person''s own') WHERE NEW.actor <> (
        SELECT person FROM restrictions WHERE id = NEW.restriction);
    SELECT RAISE(ABORT, 'the time for an appeal runs from service') WHERE NOT EXISTS (
        SELECT 1 FROM restriction_events e JOIN restrictions r ON r.id = e.restriction
        WHERE e.restriction = NEW.restriction AND e.kind = 'served' AND e.at <= NEW.at
        AND NEW.at < strftime('%Y-%m-%dT%H:%M:%SZ', e.at, '+' || r.appeal_days || ' days'));
END;
CREATE TRIGGER IF NOT EXISTS service_after_decision BEFORE INSERT ON restriction_events WHEN NEW.kind = 'served' BEGIN
    SELECT RAISE(ABORT, 'a notice can''t be served before the decision') WHERE NEW.at < (
        SELECT decided_at FROM restrictions WHERE id = NEW.restriction);
END;
CREATE TRIGGER IF NOT EXISTS review_by_others BEFORE INSERT ON restriction_events WHEN NEW.kind = 'reviewed' BEGIN
    SELECT RAISE(ABORT, 'neither the person nor the appeal officer reviews') WHERE NEW.actor IN (
        SELECT person FROM restrictions WHERE id = NEW.restriction
        UNION SELECT appeal_officer FROM restrictions WHERE id = NEW.restriction);
END;
CREATE TRIGGER IF NOT EXISTS appeal_by_the_officer BEFORE INSERT ON restriction_events
WHEN NEW.kind IN ('upheld', 'annulled') BEGIN
    SELECT RAISE(ABORT, 'an appeal is decided by the officer named on the notice') WHERE NEW.actor <> (
        SELECT appeal_officer FROM restrictions WHERE id = NEW.restriction);
    SELECT RAISE(ABORT, 'there is no open appeal') WHERE NOT EXISTS (
        SELECT 1 FROM restriction_events WHERE restriction = NEW.restriction AND kind = 'appealed' AND at <= NEW.at)
        OR EXISTS (SELECT 1 FROM restriction_events WHERE restriction = NEW.restriction
        AND kind IN ('upheld', 'annulled'));
END;
CREATE TRIGGER IF NOT EXISTS restrictions_stay BEFORE UPDATE ON restrictions BEGIN
    SELECT RAISE(ABORT, 'a restriction is never edited; a new decision replaces it');
END;
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON restriction_events BEGIN
    SELECT RAISE(ABORT, 'what happened stays');
END;
CREATE TRIGGER IF NOT EXISTS bases_stay BEFORE UPDATE ON legal_bases BEGIN
    SELECT RAISE(ABORT, 'a version of a legal basis is never edited');
END;
CREATE TRIGGER IF NOT EXISTS caps_stay BEFORE UPDATE ON basis_caps BEGIN
    SELECT RAISE(ABORT, 'a cap is never edited; a new version of the basis replaces it');
END;
"""

EFFECTIVE = """
SELECT r.id FROM restrictions r JOIN legal_bases b ON b.ref = r.basis
WHERE (:person IS NULL OR r.person = :person)
  AND r.starts_at <= :now AND :now < r.ends_at
  AND (b.valid_until IS NULL OR substr(:now, 1, 10) < b.valid_until)
  AND :now < coalesce((SELECT e.due FROM restriction_events e WHERE e.restriction = r.id AND e.kind = 'reviewed'
                       AND e.at <= :now ORDER BY e.id DESC LIMIT 1), r.review_due)
  AND EXISTS (SELECT 1 FROM restriction_events e WHERE e.restriction = r.id AND e.kind = 'served' AND e.at <= :now)
  AND NOT EXISTS (SELECT 1 FROM restriction_events e WHERE e.restriction = r.id
                  AND e.kind IN ('released', 'annulled') AND e.at <= :now)
  AND NOT EXISTS (SELECT 1 FROM basis_suspensions s WHERE s.basis = r.basis AND s.starts_on <= substr(:now, 1, 10)
                  AND (s.ends_on IS NULL OR substr(:now, 1, 10) < s.ends_on))
ORDER BY r.id
"""


def prepare(connection: apsw.Connection) -> None:
    """Make the tables and turn foreign keys on."""
    connection.pragma("foreign_keys", True)
    connection.execute(SCHEMA)


def add_basis(connection: apsw.Connection, basis: LegalBasis) -> None:
    """Enter a version of a legal basis; an unverified one is refused by the table."""
    until = basis.valid_until.isoformat() if basis.valid_until else None
    remedy = json.dumps(dict(basis.remedy), ensure_ascii=False, sort_keys=True)
    with connection, _refusals():
        connection.execute(
            "INSERT INTO legal_bases VALUES (?, ?, ?, ?, ?, ?, ?)",
            (basis.ref, basis.clause, remedy, int(basis.verified), basis.valid_from.isoformat(), until,
             int(basis.compensation_monthly)),
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO basis_caps VALUES (?, ?, ?)",
            [(basis.ref, g, m) for g, m in basis.cap_months.items()],
        )
        connection.executemany(
            "INSERT INTO basis_suspensions VALUES (?, ?, ?, ?)",
            [
                (basis.ref, s.start.isoformat(), s.end.isoformat() if s.end else None, s.by)
                for s in basis.suspended
            ],
        )


def add(connection: apsw.Connection, r: Restriction) -> None:
    """Enter a decided restriction."""
    row = (
        r.id, r.person, r.authority, r.basis.ref, r.grade, r.scope.activity, r.scope.territory,
        json.dumps(r.scope.employers, ensure_ascii=False), r.reasons, r.notice, r.proposer.id, str(r.proposer.kind),
        r.decider.id, str(r.decider.kind), r.appeal.officer, r.appeal.days, r.appeal.outside, r.appeal.outside_days,
        second(r.decided_at), second(r.starts_at), second(r.ends_at), second(r.review_due),
        int(r.compensation_agreed),
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
    try:
        connection.execute(
            "INSERT INTO restriction_events(restriction, kind, actor, actor_kind, at, due, month)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (restriction, kind, actor.id, str(actor.kind), second(at), second(due) if due else None, month),
        )
    except apsw.ConstraintError as e:
        raise StepRefused(str(e)) from e


def effective(connection: apsw.Connection, now: datetime, person: str | None = None) -> list[str]:
    """Ids of the restrictions that bind at `now`, of one person or of all; computed, never stored."""
    rows: Iterable[tuple[str]] = connection.execute(EFFECTIVE, {"now": second(now), "person": person})
    return [row[0] for row in rows]


class _refusals:  # noqa: N801 (reads as a statement: with _refusals())
    """Turn a refused row into an error of ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, apsw.ConstraintError):
            raise RestrictionUnlawful(str(error)) from error
