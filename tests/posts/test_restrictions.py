"""Restrictions exist only when lawful, bind only when notified, and end to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import DutiesNotSeparated, HumanRequired, RestrictionUnlawful, StepRefused
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.people.moments import second
from sealtrace.posts import rules
from sealtrace.posts.basis import BasisRegister, BasisStatus, LegalBasis, Suspension, add_months, shipped
from sealtrace.posts.model import AppealPath, Restriction, Scope
from sealtrace.posts.rules import Record, Status

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CONTRACT, SECRETS = shipped().get("labour-contract-23-24@1"), shipped().get("state-secrets-46@1")


def human(name: str) -> Actor:
    return Actor(name, ActorKind.HUMAN)


ROBOT = Actor("matcher", ActorKind.PROGRAM)
PERSON, OFFICER = human("p-1"), human("o-1")


def restriction(**changes: Any) -> Restriction:
    values: dict[str, Any] = {
        "id": "r-1", "person": "p-1", "authority": "Test Works, secrecy office", "basis": SECRETS, "grade": "important",
        "scope": Scope("solvent extraction", "MY"), "reasons": "knew the cascade", "notice": "n-1",
        "proposer": human("a-1"), "decider": human("d-1"),
        "appeal": AppealPath("o-1", 28, "主管部门申诉", 60), "decided_at": AT, "starts_at": AT,
        "ends_at": add_months(AT, 36), "review_due": add_months(AT, 12),
    }  # fmt: skip
    return Restriction(**values | changes)


def served(**changes: Any) -> Record:
    return rules.serve(Record(restriction(**changes)), human("s-1"), AT)


@pytest.mark.parametrize("field", ["id", "person", "authority", "grade", "reasons", "notice"])
def test_nothing_may_be_blank(field: str) -> None:
    with pytest.raises(RestrictionUnlawful):
        restriction(**{field: "  "})


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": add_months(AT, 36) + SECOND}, {"ends_at": AT}, {"review_due": add_months(AT, 12) + SECOND},
        {"review_due": AT}, {"grade": "general"}, {"grade": "unheard of"}, {"decided_at": AT.replace(tzinfo=None)},
        {"basis": CONTRACT, "grade": "any", "ends_at": add_months(AT, 24)},
        {"basis": CONTRACT, "grade": "any", "ends_at": add_months(AT, 24) + SECOND, "compensation_agreed": True},
        {"basis": shipped().get("mofcom-notice-62-2025@1"), "grade": "any", "ends_at": add_months(AT, 6)},
        {"decided_at": datetime(2020, 1, 1, tzinfo=UTC), "review_due": datetime(2020, 6, 1, tzinfo=UTC)},
    ],
)  # fmt: skip
def test_beyond_the_law_it_does_not_come_into_being(changes: dict[str, Any]) -> None:
    with pytest.raises(RestrictionUnlawful):
        restriction(**changes)


def test_the_contractual_one_lasts_two_years_with_pay() -> None:
    assert (
        restriction(basis=CONTRACT, grade="any", ends_at=add_months(AT, 24), compensation_agreed=True).basis
        is CONTRACT
    )


@pytest.mark.parametrize("missing", [("", "MY"), ("extraction", " ")])
def test_a_scope_names_activity_and_territory(missing: tuple[str, str]) -> None:
    with pytest.raises(RestrictionUnlawful):
        Scope(*missing)


def test_an_appeal_path_is_complete() -> None:
    for broken in (("", 28, "x", 60), ("o", 0, "x", 60), ("o", 28, " ", 60), ("o", 28, "x", 0)):
        with pytest.raises(RestrictionUnlawful):
            AppealPath(*broken)


@given(st.lists(st.sampled_from(["p-1", "a", "b", "c"]), min_size=3, max_size=3))
def test_proposer_decider_and_officer_are_three_and_not_the_person(names: list[str]) -> None:
    def make() -> Restriction:
        appeal = AppealPath(names[2], 28, "x", 60)
        return restriction(proposer=human(names[0]), decider=human(names[1]), appeal=appeal)

    if len({*names, "p-1"}) == 4:
        assert make().proposer.id == names[0]
    else:
        with pytest.raises(DutiesNotSeparated):
            make()


def test_a_program_changes_nobodys_position() -> None:
    for role in ("proposer", "decider"):
        with pytest.raises(HumanRequired):
            restriction(**{role: ROBOT})
    record = served()
    for step in (
        lambda: rules.serve(Record(restriction()), ROBOT, AT),
        lambda: rules.review(record, ROBOT, add_months(AT, 12), AT),
        lambda: rules.release(record, ROBOT, AT),
        lambda: rules.appeal(record, ROBOT, AT),
        lambda: rules.decide_appeal(record, ROBOT, annul=True, now=AT),
    ):
        with pytest.raises(HumanRequired):
            step()


def test_it_binds_from_service_to_its_end_to_the_second() -> None:
    record = Record(restriction(ends_at=add_months(AT, 10)))
    assert rules.status(record, AT) is Status.NOT_SERVED
    record = rules.serve(record, human("s-1"), AT + SECOND)
    assert rules.status(record, AT) is Status.NOT_SERVED
    assert rules.status(record, AT + SECOND) is Status.EFFECTIVE
    assert rules.status(record, add_months(AT, 10) - SECOND) is Status.EFFECTIVE
    assert rules.status(record, add_months(AT, 10)) is Status.EXPIRED


def test_an_overdue_review_lapses_it_for_good() -> None:
    record, due = served(), add_months(AT, 12)
    assert rules.status(record, due - SECOND) is Status.EFFECTIVE
    assert rules.status(record, due) is Status.LAPSED
    with pytest.raises(StepRefused):
        rules.review(record, human("v-1"), add_months(due, 12), due)
    kept = rules.review(record, human("v-1"), add_months(due - SECOND, 12), due - SECOND)
    assert rules.status(kept, due) is Status.EFFECTIVE
    with pytest.raises(RestrictionUnlawful):
        rules.review(record, human("v-1"), add_months(AT, 13), AT)


def test_unpaid_compensation_lets_the_person_go() -> None:
    record = served(basis=CONTRACT, grade="any", ends_at=add_months(AT, 24), compensation_agreed=True)
    third = add_months(AT, 3)
    assert rules.unpaid(record, third - SECOND) == 2
    assert not rules.releasable(record, third - SECOND)
    assert rules.releasable(record, third)
    with pytest.raises(StepRefused):
        rules.release(record, PERSON, third - SECOND)
    assert rules.status(rules.release(record, PERSON, third), third) is Status.RELEASED
    paid = rules.pay(rules.pay(rules.pay(record, 0), 1), 2)
    assert not rules.releasable(paid, third)
    with pytest.raises(StepRefused):
        rules.pay(record, 24)


def test_a_suspended_basis_suspends_it() -> None:
    pause = Suspension(date(2026, 5, 1), date(2026, 7, 1), "Notice X")
    record = served(basis=replace(SECRETS, suspended=(pause,)))
    assert rules.status(record, datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)) is Status.EFFECTIVE
    assert rules.status(record, datetime(2026, 5, 1, tzinfo=UTC)) is Status.SUSPENDED
    assert rules.status(record, datetime(2026, 7, 1, tzinfo=UTC)) is Status.EFFECTIVE
    ended = served(basis=replace(SECRETS, valid_until=date(2026, 6, 1)))
    assert rules.status(ended, datetime(2026, 6, 1, tzinfo=UTC)) is Status.EXPIRED


def test_the_appeal_is_the_persons_and_the_officer_decides() -> None:
    record = served()
    with pytest.raises(StepRefused):
        rules.appeal(record, human("x-1"), AT)
    with pytest.raises(StepRefused):
        rules.appeal(record, PERSON, AT + timedelta(days=28))
    with pytest.raises(StepRefused):
        rules.decide_appeal(record, OFFICER, annul=True, now=AT)
    appealed = rules.appeal(record, PERSON, AT + timedelta(days=28) - SECOND)
    assert appealed.appeal_open
    for wrong, error in (("d-1", DutiesNotSeparated), ("a-1", DutiesNotSeparated), ("x-1", StepRefused)):
        with pytest.raises(error):
            rules.decide_appeal(appealed, human(wrong), annul=True, now=AT)
    later = AT + timedelta(days=40)
    annulled = rules.decide_appeal(appealed, OFFICER, annul=True, now=later)
    assert not annulled.appeal_open
    assert rules.status(annulled, later) is Status.ANNULLED
    assert (
        rules.status(rules.decide_appeal(appealed, OFFICER, annul=False, now=later), later)
        is Status.EFFECTIVE
    )


def test_decisions_carry_clause_end_and_appeal() -> None:
    record = served()
    refused = rules.may_take_up([record], "solvent extraction", "MY", "Plant", AT)
    assert not refused.allowed
    assert refused.clause == SECRETS.clause
    assert refused.expires_at == add_months(AT, 12)
    assert refused.appeal == record.restriction.appeal
    assert rules.may_take_up([record], "teaching", "MY", "School", AT).allowed
    assert rules.may_take_up([record], "solvent extraction", "MY", "Plant", add_months(AT, 12)).allowed


def test_screening_needs_an_effective_restriction_that_covers_it() -> None:
    record = served()
    assert rules.may_screen([record], "p-1", "solvent extraction", "MY", AT).allowed
    for person, activity, territory, now in (
        ("p-2", "solvent extraction", "MY", AT), ("p-1", "teaching", "MY", AT),
        ("p-1", "solvent extraction", "AU", AT), ("p-1", "solvent extraction", "MY", add_months(AT, 12)),
    ):  # fmt: skip
        assert not rules.may_screen([record], person, activity, territory, now).allowed
    assert not rules.may_screen([], "p-1", "solvent extraction", "MY", AT).allowed


@given(
    st.integers(0, 60 * 365 * 86_400).map(lambda s: datetime(2000, 1, 1, tzinfo=UTC) + s * SECOND),
    st.integers(0, 40),
)
def test_months_are_added_as_sqlite_adds_them(at: datetime, months: int) -> None:
    whole = at.replace(microsecond=0)
    row = apsw.Connection(":memory:").execute(
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', ?, ?, 'floor')", (second(whole), f"+{months} months")
    )
    assert next(iter(row))[0] == second(add_months(whole, months))


def test_the_register_of_bases() -> None:
    register = shipped()
    assert register.current("labour-contract-23-24", date(2026, 1, 1)) is CONTRACT
    assert register.current("labour-contract-23-24", date(2007, 1, 1)) is None
    assert CONTRACT.status(date(2007, 12, 31)) is BasisStatus.NOT_YET
    notice = register.get("mofcom-notice-62-2025@1")
    assert notice.status(date(2026, 3, 1)) is BasisStatus.SUSPENDED
    assert max(m for b in register.versions for m in b.cap_months.values()) <= 36
    with pytest.raises(RestrictionUnlawful):
        register.get("nothing@1")
    with pytest.raises(RestrictionUnlawful):
        BasisRegister((CONTRACT, CONTRACT))
    for broken in ({"clause": ""}, {"cap_months": {}}, {"cap_months": {"any": 37}}, {"unpaid_months": None}):
        with pytest.raises(RestrictionUnlawful):
            replace_basis(CONTRACT, broken)


def replace_basis(basis: LegalBasis, changes: dict[str, Any]) -> LegalBasis:
    return replace(basis, **changes)
