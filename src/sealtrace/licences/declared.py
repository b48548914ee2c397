"""Declarations at the quantity ledger: reserved when lodged, drawn when the goods leave, released when withdrawn.

A declaration that cites a licence is judged here before anything is ranked: what exceeds the grant, uses a licence
a second time, or cites one that is not its own is blocked, and the refusal is an entry in the ledger. Nothing here
weighs likelihoods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from enum import StrEnum
from hashlib import sha256
from typing import Any

import apsw

from sealtrace.catalogue import formula
from sealtrace.catalogue.units import element_mg, whole_mg
from sealtrace.custody.model import written
from sealtrace.custody.office import Office, content_type
from sealtrace.errors import (
    LicenceNotInForce,
    MalformedQuantity,
    NotOnLicence,
    SealtraceError,
    StepRefused,
    UsageProblem,
)
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.model import Draft, Entry
from sealtrace.trade.goods import BY_SYMBOL

from . import store, token
from . import turn as postings
from .account import Amount, Kind, Request, Want
from .accounts import WAIT_S, bound_to, post_many, subject_of
from .issuing import signing_key
from .turn import Receipt

REFUSED = "licence:refused"
BATCH = 500
SCHEMA = """
CREATE TABLE IF NOT EXISTS licence_declared(
    declaration TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    digest BLOB NOT NULL,                 -- of what was lodged, so that a changed one is a new version
    licence TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'blocked')),
    code TEXT NOT NULL,                   -- why it is blocked
    said TEXT NOT NULL,
    entry INTEGER NOT NULL,               -- of the reservation, or of the refusal
    at TEXT NOT NULL,
    sealed BLOB,                          -- the opening of a refusal's commitment
    PRIMARY KEY (declaration, version)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS licence_declared_no_update BEFORE UPDATE ON licence_declared
BEGIN SELECT RAISE(ABORT, 'what was answered stays'); END;
CREATE TRIGGER IF NOT EXISTS licence_declared_no_delete BEFORE DELETE ON licence_declared
BEGIN SELECT RAISE(ABORT, 'what was answered stays'); END;
"""


class State(StrEnum):
    """How a lodged declaration stands at the ledger."""

    RESERVED = "reserved"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a declaration asks of a licence. `gross_mg` is the goods' net mass as declared, in milligrams."""

    number: str
    exporter: str
    licence: str
    element: str
    element_mg: int
    gross_mg: int
    entry: str | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.number) <= 64 or not self.number.isprintable() or "@" in self.number:
            raise UsageProblem("a declaration's number has 1 to 64 printable characters and no @")
        if not self.licence.strip():
            raise UsageProblem(f"declaration {self.number} cites no licence")
        if self.element_mg <= 0 or self.gross_mg <= 0:
            raise MalformedQuantity(f"declaration {self.number} has no positive mass")

    @property
    def digest(self) -> bytes:
        """Of everything it asks for: the same declaration again is known by it."""
        parts = (self.number, self.exporter, self.licence, self.element, str(self.element_mg), str(self.gross_mg),
                 self.entry or "")  # fmt: skip
        return sha256("\0".join(parts).encode()).digest()

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Declared:
        """Read a declaration's row (`trade.model.COLUMNS`): its net mass is of the declared element's oxide.

        The element's mass follows from the oxide's formula and is rounded up: an account is never charged too little.

        Raises:
            UsageProblem, MalformedQuantity: no licence, no rare earth declared, or no positive mass.
        """
        symbol = str(row.get("decl_element") or "")
        if symbol not in BY_SYMBOL:
            raise UsageProblem(f"declaration {row.get('decl_id')} cites a licence and declares no rare earth")
        try:
            mass = (Decimal(str(row["net_kg"])) * 10**6).to_integral_value(ROUND_CEILING)
        except (InvalidOperation, KeyError) as e:
            raise MalformedQuantity(f"{row.get('net_kg')!r} is not a number of kilograms") from e
        gross = whole_mg(mass) if mass.is_finite() and mass > 0 else 0
        if not gross:
            raise MalformedQuantity(f"declaration {row.get('decl_id')} has no positive mass")
        share = formula.parse(BY_SYMBOL[symbol].oxide).fraction(symbol)
        return cls(str(row["decl_id"]), str(row.get("exporter") or ""), str(row["licence"]), symbol,
                   element_mg(gross, share), gross)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Control:
    """What the ledger answered to a declaration: reserved, or blocked and why."""

    declaration: str
    version: int
    licence: str
    state: State
    code: str
    said: str
    entry: int
    replayed: bool

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "declaration": self.declaration, "version": self.version, "licence": self.licence,
            "state": self.state.value, "code": self.code or None, "said": self.said or None, "entry": self.entry,
            "replayed": self.replayed,
        }  # fmt: skip


def lodge(office: Office, declared: Declared) -> Control:
    """Judge one declaration at the ledger; see `lodge_many`."""
    return lodge_many(office, [declared])[0]


