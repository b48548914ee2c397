"""Cases as the home holds them: load one, add an act, check every byte. Services call this and nothing below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import apsw

from sealtrace.custody.model import written
from sealtrace.custody.office import Office, content_type
from sealtrace.errors import Corrupted, KeyReused, SealtraceError
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.model import Entry
from sealtrace.ledger.statement import CWT_CLAIMS, PREIMAGE_TYPE, SUB
from sealtrace.ledger.verify import verify_commitment, verify_statement

from . import rules, store
from .model import Act, Actor, Case, Department, Item, ItemKind, Value, What

WAIT_S = 60.0
FRAME = ("event", "case", "number", "item", "by", "at")


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: the act with its entry, and the case's item after it."""

    case: str
    act: Act
    item: Item | None
    replayed: bool = False

    def as_dict(self) -> dict[str, object]:
        """Give it as an object."""
        return {
            "case": self.case, "item": self.act.item or None, "what": self.act.what.value,
            "state": self.item.state if self.item else None, "at": written(self.act.at), "replayed": self.replayed,
            "entry": {"index": self.act.entry, "leaf": self.act.leaf.hex()} if self.act.leaf else None,
        }  # fmt: skip


def load(office: Office, number: str) -> Case:
    """Read a whole case. Not for showing: `disclosure.view` tells what may be seen.

    Raises:
        NotRegistered: there is none. Corrupted: a row was altered.
    """
    return rules.fold(number, (_act(office, row) for row in store.acts(office.db, number)))


def _act(office: Office, row: store.Row) -> Act:
    fields = store.plain(office.subjects.unseal_office(row.sealed, store.bound_to(row.entry)))
    fields.pop("key", None)
    frame = {name: fields.pop(name) for name in FRAME}
    beside = (What(row.what).event, row.case, row.number, row.item)
    if tuple(frame[name] for name in FRAME[:4]) != beside:
        raise Corrupted(f"what stands beside entry {row.entry} in case {row.case} is not what was recorded")
    return Act(
        row.entry, office.ledger.leaf(row.entry), row.number, What(row.what), row.item, Actor.parse(frame["by"]),
        datetime.fromisoformat(frame["at"]), fields,
    )  # fmt: skip


def openings(office: Office, number: str) -> dict[int, dict[str, Any]]:
    """The openings of a case's commitments by entry, for proving acts to others."""
    return {
        row.entry: office.subjects.unseal_office(row.sealed, store.bound_to(row.entry))
        for row in store.acts(office.db, number)
    }


def add(
    office: Office, number: str, case: Case | None, what: What, item: str, by: Actor,
    fields: Mapping[str, Value], key: str | None = None,
) -> Act:  # fmt: skip
    """Enter an act with its row, both or neither; durable when it returns. The home is held by the caller."""
    at = office.clock.now()
    place = case.acts[-1].number + 1 if case else 1
    frame: dict[str, Value] = {
        "event": what.event, "case": number, "number": place, "item": item, "by": str(by), "at": written(at),
    }  # fmt: skip
    said = {name: value for name, value in fields.items() if value is not None}
    probe = Act(-1, b"", place, what, item, by, at, said)
    if case is not None:
        rules.after(case, probe)  # what does not follow is never written

    def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        store.prepare(db)
        box = office.subjects.seal_office(sealed.opening, store.bound_to(entry.index))
        store.insert(db, store.Row(entry.index, number, place, what.value, item, key, box))
        store.admit(db, by.department, number)
        if what in (What.REFERRED, What.REFERRAL_APPROVED):
            store.admit(db, _addressee(case, item, said), number)

    if key is not None:
        frame["key"] = key
    subject = office.subjects.token("case", number).hex()
    entry = office.record(what.event, subject, {**frame, **said}, rows)
    return Act(entry.index, entry.leaf, place, what, item, by, at, said)


def _addressee(case: Case | None, item: str, said: Mapping[str, Value]) -> Department:
    to = said.get("to") or (case.items[item].text("to") if case else "")
    return Department(str(to))


def repeated(
    office: Office, case: Case, key: str, what: What, by: Actor, fields: Mapping[str, Value]
) -> Act | None:
    """The act that the same request made before. Raises KeyReused when it was another request."""
    row = store.by_key(office.db, case.number, key)
    if row is None:
        return None
    act = next(a for a in case.acts if a.entry == row.entry)
    said = {name: value for name, value in fields.items() if value is not None}
    if (act.what, act.by) != (what, by) or any(act.fields.get(n) != v for n, v in said.items()):
        raise KeyReused(f"the key {key!r} was used in case {case.number} for something else")
    return act


# -- checking -----------------------------------------------------------------------------------------


def check(office: Office) -> Iterator[str]:
    """Compare every case with the ledger, byte for byte, and yield what is wrong; nothing means all is well.

    Each act's record must open its entry's commitment and stand where the entry says; each case's acts must follow
    from one another; the log must hold no act that the tables lack; originals must be in the vault, unaltered.
    """
    known: set[int] = set()
    expected: set[tuple[str, str]] = set()
    for number, group in groupby(store.acts(office.db), lambda row: row.case):
        rows = list(group)
        known.update(row.entry for row in rows)
        sound = [problem for row in rows for problem in _entry(office, row)]
        yield from sound
        try:
            case = rules.fold(number, [_act(office, row) for row in rows])
        except SealtraceError as e:
            yield e.message
            continue
        expected |= _admitted(case)
        yield from _originals(office, case)
    yield from _missing(office, known)
    if expected != store.admitted(office.db):
        yield "the list of departments and their cases is not what the acts made it"


def _entry(office: Office, row: store.Row) -> Iterator[str]:
    place = f"case {row.case}, act {row.number} (entry {row.entry})"
    try:
        opening = office.subjects.unseal_office(row.sealed, store.bound_to(row.entry))
        if opening.get("key", [b"", None])[1] != row.key:
            yield f"{place}: its key is not what was recorded"
        statement = office.ledger.entry(row.entry).statement
        if not verify_commitment(statement, opening):
            yield f"{place}: what is on record does not open the entry's commitment"
        protected = verify_statement(statement, office.ledger.trusted_statement_keys())
        if protected[CWT_CLAIMS][SUB] != office.subjects.token("case", row.case).hex():
            yield f"{place}: the entry is about something else"
    except (SealtraceError, IndexError) as e:
        yield f"{place}: {e}"


def _admitted(case: Case) -> set[tuple[str, str]]:
    told = {act.by.department.value for act in case.acts}
    for item in case.of(ItemKind.REFERRAL):
        if any(act.what in (What.REFERRED, What.REFERRAL_APPROVED) for act in item.acts):
            told.add(item.text("to"))
    return {(department, case.number) for department in told}


def _originals(office: Office, case: Case) -> Iterator[str]:
    for item in case.items.values():
        if item.sha256 is not None and item.kind is ItemKind.EVIDENCE and item.state != "destroyed":
            try:
                office.vault.verify(item.sha256)
            except SealtraceError as e:
                yield f"case {case.number}, {item.id}: {e.message}"


def _missing(office: Office, known: set[int]) -> Iterator[str]:
    kinds = {content_type(what.event) for what in What}
    for entry in office.ledger.entries(0, office.ledger.size()):
        if entry.index in known or b"vnd.sealtrace.case-" not in entry.statement:
            continue
        protected = verify_statement(entry.statement, office.ledger.trusted_statement_keys())
        if protected.get(PREIMAGE_TYPE) in kinds:
            yield f"entry {entry.index} is an act of a case, and no case has it"
