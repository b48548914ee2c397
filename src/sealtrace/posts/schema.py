"""Tables of posts and restrictions, with the law's demands as constraints of the database itself.

Whatever program writes here: no restriction without authority, basis, scope, notice, end, review and appeal; none
beyond its cap; no step by anything but a person; nothing is changed, and rows go with an erasure only. Whether a
restriction binds is computed in the query, so that it ends without any job having to run.
"""

from __future__ import annotations

from sealtrace.people.moments import timed
from sealtrace.people.schema import BY_HUMAN, SEALED, gated, kept

RESTRICTIONS = """
CREATE TABLE IF NOT EXISTS legal_bases(
    ref TEXT PRIMARY KEY CHECK (length(ref) > 0),
    clause TEXT NOT NULL CHECK (length(clause) > 0),
    remedy TEXT NOT NULL CHECK (length(remedy) > 0),
    verified INTEGER NOT NULL CHECK (verified = 1),
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    monthly_pay INTEGER NOT NULL CHECK (monthly_pay IN (0, 1)),
    described TEXT NOT NULL CHECK (json_valid(described)),     -- the whole entry of the register
    entered_by TEXT NOT NULL CHECK (length(entered_by) > 0),
    counsel TEXT NOT NULL CHECK (length(counsel) > 0),         -- who compared it with the published text
    CHECK (entered_by <> counsel)
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
    sealed BLOB NOT NULL CHECK (typeof(sealed) = 'blob' AND length(sealed) > 28),  -- reasons, employers by name
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
    kind TEXT NOT NULL CHECK (kind IN ('served', 'reviewed', 'paid', 'appealed', 'withdrawn', 'upheld', 'annulled',
        'released')),
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
    WHERE kind IN ('served', 'appealed', 'withdrawn', 'upheld', 'annulled', 'released');
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
        AND kind IN ('withdrawn', 'upheld', 'annulled'));
END;
CREATE TRIGGER IF NOT EXISTS withdrawal_by_the_person BEFORE INSERT ON restriction_events WHEN NEW.kind = 'withdrawn' BEGIN
    SELECT RAISE(ABORT, 'the person withdraws an open appeal') WHERE NEW.actor <> (
        SELECT person FROM restrictions WHERE id = NEW.restriction) OR NOT EXISTS (
        SELECT 1 FROM restriction_events WHERE restriction = NEW.restriction AND kind = 'appealed' AND at <= NEW.at)
        OR EXISTS (SELECT 1 FROM restriction_events WHERE restriction = NEW.restriction
        AND kind IN ('withdrawn', 'upheld', 'annulled'));
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
CREATE TRIGGER IF NOT EXISTS suspensions_stay BEFORE DELETE ON basis_suspensions BEGIN
    SELECT RAISE(ABORT, 'a suspension stays on record');
END;
CREATE TRIGGER IF NOT EXISTS caps_stay BEFORE UPDATE ON basis_caps BEGIN
    SELECT RAISE(ABORT, 'a cap is never edited; a new version of the basis replaces it');
END;
"""
_OF_ERASED = (
    "OLD.restriction NOT IN (SELECT id FROM restrictions WHERE person IN (SELECT person FROM erasing))"
)
RESTRICTIONS += f"""
CREATE TRIGGER IF NOT EXISTS restrictions_kept BEFORE DELETE ON restrictions
WHEN OLD.person NOT IN (SELECT person FROM erasing)
BEGIN SELECT RAISE(ABORT, 'rows about a person go with an erasure only'); END;
CREATE TRIGGER IF NOT EXISTS events_kept BEFORE DELETE ON restriction_events WHEN {_OF_ERASED}
BEGIN SELECT RAISE(ABORT, 'rows about a person go with an erasure only'); END;
"""

