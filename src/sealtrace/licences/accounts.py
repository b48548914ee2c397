"""The service of quantity accounts: postings in batches, each in one transaction with its ledger entry.

One writer at a time holds the home; it judges a batch of requests against the balances it reads, appends the
accepted ones to the ledger as one group, and writes balances, postings and entries in that one transaction.
A killed writer leaves nothing half done: the transaction is there or it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import apsw

from sealtrace.catalogue.elements import WEIGHTS_VERSION
from sealtrace.custody.model import written
from sealtrace.custody.office import Office, content_type
from sealtrace.errors import (
    KeyReused,
    LicenceNotInForce,
    NotOnLicence,
    QuantityExceeded,
    SealtraceError,
    UsageProblem,
)
from sealtrace.ledger.commitment import Commitment, commit
from sealtrace.ledger.model import Draft, Entry

from . import store
from .account import NOTHING, Amount, Balance, Kind, LineKey, Request, Want, apply, exhausted
from .states import FINAL, USABLE, LicenceState, Step, after, day_of, state_on

BATCH = 500
NEW = 0  # the row of a line that this turn makes
WAIT_S = 60.0  # a posting waits for its turn; a person at a screen does not notice, a gate retries
EVENTS = {
    Kind.GRANT: "licence:granted",
    Kind.RESERVE: "licence:reserved",
    Kind.DRAW: "licence:drawn",
    Kind.RELEASE: "licence:released",
    Kind.CORRECT: "licence:corrected",
    Kind.LAPSE: "licence:lapsed",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a posting did; a repeated request gets the same one."""

    licence: str
    kind: Kind
    key: str
    lines: tuple[tuple[LineKey, Amount, int], ...]  # line, amount, element left after it (mg)
    at: str
    entry: int
    leaf: bytes
    replayed: bool

    def as_dict(self) -> dict[str, object]:
        """Give the contract's object."""
        rows = [
            {
                "entry": key.entry, "element": key.element, "element_mg": amount.element_mg,
                "gross_mg": amount.gross_mg, "value_minor": amount.value_minor, "left_mg": left,
            }
            for key, amount, left in self.lines
        ]  # fmt: skip
        return {
            "ok": True, "licence": self.licence, "kind": self.kind.value, "key": self.key, "lines": rows, "at": self.at,
            "replayed": self.replayed, "entry": {"index": self.entry, "leaf": self.leaf.hex()},
        }  # fmt: skip


@dataclass(slots=True)
class _Turn:
    """What one turn at the home has read and decided so far: the balances as they will be."""

    db: apsw.Connection
    today: date
    licences: dict[str, store.LicenceRow]
    states: dict[str, LicenceState]
    lines: dict[str, dict[LineKey, store.LineRow]]
    open: dict[tuple[str, str, int], Amount]
    planned: dict[tuple[str, str], _Plan]

    def load(self, number: str) -> store.LicenceRow:
        """Read a licence and its lines once. Raises NotOnLicence."""
        if number not in self.licences:
            row = store.licence(self.db, number)
            if row is None:
                raise NotOnLicence(
                    f"there is no licence {number!r} here", advice="`sealtrace licence list` shows them."
                )
            self.licences[number] = row
            self.states[number] = row.state
            self.lines[number] = {line.key: line for line in store.lines(self.db, number)}
        return self.licences[number]

    def standing(self, number: str, ref: str, line: int) -> Amount:
        """What is open of the reservation, or stands of the draw, that a posting names."""
        if (number, ref, line) not in self.open:
            self.open[number, ref, line] = store.standing(self.db, number, ref, line)
        return self.open[number, ref, line]


@dataclass(frozen=True, slots=True)
class _Plan:
    """An accepted request: lines with their balances before and after, and the state it leads to."""

    request: Request
    changes: tuple[tuple[store.LineRow, Amount, Balance], ...]
    state_before: LicenceState
    state_after: LicenceState


def post(office: Office, request: Request) -> Receipt:
    """Make one posting, durable when it returns. Safe to send again with the same key.

    Raises:
        QuantityExceeded, LicenceNotInForce, NotOnLicence, KeyReused, UsageProblem: nothing was moved.
        StorageFailed, HomeLocked: nothing was acknowledged.
    """
    [outcome] = post_many(office, [request])
    if isinstance(outcome, SealtraceError):
        raise outcome
    return outcome


def preview(office: Office, request: Request) -> dict[str, object]:
    """Tell what a posting would do, moving nothing. Raises what `post` would."""
    turn = _Turn(office.db, day_of(office.clock.now()), {}, {}, {}, {}, {})
    outcome = _judge(turn, request)
    if isinstance(outcome, Receipt):
        return outcome.as_dict()
    left = {f"{line.key.entry} {line.key.element}": b.available.element_mg for line, _, b in outcome.changes}
    return {"ok": True, "dry_run": True, "state": outcome.state_after.value, "left_mg": left}


