"""The desk's journal: what happened to a case, a shipment or a list, event by event, each an entry of the ledger.

Events are only ever added. A stream's present is the fold of its events; whatever is kept beside them (boards,
statistics) can be made again from them. The database itself refuses a changed event, a gap, and an event whose
actor may not be the one of an earlier event: the person who proposed a decision or a measure does not approve it,
nor hears the appeal against it, who decided on a licence hears none against a measure about it, and who edited a list
does not release it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import cbor2

from sealtrace.custody.model import written
from sealtrace.custody.office import Office
from sealtrace.errors import DutiesNotSeparated, SealtraceError
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.model import Entry
from sealtrace.ledger.verify import verify_commitment
from sealtrace.people.duties import Actor, require_human

SCHEMA = """
CREATE TABLE IF NOT EXISTS desk_events(
    entry INTEGER PRIMARY KEY,            -- of the ledger
    stream TEXT NOT NULL CHECK (stream IN ('case', 'shipment', 'document', 'measure')),
    subject TEXT NOT NULL CHECK (length(subject) > 0),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor BLOB NOT NULL CHECK (length(actor) = 16),   -- keyed token of the person, equal for the same person
    at TEXT NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (stream, subject, seq)
);
CREATE TRIGGER IF NOT EXISTS desk_events_no_update BEFORE UPDATE ON desk_events
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE TRIGGER IF NOT EXISTS desk_events_no_delete BEFORE DELETE ON desk_events
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE TRIGGER IF NOT EXISTS desk_events_in_order BEFORE INSERT ON desk_events
WHEN NEW.seq <> (SELECT COUNT(*) FROM desk_events WHERE stream = NEW.stream AND subject = NEW.subject)
BEGIN SELECT RAISE(ABORT, 'an event follows the last one'); END;
CREATE INDEX IF NOT EXISTS desk_events_appeals ON desk_events(stream, subject, kind)
    WHERE kind IN ('appealed', 'appeal-decided');
CREATE TRIGGER IF NOT EXISTS desk_events_two_people BEFORE INSERT ON desk_events
WHEN (NEW.kind = 'decided' AND NEW.actor IS (SELECT actor FROM desk_events WHERE stream = 'case'
        AND subject = NEW.subject AND kind = 'proposed' ORDER BY seq DESC LIMIT 1))
  OR (NEW.kind = 'decided' AND NOT EXISTS (SELECT 1 FROM desk_events WHERE stream = 'case'
        AND subject = NEW.subject AND kind = 'proposed'))
  OR (NEW.kind = 'appeal-decided' AND EXISTS (SELECT 1 FROM desk_events WHERE stream = 'case'
        AND subject = NEW.subject AND kind IN ('proposed', 'decided') AND actor = NEW.actor))
  OR (NEW.kind = 'released' AND EXISTS (SELECT 1 FROM desk_events WHERE stream = 'document'
        AND subject = NEW.subject AND kind = 'drafted' AND actor = NEW.actor))
  OR (NEW.stream = 'measure' AND NEW.kind = 'taken' AND NEW.actor IS (SELECT actor FROM desk_events
        WHERE stream = 'measure' AND subject = NEW.subject AND kind = 'proposed'))
  OR (NEW.stream = 'measure' AND NEW.kind = 'reviewed' AND NEW.actor IS (SELECT actor FROM desk_events
        WHERE stream = 'measure' AND subject = NEW.subject AND kind IN ('taken', 'reviewed')
        ORDER BY seq DESC LIMIT 1))
  OR (NEW.stream = 'measure' AND NEW.kind IN ('stayed', 'appeal-decided') AND EXISTS (SELECT 1 FROM desk_events
        WHERE actor = NEW.actor AND ((stream = 'measure' AND subject = NEW.subject
            AND kind IN ('proposed', 'objected', 'taken', 'reviewed', 'appealed'))
          OR (stream = 'case' AND kind IN ('proposed', 'decided')
            AND (NEW.subject GLOB subject || '/*' OR NEW.subject GLOB subject || '-*')))))
BEGIN SELECT RAISE(ABORT, 'two people'); END;
"""
TRIGGERS = ("no_update", "no_delete", "in_order", "two_people")
Body = Mapping[str, Any]
Rows = Callable[[apsw.Connection, Entry], None]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: what, who did it, when, and what was said."""

    entry: int
    kind: str
    actor: str
    at: str
    body: Body


def packed(body: Body) -> bytes:
    """The one byte form of what an event says."""
    return cbor2.dumps(dict(body), canonical=True)


def now(office: Office) -> str:
    """The present as events write it."""
    return written(office.clock.now())


