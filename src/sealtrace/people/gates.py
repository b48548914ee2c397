"""A part is used only with an impact assessment in force and an appeal officer named; until then it is off."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import apsw

from sealtrace.custody.office import Office
from sealtrace.errors import DutiesNotSeparated, ModuleDisabled
from sealtrace.ledger.model import Entry

from .acts import identity, read, ready, refused_as
from .duties import Actor, require_different, require_human
from .moments import second

ASSESSED, APPOINTED = "person:impact-assessed", "person:officer-appointed"


class Module(StrEnum):
    """The parts that need an assessment of their own."""

    DIRECTORY = "directory"
    POSTS = "posts"
    TRAVEL = "travel"
    DOCUMENTS = "documents"
    SCREENING = "screening"


def assess(
    office: Office, module: Module, document: str, assessor: Actor, approver: Actor, valid_until: datetime,
    now: datetime,
) -> Entry:  # fmt: skip
    """Record an impact assessment that somebody made and somebody else approved; at most three years long."""
    assessor, approver = identity(office, assessor), identity(office, approver)
    require_human(assessor, "assessing the impact of a part")
    require_human(approver, "approving an impact assessment")
    require_different(assessor=assessor.id, approver=approver.id)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "INSERT INTO impact_assessments(module, document, assessor, assessor_kind, approver, approver_kind,"
            " approved_at, valid_until) VALUES (?, ?, ?, 'human', ?, 'human', ?, ?)",
            (str(module), document, assessor.id, approver.id, second(now), second(valid_until)),
        )

    fields = {"module": str(module), "document": document, "assessor": assessor.id, "approver": approver.id,
              "valid_until": second(valid_until)}  # fmt: skip
    with refused_as(ModuleDisabled), office.writing():
        return office.record_act(ASSESSED, "home", fields, rows)


def appoint(office: Office, officer: str, appointer: Actor, until: datetime, now: datetime) -> Entry:
    """Name who hears appeals, until when."""
    appointer = identity(office, appointer)
    require_human(appointer, "appointing an appeal officer")
    require_different(officer=officer, appointer=appointer.id)

    def rows(db: apsw.Connection, _entry: Entry) -> None:
        db.execute(
            "INSERT INTO appeal_officers(officer, appointer, appointer_kind, from_at, until_at)"
            " VALUES (?, ?, 'human', ?, ?)",
            (officer, appointer.id, second(now), second(until)),
        )

    fields = {"officer": officer, "appointer": appointer.id, "until": second(until)}
    with refused_as(DutiesNotSeparated), office.writing():
        return office.record_act(APPOINTED, "home", fields, rows)


def officers(office: Office, now: datetime) -> list[str]:
    """Who hears appeals at `now`, the newest appointment first."""
    ready(office)
    rows = office.db.execute(
        "SELECT officer FROM appeal_officers WHERE from_at <= :now AND :now < until_at ORDER BY id DESC",
        {"now": second(now)},
    )
    return list(dict.fromkeys(str(row[0]) for row in rows))


def assessed(office: Office, now: datetime) -> dict[Module, str]:
    """Each part that has an assessment in force, with its end; it may lack an appeal officer still."""
    ready(office)
    rows = read(
        office,
        "SELECT module, max(valid_until) FROM impact_assessments"
        " WHERE approved_at <= :now AND :now < valid_until GROUP BY module",
        {"now": second(now)},
    )
    return {Module(name): str(until) for name, until in rows}


def state(office: Office, now: datetime) -> dict[Module, str | None]:
    """Each part with the end of its assessment in force; None where it is off."""
    found, heard = assessed(office, now), bool(officers(office, now))
    return {module: found.get(module) if heard else None for module in Module}


def require_module(office: Office, module: Module, now: datetime) -> None:
    """Stop while a part is off.

    Raises:
        ModuleDisabled: no assessment is in force, or no appeal officer is named.
    """
    if state(office, now)[module] is None:
        what = (
            "no appeal officer is named"
            if not officers(office, now)
            else "it has no impact assessment in force"
        )
        raise ModuleDisabled(f"the part {module!s} is off: {what}")
