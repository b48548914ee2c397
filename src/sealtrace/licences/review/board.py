"""The board: one row a case, written with each event, made again from the events at any time; and the statistics.

Times to decision and outcomes come from the board; quantities from the accounts' postings. `rebuild` makes both
from the events alone, and a check compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import apsw

from sealtrace.custody.office import Office
from sealtrace.licences import desk as accounts
from sealtrace.licences import journal, store, token
from sealtrace.licences.account import Kind
from sealtrace.licences.states import day_of
from sealtrace.licences.workdays import shipped as calendar

from . import lists
from .application import Role
from .case import Case, fold
from .steps import OPEN, Step

if TYPE_CHECKING:
    from sealtrace.ledger.model import Entry

SCHEMA = """
CREATE TABLE IF NOT EXISTS case_board(
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    destination TEXT NOT NULL,
    applicant BLOB NOT NULL,              -- keyed token of who applied, for the applicant's own page
    opened_on TEXT NOT NULL,
    accepted_on TEXT, decided_on TEXT,
    outcome TEXT,
    working_days INTEGER,                 -- to the decision, questions left out
    due TEXT,                             -- last day for a decision; NULL while no clock runs
    provisional INTEGER NOT NULL,
    questions INTEGER NOT NULL, dissent INTEGER NOT NULL,
    licence TEXT
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A case on the board."""

    id: str
    state: str
    version: int
    kind: str
    destination: str
    applicant: bytes
    opened_on: str
    accepted_on: str | None
    decided_on: str | None
    outcome: str | None
    working_days: int | None
    due: str | None
    provisional: int
    questions: int
    dissent: int
    licence: str | None

    @property
    def open(self) -> bool:
        """Whether somebody of the office has work with it."""
        return self.state in OPEN

    def overdue(self, today: date) -> bool:
        """Whether the day for a decision has passed without one, or passed before it came."""
        return self.due is not None and (self.decided_on or today.isoformat()) > self.due


def row_of(office: Office, case: Case) -> Row:
    """The board's row of a case."""
    made, clock = case.application, case.clock()
    due = clock.deadline(calendar()) if clock else None
    decided, decision = case.decided_on, case.decision
    views = {a.view for a in case.advice if not a.stale and a.view}
    return Row(
        case.id, case.state.value, case.version, made.kind, made.destination,
        office.subjects.token("officer", case.applicant),
        day_of(datetime.fromisoformat(case.timeline[0].at)).isoformat(),
        case.accepted_on.isoformat() if case.accepted_on else None, decided.isoformat() if decided else None,
        decision.outcome if decision else None,
        case.working_days(calendar(), decided) if decided else None,
        due.day.isoformat() if due else None, int(due.provisional) if due else 0, len(case.questions),
        int(len(views) > 1 and "against" in views), case.licence,
    )  # fmt: skip


def put(db: apsw.Connection, office: Office, case: Case) -> None:
    """Write a case's row. Runs in the event's transaction."""
    db.execute(SCHEMA)
    row = astuple(row_of(office, case))
    db.execute(f"REPLACE INTO case_board VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 (marks only)
    lists.put(db, office, case)


def rows(office: Office) -> list[Row]:
    """The board, oldest case first."""
    if office.db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'case_board'").fetchone() is None:
        return []
    found: Sequence[Any] = office.db.execute("SELECT * FROM case_board ORDER BY opened_on, id").fetchall()
    return [Row(*r) for r in found]


def own_rows(office: Office, applicant: str) -> list[Row]:
    """The cases that one person opened, for that person's own page."""
    token_of = office.subjects.token("officer", applicant)
    return [row for row in rows(office) if row.applicant == token_of]


def next_name(office: Office, year: int) -> str:
    """The name of the next case: L-2026-0412."""
    count = sum(1 for name in journal.subjects(office, "case") if name.startswith(f"L-{year}-"))
    return f"L-{year}-{count + 1:04d}"


def rebuilt(office: Office) -> list[Row]:
    """The board as the events alone make it."""
    return [row_of(office, case) for case in lists.folded(office)]


def check(office: Office) -> list[str]:
    """Compare events with the ledger and the board with the events; an empty list means they agree."""
    kept, made = {r.id: r for r in rows(office)}, {r.id: r for r in rebuilt(office)}
    differ = [name for name in sorted(kept | made) if kept.get(name) != made.get(name)]
    differ += sorted(lists.check(office) - set(differ))
    return [*journal.check(office), *(f"{name}: the board and the events differ" for name in differ)]


def put_right(office: Office) -> int:
    """Write the board anew from the events; gives the number of rows."""
    cases = list(lists.folded(office))
    made = [row_of(office, case) for case in cases]

    def write(db: apsw.Connection, _: Sequence[Entry]) -> None:
        db.execute(SCHEMA)
        db.execute("DELETE FROM case_board")
        lists.fill(db, cases)
        marks = ", ".join("?" * 16)
        db.executemany(f"INSERT INTO case_board VALUES ({marks})", [astuple(r) for r in made])  # noqa: S608

    with office.writing():
        office.ledger.append([], write)
    return len(made)


# -- statistics -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statistics:
    """What dashboards plot."""

    by_state: dict[str, int]
    by_outcome: dict[str, int]
    working_days: tuple[int, ...]  # of each decided case, in order
    late: int
    quantities: dict[tuple[str, str, str], int]  # month, element, destination -> drawn mg
    appeals: dict[
        str, int
    ]  # open, overdue, and how those against measures ended; suspensions not reviewed in time

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "by_state": self.by_state, "by_outcome": self.by_outcome, "working_days": list(self.working_days),
            "late": self.late, "appeals": self.appeals,
            "quantities": [
                {"month": m, "element": e, "destination": d, "element_mg": mg}
                for (m, e, d), mg in sorted(self.quantities.items())
            ],
        }  # fmt: skip


def statistics(office: Office, today: date, *, from_events: bool = False) -> Statistics:
    """Count cases, times and quantities: from the board, or from the events alone. Both give the same."""
    from sealtrace.licences.measures import appeals

    found = rebuilt(office) if from_events else rows(office)
    return Statistics(
        dict(sorted(Counter(r.state for r in found).items())),
        dict(sorted(Counter(r.outcome for r in found if r.outcome).items())),
        tuple(sorted(r.working_days for r in found if r.working_days is not None)),
        sum(r.overdue(today) for r in found),
        _quantities(office),
        appeals.figures(office, today),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """The statistics as kept beside those made from the events, and what else did not agree."""

    kept: dict[str, object]
    made: dict[str, object]
    problems: tuple[str, ...]  # events against the ledger, board against events, balances against postings

    @property
    def same(self) -> bool:
        """Whether everything agrees."""
        return self.kept == self.made and not self.problems


def compare(office: Office, today: date) -> Compared:
    """Make everything again from events and postings and compare. Takes about a millisecond an event."""
    kept, made = (statistics(office, today, from_events=anew).as_dict() for anew in (False, True))
    return Compared(kept, made, (*check(office), *accounts.check(office)))


def _quantities(office: Office) -> dict[tuple[str, str, str], int]:
    sums: dict[tuple[str, str, str], int] = {}
    for licence in store.licences(office.db):
        to = destination(office, licence)
        for move in store.moves(office.db, licence.number):
            if move.kind not in (Kind.DRAW, Kind.CORRECT):
                continue
            month = day_of(datetime.fromisoformat(move.at)).isoformat()[:7]
            for key, amount, _ in store.postings(office.db, move.id):
                place = month, key.element, to
                sums[place] = sums.get(place, 0) + amount.element_mg
    return sums


def destination(office: Office, licence: store.LicenceRow) -> str:
    """Where a licence's goods go; a dash for licences granted elsewhere, whose text is not kept here."""
    from sealtrace.licences.issuing import signing_key

    if licence.token is None:
        return "-"
    return token.verify(licence.token.decode("ascii"), [signing_key(office).public_key()]).destination


def comparable(office: Office, case: Case) -> Iterator[tuple[str, str]]:
    """Decided cases of the same entries, destination and kind: name and outcome. Equal cases are treated alike."""
    wanted = _likeness(case)
    for row in rows(office):
        if row.outcome is None or row.id == case.id or row.destination != case.application.destination:
            continue
        other = fold(row.id, journal.read(office, "case", row.id))
        if _likeness(other) == wanted:
            yield row.id, row.outcome


@dataclass(frozen=True, slots=True)
class Treated:
    """A decided case as it is compared: end user, end use, outcome, and why."""

    case: str
    end_user: str
    end_use: str
    outcome: str
    decided_on: str
    criteria: tuple[str, ...]
    reasons: str
    departs_from: tuple[str, ...]
    departure: str


@dataclass(frozen=True, slots=True)
class Alike:
    """Decided cases of the same kind, entries and destination."""

    kind: str
    entries: tuple[str, ...]
    destination: str
    cases: tuple[Treated, ...]

    @property
    def mixed(self) -> bool:
        """Whether they ended differently, so that the reasons must tell them apart."""
        return len({c.outcome for c in self.cases}) > 1


def treatment(office: Office) -> list[Alike]:
    """Group the decided cases by what makes them alike; groups that ended differently first."""
    groups: dict[tuple[str, tuple[str, ...], str], list[Treated]] = {}
    for row in rows(office):
        if row.outcome is None:
            continue
        case = fold(row.id, journal.read(office, "case", row.id))
        kind, entries = _likeness(case)
        groups.setdefault((kind, tuple(sorted(entries)), row.destination), []).append(_treated(row, case))
    found = [Alike(*key, tuple(cases)) for key, cases in groups.items()]
    return sorted(found, key=lambda g: (not g.mixed, -len(g.cases), g.kind, g.entries, g.destination))


def _treated(row: Row, case: Case) -> Treated:
    assert case.decision is not None
    body, made = case.decision.body, case.application
    users = "; ".join(p.name for p in made.with_role(Role.END_USER))
    return Treated(
        row.id, users, made.end_use, str(row.outcome), str(row.decided_on), tuple(body["criteria"]), body["reasons"],
        tuple(body["departs_from"]), body["departure"],
    )  # fmt: skip


def _likeness(case: Case) -> tuple[str, frozenset[str]]:
    goods = (case.assessment or {}).get("goods", ())
    return case.application.kind, frozenset(e for g in goods for e in g["entries"])


def events_of(case: Case, *steps: Step) -> list[journal.Event]:
    """A case's events of some kinds, oldest first."""
    return [e for e in case.timeline if e.kind in steps]
