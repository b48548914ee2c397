"""The chain of custody: two sides to each transfer, nothing changed afterwards, every altered byte found."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import apsw
import pytest

from sealtrace.cases import files, service
from sealtrace.cases.model import Department, What
from sealtrace.clock import FixedClock
from sealtrace.custody.office import Office
from sealtrace.custody.service import Custody
from sealtrace.errors import Corrupted, Denied, DutiesNotSeparated, KeyReused, StepRefused
from tests.cases.conftest import AT, CHEN, LI, MEI, WANG, collect, opened, referred


def test_a_transfer_is_open_until_the_other_side_takes_it(office: Office, number: str) -> None:
    item = collect(office, number, original=b"spectrum")
    own = collect(office, number, title="another")
    service.offer_evidence(office, LI, number, item, to=WANG, purpose="store room")
    service.offer_evidence(office, LI, number, own, to=Department.CUSTOMS, purpose="store room")
    with pytest.raises(DutiesNotSeparated):
        service.answer_offer(office, LI, number, own, accept=True, condition="ok")
    assert files.load(office, number).items[item].holder == LI
    done = service.answer_offer(office, WANG, number, item, accept=True, condition="seal intact")
    assert done.item is not None
    assert (done.item.holder, done.item.state) == (WANG, "held")
    assert done.act.fields["rehash"] == done.item.sha256
    with pytest.raises(Denied, match="held by"):
        service.examine(office, LI, number, item, method="look", purpose="p")


def test_what_is_not_referred_is_not_handed_over(office: Office, number: str) -> None:
    item = collect(office, number)
    with pytest.raises(Denied, match="not referred"):
        service.offer_evidence(office, LI, number, item, to=MEI, purpose="assay")
    referred(office, number, Department.COMMERCE, item)
    service.offer_evidence(office, LI, number, item, to=MEI, purpose="assay")
    with pytest.raises(Denied, match="offered to"):
        service.answer_offer(office, WANG, number, item, accept=True, condition="ok")
    service.answer_offer(office, MEI, number, item, accept=False, condition="seal broken")
    assert files.load(office, number).items[item].holder == LI


def test_what_left_custody_takes_no_more_steps(office: Office, number: str) -> None:
    item = collect(office, number)
    service.return_evidence(office, LI, number, item, to="the consignee", reason="no fault")
    for step in (
        lambda: service.offer_evidence(office, LI, number, item, to=WANG, purpose="p"),
        lambda: service.destroy_evidence(office, LI, number, item, authority="court", witness="Wang"),
    ):
        with pytest.raises(StepRefused):
            step()


def test_a_repeated_request_is_done_once(office: Office, number: str) -> None:
    first = service.note(office, LI, number, "once", key="k1")
    again = service.note(office, LI, number, "once", key="k1")
    assert (again.replayed, again.act.entry) == (True, first.act.entry)
    with pytest.raises(KeyReused):
        service.note(office, LI, number, "other words", key="k1")
    assert opened(office, "twice") == opened(office, "twice")


def test_a_dry_run_judges_and_writes_nothing(office: Office, number: str) -> None:
    size = office.ledger.size()
    done = service.note(office, LI, number, "maybe", dry_run=True)
    assert done.act.item in ("n-1",)
    with pytest.raises(StepRefused):
        service.close_case(office, LI, number, reason="done", dry_run=True)
    assert office.ledger.size() == size


def test_a_damaged_original_is_not_taken_over(tmp_path: Path) -> None:
    with Custody.create(tmp_path / "home", org="O", org_code="O", clock=FixedClock(AT)) as custody:
        office = custody.office
        number = opened(office)
        item = collect(office, number, original=b"the whole spectrum" * 40)
        [stored] = list(office.home.vault.glob("??/*"))
        data = bytearray(stored.read_bytes())
        data[len(data) // 2] ^= 1
        stored.write_bytes(bytes(data))
        service.offer_evidence(office, LI, number, item, to=WANG, purpose="store room")
        with pytest.raises(Corrupted):
            service.answer_offer(office, WANG, number, item, accept=True, condition="fine")
        assert files.load(office, number).items[item].state == "offered"
        assert any(item in problem for problem in service.check(office))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one case and a chain of custody, closed."""
    home = tmp_path_factory.mktemp("chain") / "home"
    with Custody.create(home, org="O", org_code="O", clock=FixedClock(AT)) as custody:
        office = custody.office
        number = opened(office)
        sample = collect(office, number, title="Drum 4", seal_no="S-1")
        referred(office, number, Department.INDUSTRY, sample)
        service.offer_evidence(office, LI, number, sample, to=CHEN, purpose="assay")
        service.answer_offer(office, CHEN, number, sample, accept=True, condition="seal S-1 intact")
        service.examine(office, CHEN, number, sample, method="ICP-MS", purpose="assay")
        assert service.check(office) == []
    return home


