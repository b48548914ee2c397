"""From the post to the end of the restriction: each step by the right person, entered, told, and true to the second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.model import Recipient
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    DutiesNotSeparated,
    HumanRequired,
    ModuleDisabled,
    PurposeMissing,
    RestrictionUnlawful,
    StepRefused,
)
from sealtrace.people import acts
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.people.notices import notices
from sealtrace.posts import bases, checklist, places, proposals, service, store
from sealtrace.posts.basis import BasisStatus, add_months
from sealtrace.posts.checklist import Item
from sealtrace.posts.model import Scope
from sealtrace.posts.proposals import Terms
from sealtrace.posts.rules import Status
from tests.conftest import AT as _AT
from tests.people.scene import (
    AT,
    CHIEF,
    CLERK,
    COUNSEL,
    DECIDER,
    FIRST,
    KEEPER,
    OFFICER,
    PROPOSER,
    SECOND,
    THIRD,
    director,
    enrol,
    grant_all,
    open_house,
)

SECRETS, CONTRACT = "state-secrets-46@1", "labour-contract-23-24@1"
TERMS = Terms(
    "Secrecy committee, no. 2026-17", SECRETS, "important", Scope("solvent extraction", "MY"), "knew the cascade",
    AT, add_months(AT, 24),
)  # fmt: skip


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(_AT)) as made:
        open_house(made.office)
        for ref in (SECRETS, CONTRACT):
            bases.adopt(made.office, CHIEF, COUNSEL, ref, source="NPC gazette 2024-02")
        yield made.office


def imposed(office: Office, person: str, terms: Terms = TERMS, at: datetime = AT) -> str:
    name = proposals.propose(office, PROPOSER, person, terms, at)
    made = proposals.decide(office, DECIDER, name, at, impose=True, notice="n-2026-17")
    assert made is not None
    return made


def state(office: Office, person: str, at: datetime) -> Status:
    [one] = service.shown(office, person, at)
    assert (store.effective(office.db, at, person) != []) == (one.status is Status.EFFECTIVE)
    return one.status


def test_nothing_binds_before_service_and_nothing_after_the_end(office: Office) -> None:
    person, _ = enrol(office)
    name = imposed(office, person)
    assert state(office, person, AT) is Status.NOT_SERVED
    service.serve(office, CLERK, name, "in person", AT + SECOND)
    assert state(office, person, AT) is not Status.EFFECTIVE
    assert state(office, person, AT + SECOND) is Status.EFFECTIVE
    [told] = notices(office, person)
    assert told.says["reasons"] == "knew the cascade"
    assert told.says["appeal_officer"] == OFFICER.id
    lapse = add_months(AT, 12)
    assert state(office, person, lapse - SECOND) is Status.EFFECTIVE
    assert state(office, person, lapse) is Status.LAPSED
    kept = lapse - timedelta(days=3)
    grant_all(office, kept - timedelta(days=1))
    with pytest.raises(RestrictionUnlawful):
        service.review(office, THIRD, name, add_months(kept, 12), " ", kept)
    service.review(office, THIRD, name, add_months(kept, 12), "still in the field", kept)
    assert state(office, person, lapse) is Status.EFFECTIVE
    assert [d.what for d in service.due(office, THIRD, kept)] == []
    end = add_months(kept, 12)
    assert state(office, person, end - SECOND) is Status.EFFECTIVE
    assert state(office, person, end) is Status.LAPSED
    assert acts.check(office) == []


def test_three_people_and_no_program(office: Office) -> None:
    person, me = enrol(office)
    name = proposals.propose(office, PROPOSER, person, TERMS, AT)
    assert proposals.proposal(office, DECIDER, name, AT).reasons == "knew the cascade"
    with pytest.raises(DutiesNotSeparated):
        proposals.decide(office, PROPOSER, name, AT, impose=True, notice="n")
    with pytest.raises(HumanRequired):
        proposals.decide(office, Actor(DECIDER.id, ActorKind.PROGRAM), name, AT, impose=True, notice="n")
    with pytest.raises(PurposeMissing):
        proposals.decide(office, KEEPER, name, AT, impose=True, notice="n")
    with pytest.raises(PurposeMissing):
        proposals.propose(office, me, person, TERMS, AT)
    with pytest.raises(RestrictionUnlawful):
        proposals.decide(office, DECIDER, name, AT, impose=True, notice=" ")
    with pytest.raises(StepRefused, match="says why"):
        proposals.decide(office, DECIDER, name, AT, impose=False, reasons=" ")
    assert (
        proposals.decide(office, DECIDER, name, AT, impose=False, reasons="the cascade is published") is None
    )
    assert list(acts.chronicle(office, person))[-1].fields == {
        "proposal": name, "reasons": "the cascade is published",
    }  # fmt: skip
    with pytest.raises(StepRefused):
        proposals.decide(office, THIRD, name, AT, impose=True, notice="n")
    assert service.shown(office, person, AT) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"basis": "nothing@1"}, {"basis": "civil-servant-107@1"}, {"ends_at": add_months(AT, 36) + SECOND},
        {"authority": " "}, {"reasons": ""}, {"grade": "unheard of"}, {"basis": CONTRACT, "grade": "any"},
    ],
)  # fmt: skip
def test_what_the_law_does_not_carry_is_not_decided(office: Office, changes: dict[str, Any]) -> None:
    person, _ = enrol(office)
    with pytest.raises(RestrictionUnlawful):
        imposed(office, person, replace(TERMS, **changes))
    assert store.records(office) == []


def test_unpaid_compensation_lets_the_person_go(office: Office, spec_pdf: Any) -> None:
    code = str(Custody(office).register([spec_pdf(1)])[0].code)
    person, me = enrol(office)
    terms = replace(TERMS, basis=CONTRACT, grade="any", compensation_agreed=True, files=(code,))
    name = imposed(office, person, terms)
    service.serve(office, CLERK, name, "by post", AT)
    service.pay(office, CLERK, name, 0, "v-1", add_months(AT, 1))
    with pytest.raises(StepRefused):
        service.pay(office, CLERK, name, 0, "v-1", add_months(AT, 1))
    late = add_months(AT, 4)
    assert not service.shown(office, person, late - SECOND)[0].releasable
    with pytest.raises(StepRefused):
        service.release(office, me, name, "unpaid", late - SECOND)
    assert service.shown(office, person, late)[0].releasable
    assert ("release", late) in [(d.what, d.at) for d in service.due(office, DECIDER, late)]
    service.release(office, me, name, "three months unpaid", late)
    assert state(office, person, late) is Status.RELEASED


def test_an_appeal_is_shown_and_heard_by_a_third(office: Office) -> None:
    person, me = enrol(office)
    name = imposed(office, person)
    service.serve(office, CLERK, name, "in person", AT)
    with pytest.raises(StepRefused):
        service.appeal(office, PROPOSER, name, "no", AT)
    service.appeal(office, me, name, "I never saw it", AT)
    for who, purpose_reason in ((me, "own page"), (THIRD, "review")):
        [seen] = service.restrictions(office, who, person, purpose_reason, AT)
        assert [a.text for a in seen.appeals] == ["I never saw it"]
    with pytest.raises(PurposeMissing):
        service.decide_appeal(office, DECIDER, name, "no", AT, annul=False)
    service.decide_appeal(office, OFFICER, name, "no knowledge was shown", AT + SECOND, annul=True)
    assert state(office, person, AT) is Status.EFFECTIVE
    assert state(office, person, AT + SECOND) is Status.ANNULLED
    assert notices(office, person)[0].says["reasons"] == "no knowledge was shown"
    assert service.shown(office, person, AT + SECOND)[0].appeals == ()


def test_an_appeal_is_withdrawn_by_the_person(office: Office) -> None:
    person, me = enrol(office)
    name = imposed(office, person)
    service.serve(office, CLERK, name, "in person", AT)
    service.appeal(office, me, name, "why", AT)
    service.withdraw_appeal(office, me, name, AT)
    assert not store.record(office, name).appeal_open
    with pytest.raises(StepRefused):
        service.decide_appeal(office, OFFICER, name, "no", AT, annul=True)


def test_without_an_officer_who_took_no_part_nothing_is_imposed(office: Office) -> None:
    person, _ = enrol(office, director(), OFFICER.id)
    with pytest.raises(RestrictionUnlawful, match="appeal officer"):
        imposed(office, person)
    later = add_months(AT, 36)
    with pytest.raises(ModuleDisabled):
        proposals.propose(office, PROPOSER, person, TERMS, later)


def test_a_suspended_basis_suspends_and_the_end_of_suspension_restores(office: Office) -> None:
    person, _ = enrol(office)
    service.serve(office, CLERK, imposed(office, person), "in person", AT)
    start, end = AT.date() + timedelta(days=5), AT.date() + timedelta(days=9)
    with pytest.raises(RestrictionUnlawful):
        bases.suspend(office, CHIEF, SECRETS, AT.date() - timedelta(days=1), None, "notice", AT)
    bases.suspend(office, CHIEF, SECRETS, start, end, "notice 70", AT)
    at = datetime.combine(start, AT.min.time(), AT.tzinfo)
    assert state(office, person, at - SECOND) is Status.EFFECTIVE
    assert state(office, person, at) is Status.SUSPENDED
    assert state(office, person, at + timedelta(days=4)) is Status.EFFECTIVE
    listed = {b.basis.ref: b for b in bases.listed(office, start)}
    assert listed[SECRETS].status is BasisStatus.SUSPENDED
    assert not listed["civil-servant-107@1"].adopted
    with pytest.raises(DutiesNotSeparated):
        bases.adopt(office, CHIEF, CHIEF, "civil-servant-107@1", source="gazette")
    with pytest.raises(RestrictionUnlawful):
        bases.adopt(office, CHIEF, COUNSEL, SECRETS, source="again")


def post(office: Office, **changes: Any) -> places.Post:
    values: dict[str, Any] = {"title": "technical director", "organisation": "Hetao", "grade": "important",
                              "activity": "solvent extraction", "cooling_off_months": 6, "now": AT}  # fmt: skip
    return places.enter_post(office, PROPOSER, **values | changes)


def designated(office: Office, person: str, where: str, start: datetime, months: int = 12) -> str:
    return places.designate(
        office, PROPOSER, DECIDER, person, where, authority="Hetao", document="doc 7", starts_at=start,
        ends_at=add_months(start, months), now=AT,
    )  # fmt: skip


def test_cooling_off_between_posts(office: Office) -> None:
    person, _ = enrol(office)
    first, other = post(office), post(office, organisation="Yunling")
    made = designated(office, person, first.id, AT)
    places.end_designation(office, DECIDER, made, add_months(AT, 2), AT)
    assert places.designations(office, person)[0].ends_at == add_months(AT, 2)
    with pytest.raises(RestrictionUnlawful, match="cooling-off"):
        designated(office, person, other.id, add_months(AT, 8) - SECOND)
    designated(office, person, other.id, add_months(AT, 8))
    for changes in ({"grade": "secret"}, {"title": " "}, {"cooling_off_months": 37}):
        with pytest.raises(RestrictionUnlawful):
            post(office, **changes)
    with pytest.raises(DutiesNotSeparated):
        places.designate(
            office, PROPOSER, PROPOSER, person, first.id, authority="a", document="d", starts_at=AT,
            ends_at=AT + SECOND, now=AT,
        )  # fmt: skip


def test_leaving_shows_what_is_still_held(office: Office, spec_pdf: Any, tmp_path: Path) -> None:
    custody = Custody(office)
    person, me = enrol(office)
    ref = custody.register([spec_pdf(2)])[0].code
    copy = custody.issue(str(ref), Recipient("op-208", "dev-2c70", "10.0.0.8"), tmp_path / "copy.pdf")
    custody.issue(str(ref), Recipient("op-999", "dev-9", "10.0.0.9"), tmp_path / "other.pdf")
    made = designated(office, person, post(office).id, AT)
    leaving = checklist.open_leaving(office, CLERK, made, AT + timedelta(days=30), AT)
    seen = checklist.leaving(office, me, leaving, AT)
    assert ([c.id for c in seen.holding.copies], seen.holding.devices) == ([copy.id], ("dev-2c70",))
    checklist.do_item(office, CLERK, leaving, Item.TALK, "minutes 4", AT)
    with pytest.raises(StepRefused, match="still held: 1 copies"):
        checklist.do_item(office, CLERK, leaving, Item.CARRIERS_RETURNED, "receipt", AT)
    with pytest.raises(StepRefused):
        checklist.take_back(office, CLERK, person, devices=["dev-9"], receipt="q-1", now=AT)
    checklist.take_back(
        office, CLERK, person, copies=[str(copy.id)], devices=["dev-2c70"], receipt="q-1", now=AT
    )
    for item in (Item.CARRIERS_RETURNED, Item.UNDERTAKING, Item.ACCESS_REVOKED):
        assert not checklist.leaving(office, CLERK, leaving, AT).complete
        checklist.do_item(office, CLERK, leaving, item, "doc", AT)
    assert checklist.leaving(office, CLERK, leaving, AT).complete
    with pytest.raises(PurposeMissing):
        checklist.do_item(office, FIRST, leaving, Item.TALK, "doc", AT)


def test_an_appeal_is_one_transaction(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    person, me = enrol(office)
    name = imposed(office, person)
    service.serve(office, CLERK, name, "in person", AT)
    size = office.ledger.size()

    def refuse(*_given: Any, **_named: Any) -> None:
        raise StepRefused("the disk said no")

    with monkeypatch.context() as broken:
        broken.setattr(store, "add_event", refuse)
        with pytest.raises(StepRefused, match="disk"):
            service.appeal(office, me, name, "no", AT)
    assert office.ledger.size() == size
    assert office.db.execute("SELECT count(*) FROM petitions").fetchone() == (0,)
    service.appeal(office, me, name, "no", AT)
    assert office.ledger.size() == size + 2
    assert len(service.shown(office, person, AT)[0].appeals) == 1
