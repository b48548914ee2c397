"""Tables of rosters and candidates. Whoever writes: no candidate without a restriction that binds and covers the roster,
none on a name alone, no step by a program, no case before two reviewers agree and the person was heard.
"""

from __future__ import annotations

from sealtrace.people.moments import timed
from sealtrace.people.schema import BY_HUMAN, SEALED, gated, kept
from sealtrace.posts.schema import BINDS

_EVENT = "SELECT 1 FROM candidate_events e WHERE e.candidate = NEW.candidate AND e.kind"
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS rosters(
    id TEXT PRIMARY KEY,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    kind TEXT NOT NULL,
    source TEXT NOT NULL CHECK (length(trim(source)) > 0),
    publisher TEXT NOT NULL CHECK (length(trim(publisher)) > 0),
    purpose TEXT NOT NULL CHECK (length(trim(purpose)) > 0),
    lawful_because TEXT NOT NULL CHECK (length(trim(lawful_because)) > 0),
    activity TEXT NOT NULL CHECK (length(trim(activity)) > 0),
    territory TEXT NOT NULL CHECK (length(trim(territory)) > 0 AND territory <> 'any'),
    {timed("retrieved_at")},
    {BY_HUMAN.format("imported_by")},
    {timed("at")},
    row_count INTEGER NOT NULL, watched INTEGER NOT NULL CHECK (watched > 0), name_only INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS candidates(
    id TEXT PRIMARY KEY,
    roster TEXT NOT NULL REFERENCES rosters(id),
    person TEXT NOT NULL REFERENCES persons(id),
    restriction TEXT NOT NULL REFERENCES restrictions(id),
    band TEXT NOT NULL CHECK (band IN ('possible', 'probable', 'strong')),
    other_evidence INTEGER NOT NULL CHECK (other_evidence >= 1),   -- beside the name
    pair BLOB NOT NULL UNIQUE,             -- keyed digest of person and row: the same pair is looked at once
    sealed {SEALED.format("sealed")},
    {timed("at")}
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS candidates_of_person ON candidates(person);
CREATE TABLE IF NOT EXISTS dismissed(pair BLOB PRIMARY KEY, {timed("at")}) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS candidate_events(
    id INTEGER PRIMARY KEY,
    candidate TEXT NOT NULL REFERENCES candidates(id),
    person TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('first', 'second', 'heard', 'case', 'rejected')),
    same INTEGER NOT NULL CHECK (same IN (0, 1)),
    {BY_HUMAN.format("actor")},
    {timed("at")},
    sealed {SEALED.format("sealed")},
    UNIQUE (candidate, kind),
    CHECK (actor <> person),
    CHECK (kind NOT IN ('heard', 'case') OR same = 1),
    CHECK (kind <> 'rejected' OR same = 0)
);
CREATE TRIGGER IF NOT EXISTS candidate_has_purpose BEFORE INSERT ON candidates BEGIN
    SELECT RAISE(ABORT, 'no restriction binds this person now') WHERE NOT {BINDS.strip()};
    SELECT RAISE(ABORT, 'the restriction does not cover this roster') WHERE NOT EXISTS (
        SELECT 1 FROM restrictions r JOIN rosters o ON o.id = NEW.roster WHERE r.id = NEW.restriction
        AND r.activity = o.activity AND r.territory IN ('any', o.territory));
    SELECT RAISE(ABORT, 'this pair was dismissed before') WHERE EXISTS (SELECT 1 FROM dismissed WHERE pair = NEW.pair);
END;
CREATE TRIGGER IF NOT EXISTS steps_follow BEFORE INSERT ON candidate_events BEGIN
    SELECT RAISE(ABORT, 'the candidate was rejected') WHERE EXISTS ({_EVENT} = 'rejected' OR (e.candidate = NEW.candidate AND e.same = 0));
    SELECT RAISE(ABORT, 'the first reviewer has seen the reason') WHERE NEW.kind = 'first' AND (
        EXISTS (SELECT 1 FROM accesses a WHERE a.person = NEW.person AND a.actor = NEW.actor
            AND a.sections LIKE '%restrictions%')
        OR EXISTS (SELECT 1 FROM restrictions r WHERE r.person = NEW.person
            AND NEW.actor IN (r.proposer, r.decider, r.appeal_officer)));
    SELECT RAISE(ABORT, 'a second look follows a first by somebody else') WHERE NEW.kind = 'second'
        AND NOT EXISTS ({_EVENT} = 'first' AND e.actor <> NEW.actor AND e.at <= NEW.at);
    SELECT RAISE(ABORT, 'the person is asked once two reviewers agree') WHERE NEW.kind = 'heard'
        AND NOT EXISTS ({_EVENT} = 'second' AND e.at <= NEW.at);
    SELECT RAISE(ABORT, 'the person is asked before any allegation') WHERE NEW.kind = 'case'
        AND NOT EXISTS ({_EVENT} = 'heard' AND e.at <= NEW.at);
    SELECT RAISE(ABORT, 'a case was opened') WHERE EXISTS ({_EVENT} = 'case');
END;
CREATE TRIGGER IF NOT EXISTS rosters_stay BEFORE UPDATE ON rosters
BEGIN SELECT RAISE(ABORT, 'what was entered stays'); END;
""" + "".join((
    kept("candidates"), kept("candidate_events"), gated("rosters", "screening", "at"),
))  # fmt: skip
OF_PERSON = ("candidate_events", "candidates")
"""Tables whose rows go with the person."""
