"""The monthly flow file for product traceability: what left under which licence, due by the 10th of the next month.

Source: interim measures on total quantity control of rare earth mining and smelting, Decree 71 of 2025. Names of
end users and end uses are left out: what is shared with the traceability system excludes sensitive licence data.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sealtrace.custody.home import storage_guard
from sealtrace.custody.office import Office
from sealtrace.errors import UsageProblem
from sealtrace.ledger.tiles import write_whole
from sealtrace.licences import issuing, store, token
from sealtrace.licences.account import Kind
from sealtrace.licences.states import day_of
from sealtrace.people.duties import Actor, require_human

DUE_DAY = 10
COLUMNS = (
    "date", "licence", "holder", "destination", "kind", "entry", "element", "element_mg", "gross_mg", "value_minor",
    "declaration", "ledger_entry",
)  # fmt: skip
EVENT = "licence:flows-written"


@dataclass(frozen=True, slots=True)
class Flow:
    """One line of the file: a draw or its correction on one line of a licence."""

    day: date
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month that has flows: when its file is due, and the digest of what was written last."""

    month: str
    due: date
    flows: int
    written: str | None
    current: bool  # what was written is what the accounts say now

    def overdue(self, today: date) -> bool:
        """Whether the file should have been sent."""
        return not self.current and today > self.due


def due_of(month: str) -> date:
    """The 10th of the month after. Raises UsageProblem."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise UsageProblem(f"{month!r} is no month, such as 2026-03") from None
    return date(first.year + first.month // 12, first.month % 12 + 1, DUE_DAY)


def file_of(office: Office, month: str) -> bytes:
    """The file's bytes: the same postings always give the same file."""
    due_of(month)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(f.cells for f in _flows(office) if f.day.isoformat()[:7] == month)
    return out.getvalue().encode("utf-8-sig")


def write(office: Office, actor: Actor, month: str, out: Path) -> str:
    """Write a month's file and enter its digest; gives the digest. The month must be over."""
    require_human(actor, EVENT)
    if day_of(office.clock.now()).isoformat()[:7] <= month:
        raise UsageProblem(f"{month} is not over", advice="The file is due by the 10th of the month after.")
    data = file_of(office, month)
    digest = hashlib.sha256(data).digest()
    with office.writing():
        with storage_guard(f"writing {out}"):
            write_whole(out, data)
        fields: dict[str, str | int | bytes | None] = {"month": month, "sha256": digest, "actor": actor.id}
        office.record_act(
            EVENT, office.subjects.token("flows", month).hex(), fields, lambda _db, _entry: None
        )
    return digest.hex()


def months(office: Office) -> list[Month]:
    """The months that have flows, oldest first."""
    held = {o["month"][1]: bytes(o["sha256"][1]).hex() for _, o in office.acts(EVENT)}
    counts: dict[str, int] = {}
    for flow in _flows(office):
        name = flow.day.isoformat()[:7]
        counts[name] = counts.get(name, 0) + 1
    return [
        Month(m, due_of(m), n, held.get(m), held.get(m) == hashlib.sha256(file_of(office, m)).hexdigest())
        for m, n in sorted(counts.items())
    ]


def _flows(office: Office) -> Iterator[Flow]:
    found = []
    for row in store.licences(office.db):
        holder, to = _parties(office, row)
        for move in store.moves(office.db, row.number):
            if move.kind not in (Kind.DRAW, Kind.CORRECT):
                continue
            day = day_of(datetime.fromisoformat(move.at))
            number = (
                move.key.removeprefix("gate ").removesuffix(" draw") if move.key.startswith("gate ") else ""
            )
            for key, amount, _ in store.postings(office.db, move.id):
                cells = (
                    day.isoformat(), row.number, holder, to, move.kind.value, key.entry, key.element,
                    *map(str, amount.parts), number, str(move.entry),
                )  # fmt: skip
                found.append((move.entry, Flow(day, cells)))
    yield from (flow for _, flow in sorted(found, key=lambda pair: pair[0]))


def _parties(office: Office, row: store.LicenceRow) -> tuple[str, str]:
    if row.token is None:
        return "", ""
    licence = token.verify(row.token.decode("ascii"), [issuing.signing_key(office).public_key()])
    return licence.holder, licence.destination
