"""The licence desk: open an account for a licence, move a licence between its states, tell how it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import apsw

from sealtrace.catalogue.lists import ControlList, shipped
from sealtrace.custody.model import written
from sealtrace.custody.office import Office
from sealtrace.errors import KeyReused, NotOnLicence, UsageProblem
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.model import Entry

from . import store
from .account import Amount, Kind, LineKey, Request, Want, exhausted
from .accounts import WAIT_S, bound_to, post, subject_of
from .dialect import Database
from .states import FINAL, LicenceState, Step, after, day_of, state_on
from .turn import Receipt

OPENED = "licence:opened"
STEP_EVENTS = {
    Step.ISSUE: "licence:issued",
    Step.SUSPEND: "licence:suspended",
    Step.REINSTATE: "licence:reinstated",
    Step.REVOKE: "licence:revoked",
    Step.SURRENDER: "licence:surrendered",
    Step.CANCEL: "licence:cancelled",
    Step.RESTORE: "licence:restored",
}
KINDS = ("single", "general", "registration")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a licence is: number, kind, first and last day."""

    number: str
    kind: str
    valid_from: date
    valid_to: date

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageProblem(f"a licence is {', '.join(KINDS)}, not {self.kind!r}")
        if self.valid_to < self.valid_from:
            raise UsageProblem(f"the licence ends on {self.valid_to}, before it begins on {self.valid_from}")
        if not 0 < len(self.number) <= 64 or not self.number.isprintable():
            raise UsageProblem("a licence's number has 1 to 64 printable characters")


@dataclass(frozen=True, slots=True)
class Account:
    """A licence as it stands: terms, state on the day, lines with balances."""

    row: store.LicenceRow
    state: LicenceState
    lines: tuple[store.LineRow, ...]

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "licence": self.row.number,
            "kind": self.row.kind,
            "origin": self.row.origin,
            "state": self.state.value,
            "from": self.row.valid_from.isoformat(),
            "to": self.row.valid_to.isoformat(),
            "lines": [_line_dict(line) for line in self.lines],
        }


def _line_dict(line: store.LineRow) -> dict[str, object]:
    made: dict[str, object] = {"entry": line.key.entry, "element": line.key.element}
    balance = line.balance
    for kind in ("granted", "reserved", "drawn", "lapsed", "available"):
        amount: Amount = getattr(balance, kind)
        made[f"{kind}_mg"] = amount.element_mg
        if balance.gross_limited or amount.gross_mg:
            made[f"{kind}_gross_mg"] = amount.gross_mg
        if balance.value_limited or amount.value_minor:
            made[f"{kind}_value_minor"] = amount.value_minor
    return made


def add(
    office: Office, terms: Terms, entry: str, element: str, amount: Amount, *, key: str | None = None,
    unlisted: bool = False,
) -> tuple[Account, Receipt]:  # fmt: skip
    """Open the account of a licence granted elsewhere, or add a line or a further grant to it.

    The same words again add nothing: without a key of its own, a line is granted once.

    Raises:
        UsageProblem: the entry does not list the element, or the licence has other terms.
        KeyReused: the line was granted before with another quantity.
    """
    if not unlisted:
        must_be_listed(entry, element)
    with office.writing(WAIT_S):
        open_licence(office, terms)
        wants = (Want(element, amount, entry),)
        receipt = post(office, Request(terms.number, Kind.GRANT, key or f"grant {entry} {element}", wants))
        return account(office, terms.number), receipt


def must_be_listed(entry: str, element: str, under: ControlList | None = None) -> None:
    """Check that an entry of a list, the shipped one without another, lists an element. Raises UsageProblem."""
    controls = under or shipped()
    listed = controls.by_code.get(entry)
    if listed is None:
        raise UsageProblem(
            f"{entry!r} is no entry of {controls.id} {controls.version}",
            advice="Correct the code, or give --unlisted for an entry of another list.",
        )
    if listed.elements and element not in listed.elements:
        raise UsageProblem(f"{entry} lists {', '.join(listed.elements)}, not {element}")


def open_licence(office: Office, terms: Terms) -> None:
    """Make the licence known here, unless it is, with the same terms. Raises UsageProblem for other terms."""
    known = store.licence(office.db, terms.number)
    if known is not None:
        if (known.kind, known.valid_from, known.valid_to) != (terms.kind, terms.valid_from, terms.valid_to):
            raise KeyReused(
                f"{terms.number} is known as {known.kind}, {known.valid_from} to {known.valid_to}",
                advice="Give the same terms, or another number.",
            )
        return
    fields: dict[str, str | int | bytes | None] = {
        "licence": terms.number, "kind": terms.kind, "from": terms.valid_from.isoformat(),
        "to": terms.valid_to.isoformat(), "origin": "elsewhere",
    }  # fmt: skip
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
    record(
        office,
        OPENED,
        terms.number,
        "open",
        LicenceState.ISSUED,
        fields,
        lambda db: store.insert_licence(db, row),
    )


def step(office: Office, number: str, what: Step, reason: str) -> tuple[Account, Entry]:
    """Take a step that people take: suspend, reinstate, revoke, surrender, cancel. The reason is kept.

    Raises:
        WrongState: the step does not lead from the licence's state.
        UsageProblem: no reason is given.
    """
    if not reason.strip():
        raise UsageProblem("a step of a licence's life needs its reason")
    with office.writing(WAIT_S):
        row = licence(office, number)
        before = state_on(row.state, row.valid_to, day_of(office.clock.now()))
        now = after(before, what, used=row.used)
        if what is Step.REINSTATE and _used_up(office, number):
            now = after(now, Step.EXHAUST)
        entry = record(
            office, STEP_EVENTS[what], number, what.value, now, {"licence": number, "reason": reason.strip()},
            lambda db: store.set_state(db, number, row.state, now),
        )  # fmt: skip
        if now in FINAL:
            post(office, Request(number, Kind.LAPSE, f"lapse {entry.index}", (Want("*", Amount(0)),)))
        return account(office, number), entry


