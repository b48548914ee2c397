"""The own page shows everything; erasure leaves nothing that can be read, in the database, its log, or backups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody import backup
from sealtrace.custody.model import Recipient
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import Corrupted, DutiesNotSeparated, NotRegistered, PurposeMissing, StepRefused
from sealtrace.ledger.check import EVERYTHING
from sealtrace.people import access, acts, petitions, service
from sealtrace.people.access import Purpose
from sealtrace.people.duties import Actor
from sealtrace.people.petitions import Kind
from sealtrace.posts import bases, checklist
from sealtrace.posts import service as posts
from sealtrace.posts import store as restrictions
from sealtrace.posts.basis import add_months
from sealtrace.rights import contested, erasing, export, page, retention, transfer
from sealtrace.rights.words import _WORDS
from sealtrace.travel import documents, journeys
from sealtrace.travel import service as travel
from sealtrace.travel.rules import Companion, Title
from sealtrace.watch import desk
from tests.people.scene import (
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
    THIRD,
    enrol,
    grant_all,
    open_house,
)
from tests.posts.test_service import SECRETS, designated, imposed, post
from tests.travel.test_service import LEAVES, PLAN
from tests.watch.test_desk import HEAD, RIGHT, SOURCE, STRANGERS

SECRET_WORDS = (
    "陈国栋", "Tan Kok Tong", "Hetao Separation Works", "knew the cascade", "Prof. Lim", "I never saw it",
    "employer and year agree", "licence 7 for Tan", "E12345678",
)  # fmt: skip


@pytest.fixture
def office(memory: Path) -> Iterator[Office]:
    with Custody.create(memory / "home", org="Works", org_code="W", clock=FixedClock(AT)) as made:
        open_house(made.office)
        bases.adopt(made.office, CHIEF, COUNSEL, SECRETS, source="gazette")
        yield made.office


def lived(office: Office, folder: Path) -> tuple[str, Actor]:
    """A person with something in every part of the house."""
    person, me = enrol(office)
    made = designated(office, person, post(office).id, AT)
    leaving = checklist.open_leaving(office, CLERK, made, AT, AT)
    checklist.do_item(office, CLERK, leaving, checklist.Item.TALK, "minutes", AT)
    name = imposed(office, person)
    posts.serve(office, CLERK, name, "in person", AT)
    posts.appeal(office, me, name, "I never saw it", AT)
    plan = replace(PLAN, companions=(Companion("spouse", "CN", LEAVES, LEAVES + timedelta(days=1)),))
    travel.declare(office, me, person, plan, AT)
    documents.take(
        office, CLERK, DECIDER, person, kind="passport", issuer="CN", number="E12345678",
        title=Title.VOLUNTARY_SAFEKEEPING, title_document="form", title_ends_at=AT + timedelta(days=9), now=AT,
    )  # fmt: skip
    roster = folder / "roster.csv"
    roster.write_text("\n".join(",".join(row) for row in (HEAD, RIGHT, *STRANGERS)) + "\n", "utf-8")
    [candidate] = desk.screen(office, FIRST, roster, SOURCE, AT).candidates
    desk.review_first(office, FIRST, candidate, "employer and year agree", AT, same=True)
    desk.review_second(office, OTHER, candidate, "another man", AT, same=False)
    transfer.tell_status(
        office, PROPOSER, CHIEF, person, name, receiver="Bureau", purpose="licence 7 for Tan", clause="art. 9",
        keep_until=AT + timedelta(days=9), now=AT,
    )  # fmt: skip
    service.propose_change(office, me, person, "projects", ("another",), AT)
    access.break_glass(office, THIRD, [person], "fire", FIRST, OTHER, AT + timedelta(hours=1), AT)
    return person, me


def ended(office: Office, me: Actor) -> None:
    """Close what stands against erasure, a year later."""
    [one] = posts.shown(office, acts.identity(office, me).id, AT)
    posts.decide_appeal(office, OFFICER, one.record.restriction.id, "no knowledge was shown", AT, annul=True)
    [item] = documents.items(office, one.record.restriction.person, AT)
    documents.give_back(office, CLERK, item.held.receipt, AT)


def test_the_own_page_has_everything_and_every_look(office: Office, tmp_path: Path) -> None:
    person, me = lived(office, tmp_path)
    looks = len(access.looks(office, person))
    service.show(office, KEEPER, person, Purpose.DIRECTORY, "checking", AT)
    seen = page.own_page(office, me, AT)
    for part in ("changes", "designations", "leavings", "restrictions", "journeys", "documents", "candidates",
                 "petitions", "notices", "disclosures", "looks", "chronicle", "kept", "accounts"):  # fmt: skip
        assert getattr(seen, part), part
    assert len(seen.looks) == looks + 2
    assert (seen.looks[0].purpose, seen.looks[1].reason) == ("own", "checking")
    assert seen.restrictions[0].appeals[0].text == "I never saw it"
    assert seen.journeys[0].plan.companions[0].relationship == "spouse"
    with pytest.raises(NotRegistered):
        page.own_page(office, KEEPER, AT)
    with pytest.raises(PurposeMissing):
        page.file_of(office, KEEPER, person, Purpose.DIRECTORY, "curious", AT)
    assert page.file_of(office, OFFICER, person, Purpose.APPEAL, "hearing", AT).person.id == person
    assert page.file_of(office, THIRD, person, Purpose.BREAK_GLASS, "fire", AT).person.id == person
    assert acts.check(office) == []


def test_the_export_is_whole_and_the_same_again(office: Office, tmp_path: Path) -> None:
    _, me = lived(office, tmp_path)
    data, paper = export.export(office, me, AT, "zh")
    told = json.loads(data)
    assert told["format"] == "sealtrace-own-page/1"
    assert told["restrictions"][0]["appeals"][0]["text"] == "I never saw it"
    assert told["person"]["names"][0]["text"] == "陈国栋"
    document = pypdfium2.PdfDocument(paper)
    text = "".join(document[i].get_textpage().get_text_bounded() for i in range(len(document)))
    document.close()
    for words in ("陈国栋", "I never saw it", "op-060", "spouse CN", "Bureau"):
        assert words in text.replace("\r\n", "").replace("\n", "")
    seen = page.own_page(office, me, AT)
    assert export.as_pdf(seen, "en") == export.as_pdf(seen, "en")
    assert all(zh and en and zh != en for zh, en in _WORDS.values() if (zh, en) != ("ORCID", "ORCID iD"))


def test_objections_and_corrections(office: Office) -> None:
    person, me = enrol(office)
    service.show(office, KEEPER, person, Purpose.DIRECTORY, "none of your business", AT)
    [seen] = [s for s in page.own_page(office, me, AT).looks if s.purpose == "directory"]
    about = f"access:{seen.entry}"
    name = petitions.make(office, me, Kind.OBJECTION, about, "why?", AT, decided_by=seen.actor)
    access.grant(office, CHIEF, KEEPER.id, Purpose.APPEAL, AT + timedelta(days=1), AT)
    with pytest.raises(DutiesNotSeparated):
        petitions.answer(office, KEEPER, name, "it was fine", AT, granted=False)
    petitions.answer(office, OFFICER, name, "it should not have been", AT, granted=True)
    assert page.own_page(office, me, AT).petitions[0].answer == "it should not have been"


def test_contesting_goes_one_way_whatever_it_is_about(office: Office) -> None:
    person, me = enrol(office)
    name = imposed(office, person)
    posts.serve(office, CLERK, name, "in person", AT)
    appeal = contested.ask(office, me, Kind.APPEAL, f"restriction:{name}", "no", AT)
    assert restrictions.record(office, name).appeal_open
    contested.withdraw(office, me, appeal, AT)
    assert not restrictions.record(office, name).appeal_open
    other = imposed(office, person)
    posts.serve(office, CLERK, other, "in person", AT)
    appeal = contested.ask(office, me, Kind.APPEAL, f"restriction:{other}", "no", AT)
    contested.answer(office, OFFICER, appeal, "nothing was shown", AT, granted=True)
    assert [s.status for s in posts.shown(office, person, AT) if s.record.restriction.id == other] == [
        "annulled"
    ]
    change = service.propose_change(office, me, person, "projects", ("x",), AT)
    service.review_change(office, PROPOSER, change, AT, accept=False, reasons="not ours")
    assert contested.decider(office, f"change:{change}") == PROPOSER.id
    name = contested.ask(office, me, Kind.OBJECTION, f"change:{change}", "it is", AT)
    access.grant(office, CHIEF, PROPOSER.id, Purpose.APPEAL, AT + timedelta(days=1), AT)
    with pytest.raises(DutiesNotSeparated):
        contested.answer(office, PROPOSER, name, "no", AT, granted=False)
    contested.withdraw(office, me, name, AT)
    assert contested.decider(office, "weather:rain") == ""


def test_a_transfer_is_one_fact_about_one_restriction(office: Office) -> None:
    person, me = enrol(office)
    name = imposed(office, person)
    posts.serve(office, CLERK, name, "in person", AT)
    posts.appeal(office, me, name, "no", AT)
    ask: dict[str, Any] = {"receiver": "Bureau", "purpose": "case 3", "clause": "art. 9",
                           "keep_until": AT + SECOND, "now": AT}  # fmt: skip
    told = transfer.tell_status(office, PROPOSER, CHIEF, person, name, **ask)
    assert (told["status"], told["appeal_open"]) == ("effective", True)
    assert "陈" not in json.dumps(told, ensure_ascii=False)
    for changes in ({"purpose": " "}, {"keep_until": AT}, {"abroad": True}):
        with pytest.raises(PurposeMissing):
            transfer.tell_status(office, PROPOSER, CHIEF, person, name, **ask | changes)
    with pytest.raises(DutiesNotSeparated):
        transfer.tell_status(office, PROPOSER, PROPOSER, person, name, **ask)
    with pytest.raises(PurposeMissing):
        transfer.tell_status(office, PROPOSER, CHIEF, person, "r-0", **ask)
    [seen] = page.own_page(office, me, AT).disclosures
    assert seen.receiver == "Bureau"


def everywhere(*folders: Path) -> bytes:
    return b"\0".join(p.read_bytes() for folder in folders for p in sorted(folder.rglob("*")) if p.is_file())


def sealed_records(office: Office) -> list[bytes]:
    """Every blob of every table: what somebody with a stolen copy would try the keys on."""
    found = []
    for (table,) in office.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        for row in office.db.execute(f"SELECT * FROM {table}").fetchall():
            found += [bytes(v) for v in row if isinstance(v, bytes) and len(v) > 28]
    return found


def test_erasure_leaves_nothing_to_read(office: Office, tmp_path: Path, spec_pdf: Any) -> None:
    custody = Custody(office)
    person, me = lived(office, tmp_path)
    ref = custody.register([spec_pdf(3)])[0].code
    custody.issue(str(ref), Recipient("op-208", "dev-2c70", "10.0.0.8"), tmp_path / "copy.pdf")
    with pytest.raises(StepRefused, match="not yet"):
        erasing.erase(office, KEEPER, CHIEF, person, authority="court", basis="PIPL 47", now=AT)
    ended(office, me)
    places_before, home = tmp_path / "backup", office.home.folder
    backup.create(office, places_before)
    token = acts.token_of(office, person)
    [(wrapped,)] = office.db.execute("SELECT wrapped_key FROM subjects WHERE token = ?", (token,)).fetchall()
    profile = bytes(
        office.db.execute("SELECT sealed FROM profiles WHERE person = ?", (person,)).fetchone()[0]
    )
    assert wrapped in everywhere(home)
    with pytest.raises(DutiesNotSeparated):
        erasing.erase(office, KEEPER, KEEPER, person, authority="court", basis="PIPL 47", now=AT)
    gone = erasing.erase(
        office, KEEPER, CHIEF, person, authority="court", basis="PIPL 47", now=AT, with_copies=True
    )
    assert gone.settled
    assert gone.copies == 1
    after = everywhere(home)
    assert wrapped not in after
    assert profile not in after
    for word in SECRET_WORDS:
        assert word.encode() not in after
        assert word.encode("utf-16-le") not in after
    assert person.encode() not in after, "not even the random id is left"
    for table in ("persons", "profiles", "restrictions", "candidates", "journeys", "companions", "held_documents",
                  "person_acts", "petitions", "notices", "disclosures", "break_glass"):  # fmt: skip
        assert office.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    assert office.db.execute("SELECT count(*) FROM accesses").fetchone()[0] > 0, "looks stay countable"
    with pytest.raises(NotRegistered):
        page.own_page(office, me, AT)
    # the next backup takes the key out of the earlier one: what it keeps of the person opens with nothing
    assert wrapped in everywhere(places_before)
    backup.create(office, places_before)
    rotated = everywhere(places_before)
    assert wrapped not in rotated
    for word in SECRET_WORDS:
        assert word.encode() not in rotated
    first = backup.names(places_before)[0]
    backup.restore(places_before, tmp_path / "restored", first)
    (tmp_path / "restored" / "keys" / "home.key").write_bytes((home / "keys" / "home.key").read_bytes())
    with Custody.open(tmp_path / "restored", clock=FixedClock(AT)) as again:
        with pytest.raises(NotRegistered):
            service.show(again.office, KEEPER, person, Purpose.DIRECTORY, "drill", AT)
        assert profile in sealed_records(again.office), "the sealed row is there, and no key opens it"
        assert acts.unseal(again.office, person, profile, f"profile {person}") is None
    backup.prune(places_before, 1)
    assert profile not in everywhere(places_before)
    assert [p for p in custody.check(EVERYTHING) if "home.key" not in p.problem] == []


def test_an_altered_row_is_noticed(office: Office) -> None:
    person, _ = enrol(office)
    wrong = acts.seal(office, office.db, person, {"event": ["", "x"], "person": ["", person]}, "act 0")
    with pytest.raises(Corrupted):
        acts.unseal(office, person, wrong, "act 1")


def test_what_is_over_its_time_goes(office: Office, tmp_path: Path) -> None:
    person, me = lived(office, tmp_path)
    ended(office, me)
    assert retention.over(office, AT) == []
    back = PLAN.returns_at
    dates = {(k.category): k.until for k in retention.kept(office, AT, person)}
    assert dates["family"] == back + timedelta(days=90)
    assert dates["candidate"] == AT + timedelta(days=90)
    assert dates["person"] is None, "the employment lasts"
    at = back + timedelta(days=90)
    assert {k.category for k in retention.over(office, at - SECOND)} == {"candidate"}
    assert {k.category for k in retention.apply(office, KEEPER, at)} == {"candidate", "family"}
    assert office.db.execute("SELECT count(*) FROM companions").fetchone() == (0,)
    assert journeys.journeys(office, person)[0].plan.companions == ()
    assert office.db.execute("SELECT count(*) FROM dismissed").fetchone() == (1,), (
        "the false pair is not shown again"
    )
    assert retention.over(office, at) == []
    far = add_months(AT, 40)
    grant_all(office, far)
    assert {k.category for k in retention.apply(office, KEEPER, far)} == {
        "document",
        "restriction",
        "journey",
    }
    assert posts.shown(office, person, far) == []
    very = add_months(AT, 80)
    grant_all(office, very)
    assert {k.category for k in retention.over(office, very)} == {"access"}
    retention.apply(office, KEEPER, very)
    assert [s.at for s in access.looks(office, person)] == []
    assert acts.check(office) == []


def test_a_person_with_nothing_left_goes_whole(office: Office) -> None:
    profile = replace(service.add(office, KEEPER, _left(), AT))
    at = retention.kept(office, AT + timedelta(days=1), profile.id)[0].until
    assert at == AT + retention.schedule()["person"].kept
    assert retention.apply(office, KEEPER, AT) == []
    grant_all(office, at)
    assert [k.category for k in retention.apply(office, KEEPER, at)] == ["person"]
    assert not erasing.known(office, profile.id)


def _left() -> Any:
    from tests.people.scene import director

    made = director()
    [work] = made.employments
    return replace(made, employments=(replace(work, ends_on=AT.date() - timedelta(days=30)),))
