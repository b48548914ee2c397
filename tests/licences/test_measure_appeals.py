"""Appeals against measures: by the holder, in time, heard by somebody without a part; nothing granted twice by them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import DutiesNotSeparated, SealtraceError, StepRefused, UsageProblem
from sealtrace.licences import accounts, issuing, journal
from sealtrace.licences import desk as licences
from sealtrace.licences.account import Amount, Kind, Request, Want
from sealtrace.licences.desk import Terms
from sealtrace.licences.measures import appeals, desk
from sealtrace.licences.measures.desk import Ground
from sealtrace.licences.measures.effects import ENDS, held, settle
from sealtrace.licences.measures.measure import Measure, get_measure, measures
from sealtrace.licences.review import board, deciding
from sealtrace.licences.states import USABLE, LicenceState, Step
from sealtrace.licences.status import code_of
from sealtrace.people.duties import Actor, ActorKind

from .desk_scene import APPLICANT, CLERK, SECOND, TECH, THIRD, application, granted

BEGIN = datetime(2026, 3, 2, 2, tzinfo=UTC)
SOON = date(2026, 4, 1)
WHY = Ground("goods were passed on", "Regulations on Export Control of Dual-Use Items")
FOURTH, FIFTH, JUDGE = (Actor(name, ActorKind.HUMAN) for name in ("op-071", "op-072", "op-090"))


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    return FixedClock(BEGIN)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, clock: FixedClock) -> Iterator[Office]:
    with Custody.create(
        tmp_path_factory.mktemp("appeals") / "h", org="O", org_code="O", clock=clock
    ) as custody:
        yield custody.office


@pytest.fixture
def licence(office: Office, clock: FixedClock) -> str:
    """A licence of 100 kg of dysprosium, granted to the applicant by the clerk and the second."""
    clock.at = BEGIN
    return str(
        granted(office, application(end_use={"text": f"motors {next(_counted)}"}), departure="x").licence
    )


_counted = itertools.count(1)


def state(office: Office, number: str) -> LicenceState:
    return licences.account(office, number).state


def left(office: Office, number: str) -> int:
    return licences.account(office, number).lines[0].balance.available.element_mg


def revoked(office: Office, number: str) -> Measure:
    asked = desk.propose_measure(office, FOURTH, number, Step.REVOKE, WHY)
    return desk.approve_measure(office, FIFTH, asked.name)


def test_an_annulled_revocation_gives_licence_quantity_and_status_back(office: Office, licence: str) -> None:
    granted_mg = left(office, licence)
    made = revoked(office, licence)
    assert (state(office, licence), left(office, licence)) == (LicenceState.REVOKED, 0)
    appeals.notify_measure(office, FOURTH, made.name, "registered letter")
    told = appeals.notice_of(office, made.name)
    assert (told["appeal"]["until"], told["basis"], told["authority"]) == ("2026-05-01", WHY.basis, "O")
    appeals.appeal_measure(office, APPLICANT, made.name, "one consignment, by mistake")
    assert state(office, licence) is LicenceState.REVOKED  # an appeal alone stays nothing
    heard = appeals.decide_measure_appeal(
        office, JUDGE, made.name, "annul", "one consignment, it was reported"
    )
    assert (heard.standing, state(office, licence)) == ("annulled", LicenceState.REINSTATED)
    assert left(office, licence) == granted_mg
    row = licences.licence(office, licence)
    listed, _ = issuing.status_list(office)
    assert row.status_index is not None
    assert listed.exceptions.get(row.status_index, 0) == code_of(LicenceState.REINSTATED) == 0
    kinds = [str(r["what"]) for r in licences.history(office, licence)]
    assert kinds[-4:] == ["revoke", "lapse", "revive", "restore"]  # everything that was done stays on record
    assert licences.check(office) == journal.check(office) == board.check(office) == []
    with pytest.raises(DutiesNotSeparated, match="annulled"):
        desk.propose_measure(office, FOURTH, licence, Step.REVOKE, WHY)


@pytest.mark.parametrize(
    "who", [CLERK, SECOND, TECH, FOURTH, FIFTH, APPLICANT], ids=lambda actor: str(actor.id)
)
def test_nobody_with_a_part_hears_it(office: Office, shared: Measure, who: Actor) -> None:
    for act in (appeals.stay_measure, lambda o, a, n, t: appeals.decide_measure_appeal(o, a, n, "annul", t)):
        with pytest.raises(DutiesNotSeparated):
            act(office, who, shared.name, "by myself")


@pytest.mark.parametrize("who", [CLERK, SECOND, FOURTH, FIFTH, APPLICANT], ids=lambda actor: str(actor.id))
@pytest.mark.parametrize("event", ["licence:measure-stayed", "licence:measure-appeal-decided"])
def test_the_database_itself_keeps_them_out(office: Office, shared: Measure, who: Actor, event: str) -> None:
    body = {"outcome": "annul", "reasons": "by myself"}
    with pytest.raises(DutiesNotSeparated):
        journal.append(office, "measure", shared.name, get_measure(office, shared.name).seq, event, who, body)


def test_a_journal_of_an_earlier_version_learns_who_may_hear(office: Office, licence: str) -> None:
    before = (
        "DROP TRIGGER desk_events_two_people; CREATE TRIGGER desk_events_two_people BEFORE INSERT ON desk_events"
        " WHEN 0 BEGIN SELECT 1; END"
    )
    office.ledger.append([], lambda db, _: db.execute(before))
    made = appeals.appeal_measure(office, APPLICANT, revoked(office, licence).name, "it was reported")
    body = {"outcome": "annul", "reasons": "by myself"}
    with pytest.raises(DutiesNotSeparated):
        journal.append(office, "measure", made.name, made.seq, "licence:measure-appeal-decided", FIFTH, body)


@pytest.fixture(scope="module")
def shared(office: Office) -> Measure:
    """A revocation with an open appeal."""
    number = str(granted(office, application(end_use={"text": "shared"}), departure="x").licence)
    made = revoked(office, number)
    return appeals.appeal_measure(office, APPLICANT, made.name, "it was reported")


def test_a_stay_lets_it_rest_and_upholding_takes_it_again(office: Office, licence: str) -> None:
    made = desk.suspend(office, THIRD, licence, WHY, SOON)
    with pytest.raises(DutiesNotSeparated):
        appeals.appeal_measure(office, CLERK, made.name, "not mine")
    appeals.appeal_measure(office, APPLICANT, made.name, "no goods were passed on")
    with pytest.raises(StepRefused):
        appeals.appeal_measure(office, APPLICANT, made.name, "twice")
    with pytest.raises(UsageProblem, match="reasons"):
        appeals.stay_measure(office, JUDGE, made.name, " ")
    stayed = appeals.stay_measure(office, JUDGE, made.name, "the goods are awaited")
    assert (stayed.standing, state(office, licence)) == ("stayed", LicenceState.REINSTATED)
    appeals.decide_measure_appeal(office, JUDGE, made.name, "uphold", "they were passed on")
    assert state(office, licence) is LicenceState.SUSPENDED
    assert desk.recover_measures(office) == []


def test_a_revocation_is_varied_into_a_suspension_that_is_reviewed(
    office: Office, clock: FixedClock, licence: str
) -> None:
    made = revoked(office, licence)
    appeals.appeal_measure(office, APPLICANT, made.name, "too hard")
    with pytest.raises(UsageProblem, match="by which day"):
        appeals.decide_measure_appeal(office, JUDGE, made.name, "vary", "a month is enough")
    appeals.decide_measure_appeal(office, JUDGE, made.name, "vary", "a month is enough", SOON)
    assert (state(office, licence), left(office, licence) > 0) == (LicenceState.SUSPENDED, True)
    with pytest.raises(DutiesNotSeparated):
        desk.review_measure(office, FIFTH, made.name, "still open", SOON + timedelta(days=30))
    desk.review_measure(office, THIRD, made.name, "still open", SOON + timedelta(days=30))
    clock.at = datetime(2026, 5, 3, 2, tzinfo=UTC)
    assert made.name in [m.name for m in appeals.due_reviews(office, date(2026, 5, 3))]
    asked = desk.propose_measure(office, THIRD, licence, Step.REINSTATE, Ground("the month is over"))
    desk.approve_measure(office, FOURTH, asked.name)
    assert state(office, licence) is LicenceState.REINSTATED


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 6, 1)])
def test_a_suspension_has_a_day_of_review_and_a_legal_basis(office: Office, licence: str, day: date) -> None:
    with pytest.raises(UsageProblem, match="90 days"):
        desk.suspend(office, THIRD, licence, WHY, day)
    with pytest.raises(UsageProblem, match="legal basis"):
        desk.suspend(office, THIRD, licence, Ground("because"), SOON)


def test_appeals_end_and_are_overdue_by_the_same_terms(
    office: Office, clock: FixedClock, licence: str
) -> None:
    made = desk.suspend(office, THIRD, licence, WHY, SOON)
    appeals.notify_measure(office, THIRD, made.name, "on the holder's page")
    clock.at = datetime(2026, 5, 2, 2, tzinfo=UTC)
    with pytest.raises(StepRefused, match="2026-05-01"):
        appeals.appeal_measure(office, APPLICANT, made.name, "too late")
    clock.at = datetime(2026, 5, 1, 2, tzinfo=UTC)
    appeals.appeal_measure(office, APPLICANT, made.name, "on the last day")
    waiting = next(w for w in appeals.open_appeals(office) if w.subject == made.name)
    assert waiting.due == date(2026, 6, 30)
    before, after = (board.statistics(office, d).appeals for d in (waiting.due, date(2026, 7, 1)))
    assert after["overdue"] == before["overdue"] + 1
    assert board.compare(office, date(2026, 7, 1)).same


def test_a_licence_that_expired_meanwhile_does_not_come_back(
    office: Office, clock: FixedClock, licence: str
) -> None:
    made = revoked(office, licence)
    appeals.appeal_measure(office, APPLICANT, made.name, "it was reported")
    clock.at = datetime(2027, 1, 1, 2, tzinfo=UTC)
    appeals.decide_measure_appeal(office, JUDGE, made.name, "annul", "it was")
    assert (state(office, licence), left(office, licence)) == (LicenceState.EXPIRED, 0)


def test_what_was_replaced_meanwhile_is_not_granted_twice(office: Office, licence: str) -> None:
    made = revoked(office, licence)
    appeals.appeal_measure(office, APPLICANT, made.name, "it was reported")
    terms = {"kind": "single", "from": "2026-03-01", "to": "2026-12-31", "replaces": licence}
    again = granted(office, application(terms=terms, end_use={"text": "replacing"}), departure="x")
    appeals.decide_measure_appeal(office, JUDGE, made.name, "annul", "it was")
    assert (state(office, licence), state(office, str(again.licence))) == (
        LicenceState.REVOKED, LicenceState.ISSUED,
    )  # fmt: skip
    assert appeals.notice_of(office, made.name)["replaced_by"] == again.licence
    assert deciding.replaced_by(office, str(again.licence)) is None


@pytest.mark.parametrize("fails", ["post", "record"])
def test_an_annulment_that_stopped_half_way_is_finished(
    office: Office, licence: str, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    granted_mg, made = left(office, licence), revoked(office, licence)
    appeals.appeal_measure(office, APPLICANT, made.name, "it was reported")

    def power_fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(licences, fails, power_fails)
        with pytest.raises(KeyboardInterrupt):
            appeals.decide_measure_appeal(office, JUDGE, made.name, "annul", "it was")
    assert state(office, licence) is LicenceState.REVOKED
    assert desk.recover_measures(office) == [made.name]
    assert (state(office, licence), left(office, licence)) == (LicenceState.REINSTATED, granted_mg)
    assert desk.recover_measures(office) == []


# -- whatever the order ---------------------------------------------------------------------------

Act = Callable[[Office, str, str], object]
_keys = itertools.count(1)


def draw(office: Office, number: str, _: str) -> None:
    """Draw a third of the grant; only a licence in force may allow it."""
    before = state(office, number)
    third = licences.account(office, number).lines[0].balance.granted.element_mg // 3
    accounts.post(office, Request(number, Kind.DRAW, f"d{next(_keys)}", (Want("Dy", Amount(third)),)))
    assert before in USABLE, f"drawn from a licence that was {before}"


def of_two(what: Step) -> Act:
    def act(office: Office, number: str, _: str) -> None:
        asked = desk.propose_measure(office, FOURTH, number, what, WHY)
        try:
            desk.approve_measure(office, FIFTH, asked.name)
        except SealtraceError:
            desk.drop_measure(office, FIFTH, asked.name, "not possible")
            raise

    return act


def heard(outcome: str) -> Act:
    return lambda o, _, m: appeals.decide_measure_appeal(
        o, JUDGE, m, outcome, "heard", date(2026, 3, 20) if outcome == "vary" else None
    )


ACTS: dict[str, Act] = {
    "draw": draw,
    "suspend": lambda o, n, _: desk.suspend(o, THIRD, n, WHY, SOON),
    "reinstate": of_two(Step.REINSTATE), "revoke": of_two(Step.REVOKE), "cancel": of_two(Step.CANCEL),
    "surrender": lambda o, n, _: desk.surrender(o, APPLICANT, n, "given up"),
    "appeal": lambda o, _, m: appeals.appeal_measure(o, APPLICANT, m, "against it"),
    "stay": lambda o, _, m: appeals.stay_measure(o, JUDGE, m, "meanwhile"),
    "uphold": heard("uphold"), "annul": heard("annul"), "vary": heard("vary"),
}  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 3)), min_size=6, max_size=14)


@settings(max_examples=40)
@given(steps=STEPS)
def test_no_order_of_measures_and_appeals_over_issues(
    office: Office, clock: FixedClock, steps: list[tuple[str, int]]
) -> None:
    clock.at = BEGIN
    number, granted_mg = f"DU-{next(_counted)}", 3000
    terms = Terms(number, "single", date(2026, 1, 1), date(2026, 12, 31))
    licences.add(office, terms, "1C905.b", "Dy", Amount(granted_mg))
    for name, measure in steps:
        try:
            ACTS[name](office, number, f"{number}/{measure}")
        except SealtraceError:
            continue
        account = licences.account(office, number)
        balance, taken = account.lines[0].balance, [m for m in measures(office, number) if m.state == "taken"]
        parts = [a.element_mg for a in (balance.drawn, balance.lapsed, balance.available)]
        assert (sum(parts), min(parts) >= 0) == (granted_mg, True)
        if account.state in USABLE:
            assert (parts[1], held(taken)) == (0, None)
            assert not set(ENDS) & {m.effect for m in taken}
        assert settle(office, number) == []
    assert licences.check(office) == []
