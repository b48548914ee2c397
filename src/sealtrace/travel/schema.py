"""Tables of journeys and of travel documents in custody.

Family members stand in a table of their own, under a key for each declaration, without an index and without the
traveller's id: nothing outside this package reads it, and no query joins it.
"""

from __future__ import annotations

from sealtrace.people.moments import timed
from sealtrace.people.schema import BY_HUMAN, SEALED, gated, kept

TITLES = "('official-passport', 'registered-staff-rule', 'case-seizure', 'voluntary-safekeeping')"
HELD = f"""
CREATE TABLE IF NOT EXISTS held_documents(
    receipt TEXT PRIMARY KEY CHECK (length(trim(receipt)) > 0),
    owner TEXT NOT NULL CHECK (length(owner) > 0),
    kind TEXT NOT NULL CHECK (length(kind) > 0),
    issuer TEXT NOT NULL CHECK (length(issuer) > 0),
    last_four TEXT NOT NULL CHECK (length(last_four) <= 4),
    title TEXT NOT NULL CHECK (title IN {TITLES}),
    title_document TEXT NOT NULL CHECK (length(trim(title_document)) > 0),
    {timed("title_ends_at")},
    {BY_HUMAN.format("verified_by")},
    {BY_HUMAN.format("taken_by")},
    {timed("taken_at")},
    number BLOB,                           -- keyed digest of the whole number, to find a document by
    sealed BLOB,                           -- the whole number under the owner's key
    {timed("return_asked_at", optional=True)},
    {timed("returned_at", optional=True)},
    returned_by TEXT,
    {timed("refused_at", optional=True)},
    refused_by TEXT, refusal BLOB,         -- reasons and remedy, sealed
    CHECK (taken_at < title_ends_at),
    CHECK (owner <> verified_by AND owner <> taken_by AND verified_by <> taken_by),
    CHECK ((returned_at IS NULL) = (returned_by IS NULL)),
    CHECK ((refused_at IS NULL) = (refused_by IS NULL) AND (refused_at IS NULL) = (refusal IS NULL)),
    CHECK (refused_at IS NULL OR (title <> 'voluntary-safekeeping' AND refused_by <> owner))
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_of_owner ON held_documents(owner);
CREATE TRIGGER IF NOT EXISTS held_stay BEFORE UPDATE OF receipt, owner, kind, issuer, last_four, title, title_document,
    title_ends_at, verified_by, verified_by_kind, taken_by, taken_by_kind, taken_at, number, sealed ON held_documents
BEGIN SELECT RAISE(ABORT, 'what was taken stays as it was entered'); END;
CREATE TRIGGER IF NOT EXISTS returned_stay BEFORE UPDATE ON held_documents WHEN OLD.returned_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the document was returned'); END;
CREATE TRIGGER IF NOT EXISTS asked_stay BEFORE UPDATE OF return_asked_at ON held_documents
WHEN OLD.return_asked_at IS NOT NULL AND OLD.return_asked_at IS NOT NEW.return_asked_at
BEGIN SELECT RAISE(ABORT, 'the clock was started already'); END;
{kept("held_documents", "owner", updates=True)}
"""

