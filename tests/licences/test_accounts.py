"""Quantity accounts: conserved under any interleaving, idempotent, all or nothing, never over-issued."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import traceback
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    KeyReused,
    LicenceNotInForce,
    MalformedQuantity,
    NotOnLicence,
    QuantityExceeded,
    SealtraceError,
    StorageFailed,
    UsageProblem,
    WrongState,
)
from sealtrace.ledger.check import EVERYTHING
from sealtrace.licences import accounts, desk, store
from sealtrace.licences.account import Amount, Kind, Request, Want
from sealtrace.licences.states import CHINA, FINAL, TRANSITIONS, LicenceState, Step, after, day_of, state_on
from sealtrace.licences.turn import Receipt

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
TERMS = desk.Terms("L-1", "single", FIRST, LAST)


def grant(custody: Custody, mg: int, entry: str = "1C905.b", element: str = "Dy", **more: Any) -> None:
    desk.add(custody.office, TERMS, entry, element, Amount(mg, **more))


def draw(custody: Custody, mg: int, key: str, element: str = "Dy", **more: Any) -> Receipt:
    return accounts.post(custody.office, Request("L-1", Kind.DRAW, key, (Want(element, Amount(mg)),), **more))


def post(custody: Custody, kind: Kind, mg: int, key: str, ref: str | None = None) -> Receipt:
    return accounts.post(custody.office, Request("L-1", kind, key, (Want("Dy", Amount(mg)),), ref))


def balance(custody: Custody, element: str = "Dy") -> tuple[int, int, int, int]:
    [line] = [n for n in store.lines(custody.office.db, "L-1") if n.key.element == element]
    b = line.balance
    return b.granted.element_mg, b.reserved.element_mg, b.drawn.element_mg, b.available.element_mg


def test_exactly_what_is_left_can_be_drawn(custody: Custody) -> None:
    grant(custody, 1_000)
    for i in range(10):
        receipt = draw(custody, 100, f"k{i}")
    assert receipt.lines[0][2] == 0
    assert desk.account(custody.office, "L-1").state is LicenceState.EXHAUSTED
    with pytest.raises(QuantityExceeded):
        draw(custody, 1, "more")
    assert desk.check(custody.office) == []


def test_one_milligram_too_much_is_refused_and_leaves_nothing(custody: Custody) -> None:
    grant(custody, 1_000)
    size = custody.office.ledger.size()
    with pytest.raises(QuantityExceeded):
        draw(custody, 1_001, "k")
    assert custody.office.ledger.size() == size
    assert balance(custody) == (1_000, 0, 0, 1_000)
    assert draw(custody, 1_000, "k").replayed is False, "a refused key is free"


def test_the_same_request_is_made_once(custody: Custody) -> None:
    grant(custody, 1_000)
    grant(custody, 1_000)
    first, again = draw(custody, 100, "k"), draw(custody, 100, "k")
    assert (first.lines, first.entry, first.at) == (again.lines, again.entry, again.at)
    assert (first.replayed, again.replayed) == (False, True)
    draw(custody, 50, "other")
    assert draw(custody, 100, "k").lines == first.lines, "the receipt says what was left then"
    with pytest.raises(KeyReused):
        draw(custody, 101, "k")
    with pytest.raises(KeyReused):
        desk.add(custody.office, TERMS, "1C905.b", "Dy", Amount(2_000))
    desk.add(custody.office, TERMS, "1C905.b", "Dy", Amount(2_000), key="amendment 1")
    assert balance(custody) == (3_000, 0, 150, 2_850)


def test_a_shipment_of_two_elements_is_drawn_whole_or_not_at_all(custody: Custody) -> None:
    grant(custody, 1_000)
    grant(custody, 100, "1C904.b", "Tb")
    both = (Want("Dy", Amount(500)), Want("Tb", Amount(101)))
    with pytest.raises(QuantityExceeded):
        accounts.post(custody.office, Request("L-1", Kind.DRAW, "k", both))
    assert balance(custody)[2] == balance(custody, "Tb")[2] == 0
    both = (Want("Dy", Amount(500)), Want("Tb", Amount(100)))
    accounts.post(custody.office, Request("L-1", Kind.DRAW, "k", both))
    assert (balance(custody)[3], balance(custody, "Tb")[3]) == (500, 0)
    assert desk.account(custody.office, "L-1").state is LicenceState.ISSUED, "one line has something left"


def test_a_batch_is_judged_in_order_and_each_by_itself(custody: Custody) -> None:
    grant(custody, 250)
    wants = (Want("Dy", Amount(100)),)
    requests = [Request("L-1", Kind.DRAW, key, wants) for key in ("a", "b", "a", "c")]
    outcomes = accounts.post_many(custody.office, [*requests, Request("L-9", Kind.DRAW, "x", wants)])
    kinds = [type(o).__name__ if isinstance(o, SealtraceError) else o.replayed for o in outcomes]
    assert kinds == [False, False, True, "QuantityExceeded", "NotOnLicence"]
    assert balance(custody) == (250, 0, 200, 50)


def test_reservations_are_drawn_from_and_released(custody: Custody) -> None:
    grant(custody, 1_000)
    post(custody, Kind.RESERVE, 600, "r")
    with pytest.raises(QuantityExceeded):
        draw(custody, 401, "free")
    draw(custody, 250, "d", ref="r")
    with pytest.raises(QuantityExceeded):
        draw(custody, 351, "d2", ref="r")
    post(custody, Kind.RELEASE, 350, "back", "r")
    with pytest.raises(QuantityExceeded):
        post(custody, Kind.RELEASE, 1, "again", "r")
    assert balance(custody) == (1_000, 0, 250, 750)
    with pytest.raises(NotOnLicence):
        draw(custody, 1, "wrong", ref="d")
    assert desk.check(custody.office) == []


def test_corrections_are_further_postings(custody: Custody) -> None:
    grant(custody, 1_000)
    draw(custody, 1_000, "k")
    post(custody, Kind.CORRECT, -300, "c1", "k")
    assert desk.account(custody.office, "L-1").state is LicenceState.REINSTATED
    with pytest.raises(QuantityExceeded):
        post(custody, Kind.CORRECT, -701, "c2", "k")
    post(custody, Kind.CORRECT, 300, "c3", "k")
    with pytest.raises(QuantityExceeded):
        post(custody, Kind.CORRECT, 1, "c4", "k")
    assert balance(custody) == (1_000, 0, 1_000, 0)
    with pytest.raises(NotOnLicence):
        post(custody, Kind.CORRECT, -1, "c5", "nothing")


def test_gross_and_value_are_limited_only_when_granted(custody: Custody) -> None:
    grant(custody, 1_000, gross_mg=1_200)
    limits = Amount(100, gross_mg=1_201)
    with pytest.raises(QuantityExceeded):
        accounts.post(custody.office, Request("L-1", Kind.DRAW, "k", (Want("Dy", limits),)))
    fine = Amount(100, gross_mg=1_200, value_minor=10**9)
    accounts.post(custody.office, Request("L-1", Kind.DRAW, "k", (Want("Dy", fine),)))
    with pytest.raises(QuantityExceeded):
        accounts.post(custody.office, Request("L-1", Kind.DRAW, "k2", (Want("Dy", Amount(1, gross_mg=1)),)))


@pytest.mark.parametrize(
    ("today", "allowed"),
    [
        ("2025-12-31T15:59:59", False),
        ("2025-12-31T16:00:00", True),
        ("2026-12-31T15:59:59", True),
        ("2026-12-31T16:00:00", False),
    ],
)
def test_days_are_counted_in_china(tmp_path: Path, today: str, allowed: bool) -> None:
    clock = FixedClock(datetime(2026, 6, 1, tzinfo=UTC))
    with Custody.create(tmp_path / "h", org="T", org_code="T", clock=clock) as custody:
        grant(custody, 1_000)
        clock.at = datetime.fromisoformat(today).replace(tzinfo=UTC)
        if allowed:
            assert draw(custody, 1, "k").lines
        else:
            with pytest.raises(LicenceNotInForce):
                draw(custody, 1, "k")


def test_steps_of_a_licence(custody: Custody) -> None:
    grant(custody, 1_000)
    post(custody, Kind.RESERVE, 100, "r")
    desk.step(custody.office, "L-1", Step.SUSPEND, "a question is open")
    with pytest.raises(LicenceNotInForce):
        draw(custody, 1, "k")
    post(custody, Kind.RELEASE, 50, "b", "r")
    desk.step(custody.office, "L-1", Step.REINSTATE, "answered")
    draw(custody, 1, "k")
    with pytest.raises(WrongState):
        desk.step(custody.office, "L-1", Step.CANCEL, "drawn on already")
    with pytest.raises(UsageProblem):
        desk.step(custody.office, "L-1", Step.REVOKE, " ")
    made, entry = desk.step(custody.office, "L-1", Step.REVOKE, "conditions broken")
    assert made.state is LicenceState.REVOKED
    assert made.lines[0].balance.available.element_mg == 0
    assert made.lines[0].balance.lapsed.element_mg == 949
    assert custody.office.ledger.entry(entry.index).leaf == entry.leaf
    with pytest.raises(WrongState):
        desk.step(custody.office, "L-1", Step.REINSTATE, "no way back")
    whats = [row["what"] for row in desk.history(custody.office, "L-1")]
    assert whats == ["open", "grant", "reserve", "suspend", "release", "reinstate", "draw", "revoke", "lapse"]
    assert desk.check(custody.office) == []
    assert custody.check(EVERYTHING) == []


@pytest.mark.parametrize(("entry", "element"), [("1C905.b", "Tb"), ("1C999.z", "Dy"), ("1C905.b", "Xx")])
def test_a_line_is_an_entry_that_lists_the_element(custody: Custody, entry: str, element: str) -> None:
    with pytest.raises(UsageProblem):
        desk.add(custody.office, TERMS, entry, element, Amount(1))


def test_bad_requests_are_refused(custody: Custody) -> None:
    grant(custody, 1_000)
    want = (Want("Dy", Amount(1)),)
    for make in (
        lambda: Request("L-1", Kind.DRAW, "", want),
        lambda: Request("L-1", Kind.DRAW, "x" * 129, want),
        lambda: Request("L-1", Kind.DRAW, "a\nb", want),
        lambda: Request("L-1", Kind.DRAW, "k", ()),
        lambda: Request("L-1", Kind.DRAW, "k", want * 2),
        lambda: Request("L-1", Kind.RELEASE, "k", want),
        lambda: Request("L-1", Kind.GRANT, "k", want, "ref"),
        lambda: Request("L-1", Kind.DRAW, "k", (Want("Dy", Amount(-1)),)),
        lambda: Request("L-1", Kind.DRAW, "k", (Want("Dy", Amount(0)),)),
        lambda: Amount(1 << 62),
        lambda: desk.Terms("L", "single", LAST, FIRST),
        lambda: desk.Terms("L", "double", FIRST, LAST),
    ):
        with pytest.raises((UsageProblem, MalformedQuantity)):
            make()
    with pytest.raises(NotOnLicence):
        draw(custody, 1, "k", element="Tb")
    grant(custody, 5, "1C905.c")
    with pytest.raises(UsageProblem):
        draw(custody, 1, "k")


def test_postings_can_only_be_added(custody: Custody) -> None:
    grant(custody, 1_000)
    draw(custody, 1, "k")
    writer = apsw.Connection(str(custody.office.home.database))
    for sql in (
        "UPDATE licence_postings SET element_mg = 0",
        "DELETE FROM licence_postings",
        "DELETE FROM licence_moves",
        "UPDATE licence_moves SET key = 'x'",
        "DELETE FROM licence_steps",
        "UPDATE licence_lines SET drawn_element = granted_element + 1",
        "UPDATE licence_lines SET drawn_element = -1",
    ):
        with pytest.raises(apsw.ConstraintError):
            writer.execute(sql)
    writer.execute("UPDATE licence_lines SET drawn_element = 2")
    writer.close()
    assert len(desk.check(custody.office)) == 1


@pytest.mark.parametrize("after_rows", [False, True])
def test_a_failed_write_moves_nothing(
    custody: Custody, monkeypatch: pytest.MonkeyPatch, after_rows: bool
) -> None:
    grant(custody, 1_000)
    real = store.insert_postings

    def broken(*args: Any) -> None:
        if after_rows:
            real(*args)
        raise StorageFailed("full")

    monkeypatch.setattr(store, "insert_postings", broken)
    size = custody.office.ledger.size()
    with pytest.raises(StorageFailed):
        draw(custody, 100, "k")
    monkeypatch.undo()
    assert (balance(custody), custody.office.ledger.size()) == ((1_000, 0, 0, 1_000), size)
    assert draw(custody, 100, "k").replayed is False


# -- states ---------------------------------------------------------------------------------------


def test_the_table_of_states_is_closed() -> None:
    for state in LicenceState:
        for step in Step:
            if (state, step) in TRANSITIONS:
                assert after(state, step) is TRANSITIONS[state, step]
            else:
                with pytest.raises(WrongState):
                    after(state, step)
    assert {step for state, step in TRANSITIONS if state in FINAL} == {
        Step.RESTORE
    }  # only an appeal leads out
    reached = {LicenceState.DRAFT} | set(TRANSITIONS.values())
    assert reached == set(LicenceState)


def test_a_licence_past_its_last_day_is_expired() -> None:
    assert state_on(LicenceState.ISSUED, LAST, LAST) is LicenceState.ISSUED
    assert state_on(LicenceState.ISSUED, LAST, LAST + timedelta(days=1)) is LicenceState.EXPIRED
    assert state_on(LicenceState.REVOKED, LAST, LAST + timedelta(days=1)) is LicenceState.REVOKED
    assert day_of(datetime(2026, 1, 1, 23, tzinfo=CHINA)) == date(2026, 1, 1)


# -- any interleaving -----------------------------------------------------------------------------


class AccountMachine(RuleBasedStateMachine):
    """Postings in any order against a plain model of what must be left."""

    held, drawn = Bundle("held"), Bundle("drawn")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        clock = FixedClock(datetime(2026, 6, 1, tzinfo=UTC))
        self.custody = Custody.create(Path(self.folder.name) / "h", org="T", org_code="T", clock=clock)
        self.granted = self.reserved = self.used = self.count = 0

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    @initialize(mg=st.integers(1, 500))
    def open(self, mg: int) -> None:
        grant(self.custody, mg)
        self.granted = mg

    def attempt(self, kind: Kind, mg: int, ref: str | None, fits: bool) -> str | None:
        key = self.key()
        left = self.granted - self.reserved - self.used
        ended = left == 0 and self.reserved == 0 and kind in (Kind.RESERVE, Kind.DRAW)
        try:
            first = post(self.custody, kind, mg, key, ref)
        except QuantityExceeded:
            assert not fits or ended
            return None
        assert fits
        assert post(self.custody, kind, mg, key, ref).lines == first.lines
        return key

    @rule(target=held, mg=st.integers(1, 200))
    def reserve(self, mg: int) -> tuple[str, list[int]]:
        key = self.attempt(Kind.RESERVE, mg, None, mg <= self.granted - self.reserved - self.used)
        self.reserved += mg if key else 0
        return key or "", [mg if key else 0]

    @rule(target=drawn, mg=st.integers(1, 200))
    def draw(self, mg: int) -> tuple[str, list[int]]:
        key = self.attempt(Kind.DRAW, mg, None, mg <= self.granted - self.reserved - self.used)
        self.used += mg if key else 0
        return key or "", [mg if key else 0]

    @rule(target=drawn, of=held, mg=st.integers(1, 200))
    def draw_held(self, of: tuple[str, list[int]], mg: int) -> tuple[str, list[int]]:
        if not of[0]:
            return "", [0]
        key = self.attempt(Kind.DRAW, mg, of[0], mg <= of[1][0])
        if key:
            of[1][0] -= mg
            self.reserved -= mg
            self.used += mg
        return key or "", [mg if key else 0]

    @rule(of=held, mg=st.integers(1, 200))
    def release(self, of: tuple[str, list[int]], mg: int) -> None:
        if of[0] and self.attempt(Kind.RELEASE, mg, of[0], mg <= of[1][0]):
            of[1][0] -= mg
            self.reserved -= mg

    @rule(of=consumes(drawn), mg=st.integers(-200, 200).filter(bool))
    def correct(self, of: tuple[str, list[int]], mg: int) -> None:
        fits = of[1][0] + mg >= 0 and mg <= self.granted - self.reserved - self.used
        if of[0] and self.attempt(Kind.CORRECT, mg, of[0], fits):
            self.used += mg

    @rule(mg=st.integers(1, 100))
    def grant_more(self, mg: int) -> None:
        desk.add(self.custody.office, TERMS, "1C905.b", "Dy", Amount(mg), key=self.key())
        self.granted += mg

    @invariant()
    def conserved(self) -> None:
        if self.count:
            left = self.granted - self.reserved - self.used
            assert balance(self.custody) == (self.granted, self.reserved, self.used, left)
            assert left >= 0

    def teardown(self) -> None:
        assert desk.check(self.custody.office) == []
        assert self.custody.check(EVERYTHING) == []
        self.custody.close()
        self.folder.cleanup()


TestAccountMachine = AccountMachine.TestCase
TestAccountMachine.settings = settings(
    max_examples=6, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)


# -- many writers, some killed --------------------------------------------------------------------

WRITERS, GRANTED, BATCHES, IN_BATCH = 8, 2_500, 8, 8


def write(home: Path, seed: int, report: int) -> None:
    """Draw in batches; after each, report what was acknowledged."""
    rnd = random.Random(seed)
    with Custody.open(home, clock=FixedClock(datetime(2026, 6, 1, tzinfo=UTC))) as custody:
        for batch in range(BATCHES):
            requests = [
                Request("L-1", Kind.DRAW, f"{seed}-{batch}-{i}", (Want("Dy", Amount(rnd.randint(1, 20))),))
                for i in range(IN_BATCH)
            ]
            outcomes = accounts.post_many(custody.office, [*requests, requests[0]])
            took = sum(o.lines[0][1].element_mg for o in outcomes[:-1] if isinstance(o, Receipt))
            os.write(report, f"{took}\n".encode())


def test_contending_writers_and_kills_never_over_issue(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Custody.create(
        home, org="T", org_code="T", clock=FixedClock(datetime(2026, 6, 1, tzinfo=UTC))
    ) as custody:
        grant(custody, GRANTED)
    read_end, write_end = os.pipe()
    children = []
    for seed in range(WRITERS):
        child = os.fork()
        if child == 0:
            code = 70
            try:
                os.close(read_end)
                write(home, seed, write_end)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        children.append(child)
    os.close(write_end)
    heard = bytearray(os.read(read_end, 65536))
    for child in children[:3]:
        os.kill(child, signal.SIGKILL)
    while chunk := os.read(read_end, 65536):
        heard += chunk
    os.close(read_end)
    codes = [os.waitpid(child, 0)[1] for child in children]
    acknowledged = sum(map(int, heard.split()))
    assert codes[3:] == [0] * (WRITERS - 3)
    with Custody.open(home, clock=FixedClock(datetime(2026, 6, 1, tzinfo=UTC))) as custody:
        granted, reserved, drawn, left = balance(custody)
        assert (granted, reserved) == (GRANTED, 0)
        assert acknowledged <= drawn <= GRANTED, "nothing acknowledged is lost, nothing over-issued"
        assert left == GRANTED - drawn
        assert left < 20, "the writers used it up: the test proves contention at the limit"
        assert desk.check(custody.office) == []
        assert custody.check(EVERYTHING) == []
