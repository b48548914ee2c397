"""Tables of the directory, of access to it and of what people ask for; the demands are constraints of their own.

Whatever is about a person is sealed under that person's key; names in clear are those of offices and rules. A row
is added and never changed, except for the answer to an open question; rows go only with the person's erasure or at
the end of their time, which the table `erasing` announces within the same transaction.
"""

from __future__ import annotations

from .moments import timed

SEALED = "BLOB NOT NULL CHECK (typeof({0}) = 'blob' AND length({0}) > 28)"
"""A sealed record: nonce, tag and something between."""

BY_HUMAN = "{0} TEXT NOT NULL CHECK (length({0}) > 0), {0}_kind TEXT NOT NULL CHECK ({0}_kind = 'human')"
"""Who acted, and that it was a person."""


def kept(table: str, person: str = "person", *, updates: bool = False) -> str:
    """Triggers that keep the rows of a table: no change, no deletion but by erasure."""
    gone = f"OLD.{person} NOT IN (SELECT person FROM erasing)"
    change = (
        ""
        if updates
        else f"""
CREATE TRIGGER IF NOT EXISTS {table}_stay BEFORE UPDATE ON {table} WHEN {gone}
BEGIN SELECT RAISE(ABORT, 'what was entered stays'); END;"""
    )
    return f"""{change}
CREATE TRIGGER IF NOT EXISTS {table}_kept BEFORE DELETE ON {table} WHEN {gone}
BEGIN SELECT RAISE(ABORT, 'rows about a person go with an erasure only'); END;"""


GATES = f"""
CREATE TABLE IF NOT EXISTS impact_assessments(
    id INTEGER PRIMARY KEY,
    module TEXT NOT NULL CHECK (module IN ('directory', 'posts', 'travel', 'documents', 'screening')),
    document TEXT NOT NULL CHECK (length(trim(document)) > 0),
    {BY_HUMAN.format("assessor")},
    {BY_HUMAN.format("approver")},
    {timed("approved_at")},
    {timed("valid_until")},
    CHECK (assessor <> approver),
    CHECK (approved_at < valid_until AND valid_until <= strftime('%Y-%m-%dT%H:%M:%SZ', approved_at, '+36 months'))
);
CREATE TABLE IF NOT EXISTS appeal_officers(
    id INTEGER PRIMARY KEY,
    officer TEXT NOT NULL CHECK (length(officer) > 0),
    {BY_HUMAN.format("appointer")},
    {timed("from_at")},
    {timed("until_at")},
    CHECK (officer <> appointer AND from_at < until_at)
);
CREATE TRIGGER IF NOT EXISTS assessments_stay BEFORE UPDATE ON impact_assessments
BEGIN SELECT RAISE(ABORT, 'an assessment is never edited'); END;
CREATE TRIGGER IF NOT EXISTS officers_stay BEFORE UPDATE ON appeal_officers
BEGIN SELECT RAISE(ABORT, 'an appointment is never edited'); END;
"""


def gated(table: str, module: str, at: str) -> str:
    """A trigger that refuses rows while a module has no assessment in force or nobody hears appeals."""
    return f"""
CREATE TRIGGER IF NOT EXISTS {table}_gated BEFORE INSERT ON {table} BEGIN
    SELECT RAISE(ABORT, 'the part {module} has no impact assessment in force') WHERE NOT EXISTS (
        SELECT 1 FROM impact_assessments WHERE module = '{module}' AND approved_at <= NEW.{at} AND NEW.{at} < valid_until);
    SELECT RAISE(ABORT, 'no appeal officer is named') WHERE NOT EXISTS (
        SELECT 1 FROM appeal_officers WHERE from_at <= NEW.{at} AND NEW.{at} < until_at);
END;
"""


