"""The directory: own spellings, review of changes, and disclosures of named fields only."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import DutiesNotSeparated, HumanRequired, ProfileUnlawful, PurposeMissing, StepRefused
from sealtrace.people.columns import RELATIVES
from sealtrace.people.duties import Actor, ActorKind
from sealtrace.people.model import Employment, Person, PersonName, Source, orcid_holds
from sealtrace.people.rules import EDITABLE, TELLABLE, ChangeState, Request, decide, propose, tell
from sealtrace.watch.names import compare, compare_known

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
TSIEN = Person("p-1", (PersonName("钱学森", Source.PASSPORT),), specialities=("jets",), birth_year=1911)
ORCID = "0000-0002-1825-0097"  # the example in ORCID's own documentation


def human(name: str) -> Actor:
    return Actor(name, ActorKind.HUMAN)


def test_an_own_spelling_beats_the_model() -> None:
    own = PersonName("Tsien Hsue-Shen", Source.SELF)
    known = TSIEN.with_name(own).with_name(own)
    assert len(known.names) == 2
    for text in ("Hsue-shen TSIEN", "Tsien, Hsueshen", "TSIEN HSUE-SHEN"):
        assert compare_known("钱学森", known.own_spellings, text).reading == "own spelling"
    other = compare_known("钱学森", known.own_spellings, "Qian Xuesen")
    assert other == compare("钱学森", "Qian Xuesen")
    assert compare_known("钱学森", (), "Terence Tao").score < 0.3


def test_a_publications_spelling_is_no_own_spelling() -> None:
    assert TSIEN.with_name(PersonName("H. S. Tsien", Source.PUBLICATION)).own_spellings == ("钱学森",)


def test_there_is_no_field_for_relatives_or_traits() -> None:
    names = {f.name for f in fields(Person)}
    assert names == {"id", *EDITABLE}
    assert not any(RELATIVES.search(name) for name in names)
    assert "birth_year" not in TELLABLE


@pytest.mark.parametrize("text", ["", " ", " x", "x "])
def test_a_name_is_something(text: str) -> None:
    with pytest.raises(ProfileUnlawful):
        PersonName(text, Source.SELF)


def test_an_employment_lasts_until_its_end() -> None:
    work = Employment("Hetao Alloy", "engineer", date(2020, 1, 1), date(2024, 1, 1))
    assert work.holds(date(2020, 1, 1))
    assert work.holds(date(2023, 12, 31))
    assert not work.holds(date(2024, 1, 1))
    with pytest.raises(ProfileUnlawful):
        replace(work, ends_on=date(2020, 1, 1))
    with pytest.raises(ProfileUnlawful):
        replace(work, employer=" ")


@given(st.integers(0, 15), st.integers(1, 9))
def test_the_check_character_finds_every_changed_digit(place: int, step: int) -> None:
    assert orcid_holds(ORCID)
    digits = list(ORCID.replace("-", ""))
    digits[place] = str((int(digits[place]) + step) % 10)
    changed = "".join(digits)
    assert not orcid_holds("-".join(changed[i : i + 4] for i in range(0, 16, 4)))


def test_changes_are_reviewed_by_somebody_else() -> None:
    change = propose(TSIEN, replace(TSIEN, orcid=ORCID), human("p-1"))
    assert change.field == "orcid"
    assert decide(change, human("h-1"), accept=True).state is ChangeState.ACCEPTED
    with pytest.raises(DutiesNotSeparated):
        decide(change, human("p-1"), accept=True)
    with pytest.raises(ProfileUnlawful):
        decide(change, human("h-1"), accept=False)
    refused = decide(change, human("h-1"), accept=False, reasons="belongs to a namesake")
    with pytest.raises(StepRefused):
        decide(refused, human("h-1"), accept=True)


def test_own_identifiers_are_the_persons_alone() -> None:
    with pytest.raises(ProfileUnlawful):
        propose(TSIEN, replace(TSIEN, orcid=ORCID), human("h-1"))
    with pytest.raises(ProfileUnlawful):
        propose(TSIEN, TSIEN.with_name(PersonName("H. S. Tsien", Source.SELF)), human("h-1"))
    with pytest.raises(HumanRequired):
        propose(TSIEN, replace(TSIEN, specialities=()), Actor("bot", ActorKind.PROGRAM))
    for after in (TSIEN, replace(TSIEN, specialities=(), birth_year=None), replace(TSIEN, id="p-2")):
        with pytest.raises(ProfileUnlawful):
            propose(TSIEN, after, human("p-1"))


def test_only_named_fields_are_told() -> None:
    asked = Request(
        "p-1", "authority", frozenset({"specialities"}), "licence 7", "clause", AT + timedelta(days=9)
    )
    assert tell(TSIEN, asked, AT) == {"specialities": ("jets",)}
    for wrong in (
        replace(asked, person="p-2"), replace(asked, purpose=" "), replace(asked, clause=""),
        replace(asked, receiver=""),
        replace(asked, fields=frozenset({"birth_year"})), replace(asked, fields=frozenset()),
        replace(asked, keep_until=AT),
    ):  # fmt: skip
        with pytest.raises(PurposeMissing):
            tell(TSIEN, wrong, AT)