def prepare(db: apsw.Connection) -> None:
    """Make the journal's table, or widen one that an earlier version made; the rules judge every event again."""
    held = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'desk_events'").fetchone()
    narrow = held is not None and "'measure'" not in str(held[0])
    if narrow:
        db.execute("".join(f"DROP TRIGGER desk_events_{name};" for name in TRIGGERS))
        db.execute("ALTER TABLE desk_events RENAME TO desk_events_before")
    db.execute(SCHEMA)
    rule = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'desk_events_two_people'").fetchone()
    if rule is None or "'appealed'" not in str(
        rule[0]
    ):  # as an earlier version knew it: no appeal against a measure
        db.execute(f"DROP TRIGGER IF EXISTS desk_events_two_people; {SCHEMA}")
    if narrow:
        db.execute("INSERT INTO desk_events SELECT * FROM desk_events_before ORDER BY entry")
        db.execute("DROP TABLE desk_events_before")


def prepared(db: apsw.Connection) -> bool:
    """Whether this home has a journal."""
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'desk_events'").fetchone() is not None


def append(
    office: Office, stream: str, subject: str, seq: int, event: str, actor: Actor, body: Body,
    rows: Rows | None = None,
) -> Entry:  # fmt: skip
    """Add an event to a stream together with its rows and its ledger entry: all or nothing, durable on return.

    `event` is the ledger's name of it, such as licence:case-decided; its kind is what follows the stream's name.

    Raises:
        HumanRequired: the actor is a program.
        DutiesNotSeparated: the database refused the actor for this event.
    """
    require_human(actor, event)
    at, said = now(office), packed(body)
    kind = event.partition(":")[2].partition("-")[2]
    token = office.subjects.token("officer", actor.id)
    fields: dict[str, str | int | bytes | None] = {
        "subject": subject,
        "seq": seq,
        "actor": actor.id,
        "at": at,
        "body": said,
    }

    def together(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        prepare(db)
        box = office.subjects.seal_office(sealed.opening, _bound_to(entry.index))
        db.execute(
            "INSERT INTO desk_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (entry.index, stream, subject, seq, kind, token, at, box),
        )
        if rows is not None:
            rows(db, entry)

    try:
        return office.record(event, office.subjects.token(stream, subject).hex(), fields, together)
    except apsw.ConstraintError as e:
        if "two people" in str(e):
            raise DutiesNotSeparated(
                f"{actor.id} had another part in {subject}: {event} is for somebody else"
            ) from e
        raise


def read(office: Office, stream: str, subject: str) -> list[Event]:
    """A stream's events, oldest first; none when there is no such stream."""
    if not prepared(office.db):
        return []
    query = "SELECT entry, kind, at, sealed FROM desk_events WHERE stream = ? AND subject = ? ORDER BY seq"
    return [_event(office, row) for row in office.db.execute(query, (stream, subject)).fetchall()]


def subjects(office: Office, stream: str) -> Iterator[str]:
    """The streams' names, in the order they began."""
    if prepared(office.db):
        query = "SELECT subject FROM desk_events WHERE stream = ? AND seq = 0 ORDER BY entry"
        yield from (str(row[0]) for row in office.db.execute(query, (stream,)).fetchall())


def newest(office: Office, stream: str) -> int:
    """The entry of a stream's last event; -1 when there is none. For telling whether something read is old."""
    if not prepared(office.db):
        return -1
    row = office.db.execute("SELECT MAX(entry) FROM desk_events WHERE stream = ?", (stream,)).fetchone()
    return -1 if row is None or row[0] is None else int(row[0])


def check(office: Office) -> list[str]:
    """Compare every event with what its ledger entry commits to; an empty list means nothing was altered."""
    if not prepared(office.db):
        return []
    query = "SELECT entry, stream, subject, seq, kind, at, actor, sealed FROM desk_events ORDER BY entry"
    rows: Sequence[Any] = office.db.execute(query).fetchall()
    return [f"{row[1]} {row[2]}, event {row[3]}: {wrong}" for row in rows if (wrong := _wrong(office, row))]


def _wrong(office: Office, row: Sequence[Any]) -> str:
    entry, stream, subject, seq, kind, at, actor, sealed = row
    try:
        opening = office.subjects.unseal_office(bytes(sealed), _bound_to(entry))
        held = {name: value for name, (_, value) in opening.items()}
        if not office.ledger.purged(entry) and not verify_commitment(
            office.ledger.entry(entry).statement, opening
        ):
            return f"it does not open the commitment of entry {entry}"
    except (SealtraceError, IndexError) as e:
        return str(e)
    said = (
        held["event"],
        held["subject"],
        held["seq"],
        held["at"],
        office.subjects.token("officer", str(held["actor"])),
    )
    same = said == (_event_name(stream, kind), subject, seq, at, bytes(actor))
    return "" if same else f"the row says something else than entry {entry}"


def _event_name(stream: str, kind: str) -> str:
    return f"licence:{stream}-{kind}"


def _event(office: Office, row: Sequence[Any]) -> Event:
    opening = office.subjects.unseal_office(bytes(row[3]), _bound_to(row[0]))
    return Event(row[0], row[1], opening["actor"][1], row[2], cbor2.loads(opening["body"][1]))


def _bound_to(entry: int) -> bytes:
    return f"desk {entry}".encode()