def post_many(office: Office, requests: Sequence[Request]) -> list[Receipt | SealtraceError]:
    """Make many postings with few synchronisations; each is accepted or refused by itself, in order."""
    made: list[Receipt | SealtraceError] = []
    for start in range(0, len(requests), BATCH):
        with office.writing(WAIT_S):
            made += _turn(office, requests[start : start + BATCH])
    return made


def _turn(office: Office, requests: Sequence[Request]) -> list[Receipt | SealtraceError]:
    turn = _Turn(office.db, day_of(office.clock.now()), {}, {}, {}, {}, {})
    outcomes: list[Receipt | SealtraceError | _Plan] = []
    for request in requests:
        try:
            outcomes.append(_judge(turn, request))
        except SealtraceError as e:
            outcomes.append(e)
    plans = list(turn.planned.values())
    receipts = dict(zip(turn.planned, _write(office, plans), strict=True)) if plans else {}
    first: set[tuple[str, str]] = set()
    done: list[Receipt | SealtraceError] = []
    for outcome in outcomes:
        if not isinstance(outcome, _Plan):
            done.append(outcome)
            continue
        name = outcome.request.licence, outcome.request.key
        done.append(_again(receipts[name]) if name in first else receipts[name])
        first.add(name)
    return done


def _again(receipt: Receipt) -> Receipt:
    return Receipt(
        receipt.licence,
        receipt.kind,
        receipt.key,
        receipt.lines,
        receipt.at,
        receipt.entry,
        receipt.leaf,
        True,
    )


def _judge(turn: _Turn, request: Request) -> Receipt | _Plan:
    """Accept a request into the turn, answer a repeated one, or refuse."""
    licence = turn.load(request.licence)
    name = request.licence, request.key
    planned = turn.planned.get(name)
    if planned is not None:
        _must_be_the_same(request, planned.request.digest)
        return planned
    before = store.move(turn.db, *name)
    if before is not None:
        _must_be_the_same(request, before.digest)
        return _receipt(turn.db, before)
    _must_allow(turn, licence, request)
    changes = tuple(_change(turn, request, want) for want in _wants(turn, request))
    for line, amount, balance in changes:
        turn.lines[request.licence][line.key] = store.LineRow(line.id, line.licence, line.key, balance)
        _remember_open(turn, request, line.id, amount)
    state = turn.states[request.licence]
    now = _state_after(state, request.kind, [row.balance for row in turn.lines[request.licence].values()])
    turn.states[request.licence] = now
    plan = turn.planned[name] = _Plan(request, changes, state, now)
    return plan


def _must_be_the_same(request: Request, digest: bytes) -> None:
    if request.digest != digest:
        raise KeyReused(f"the key {request.key!r} was used on {request.licence} for another request")


def _must_allow(turn: _Turn, licence: store.LicenceRow, request: Request) -> None:
    state = state_on(turn.states[licence.number], licence.valid_to, turn.today)
    if request.used_at is not None and request.ref is not None:
        return  # the goods left under a lease; what it reserved is there whatever happened since
    if request.kind in (Kind.RESERVE, Kind.DRAW):
        if state is LicenceState.EXHAUSTED:
            raise QuantityExceeded(f"{licence.number} is used up: nothing is left on any line")
        if state not in USABLE:
            raise LicenceNotInForce(f"{licence.number} is {state}")
        if turn.today < licence.valid_from:
            raise LicenceNotInForce(f"{licence.number} begins on {licence.valid_from}")
    elif request.kind is Kind.GRANT and state in FINAL:
        raise LicenceNotInForce(f"{licence.number} is {state}: nothing can be added to it")
    elif request.kind is Kind.LAPSE and state not in FINAL:
        raise LicenceNotInForce(f"{licence.number} is {state}: only what has ended lapses")


def _wants(turn: _Turn, request: Request) -> Sequence[Want]:
    if request.kind is not Kind.LAPSE:
        return request.wants
    rest = ((line.key, line.balance.available.parts) for line in turn.lines[request.licence].values())
    return [Want(key.element, Amount(*(max(p, 0) for p in parts)), key.entry) for key, parts in rest]


def _change(turn: _Turn, request: Request, want: Want) -> tuple[store.LineRow, Amount, Balance]:
    line = _line(turn, request, want)
    referred = turn.standing(request.licence, request.ref, line.id) if request.ref is not None else None
    if request.ref is not None:
        _must_refer(turn, request)
    return line, want.amount, apply(line.balance, request.kind, want.amount, referred)


def _must_refer(turn: _Turn, request: Request) -> None:
    """Check that a reference names a reservation, or for a correction a draw."""
    assert request.ref is not None
    planned = turn.planned.get((request.licence, request.ref))
    stored = None if planned else store.move(turn.db, request.licence, request.ref)
    kind = planned.request.kind if planned else stored.kind if stored else None
    wanted = Kind.DRAW if request.kind is Kind.CORRECT else Kind.RESERVE
    if kind is not wanted:
        raise NotOnLicence(f"{request.licence} has no {wanted} with the key {request.ref!r}")


