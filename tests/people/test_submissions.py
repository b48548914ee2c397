"""A report to an authority: nothing is told by preparing it, two people make it, each person concerned has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import DutiesNotSeparated, NotRegistered, PurposeMissing, StepRefused
from sealtrace.people import access, acts, grants, reports, service, submissions
from sealtrace.people.access import Purpose
from sealtrace.people.submissions import Scope
from tests.people.scene import AT, CHIEF, DECIDER, KEEPER, PROPOSER, SECOND, director, enrol, open_house

SCOPE = Scope("省工信厅", ("names", "specialities"), "census", "条例 第十一条", AT + timedelta(days=90))


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as made:
        open_house(made.office)
        access.grant(made.office, CHIEF, DECIDER.id, Purpose.REPORT, AT + timedelta(days=9), AT)
        yield made.office


def test_two_people_tell_and_each_person_has_it(office: Office) -> None:
    one, _ = enrol(office)
    two, _ = enrol(office, director("周敏", "Zhou Min"), "op-209")
    name = submissions.prepare(office, KEEPER, [one, two, one], SCOPE, AT)
    assert reports.disclosures(office, one) == []
    with pytest.raises(StepRefused, match="once it is approved"):
        submissions.take(office, KEEPER, name, AT)
    with pytest.raises(DutiesNotSeparated):
        submissions.approve(office, KEEPER, name, AT)
    assert submissions.open_draft(office, DECIDER, name, AT) == SCOPE
    assert access.looks(office, two)[0].reason == "approving a report"

    told = submissions.approve(office, DECIDER, name, AT + SECOND)
    assert {frozenset(p) for p in told.people} == {frozenset({"person", "names", "specialities"})}
    assert submissions.take(office, KEEPER, name, AT + SECOND) == told
    for person in (one, two):
        [disclosed] = reports.disclosures(office, person)
        assert (disclosed.receiver, disclosed.id) == ("省工信厅", f"{name}:{person}")
    with pytest.raises(StepRefused, match="told"):
        submissions.approve(office, DECIDER, name, AT + 2 * SECOND)
    assert acts.check(office) == []


def test_a_refused_report_tells_nothing(office: Office) -> None:
    one, _ = enrol(office)
    name = submissions.prepare(office, KEEPER, [one], SCOPE, AT)
    with pytest.raises(StepRefused, match="says why"):
        submissions.refuse(office, DECIDER, name, " ", AT)
    submissions.refuse(office, DECIDER, name, "too much", AT)
    [draft] = submissions.drafts(office, KEEPER, AT)
    assert (draft.outcome, draft.approver, reports.disclosures(office, one)) == ("refused", DECIDER.id, [])


@pytest.mark.parametrize("wrong", [
    {"fields": ("birth_year",)}, {"receiver": " "}, {"clause": ""}, {"keep_until": AT}, {"abroad": True},
    {"fields": ()},
])  # fmt: skip
def test_a_report_without_its_scope_is_not_prepared(office: Office, wrong: dict[str, object]) -> None:
    one, _ = enrol(office)
    with pytest.raises(PurposeMissing):
        submissions.prepare(office, KEEPER, [one], replace(SCOPE, **wrong), AT)  # type: ignore[arg-type]


def test_who_may_prepare_and_about_how_many(office: Office) -> None:
    one, _ = enrol(office)
    with pytest.raises(PurposeMissing, match="not been granted"):
        submissions.prepare(office, PROPOSER, [one], SCOPE, AT)
    with pytest.raises(PurposeMissing, match="1 to 50"):
        submissions.prepare(office, KEEPER, [], SCOPE, AT)
    with pytest.raises(NotRegistered):
        submissions.draft(office, "sub-NONE")


def test_purposes_hold_for_their_time(office: Office) -> None:
    assert Purpose.REPORT in grants.purposes_of(office, DECIDER, AT)
    assert Purpose.REPORT not in grants.purposes_of(office, DECIDER, AT + timedelta(days=9))
    [held] = [g for g in grants.held(office, AT) if g.actor == DECIDER.id and g.purpose is Purpose.REPORT]
    assert (held.granter, held.until_at) == (CHIEF.id, AT + timedelta(days=9))
    one, me = enrol(office)
    assert Purpose.BREAK_GLASS not in grants.purposes_of(office, PROPOSER, AT)
    access.break_glass(office, PROPOSER, [one], "fire", DECIDER, KEEPER, AT + timedelta(hours=1), AT)
    assert Purpose.BREAK_GLASS in grants.purposes_of(office, PROPOSER, AT)
    assert Purpose.BREAK_GLASS not in grants.purposes_of(office, me, AT)


def test_a_search_goes_on_after_a_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    known = sorted(enrol(office, director(f"陈{n}"), f"op-3{n}")[0] for n in "甲乙丙")
    monkeypatch.setattr(service, "MOST_FOUND", 2)
    first = service.find(office, KEEPER, "陈", "census", AT)
    rest = service.find(office, KEEPER, "陈", "census", AT, after=first[-1].id)
    assert [p.id for p in [*first, *rest]] == known
    assert len(access.looks(office, known[0])) == 1
