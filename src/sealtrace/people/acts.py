"""Each step about a person is one ledger entry with its rows, and its opening stays sealed under the person's key.

The log shows a kind of event and a random name, never whom it is about: no two entries about one person can be
brought together from the log alone. The chronicle of a person can be read while the key is there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from sealtrace.custody.office import Office, content_type
from sealtrace.errors import NotRegistered, SealtraceError
from sealtrace.ids import ALPHABET
from sealtrace.ledger.commitment import Value, commit
from sealtrace.ledger.model import Draft, Entry
from sealtrace.ledger.verify import verify_commitment

from .duties import Actor
from .moments import moment, second
from .schema import DRAFTS, SCHEMA

KIND = "person"
Rows = Callable[[apsw.Connection, Entry], None]


@dataclass(frozen=True, slots=True)
class Act:
    """One step about one person: what it was, who took it, what it commits to, the rows it writes."""

    person: str
    event: str
    actor: Actor
    fields: Mapping[str, Value]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a person's chronicle."""

    entry: int
    event: str
    actor: str
    at: datetime
    fields: Mapping[str, Any]


def no_rows(_db: apsw.Connection, _entry: Entry) -> None:
    """The rows of an act that writes none of its own."""


def new_id(prefix: str) -> str:
    """A random name without meaning: `per-7K2M0QXA`."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"


def prepare(office: Office, schema: str, table: str) -> None:
    """Make the tables of a domain where `table` is missing; those of the directory first."""
    known = {str(row[0]) for row in office.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    wanted = [text for text, name in ((SCHEMA, "persons"), (schema, table)) if name not in known]
    if wanted:
        with office.writing():
            office.ledger.append([], lambda db, _: _lay(db, dict.fromkeys(wanted)))


def _lay(db: apsw.Connection, schemas: Iterable[str]) -> None:
    for text in schemas:
        db.execute(text)


def ready(office: Office) -> None:
    """Make the tables of the directory where they are missing."""
    prepare(office, DRAFTS, "report_drafts")


def enter(office: Office, act: Act, now: datetime, refusal: type[SealtraceError]) -> Entry:
    """Enter one step: ledger entry, rows and chronicle, together or not at all. See `enter_many`."""
    return enter_many(office, [act], now, refusal)[0]


def enter_many(
    office: Office, acts: Sequence[Act], now: datetime, refusal: type[SealtraceError]
) -> list[Entry]:
    """Enter steps in one transaction; durable when it returns. What a table refuses is raised as `refusal`."""
    sealed = [
        commit({"event": a.event, "person": a.person, "actor": a.actor.id, "at": second(now), **a.fields})
        for a in acts
    ]
    drafts = [
        Draft(a.event, secrets.token_hex(16), s.digest, content_type(a.event))
        for a, s in zip(acts, sealed, strict=True)
    ]

    def together(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        for act, opened, entry in zip(acts, sealed, entries, strict=True):
            act.rows(db, entry)
            box = seal(office, db, act.person, opened.opening, f"act {entry.index}")
            db.execute(
                "INSERT INTO person_acts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (entry.index, act.person, act.event, act.actor.id, str(act.actor.kind), second(now), box),
            )

    with refused_as(refusal), office.writing():
        return office.ledger.append(drafts, together)


def chronicle(office: Office, person: str) -> Iterator[Happened]:
    """Everything that was entered about a person, oldest first."""
    query = "SELECT entry, event, actor, at, sealed FROM person_acts WHERE person = ? ORDER BY entry"
    for entry, event, actor, at, sealed in read(office, query, (person,)):
        opening = unseal(office, person, sealed, f"act {entry}") or {}
        shown = {
            name: pair[1] for name, pair in opening.items() if name not in ("event", "person", "actor", "at")
        }
        yield Happened(entry, event, actor, moment(at), shown)


def check(office: Office) -> list[str]:
    """Compare every opening with its ledger entry; names what differs. An erased person's are gone."""
    wrong = []
    for entry, person, event, sealed in read(
        office, "SELECT entry, person, event, sealed FROM person_acts ORDER BY entry"
    ):
        try:
            opening = unseal(office, person, sealed, f"act {entry}")
            statement = office.entry(entry).statement
        except (SealtraceError, IndexError) as e:
            wrong.append(f"act {entry}: {e}")
            continue
        if opening is None or opening["event"][1] != event or opening["person"][1] != person:
            wrong.append(f"act {entry}: the row differs from what its entry commits to")
        elif statement and not verify_commitment(statement, opening):
            wrong.append(f"act {entry}: what is on record does not open the commitment of its entry")
    return wrong


def read(office: Office, query: str, bindings: Mapping[str, Any] | tuple[Any, ...] = ()) -> list[Any]:
    """All rows of a query on this thread's reading connection."""
    return office.db.execute(query, bindings).fetchall()


def read_one(office: Office, query: str, bindings: Mapping[str, Any] | tuple[Any, ...] = ()) -> Any:
    """The first row of a query, or None."""
    return office.db.execute(query, bindings).fetchone()


# -- sealing ------------------------------------------------------------------------------------------


def token_of(office: Office, person: str) -> bytes:
    """The token under which the person's key is kept."""
    return office.subjects.token(KIND, person)


def seal(office: Office, db: apsw.Connection, person: str, record: Mapping[str, Any], bound_to: str) -> bytes:
    """Encrypt a record under the person's key, bound to its place."""
    return office.subjects.seal(db, token_of(office, person), record, bound_to.encode())


def unseal(office: Office, person: str, sealed: bytes, bound_to: str) -> dict[str, Any] | None:
    """Decrypt a record; None once the person is erased."""
    return office.subjects.unseal(office.db, token_of(office, person), bytes(sealed), bound_to.encode())


def require_person(office: Office, person: str) -> None:
    """Stop where nobody in the directory has this id.

    Raises:
        NotRegistered: nobody has.
    """
    ready(office)
    if not readable(office, person):
        raise NotRegistered(
            f"nobody in the directory is {person!r}", advice="`sealtrace person find` looks up a name."
        )


def readable(office: Office, person: str) -> bool:
    """Whether somebody has this id and the key to the own rows; a backup from before an erasure has rows without."""
    query = "SELECT s.wrapped_key IS NOT NULL FROM persons p JOIN subjects s ON s.token = p.subject WHERE p.id = ?"
    row = read_one(office, query, (person,))
    return row is not None and bool(row[0])


def identity(office: Office, actor: Actor) -> Actor:
    """The one id of an actor: a person of the directory acts under the person's id, whatever the account."""
    ready(office)
    token = office.subjects.token("account", actor.id)
    row = read_one(office, "SELECT person FROM person_accounts WHERE token = ?", (token,))
    return Actor(row[0], actor.kind) if row else actor


@contextmanager
def refused_as(error: type[SealtraceError]) -> Iterator[None]:
    """Turn what a table's constraint refuses into an error of ours."""
    try:
        yield
    except apsw.ConstraintError as e:
        raise error(str(e).removeprefix("ConstraintError: ")) from e
