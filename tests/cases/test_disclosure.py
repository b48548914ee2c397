"""A department sees what it contributed and what was referred to it, and nothing else: every department, every kind."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from sealtrace.cases import disclosure, files, service
from sealtrace.cases.model import Actor, Department, ItemKind, Result
from sealtrace.custody.office import Office
from sealtrace.errors import Denied, NotRegistered
from tests.cases.conftest import AT, CHEN, LI, MEI, OF, SUN, WANG, ZHAO, collect, opened, referred

OTHERS = [d for d in Department if d is not Department.CUSTOMS]


def seen(office: Office, number: str, who: Actor) -> disclosure.View:
    return disclosure.view(files.load(office, number), who)


def everything(office: Office, number: str) -> dict[ItemKind, str]:
    """One item of every kind that can be referred, each with words of its own."""
    return {
        ItemKind.SUBJECT: "s-1",
        ItemKind.ALLEGATION: service.allege(
            office, LI, number, typology="secret typology", text="secret allegation", statute="secret statute"
        ).act.item,
        ItemKind.EVIDENCE: collect(office, number, title="secret evidence", original=b"secret bytes"),
        ItemKind.TASK: service.set_task(
            office, LI, number, title="secret task", assignee=Department.CUSTOMS, due=AT
        ).act.item,
        ItemKind.NOTE: service.note(office, LI, number, "secret note").act.item,
        ItemKind.EVENT: service.report_event(
            office, LI, number, happened_at=AT, text="secret event", source="secret source"
        ).act.item,
        ItemKind.DEADLINE: service.set_deadline(office, LI, number, due=AT, text="secret deadline").act.item,
        ItemKind.OUTCOME: service.propose_outcome(
            office, LI, number, Result.PENALTY, text="secret outcome", alternatives="secret alternatives", basis="b"
        ).act.item,
    }  # fmt: skip


@pytest.fixture(scope="module")
def full(office: Office) -> tuple[str, dict[ItemKind, str]]:
    number = opened(office, "Secret title")
    from sealtrace.cases.model import SubjectKind

    service.name_subject(office, LI, number, SubjectKind.DECLARATION, "secret ref", text="secret subject")
    return number, everything(office, number)


@pytest.mark.parametrize("department", OTHERS)
@pytest.mark.parametrize("kind", [k for k in ItemKind if k not in (*service.UNSHARED, ItemKind.APPEAL)])
def test_only_what_was_referred_shows(
    office: Office, full: tuple[str, dict[ItemKind, str]], department: Department, kind: ItemKind
) -> None:
    number, items = full
    who = OF[department]
    referral = referred(office, number, department, items[kind])
    view = seen(office, number, who)
    assert set(view.items) - {items[kind]} <= {r.id for r in view.of(ItemKind.REFERRAL)}
    assert all(r.text("to") == department for r in view.of(ItemKind.REFERRAL))
    told = json.dumps(asdict(view), default=str)
    words = {f"secret {k.name.lower()}" for k in items} - {f"secret {kind.name.lower()}"}
    assert not [w for w in words if w in told], "words of an item that was not referred"
    assert "Secret title" not in told
    assert items[kind] in view.items
    service.withdraw_referral(office, LI, number, referral, reason="test")
    after = seen(office, number, who)
    assert items[kind] not in after.items
    assert f"secret {kind.name.lower()}" not in json.dumps(asdict(after), default=str)


def test_without_a_referral_the_case_does_not_exist(office: Office, number: str) -> None:
    for who in (MEI, CHEN, SUN):
        with pytest.raises(NotRegistered) as hidden:
            service.read_case(office, who, number, purpose="curious")
        with pytest.raises(NotRegistered) as absent:
            service.read_case(office, who, "k-2026-99999", purpose="curious")
        assert hidden.value.message == absent.value.message.replace("k-2026-99999", number)
        assert number not in [card.view.number for card in service.board(office, who)]


def test_an_offered_referral_shows_its_subject_and_opens_nothing(office: Office, number: str) -> None:
    evidence = collect(office, number)
    done = service.refer(
        office,
        LI,
        number,
        Department.COMMERCE,
        [evidence],
        subject="Is a licence needed",
        purpose="p",
        basis="b",
    )
    view = seen(office, number, MEI)
    assert (view.title, set(view.items), view.joined) == ("Is a licence needed", {done.act.item}, False)
    with pytest.raises(Denied):
        service.note(office, MEI, number, "too early")
    service.answer_referral(office, MEI, number, done.act.item, accept=False, reason="not ours")
    with pytest.raises(NotRegistered):
        seen(office, number, MEI)


def test_the_department_that_leads_is_no_exception(office: Office, number: str) -> None:
    referred(office, number, Department.POLICE, "s-1")
    own = service.note(office, SUN, number, "an informant says").act.item
    assert own not in seen(office, number, LI).items
    back = service.refer(
        office, SUN, number, Department.CUSTOMS, [own], subject="Informant", purpose="p", basis="b"
    ).act.item
    service.answer_referral(office, ZHAO, number, back, accept=True, reason="thanks")
    assert own in seen(office, number, LI).items
    with pytest.raises(Denied, match="police"):
        service.refer(office, LI, number, Department.INDUSTRY, [own], subject="s", purpose="p", basis="b")


def test_a_department_keeps_what_it_contributed_after_a_withdrawal(office: Office, number: str) -> None:
    referral = referred(office, number, Department.COMMERCE, "s-1")
    own = service.note(office, MEI, number, "no licence is on record").act.item
    service.withdraw_referral(office, LI, number, referral, reason="sent in error")
    view = seen(office, number, MEI)
    assert own in view.items
    assert "s-1" not in view.items


def test_a_task_is_seen_by_whom_it_is_given_to(office: Office, number: str) -> None:
    with pytest.raises(Denied, match="take part"):
        service.set_task(office, LI, number, title="look", assignee=Department.INDUSTRY, due=AT)
    referred(office, number, Department.INDUSTRY, "s-1")
    task = service.set_task(office, LI, number, title="look", assignee=Department.INDUSTRY, due=AT).act.item
    assert task in seen(office, number, CHEN).items
    assert task in [
        i.id for i in next(c for c in service.board(office, CHEN) if c.view.number == number).waiting
    ]
    service.finish_task(office, CHEN, number, task, result="it is Nd2O3")


def test_a_sample_split_off_elsewhere_tells_its_parent_s_chain_and_no_more(
    office: Office, number: str
) -> None:
    sample = collect(office, number, title="Drum 4")
    referred(office, number, Department.INDUSTRY, sample)
    service.offer_evidence(office, LI, number, sample, to=Department.INDUSTRY, purpose="assay")
    service.answer_offer(office, CHEN, number, sample, accept=True, condition="sealed")
    service.split_sample(office, CHEN, number, sample, title="hidden aliquot", purpose="assay")
    view = seen(office, number, LI)
    assert f"{sample}.1" not in view.items
    assert "evidence-split" in [a.what for a in view.items[sample].acts]
    assert "hidden aliquot" not in json.dumps(asdict(view), default=str)
    assert seen(office, number, CHEN).items[f"{sample}.1"].text("title") == "hidden aliquot"


def test_a_walled_person_finds_nothing(office: Office, number: str) -> None:
    service.wall(office, WANG, number, "Li", reason="a relative is the consignee's director")
    with pytest.raises(NotRegistered):
        service.read_case(office, LI, number, purpose="look")
    assert number not in [c.view.number for c in service.board(office, LI)]
    assert service.read_case(office, WANG, number, purpose="look").joined


def test_every_opening_is_in_the_ledger_and_known_to_the_department(office: Office, number: str) -> None:
    size = office.ledger.size()
    view = service.read_case(office, LI, number, purpose="weekly review")
    assert office.ledger.size() == size + 1
    assert view.acts[-1].fields == {"purpose": "weekly review"}
    referred(office, number, Department.COMMERCE, "s-1")
    assert "read" not in [a.what for a in seen(office, number, MEI).acts]
