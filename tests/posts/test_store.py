"""The tables refuse what the rules refuse, whoever writes; and they answer the same at every second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import apsw
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sealtrace.custody import subjects
from sealtrace.errors import RestrictionUnlawful, SealtraceError, StepRefused
from sealtrace.people import schema as people_schema
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.people.moments import second
from sealtrace.posts import rules, schema, store
from sealtrace.posts.basis import add_months, shipped
from sealtrace.posts.rules import Record, Status

from .test_restrictions import AT, CONTRACT, OFFICER, PERSON, ROBOT, SECOND, SECRETS, human, restriction

COLUMNS = {
    "id": "r-9", "person": "p-1", "authority": "Test Works", "basis": SECRETS.ref, "grade": "important",
    "activity": "extraction", "territory": "MY", "sealed": bytes(40), "notice": "n-9",
    "proposer": "a-1", "proposer_kind": "human", "decider": "d-1", "decider_kind": "human", "appeal_officer": "o-1",
    "appeal_days": 28, "outside": "申诉", "outside_days": 60, "decided_at": "2026-03-02T08:30:00Z",
    "starts_at": "2026-03-02T08:30:00Z", "ends_at": "2029-03-02T08:30:00Z", "review_due": "2027-03-02T08:30:00Z",
    "compensation_agreed": 0,
}  # fmt: skip


@pytest.fixture
def tables() -> apsw.Connection:
    return fresh()


def fresh() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.pragma("foreign_keys", True)
    for text in (subjects.SCHEMA, people_schema.SCHEMA, schema.SCHEMA):
        connection.execute(text)
    connection.execute(
        "INSERT INTO impact_assessments VALUES (1, 'posts', 'd', 'a', 'human', 'b', 'human',"
        " '2024-01-01T00:00:00Z', '2027-01-01T00:00:00Z')"
    )
    connection.execute(
        "INSERT INTO appeal_officers VALUES (1, 'o-1', 'a', 'human', '2024-01-01T00:00:00Z', '2027-01-01T00:00:00Z')"
    )
    for basis in (SECRETS, CONTRACT):
        store.add_basis(connection, basis, "e-1", "c-1")
    return connection


def insert(connection: apsw.Connection, **changes: Any) -> None:
    row = COLUMNS | changes
    connection.execute(
        f"INSERT INTO restrictions({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )


def test_the_row_itself_is_accepted(tables: apsw.Connection) -> None:
    insert(tables)
    store.add(tables, restriction(), bytes(40))


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_may_be_empty(tables: apsw.Connection, column: str) -> None:
    with pytest.raises(apsw.ConstraintError):
        insert(tables, **{column: None})


@pytest.mark.parametrize(
    "changes",
    [
        {"authority": " "}, {"basis": "nothing@1"}, {"activity": ""}, {"territory": " "}, {"notice": ""},
        {"sealed": b""}, {"sealed": bytes(28)}, {"sealed": "because"},
        {"outside": ""}, {"grade": "unheard of"}, {"ends_at": "2029-03-02T08:30:01Z"}, {"grade": "general"},
        {"review_due": "2027-03-02T08:30:01Z"}, {"review_due": "2026-03-02T08:30:00Z"},
        {"ends_at": "2026-03-02T08:30:00Z"},
        {"proposer_kind": "program"}, {"decider_kind": "program"}, {"decider": "a-1"}, {"appeal_officer": "d-1"},
        {"appeal_officer": "a-1"}, {"person": "d-1"}, {"person": "a-1"}, {"person": "o-1"}, {"ends_at": "later"},
        {"starts_at": "2026-03-02 08:30"}, {"basis": CONTRACT.ref, "grade": "any", "ends_at": "2028-03-02T08:30:00Z"},
        {"basis": CONTRACT.ref, "grade": "any", "ends_at": "2028-03-02T08:30:01Z", "compensation_agreed": 1},
        {"decided_at": "2024-04-30T00:00:00Z", "review_due": "2025-04-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_the_table_refuses_what_is_not_lawful(tables: apsw.Connection, changes: dict[str, Any]) -> None:
    with pytest.raises(apsw.ConstraintError):
        insert(tables, **changes)


def test_an_unverified_basis_is_refused(tables: apsw.Connection) -> None:
    with pytest.raises(RestrictionUnlawful):
        store.add_basis(tables, shipped().get("mofcom-notice-62-2025@1"), "e-1", "c-1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE restrictions SET ends_at = '2028-01-01T00:00:00Z'", "UPDATE restriction_events SET actor = 'x'",
        "UPDATE basis_caps SET months = 30", "UPDATE legal_bases SET clause = 'x'",
        "DELETE FROM restrictions", "DELETE FROM restriction_events",
    ],
)  # fmt: skip
def test_nothing_is_edited(tables: apsw.Connection, statement: str) -> None:
    store.add(tables, restriction(), bytes(40))
    store.add_event(tables, "r-1", "served", human("s-1"), AT)
    with pytest.raises(apsw.ConstraintError):
        tables.execute(statement)


def test_events_by_programs_and_out_of_turn_are_refused(tables: apsw.Connection) -> None:
    store.add(tables, restriction(), bytes(40))
    due = add_months(AT, 12)
    for kind, actor, at, extra in (
        ("served", ROBOT, AT, {}), ("annulled", OFFICER, AT, {}), ("served", human("s-1"), due, {}),
        ("reviewed", human("v-1"), due, {"due": add_months(due, 6)}), ("reviewed", human("v-1"), AT, {}),
        ("reviewed", human("v-1"), AT, {"due": due + SECOND}), ("paid", human("c-1"), AT, {}),
        ("fined", human("x"), AT, {}),
        ("appealed", human("x-1"), AT, {}),
    ):  # fmt: skip
        with pytest.raises(StepRefused):
            store.add_event(tables, "r-1", kind, actor, at, **extra)
    store.add_event(tables, "r-1", "served", human("s-1"), AT)
    store.add_event(tables, "r-1", "appealed", PERSON, AT)
    with pytest.raises(StepRefused):
        store.add_event(tables, "r-1", "annulled", human("d-1"), AT)


def test_times_are_whole_seconds_with_a_zone() -> None:
    for wrong in (AT.replace(tzinfo=None), datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)):
        with pytest.raises(RestrictionUnlawful):
            second(wrong)
    assert second(datetime(2026, 1, 1, 8, tzinfo=UTC)) == "2026-01-01T08:00:00Z"


class Life(RuleBasedStateMachine):
    """One restriction lives in the rules and in the tables at once; both must always agree."""

    @initialize(months=st.integers(1, 36))
    def begin(self, months: int) -> None:
        self.now = AT
        self.record = Record(restriction(ends_at=add_months(AT, months)))
        self.tables = fresh()
        store.add(self.tables, self.record.restriction, bytes(40))

    def both(self, kind: str, actor: Actor, step: Any, **extra: Any) -> None:
        """Take a step in the rules; the tables follow, and refuse what the rules refuse."""
        try:
            after = step()
        except SealtraceError:
            with pytest.raises(StepRefused):
                store.add_event(self.tables, "r-1", kind, actor, self.now, **extra)
            return
        store.add_event(self.tables, "r-1", kind, actor, self.now, **extra)
        self.record = after

    @rule(seconds=st.one_of(st.integers(0, 3), st.integers(0, 86_400 * 200)))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def wait_for_a_boundary(self) -> None:
        ahead = [t for t in (self.record.due, self.record.restriction.ends_at) if t > self.now]
        if ahead:
            self.now = min(ahead) - SECOND

    @rule()
    def serve(self) -> None:
        self.both("served", human("s-1"), lambda: rules.serve(self.record, human("s-1"), self.now))

    @rule(months=st.integers(1, 14))
    def review(self, months: int) -> None:
        due = add_months(self.now, months)
        self.both(
            "reviewed", human("v-1"), lambda: rules.review(self.record, human("v-1"), due, self.now), due=due
        )

    @rule()
    def appeal(self) -> None:
        self.both("appealed", PERSON, lambda: rules.appeal(self.record, PERSON, self.now))

    @rule(annul=st.booleans())
    def decide(self, annul: bool) -> None:
        kind = "annulled" if annul else "upheld"
        self.both(kind, OFFICER, lambda: rules.decide_appeal(self.record, OFFICER, annul=annul, now=self.now))

    @precondition(lambda self: rules.status(self.record, self.now) is Status.EFFECTIVE)
    @rule()
    def release(self) -> None:
        self.both("released", human("d-1"), lambda: rules.release(self.record, human("d-1"), self.now))

    @rule(kind=st.sampled_from(["served", "reviewed", "appealed", "annulled", "released"]))
    def a_program_tries(self, kind: str) -> None:
        due = add_months(self.now, 6) if kind == "reviewed" else None
        with pytest.raises(StepRefused):
            store.add_event(self.tables, "r-1", kind, Actor("bot", ActorKind.PROGRAM), self.now, due=due)

    @invariant()
    def rules_and_tables_agree(self) -> None:
        r = self.record
        edges = (
            r.due,
            r.restriction.ends_at,
            r.served_at or AT,
            r.released_at or AT,
            r.annulled_at or AT,
            self.now,
        )
        for at in {edge + step for edge in edges for step in (-SECOND, timedelta(0), SECOND)}:
            binds = rules.status(self.record, at) is Status.EFFECTIVE
            assert store.effective(self.tables, at) == (["r-1"] if binds else [])
            assert store.effective(self.tables, at, "p-1") == (["r-1"] if binds else [])
            if binds:
                assert r.served_at is not None
                assert r.served_at <= at < min(r.restriction.ends_at, r.due)
                assert at < add_months(r.restriction.starts_at, 36)


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestLife = Life.TestCase
