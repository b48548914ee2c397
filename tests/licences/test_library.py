"""Lists and rules of the home: drafts, two people, effects before release, alarms; files for outsiders."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from sealtrace.catalogue.lists import shipped
from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    CaseUnknown,
    DutiesNotSeparated,
    LicenceNeeded,
    LicenceNotInForce,
    MalformedList,
    StepRefused,
    UsageProblem,
)
from sealtrace.licences import desk as accounts
from sealtrace.licences import issuing, journal, library, service
from sealtrace.licences.preview import raise_alarms
from sealtrace.licences.review import deciding, desk, routing
from sealtrace.licences.states import Step

from .desk_scene import APPLICANT, CLERK, SECOND, THIRD, grant, granted, ready


@pytest.fixture
def custody(memory: Path) -> Any:
    with Custody.create(
        memory / "h", org="O", org_code="O", clock=FixedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    ) as c:
        yield c


@pytest.fixture
def office(custody: Custody) -> Office:
    return custody.office


def edited(change: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(shipped().document))
    change(document)
    return document


def suspend(document: dict[str, Any]) -> None:
    """Suspend No. 18 to the end of April."""
    events = document["instruments"][0]["events"]
    events.append({"event": "suspended", "date": "2026-03-02", "until": "2026-04-30", "by": "No. 1"})


def rename(document: dict[str, Any]) -> None:
    next(e for e in document["entries"] if e["code"] == "1C905.b")["code"] = "1C905.x"


def test_nothing_changes_before_a_second_person_releases(office: Office) -> None:
    case = ready(office)
    licensed = granted(office)
    assert library.controls(office) is shipped()
    library.draft(office, CLERK, "suspend 18", edited(suspend))
    assert library.controls(office) is shipped()
    [change] = library.changes(office, "suspend 18")
    assert change.place.startswith("instruments[MOFCOM-GACC-2025-18].events[suspended")
    effects = {(e.kind, e.name, e.what, e.before, e.after) for e in service.effects(office, "suspend 18")}
    assert effects == {
        ("case", case.id, "g1", "licence_required 1C905.b", "suspended 1C905.b"),
        ("licence", str(licensed.licence), "1C905.b Dy", "in_force", "suspended"),
    }
    library.draft(office, THIRD, "suspend 18", edited(suspend))  # a second editor
    for editor in (CLERK, THIRD):
        with pytest.raises(DutiesNotSeparated):
            library.release(office, editor, "suspend 18", "announced")
        with pytest.raises(DutiesNotSeparated):  # the database says so too
            journal.append(
                office,
                "document",
                "suspend 18",
                2,
                "licence:document-released",
                editor,
                {"reason": "", "digest": b""},
            )
    with pytest.raises(UsageProblem):
        library.release(office, SECOND, "suspend 18", " ")
    library.release(office, SECOND, "suspend 18", "announced")
    assert library.controls(office).digest == library.get_draft(office, "suspend 18").digest
    assert service.effects(office, "suspend 18") == []
    with pytest.raises(StepRefused):
        library.release(office, SECOND, "suspend 18", "again")
    with pytest.raises(apsw.ConstraintError):
        office.ledger.append([], lambda db, _: db.execute("DELETE FROM desk_documents"))
    # a case that was assessed before is made again by the list of then, a new assessment goes by the list of now
    assert desk.reproduce(office, case.id) == [(desk.reproduce(office, case.id)[0][0], True)]
    after = desk.evaluate(office, CLERK, case.id)
    assert after.assessment is not None
    assert after.assessment["goods"][0]["decision"] == "suspended"
    assert [same for _, same in desk.reproduce(office, case.id)] == [True, True]


def test_a_list_that_changed_is_assessed_again_before_anything_is_decided(office: Office) -> None:
    waiting, proposed = ready(office), ready(office)
    deciding.propose(office, CLERK, proposed.id, grant())
    library.draft(office, CLERK, "note", edited(lambda d: d.update(version="2026-03-03")))
    library.release(office, SECOND, "note", "a correction")
    with pytest.raises(StepRefused, match="since the assessment"):
        deciding.propose(office, CLERK, waiting.id, grant())
    with pytest.raises(StepRefused, match="since the proposal"):
        deciding.approve(office, SECOND, proposed.id)
    deciding.send_back(office, SECOND, proposed.id, "assess again")
    desk.evaluate(office, CLERK, proposed.id)
    deciding.propose(office, CLERK, proposed.id, grant())
    assert deciding.approve(office, SECOND, proposed.id).licence == proposed.id


def test_drafts_that_cross_are_refused(office: Office) -> None:
    with pytest.raises(MalformedList):
        library.draft(office, CLERK, "none", {"schema": "other"})
    for name, change in (("one", suspend), ("two", rename)):
        library.draft(office, CLERK, name, edited(change))
    library.release(office, SECOND, "one", "first")
    with pytest.raises(StepRefused, match="released since"):
        library.release(office, SECOND, "two", "second")
    assert library.drop(office, SECOND, "two", "overtaken").state == "dropped"
    with pytest.raises(StepRefused):
        library.draft(office, CLERK, "two", edited(rename))
    assert [d.state for d in library.drafts(office)] == ["released", "dropped"]
    with pytest.raises(CaseUnknown):
        library.get_draft(office, "three")


def test_rules_run_dry_against_past_cases(office: Office) -> None:
    case = ready(office)
    document = json.loads(json.dumps(routing.shipped().document))
    route = {"id": "german", "department": "europe", "parts": ["parties"], "working_days": 5, "zh": "欧", "en": "E",
             "when": {"destination": ["DE"], "flag": ["many"]}}  # fmt: skip
    document["routes"].append(route)
    document["flags"].append({"id": "many", "zh": "多", "en": "m", "when": {"element_kg_from": "50"}})
    library.draft(office, CLERK, "german", document)
    [effect] = service.effects(office, "german")
    assert (effect.name, effect.before, effect.after) == (case.id, "", "many, europe")
    library.release(office, SECOND, "german", "a new desk")
    desk.evaluate(office, CLERK, case.id)
    assert [a.department for a in desk.ask_advice(office, CLERK, case.id).advice if a.open] == ["europe"]


@pytest.mark.parametrize(
    "when",
    [{"mood": ["bad"]}, {"destination": "DE"}, {"element_kg_from": "many"}],
)
def test_rules_that_no_rule_can_be_are_refused(when: dict[str, Any]) -> None:
    document = json.loads(json.dumps(routing.shipped().document))
    document["flags"].append({"id": "x", "zh": "x", "en": "x", "when": when})
    with pytest.raises(MalformedList):
        routing.read_rules(document)


def test_a_rule_holds_on_its_days_only() -> None:
    rules = routing.shipped()
    traits = routing.Traits({"has_role": frozenset({"intermediary"})}, routing.Decimal(0), False)
    assert rules.flags_of(traits, date(2025, 4, 4)) == ("intermediary",)
    assert rules.flags_of(traits, date(2025, 4, 3)) == ()


def test_alarms_name_what_they_concern_and_are_raised_once_a_level(office: Office) -> None:
    licensed = granted(office)
    library.draft(office, CLERK, "suspend 18", edited(suspend))
    library.release(office, SECOND, "suspend 18", "announced")
    mine = [a for a in service.alarms(office) if a["until"] == "2026-04-30"]
    assert [(a["level"], a["days_left"], a["concerned"]) for a in mine] == [(90, 59, [licensed.licence])]
    levels = []
    for day in (2, 3, 20, 32, 54, 55, 61, 62, 63):  # counted from the first of March
        assert isinstance(office.clock, FixedClock)
        office.clock.at = datetime(2026, 2, 28, 2, tzinfo=UTC) + timedelta(days=day)
        levels += [a["level"] for a in raise_alarms(office, CLERK) if a["until"] == "2026-04-30"]
    assert levels == [90, 30, 7, 0]


# -- files for outsiders --------------------------------------------------------------------------


def test_a_file_for_an_outsider_is_judged_first(custody: Custody, tmp_path: Path) -> None:
    office = custody.office
    texts = {
        "process.txt": "Solvent extraction separation process of rare earths: stages, extractant P507, flow ratios.",
        "menu.txt": "Soup of the day: pumpkin. Main course: noodles.",
    }
    codes = {}
    for name, text in texts.items():
        (tmp_path / name).write_text(text * 20)
        [made] = custody.register([tmp_path / name])
        codes[name] = str(made.code)
    with pytest.raises(LicenceNeeded, match="prohibited"):
        service.may_issue(office, custody.version(codes["process.txt"]), "DE", "L-1")
    plain = custody.version(codes["menu.txt"])
    made_clear = service.may_issue(office, plain, "de")
    assert (made_clear.country, made_clear.warning, made_clear.licence) == ("DE", True, None)
    for country in ("CN", "Germany", ""):
        with pytest.raises(UsageProblem):
            service.may_issue(office, plain, country)
    licensed = str(granted(office).licence)
    assert service.may_issue(office, plain, "DE", licensed).licence == licensed
    accounts.step(office, licensed, Step.SUSPEND, "a question")
    with pytest.raises(LicenceNotInForce):
        service.may_issue(office, plain, "DE", licensed)
    assert len(office.acts("licence:outsider-cleared")) == 2


def test_a_licence_is_issued_under_the_list_in_use(office: Office) -> None:
    library.draft(office, CLERK, "note", edited(lambda d: d.update(version="2026-03-03")))
    library.release(office, SECOND, "note", "a correction")
    case = granted(office)
    account = issuing.store.licence(office.db, str(case.licence))
    assert account is not None
    assert account.token is not None
    licence = issuing.token.verify(account.token.decode(), [issuing.signing_key(office).public_key()])
    assert licence.list_digest == library.controls(office).digest[:8] != shipped().digest[:8]
    assert APPLICANT.id == case.applicant
