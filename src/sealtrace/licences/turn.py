"""One turn at the accounts: requests judged in order against balances as they will be. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from sealtrace.errors import KeyReused, LicenceNotInForce, NotOnLicence, QuantityExceeded, UsageProblem

from . import store
from .account import NOTHING, WHOLE, Amount, Balance, Kind, LineKey, Request, Want, apply, exhausted
from .dialect import Database, lock_rows
from .states import FINAL, TRANSITIONS, USABLE, LicenceState, Step, after, state_on

NEW = 0  # the row of a line that this turn makes


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
class Turn:
    """What one turn at the home has read and decided so far: the balances as they will be."""

    db: Database
    today: date
    licences: dict[str, store.LicenceRow] = field(default_factory=dict)
    states: dict[str, LicenceState] = field(default_factory=dict)
    lines: dict[str, dict[LineKey, store.LineRow]] = field(default_factory=dict)
    open: dict[tuple[str, str, int], Amount] = field(default_factory=dict)
    planned: dict[tuple[str, str], Plan] = field(default_factory=dict)
    made: dict[tuple[str, str], store.MoveRow | None] = field(default_factory=dict)

    def load(self, number: str) -> store.LicenceRow:
        """Read a licence and its lines once. Raises NotOnLicence."""
        if number not in self.licences:
            lock_rows(self.db, "licences", "number", number)
            row = store.licence(self.db, number)
            if row is None:
                raise NotOnLicence(
                    f"there is no licence {number!r} here", advice="`sealtrace licence list` shows them."
                )
            self.licences[number] = row
            self.states[number] = row.state
            self.lines[number] = {line.key: line for line in store.lines(self.db, number)}
        return self.licences[number]

    def foresee(self, requests: Sequence[Request]) -> None:
        """Read at once what many requests ask of: their licences, in one order, so that two writers never wait in a
        ring, and which of them were answered before. Unknown licences are left to `judge`.
        """
        keys: dict[str, list[str]] = {}
        for request in requests:
            keys.setdefault(request.licence, []).append(request.key)
        for number, asked in sorted(keys.items()):
            with suppress(NotOnLicence):
                self.load(number)
                self.made |= dict.fromkeys((number, key) for key in asked)
                self.made |= {(number, move.key): move for move in store.moves_named(self.db, number, asked)}

    def move(self, number: str, key: str) -> store.MoveRow | None:
        """A posting that stood before this turn."""
        if (number, key) not in self.made:
            self.made[number, key] = store.move(self.db, number, key)
        return self.made[number, key]

    def standing(self, number: str, ref: str, line: int) -> Amount:
        """What is open of the reservation, or stands of the draw or the lapse, that a posting names."""
        if (number, ref, line) not in self.open:
            self.open[number, ref, line] = store.standing(self.db, number, ref, line)
        return self.open[number, ref, line]


@dataclass(frozen=True, slots=True)
class Plan:
    """An accepted request: lines with their balances before and after, and the state it leads to."""

    request: Request
    changes: tuple[tuple[store.LineRow, Amount, Balance], ...]
    state_before: LicenceState
    state_after: LicenceState


def judge(turn: Turn, request: Request) -> Receipt | Plan:
    """Accept a request into the turn, answer a repeated one, or refuse."""
    licence = turn.load(request.licence)
    name = request.licence, request.key
    planned = turn.planned.get(name)
    if planned is not None:
        _must_be_the_same(request, planned.request.digest)
        return planned
    before = turn.move(*name)
    if before is not None:
        _must_be_the_same(request, before.digest)
        return receipt(turn.db, before)
    _must_allow(turn, licence, request)
    changes = tuple(_change(turn, request, want) for want in _wants(turn, request))
    for line, amount, balance in changes:
        turn.lines[request.licence][line.key] = store.LineRow(line.id, line.licence, line.key, balance)
        _remember_open(turn, request, line.id, amount)
    state = turn.states[request.licence]
    now = _state_after(state, request.kind, [row.balance for row in turn.lines[request.licence].values()])
    turn.states[request.licence] = now
    plan = turn.planned[name] = Plan(request, changes, state, now)
    return plan


def _must_be_the_same(request: Request, digest: bytes) -> None:
    if request.digest != digest:
        raise KeyReused(f"the key {request.key!r} was used on {request.licence} for another request")


def _must_allow(turn: Turn, licence: store.LicenceRow, request: Request) -> None:
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
    elif request.kind is Kind.REVIVE and (turn.states[licence.number], Step.RESTORE) not in TRANSITIONS:
        raise LicenceNotInForce(f"{licence.number} is {state}: nothing that lapsed comes back")
    elif request.kind is Kind.LAPSE and state not in FINAL:
        raise LicenceNotInForce(f"{licence.number} is {state}: only what has ended lapses")


def _wants(turn: Turn, request: Request) -> Sequence[Want]:
    if request.kind not in WHOLE:
        return request.wants
    lines = turn.lines[request.licence].values()
    if request.ref is not None:
        stood = ((line.key, turn.standing(request.licence, request.ref, line.id)) for line in lines)
        return [Want(key.element, amount, key.entry) for key, amount in stood]
    rest = ((line.key, line.balance.available.parts) for line in lines)
    return [Want(key.element, Amount(*(max(p, 0) for p in parts)), key.entry) for key, parts in rest]


def _change(turn: Turn, request: Request, want: Want) -> tuple[store.LineRow, Amount, Balance]:
    line = _line(turn, request, want)
    referred = turn.standing(request.licence, request.ref, line.id) if request.ref is not None else None
    if request.ref is not None:
        _must_refer(turn, request)
    return line, want.amount, apply(line.balance, request.kind, want.amount, referred)


def _must_refer(turn: Turn, request: Request) -> None:
    """Check that a reference names a reservation, for a correction a draw, for a revival a lapse."""
    assert request.ref is not None
    planned = turn.planned.get((request.licence, request.ref))
    stored = None if planned else turn.move(request.licence, request.ref)
    kind = planned.request.kind if planned else stored.kind if stored else None
    wanted = {Kind.CORRECT: Kind.DRAW, Kind.REVIVE: Kind.LAPSE}.get(request.kind, Kind.RESERVE)
    if kind is not wanted:
        raise NotOnLicence(f"{request.licence} has no {wanted} with the key {request.ref!r}")


def _line(turn: Turn, request: Request, want: Want) -> store.LineRow:
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


def _remember_open(turn: Turn, request: Request, line: int, amount: Amount) -> None:
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


def receipt(db: Database, row: store.MoveRow) -> Receipt:
    """Give a stored posting's receipt again."""
    lines = tuple(store.postings(db, row.id))
    return Receipt(row.licence, row.kind, row.key, lines, row.at, row.entry, row.leaf, True)
