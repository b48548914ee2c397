"""From an alert to a case: what it is about, the first reason as the allegation, papers and pictures as evidence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealtrace.custody.office import Office

from . import files, service
from .labels import labels
from .model import Actor, CaseKind, SubjectKind

if TYPE_CHECKING:
    from sealtrace.trade.book import Book
    from sealtrace.trade.model import Label
    from sealtrace.trade.service import Alert

ARMS = ("random", "targeted", "tip")


@dataclass(frozen=True, slots=True)
class Opened:
    """The case that was opened on an alert, and the names of its items."""

    case: str
    subject: str
    allegation: str | None
    evidence: tuple[str, ...]


def open_on_alert(
    office: Office, by: Actor, alert: Alert, *, basis: str, statute: str, arm: str = "targeted", place: str = "",
) -> Opened:  # fmt: skip
    """Open a smuggling case on an alert of the customs desk.

    `arm` tells how the declaration was picked, so that its outcome returns as a label of that arm; `place` is where the
    declaration was lodged. The declaration and each picture go to the vault. Opening twice on one declaration gives
    the same case, and goes on where a crash cut it short.
    """
    row, at = alert.declaration, office.clock.now()
    name = str(row["decl_id"])
    title = f"{name} {row.get('desc') or ''}".strip()
    number = service.open_case(office, by, CaseKind.SMUGGLING, title, basis=basis, key=f"alert {name}").case
    said = ", ".join(str(row[n]) for n in ("desc", "hs6", "net_kg") if row.get(n) is not None)
    subject = service.name_subject(
        office, by, number, SubjectKind.DECLARATION, name, text=said, arm=arm, valid_from=str(row["date"]),
        key="alert subject",
    ).act.item  # fmt: skip
    allegation = None
    if alert.why:
        first = alert.why[0].reason
        allegation = service.allege(
            office, by, number, typology=first.check, text=first.text, statute=statute, key="alert allegation"
        ).act.item
    originals = [
        ("document", name, json.dumps(row, ensure_ascii=False, default=str, sort_keys=True).encode())
    ]
    originals += [("image", f"{name}: {why.name}", why.picture.encode()) for why in alert.why if why.picture]
    known = files.load(office, number).items
    taken = {item.sha256: item.id for item in known.values() if item.sha256 is not None}
    evidence = []
    for kind, what, data in originals:
        digest = office.vault.put_bytes(data).sha256
        if digest not in taken:
            done = service.collect(
                office, by, number, title=what, kind=kind, where=place or str(row.get("office") or "-"),
                method="system export", authority=basis, acquired_at=at, original=data,
            )  # fmt: skip
            taken[digest] = done.act.item
        evidence.append(taken[digest])
    return Opened(number, subject, allegation, tuple(evidence))


def return_labels(office: Office, number: str, book: Book) -> list[Label]:
    """Put what a case's outcomes say of its declarations into the book; safe to repeat. Gives the labels."""
    found = labels(files.load(office, number))
    book.add(found)
    return found
