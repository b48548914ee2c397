"""Context: what fields say, what bands allow, and that relatives never come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.errors import FamilyDataRefused
from sealtrace.people.columns import refuse_relatives
from sealtrace.watch.persons import COLUMNS, Agreement, Band, coefficients, compare_persons
from sealtrace.watch.rarity import expected_others, share

WHO = {
    "left_name": "童龙政", "left_employer": "Hetao Alloy|河套合金", "left_speciality": "solvent extraction",
    "left_school": "Wuhan UT", "left_birth": "1964",
}  # fmt: skip


def row(**right: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | WHO | {f"right_{k}": v for k, v in right.items()}


def test_agreement_raises_and_disagreement_lowers() -> None:
    alone = compare_persons(row(name="Tong Longzheng")).score
    for field, same, other in (
        ("prev_employer", "河套合金", "闽西镝业"), ("speciality", "Solvent  Extraction", "geology"),
        ("school", "Wuhan UT", "Nanchang"), ("birth", "1964", "1990"),
    ):  # fmt: skip
        up = compare_persons(row(name="Tong Longzheng", **{field: same})).score
        down = compare_persons(row(name="Tong Longzheng", **{field: other})).score
        assert up > alone > down, field


def test_blank_is_unknown_and_says_nothing() -> None:
    found = compare_persons(row(name="Tong Longzheng"))
    assert set(found.agreement.values()) == {Agreement.UNKNOWN}
    assert found.known_fields == 0


@given(st.sampled_from(["童龙政", "Tong Longzheng", "TUNG Lung-cheng"]))
def test_a_name_alone_is_insufficient_however_well_it_fits(name: str) -> None:
    assert compare_persons(row(name=name)).band is Band.INSUFFICIENT


def test_one_field_or_initials_are_insufficient() -> None:
    assert compare_persons(row(name="童龙政", birth="1964")).band is Band.INSUFFICIENT
    full = {"prev_employer": "河套合金", "speciality": "solvent extraction", "birth": "1964"}
    assert compare_persons(row(name="Tong L. Z.", **full)).band is Band.INSUFFICIENT
    assert compare_persons(row(name="Tong Longzheng", **full)).band is Band.STRONG


@pytest.mark.parametrize(
    "column",
    ["family", "left_spouse", "Children", "mother_name", "家属",
     "配偶姓名", "right_relatives", "parent1", "父亲", "next_of_kin"],
)  # fmt: skip
def test_columns_about_relatives_are_refused(column: str) -> None:
    with pytest.raises(FamilyDataRefused):
        refuse_relatives([*COLUMNS, column])


def test_the_columns_themselves_pass() -> None:
    refuse_relatives([*COLUMNS, "id", "family_name", "left", "right", "note", "person", "reason"])


def test_the_model_has_no_say_about_anything_but_name_and_work() -> None:
    words = {k.split()[0] for k in coefficients()}
    assert words <= {"one", "name", "rarity", "initials", "same", "employer", "speciality", "school", "birth"}


def test_common_names_fit_more_people() -> None:
    assert share("Zhang Wei") > 20 * share("Tong Longzheng")
    assert share("张伟") < share("Zhang Wei") < share("Zhang W.")
    assert expected_others("Zhang Wei", 1_000_000) > 100
    assert share("no such name at all") <= 1e-6