def restore(office: Office, number: str, reason: str, *, suspended: bool) -> tuple[Account, Entry]:
    """Undo what a measure did: what lapsed is there again, and the licence stands as if it had not been taken.

    With `suspended`, another measure still holds it. A licence whose last day passed meanwhile is expired, and what
    lapsed stays so. The quantity comes back first, while nothing can be drawn: a run that stops in between is done
    again by the same words.

    Raises:
        WrongState: nothing was done to the licence that could be undone.
    """
    with office.writing(WAIT_S):
        row = licence(office, number)
        now = after(row.state, Step.RESTORE)
        if day_of(office.clock.now()) > row.valid_to:
            now = after(now, Step.EXPIRE)
        else:
            for key in [m.key for m in store.moves(office.db, number) if m.kind is Kind.LAPSE]:
                post(office, Request(number, Kind.REVIVE, f"revive {key}", (Want("*", Amount(0)),), key))
            if suspended:
                now = after(now, Step.SUSPEND)
            elif _used_up(office, number):
                now = after(now, Step.EXHAUST)
        entry = record(
            office, STEP_EVENTS[Step.RESTORE], number, Step.RESTORE.value, now,
            {"licence": number, "reason": reason.strip()}, lambda db: store.set_state(db, number, row.state, now),
        )  # fmt: skip
        return account(office, number), entry


def _used_up(office: Office, number: str) -> bool:
    found = [line.balance for line in store.lines(office.db, number)]
    return bool(found) and exhausted(found)


def record(
    office: Office,
    event: str,
    number: str,
    name: str,
    state: LicenceState,
    fields: Mapping[str, str | int | bytes | None],
    rows: Callable[[apsw.Connection], None],
) -> Entry:
    """Enter a step of a licence's life with its rows: both or neither."""
    at = written(office.clock.now())

    def together(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        store.prepare(db)
        rows(db)
        box = office.subjects.seal_office(sealed.opening, bound_to(entry.index))
        store.insert_step(db, entry.index, number, name, state.value, at, box)

    return office.record(
        event, subject_of(office, number), {**fields, "state": state.value, "at": at}, together
    )


def licence(office: Office, number: str) -> store.LicenceRow:
    """Find a licence. Raises NotOnLicence."""
    row = store.licence(office.db, number)
    if row is None:
        raise NotOnLicence(
            f"there is no licence {number!r} here", advice="`sealtrace licence list` shows them."
        )
    return row


def account(office: Office, number: str) -> Account:
    """Tell how a licence stands today. Raises NotOnLicence."""
    row = licence(office, number)
    today = day_of(office.clock.now())
    return Account(row, state_on(row.state, row.valid_to, today), tuple(store.lines(office.db, number)))


def accounts(office: Office) -> list[Account]:
    """All licences, by number."""
    return [account(office, row.number) for row in store.licences(office.db)]


def history(office: Office, number: str) -> list[dict[str, object]]:
    """Everything that happened to a licence, oldest first: steps and postings with their ledger entries."""
    licence(office, number)
    rows: list[dict[str, object]] = [
        {"what": name, "at": at, "entry": entry, "state": state}
        for entry, name, state, at in store.steps(office.db, number)
    ]
    for move in store.moves(office.db, number):
        lines = [
            {"entry": k.entry, "element": k.element, "element_mg": a.element_mg, "left_mg": left}
            for k, a, left in store.postings(office.db, move.id)
        ]
        rows.append(
            {
                "what": move.kind.value,
                "at": move.at,
                "entry": move.entry,
                "key": move.key,
                "ref": move.ref,
                "lines": lines,
            }
        )
    return sorted(rows, key=lambda r: int(str(r["entry"])))


def check(office: Office) -> list[str]:
    """Add up every posting and compare with the balances; an empty list means every milligram is accounted for."""
    return problems_of(office.db)


def problems_of(db: Database) -> list[str]:
    """The same for the accounts in one database."""
    problems: list[str] = []
    for row in store.licences(db):
        moves = [(m, store.postings(db, m.id)) for m in store.moves(db, row.number)]
        for line in store.lines(db, row.number):
            sums = _sums(moves, line)
            name = f"{row.number} {line.key.entry} {line.key.element}"
            for kind, posted in sums.items():
                stored: Amount = getattr(line.balance, kind)
                if stored != posted:
                    problems.append(f"{name}: {kind} is {stored.parts}, the postings give {posted.parts}")
    return problems


def _sums(
    moves: Sequence[tuple[store.MoveRow, Sequence[tuple[LineKey, Amount, int]]]], line: store.LineRow
) -> dict[str, Amount]:
    sums = dict.fromkeys(("granted", "reserved", "drawn", "lapsed"), Amount(0))
    for move, postings in moves:
        for key, amount, _ in postings:
            if key != line.key:
                continue
            if move.kind is Kind.GRANT:
                sums["granted"] += amount
            elif move.kind is Kind.LAPSE:
                sums["lapsed"] += amount
            elif move.kind is Kind.REVIVE:
                sums["lapsed"] -= amount
            else:
                if move.kind in (Kind.DRAW, Kind.CORRECT):
                    sums["drawn"] += amount
                if move.kind is Kind.RESERVE:
                    sums["reserved"] += line.balance.limited(amount)
                elif move.kind is Kind.RELEASE or (move.kind is Kind.DRAW and move.ref is not None):
                    sums["reserved"] -= line.balance.limited(amount)
    return sums
