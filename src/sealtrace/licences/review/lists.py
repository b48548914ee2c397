"""What is looked up across cases: whom a case asks for advice, its hits, whether its parties were screened anew.

Kept beside the board, written with each event, made again from the events at any time. A home of an earlier version
has none of it before its next event: until then it is made in memory for each question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apsw

from sealtrace.custody.office import Office
from sealtrace.licences import journal

from .case import Case, fold
from .steps import OPEN, State

SCHEMA = """
CREATE TABLE IF NOT EXISTS case_advice(   -- on what each department's advice was asked
    id TEXT NOT NULL, department TEXT NOT NULL,
    waits INTEGER NOT NULL,               -- 1 while the advice is to be given
    due TEXT NOT NULL,
    PRIMARY KEY (id, department)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS case_advice_by_due ON case_advice(department, waits, due, id);
CREATE TABLE IF NOT EXISTS case_hits(     -- of open cases
    id TEXT NOT NULL, hit TEXT NOT NULL, list TEXT NOT NULL,
    judged INTEGER NOT NULL,              -- 0 while it waits for a person
    PRIMARY KEY (id, hit)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS case_hits_by_turn ON case_hits(judged, id, hit, list);
CREATE TABLE IF NOT EXISTS case_unscreened(id TEXT PRIMARY KEY) WITHOUT ROWID;  -- open, newest version not screened
"""
TABLES = {"case_advice": 4, "case_hits": 4, "case_unscreened": 1}  # with their columns
ASKS = (State.REVIEW, State.QUESTIONED)
PAGES = {
    True: "AND waits = 1 AND (due, id) > (?, ?) ORDER BY due, id",
    False: "AND waits = 0 AND (due, id) < (?, ?) ORDER BY due DESC, id DESC",
}
EDGES = {True: ("", ""), False: ("~", "~")}
Line = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A case on which a department's advice was asked."""

    id: str
    department: str
    waits: int
    due: str


@dataclass(frozen=True, slots=True, order=True)
class HitRow:
    """A hit of an open case; in the order of the page: those nobody judged first."""

    judged: int
    id: str  # of the case
    hit: str
    list: str

    @property
    def key(self) -> str:
        """Names its place on the page."""
        return f"{self.judged} {self.id} {self.hit}"


def lines_of(case: Case) -> dict[str, set[Line]]:
    """What each table holds of a case."""
    newest = {a.department: a for a in case.advice}
    is_open = case.state in OPEN
    return {
        "case_advice": {(case.id, a.department, int(a.open and case.state in ASKS), a.due.isoformat())
                        for a in newest.values()},
        "case_hits": {(case.id, h.id, str(h.data["list"]), int(h.same is not None))
                      for h in case.hits.values() if is_open},
        "case_unscreened": {(case.id,)} if is_open and case.screened_version not in (0, case.version) else set(),
    }  # fmt: skip


def put(db: apsw.Connection, office: Office, case: Case) -> None:
    """Write what the tables hold of a case, of all cases where they are missing. Runs in the event's transaction."""
    if not prepared(office.db):
        fill(db, folded(office))
    for table, lines in lines_of(case).items():
        db.execute(f"DELETE FROM {table} WHERE id = ?", (case.id,))  # noqa: S608 (constants)
        _insert(db, table, lines)


def fill(db: apsw.Connection, cases: Iterable[Case]) -> None:
    """Write every table anew."""
    db.execute(SCHEMA)
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 (constants)
    for case in cases:
        for table, lines in lines_of(case).items():
            _insert(db, table, lines)


def _insert(db: apsw.Connection, table: str, lines: Iterable[Line]) -> None:
    marks = ", ".join("?" * TABLES[table])
    db.executemany(f"INSERT INTO {table} VALUES ({marks})", lines)  # noqa: S608 (constants)


def prepared(db: apsw.Connection) -> bool:
    """Whether this home has the tables."""
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'case_unscreened'").fetchone() is not None


def folded(office: Office) -> Iterator[Case]:
    """Every case, made from its events."""
    for name in journal.subjects(office, "case"):
        yield fold(name, journal.read(office, "case", name))


def check(office: Office) -> set[str]:
    """The cases of which a table holds something else than the events make."""
    if not prepared(office.db):
        return set()
    cases = list(folded(office))
    wrong: set[str] = set()
    for table in TABLES:
        held = set(office.db.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608 (constants)
        made = {line for case in cases for line in lines_of(case)[table]}
        wrong |= {str(line[0]) for line in held ^ made}
    return wrong


def _db(office: Office) -> apsw.Connection:
    if prepared(office.db):
        return office.db
    made = apsw.Connection(":memory:")
    fill(made, folded(office))
    return made


# -- questions ------------------------------------------------------------------------------------


def consultations(
    office: Office, department: str, *, waiting: bool, after: tuple[str, str] | None = None, limit: int = 50
) -> list[Asked]:
    """A page of the cases on which a department is asked: those that wait by their day, or the rest, newest first.

    `after` is the day and id that the page before ended with.
    """
    query = (
        f"SELECT id, department, waits, due FROM case_advice WHERE department = ? {PAGES[waiting]} LIMIT ?"  # noqa: S608 (constants)
    )
    found = _db(office).execute(query, (department, *(after or EDGES[waiting]), limit)).fetchall()
    return [Asked(str(r[0]), str(r[1]), int(str(r[2])), str(r[3])) for r in found]


def hits(
    office: Office, *, judged: bool | None = None, of_list: str = "", after: str = "", limit: int = 50
) -> list[HitRow]:
    """A page of the hits on open cases, those nobody judged first; `after` is the key the page before ended with."""
    turn, _, rest = after.partition(" ")
    case, _, hit = rest.partition(" ")
    start = (int(turn) if turn.isdecimal() else -1, case, hit)
    wanted = (None, None) if judged is None else (int(judged), int(judged))
    query = (
        "SELECT judged, id, hit, list FROM case_hits WHERE (judged, id, hit) > (?, ?, ?)"
        " AND (? IS NULL OR judged = ?) AND (? = '' OR list = ?) ORDER BY judged, id, hit LIMIT ?"
    )
    found = _db(office).execute(query, (*start, *wanted, of_list, of_list, limit)).fetchall()
    return [HitRow(int(str(r[0])), str(r[1]), str(r[2]), str(r[3])) for r in found]


def count_hits(office: Office) -> tuple[int, int]:
    """How many hits on open cases wait for a person, and how many were judged."""
    found = _db(office).execute("SELECT judged, COUNT(*) FROM case_hits GROUP BY judged").fetchall()
    counts = {int(str(judged)): int(str(count)) for judged, count in found}
    return counts.get(0, 0), counts.get(1, 0)


def hit_lists(office: Office) -> list[str]:
    """The screening lists that hits on open cases are of."""
    return [
        str(r[0]) for r in _db(office).execute("SELECT DISTINCT list FROM case_hits ORDER BY list").fetchall()
    ]


def unscreened(office: Office) -> list[str]:
    """The open cases that were screened in an earlier version only."""
    return [str(r[0]) for r in _db(office).execute("SELECT id FROM case_unscreened ORDER BY id").fetchall()]