def lodge_many(office: Office, declared: Sequence[Declared]) -> list[Control]:
    """Reserve what declarations ask for, in order; each is reserved whole or blocked, durable when this returns.

    The same declaration again gets the same answer. A changed one is a correction: what its last version held is
    released and the new quantity judged, in one turn that nobody comes between. A blocked correction holds nothing.

    Raises:
        StorageFailed, HomeLocked: nothing more was acknowledged.
    """
    made: list[Control] = []
    for start in range(0, len(declared), BATCH):
        with office.writing(WAIT_S):
            made += _batch(office, declared[start : start + BATCH])
    return made


@dataclass(slots=True)
class _Turn:
    """One batch: answers found or made, requests to post, rows to write."""

    answers: dict[int, Control]
    asked: list[tuple[int, Declared, int]]
    refused: list[tuple[int, Declared, int, SealtraceError]]


def _batch(office: Office, declared: Sequence[Declared]) -> list[Control]:
    made: dict[int, Control] = {}
    todo = list(enumerate(declared))
    while todo:  # a declaration that stands twice in a batch waits for its first answer
        first: dict[str, tuple[int, Declared]] = {}
        for n, d in todo:
            first.setdefault(d.number, (n, d))
        made |= _round(office, list(first.values()))
        todo = [(n, d) for n, d in todo if n not in made]
    return [made[n] for n in range(len(declared))]


def _round(office: Office, declared: Sequence[tuple[int, Declared]]) -> dict[int, Control]:
    turn = _Turn({}, [], [])
    for place, one in declared:
        last = _last(office.db, one.number)
        if last is not None and last[0] == one.digest:
            turn.answers[place] = _as_replayed(last[1])
            continue
        version = last[1].version + 1 if last else 1
        try:
            _must_be_changeable(office, one.number)
            if last is not None and last[1].state is State.RESERVED:
                _give_back(office, last[1])
            _own(office, one)
            turn.asked.append((place, one, version))
        except SealtraceError as e:
            turn.refused.append((place, one, version, e))
    outcomes = post_many(office, [_reserve(d, v) for _, d, v in turn.asked])
    kept: list[tuple[int, Declared, int, Receipt]] = []
    for (place, one, version), outcome in zip(turn.asked, outcomes, strict=True):
        if isinstance(outcome, SealtraceError):
            turn.refused.append((place, one, version, outcome))
        else:
            kept.append((place, one, version, outcome))
    return turn.answers | _write(office, kept, turn.refused)


def _key(number: str, version: int) -> str:
    return f"declaration {number}@{version}"


def _reserve(declared: Declared, version: int) -> Request:
    amount = Amount(declared.element_mg, declared.gross_mg)
    want = Want(declared.element, amount, declared.entry)
    return Request(declared.licence, Kind.RESERVE, _key(declared.number, version), (want,))


def _own(office: Office, declared: Declared) -> None:
    """A licence issued here names its holder, and is used by nobody else."""
    row = store.licence(office.db, declared.licence)
    if row is None or row.token is None:
        return
    public = signing_key(office).public_key()
    holder = token.verify(row.token.decode("ascii"), [public]).holder
    if holder.casefold() != declared.exporter.casefold():
        raise NotOnLicence(f"{declared.licence} was issued to another holder than {declared.exporter}")


def _held(office: Office, control: Control) -> list[Want]:
    """What a declaration's reservation still holds."""
    key = _key(control.declaration, control.version)
    move = store.move(office.db, control.licence, key)
    if move is None:
        return []
    lines = {line.key: line.id for line in store.lines(office.db, control.licence)}
    held = []
    for line, _, _ in store.postings(office.db, move.id):
        left = store.standing(office.db, control.licence, key, lines[line])
        if left.element_mg > 0:
            held.append(Want(line.element, left, line.entry))
    return held


def _must_be_changeable(office: Office, number: str) -> None:
    """Check that no version of a declaration was drawn or withdrawn. Raises StepRefused."""
    for control in _answers(office.db, number):
        key = _key(number, control.version)
        if any(store.move(office.db, control.licence, f"{key} {why}") for why in ("left", "withdrawn")):
            raise StepRefused(
                f"declaration {number} was drawn or withdrawn and can't be changed",
                advice="Correct the draw at the licence's account.",
            )


def _give_back(office: Office, control: Control) -> None:
    """Release what a version holds, unless that was done already by a correction that was cut short."""
    wants = _held(office, control)
    if wants:
        _must(post_many(office, [_follow(control, Kind.RELEASE, "corrected", wants)]))


def _follow(control: Control, kind: Kind, why: str, wants: Sequence[Want]) -> Request:
    key = _key(control.declaration, control.version)
    return Request(control.licence, kind, f"{key} {why}", tuple(wants), key)


def _must(outcomes: Sequence[Receipt | SealtraceError]) -> Receipt:
    [outcome] = outcomes
    if isinstance(outcome, SealtraceError):
        raise outcome
    return outcome


def leave(office: Office, number: str) -> Receipt:
    """The goods of a declaration leave: what it reserved is drawn, once.

    Raises:
        LicenceNotInForce: the declaration is blocked. NotOnLicence: it was never lodged. StepRefused: withdrawn.
    """
    return _finish(office, number, Kind.DRAW, "left")