SCHEMA = f"""
{GATES}
CREATE TABLE IF NOT EXISTS erasing(person TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS persons(
    id TEXT PRIMARY KEY CHECK (id GLOB 'per-[0-9A-Z]*'),
    subject BLOB NOT NULL UNIQUE REFERENCES subjects(token),
    {timed("entered_at")},
    entry INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person_accounts(
    token BLOB PRIMARY KEY,                -- of the account's name: one human acts under one id
    person TEXT NOT NULL REFERENCES persons(id),
    sealed {SEALED.format("sealed")}
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS profiles(
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    sealed {SEALED.format("sealed")},
    {BY_HUMAN.format("actor")},
    {timed("at")}
);
CREATE INDEX IF NOT EXISTS profiles_of_person ON profiles(person, id);
CREATE TABLE IF NOT EXISTS profile_changes(
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    field TEXT NOT NULL,
    sealed {SEALED.format("sealed")},
    {BY_HUMAN.format("proposer")},
    {timed("proposed_at")},
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'refused')),
    reviewer TEXT, reviewer_kind TEXT CHECK (reviewer_kind IS NULL OR reviewer_kind = 'human'),
    {timed("decided_at", optional=True)},
    answer BLOB,
    CHECK ((state = 'proposed') = (reviewer IS NULL) AND (reviewer IS NULL) = (decided_at IS NULL)),
    CHECK ((reviewer IS NULL) = (reviewer_kind IS NULL)),
    CHECK (reviewer IS NULL OR reviewer <> proposer),
    CHECK (state <> 'refused' OR length(answer) > 28)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS changes_of_person ON profile_changes(person);
CREATE TRIGGER IF NOT EXISTS decided_changes_stay BEFORE UPDATE ON profile_changes WHEN OLD.state <> 'proposed'
BEGIN SELECT RAISE(ABORT, 'the change was decided already'); END;
CREATE TABLE IF NOT EXISTS person_acts(
    entry INTEGER PRIMARY KEY,             -- of the ledger
    person TEXT NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL, actor_kind TEXT NOT NULL CHECK (actor_kind IN ('human', 'program')),
    {timed("at")},
    sealed {SEALED.format("sealed")}       -- the opening of the entry's commitment
);
CREATE INDEX IF NOT EXISTS acts_of_person ON person_acts(person, entry);
CREATE TABLE IF NOT EXISTS purpose_grants(
    id INTEGER PRIMARY KEY,
    actor TEXT NOT NULL CHECK (length(actor) > 0),
    purpose TEXT NOT NULL CHECK (length(purpose) > 0 AND purpose NOT IN ('own', 'break-glass')),
    {BY_HUMAN.format("granter")},
    {timed("from_at")},
    {timed("until_at")},
    CHECK (actor <> granter),
    CHECK (from_at < until_at AND until_at <= strftime('%Y-%m-%dT%H:%M:%SZ', from_at, '+12 months'))
);
CREATE INDEX IF NOT EXISTS grants_of_actor ON purpose_grants(actor, purpose);
CREATE TRIGGER IF NOT EXISTS grants_stay BEFORE UPDATE OF actor, purpose, granter, granter_kind, from_at ON purpose_grants
BEGIN SELECT RAISE(ABORT, 'a grant is never edited; it is ended'); END;
CREATE TRIGGER IF NOT EXISTS grants_end BEFORE UPDATE OF until_at ON purpose_grants WHEN NEW.until_at > OLD.until_at
BEGIN SELECT RAISE(ABORT, 'a grant is never made longer'); END;
CREATE TABLE IF NOT EXISTS break_glass(
    id TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES persons(id),
    {BY_HUMAN.format("actor")},
    {BY_HUMAN.format("first_approver")},
    {BY_HUMAN.format("second_approver")},
    sealed {SEALED.format("sealed")},
    {timed("starts_at")},
    {timed("ends_at")},
    {timed("told_at")},
    {timed("review_due")},
    {timed("reviewed_at", optional=True)},
    reviewer TEXT, answer BLOB,
    PRIMARY KEY (id, person),
    CHECK (actor <> first_approver AND actor <> second_approver AND first_approver <> second_approver),
    CHECK (person NOT IN (actor, first_approver, second_approver)),
    CHECK (starts_at < ends_at AND ends_at <= strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+4 hours')),
    CHECK (told_at <= strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+30 days')),
    CHECK (review_due <= strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+7 days')),
    CHECK ((reviewed_at IS NULL) = (reviewer IS NULL)),
    CHECK (reviewer IS NULL OR reviewer NOT IN (actor, first_approver, second_approver))
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS break_glass_stay BEFORE UPDATE OF id, person, actor, first_approver, second_approver, sealed,
    starts_at, ends_at, told_at, review_due ON break_glass WHEN OLD.person NOT IN (SELECT person FROM erasing)
BEGIN SELECT RAISE(ABORT, 'what was entered stays'); END;
CREATE TABLE IF NOT EXISTS accesses(
    entry INTEGER PRIMARY KEY,             -- of the ledger
    person TEXT NOT NULL,
    {BY_HUMAN.format("actor")},
    purpose TEXT NOT NULL,
    sections TEXT NOT NULL CHECK (length(sections) > 0),
    sealed {SEALED.format("sealed")},      -- the reason, and the opening of the entry's commitment
    {timed("at")}
);
CREATE INDEX IF NOT EXISTS accesses_of_person ON accesses(person, entry);
CREATE TRIGGER IF NOT EXISTS access_has_purpose BEFORE INSERT ON accesses BEGIN
    SELECT RAISE(ABORT, 'this person has no such purpose now') WHERE NOT (
        (NEW.purpose = 'own' AND NEW.actor = NEW.person)
        OR (NEW.purpose = 'break-glass' AND EXISTS (SELECT 1 FROM break_glass b WHERE b.person = NEW.person
            AND b.actor = NEW.actor AND b.starts_at <= NEW.at AND NEW.at < b.ends_at))
        OR EXISTS (SELECT 1 FROM purpose_grants g WHERE g.actor = NEW.actor AND g.purpose = NEW.purpose
            AND g.from_at <= NEW.at AND NEW.at < g.until_at));
END;
CREATE TABLE IF NOT EXISTS notices(
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    kind TEXT NOT NULL CHECK (length(kind) > 0),
    about TEXT NOT NULL,
    sealed {SEALED.format("sealed")},
    {timed("at")}
);
CREATE INDEX IF NOT EXISTS notices_of_person ON notices(person, id);
CREATE TABLE IF NOT EXISTS petitions(
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    kind TEXT NOT NULL CHECK (kind IN ('correction', 'objection', 'appeal')),
    about TEXT NOT NULL CHECK (length(about) > 0),
    decided_by TEXT NOT NULL,              -- who took what is contested; '' where nobody did
    sealed {SEALED.format("sealed")},
    {timed("made_at")},
    {timed("answer_due")},
    {timed("answered_at", optional=True)},
    officer TEXT, officer_kind TEXT CHECK (officer_kind IS NULL OR officer_kind = 'human'),
    granted INTEGER CHECK (granted IN (0, 1)),
    withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
    answer BLOB,
    CHECK ((answered_at IS NULL) = (officer IS NULL) AND (officer IS NULL) = (granted IS NULL)),
    CHECK ((officer IS NULL) = (officer_kind IS NULL)),
    CHECK (officer IS NULL OR (officer <> decided_by AND officer <> person)),
    CHECK (answered_at IS NULL OR length(answer) > 28),
    CHECK (made_at < answer_due AND answer_due <= strftime('%Y-%m-%dT%H:%M:%SZ', made_at, '+60 days'))
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS petitions_of_person ON petitions(person, about);
CREATE TRIGGER IF NOT EXISTS petitions_stay BEFORE UPDATE OF id, person, kind, about, decided_by, made_at, answer_due
    ON petitions WHEN OLD.person NOT IN (SELECT person FROM erasing)
BEGIN SELECT RAISE(ABORT, 'what was asked stays'); END;
CREATE TRIGGER IF NOT EXISTS answers_stay BEFORE UPDATE ON petitions
    WHEN OLD.answered_at IS NOT NULL OR (OLD.withdrawn = 1 AND NEW.answered_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'it was answered or withdrawn already'); END;
CREATE TABLE IF NOT EXISTS disclosures(
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    receiver TEXT NOT NULL CHECK (length(trim(receiver)) > 0),
    clause TEXT NOT NULL CHECK (length(trim(clause)) > 0),
    fields TEXT NOT NULL CHECK (length(fields) > 2),
    abroad INTEGER NOT NULL CHECK (abroad IN (0, 1)),
    sealed {SEALED.format("sealed")},      -- the purpose, the consent's document, a digest of what was told
    {BY_HUMAN.format("preparer")},
    {BY_HUMAN.format("approver")},
    {timed("at")},
    {timed("keep_until")},
    CHECK (preparer <> approver AND person NOT IN (preparer, approver)),
    CHECK (at < keep_until)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS disclosures_of_person ON disclosures(person);
""" + "".join((
    kept("persons", "id"), kept("person_accounts"), kept("profiles"), kept("person_acts"), kept("accesses"),
    kept("notices"), kept("disclosures"), kept("break_glass", updates=True), kept("petitions", updates=True),
    kept("profile_changes", updates=True), gated("persons", "directory", "entered_at"),
))  # fmt: skip
"""Restrictions, travel and the rest add tables of their own beside these."""

