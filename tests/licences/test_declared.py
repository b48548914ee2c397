"""Declarations at the quantity ledger: reserved whole or blocked, never ranked; no overdraw under many writers."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import LicenceNotInForce, MalformedQuantity, NotOnLicence, StepRefused
from sealtrace.ledger.check import EVERYTHING
from sealtrace.licences import declared, desk, store
from sealtrace.licences.account import Amount
from sealtrace.licences.declared import Declared, State
from tests.conftest import AT

TERMS = desk.Terms("L-1", "single", date(2026, 1, 1), date(2026, 12, 31))


def grant(office: Office, mg: int, number: str = "L-1") -> None:
    terms = desk.Terms(number, "single", TERMS.valid_from, TERMS.valid_to)
    desk.add(office, terms, "1C905.b", "Dy", Amount(mg))


def asks(number: str, mg: int, licence: str = "L-1", element: str = "Dy", exporter: str = "E1") -> Declared:
    return Declared(number, exporter, licence, element, mg, mg)


def balance(office: Office, licence: str = "L-1") -> tuple[int, int, int]:
    [line] = store.lines(office.db, licence)
    b = line.balance
    return b.reserved.element_mg, b.drawn.element_mg, b.available.element_mg


def test_the_second_use_of_a_spent_licence_is_blocked_and_recorded(custody: Custody) -> None:
    office = custody.office
    grant(office, 1_000)
    first, second = declared.lodge_many(office, [asks("D1", 700), asks("D2", 301)])
    assert (first.state, second.state, second.code) == (State.RESERVED, State.BLOCKED, "quantity-exceeded")
    assert balance(office) == (700, 0, 300)
    with pytest.raises(LicenceNotInForce, match="blocked"):
        declared.leave(office, "D2")
    assert [c.declaration for c in declared.blocked(office)] == ["D2"]
    assert office.ledger.entry(second.entry).statement
    assert declared.lodge(office, asks("D2", 301)).replayed, "the same declaration again gets the same answer"
    assert office.ledger.size() == second.entry + 1
    assert custody.check(EVERYTHING) == []


def test_what_was_reserved_is_drawn_once_or_given_back_once(custody: Custody) -> None:
    office = custody.office
    grant(office, 1_000)
    declared.lodge_many(office, [asks("D1", 400), asks("D2", 500)])
    one = declared.leave(office, "D1")
    assert declared.leave(office, "D1").entry == one.entry
    with pytest.raises(StepRefused):
        declared.withdraw(office, "D1")
    declared.withdraw(office, "D2")
    with pytest.raises(StepRefused):
        declared.leave(office, "D2")
    assert balance(office) == (0, 400, 600)
    with pytest.raises(NotOnLicence, match="not lodged"):
        declared.leave(office, "D3")
    assert desk.check(office) == []


def test_a_correction_replaces_what_the_last_version_held(custody: Custody) -> None:
    office = custody.office
    grant(office, 1_000)
    grant(office, 50, "L-2")
    declared.lodge(office, asks("D1", 900))
    assert declared.lodge(office, asks("D1", 1_000)).state is State.RESERVED, (
        "its own quantity is not in its way"
    )
    assert balance(office) == (1_000, 0, 0)
    worse = declared.lodge(office, asks("D1", 1_001))
    assert (worse.version, worse.state) == (3, State.BLOCKED)
    assert balance(office) == (0, 0, 1_000), "a blocked correction holds nothing"
    assert declared.lodge(office, asks("D1", 30, "L-2")).state is State.RESERVED
    declared.leave(office, "D1")
    late = declared.lodge(office, asks("D1", 20, "L-2"))
    assert (late.state, late.code) == (State.BLOCKED, "step-refused")
    assert declared.lodge(office, asks("D1", 21, "L-2")).state is State.BLOCKED, "and stays so"
    assert balance(office, "L-2") == (0, 30, 20)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"licence": "L-9"}, "not-on-licence"),
        ({"element": "Tb"}, "not-on-licence"),
    ],
)
def test_what_the_licence_does_not_cover_is_blocked(
    custody: Custody, wrong: dict[str, object], code: str
) -> None:
    grant(custody.office, 1_000)
    made = declared.lodge(custody.office, asks("D1", **({"mg": 10} | wrong)))  # type: ignore[arg-type]
    assert made.state is State.BLOCKED
    assert made.code == code
    with pytest.raises(MalformedQuantity):
        asks("D1", 0)


def test_a_row_is_read_as_its_oxide_and_never_charged_too_little() -> None:
    row = {"decl_id": "D1", "exporter": "E1", "licence": "L-1", "decl_element": "Dy", "net_kg": 1.0}
    one = Declared.read(row)
    assert one.gross_mg == 1_000_000
    assert one.element_mg == 871_321  # 2 x 162.500 over 2 x 162.500 + 3 x 15.999, rounded up
    assert Declared.read(row | {"net_kg": 1.0000001}).gross_mg == 1_000_001


def test_a_reservation_whose_answer_was_lost_in_a_crash_is_found_again(
    custody: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = custody.office
    grant(office, 1_000)
    declared.lodge(office, asks("D1", 100))
    for lodged in (asks("D2", 600), asks("D1", 300)):
        with monkeypatch.context() as crash:
            crash.setattr(declared, "_write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                declared.lodge(office, lodged)
        assert declared.lodge(office, lodged).state is State.RESERVED
    assert balance(office) == (900, 0, 100)
    assert desk.check(office) == []


@pytest.fixture(scope="module")
def shared() -> Iterator[Custody]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Custody.create(Path(folder) / "home", org="O", org_code="O", clock=FixedClock(AT)) as made,
    ):
        yield made


steps = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(1, 60), st.sampled_from(["lodge", "leave", "withdraw"])),
    max_size=14,
)


@settings(max_examples=12, deadline=None)
@given(steps)
def test_reserved_and_drawn_never_exceed_the_grant(shared: Custody, work: list[tuple[str, int, str]]) -> None:
    office = shared.office
    number = f"L-{office.ledger.size()}"
    grant(office, 100, number)
    held: dict[str, int] = {}
    gone: dict[str, int] = {}
    for who, mg, what in work:
        name = f"{number}{who}"
        if what == "lodge":
            control = declared.lodge(office, asks(name, mg, number))
            if name in gone:
                assert control.state is State.BLOCKED or control.replayed
                continue
            room = 100 - sum(held.values()) - sum(gone.values()) + held.get(name, 0)
            if control.replayed:
                continue
            held.pop(name, None)
            assert (control.state is State.RESERVED) == (mg <= room)
            if control.state is State.RESERVED:
                held[name] = mg
        else:
            try:
                (declared.leave if what == "leave" else declared.withdraw)(office, name)
            except (StepRefused, NotOnLicence, LicenceNotInForce):
                continue
            if name in held:
                was = held.pop(name)
                gone[name] = was if what == "leave" else 0
    assert balance(office, number) == (
        sum(held.values()), sum(gone.values()), 100 - sum(held.values()) - sum(gone.values()),
    )  # fmt: skip


def test_eight_writers_never_overdraw_and_every_refusal_is_on_record(tmp_path: Path) -> None:
    """Eight processes lodge against one licence that covers a third of what they ask for."""
    home, each = tmp_path / "home", 12
    with Custody.create(home, org="O", org_code="O", clock=FixedClock(AT)) as custody:
        grant(custody.office, 8 * each * 10 // 3)
    children = [_writer(home, seed, each) for seed in range(8)]
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with Custody.open(home, clock=FixedClock(AT)) as custody:
        office = custody.office
        reserved, drawn, available = balance(office)
        assert available >= 0
        refused = declared.blocked(office)
        asked = {f"D{s}-{n}": mg for s in range(8) for n, mg in enumerate(_masses(s, each))}
        accepted = sum(mg for name, mg in asked.items() if name not in {c.declaration for c in refused})
        assert reserved + drawn == accepted, "whatever was not refused is at the ledger, and nothing else"
        assert refused
        assert all(c.code in ("quantity-exceeded",) for c in refused)
        assert desk.check(office) == []


def _masses(seed: int, each: int) -> list[int]:
    rnd = random.Random(seed)
    return [rnd.randint(1, 20) for _ in range(each)]


def _writer(home: Path, seed: int, each: int) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with Custody.open(home, clock=FixedClock(AT), self_test=False) as custody:
                for number, mg in enumerate(_masses(seed, each)):
                    control = declared.lodge(custody.office, asks(f"D{seed}-{number}", mg))
                    if control.state is State.RESERVED and number % 2:
                        declared.leave(custody.office, control.declaration)
            code = 0
        finally:
            os._exit(code)
    return child
