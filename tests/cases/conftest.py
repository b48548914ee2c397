"""One joint case, worked by three departments, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sealtrace.cases import service
from sealtrace.cases.model import Actor, CaseKind, Department, SubjectKind
from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
LI, WANG = Actor("Li", Department.CUSTOMS), Actor("Wang", Department.CUSTOMS)
ZHAO = Actor("Zhao", Department.CUSTOMS)
MEI, CHEN, SUN = (
    Actor("Mei", Department.COMMERCE),
    Actor("Chen", Department.INDUSTRY),
    Actor("Sun", Department.POLICE),
)
OF = {Department.CUSTOMS: LI, Department.COMMERCE: MEI, Department.INDUSTRY: CHEN, Department.POLICE: SUN}


def later(office: Office, **more: float) -> None:
    clock = office.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(**more)


def opened(office: Office, title: str = "Powder declared as ceramic raw material") -> str:
    done = service.open_case(
        office, LI, CaseKind.SMUGGLING, title, basis="Customs Law, art. 6", key=f"open {title}"
    )
    return done.case


def collect(office: Office, number: str, by: Actor = LI, title: str = "Spectrum", **more: object) -> str:
    done = service.collect(
        office, by, number, title=title, kind="reading", where="Port 3", method="handheld XRF",
        authority="inspection order 7", acquired_at=AT, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return done.act.item


def referred(office: Office, number: str, to: Department, *items: str) -> str:
    """Refer items of customs and accept them there."""
    done = service.refer(
        office,
        LI,
        number,
        to,
        items,
        subject="A consignment",
        purpose="to look at it",
        basis="Customs Law, art. 7",
    )
    if to is Department.POLICE:
        service.approve_referral(office, WANG, number, done.act.item)
    service.answer_referral(office, OF[to], number, done.act.item, accept=True, reason="ours")
    return done.act.item


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One home for the tests of a module: each opens cases of its own."""
    folder: Path = tmp_path_factory.mktemp("cases") / "home"
    with Custody.create(folder, org="Joint Office", org_code="JO", clock=FixedClock(AT)) as made:
        yield made.office


@pytest.fixture
def number(office: Office, request: pytest.FixtureRequest) -> str:
    number = opened(office, f"Powder declared as ceramic raw material, {request.node.name}")
    service.name_subject(
        office, LI, number, SubjectKind.DECLARATION, "D-1", text="kaolin 600 kg", arm="targeted"
    )
    return number
