"""Cases: what they need, who may do what, what stops the clock, what is on record and can be made again."""

from __future__ import annotations

import copy
import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans, sampled_from

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    ApplicationIncomplete,
    CaseUnknown,
    DutiesNotSeparated,
    HitOpen,
    HumanRequired,
    MalformedCase,
    NotOnLicence,
    SealtraceError,
    StepRefused,
    UsageProblem,
    WrongState,
)
from sealtrace.licences import desk as accounts
from sealtrace.licences import journal
from sealtrace.licences.gate.shipment import read_declaration
from sealtrace.licences.review import board, deciding, desk, lists
from sealtrace.licences.review.application import Enclosure, changes, missing, parts_changed, read_application
from sealtrace.licences.review.case import fold
from sealtrace.licences.review.steps import TRANSITIONS, State, Step, after
from sealtrace.licences.states import LicenceState
from sealtrace.licences.workdays import shipped as calendar
from sealtrace.people.duties import Actor, ActorKind

from .desk_scene import (
    APPLICANT,
    CLERK,
    PROGRAM,
    SECOND,
    TECH,
    THIRD,
    application,
    entered,
    grant,
    granted,
    ready,
    refuse,
)

DECLARATION: dict[str, Any] = {
    "number": "D-1", "exporter": "E", "end_user": "U", "destination": "DE",
    "goods": [{"id": "g", "form": "oxide", "formula": "Dy2O3", "gross_kg": "1", "composition_wt_pct": {"Dy": 86}}],
}  # fmt: skip


@pytest.fixture
def office(memory: Path) -> Any:
    with Custody.create(
        memory / "h", org="O", org_code="O", clock=FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    ) as c:
        yield c.office


def advance(office: Office, days: int) -> None:
    assert isinstance(office.clock, FixedClock)
    office.clock.at += timedelta(days=days)


