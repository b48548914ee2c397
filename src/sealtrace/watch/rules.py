"""From a candidate to a case: what a program may do, and what only people may, with which evidence.

A program writes candidates and nothing more. A candidate is reviewed by two people, the first blind to the reason
for the restriction; a case needs two items of evidence of which one is not the name, and a word with the person first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from sealtrace.errors import HumanRequired, PurposeMissing, StepRefused
from sealtrace.people.duties import Actor, ActorKind, require_different, require_human
from sealtrace.posts.model import Decision

from .persons import Band


class State(StrEnum):
    """Where a candidate stands."""

    CANDIDATE = "candidate"
    UNDER_REVIEW = "under review"
    CONFIRMED = "confirmed"
    CASE = "case"
    REJECTED = "rejected"


class Evidence(StrEnum):
    """What kind of fact supports that the row is the person."""

    NAME = "name"
    EMPLOYER = "employer"
    SPECIALITY = "speciality"
    SCHOOL = "school"
    BIRTH = "birth"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class CandidateFile:
    """A possible match of one person and one row of one roster, with its reviews."""

    person: str
    row: str
    band: Band
    evidence: frozenset[Evidence]
    state: State = State.CANDIDATE
    first_reviewer: str | None = None
    second_reviewer: str | None = None
    person_heard: bool = False


def enter(
    purpose: Decision, person: str, row: str, band: Band, evidence: frozenset[Evidence]
) -> CandidateFile:
    """Make a candidate; the one step a program may take, and only with a lawful purpose.

    Raises:
        PurposeMissing: `purpose` (see `posts.rules.may_screen`) says no.
    """
    if not purpose.allowed:
        raise PurposeMissing(purpose.reason)
    return CandidateFile(person, row, band, evidence)


def review_first(found: CandidateFile, actor: Actor, *, saw_reason: bool, same: bool) -> CandidateFile:
    """The first look, by somebody who has not seen why the person is restricted."""
    _by_human(actor)
    if found.state is not State.CANDIDATE:
        raise StepRefused(f"the candidate is {found.state}")
    if saw_reason:
        raise StepRefused("the first reviewer must not have seen the reason for the restriction")
    require_different(reviewer=actor.id, person=found.person)
    return replace(found, state=State.UNDER_REVIEW if same else State.REJECTED, first_reviewer=actor.id)


def review_second(found: CandidateFile, actor: Actor, *, same: bool) -> CandidateFile:
    """The second look, by another person."""
    _by_human(actor)
    if found.state is not State.UNDER_REVIEW or found.first_reviewer is None:
        raise StepRefused(f"the candidate is {found.state}")
    require_different(first_reviewer=found.first_reviewer, second_reviewer=actor.id, person=found.person)
    return replace(found, state=State.CONFIRMED if same else State.REJECTED, second_reviewer=actor.id)


def hear_person(found: CandidateFile, actor: Actor) -> CandidateFile:
    """Record that the person was asked before any allegation."""
    _by_human(actor)
    if found.state is not State.CONFIRMED:
        raise StepRefused("the person is asked once two reviewers agree")
    return replace(found, person_heard=True)


def open_case(found: CandidateFile, actor: Actor) -> CandidateFile:
    """Open a case; refused for a name alone, for an insufficient band, and before the person was heard."""
    require_human(actor, "opening a case")
    if found.state is not State.CONFIRMED:
        raise StepRefused("a case needs two reviewers who agree")
    if len(found.evidence) < 2 or found.evidence <= {Evidence.NAME}:
        raise StepRefused("a name alone never opens a case: two items of evidence, one of them not the name")
    if found.band is Band.INSUFFICIENT:
        raise StepRefused("the evidence is insufficient")
    if not found.person_heard:
        raise StepRefused("the person is asked before any allegation")
    return replace(found, state=State.CASE)


def _by_human(actor: Actor) -> None:
    if actor.kind is not ActorKind.HUMAN:
        raise HumanRequired("candidates are judged by people")
