"""The gate: genuine, in force, the goods it is for, enough left; questions hold; replays give the same receipt."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    CaseUnknown,
    KeyReused,
    LicenceNotInForce,
    MalformedCase,
    NotOnLicence,
    QuantityExceeded,
    StepRefused,
    UsageProblem,
    WrongState,
)
from sealtrace.licences import desk as accounts
from sealtrace.licences import issuing, store
from sealtrace.licences.gate import desk as gate
from sealtrace.licences.gate import flows
from sealtrace.licences.gate.scanning import scan
from sealtrace.licences.gate.shipment import State, read_declaration
from sealtrace.licences.states import Step
from sealtrace.licences.workdays import shipped as calendar

from .desk_scene import CLERK, SECOND, granted
from .test_token import TEXT

DY = {
    "id": "g1",
    "name_zh": "氧化镝",
    "form": "oxide",
    "formula": "Dy2O3",
    "gross_kg": "10",
    "value_minor": 50,
}
ND = {"id": "g1", "form": "oxide", "formula": "Nd2O3", "gross_kg": "10"}


def declaration(number: str = "D-1", **change: Any) -> dict[str, Any]:
    return {
        "number": number, "exporter": "赣州某某稀土有限公司", "end_user": "PLANT C MAGNETS GmbH", "destination": "DE",
        "goods": [DY],
    } | change  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One home for all: 100 kg of dysprosium granted in case 1."""
    folder = tmp_path_factory.mktemp("gate")
    with Custody.create(
        folder / "h", org="O", org_code="O", clock=FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    ) as c:
        yield c.office, text_of(c.office)


def text_of(office: Office) -> str:
    case = granted(office)
    row = store.licence(office.db, str(case.licence))
    assert row is not None
    assert row.token is not None
    return row.token.decode("ascii")


def advance(office: Office, days: int) -> None:
    assert isinstance(office.clock, FixedClock)
    office.clock.at += timedelta(days=days)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exporter": "Somebody Else"}, "exporter-differs"),
        ({"end_user": "Plant D"}, "end-user-differs"),
        ({"destination": "JP"}, "destination-differs"),
        ({"goods": [DY | {"formula": "Tb4O7", "name_zh": "氧化铽"}]}, "not-on-licence"),
        ({"goods": [DY | {"form": "alloy powder of sorts"}]}, "class-open"),
        ({"goods": [DY | {"gross_kg": "200"}]}, "too-much"),
        ({"goods": [{"id": "g", "form": "oxide", "name_zh": "氧化镝", "gross_kg": "1"}]}, "quantity-open"),
    ],
)
def test_what_does_not_fit_is_named(desk: tuple[Office, str], change: dict[str, Any], code: str) -> None:
    office, text = desk
    found = scan(office, text, read_declaration(declaration(**change)))
    assert (found.state, [p.code for p in found.problems]) == (State.DOUBT, [code])
    assert all(p.as_dict()["zh"] and p.as_dict()["en"] for p in found.problems)


def test_fitting_goods_are_clear_and_others_free(desk: tuple[Office, str]) -> None:
    office, text = desk
    found = scan(office, text, read_declaration(declaration()))
    assert (found.state, found.here, found.lines[0].amount.element_mg) == (State.CLEAR, True, 8_713_207)
    assert scan(office, "", read_declaration(declaration(goods=[ND]))).state is State.FREE
    assert [p.code for p in scan(office, "", read_declaration(declaration())).problems] == ["no-licence"]
    assert [p.code for p in scan(office, TEXT, read_declaration(declaration())).problems] == ["not-genuine"]
    late = scan(office, text, read_declaration(declaration()), date(2027, 1, 1))
    assert [p.code for p in late.problems] == ["not-in-force", "not-in-force"]
    assert scan(office, text, read_declaration(declaration())).as_dict() == found.as_dict()


def test_endorsing_draws_once(desk: tuple[Office, str]) -> None:
    office, text = desk
    gate.present(office, CLERK, text, declaration("E-1"))
    assert gate.present(office, CLERK, text, declaration("E-1")).seq == 1
    with pytest.raises(KeyReused):
        gate.present(office, CLERK, text, declaration("E-1", destination="JP"))
    before = accounts.account(office, "L-2026-0001").lines[0].balance.drawn.element_mg
    first, again = (gate.endorse(office, CLERK, "E-1") for _ in range(2))
    assert first.receipt == again.receipt
    drawn = accounts.account(office, "L-2026-0001").lines[0].balance.drawn.element_mg - before
    assert first.receipt is not None
    assert drawn == first.receipt["lines"][0]["element_mg"] == 8_713_207
    with pytest.raises(WrongState):
        gate.question(office, CLERK, "E-1", "too late")


def test_reserving_holds_and_cancelling_gives_back(desk: tuple[Office, str]) -> None:
    office, text = desk
    for number in ("R-1", "R-2"):
        gate.present(office, CLERK, text, declaration(number))
        assert (
            gate.reserve(office, CLERK, number).state
            is gate.reserve(office, CLERK, number).state
            is State.RESERVED
        )
    balance = accounts.account(office, "L-2026-0001").lines[0].balance
    assert balance.reserved.element_mg == 2 * 8_713_207
    assert gate.endorse(office, CLERK, "R-1").state is State.ENDORSED
    assert gate.cancel(office, CLERK, "R-2", "the ship was full").state is State.CANCELLED
    after = accounts.account(office, "L-2026-0001").lines[0].balance
    assert (after.reserved.element_mg, after.drawn.element_mg) == (0, balance.drawn.element_mg + 8_713_207)
    assert accounts.check(office) == []


