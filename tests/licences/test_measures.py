"""Measures against issued licences: at once or by two, the holder heard, taken once however often it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import apsw
import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import DutiesNotSeparated, HumanRequired, StepRefused, UsageProblem, WrongState
from sealtrace.licences import desk as licences
from sealtrace.licences import journal
from sealtrace.licences.measures import appeals
from sealtrace.licences.measures import desk as measures
from sealtrace.licences.measures.desk import Ground
from sealtrace.licences.measures.measure import measures as about
from sealtrace.licences.states import LicenceState, Step

from .desk_scene import APPLICANT, CLERK, PROGRAM, SECOND, THIRD, granted

LAW = "Regulations on Export Control of Dual-Use Items"
SOON = date(2026, 4, 1)


def because(reason: str) -> Ground:
    return Ground(reason, LAW)


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    at = FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    with Custody.create(memory / "h", org="O", org_code="O", clock=at) as custody:
        yield custody.office


@pytest.fixture
def licence(office: Office) -> str:
    """A licence that was granted to the applicant."""
    return str(granted(office).licence)


def state(office: Office, number: str) -> LicenceState:
    return licences.account(office, number).state


def test_one_person_suspends_and_two_reinstate(office: Office, licence: str) -> None:
    made = measures.suspend(office, CLERK, licence, because("a question about the end user"), SOON)
    assert (made.state, state(office, licence)) == ("taken", LicenceState.SUSPENDED)
    asked = measures.propose_measure(
        office, CLERK, licence, Step.REINSTATE, because("the question is answered")
    )
    with pytest.raises(DutiesNotSeparated):
        measures.approve_measure(office, CLERK, asked.name)
    assert state(office, licence) is LicenceState.SUSPENDED
    measures.approve_measure(office, SECOND, asked.name)
    assert state(office, licence) is LicenceState.REINSTATED


def test_a_revocation_hears_the_holder_and_lapses_what_is_left(office: Office, licence: str) -> None:
    asked = measures.propose_measure(office, CLERK, licence, Step.REVOKE, because("goods were passed on"))
    with pytest.raises(DutiesNotSeparated):
        measures.object_to(office, THIRD, asked.name, "not mine to say")
    measures.object_to(office, APPLICANT, asked.name, "one consignment, by mistake")
    with pytest.raises(StepRefused, match="objected"):
        measures.approve_measure(office, SECOND, asked.name)
    measures.approve_measure(office, SECOND, asked.name, "three consignments, by their papers")
    assert state(office, licence) is LicenceState.REVOKED
    assert licences.account(office, licence).lines[0].balance.available.element_mg == 0
    told = appeals.notice_of(office, asked.name)
    assert (told["measure"], told["objection"], told["answer"]) == (
        "revoke", "one consignment, by mistake", "three consignments, by their papers",
    )  # fmt: skip
    assert (told["basis"], told["appeal"]["until"], told["appeal"]["days"]) == (LAW, None, 60)
    assert journal.check(office) == []
    with pytest.raises(WrongState):
        measures.propose_measure(office, CLERK, licence, Step.REINSTATE, because("no way back"))


def test_the_database_itself_wants_two_people(office: Office, licence: str) -> None:
    asked = measures.propose_measure(office, CLERK, licence, Step.REVOKE, because("goods were passed on"))
    with pytest.raises(DutiesNotSeparated):
        journal.append(office, "measure", asked.name, 1, "licence:measure-taken", CLERK, {"answer": ""})


@pytest.mark.parametrize(
    "act",
    [lambda o, n: measures.suspend(o, APPLICANT, n, because("by myself"), SOON),
     lambda o, n: measures.propose_measure(o, APPLICANT, n, Step.REVOKE, because("by myself")),
     lambda o, n: measures.surrender(o, CLERK, n, "not mine")],
)  # fmt: skip
def test_holder_and_office_are_kept_apart(
    office: Office, licence: str, act: Callable[[Office, str], object]
) -> None:
    with pytest.raises(DutiesNotSeparated):
        act(office, licence)
    assert state(office, licence) is LicenceState.ISSUED


def test_only_the_holder_surrenders_and_one_measure_is_open_at_a_time(office: Office, licence: str) -> None:
    asked = measures.propose_measure(office, CLERK, licence, Step.REVOKE, because("goods were passed on"))
    with pytest.raises(StepRefused, match="open"):
        measures.propose_measure(office, SECOND, licence, Step.CANCEL, because("issued in error"))
    measures.drop_measure(office, CLERK, asked.name, "it was another licence")
    with pytest.raises(StepRefused, match="dropped"):
        measures.approve_measure(office, SECOND, asked.name)
    with pytest.raises(UsageProblem, match="two people"):
        measures.propose_measure(office, CLERK, licence, Step.SUSPEND, because("by two"))
    with pytest.raises(HumanRequired):
        measures.suspend(office, PROGRAM, licence, because("an alarm rang"), SOON)
    measures.surrender(office, APPLICANT, licence, "the order was cancelled")
    assert state(office, licence) is LicenceState.SURRENDERED
    assert [m.state for m in about(office, licence)] == ["dropped", "taken"]


def test_a_run_that_stopped_is_finished_once(
    office: Office, licence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_fails(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(licences, "step", power_fails)
        with pytest.raises(KeyboardInterrupt):
            measures.suspend(office, CLERK, licence, because("a question"), SOON)
    assert state(office, licence) is LicenceState.ISSUED
    assert measures.recover_measures(office) == [f"{licence}/1"]
    assert state(office, licence) is LicenceState.SUSPENDED
    assert measures.recover_measures(office) == []


def test_a_journal_of_an_earlier_version_is_widened(office: Office, licence: str) -> None:
    before = [e.entry for e in journal.read(office, "case", licence)]
    narrow = journal.SCHEMA.replace(", 'measure'", "").split("CREATE TRIGGER")[0]

    def as_it_was(db: apsw.Connection, _: object) -> None:
        db.execute("".join(f"DROP TRIGGER desk_events_{name};" for name in journal.TRIGGERS))
        db.execute("ALTER TABLE desk_events RENAME TO old")
        db.execute(narrow + "INSERT INTO desk_events SELECT * FROM old; DROP TABLE old;")
        for trigger in journal.SCHEMA.split("CREATE TRIGGER")[1:]:
            db.execute("CREATE TRIGGER" + trigger)

    office.ledger.append([], as_it_was)
    measures.suspend(office, CLERK, licence, because("a question"), SOON)
    assert [e.entry for e in journal.read(office, "case", licence)] == before
    assert journal.check(office) == []
