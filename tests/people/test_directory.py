"""The directory at rest and in use: sealed, purpose-bound, each look entered first and seen by the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from sealtrace.custody.service import Custody
from sealtrace.errors import (
    DutiesNotSeparated,
    FamilyDataRefused,
    HumanRequired,
    InputDamaged,
    ModuleDisabled,
    NotRegistered,
    ProfileUnlawful,
    PurposeMissing,
    StepRefused,
)
from sealtrace.people import access, acts, gates, grants, petitions, reports, service, store
from sealtrace.people.access import MAY_SEE, Purpose, Section
from sealtrace.people.duties import Actor, ActorKind, human
from sealtrace.people.gates import Module
from sealtrace.people.imports import Why, import_people
from sealtrace.people.model import PersonName, Source
from sealtrace.people.notices import notices
from sealtrace.people.petitions import Kind

from .scene import (
    AT,
    CHIEF,
    CLERK,
    COUNSEL,
    DECIDER,
    FIRST,
    KEEPER,
    OFFICER,
    OTHER,
    PROPOSER,
    SECOND,
    director,
    enrol,
)
from .scene import open_house as opened

ROBOT = Actor("matcher", ActorKind.PROGRAM)
ORCID = "0000-0002-1825-0097"


def test_it_is_off_until_it_was_assessed_and_an_appeal_officer_is_named(custody: Custody) -> None:
    office = custody.office
    assert not any(gates.state(office, AT).values())
    with pytest.raises(DutiesNotSeparated):
        gates.assess(office, Module.DIRECTORY, "dpia", CHIEF, CHIEF, AT + timedelta(days=9), AT)
    gates.assess(office, Module.DIRECTORY, "dpia", COUNSEL, CHIEF, AT + timedelta(days=9), AT)
    access.grant(office, CHIEF, KEEPER.id, Purpose.DIRECTORY, AT + timedelta(days=90), AT)
    with pytest.raises(ModuleDisabled):
        service.add(office, KEEPER, director(), AT)
    gates.appoint(office, OFFICER.id, CHIEF, AT + timedelta(days=90), AT)
    service.add(office, KEEPER, director(), AT + timedelta(days=9) - SECOND)
    with pytest.raises(ModuleDisabled):
        service.add(office, KEEPER, director(), AT + timedelta(days=9))
    with pytest.raises(apsw.ConstraintError, match="no impact assessment"):  # whoever writes
        office.ledger.append(
            [], lambda db, _: store.insert_person(office, db, "per-X", AT + timedelta(days=9), 0)
        )


def test_nothing_personal_stands_in_clear_and_the_log_names_nobody(custody: Custody, tmp_path: Path) -> None:
    office = custody.office
    opened(office)
    person, _ = enrol(office)
    everything = b"".join(p.read_bytes() for p in (tmp_path / "home").rglob("register.db*"))
    for text in ("陈国栋", "Tan Kok Tong", "Hetao", "solvent extraction", "Jiangxi", "op-208"):
        assert text.encode() not in everything
    statements = b"".join(office.ledger.entry(i).statement for i in range(office.ledger.size()))
    assert person.encode() not in statements
    assert acts.check(office) == []


def test_a_look_is_entered_first_and_the_person_sees_it(custody: Custody) -> None:
    office = custody.office
    opened(office)
    person, me = enrol(office)
    before = office.ledger.size()
    assert service.show(office, KEEPER, person, Purpose.DIRECTORY, "checking a title", AT).birth_year == 1974
    assert office.ledger.size() == before + 1
    [seen] = [s for s in service.who_looked(office, me, person, "own page", AT) if s.purpose != "own"]
    assert (seen.actor, seen.purpose, seen.reason, seen.sections) == (
        KEEPER.id, "directory", "checking a title", ("profile",),
    )  # fmt: skip
    with pytest.raises(PurposeMissing):
        service.who_looked(office, CLERK, person, "curious", AT)
    assert service.who_looked(office, KEEPER, person, "audit", AT)
    assert service.show_own(office, me, AT).id == person
    with pytest.raises(NotRegistered):
        service.show_own(office, KEEPER, AT)


@pytest.mark.parametrize(
    ("actor", "purpose", "reason"),
    [
        (CLERK, Purpose.DIRECTORY, "x"), (KEEPER, Purpose.DIRECTORY, " "), (KEEPER, Purpose.OWN, "x"),
        (KEEPER, Purpose.BREAK_GLASS, "x"), (CLERK, Purpose.COMPENSATION, "x"),
    ],
)  # fmt: skip
def test_without_purpose_nothing_is_shown_or_entered(
    custody: Custody, actor: Actor, purpose: Purpose, reason: str
) -> None:
    office = custody.office
    opened(office)
    person, _ = enrol(office)
    size = office.ledger.size()
    with pytest.raises(PurposeMissing):
        service.show(office, actor, person, purpose, reason, AT)
    assert office.ledger.size() == size
    with pytest.raises(HumanRequired):
        service.show(office, ROBOT, person, Purpose.DIRECTORY, "x", AT)
    with pytest.raises(PurposeMissing):  # a year later the grant is over, to the second
        service.show(office, KEEPER, person, Purpose.DIRECTORY, "x", AT.replace(year=2027))
    assert service.show(office, KEEPER, person, Purpose.DIRECTORY, "x", AT.replace(year=2027) - SECOND)


def test_purposes_are_granted_by_others_and_end(custody: Custody) -> None:
    office = custody.office
    opened(office)
    person, _ = enrol(office)
    with pytest.raises(DutiesNotSeparated):
        access.grant(office, KEEPER, KEEPER.id, Purpose.APPEAL, AT + SECOND, AT)
    with pytest.raises(PurposeMissing):
        access.grant(office, CHIEF, KEEPER.id, Purpose.OWN, AT + SECOND, AT)
    with pytest.raises(PurposeMissing):
        access.grant(office, CHIEF, KEEPER.id, Purpose.APPEAL, AT.replace(year=2028), AT)
    access.end_grants(office, CHIEF, KEEPER.id, AT + SECOND)
    with pytest.raises(PurposeMissing):
        service.show(office, KEEPER, person, Purpose.DIRECTORY, "x", AT + SECOND)


def test_breaking_the_glass(custody: Custody) -> None:
    office = custody.office
    opened(office)
    person, me = enrol(office)
    with pytest.raises(DutiesNotSeparated):
        access.break_glass(office, CLERK, [person], "fire", FIRST, FIRST, AT + SECOND, AT)
    with pytest.raises(DutiesNotSeparated):
        access.break_glass(office, CLERK, [person], "fire", FIRST, me, AT + SECOND, AT)
    with pytest.raises(PurposeMissing):
        access.break_glass(
            office, CLERK, [person], "fire", FIRST, OTHER, AT + timedelta(hours=4, seconds=1), AT
        )
    until = AT + timedelta(hours=4)
    glass = access.break_glass(office, CLERK, [person], "fire in the safe", FIRST, OTHER, until, AT)
    service.show(office, CLERK, person, Purpose.BREAK_GLASS, "address", until - SECOND)
    with pytest.raises(PurposeMissing):
        service.show(office, CLERK, person, Purpose.BREAK_GLASS, "address", until)
    with pytest.raises(PurposeMissing):
        service.show(office, DECIDER, person, Purpose.BREAK_GLASS, "address", AT)
    [told] = notices(office, person)
    assert told.says["reason"] == "fire in the safe"
    assert told.at == AT
    assert access.glass_to_review(office, AT + timedelta(days=7)) == [
        (glass, person, AT + timedelta(days=7), True)
    ]
    with pytest.raises(DutiesNotSeparated):
        access.review_glass(office, FIRST, glass, person, "fine", AT)
    access.review_glass(office, DECIDER, glass, person, "was needed", AT)
    assert access.glass_to_review(office, AT) == []


def test_own_changes_are_reviewed_and_answered(custody: Custody) -> None:
    office = custody.office
    opened(office)
    person, me = enrol(office)
    mine = service.show_own(office, me, AT)
    names = (*mine.names, PersonName("Chen Guodong", Source.SELF))
    with pytest.raises(ProfileUnlawful):
        service.propose_change(office, KEEPER, person, "names", names, AT)
    change = service.propose_change(office, me, person, "names", names, AT)
    assert [c.id for c in service.changes_waiting(office, KEEPER, AT)] == [change]
    with pytest.raises(ProfileUnlawful):
        service.review_change(office, KEEPER, change, AT, accept=False)
    service.review_change(office, KEEPER, change, AT, accept=True)
    assert store.profile(office, person).own_spellings == ("Tan Kok Tong", "Chen Guodong")
    with pytest.raises(StepRefused):
        service.review_change(office, PROPOSER, change, AT, accept=True)
    again = service.propose_change(office, KEEPER, person, "projects", ("other",), AT)
    with pytest.raises(DutiesNotSeparated):
        service.review_change(office, KEEPER, again, AT, accept=True)
    refused = service.propose_change(office, me, person, "orcid", ORCID, AT)
    service.review_change(office, KEEPER, refused, AT, accept=False, reasons="another's")
    assert notices(office, person)[0].says["reasons"] == "another's"
    assert [h.event for h in acts.chronicle(office, person)][:3] == [
        "person:entered", "person:change-proposed", "person:change-accepted",
    ]  # fmt: skip
    with pytest.raises(PurposeMissing):
        service.propose_change(office, CLERK, person, "projects", (), AT)


def test_what_was_granted_to_an_account_follows_its_person(custody: Custody) -> None:
    office = custody.office
    opened(office)
    two, four, ends = (human(f"op-40{n}") for n in (2, 4, 9))
    soon = AT + timedelta(days=9)
    access.grant(office, CHIEF, "op-401", Purpose.TRAVEL, soon, AT)
    access.grant(office, CHIEF, "op-401", Purpose.CASE, AT + SECOND, AT)
    access.grant(office, CHIEF, two.id, Purpose.SCREENING, soon, AT)
    access.grant(office, four, "op-401", Purpose.APPEAL, soon, AT)
    access.grant(office, human("op-401"), ends.id, Purpose.REPORT, soon, AT)
    later = AT + 2 * SECOND
    person, me = enrol(office, None, "op-401", at=later)
    assert grants.purposes_of(office, me, later) == [Purpose.TRAVEL, Purpose.APPEAL], "the case was over"
    held = [g for g in grants.held(office, later) if g.actor in (person, "op-401")]
    assert {(g.actor, g.granter, g.until_at) for g in held} == {
        (person, CHIEF.id, soon), (person, four.id, soon),
    }  # fmt: skip
    assert access.require_purpose(office, me, Purpose.TRAVEL, later).id == person
    with pytest.raises(PurposeMissing):
        access.require_purpose(office, me, Purpose.TRAVEL, soon)

    service.bind_account(office, KEEPER, person, two.id, later)
    assert Purpose.SCREENING in grants.purposes_of(office, me, later)
    assert list(acts.chronicle(office, person))[-1].fields == {"account": two.id, "purposes": "screening"}
    service.bind_account(office, KEEPER, person, four.id, later + SECOND)
    assert grants.purposes_of(office, me, later + SECOND) == [Purpose.TRAVEL, Purpose.SCREENING], (
        "own grants end"
    )
    service.bind_account(office, KEEPER, person, ends.id, later + SECOND)
    assert Purpose.REPORT not in grants.purposes_of(office, me, later + SECOND), "granted by oneself"
    access.end_grants(office, CHIEF, two.id, later + 2 * SECOND)
    assert grants.purposes_of(office, me, later + 2 * SECOND) == []


def test_an_own_account_is_the_person(custody: Custody) -> None:
    office = custody.office
    opened(office)
    person, _ = enrol(office)
    service.bind_account(office, KEEPER, person, "op-209", AT)
    assert store.accounts(office, person) == ["op-208", "op-209"]
    assert acts.identity(office, human("op-209")).id == person
    with pytest.raises(ProfileUnlawful):
        service.bind_account(office, KEEPER, person, "op-209", AT)
    with pytest.raises(ProfileUnlawful):
        service.add(office, KEEPER, replace(director(), orcid=ORCID), AT)


def test_petitions_are_answered_by_others(custody: Custody) -> None:
    office = custody.office
    opened(office)
    person, me = enrol(office)
    name = petitions.make(office, me, Kind.APPEAL, "travel:t-1", "not fair", AT, decided_by=DECIDER.id)
    with pytest.raises(StepRefused):
        petitions.make(office, me, Kind.APPEAL, "travel:t-1", "again", AT)
    petitions.add_to(office, me, name, "and a reason", AT)
    assert petitions.open_about(office, person, "travel:t-1")[0].text == "not fair\n\nand a reason"
    assert [p.id for p in petitions.waiting(office, OFFICER, AT)] == [name]
    with pytest.raises(PurposeMissing):
        petitions.answer(office, KEEPER, name, "no", AT, granted=False)
    access.grant(office, CHIEF, DECIDER.id, Purpose.APPEAL, AT + timedelta(days=9), AT)
    with pytest.raises(DutiesNotSeparated):
        petitions.answer(office, DECIDER, name, "no", AT, granted=False)
    with pytest.raises(StepRefused):
        petitions.withdraw(office, KEEPER, name, AT)
    petitions.answer(office, OFFICER, name, "no danger was shown", AT, granted=True)
    assert petitions.petition(office, name).answer == "no danger was shown"
    assert not petitions.open_about(office, person, "travel:t-1")
    with pytest.raises(StepRefused):
        petitions.answer(office, OFFICER, name, "again", AT, granted=False)
    other = petitions.make(office, me, Kind.CORRECTION, "profile:names", "a typing error", AT)
    petitions.withdraw(office, me, other, AT)
    assert not petitions.petition(office, other).open


def test_an_authority_is_told_named_fields_of_named_people(custody: Custody) -> None:
    office = custody.office
    opened(office)
    person, me = enrol(office)
    ask = {
        "receiver": "Bureau",
        "purpose": "licence 7",
        "clause": "art. 9",
        "keep_until": AT + timedelta(days=30),
    }
    with pytest.raises(DutiesNotSeparated):
        reports.submit(office, KEEPER, KEEPER, [person], ["names"], now=AT, **ask)  # type: ignore[arg-type]
    with pytest.raises(DutiesNotSeparated):
        reports.submit(office, KEEPER, me, [person], ["names"], now=AT, **ask)  # type: ignore[arg-type]
    for people, fields, extra in (
        ([person], ["birth_year"], {}), ([], ["names"], {}), ([person], [], {}),
        ([person], ["names"], {"abroad": True}), (["per-0"] * 1 + [person] * 0, ["birth_year"], {"abroad": True}),
    ):  # fmt: skip
        with pytest.raises(PurposeMissing):
            reports.submit(office, KEEPER, CHIEF, people, fields, now=AT, **ask, **extra)  # type: ignore[arg-type]
    told = reports.submit(office, KEEPER, CHIEF, [person], ["specialities"], now=AT, **ask)  # type: ignore[arg-type]
    assert told.people == ({"person": person, "specialities": ["solvent extraction"]},)
    assert "1974" not in told.as_json()
    [seen] = reports.disclosures(office, person)
    assert (seen.receiver, seen.fields, seen.abroad) == ("Bureau", ("specialities",), False)


def test_import_tells_each_bad_row(custody: Custody, tmp_path: Path) -> None:
    office = custody.office
    opened(office)
    path = tmp_path / "people.csv"
    path.write_text(
        "name,spelling,birth_year,employer,role,from,until,account\n"
        "张伟|張偉,Zhang Wei,1980,甲厂|乙厂,engineer,2010-01-01|2015-05-01,2015-05-01,op-301\n"
        ",Nobody,1980,,,,,op-302\n"
        "李娜,,19x0,,,,,op-303\n"
        "王芳,,,丙厂,,,,op-304\n"
        "赵敏,,1990,,,,,op-301\n"
        "周杰,,,丁厂,,May,,\n孙丽,,,丁厂,,2020-05-01,2020-05-01,\n",
        "utf-8",
    )
    tried = import_people(office, KEEPER, path, AT, dry_run=True)
    assert service.count(office) == 0
    done = import_people(office, KEEPER, path, AT)
    assert [e.row for e in done.errors] == [e.row for e in tried.errors] == [2, 3, 4, 5, 6, 7]
    assert [(e.why, e.cell) for e in done.errors] == [
        (Why.NAME, ""), (Why.YEAR, "19x0"), (Why.START, ""), (Why.ACCOUNT, "op-301"), (Why.DAY, "May"),
        (Why.ORDER, "2020-05-01"),
    ]  # fmt: skip
    assert [row for row, _ in done.entered] == [1]
    made = store.profile(office, done.entered[0][1])
    assert [n.source for n in made.names] == [Source.EMPLOYER, Source.EMPLOYER, Source.PASSPORT]
    assert made.employments[0].ends_on is not None
    assert [p.id for p in service.find(office, KEEPER, "zhang", "enquiry", AT)] == [made.id]
    assert len(access.looks(office, made.id)) == 1, "being found is being looked at"
    with pytest.raises(ProfileUnlawful):
        service.find(office, KEEPER, " ", "everybody", AT)
    (tmp_path / "kin.csv").write_text("name,spouse\n张伟,x\n李娜,y\n", "utf-8")
    with pytest.raises(FamilyDataRefused):
        import_people(office, KEEPER, tmp_path / "kin.csv", AT)
    (tmp_path / "odd.csv").write_text("name,religion\n张伟,x\n李娜,y\n", "utf-8")
    with pytest.raises(InputDamaged):
        import_people(office, KEEPER, tmp_path / "odd.csv", AT)


def test_import_reads_workbooks(custody: Custody, tmp_path: Path) -> None:
    from openpyxl import Workbook

    opened(custody.office)
    book = Workbook()
    for row in (["name", "speciality"], ["张伟", "solvent extraction"], ["李娜", "magnets"]):
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")
    assert len(import_people(custody.office, KEEPER, tmp_path / "people.xlsx", AT).entered) == 2


def test_rows_stay(custody: Custody) -> None:
    office = custody.office
    opened(office)
    enrol(office)
    tables = ("persons", "profiles", "person_acts", "person_accounts", "accesses", "impact_assessments")
    access.look(office, KEEPER, enrol(office, None, "op-2")[0], Purpose.DIRECTORY, {Section.PROFILE}, "x", AT)
    for table in tables:
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):
            if table == "impact_assessments" and statement.startswith("DELETE"):
                continue
            if "rowid" in statement and table in ("persons", "person_accounts"):
                continue
            with pytest.raises(apsw.ConstraintError):
                office.ledger.append([], lambda db, _, s=statement: db.execute(s))
    assert MAY_SEE[Purpose.COMPENSATION] == {Section.RESTRICTIONS}
