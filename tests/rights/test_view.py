"""A file shows the sections of the stated purpose and no others, and the look is on record first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import PurposeMissing
from sealtrace.people import access
from sealtrace.people.access import MAY_SEE, Purpose, Section
from sealtrace.rights import view
from tests.people.scene import AT, CHIEF, KEEPER, enrol, open_house

HOLDS = {
    Section.PROFILE: "profile", Section.POSTS: "designations", Section.HOLDINGS: "holding",
    Section.RESTRICTIONS: "restrictions", Section.TRAVEL: "journeys", Section.DOCUMENTS: "documents",
    Section.CANDIDATES: "candidates", Section.PETITIONS: "petitions", Section.ACCESSES: "looks",
}  # fmt: skip


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as made:
        open_house(made.office)
        for purpose in Purpose:
            if purpose not in (Purpose.OWN, Purpose.BREAK_GLASS):
                access.grant(made.office, CHIEF, "op-099", purpose, AT.replace(month=9), AT)
        yield made.office


def test_each_purpose_opens_its_sections(office: Office) -> None:
    person, me = enrol(office)
    clerk = KEEPER.__class__("op-099", KEEPER.kind)
    for purpose in Purpose:
        if purpose is Purpose.BREAK_GLASS:
            continue
        who = me if purpose is Purpose.OWN else clerk
        seen = view.open_file(office, who, person, purpose, f"for {purpose}", AT)
        shown = {section for section, name in HOLDS.items() if getattr(seen, name) is not None}
        assert shown == MAY_SEE[purpose]
        assert set(seen.beyond) == set(Section) - shown
        [look, *_] = access.looks(office, person)
        assert (look.entry, look.reason, set(look.sections)) == (seen.entry, f"for {purpose}", set(shown))


def test_nothing_is_read_without_a_purpose_and_a_reason(office: Office) -> None:
    person, _ = enrol(office)
    for purpose, reason in ((Purpose.DIRECTORY, " "), (Purpose.OWN, "curious"), (Purpose.BREAK_GLASS, "now")):
        with pytest.raises(PurposeMissing):
            view.open_file(office, KEEPER.__class__("op-099", KEEPER.kind), person, purpose, reason, AT)
    assert access.looks(office, person) == []
