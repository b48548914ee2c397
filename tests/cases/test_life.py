"""A case's life: two sign an outcome, a third decides an appeal, outcomes come back as labels, any path is sound."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sealtrace.cases import files, labels, service
from sealtrace.cases.model import Actor, Department, Result
from sealtrace.custody.office import Office
from sealtrace.errors import Denied, DutiesNotSeparated, StepRefused, UsageProblem
from sealtrace.trade.model import Source
from tests.cases.conftest import AT, LI, MEI, SUN, WANG, ZHAO, later, opened, referred


def outcome(office: Office, number: str, result: Result = Result.PENALTY) -> str:
    done = service.propose_outcome(
        office, LI, number, result, text="Nd2O3 97 %", alternatives="a mix-up at loading: the seals were whole",
        basis="Customs Law, art. 86", goods_mg=600_000_000, element="Nd", penalty_minor=5_000_000,
    )  # fmt: skip
    return done.act.item


def test_two_people_sign_and_say_what_else_was_possible(office: Office, number: str) -> None:
    with pytest.raises(UsageProblem, match="what else was possible"):
        service.propose_outcome(office, LI, number, Result.PENALTY, text="x", alternatives=" ", basis="b")
    item = outcome(office, number)
    with pytest.raises(DutiesNotSeparated):
        service.sign_outcome(office, LI, number, item)
    done = service.sign_outcome(office, WANG, number, item)
    assert done.item is not None
    assert done.item.text("appeal_until").startswith("2026-05-01")
    referred(office, number, Department.COMMERCE, "s-1")
    with pytest.raises(Denied, match="leads"):
        service.propose_outcome(office, MEI, number, Result.NO_FAULT, text="x", alternatives="y", basis="b")


def test_only_a_finished_case_is_closed(office: Office, number: str) -> None:
    with pytest.raises(StepRefused, match="no signed outcome"):
        service.close_case(office, LI, number, reason="done")
    task = service.set_task(office, LI, number, title="t", assignee=Department.CUSTOMS, due=AT).act.item
    service.sign_outcome(office, WANG, number, outcome(office, number))
    with pytest.raises(StepRefused, match=task):
        service.close_case(office, LI, number, reason="done")
    service.drop_task(office, LI, number, task, reason="not needed")
    service.close_case(office, LI, number, reason="done")
    with pytest.raises(StepRefused, match="closed"):
        service.note(office, LI, number, "late")
    service.reopen_case(office, LI, number, reason="new facts")
    service.note(office, LI, number, "in time")


def test_a_third_person_decides_an_appeal_within_its_time(office: Office, number: str) -> None:
    item = outcome(office, number)
    service.sign_outcome(office, WANG, number, item, appeal_days=30)
    first = service.lodge_appeal(
        office, LI, number, item, appellant="the consignee", grounds="mislabelled"
    ).act.item
    for same in (LI, WANG):
        with pytest.raises(DutiesNotSeparated):
            service.decide_appeal(office, same, number, first, granted=True, reason="r")
    service.decide_appeal(office, ZHAO, number, first, granted=True, reason="the assay was of another drum")
    assert files.load(office, number).items[item].state == "annulled"
    with pytest.raises(StepRefused, match="annulled"):
        service.lodge_appeal(office, LI, number, item, appellant="x", grounds="y")


def test_after_its_time_an_appeal_is_too_late(office: Office, number: str) -> None:
    item = outcome(office, number)
    service.sign_outcome(office, WANG, number, item, appeal_days=30)
    due = service.due(office, LI, office.clock.now())
    assert (number, item) in [(d.case, d.item.id) for d in due]
    later(office, days=30, seconds=1)
    with pytest.raises(StepRefused, match="ended"):
        service.lodge_appeal(office, LI, number, item, appellant="x", grounds="y")
    later(office, days=-30, seconds=-1)


def test_the_police_hear_of_nothing_one_person_proposed_alone(office: Office, number: str) -> None:
    done = service.refer(office, LI, number, Department.POLICE, ["s-1"], subject="s", purpose="p", basis="b",
                         due=AT + timedelta(days=7))  # fmt: skip
    assert number not in [c.view.number for c in service.board(office, SUN)]
    with pytest.raises(DutiesNotSeparated):
        service.approve_referral(office, Actor("Li", Department.CUSTOMS), number, done.act.item)
    service.approve_referral(office, WANG, number, done.act.item)
    assert number in [c.view.number for c in service.board(office, SUN)]
    with pytest.raises(Denied):
        service.answer_referral(office, LI, number, done.act.item, accept=True, reason="r")


def test_outcomes_come_back_as_labels_and_appeals_flip_them(office: Office, number: str) -> None:
    assert labels.labels(files.load(office, number)) == []
    item = outcome(office, number)
    assert labels.labels(files.load(office, number)) == [], "nothing is learned from what one person proposed"
    service.sign_outcome(office, WANG, number, item)
    [first] = labels.labels(files.load(office, number))
    assert (first.decl_id, first.fraud, first.source) == ("D-1", True, Source.TARGETED)
    appeal = service.lodge_appeal(office, LI, number, item, appellant="x", grounds="y").act.item
    service.decide_appeal(office, ZHAO, number, appeal, granted=True, reason="r")
    _, second = labels.labels(files.load(office, number))
    assert (second.fraud, second.source) == (False, Source.APPEAL)
    assert second.known_at >= first.known_at


def test_an_acquittal_is_a_label_too(office: Office, number: str) -> None:
    service.sign_outcome(office, WANG, number, outcome(office, number, Result.ACQUITTED))
    [label] = labels.labels(files.load(office, number))
    assert (label.fraud, label.source) == (False, Source.COURT)


def test_all_four_kinds_are_one_kind_of_thing(office: Office) -> None:
    from sealtrace.cases.model import CaseKind

    for kind in CaseKind:
        number = service.open_case(office, LI, kind, f"A case of {kind}", basis="b").case
        service.sign_outcome(office, WANG, number, outcome(office, number, Result.NO_FAULT))
        service.close_case(office, LI, number, reason="done")
    assert opened(office, "last")
    assert service.check(office) == []