JOURNEYS = f"""
CREATE TABLE IF NOT EXISTS journeys(
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons(id),
    designation TEXT REFERENCES designations(id),   -- NULL: voluntary, and there is nothing to approve
    {BY_HUMAN.format("declared_by")},
    {timed("declared_at")},
    {timed("leaves_at")},
    {timed("returns_at")},
    family BLOB,                           -- token of the declaration's own key for family members; NULL for none
    sealed {SEALED.format("sealed")},      -- itinerary, purpose, contacts
    CHECK (leaves_at < returns_at)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS journeys_of_person ON journeys(person, leaves_at);
CREATE TABLE IF NOT EXISTS companions(     -- no index, no person, no name
    family BLOB NOT NULL,
    sealed BLOB NOT NULL CHECK (length(sealed) > 28)
);
CREATE TABLE IF NOT EXISTS journey_opinions(
    journey TEXT NOT NULL REFERENCES journeys(id),
    person TEXT NOT NULL,
    office TEXT NOT NULL CHECK (office IN ('personnel', 'secrecy')),
    in_favour INTEGER NOT NULL CHECK (in_favour IN (0, 1)),
    {BY_HUMAN.format("actor")},
    {timed("at")},
    sealed {SEALED.format("sealed")},
    PRIMARY KEY (journey, office),
    UNIQUE (journey, actor),
    CHECK (actor <> person)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journey_decisions(
    journey TEXT PRIMARY KEY REFERENCES journeys(id),
    person TEXT NOT NULL,
    allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    {BY_HUMAN.format("actor")},
    appeal_officer TEXT NOT NULL CHECK (length(appeal_officer) > 0),
    {timed("at")},
    sealed {SEALED.format("sealed")},      -- reasons and remedy
    CHECK (actor <> person AND appeal_officer NOT IN (actor, person))
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS decided_by_three BEFORE INSERT ON journey_decisions BEGIN
    SELECT RAISE(ABORT, 'a voluntary declaration is not approved or refused') WHERE NOT EXISTS (
        SELECT 1 FROM journeys j JOIN designations d ON d.id = j.designation LEFT JOIN designation_ends e
        ON e.designation = d.id WHERE j.id = NEW.journey AND d.person = NEW.person AND d.starts_at <= NEW.at
        AND NEW.at < min(d.ends_at, coalesce(e.at, d.ends_at)));
    SELECT RAISE(ABORT, 'two opinions of two offices come first') WHERE 2 <> (
        SELECT count(*) FROM journey_opinions WHERE journey = NEW.journey);
    SELECT RAISE(ABORT, 'opinions, decision and appeal are for different people') WHERE EXISTS (
        SELECT 1 FROM journey_opinions WHERE journey = NEW.journey AND actor IN (NEW.actor, NEW.appeal_officer));
END;
CREATE TRIGGER IF NOT EXISTS opinions_on_required BEFORE INSERT ON journey_opinions BEGIN
    SELECT RAISE(ABORT, 'a voluntary declaration needs no opinion') WHERE EXISTS (
        SELECT 1 FROM journeys WHERE id = NEW.journey AND designation IS NULL);
    SELECT RAISE(ABORT, 'it was decided already') WHERE EXISTS (
        SELECT 1 FROM journey_decisions WHERE journey = NEW.journey);
END;
CREATE TABLE IF NOT EXISTS journey_events(
    id INTEGER PRIMARY KEY,
    journey TEXT NOT NULL REFERENCES journeys(id),
    person TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('briefed', 'changed', 'reported', 'withdrawn')),
    {BY_HUMAN.format("actor")},
    {timed("at")},
    sealed {SEALED.format("sealed")}
);
CREATE UNIQUE INDEX IF NOT EXISTS journey_once ON journey_events(journey, kind) WHERE kind <> 'changed';
CREATE TABLE IF NOT EXISTS delegations(
    person TEXT NOT NULL REFERENCES persons(id),
    delegate TEXT NOT NULL CHECK (delegate <> person),
    {timed("from_at")},
    {timed("until_at")},
    PRIMARY KEY (person, delegate, from_at)
) WITHOUT ROWID;
"""
ENDS = f"""
CREATE TABLE IF NOT EXISTS delegation_ends(
    person TEXT NOT NULL REFERENCES persons(id),
    delegate TEXT NOT NULL,
    {timed("at")},
    PRIMARY KEY (person, delegate, at)
) WITHOUT ROWID;
{kept("delegation_ends")}
"""
"""A delegation that was ended early; every one to that delegate which began before is over from then on."""
_TRAVEL = (
    kept("journeys"), kept("journey_opinions"), kept("journey_decisions"), kept("journey_events"),
    kept("delegations"), gated("journeys", "travel", "declared_at"),
)  # fmt: skip
SCHEMA = HELD + gated("held_documents", "documents", "taken_at") + JOURNEYS + "".join(_TRAVEL)
OF_PERSON = (
    "journey_events", "journey_decisions", "journey_opinions", "journeys", "delegations", "delegation_ends",
)  # fmt: skip
"""Tables whose rows go with the person; documents still held stay until they are back with their owner."""
