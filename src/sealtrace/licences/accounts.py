"""The service of quantity accounts: postings in batches, each in one transaction with its ledger entry.

One writer at a time holds the home; it judges a batch of requests against the balances it reads, appends the
accepted ones to the ledger as one group, and writes balances, postings and entries in that one transaction.
A killed writer leaves nothing half done: the transaction is there or it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import apsw

from sealtrace.catalogue.elements import WEIGHTS_VERSION
from sealtrace.custody.model import written
from sealtrace.custody.office import Office, content_type
from sealtrace.errors import SealtraceError
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.model import Draft, Entry

from . import store
from .account import Amount, Balance, Kind, LineKey, Request
from .dialect import Database
from .states import day_of
from .turn import NEW, Plan, Receipt, Turn, judge

BATCH = 500
WAIT_S = 60.0  # a posting waits for its turn; a person at a screen does not notice, a gate retries
EVENTS = {
    Kind.GRANT: "licence:granted",
    Kind.RESERVE: "licence:reserved",
    Kind.DRAW: "licence:drawn",
    Kind.RELEASE: "licence:released",
    Kind.CORRECT: "licence:corrected",
    Kind.LAPSE: "licence:lapsed",
    Kind.REVIVE: "licence:revived",
}


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
    turn = Turn(office.db, day_of(office.clock.now()))
    outcome = judge(turn, request)
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
    turn = Turn(office.db, day_of(office.clock.now()))
    turn.foresee(requests)
    outcomes = judge_all(turn, requests)
    plans = list(turn.planned.values())
    return answers(outcomes, dict(zip(turn.planned, _write(office, plans), strict=True)) if plans else {})


def judge_all(turn: Turn, requests: Sequence[Request]) -> list[Receipt | SealtraceError | Plan]:
    """Judge requests in order, each by itself."""
    outcomes: list[Receipt | SealtraceError | Plan] = []
    for request in requests:
        try:
            outcomes.append(judge(turn, request))
        except SealtraceError as e:
            outcomes.append(e)
    return outcomes


def answers(
    outcomes: Sequence[Receipt | SealtraceError | Plan], receipts: Mapping[tuple[str, str], Receipt]
) -> list[Receipt | SealtraceError]:
    """Give each request its answer: the receipt of what was written, to a repeated one marked as such."""
    first: set[tuple[str, str]] = set()
    done: list[Receipt | SealtraceError] = []
    for outcome in outcomes:
        if not isinstance(outcome, Plan):
            done.append(outcome)
            continue
        name = outcome.request.licence, outcome.request.key
        done.append(_again(receipts[name]) if name in first else receipts[name])
        first.add(name)
    return done


def _again(receipt: Receipt) -> Receipt:
    return replace(receipt, replayed=True)


# -- writing --------------------------------------------------------------------------------------


def _write(office: Office, plans: Sequence[Plan]) -> list[Receipt]:
    at = written(office.clock.now())
    sealed = [commit(fields_of(plan, at)) for plan in plans]
    drafts = []
    for plan, commitment in zip(plans, sealed, strict=True):
        event = EVENTS[plan.request.kind]
        drafts.append(
            Draft(event, subject_of(office, plan.request.licence), commitment.digest, content_type(event))
        )
    receipts: list[Receipt] = []

    def rows(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        placed = [
            Placed(
                plan,
                office.subjects.seal_office(opening.opening, bound_to(entry.index)),
                entry.index,
                entry.leaf,
            )
            for plan, opening, entry in zip(plans, sealed, entries, strict=True)
        ]
        receipts[:] = write_plans(db, placed, at)

    office.ledger.append(drafts, rows)
    return receipts


@dataclass(frozen=True, slots=True)
class Placed:
    """An accepted posting with its entry and its sealed opening."""

    plan: Plan
    box: bytes
    entry: int
    leaf: bytes


def write_plans(db: Database, placed: Sequence[Placed], at: str) -> list[Receipt]:
    """Write the accepted postings of one turn: the moves, their postings, each balance as it was and came to be, and
    the licences' states. A balance that another writer changed meanwhile refuses them all.
    """
    moves = store.insert_moves(db, [(_move_row(one, at), one.box) for one in placed])
    made: dict[tuple[str, LineKey], int] = {}
    balances: dict[int, tuple[Balance, Balance]] = {}
    postings, receipts = list[tuple[int, int, Amount, int]](), list[Receipt]()
    for move, one in zip(moves, placed, strict=True):
        request, lines = one.plan.request, []
        for line, amount, balance in one.plan.changes:
            number = line.id or made.get((line.licence, line.key), NEW)
            if number == NEW:
                number = made[line.licence, line.key] = store.insert_line(db, line.licence, line.key, balance)
            balances[number] = balances.get(number, (line.balance,))[0], balance
            left = balance.available.element_mg
            postings.append((move, number, amount, left))
            lines.append((line.key, amount, left))
        receipts.append(
            Receipt(request.licence, request.kind, request.key, tuple(lines), at, one.entry, one.leaf, False)
        )
    store.insert_postings(db, postings)
    for number, (before, now) in balances.items():
        store.change(db, number, before, now)
    _write_states(db, [one.plan for one in placed])
    return receipts


def _move_row(one: Placed, at: str) -> store.MoveRow:
    request = one.plan.request
    return store.MoveRow(
        0, request.licence, request.key, request.kind, request.ref, at, request.digest, one.entry, one.leaf
    )


def _write_states(db: Database, plans: Sequence[Plan]) -> None:
    for number in dict.fromkeys(plan.request.licence for plan in plans if plan.request.kind is Kind.DRAW):
        store.mark_used(db, number)
    for plan in plans:
        if plan.state_after is not plan.state_before:
            store.set_state(db, plan.request.licence, plan.state_before, plan.state_after)


def fields_of(plan: Plan, at: str) -> dict[str, str | int | bytes | None]:
    """What the ledger commits to for a posting."""
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