def withdraw(office: Office, number: str) -> Receipt:
    """A declaration is withdrawn: what it reserved is given back, once. Raises as `leave` does."""
    return _finish(office, number, Kind.RELEASE, "withdrawn")


def _finish(office: Office, number: str, kind: Kind, why: str) -> Receipt:
    with office.writing(WAIT_S):
        last = _last(office.db, number)
        if last is None:
            raise NotOnLicence(f"declaration {number!r} was not lodged", advice="Lodge it first.")
        control = last[1]
        if control.state is State.BLOCKED:
            raise LicenceNotInForce(
                f"declaration {number} is blocked: {control.said}",
                advice="Correct the declaration or the licence.",
            )
        before = store.move(office.db, control.licence, f"{_key(number, control.version)} {why}")
        if before is not None:
            return postings.receipt(office.db, before)
        wants = _held(office, control)
        if not wants:
            raise StepRefused(
                f"declaration {number} holds nothing any more", advice="Look at the licence's account."
            )
        return _must(post_many(office, [_follow(control, kind, why, wants)]))


def blocked(office: Office, *, licence: str | None = None) -> list[Control]:
    """Every refusal, newest first: alerts that need no ranking."""
    if not _prepared(office.db):
        return []
    query = f"SELECT {_COLUMNS} FROM licence_declared WHERE state = 'blocked' ORDER BY entry DESC"  # noqa: S608 (constants)
    rows = [_control(row) for row in office.db.execute(query)]
    return [row for row in rows if licence is None or row.licence == licence]


def answer(office: Office, number: str) -> Control | None:
    """The newest answer to a declaration."""
    last = _last(office.db, number)
    return last[1] if last else None


# -- rows ---------------------------------------------------------------------------------------------

_COLUMNS = "declaration, version, licence, state, code, said, entry"


def _prepared(db: apsw.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'licence_declared'").fetchone() is not None


def _control(row: Sequence[Any]) -> Control:
    return Control(row[0], row[1], row[2], State(row[3]), row[4], row[5], row[6], False)


def _as_replayed(control: Control) -> Control:
    return Control(control.declaration, control.version, control.licence, control.state, control.code, control.said,
                   control.entry, True)  # fmt: skip


def _last(db: apsw.Connection, number: str) -> tuple[bytes, Control] | None:
    if not _prepared(db):
        return None
    query = (
        f"SELECT {_COLUMNS}, digest FROM licence_declared WHERE declaration = ?"  # noqa: S608 (constants)
        " ORDER BY version DESC LIMIT 1"
    )
    row = db.execute(query, (number,)).fetchone()
    return (bytes(row[7]), _control(row)) if row else None


def _answers(db: apsw.Connection, number: str) -> list[Control]:
    if not _prepared(db):
        return []
    query = f"SELECT {_COLUMNS} FROM licence_declared WHERE declaration = ? ORDER BY version"  # noqa: S608 (constants)
    return [_control(row) for row in db.execute(query, (number,))]


def _write(
    office: Office,
    kept: Sequence[tuple[int, Declared, int, Receipt]],
    refused: Sequence[tuple[int, Declared, int, SealtraceError]],
) -> dict[int, Control]:
    """Keep the answers: rows of reservations, and rows with entries of refusals, in one transaction.

    A crash between a reservation and its row leaves the reservation under the declaration's own key: lodging again
    finds it, and it is the answer.
    """
    if not kept and not refused:
        return {}
    at = written(office.clock.now())
    sealed = [
        commit({
            "event": REFUSED, "declaration": d.number, "version": v, "licence": d.licence, "element": d.element,
            "element_mg": d.element_mg, "gross_mg": d.gross_mg, "exporter": d.exporter, "code": e.code,
            "said": e.message, "at": at,
        })
        for _, d, v, e in refused
    ]  # fmt: skip
    drafts = [
        Draft(REFUSED, subject_of(office, d.licence), opened.digest, content_type(REFUSED))
        for (_, d, _, _), opened in zip(refused, sealed, strict=True)
    ]
    made: dict[int, Control] = {}

    def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        made.clear()
        db.execute(SCHEMA)
        for place, d, v, receipt in kept:
            made[place] = Control(d.number, v, d.licence, State.RESERVED, "", "", receipt.entry, False)
            _insert(db, d, made[place], at, None)
        for (place, d, v, e), opened, entry in zip(refused, sealed, entries, strict=True):
            made[place] = Control(
                d.number, v, d.licence, State.BLOCKED, e.code, e.message, entry.index, False
            )
            box = office.subjects.seal_office(opened.opening, bound_to(entry.index))
            _insert(db, d, made[place], at, box)

    office.ledger.append(drafts, rows)
    return made


def _insert(db: apsw.Connection, declared: Declared, control: Control, at: str, sealed: bytes | None) -> None:
    db.execute(
        "INSERT INTO licence_declared VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (declared.number, control.version, declared.digest, control.licence, control.state.value, control.code,
         control.said, control.entry, at, sealed),
    )  # fmt: skip
