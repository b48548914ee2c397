"""Into a sensitive post: proposed by one, decided by another, refused within a cooling-off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    DutiesNotSeparated,
    NotRegistered,
    PurposeMissing,
    RestrictionUnlawful,
    StepRefused,
)
from sealtrace.people import access, acts
from sealtrace.posts import designating, places
from sealtrace.posts.basis import add_months
from sealtrace.posts.designating import Offer
from sealtrace.rights import erasing
from tests.people.scene import AT, CLERK, DECIDER, KEEPER, PROPOSER, SECOND, enrol, open_house


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as made:
        open_house(made.office)
        yield made.office


def offer(office: Office, title: str = "director", months: int = 6) -> Offer:
    post = places.enter_post(
        office, PROPOSER, title=title, organisation="Works", grade="core", activity="extraction", now=AT,
        cooling_off_months=months,
    )  # fmt: skip
    return Offer(post.id, "Committee", "2026-9", AT, add_months(AT, 12))


def test_one_proposes_another_decides(office: Office) -> None:
    person, me = enrol(office)
    asked = offer(office)
    name = designating.propose(office, PROPOSER, person, asked, AT)
    assert [w.id for w in designating.waiting(office, DECIDER, AT)] == [name]
    for wrong in (PROPOSER, me):
        with pytest.raises((DutiesNotSeparated, PurposeMissing)):
            designating.decide(office, wrong, name, AT, designate=True)
    with pytest.raises(PurposeMissing):
        designating.decide(office, CLERK, name, AT, designate=True)
    assert designating.proposal(office, DECIDER, name, AT) == asked
    assert access.looks(office, person)[0].reason == "deciding a designation"
    designating.decide(office, DECIDER, name, AT + SECOND, designate=True)
    [held] = places.designations(office, person)
    assert (held.post.id, held.authority, held.starts_at) == (asked.post, "Committee", AT)
    with pytest.raises(StepRefused, match="decided"):
        designating.decide(office, DECIDER, name, AT + SECOND, designate=True)
    assert acts.check(office) == []


def test_cooling_off_refuses_the_decision_and_leaves_the_proposal(office: Office) -> None:
    person, _ = enrol(office)
    for title in ("director", "planner"):
        name = designating.propose(office, PROPOSER, person, offer(office, title), AT)
        if title == "director":
            designating.decide(office, DECIDER, name, AT, designate=True)
    with pytest.raises(RestrictionUnlawful, match="cooling-off"):
        designating.decide(office, DECIDER, name, AT, designate=True)
    assert [w.id for w in designating.of_person(office, person)] == [name]
    with pytest.raises(StepRefused, match="says why"):
        designating.decide(office, DECIDER, name, AT, designate=False)
    designating.decide(office, DECIDER, name, AT, designate=False, reasons="cooling-off")
    assert designating.of_person(office, person) == []


def test_what_is_missing_is_not_proposed(office: Office) -> None:
    person, me = enrol(office)
    with pytest.raises(RestrictionUnlawful):
        Offer("post-1", " ", "2026-9", AT, AT + timedelta(days=1))
    with pytest.raises(NotRegistered):
        designating.propose(
            office, PROPOSER, person, Offer("post-1", "C", "d", AT, AT + timedelta(days=1)), AT
        )
    with pytest.raises(PurposeMissing):
        designating.propose(office, me, person, offer(office), AT)


def test_an_erasure_takes_the_proposal_with_it(office: Office) -> None:
    person, _ = enrol(office)
    designating.propose(office, PROPOSER, person, offer(office), AT)
    erasing.erase(office, KEEPER, DECIDER, person, authority="court", basis="PIPL 47", now=AT)
    assert office.db.execute("SELECT count(*) FROM designation_proposals").fetchone() == (0,)
