"""What a draft would change before it is released, and which suspensions run out: for open licences and cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sealtrace.catalogue import lists, technology
from sealtrace.catalogue.instruments import Alarm
from sealtrace.custody.office import Office
from sealtrace.people.duties import Actor, require_human

from . import library, store
from .classify import Classifier
from .lots import classify
from .review import board, routing
from .review.application import read_application
from .review.assess import traits
from .review.case import Case
from .review.desk import get_case, today
from .states import FINAL, state_on

RAISED = "licence:alarm-raised"


@dataclass(frozen=True, slots=True)
class Effect:
    """What would become of one line of a licence, one of a case's goods, or a case's routing."""

    kind: str  # licence, case, routing
    name: str
    what: str
    before: str
    after: str

    def as_dict(self) -> dict[str, str]:
        """Give it as an object."""
        return {
            "kind": self.kind,
            "name": self.name,
            "what": self.what,
            "before": self.before,
            "after": self.after,
        }


def effects(office: Office, name: str) -> list[Effect]:
    """Tell what a draft would change today: lines of open licences, goods and routing of open cases."""
    found = library.get_draft(office, name)
    if found.kind == "case-rules":
        return list(_routing(office, routing.read_rules(found.document)))
    made = lists.read_list(found.document)
    return [*_licences(office, made), *_cases(office, Classifier(made, technology.over(made)))]


def _licences(office: Office, new: lists.ControlList) -> Iterator[Effect]:
    old, day = library.controls(office), today(office)
    for row in store.licences(office.db):
        if state_on(row.state, row.valid_to, day) in FINAL:
            continue
        for line in store.lines(office.db, row.number):
            before, after = (_standing(c, line.key.entry, line.key.element, day) for c in (old, new))
            if before != after:
                yield Effect("licence", row.number, f"{line.key.entry} {line.key.element}", before, after)


def _standing(controls: lists.ControlList, code: str, element: str, day: date) -> str:
    entry = controls.by_code.get(code)
    now = entry.state(day) if entry is not None else None
    if entry is None or now is None or (entry.elements and element not in entry.elements):
        return "not_listed"
    return now.standing.value


def open_cases(office: Office) -> Iterator[Case]:
    """The cases that somebody of the office has work with."""
    for row in board.rows(office):
        if row.open:
            yield get_case(office, row.id)


def _cases(office: Office, new: Classifier) -> Iterator[Effect]:
    old, day = library.classifier(office), today(office)
    for case in open_cases(office):
        made = case.application
        for lot in made.goods:
            before, after = (classify(lot, by, day, made.destination, made.use) for by in (old, new))
            if (before.decision, before.entries) != (after.decision, after.entries):
                said = [" ".join((c.decision.value, *c.entries)) for c in (before, after)]
                yield Effect("case", case.id, lot.id, *said)


def _routing(office: Office, new: routing.CaseRules) -> Iterator[Effect]:
    """Past and open cases, each on the day of its last assessment."""
    for effect in routing.dry_run(library.case_rules(office), new, _past(office)):
        before = ", ".join((*effect.flags_gone, *effect.departments_gone))
        after = ", ".join((*effect.flags_added, *effect.departments_added))
        yield Effect("routing", effect.case, "flags, departments", before, after)


def _past(office: Office) -> Iterator[tuple[str, routing.Traits, date]]:
    for row in board.rows(office):
        case = get_case(office, row.id)
        said = case.assessment
        if said is not None:
            document = case.versions[case.assessed_version - 1].document
            seen = traits(read_application(document), said["goods"], said["hits"])
            yield case.id, seen, date.fromisoformat(said["on"])


# -- alarms ---------------------------------------------------------------------------------------


def alarms(office: Office, on: date | None = None) -> list[dict[str, Any]]:
    """The suspensions that run out within 90 days, or ran out; with the open licences and cases they concern."""
    controls, day = library.controls(office), on or today(office)
    return [
        {"instrument": a.instrument, "part": a.part, "until": a.until.isoformat(), "days_left": a.days_left,
         "level": a.level, "concerned": _concerned(office, controls, a)}
        for a in controls.alarms(day)
    ]  # fmt: skip


def _concerned(office: Office, controls: lists.ControlList, alarm: Alarm) -> list[str]:
    codes = {
        e.code for e in controls.entries if e.instrument.id == alarm.instrument and alarm.part in (None, e.part)
    }  # fmt: skip
    found = {
        row.number for row in store.licences(office.db) if row.state not in FINAL
        and any(line.key.entry in codes for line in store.lines(office.db, row.number))
    }  # fmt: skip
    for case in open_cases(office):
        goods = (case.assessment or {}).get("goods", ())
        if any(codes & {*g["entries"], *g["candidates"]} for g in goods):
            found.add(case.id)
    return sorted(found)


def raise_alarms(office: Office, actor: Actor) -> list[dict[str, Any]]:
    """Enter each alarm once for each of its levels, 90, 30, 7 days and run out; gives those entered now."""
    require_human(actor, RAISED)
    with office.writing():
        known = {
            (o["instrument"][1], o["part"][1], o["until"][1], o["level"][1]) for _, o in office.acts(RAISED)
        }
        new = [
            a for a in alarms(office)
            if (a["instrument"], a["part"] or "", a["until"], a["level"]) not in known
        ]  # fmt: skip
        for a in new:
            fields: dict[str, str | int | bytes | None] = {
                "instrument": a["instrument"], "part": a["part"] or "", "until": a["until"], "level": a["level"],
                "actor": actor.id,
            }  # fmt: skip
            subject = office.subjects.token("alarm", a["instrument"]).hex()
            office.record_act(RAISED, subject, fields, lambda _db, _entry: None)
        return new