def test_a_question_holds_until_it_is_concluded(desk: tuple[Office, str]) -> None:
    office, text = desk
    unclear = declaration("Q-1", end_user="Plant D")
    assert gate.present(office, CLERK, text, unclear).state is State.DOUBT
    for step in (gate.endorse, gate.reserve):
        with pytest.raises(WrongState):
            step(office, CLERK, "Q-1")
    held = gate.question(office, CLERK, "Q-1", "Who uses the goods?")
    due = held.answer_due(calendar())
    assert due == calendar().after(date(2026, 3, 2), 7)
    with pytest.raises(StepRefused, match="may be answered"):
        gate.conclude(office, CLERK, "Q-1", "licence_needed", "no answer")
    with pytest.raises(UsageProblem):
        gate.file_answer(office, CLERK, "Q-1", {"poem": b"x"}, "")
    filed = gate.file_answer(
        office, CLERK, "Q-1", {"contract": b"c", "test_report": b"t"}, "renamed in February"
    )
    assert [p["kind"] for p in filed.papers] == ["contract", "test_report"]
    assert office.vault.read(bytes.fromhex(str(filed.papers[0]["id"]))) == b"c"
    with pytest.raises(WrongState):
        gate.endorse(office, CLERK, "Q-1")
    gate.conclude(office, CLERK, "Q-1", "expert", "the goods are to be identified")
    with pytest.raises(WrongState):
        gate.conclude(office, CLERK, "Q-1", "expert", "again")
    assert gate.conclude(office, CLERK, "Q-1", "covered", "same register number").state is State.CLEAR
    assert gate.endorse(office, CLERK, "Q-1").state is State.ENDORSED


def test_silence_ends_as_licence_needed(memory: Path) -> None:
    with Custody.create(
        memory / "h", org="O", org_code="O", clock=FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    ) as c:
        office, text = c.office, text_of(c.office)
        gate.present(office, CLERK, "", declaration("S-1"))
        gate.question(office, CLERK, "S-1", "Where is the licence?")
        advance(office, 9)
        with pytest.raises(StepRefused):
            gate.conclude(office, CLERK, "S-1", "licence_needed", "no answer")
        advance(office, 1)
        assert gate.conclude(office, CLERK, "S-1", "licence_needed", "no answer").state is State.REFUSED
        gate.present(office, CLERK, "", declaration("S-2"))
        gate.question(office, CLERK, "S-2", "Where is the licence?")
        gate.file_answer(office, CLERK, "S-2", {"explanation": b"soon"}, "")
        with pytest.raises(StepRefused, match="covers"):
            gate.conclude(office, CLERK, "S-2", "covered", "soon")
        assert gate.conclude(office, CLERK, "S-2", "no_licence_needed", "samples").state is State.FREE
        # what a licence's account no longer allows is not released, whatever a scan said before
        for number in ("L-1", "L-2"):
            gate.present(office, CLERK, text, declaration(number, goods=[DY | {"gross_kg": "70"}]))
        gate.endorse(office, CLERK, "L-1")
        with pytest.raises(QuantityExceeded):
            gate.endorse(office, CLERK, "L-2")
        accounts.step(office, "L-2026-0001", Step.SUSPEND, "a question")
        with pytest.raises(LicenceNotInForce):
            gate.endorse(office, CLERK, "L-2")
        assert all(gate.reproduce(office, s.number) for s in gate.shipments(office))
        assert [s.state for s in gate.shipments(office)][-2:] == [State.ENDORSED, State.CLEAR]
        assert gate.get_shipment(office, "L-2").seq == 1
        check_flows(office, memory)


def check_flows(office: Office, folder: Path) -> None:
    with pytest.raises(UsageProblem, match="not over"):
        flows.write(office, SECOND, "2026-03", folder / "f.csv")
    [month] = flows.months(office)
    assert (month.month, month.due, month.flows, month.overdue(date(2026, 4, 10))) == (
        "2026-03",
        date(2026, 4, 10),
        1,
        False,
    )
    assert month.overdue(date(2026, 4, 11))
    advance(office, 25)
    flows.write(office, SECOND, "2026-03", folder / "f.csv")
    [row] = csv.DictReader(io.StringIO((folder / "f.csv").read_text("utf-8-sig")))
    assert (row["declaration"], row["element"], row["destination"], row["kind"]) == (
        "L-1",
        "Dy",
        "DE",
        "draw",
    )
    assert (folder / "f.csv").read_bytes() == flows.file_of(office, "2026-03")
    [month] = flows.months(office)
    assert (month.current, month.overdue(date(2026, 5, 1))) == (True, False)
    assert flows.due_of("2026-12") == date(2027, 1, 10)
    with pytest.raises(UsageProblem):
        flows.file_of(office, "March")


def test_a_licence_of_another_office_is_read_but_not_drawn(desk: tuple[Office, str], memory: Path) -> None:
    office, text = desk
    keys = [issuing.signing_key(office).public_key()]
    with Custody.create(
        memory / "post", org="P", org_code="P", clock=FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    ) as c:
        assert gate.present(c.office, CLERK, text, declaration(), keys).state is State.CLEAR
        with pytest.raises(NotOnLicence):
            gate.endorse(c.office, CLERK, "D-1")


@pytest.mark.parametrize(
    "document", [1, {}, declaration(goods=[]), declaration(number=""), declaration(goods=[DY, DY])]
)
def test_unreadable_declarations_are_refused(document: object) -> None:
    with pytest.raises(MalformedCase):
        read_declaration(document)


def test_unknown_shipments(desk: tuple[Office, str]) -> None:
    with pytest.raises(CaseUnknown):
        gate.get_shipment(desk[0], "none")