POSTS = f"""
CREATE TABLE IF NOT EXISTS posts(
    id TEXT PRIMARY KEY CHECK (length(id) > 0),
    title TEXT NOT NULL CHECK (length(trim(title)) > 0),
    organisation TEXT NOT NULL CHECK (length(trim(organisation)) > 0),
    grade TEXT NOT NULL CHECK (grade IN ('core', 'important', 'general', 'leading')),
    activity TEXT NOT NULL CHECK (length(trim(activity)) > 0),
    cooling_off_months INTEGER NOT NULL CHECK (cooling_off_months BETWEEN 0 AND 36),
    {BY_HUMAN.format("entered_by")},
    {timed("at")}
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS posts_stay BEFORE UPDATE ON posts BEGIN SELECT RAISE(ABORT, 'a post is never edited'); END;
CREATE TABLE IF NOT EXISTS designations(
    id TEXT PRIMARY KEY CHECK (length(id) > 0),
    person TEXT NOT NULL REFERENCES persons(id),
    post TEXT NOT NULL REFERENCES posts(id),
    authority TEXT NOT NULL CHECK (length(trim(authority)) > 0),
    document TEXT NOT NULL CHECK (length(trim(document)) > 0),
    {BY_HUMAN.format("proposer")},
    {BY_HUMAN.format("decider")},
    {timed("starts_at")},
    {timed("ends_at")},
    CHECK (starts_at < ends_at AND proposer <> decider AND person NOT IN (proposer, decider))
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS designations_of_person ON designations(person);
CREATE TABLE IF NOT EXISTS designation_ends(
    designation TEXT PRIMARY KEY REFERENCES designations(id),
    person TEXT NOT NULL,
    {BY_HUMAN.format("actor")},
    {timed("at")},
    CHECK (actor <> person)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS cooling_off BEFORE INSERT ON designations BEGIN
    SELECT RAISE(ABORT, 'the cooling-off after an earlier post is not over') WHERE EXISTS (
        SELECT 1 FROM designations d JOIN posts p ON p.id = d.post LEFT JOIN designation_ends e ON e.designation = d.id
        WHERE d.person = NEW.person AND d.post <> NEW.post AND p.cooling_off_months > 0
        AND NEW.starts_at < strftime('%Y-%m-%dT%H:%M:%SZ', min(d.ends_at, coalesce(e.at, d.ends_at)),
            '+' || p.cooling_off_months || ' months', 'floor'));
END;
CREATE TABLE IF NOT EXISTS leavings(
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    designation TEXT NOT NULL UNIQUE REFERENCES designations(id),
    {BY_HUMAN.format("opened_by")},
    {timed("at")},
    {timed("leaves_at")},
    CHECK (opened_by <> person)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leaving_items(
    leaving TEXT NOT NULL REFERENCES leavings(id),
    person TEXT NOT NULL,
    item TEXT NOT NULL CHECK (item IN ('talk', 'undertaking', 'carriers-returned', 'access-revoked')),
    sealed {SEALED.format("sealed")},      -- the document
    {BY_HUMAN.format("done_by")},
    {timed("at")},
    PRIMARY KEY (leaving, item),
    CHECK (done_by <> person)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS returns(
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    kind TEXT NOT NULL CHECK (kind IN ('copy', 'device')),
    token BLOB NOT NULL UNIQUE,
    sealed {SEALED.format("sealed")},
    {BY_HUMAN.format("received_by")},
    {timed("at")},
    CHECK (received_by <> person)
);
CREATE TABLE IF NOT EXISTS restriction_proposals(
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    sealed {SEALED.format("sealed")},
    {BY_HUMAN.format("proposer")},
    {timed("at")},
    outcome TEXT CHECK (outcome IN ('decided', 'refused')),
    decider TEXT, decider_kind TEXT CHECK (decider_kind IS NULL OR decider_kind = 'human'),
    {timed("decided_at", optional=True)},
    CHECK ((outcome IS NULL) = (decider IS NULL) AND (decider IS NULL) = (decided_at IS NULL)),
    CHECK ((decider IS NULL) = (decider_kind IS NULL)),
    CHECK (decider IS NULL OR decider NOT IN (proposer, person)),
    CHECK (proposer <> person)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS proposals_stay BEFORE UPDATE ON restriction_proposals WHEN OLD.outcome IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the proposal was decided already'); END;
""" + "".join((
    kept("designations"), kept("designation_ends"), kept("leavings"), kept("leaving_items"), kept("returns"),
    kept("restriction_proposals", updates=True), gated("restrictions", "posts", "decided_at"),
    gated("designations", "posts", "starts_at"),
))  # fmt: skip
DESIGNATING = f"""
CREATE TABLE IF NOT EXISTS designation_proposals(
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    sealed {SEALED.format("sealed")},      -- post, authority, document, times
    {BY_HUMAN.format("proposer")},
    {timed("at")},
    outcome TEXT CHECK (outcome IN ('decided', 'refused')),
    decider TEXT, decider_kind TEXT CHECK (decider_kind IS NULL OR decider_kind = 'human'),
    {timed("decided_at", optional=True)},
    CHECK ((outcome IS NULL) = (decider IS NULL) AND (decider IS NULL) = (decided_at IS NULL)),
    CHECK ((decider IS NULL) = (decider_kind IS NULL)),
    CHECK (decider IS NULL OR decider NOT IN (proposer, person)),
    CHECK (proposer <> person)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS designation_proposals_of_person ON designation_proposals(person);
CREATE TRIGGER IF NOT EXISTS designating_stays BEFORE UPDATE ON designation_proposals WHEN OLD.outcome IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the proposal was decided already'); END;
""" + kept("designation_proposals", updates=True)
"""Designations that one person proposed and another is to decide."""
SCHEMA = RESTRICTIONS + POSTS
OF_PERSON = (
    "leaving_items", "leavings", "returns", "designation_ends", "designations", "designation_proposals",
    "restriction_proposals", "restrictions",
)  # fmt: skip
"""Tables whose rows go with the person; the events of the restrictions go before them."""

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
BINDS = """
EXISTS (SELECT 1 FROM restrictions r JOIN legal_bases b ON b.ref = r.basis WHERE r.id = NEW.restriction
  AND r.person = NEW.person AND r.starts_at <= NEW.at AND NEW.at < r.ends_at
  AND (b.valid_until IS NULL OR substr(NEW.at, 1, 10) < b.valid_until)
  AND NEW.at < coalesce((SELECT e.due FROM restriction_events e WHERE e.restriction = r.id AND e.kind = 'reviewed'
                         AND e.at <= NEW.at ORDER BY e.id DESC LIMIT 1), r.review_due)
  AND EXISTS (SELECT 1 FROM restriction_events e WHERE e.restriction = r.id AND e.kind = 'served' AND e.at <= NEW.at)
  AND NOT EXISTS (SELECT 1 FROM restriction_events e WHERE e.restriction = r.id
                  AND e.kind IN ('released', 'annulled') AND e.at <= NEW.at)
  AND NOT EXISTS (SELECT 1 FROM basis_suspensions s WHERE s.basis = r.basis AND s.starts_on <= substr(NEW.at, 1, 10)
                  AND (s.ends_on IS NULL OR substr(NEW.at, 1, 10) < s.ends_on)))
"""
"""Condition for triggers of other tables: the restriction of the new row binds its person at its time."""