DRAFTS = f"""
CREATE TABLE IF NOT EXISTS report_drafts(
    id TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES persons(id),
    sealed {SEALED.format("sealed")},      -- receiver, purpose, clause, fields; what was told, once it was
    {BY_HUMAN.format("preparer")},
    {timed("at")},
    outcome TEXT CHECK (outcome IN ('told', 'refused')),
    approver TEXT, approver_kind TEXT CHECK (approver_kind IS NULL OR approver_kind = 'human'),
    {timed("decided_at", optional=True)},
    PRIMARY KEY (id, person),
    CHECK ((outcome IS NULL) = (approver IS NULL) AND (approver IS NULL) = (decided_at IS NULL)),
    CHECK ((approver IS NULL) = (approver_kind IS NULL)),
    CHECK (approver IS NULL OR approver NOT IN (preparer, person)),
    CHECK (preparer <> person)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS drafts_of_person ON report_drafts(person);
CREATE TRIGGER IF NOT EXISTS drafts_stay BEFORE UPDATE ON report_drafts WHEN OLD.outcome IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the report was decided already'); END;
""" + kept("report_drafts", updates=True)
"""Reports that one person prepared and another is to approve."""

OF_PERSON = (
    "report_drafts", "profile_changes", "profiles", "person_accounts", "break_glass", "notices", "petitions", "disclosures",
    "person_acts",
)  # fmt: skip
"""Tables whose rows go with the person, in an order that references allow."""
