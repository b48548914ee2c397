"""Quantity accounts in PostgreSQL, for many writers; ledger entries follow through an outbox that is always emptied.

A posting's rows, balances and its line in the outbox stand in one transaction of PostgreSQL; then the outbox is
carried into the ledger, where a row beside each entry says which line it came from. A crash between the two leaves
a line that the next writer carries: recovery and normal work are one path, and no line is carried twice. Nothing
is acknowledged before its entry is in the ledger.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import apsw

from sealtrace.custody.model import written
from sealtrace.custody.office import Office, content_type
from sealtrace.errors import Corrupted, SealtraceError, StorageFailed
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.model import Draft, Entry

from . import store
from .account import Amount, Kind, Request, Want
from .accounts import (
    BATCH,
    EVENTS,
    WAIT_S,
    Placed,
    answers,
    bound_to,
    fields_of,
    judge_all,
    subject_of,
    write_plans,
)
from .desk import Terms, problems_of
from .dialect import Refused, create, fresh_ids
from .states import LicenceState, day_of
from .turn import Plan, Receipt, Turn

if TYPE_CHECKING:
    import psycopg

CARRY = 2000  # lines of the outbox that one transaction of the ledger takes
PREPARE_LOCK = 0x5EA1
"""Whoever makes the tables holds it alone, whoever writes postings shares it: looking whether an index is there locks
its table against writers, and a writer half-way through the tables would wait in a ring with them."""
OUTBOX = """
CREATE TABLE IF NOT EXISTS ledger_outbox(
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL, subject TEXT NOT NULL, digest BLOB NOT NULL,
    entry INTEGER, leaf BLOB              -- once it is carried
);
CREATE INDEX IF NOT EXISTS ledger_outbox_waiting ON ledger_outbox(id) WHERE entry IS NULL;
CREATE TABLE IF NOT EXISTS central_id(one TEXT PRIMARY KEY CHECK (one = 'one'), id TEXT NOT NULL);
"""
TAKE_OUT = """
UPDATE ledger_outbox SET entry = carried.entry, leaf = carried.leaf
FROM unnest(?::bigint[], ?::bigint[], ?::bytea[]) AS carried(id, entry, leaf) WHERE ledger_outbox.id = carried.id
"""
CARRIED = """
CREATE TABLE IF NOT EXISTS outbox_carried(
    central TEXT NOT NULL, line INTEGER NOT NULL, entry INTEGER NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (central, line)
) WITHOUT ROWID;
"""


class Postgres:
    """A connection that takes the stores' statements."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._changed = 0

    def execute(self, statements: str, bindings: Any = None, /) -> Any:
        """Run statements with values at their `?`. Raises Refused when a constraint does not hold."""
        import psycopg

        try:
            cursor = self.connection.execute(
                statements.replace("?", "%s") if bindings else statements, bindings
            )
        except psycopg.errors.IntegrityError as e:
            raise Refused(str(e)) from e
        self._changed = cursor.rowcount
        return cursor

    def executemany(self, statements: str, bindings: Iterable[Any], /) -> Any:
        """Run a statement for each set of values, sent in one go. Raises Refused when a constraint does not hold."""
        import psycopg

        cursor = self.connection.cursor()
        try:
            cursor.executemany(statements.replace("?", "%s"), bindings)
        except psycopg.errors.IntegrityError as e:
            raise Refused(str(e)) from e
        return cursor

    def changes(self) -> int:
        """The rows that the last statement changed."""
        return self._changed


