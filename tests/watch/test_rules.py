"""From candidate to case: programs write candidates only, and a name alone opens nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import DutiesNotSeparated, HumanRequired, PurposeMissing, StepRefused
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.posts.model import Decision
from sealtrace.watch.persons import Band
from sealtrace.watch.rules import Evidence, State, enter, hear_person, open_case, review_first, review_second

YES = Decision(True, "clause", "covered", None, None)
BOTH = frozenset({Evidence.NAME, Evidence.EMPLOYER})


def human(name: str) -> Actor:
    return Actor(name, ActorKind.HUMAN)


ROBOT = Actor("bot", ActorKind.PROGRAM)


def confirmed(band: Band = Band.STRONG, evidence: frozenset[Evidence] = BOTH) -> Any:
    found = review_first(enter(YES, "p-1", "row 4", band, evidence), human("a"), saw_reason=False, same=True)
    return hear_person(review_second(found, human("b"), same=True), human("a"))


def test_the_way_to_a_case() -> None:
    assert open_case(confirmed(), human("c")).state is State.CASE


def test_without_purpose_there_is_no_candidate() -> None:
    with pytest.raises(PurposeMissing):
        enter(Decision(False, "clause", "nothing in force", None, None), "p-1", "row 4", Band.STRONG, BOTH)


@given(st.sampled_from(list(Band)), st.frozensets(st.sampled_from(list(Evidence))))
def test_a_name_alone_never_opens_a_case(band: Band, evidence: frozenset[Evidence]) -> None:
    found = confirmed(band, evidence)
    if len(evidence) >= 2 and band is not Band.INSUFFICIENT:
        assert open_case(found, human("c")).state is State.CASE
    else:
        with pytest.raises(StepRefused):
            open_case(found, human("c"))


def test_a_program_takes_no_step_beyond_the_candidate() -> None:
    found = enter(YES, "p-1", "row 4", Band.STRONG, BOTH)
    first = review_first(found, human("a"), saw_reason=False, same=True)
    for step in (
        lambda: review_first(found, ROBOT, saw_reason=False, same=True),
        lambda: review_second(first, ROBOT, same=True),
        lambda: hear_person(review_second(first, human("b"), same=True), ROBOT),
        lambda: open_case(confirmed(), ROBOT),
    ):
        with pytest.raises(HumanRequired):
            step()


def test_two_reviewers_and_the_first_is_blind() -> None:
    found = enter(YES, "p-1", "row 4", Band.STRONG, BOTH)
    with pytest.raises(StepRefused):
        review_first(found, human("a"), saw_reason=True, same=True)
    first = review_first(found, human("a"), saw_reason=False, same=True)
    with pytest.raises(DutiesNotSeparated):
        review_second(first, human("a"), same=True)
    with pytest.raises(StepRefused):
        open_case(first, human("c"))
    second = review_second(first, human("b"), same=True)
    with pytest.raises(StepRefused):
        open_case(second, human("c"))
    assert review_second(first, human("b"), same=False).state is State.REJECTED