# -- applications ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parties": []}, "no-applicant"),
        ({"goods": []}, "no-goods"),
        ({"goods": [{"id": "g", "form": "oxide", "gross_kg": "1"}]}, "no-composition"),
        ({"goods": [{"id": "g", "form": "oxide", "formula": "Dy2O3"}]}, "no-mass"),
        ({"end_use": {}}, "no-end-use"),
        ({"terms": {"kind": "single"}}, "no-period"),
        ({"terms": {"kind": "single", "from": "2026-01-01", "to": "2027-06-01"}}, "period-too-long"),
        ({"terms": {"kind": "general", "from": "2026-01-01", "to": "2028-06-01"}}, "no-compliance_programme"),
    ],
)
def test_what_an_application_lacks_is_named(change: dict[str, Any], code: str) -> None:
    found = {m.code for m in missing(read_application(application(**change)))}
    assert {code, "no-contract", "no-end_use_statement"} <= found


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"extra": 1},
        application(parties=[{"id": "x", "role": "friend"}]),
        application(parties=application()["parties"] * 2),
        application(terms={"kind": "endless"}),
        application(goods=[{"id": "g", "form": "oxide", "gross_kg": "many"}]),
        application(documents=[{"id": "..", "kind": "contract"}]),
    ],
)
def test_an_unreadable_application_is_refused(document: object) -> None:
    with pytest.raises(SealtraceError):
        read_application(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
def test_whatever_stands_in_a_document_is_read_or_refused(data: st.DataObject) -> None:
    """One value anywhere in an application or a declaration is replaced by anything JSON can hold."""
    for document, read in ((application(), read_application), (DECLARATION, read_declaration)):
        changed: Any = copy.deepcopy(document)
        place: Any = changed
        while isinstance(place, dict | list) and place:
            key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
                place[key] = data.draw(JSON)
                break
            place = place[key]
        try:
            made = read(changed)
        except SealtraceError:
            continue
        assert journal.packed(made.document)


def test_a_text_that_no_byte_says_is_refused() -> None:
    with pytest.raises(MalformedCase):
        read_application(application(end_use={"text": "\ud800"}))


def test_versions_name_what_changed() -> None:
    old = read_application(application()).document
    changed = application()
    changed["parties"][2]["name"] = "E Logistics"
    changed["goods"][0]["gross_kg"] = "100"
    new = read_application(changed).document
    assert {(c.place, c.before, c.after) for c in changes(old, new)} == {
        ("parties[c].name", "D Logistics", "E Logistics"),
        ("goods[g1].gross_kg", "114.771", "100"),
    }
    assert parts_changed(old, new) == {"parties", "goods"}


def test_incomplete_goes_nowhere_and_documents_are_in_the_vault(office: Office) -> None:
    case = desk.open_case(office, APPLICANT, application())
    with pytest.raises(ApplicationIncomplete, match="contract"):
        desk.submit(office, APPLICANT, case.id)
    case = desk.enclose(office, APPLICANT, case.id, b"the contract", Enclosure.CONTRACT, "contract")
    [held] = case.versions[-1].document["documents"]
    assert desk.enclosure(office, case.id, held["id"]) == b"the contract"
    with pytest.raises(CaseUnknown):
        desk.enclosure(office, case.id, "00" * 32)
    with pytest.raises(DutiesNotSeparated):
        desk.save(office, CLERK, case.id, application())
    with pytest.raises(HumanRequired):
        desk.save(office, Actor(APPLICANT.id, ActorKind.PROGRAM), case.id, application())


# -- the way through ------------------------------------------------------------------------------


def test_from_application_to_licence(office: Office) -> None:
    case = granted(office, conditions="report use within 30 days")
    assert (case.state, case.licence, case.id) == (State.GRANTED, "L-2026-0001", "L-2026-0001")
    account = accounts.account(office, "L-2026-0001")
    [line] = account.lines
    assert (line.key.entry, line.key.element) == ("1C905.b", "Dy")
    factor = case.assessment["goods"][0]["charges"][0]["factor"]  # type: ignore[index]
    assert factor.startswith("0.8713")
    assert line.balance.granted.element_mg == 100_002_346
    assert all(same for _, same in desk.reproduce(office, case.id))
    assert len(desk.reproduce(office, case.id)) == 1
    assert accounts.check(office) == [] == board.check(office)
    assert deciding.notice(office, case.id)["conditions"] == "report use within 30 days"
    assert board.statistics(office, desk.today(office)) == board.statistics(
        office, desk.today(office), from_events=True
    )


def test_two_people_decide(office: Office) -> None:
    case = ready(office)
    with pytest.raises(DutiesNotSeparated):
        deciding.propose(office, APPLICANT, case.id, grant())
    with pytest.raises(HumanRequired):
        deciding.propose(office, PROGRAM, case.id, grant())
    case = deciding.propose(office, CLERK, case.id, grant())
    with pytest.raises(DutiesNotSeparated):
        deciding.approve(office, CLERK, case.id)
    case = deciding.send_back(office, SECOND, case.id, "conditions are missing")
    assert (case.state, case.decisions) == (State.REVIEW, [])


def test_the_database_itself_wants_two_people(office: Office) -> None:
    case = ready(office)
    for actor, event, body in (
        (CLERK, "decided", {"outcome": "grant"}),
        (CLERK, "appeal-decided", {"outcome": "uphold"}),
    ):
        case = deciding.propose(office, CLERK, case.id, grant()) if case.state is State.REVIEW else case
        with pytest.raises(DutiesNotSeparated):
            journal.append(office, "case", case.id, case.seq, f"licence:case-{event}", actor, body)
    with pytest.raises(apsw.ConstraintError, match="follows"):
        journal.append(
            office, "case", case.id, case.seq + 1, "licence:case-decided", SECOND, {"outcome": "grant"}
        )
    for statement in ("UPDATE desk_events SET kind = 'x'", "DELETE FROM desk_events"):
        with pytest.raises(apsw.ConstraintError):
            office.ledger.append([], lambda db, _, sql=statement: db.execute(sql))
    assert deciding.approve(office, SECOND, case.id).state is State.GRANTED


def test_a_refusal_names_criteria_and_can_be_appealed_to_somebody_else(office: Office) -> None:
    case = ready(office)
    with pytest.raises(UsageProblem, match="criteria"):
        deciding.propose(office, CLERK, case.id, refuse(criteria=()))
    with pytest.raises(UsageProblem, match="criterion"):
        deciding.propose(office, CLERK, case.id, refuse(criteria=("whim",)))
    with pytest.raises(StepRefused, match="advised otherwise"):
        deciding.propose(office, CLERK, case.id, refuse(dissent=""))
    deciding.propose(office, CLERK, case.id, refuse())
    case = deciding.approve(office, SECOND, case.id)
    assert (case.state, case.licence) == (State.REFUSED, None)
    with pytest.raises(StepRefused, match="served"):
        deciding.appeal(office, APPLICANT, case.id, "the capacity is there")
    deciding.notify(office, CLERK, case.id, "registered letter")
    advance(office, 61)
    with pytest.raises(StepRefused, match="last day"):
        deciding.appeal(office, APPLICANT, case.id, "the capacity is there")
    advance(office, -1)
    deciding.appeal(office, APPLICANT, case.id, "the capacity is there")
    for actor in (CLERK, SECOND, TECH, APPLICANT):
        with pytest.raises(DutiesNotSeparated):
            deciding.decide_appeal(office, actor, case.id, "annul", "heard")
    case = deciding.decide_appeal(office, THIRD, case.id, "annul", "the evidence was not weighed")
    assert case.state is State.REVIEW
    with pytest.raises(DutiesNotSeparated, match="annulled"):
        deciding.propose(office, CLERK, case.id, grant())
    deciding.propose(office, THIRD, case.id, grant())
    with pytest.raises(DutiesNotSeparated, match="annulled"):
        deciding.approve(office, SECOND, case.id)


def test_comparable_cases_are_treated_alike_or_the_reason_is_given(office: Office) -> None:
    first = granted(office)
    case = ready(office)
    with pytest.raises(StepRefused, match=first.id):
        deciding.propose(office, CLERK, case.id, refuse())
    case = deciding.propose(
        office, CLERK, case.id, refuse(departure="twice the capacity is asked for already")
    )
    body = case.decisions[-1].body
    assert (body["departs_from"], body["compared"]) == ([first.id], [{"case": first.id, "outcome": "grant"}])
    other = application()
    other["parties"][1]["country"] = other["parties"][2]["country"] = "JP"
    assert list(board.comparable(office, ready(office, other))) == []


def test_questions_stop_the_clock(office: Office) -> None:
    case = entered(office)
    case = desk.accept(office, CLERK, case.id)
    start = date(2026, 3, 2)
    assert case.deadline(calendar()) == calendar().after(start, 45)
    desk.question(office, CLERK, case.id, "Which motors?", ["end_use"])
    advance(office, 14)
    case = desk.get_case(office, case.id)
    assert case.deadline(calendar()) is None
    assert case.working_days(calendar(), desk.today(office)) == 0
    with pytest.raises(WrongState):
        deciding.propose(office, CLERK, case.id, grant())
    case = desk.answer(office, APPLICANT, case.id, "Traction motors.")
    assert case.deadline(calendar()) == calendar().after(start, 45 + 10)
    advance(office, 7)
    assert case.working_days(calendar(), desk.today(office)) == 5


def test_advice_in_parallel_with_deadlines_dissent_and_changes(office: Office) -> None:
    case = entered(office)
    desk.accept(office, CLERK, case.id)
    case = desk.ask_advice(office, CLERK, case.id)
    assert [(a.department, a.due) for a in case.advice] == [
        ("technical", calendar().after(date(2026, 3, 2), 10).day),
        ("dual-use", calendar().after(date(2026, 3, 2), 15).day),
    ]
    with pytest.raises(StepRefused, match="due from"):
        deciding.propose(office, CLERK, case.id, grant())
    desk.advise(office, TECH, case.id, "technical", "for", "it fits", dissent="two of five hold it does not")
    case = desk.advise(office, THIRD, case.id, "technical", "against", "too much for this plant")
    assert (case.advice[0].view, case.advice[0].by) == ("against", [TECH.id, THIRD.id])
    assert [e.body["dissent"] for e in case.timeline if e.kind == Step.ADVISED] == [
        "two of five hold it does not",
        "",
    ]
    with pytest.raises(UsageProblem, match="not yet"):
        desk.advise(office, TECH, case.id, "dual-use", "for", "by letter", paper=date(2026, 3, 3))
    with pytest.raises(UsageProblem):
        desk.advise(office, TECH, case.id, "dual-use", "conditions", "fine")
    advance(office, 30)  # dual-use never answers: its silence is on record
    with pytest.raises(StepRefused, match="last day to amend"):
        desk.advise(office, TECH, case.id, "technical", "for", "after all")
    with pytest.raises(StepRefused, match="advised otherwise"):
        deciding.propose(office, CLERK, case.id, grant())
    case = deciding.propose(office, CLERK, case.id, grant(dissent="the plant was enlarged in 2025"))
    assert case.decisions[-1].body["advice_missing"] == ["dual-use"]
    desk_row = board.row_of(office, case)
    assert desk_row.dissent == 0
    deciding.send_back(office, SECOND, case.id, "look again")
    smaller = application()
    smaller["goods"][0]["gross_kg"] = "50"
    smaller["documents"] = case.versions[-1].document["documents"]
    case = desk.amend(office, APPLICANT, case.id, smaller)
    assert [a.stale for a in case.advice] == [True, False]
    with pytest.raises(StepRefused, match="assessed"):
        deciding.propose(office, CLERK, case.id, grant())
    desk.screen(office, CLERK, case.id)
    desk.evaluate(office, CLERK, case.id)
    with pytest.raises(StepRefused, match="changed since"):
        deciding.propose(office, CLERK, case.id, grant())
    case = desk.ask_advice(office, CLERK, case.id)
    assert sorted(a.department for a in case.advice if a.open) == ["dual-use", "technical"]


def test_referred_goods_wait_for_a_person(office: Office) -> None:
    unclear = application(goods=[{"id": "g1", "form": "powder of some kind", "gross_kg": "10",
                                  "composition_wt_pct": {"Dy": 20}}])  # fmt: skip
    case = ready(office, unclear)
    assert "refer" in case.flags
    with pytest.raises(StepRefused, match="open"):
        deciding.propose(office, CLERK, case.id, grant())
    with pytest.raises(UsageProblem):
        desk.determine(office, CLERK, case.id, "g1", "licence_required", [], "it is an oxide")
    case = desk.determine(office, CLERK, case.id, "g1", "licence_required", ["1C905.b"], "analysis: an oxide")
    case = deciding.propose(office, CLERK, case.id, grant(shares={"Dy": 1_500_000}))
    assert case.decisions[-1].body["lines"] == [
        {
            "entry": "1C905.b",
            "element": "Dy",
            "element_mg": 1_500_000,
            "gross_mg": 7_500_000,
            "value_minor": 0,
        }
    ]


def test_an_amendment_of_a_licence_replaces_it(office: Office) -> None:
    first = granted(office)
    change = application(
        terms={"kind": "single", "from": "2026-03-01", "to": "2026-12-31", "replaces": first.licence}
    )
    second = granted(office, change)
    assert accounts.account(office, str(first.licence)).state is LicenceState.SURRENDERED
    assert accounts.account(office, str(second.licence)).state is LicenceState.ISSUED
    assert deciding.recover(office, CLERK) == []
    assert accounts.check(office) == []


def test_nobody_ends_anothers_licence(office: Office) -> None:
    first = granted(office)
    change = application(
        terms={"kind": "single", "from": "2026-03-01", "to": "2026-12-31", "replaces": first.licence}
    )
    change["parties"][0]["name"] = "Somebody Else"
    case = ready(office, change)
    with pytest.raises(UsageProblem, match="held by"):
        deciding.propose(office, CLERK, case.id, grant())
    change["terms"]["replaces"] = "L-2020-0001"
    case = ready(office, change)
    with pytest.raises(NotOnLicence):
        deciding.propose(office, CLERK, case.id, grant())
    assert accounts.account(office, str(first.licence)).state is LicenceState.ISSUED
    assert [r.id for r in board.own_rows(office, APPLICANT.id)] == [
        "L-2026-0001",
        "L-2026-0002",
        "L-2026-0003",
    ]
    assert board.own_rows(office, CLERK.id) == []


def test_a_grant_that_stopped_before_the_licence_is_finished(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ready(office)
    deciding.propose(office, CLERK, case.id, grant())

    def broken(*args: Any) -> None:
        raise RuntimeError("power")

    with monkeypatch.context() as patched:
        patched.setattr(deciding.issuing, "issue", broken)
        with pytest.raises(RuntimeError):
            deciding.approve(office, SECOND, case.id)
    assert desk.get_case(office, case.id).licence is None
    assert deciding.recover(office, SECOND) == [case.id]
    assert desk.get_case(office, case.id).licence == case.id
    assert deciding.recover(office, SECOND) == []


def test_what_departments_are_asked_follows_the_case_and_can_be_made_again(office: Office) -> None:
    case = entered(office)
    desk.accept(office, CLERK, case.id)
    desk.ask_advice(office, CLERK, case.id)
    due = calendar().after(date(2026, 3, 2), 10).day.isoformat()
    assert lists.consultations(office, "technical", waiting=True) == [
        lists.Asked(case.id, "technical", 1, due)
    ]
    earlier = "".join(f"DROP TABLE {table};" for table in lists.TABLES)  # as a home of an earlier version is
    office.ledger.append([], lambda db, _: db.execute(earlier))
    assert len(lists.consultations(office, "technical", waiting=True)) == 1
    desk.advise(office, TECH, case.id, "technical", "for", "it fits")
    assert lists.consultations(office, "technical", waiting=True) == []
    assert [a.id for a in lists.consultations(office, "technical", waiting=False)] == [case.id]
    assert [a.id for a in lists.consultations(office, "dual-use", waiting=True)] == [case.id]
    office.ledger.append([], lambda db, _: db.execute("UPDATE case_advice SET waits = 1"))
    assert board.check(office) == [f"{case.id}: the board and the events differ"]
    board.put_right(office)
    assert board.check(office) == []


def test_the_board_can_be_made_again(office: Office) -> None:
    granted(office)
    entered(office)
    office.ledger.append([], lambda db, _: db.execute("UPDATE case_board SET state = 'draft'"))
    assert len(board.check(office)) == 2
    assert board.put_right(office) == 2
    assert board.check(office) == []


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE desk_events SET at = '2026-01-01T00:00:00.000000Z' WHERE kind = 'decided'",
        "UPDATE desk_events SET actor = (SELECT actor FROM desk_events WHERE kind = 'opened') WHERE kind = 'decided'",
        "UPDATE desk_events SET sealed = x'00' WHERE kind = 'advised'",
    ],
)
def test_what_somebody_alters_in_the_file_is_noticed(office: Office, forgery: str) -> None:
    granted(office)
    assert journal.check(office) == []
    office.ledger.append([], lambda db, _: db.execute("DROP TRIGGER desk_events_no_update"))
    office.ledger.append([], lambda db, _: db.execute(forgery))
    assert journal.check(office)


