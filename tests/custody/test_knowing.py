"""A file with a list opens, and goes out, to those who need to know; an office with purposes acts for those alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.clock import FixedClock
from sealtrace.custody import erasure, knowing, need
from sealtrace.custody.controls_rows import ControlRow
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import Denied, NotRegistered, UsageProblem
from sealtrace.ids import FileCode

WHO = Recipient("op-1", "dev-1", "10.0.0.1")


@pytest.fixture
def code(custody: Custody, page_png: Callable[..., Path]) -> FileCode:
    return custody.register([page_png(21, size=(620, 877))])[0].code


def test_a_list_lets_its_people_through_until_their_end(
    custody: Custody, code: FileCode, tmp_path: Path
) -> None:
    office, version = custody.office, custody.version(str(code))
    assert knowing.standing(office, version, "op-1") == (False, False)
    knowing.limit(office, code, by="sec")
    with pytest.raises(Denied):
        custody.issue(str(code), WHO, tmp_path / "a.png")
    until = office.clock.now() + timedelta(hours=1)
    knowing.give(office, code, "op-1", why="line 5", by="sec", until=until)
    knowing.give(office, code, "op-2", why="line 6", by="sec")
    assert knowing.standing(office, version, "op-1") == (True, True)
    custody.issue(str(code), WHO, tmp_path / "a.png")
    assert [(n.operator, n.why, n.holds) for n in knowing.listed(office, code)] == [
        ("op-1", "line 5", True), ("op-2", "line 6", True),
    ]  # fmt: skip
    assert isinstance(office.clock, FixedClock)
    office.clock.at = until
    assert knowing.standing(office, version, "op-1") == (True, False)
    knowing.end(office, code, "op-2", by="sec")
    assert [(n.operator, n.holds) for n in knowing.listed(office, code)] == [("op-1", False)]
    erasure.erase(office, "op-1", authority="a", basis="b")
    assert knowing.listed(office, code) == []
    knowing.limit(office, code, by="sec", limited=False)
    assert knowing.standing(office, version, "op-3") == (False, False)
    assert custody.check() == []


def test_a_need_has_a_reason_and_an_end_to_come(custody: Custody, code: FileCode) -> None:
    now, size = custody.office.clock.now(), custody.office.ledger.size()
    for why, until in ((" ", None), ("x" * 201, None), ("why", now), ("why", now.replace(tzinfo=None))):
        with pytest.raises(UsageProblem):
            knowing.give(custody.office, code, "op-1", why=why, by="sec", until=until)
    assert custody.office.ledger.size() == size


@given(st.lists(st.sampled_from(["give", "end", "past"]), max_size=6))
def test_the_newest_decision_about_a_person_counts(acts: list[str]) -> None:
    events = {"give": (need.GIVEN, None), "end": (need.ENDED, None), "past": (need.GIVEN, "2026")}
    rows = [
        ControlRow(n, events[act][0], 1, None, b"s", "", events[act][1], b"") for n, act in enumerate(acts)
    ]
    assert need.needs(rows, "2027") == (acts[-1:] == ["give"])


def test_an_office_that_lists_its_purposes_acts_for_those_alone(custody: Custody) -> None:
    office = custody.office
    knowing.require_purpose(office, "anything")
    knowing.add_purpose(office, "maintenance", by="sec")
    knowing.add_purpose(office, "audit", by="sec")
    with pytest.raises(UsageProblem):
        knowing.add_purpose(office, " audit ", by="sec")
    knowing.require_purpose(office, "maintenance: line 5")
    knowing.require_purpose(office, "audit")
    with pytest.raises(Denied):
        knowing.require_purpose(office, "curiosity")
    knowing.end_purpose(office, "audit", by="sec")
    assert knowing.purposes(office) == ["maintenance"]
    with pytest.raises(NotRegistered):
        knowing.end_purpose(office, "audit", by="sec")