def _line(turn: _Turn, request: Request, want: Want) -> store.LineRow:
    number = request.licence
    found = [
        line for key, line in turn.lines[number].items()
        if key.element == want.element and want.entry in (None, key.entry)
    ]  # fmt: skip
    if not found and request.kind is Kind.GRANT and want.entry is not None:
        limits = want.amount.gross_mg > 0, want.amount.value_minor > 0
        return store.LineRow(
            NEW,
            number,
            LineKey(want.entry, want.element),
            Balance(NOTHING, NOTHING, NOTHING, NOTHING, *limits),
        )
    if not found:
        raise NotOnLicence(
            f"{number} has no line for {want.element}{f' under {want.entry}' if want.entry else ''}"
        )
    if len(found) > 1:
        entries = ", ".join(line.key.entry for line in found)
        raise UsageProblem(
            f"{number} has several lines for {want.element}: say which entry, one of {entries}"
        )
    return found[0]


def _remember_open(turn: _Turn, request: Request, line: int, amount: Amount) -> None:
    if request.ref is not None:
        held = turn.open[request.licence, request.ref, line]
        turn.open[request.licence, request.ref, line] = held + (
            amount if request.kind is Kind.CORRECT else -amount
        )
    if request.kind in (Kind.RESERVE, Kind.DRAW):
        turn.open[request.licence, request.key, line] = amount


def _state_after(state: LicenceState, kind: Kind, balances: Sequence[Balance]) -> LicenceState:
    if state in USABLE and kind in (Kind.DRAW, Kind.CORRECT) and exhausted(balances):
        return after(state, Step.EXHAUST)
    if state is LicenceState.EXHAUSTED and not exhausted(balances):
        return after(state, Step.REPLENISH)
    return state


# -- writing --------------------------------------------------------------------------------------


def _write(office: Office, plans: Sequence[_Plan]) -> list[Receipt]:
    at = written(office.clock.now())
    sealed = [commit(_fields(plan, at)) for plan in plans]
    drafts = []
    for plan, commitment in zip(plans, sealed, strict=True):
        event = EVENTS[plan.request.kind]
        drafts.append(
            Draft(event, subject_of(office, plan.request.licence), commitment.digest, content_type(event))
        )
    receipts: list[Receipt] = []

    def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        receipts.clear()
        made: dict[tuple[str, LineKey], int] = {}
        for plan, opening, entry in zip(plans, sealed, entries, strict=True):
            receipts.append(_write_one(office, db, plan, opening, entry, at, made))

    office.ledger.append(drafts, rows)
    return receipts


def _write_one(
    office: Office,
    db: apsw.Connection,
    plan: _Plan,
    opening: Commitment,
    entry: Entry,
    at: str,
    made: dict[tuple[str, LineKey], int],
) -> Receipt:
    request = plan.request
    box = office.subjects.seal_office(opening.opening, bound_to(entry.index))
    row = store.MoveRow(
        0,
        request.licence,
        request.key,
        request.kind,
        request.ref,
        at,
        request.digest,
        entry.index,
        entry.leaf,
    )
    move = store.insert_move(db, row, box)
    lines = []
    for line, amount, balance in plan.changes:
        row_id = line.id or made.get((line.licence, line.key), NEW)
        if row_id == NEW:
            row_id = made[line.licence, line.key] = store.insert_line(db, line.licence, line.key, balance)
        store.change(db, row_id, line.balance, balance)
        left = balance.available.element_mg
        store.insert_posting(db, move, row_id, amount, left)
        lines.append((line.key, amount, left))
    if request.kind is Kind.DRAW:
        store.mark_used(db, request.licence)
    if plan.state_after is not plan.state_before:
        store.set_state(db, request.licence, plan.state_before, plan.state_after)
    return Receipt(
        request.licence, request.kind, request.key, tuple(lines), at, entry.index, entry.leaf, False
    )


def _fields(plan: _Plan, at: str) -> dict[str, str | int | bytes | None]:
    request = plan.request
    lines = ";".join(
        f"{line.key.entry}/{line.key.element}:{a.element_mg}/{a.gross_mg}/{a.value_minor}"
        for line, a, _ in plan.changes
    )
    said = {"ref": request.ref, "note": request.note or None, "used_at": request.used_at}
    return {
        "event": EVENTS[request.kind],
        "licence": request.licence,
        "key": request.key,
        "lines": lines,
        "request": request.digest,
        "state": plan.state_after.value,
        "weights": WEIGHTS_VERSION,
        "at": at,
        **{name: value for name, value in said.items() if value is not None},
    }


def subject_of(office: Office, number: str) -> str:
    """The opaque subject of a licence's entries: a keyed token, so that the log shows no number."""
    return office.subjects.token("licence", number).hex()


def bound_to(entry: int) -> bytes:
    """What a licence's sealed opening is bound to."""
    return f"licence {entry}".encode()


def _receipt(db: apsw.Connection, row: store.MoveRow) -> Receipt:
    lines = tuple(store.postings(db, row.id))
    return Receipt(row.licence, row.kind, row.key, lines, row.at, row.entry, row.leaf, True)