class Central:
    """Accounts kept in PostgreSQL beside an office whose ledger has their entries. A context manager."""

    def __init__(self, office: Office, dsn: str) -> None:
        import psycopg

        self.office = office
        try:
            self._connection = psycopg.connect(dsn, autocommit=True)
        except psycopg.OperationalError as e:
            raise StorageFailed(f"PostgreSQL can't be reached: {e}") from e
        self.db = Postgres(self._connection)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Central:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def _prepare(self) -> None:
        with self._transaction():
            self.db.execute("SELECT pg_advisory_xact_lock(?)", (PREPARE_LOCK,))
            store.prepare(self.db)
            create(self.db, OUTBOX, only_added=())
            self.db.execute(
                "INSERT INTO central_id VALUES ('one', ?) ON CONFLICT DO NOTHING", (uuid.uuid4().hex,)
            )
            self.id = str(self.db.execute("SELECT id FROM central_id").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        import psycopg

        try:
            with self._connection.transaction():
                yield
        except psycopg.OperationalError as e:
            raise StorageFailed(f"PostgreSQL failed: {e}") from e

    # -- postings ---------------------------------------------------------------------------------

    def add(self, terms: Terms, entry: str, element: str, amount: Amount, key: str | None = None) -> Receipt:
        """Open a licence's account, or add a line or a grant to it; the same words again add nothing."""
        row = store.LicenceRow(
            terms.number,
            terms.kind,
            "elsewhere",
            LicenceState.ISSUED,
            terms.valid_from,
            terms.valid_to,
            None,
            None,
            False,
        )
        with self._transaction():
            self.db.execute("SELECT pg_advisory_xact_lock(hashtext(?))", (terms.number,))
            if store.licence(self.db, terms.number) is None:
                store.insert_licence(self.db, row)
        wants = (Want(element, amount, entry),)
        return self.post(Request(terms.number, Kind.GRANT, key or f"grant {entry} {element}", wants))

    def post(self, request: Request) -> Receipt:
        """Make one posting, durable when it returns. Raises what `accounts.post` does."""
        [outcome] = self.post_many([request])
        if isinstance(outcome, SealtraceError):
            raise outcome
        return outcome

    def post_many(self, requests: Sequence[Request]) -> list[Receipt | SealtraceError]:
        """Make many postings; each is accepted or refused by itself, in order."""
        made: list[Receipt | SealtraceError] = []
        for start in range(0, len(requests), BATCH):
            with self._transaction():
                found = self._turn(requests[start : start + BATCH])
            self.carry()
            made += self._with_entries(found)
        return made

    def _turn(self, requests: Sequence[Request]) -> list[Receipt | SealtraceError]:
        self.db.execute("SELECT pg_advisory_xact_lock_shared(?)", (PREPARE_LOCK,))
        turn = Turn(self.db, day_of(self.office.clock.now()))
        turn.foresee(requests)
        outcomes = judge_all(turn, requests)
        receipts = self._write(list(turn.planned.values())) if turn.planned else []
        return answers(outcomes, dict(zip(turn.planned, receipts, strict=True)))

    def _write(self, plans: Sequence[Plan]) -> list[Receipt]:
        at = written(self.office.clock.now())
        sealed = [commit(fields_of(plan, at)) for plan in plans]
        lines = fresh_ids(self.db, "ledger_outbox", len(plans))
        self.db.executemany(
            "INSERT INTO ledger_outbox (id, event, subject, digest) VALUES (?, ?, ?, ?)",
            [
                (
                    line,
                    EVENTS[plan.request.kind],
                    subject_of(self.office, plan.request.licence),
                    opening.digest,
                )
                for line, plan, opening in zip(lines, plans, sealed, strict=True)
            ],
        )
        seal = self.office.subjects.seal_office
        placed = [
            Placed(plan, seal(opening.opening, bound_to(line)), line, b"")
            for line, plan, opening in zip(lines, plans, sealed, strict=True)
        ]
        return write_plans(self.db, placed, at)

    def _with_entries(self, found: Sequence[Receipt | SealtraceError]) -> list[Receipt | SealtraceError]:
        lines = [r.entry for r in found if isinstance(r, Receipt)]
        query = "SELECT id, entry, leaf FROM ledger_outbox WHERE id = ANY(?)"
        entries: Mapping[int, tuple[int, bytes]] = {
            r[0]: (r[1], bytes(r[2])) for r in (self.db.execute(query, (lines,)) if lines else ())
        }
        return [
            replace(r, entry=entries[r.entry][0], leaf=entries[r.entry][1]) if isinstance(r, Receipt) else r
            for r in found
        ]

    # -- the outbox -------------------------------------------------------------------------------

    def carry(self) -> int:
        """Carry what waits in the outbox into the ledger; gives how many lines. Safe to do at any time.

        Raises:
            Corrupted: the ledger has a line of this number with another digest: a database was set back.
        """
        carried = 0
        while True:
            with self.office.writing(WAIT_S):
                query = "SELECT id, event, subject, digest FROM ledger_outbox WHERE entry IS NULL ORDER BY id LIMIT ?"
                rows = self.db.execute(query, (CARRY,)).fetchall()
                if not rows:
                    return carried
                entries = self._into_ledger(rows)
                with self._transaction():
                    self.db.execute(TAKE_OUT, [list(column) for column in zip(*entries, strict=True)])
                carried += len(rows)

    def _into_ledger(self, rows: Sequence[Any]) -> list[tuple[int, int, bytes]]:
        known = self._known(rows)
        new = [row for row in rows if row[0] not in known]
        drafts = [
            Draft(event, subject, bytes(digest), content_type(event)) for _, event, subject, digest in new
        ]

        def beside(db: apsw.Connection, entries: Sequence[Entry]) -> None:
            db.execute(CARRIED)
            db.executemany(
                "INSERT INTO outbox_carried VALUES (?, ?, ?, ?)",
                [(self.id, r[0], e.index, bytes(r[3])) for r, e in zip(new, entries, strict=True)],
            )

        made = self.office.ledger.append(drafts, beside) if new else []
        done = {row[0]: entry.index for row, entry in zip(new, made, strict=True)} | known
        return [(line, index, self.office.ledger.leaf(index)) for line, index in done.items()]

    def _known(self, rows: Sequence[Any]) -> dict[int, int]:
        db = self.office.db
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'outbox_carried'").fetchone() is None:
            return {}
        digests = {row[0]: bytes(row[3]) for row in rows}
        query = "SELECT line, entry, digest FROM outbox_carried WHERE central = ? AND line BETWEEN ? AND ?"
        found: Sequence[Any] = db.execute(query, (self.id, min(digests), max(digests))).fetchall()
        for line, _, digest in found:
            if line in digests and digests[line] != bytes(digest):
                raise Corrupted(
                    f"line {line} of the outbox is not the one the ledger has: the database was set back"
                )
        return {line: entry for line, entry, _ in found if line in digests}

    # -- reading ----------------------------------------------------------------------------------

    def lines(self, number: str) -> list[store.LineRow]:
        """A licence's lines with their balances."""
        return store.lines(self.db, number)

    def check(self) -> list[str]:
        """Add up every posting, and look for lines of the outbox that the ledger lacks; empty when all is well."""
        waiting = self.db.execute("SELECT COUNT(*) FROM ledger_outbox WHERE entry IS NULL").fetchone()[0]
        return problems_of(self.db) + ([f"{waiting} postings wait for their entry"] if waiting else [])