def tampered(whole: Path, tmp_path: Path, sql: str, *values: object) -> list[str]:
    """Copy the home, alter one row behind the program's back, check."""
    shutil.copytree(whole, tmp_path / "home")
    db = apsw.Connection(str(tmp_path / "home" / "register.db"))
    for trigger in ("case_acts_no_update", "case_acts_no_delete", "case_departments_no_delete"):
        db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    db.execute(sql, values)
    db.close()
    with Custody.open(tmp_path / "home", clock=FixedClock(AT), self_test=False) as custody:
        return service.check(custody.office)


CHANGES = {
    "number": "UPDATE case_acts SET number = 99 WHERE what = 'evidence-examined'",
    "what": "UPDATE case_acts SET what = 'evidence-declined' WHERE what = 'evidence-accepted'",
    "item": "UPDATE case_acts SET item = 'e-2' WHERE what = 'evidence-accepted'",
    "case": "UPDATE case_acts SET case_number = 'k-2026-00077' WHERE what = 'evidence-examined'",
    "key": "UPDATE case_acts SET key = 'k' WHERE what = 'evidence-examined'",
    "last removed": "DELETE FROM case_acts WHERE what = 'evidence-examined'",
    "middle removed": "DELETE FROM case_acts WHERE what = 'evidence-offered'",
    "all removed": "DELETE FROM case_acts",
    "sealed swapped": "UPDATE case_acts SET sealed = (SELECT sealed FROM case_acts WHERE what = 'evidence-offered')"
    " WHERE what = 'evidence-accepted'",
    "department removed": "DELETE FROM case_departments WHERE department = 'industry'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_altered_row_is_found(whole: Path, tmp_path: Path, change: str) -> None:
    assert tampered(whole, tmp_path, CHANGES[change]), change


def test_any_altered_byte_of_a_custody_record_is_found(whole: Path) -> None:
    """Every byte of a sealed record is covered: one bit of it turned is found, wherever it stands."""
    with Custody.open(whole, clock=FixedClock(AT)) as custody:
        office = custody.office
        rows = [(e, bytes(s)) for e, s in office.db.execute("SELECT entry, sealed FROM case_acts")]
        rnd = random.Random(7)
        from sealtrace.cases import store

        for entry, sealed in rows:
            for place in {0, 11, 12, len(sealed) - 1, *rnd.sample(range(len(sealed)), 12)}:
                bad = bytearray(sealed)
                bad[place] ^= 1 << rnd.randrange(8)
                with pytest.raises(Corrupted):
                    office.subjects.unseal_office(bytes(bad), store.bound_to(entry))


def test_rows_can_only_be_added(office: Office, number: str) -> None:
    with apsw.Connection(str(office.home.database)) as db:
        for sql in (
            "UPDATE case_acts SET item = ''",
            "DELETE FROM case_acts",
            "DELETE FROM case_departments",
        ):
            with pytest.raises(apsw.ConstraintError, match="only ever added"):
                db.execute(sql)
    assert What.OPENED in [a.what for a in files.load(office, number).acts]
