"""Journeys and documents in use: voluntary unless designated, three people, own words only about family, clocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

import sealtrace
from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    DutiesNotSeparated,
    FamilyDataRefused,
    ModuleDisabled,
    PurposeMissing,
    RestrictionUnlawful,
    StepRefused,
    TitleMissing,
)
from sealtrace.people import access, gates, petitions
from sealtrace.people.access import Purpose
from sealtrace.people.gates import Module
from sealtrace.people.imports import Why
from sealtrace.people.notices import notices
from sealtrace.travel import documents, journeys, service, store
from sealtrace.travel.journeys import Plan, Stop
from sealtrace.travel.rules import Companion, Title
from tests.people.scene import (
    AT,
    CHIEF,
    CLERK,
    DECIDER,
    FIRST,
    KEEPER,
    OFFICER,
    OTHER,
    PROPOSER,
    SECOND,
    enrol,
    open_house,
)
from tests.posts.test_service import designated, post

DAY = timedelta(days=1)
LEAVES = AT + 20 * DAY
PLAN = Plan((Stop("MY", "Ipoh", LEAVES, LEAVES + 3 * DAY), Stop("TH", "Bangkok", LEAVES + 3 * DAY, LEAVES + 5 * DAY)),
            "conference", ("Prof. Lim",))  # fmt: skip


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as made:
        open_house(made.office)
        yield made.office


def bound(office: Office) -> tuple[str, Any]:
    person, me = enrol(office)
    designated(office, person, post(office).id, AT)
    return person, me


def test_a_voluntary_declaration_is_not_decided(office: Office) -> None:
    person, me = enrol(office)
    assert service.must_declare(office, person, AT).allowed
    with pytest.raises(StepRefused):
        service.declare(office, CLERK, person, PLAN, AT)
    journey = service.declare(office, me, person, PLAN, AT)
    assert not service.show(office, me, journey, "own page", AT).required
    with pytest.raises(StepRefused):
        service.give_opinion(office, PROPOSER, journey, "personnel", "fine", AT, in_favour=True)
    with pytest.raises(StepRefused):
        service.decide(office, DECIDER, journey, "no", AT, allow=False)
    assert journeys.reminders(office, LEAVES) == []
    assert service.calendar(office, CLERK, AT, AT + 90 * DAY, AT) == [], "only designated people stand in it"


def test_a_designated_journey_is_decided_by_three(office: Office) -> None:
    person, me = bound(office)
    assert not service.must_declare(office, person, AT).allowed
    journey = service.declare(office, me, person, PLAN, AT)
    assert [r.what for r in journeys.reminders(office, LEAVES - 4 * DAY)] == ["opinion"]
    with pytest.raises(StepRefused):
        service.decide(office, DECIDER, journey, "", AT, allow=True)
    service.give_opinion(office, PROPOSER, journey, "personnel", "fine", AT, in_favour=True)
    with pytest.raises(StepRefused):
        service.give_opinion(office, PROPOSER, journey, "secrecy", "fine", AT, in_favour=True)
    service.give_opinion(office, CLERK, journey, "secrecy", "too soon", AT, in_favour=False)
    with pytest.raises(DutiesNotSeparated):
        service.decide(office, CLERK, journey, "", AT, allow=True)
    with pytest.raises(RestrictionUnlawful):
        service.decide(office, DECIDER, journey, " ", AT, allow=False)
    made = service.decide(office, DECIDER, journey, "carriers are not returned", AT, allow=False)
    assert made.appeal is not None
    assert made.appeal.officer == OFFICER.id
    assert notices(office, person)[0].says["reasons"] == "carriers are not returned"
    assert journeys.reminders(office, LEAVES - SECOND) == [], "a refused journey needs no briefing"
    told = [(step.kind, step.by, step.text) for step in journeys.history(office, journey)]
    assert told == [
        ("declared", person, ""), ("personnel-for", PROPOSER.id, "fine"),
        ("secrecy-against", CLERK.id, "too soon"), ("refused", DECIDER.id, "carriers are not returned"),
    ]  # fmt: skip
    with pytest.raises(StepRefused):
        service.decide(office, DECIDER, journey, "", AT, allow=True)
    about = f"journey:{journey}"
    petitions.make(
        office,
        me,
        petitions.Kind.APPEAL,
        about,
        "all are",
        AT,
        decided_by=journeys.decider_of(office, journey),
    )
    assert [a.text for a in service.show(office, CLERK, journey, "review", AT).appeals] == ["all are"]
    assert [j.id for j in service.calendar(office, CLERK, LEAVES + DAY, LEAVES + 2 * DAY, AT)] == [journey]
    assert {s.purpose for s in access.looks(office, person)} == {"travel"}


def test_briefing_report_and_reminders(office: Office) -> None:
    person, me = bound(office)
    journey = service.declare(office, me, person, PLAN, AT)
    service.give_opinion(office, PROPOSER, journey, "personnel", "", AT, in_favour=True)
    service.give_opinion(office, CLERK, journey, "secrecy", "", AT, in_favour=True)
    service.decide(office, DECIDER, journey, "", AT, allow=True)
    assert [r.what for r in journeys.reminders(office, LEAVES - SECOND, person=person)] == ["brief"]
    with pytest.raises(StepRefused):
        service.note(office, me, journey, "reported", "too early", AT)
    with pytest.raises(StepRefused):
        service.note(office, CLERK, journey, "changed", "not the office's", AT)
    service.note(office, CLERK, journey, "briefed", "phones", AT)
    back = PLAN.returns_at
    assert [(r.what, r.at) for r in journeys.reminders(office, back)] == [
        ("report", back + timedelta(days=7))
    ]
    service.note(office, me, journey, "reported", "nothing unusual", back)
    assert journeys.reminders(office, back) == []
    with pytest.raises(StepRefused):
        service.note(office, CLERK, journey, "briefed", "late", LEAVES)
    text = journeys.as_calendar([service.show(office, me, journey, "own", AT)], AT)
    assert "DTSTART:20260322T083000Z" in text
    assert "Lim" not in text


def test_delegates_and_files(office: Office, tmp_path: Path) -> None:
    person, me = enrol(office)
    other, _ = enrol(office, None, "op-300")
    designated(office, other, post(office).id, AT)
    with pytest.raises(StepRefused):
        service.declare(office, FIRST, person, PLAN, AT)
    service.delegate(office, me, FIRST.id, AT + DAY, AT)
    assert service.own(office, me, AT).delegates == (service.Delegation(person, FIRST.id, AT + DAY),)
    assert service.delegations(office, AT, delegate=FIRST.id) == [
        service.Delegation(person, FIRST.id, AT + DAY)
    ]
    assert service.delegations(office, AT + DAY, person=person) == []
    service.declare(office, FIRST, person, PLAN, AT)
    with pytest.raises(StepRefused):
        service.declare(office, FIRST, person, PLAN, AT + DAY)
    plan = replace(PLAN, companions=(Companion("spouse", "CN", LEAVES, LEAVES + DAY),))
    with pytest.raises(StepRefused):
        service.declare(office, FIRST, person, plan, AT)
    service.end_delegation(office, me, FIRST.id, AT + SECOND)
    for step in (lambda at: service.declare(office, FIRST, person, PLAN, at),
                 lambda at: service.end_delegation(office, me, FIRST.id, at)):  # fmt: skip
        with pytest.raises(StepRefused):
            step(AT + SECOND)
    service.delegate(office, me, FIRST.id, AT + DAY, AT + 2 * SECOND)
    assert service.may_declare_for(office, FIRST, person, AT + 2 * SECOND)
    path = tmp_path / "journeys.csv"
    path.write_text(
        "person,countries,from,until,purpose,contacts\n"
        f"{other},MY|TH,2026-04-01,2026-04-05,conference,Prof. Lim\n"
        f"{person},MY,2026-04-01,2026-04-05,holiday,\n"  # voluntary: not for an office to declare
        f"{other},Malaysia,2026-04-01,2026-04-05,x,\n"
        f"per-0,MY,2026-04-01,2026-04-05,x,\n{other},MY,soon,later,x,\n"
        f"{other},MY,2026-04-05,2026-04-01,x,\n{other},MY,2026-04-01,2026-04-05, ,\n",
        "utf-8",
    )
    checked = service.declare_many(office, CLERK, path, AT, dry_run=True)
    assert ([r for r, _ in checked.entered], [e.row for e in checked.errors]) == ([1], [2, 3, 4, 5, 6, 7])
    done = service.declare_many(office, CLERK, path, AT)
    assert [row for row, _ in done.entered] == [1]
    assert [(e.row, e.why, e.cell) for e in done.errors] == [
        (2, Why.DELEGATE, person), (3, Why.COUNTRY, "Malaysia"), (4, Why.PERSON, "per-0"), (5, Why.DAY, "soon"),
        (6, Why.ORDER, "2026-04-01"), (7, Why.PURPOSE, ""),
    ]  # fmt: skip
    assert notices(office, other)[0].says["by"] == CLERK.id


def test_family_is_only_what_the_traveller_says_and_goes_nowhere(office: Office) -> None:
    person, me = bound(office)
    for relationship, country in (("spouse Li Na", "CN"), ("spouse", "China")):
        wrong = (Companion(relationship, country, LEAVES, LEAVES + DAY),)
        with pytest.raises(FamilyDataRefused):
            replace(PLAN, companions=wrong)
    journey = service.declare(
        office, me, person, replace(PLAN, companions=(Companion("spouse", "CN", LEAVES, LEAVES + DAY),)), AT
    )
    shown = service.show(office, me, journey, "own", AT).plan.companions
    assert [(c.relationship, c.country) for c in shown] == [("spouse", "CN")]
    indexes = office.db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'companions'"
    )
    assert indexes.fetchall() == []
    columns = {row[1] for row in office.db.execute("PRAGMA table_info(companions)")}
    assert columns == {"family", "sealed"}
    [(token,)] = office.db.execute("SELECT family FROM companions").fetchall()
    assert bytes(token) not in {bytes(r[0]) for r in office.db.execute("SELECT subject FROM persons")}


def test_only_one_module_knows_the_table_of_family_members() -> None:
    """No join can name it: neither matching, nor the directory, nor an export has a query with it."""
    root = Path(sealtrace.__file__).parent
    query = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE IF NOT EXISTS) companions\b")
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*.py")}
    naming = {name for name, text in texts.items() if query.search(text)}
    importing = {
        n
        for n, t in texts.items()
        if n.split("/")[0] in ("watch", "people", "posts") and "sealtrace.travel" in t
    }
    assert naming == {"travel/family.py", "travel/schema.py"}
    assert importing == set()
    sql = (root / "travel" / "family.py").read_text("utf-8")
    assert "JOIN" not in sql


def taken(office: Office, owner: str, **changes: Any) -> Any:
    values: dict[str, Any] = {
        "kind": "passport", "issuer": "CN", "number": "E1234 5678", "title": Title.REGISTERED_STAFF_RULE,
        "title_document": "rule 13, list of 2026", "title_ends_at": AT + 90 * DAY, "now": AT,
    }  # fmt: skip
    return documents.take(office, CLERK, DECIDER, owner, **values | changes)


def test_custody_is_off_until_assessed_in_the_table_itself(memory: Path) -> None:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as made:
        office = made.office
        gates.appoint(office, OFFICER.id, CHIEF, AT + 90 * DAY, AT)
        gates.assess(office, Module.DIRECTORY, "d", KEEPER, CHIEF, AT + 90 * DAY, AT)
        access.grant(office, CHIEF, KEEPER.id, Purpose.DIRECTORY, AT + 90 * DAY, AT)
        for who in (CLERK, DECIDER):
            access.grant(office, CHIEF, who.id, Purpose.DOCUMENTS, AT + 90 * DAY, AT)
        person, _ = enrol(office)
        with pytest.raises(ModuleDisabled):
            taken(office, person)
        gates.assess(office, Module.DOCUMENTS, "d", KEEPER, CHIEF, AT + 90 * DAY, AT + SECOND)
        held = taken(office, person, now=AT + SECOND)
        with pytest.raises(TitleMissing, match="no impact assessment"):
            office.ledger.append([], lambda db, _: store.add(db, replace(held, receipt="q-2", taken_at=AT)))


def test_a_document_comes_back_in_time(office: Office) -> None:
    person, me = enrol(office)
    held = taken(office, person)
    assert held.last_four == "5678"
    assert b"12345678" not in b"".join(p.read_bytes() for p in office.home.folder.glob("register.db*"))
    assert notices(office, person)[0].says["title"] == "registered-staff-rule"
    with pytest.raises(StepRefused):
        documents.ask_back(office, CLERK, held.receipt, AT)
    assert documents.ask_back(office, me, held.receipt, AT) == AT + DAY
    [item] = documents.documents(office, me, AT + DAY, owner=person)
    assert item.overdue
    [due] = documents.to_return(office, CLERK, AT + DAY - SECOND)
    assert not due.overdue
    documents.refuse_return(
        office, DECIDER, held.receipt, "journey not decided", "complain to the bureau", AT
    )
    [item] = documents.documents(office, CLERK, AT + 2 * DAY)
    assert (item.overdue, item.refusal, item.days) == (False, "journey not decided", 2)
    assert documents.items(office, person, held.title_ends_at)[0].overdue
    with pytest.raises(StepRefused):
        documents.refuse_return(office, DECIDER, held.receipt, "again", "x", held.title_ends_at)
    documents.give_back(office, CLERK, held.receipt, AT + 3 * DAY)
    assert documents.items(office, person, AT + 4 * DAY) == []
    with pytest.raises(StepRefused):
        documents.give_back(office, CLERK, held.receipt, AT + 3 * DAY)
    with pytest.raises(apsw.ConstraintError):
        office.ledger.append(
            [], lambda db, _: db.execute("UPDATE held_documents SET returned_at = NULL") and None
        )


def test_voluntary_safekeeping_goes_back_at_once_and_titles_are_closed(office: Office) -> None:
    person, me = enrol(office)
    held = taken(office, person, title=Title.VOLUNTARY_SAFEKEEPING)
    assert documents.ask_back(office, me, held.receipt, AT) == AT
    with pytest.raises(StepRefused):
        documents.refuse_return(office, DECIDER, held.receipt, "no", "x", AT)
    for changes in ({"title": "because"}, {"title_document": " "}, {"title_ends_at": AT}, {"number": ""}):
        with pytest.raises(TitleMissing):
            taken(office, person, **changes)
    with pytest.raises(DutiesNotSeparated):
        documents.take(office, CLERK, CLERK, person, kind="p", issuer="CN", number="E1234567",
                       title=Title.OFFICIAL_PASSPORT, title_document="d", title_ends_at=AT + DAY, now=AT)  # fmt: skip
    with pytest.raises(PurposeMissing):
        documents.documents(office, OTHER, AT)