def test_the_table_of_states_is_closed() -> None:
    assert {s for (s, _), to in TRANSITIONS.items() for s in (s, *to)} == set(State)
    for state in State:
        for step in Step:
            if (state, step) not in TRANSITIONS:
                with pytest.raises(WrongState):
                    after(state, step)


# -- any order of steps ---------------------------------------------------------------------------


class AnyOrder(RuleBasedStateMachine):
    """People try steps in any order: what the model says is done is done, all else is refused and leaves nothing."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        clock = FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
        self.custody = Custody.create(Path(self.folder) / "h", org="O", org_code="O", clock=clock)
        self.office = self.custody.office
        self.name = entered(self.office).id
        self.state, self.proposed_by, self.had_part = State.SUBMITTED, "", set[str]()

    def attempt(self, step: Step, to: State, call: Any, *, fits: bool = True) -> None:
        before = desk.get_case(self.office, self.name).seq
        allowed = fits and to in TRANSITIONS.get((self.state, step), ())
        try:
            call()
        except SealtraceError:
            assert not allowed, f"{step} of {self.state} was refused"
            assert desk.get_case(self.office, self.name).seq == before
        else:
            assert allowed, f"{step} of {self.state} was done"
            self.state = to

    @rule()
    def accept(self) -> None:
        self.attempt(Step.ACCEPTED, State.REVIEW, lambda: desk.accept(self.office, CLERK, self.name))

    @rule()
    def ask(self) -> None:
        self.attempt(
            Step.QUESTIONED,
            State.QUESTIONED,
            lambda: desk.question(self.office, CLERK, self.name, "Why?", ["goods"]),
        )

    @rule()
    def answered(self) -> None:
        self.attempt(
            Step.ANSWERED, State.REVIEW, lambda: desk.answer(self.office, APPLICANT, self.name, "Because.")
        )

    @precondition(lambda self: self.state is State.REVIEW)
    @rule(who=sampled_from([CLERK, SECOND, THIRD]), grants=booleans())
    def propose(self, who: Any, grants: bool) -> None:
        case = desk.get_case(self.office, self.name)
        if not case.advice:
            for advice in desk.ask_advice(self.office, CLERK, self.name).advice:
                desk.advise(self.office, TECH, self.name, advice.department, "for", "fits")
        what = grant() if grants else refuse()
        fits = who.id not in self.had_part
        self.attempt(
            Step.PROPOSED,
            State.PROPOSED,
            lambda: deciding.propose(self.office, who, self.name, what),
            fits=fits,
        )
        if self.state is State.PROPOSED:
            self.proposed_by, self.outcome = who.id, State.GRANTED if grants else State.REFUSED

    @precondition(lambda self: self.state in (State.PROPOSED, State.REVIEW))
    @rule(who=sampled_from([APPLICANT, CLERK, SECOND, THIRD]))
    def approve(self, who: Any) -> None:
        fits = who.id not in {self.proposed_by, APPLICANT.id, *self.had_part}
        to = self.outcome if self.state is State.PROPOSED else State.GRANTED
        self.attempt(Step.DECIDED, to, lambda: deciding.approve(self.office, who, self.name), fits=fits)
        if self.state in (State.GRANTED, State.REFUSED):
            self.parts = {self.proposed_by, who.id}
            deciding.notify(self.office, CLERK, self.name, "letter")

    @precondition(lambda self: self.state in (State.GRANTED, State.REFUSED, State.APPEALED, State.UPHELD))
    @rule()
    def appeal(self) -> None:
        self.attempt(
            Step.APPEALED,
            State.APPEALED,
            lambda: deciding.appeal(self.office, APPLICANT, self.name, "unjust"),
        )

    @precondition(lambda self: self.state is State.APPEALED)
    @rule(who=sampled_from([CLERK, SECOND, THIRD]), upheld=booleans())
    def hear(self, who: Any, upheld: bool) -> None:
        outcome, to = ("uphold", State.UPHELD) if upheld else ("annul", State.REVIEW)
        fits = who.id not in self.parts | self.had_part
        self.attempt(
            Step.APPEAL_DECIDED,
            to,
            lambda: deciding.decide_appeal(self.office, who, self.name, outcome, "heard"),
            fits=fits,
        )
        if self.state is State.REVIEW:
            self.had_part |= self.parts
            self.proposed_by = ""

    @invariant()
    def the_events_say_the_same(self) -> None:
        case = fold(self.name, journal.read(self.office, "case", self.name))
        assert case.state is self.state
        assert board.check(self.office) == []
        done = case.decision
        assert done is None or done.proposed_by != done.approved_by
        assert (case.licence is not None) <= bool(case.decisions)

    def teardown(self) -> None:
        if hasattr(self, "custody"):
            self.custody.close()
            shutil.rmtree(self.folder)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=6, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_programs_and_strangers_do_nothing(office: Office) -> None:
    case = entered(office)
    with pytest.raises(HumanRequired):
        desk.accept(office, PROGRAM, case.id)
    with pytest.raises(DutiesNotSeparated):
        desk.accept(office, APPLICANT, case.id)
    with pytest.raises(CaseUnknown):
        desk.accept(office, CLERK, "L-2026-9999")
    with pytest.raises(MalformedCase):
        desk.open_case(office, APPLICANT, {"parties": "none"})
    assert HitOpen.exit_code == 30
