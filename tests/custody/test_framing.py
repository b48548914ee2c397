"""Nobody can be framed: a dishonest colleague, an operator without quorum, a restored old database, each fails."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import apsw
import cbor2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from sealtrace.clock import FixedClock, stamp
from sealtrace.custody import books, issue, prove
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import Corrupted, HistoryForked, KeySealed, RequestRefused, UsageProblem, WrongKey
from sealtrace.ids import CopyId
from sealtrace.ledger.check import EVERYTHING
from sealtrace.trace import evidence
from sealtrace.trace.device import Receipt, Request
from sealtrace.trace.verify import Report, verify
from sealtrace.vault.keyring import ShareOrder
from sealtrace.verifier import sealtrace_verify as standalone

from ..conftest import AT, page_image

PEOPLE = ("victim", "colleague")


@dataclass
class Guarded:
    """A home that seals its codewords and issues on signed requests, with two copies of a page out."""

    custody: Custody
    folder: Path
    shares: list[Path]
    phones: dict[str, Ed25519PrivateKey]
    copies: dict[str, IssuedCopy]
    code: str

    def release(self, minutes: int = 60) -> None:
        self.custody.release(
            self.shares[1:], holders=["Compliance", "Bureau"], purpose="case 7", minutes=minutes
        )

    def copy(self, who: str) -> Path:
        path = self.copies[who].path
        assert path is not None
        return path


def request(custody: Custody, code: str, who: str, key: Ed25519PrivateKey, nonce: bytes = bytes(16)) -> bytes:
    at = stamp(custody.office.clock.now())
    return Request(code, 1, who, f"phone of {who}", at, nonce).sign(key)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "shares").mkdir()
    order = ShareOrder(2, 3, folder / "shares", "tracing-share")
    with Custody.create(
        folder / "home",
        org="Test Works",
        org_code="TW",
        clock=FixedClock(AT),
        trace_shares=order,
        signed=True,
    ) as custody:
        page_image(2, (620, 877)).save(folder / "page.png")
        [file] = custody.register([folder / "page.png"], level="core")
        code, phones, copies = str(file.code), {}, {}
        for who in PEOPLE:
            phones[who] = Ed25519PrivateKey.generate()
            custody.enrol_device(who, f"phone of {who}", phones[who].public_key().public_bytes_raw())
            asked = request(custody, code, who, phones[who])
            copies[who] = custody.issue_asked(asked, "10.9.0.1", folder / f"{who}.png")
            sha256 = copies[who].sha256
            assert sha256 is not None
            custody.received(Receipt(bytes(copies[who].id), sha256, stamp(AT)).sign(phones[who]))
        yield Guarded(custody, folder, order.paths, phones, copies, code)


@pytest.fixture
def guarded(made: Guarded) -> Guarded:
    """The home with nothing released, at the time it was made."""
    made.custody.office.release = None
    made.custody.office.clock = FixedClock(AT)
    return made


def failed(report: Report) -> set[str]:
    return {claim.claim for claim in report.claims if claim.holds is False}


@contextmanager
def apsw_connection(home: Path) -> Iterator[apsw.Connection]:
    db = apsw.Connection(str(home / "register.db"))
    yield db
    db.close()


def photo(path: Path, out: Path) -> Path:
    Image.open(path).convert("RGB").save(out, quality=88)
    return out


# -- the honest way ------------------------------------------------------------------------------


def test_with_a_quorum_a_leak_is_traced_and_proved(guarded: Guarded, tmp_path: Path) -> None:
    guarded.release()
    answer = guarded.custody.trace([photo(guarded.copy("victim"), tmp_path / "leak.jpg")])
    assert [(c.operator, c.accused.channels) for c in answer.copies] == [("victim", ("page",))]
    out = tmp_path / "it.evidence"
    guarded.custody.office.release = None  # the codeword was kept with the answer: no second release
    guarded.custody.export_evidence(answer.trace, out)
    [key] = guarded.custody.office.ledger.keys().verifier_keys
    report = verify(out, expected_key=key)
    assert report.holds, report.claims
    assert all(claim.holds for claim in report.claims)
    shown = {c.claim: c.holds for c in standalone.check_evidence(out.read_bytes(), key=key)}
    assert shown == {claim.claim: claim.holds for claim in report.claims}
    said = {claim.claim.partition(" ")[2].partition(" ")[2] for claim in report.claims}
    assert {"was asked for by its device", "was received by its device"} <= said


def test_the_release_is_in_the_log_before_the_opening_and_the_opening_before_the_answer(
    guarded: Guarded, tmp_path: Path
) -> None:
    guarded.release()
    released = guarded.custody.office.released()
    answer = guarded.custody.trace([photo(guarded.copy("victim"), tmp_path / "leak.jpg")])
    assert answer.answer.opened is not None
    assert released.entry.index < answer.answer.opened.index < answer.entry.index
    [said] = [o for entry, o in guarded.custody.office.acts("key:released") if entry == released.entry.index]
    assert (said["holders"][1], said["shares"][1], said["purpose"][1]) == (
        "Compliance\nBureau",
        "2,3",
        "case 7",
    )


def test_the_register_of_a_guarded_home_holds_and_a_changed_row_shows(
    guarded: Guarded, tmp_path: Path
) -> None:
    assert guarded.custody.check(EVERYTHING) == []
    copied = tmp_path / "home"
    shutil.copytree(guarded.folder / "home", copied)
    with apsw_connection(copied) as db:
        db.execute("DELETE FROM requests")
        db.execute("UPDATE word_keys SET sha256 = zeroblob(32) WHERE id = 1")
    with Custody.open(copied, clock=FixedClock(AT)) as custody:
        problems = {problem.problem for problem in custody.check(EVERYTHING)}
    assert "the request it was issued on is not on record as used" in problems
    assert "its sealed word secret is another than its entry commits to" in problems


# -- a dishonest colleague -----------------------------------------------------------------------


def test_a_colleague_can_not_ask_in_another_s_name(guarded: Guarded, tmp_path: Path) -> None:
    forged = request(
        guarded.custody, guarded.code, "victim", guarded.phones["colleague"], b"another nonce 16"
    )
    with pytest.raises(RequestRefused, match="not signed by the device's key"):
        guarded.custody.issue_asked(forged, "10.9.0.1", tmp_path / "stolen.png")
    assert not (tmp_path / "stolen.png").exists()


def test_a_colleague_can_not_use_a_request_of_another_again(guarded: Guarded, tmp_path: Path) -> None:
    seen = request(guarded.custody, guarded.code, "victim", guarded.phones["victim"])
    with pytest.raises(RequestRefused, match="given a copy already"):
        guarded.custody.issue_asked(seen, "10.9.0.1", tmp_path / "second.png")


def test_a_colleague_can_not_acknowledge_for_another(guarded: Guarded) -> None:
    copy = guarded.copies["victim"]
    assert copy.sha256 is not None
    receipt = Receipt(bytes(copy.id), copy.sha256, stamp(AT)).sign(guarded.phones["colleague"])
    with pytest.raises(RequestRefused, match="not signed by the device's key"):
        guarded.custody.received(receipt)


def test_a_colleague_s_altered_copy_names_the_colleague_or_nobody(guarded: Guarded, tmp_path: Path) -> None:
    """Guessing at another's marks: the own copy with random chips of the same strength painted over."""
    guarded.release()
    own = np.asarray(Image.open(guarded.copy("colleague")).convert("RGB"), np.int16)
    rnd = np.random.default_rng(5)
    chips = np.kron(rnd.integers(-1, 2, (own.shape[0] // 8 + 1, own.shape[1] // 8 + 1)), np.ones((8, 8)))
    painted = own + (3 * chips[: own.shape[0], : own.shape[1], None]).astype(np.int16)
    Image.fromarray(np.clip(painted, 0, 255).astype(np.uint8)).save(tmp_path / "painted.jpg", quality=85)
    answer = guarded.custody.trace([tmp_path / "painted.jpg"])
    assert {c.operator for c in answer.copies} <= {"colleague"}


def test_a_revoked_or_old_request_is_refused(guarded: Guarded, tmp_path: Path) -> None:
    custody, key = guarded.custody, Ed25519PrivateKey.generate()
    custody.enrol_device("leaver", "phone of leaver", key.public_key().public_bytes_raw())
    asked = request(custody, guarded.code, "leaver", key)
    assert custody.check_request(asked)[1] == "leaver"
    custody.office.clock = FixedClock(AT + timedelta(days=8))
    with pytest.raises(RequestRefused, match="last 7 days"):
        custody.check_request(asked)
    custody.office.clock = FixedClock(AT)
    custody.revoke_device("leaver", "phone of leaver", reason="left")
    with pytest.raises(RequestRefused, match="not enrolled, or was revoked"):
        custody.issue_asked(asked, "10.9.0.1", tmp_path / "late.png")
    [device] = custody.devices(operator="leaver")
    assert device.revoked is not None


# -- a dishonest operator without quorum ---------------------------------------------------------


def test_an_operator_without_quorum_opens_nothing(guarded: Guarded, tmp_path: Path) -> None:
    custody, victim = guarded.custody, guarded.copies["victim"]
    for attempt in (
        lambda: custody.fetch(victim.id, tmp_path / "again.png"),
        lambda: custody.trace([guarded.copy("victim")]),
        lambda: books.reading_book(custody.office, custody.version(guarded.code)),
    ):
        with pytest.raises(KeySealed):
            attempt()
    size = custody.office.ledger.size()
    with pytest.raises(WrongKey, match="2 different key shares are needed"):
        custody.release(guarded.shares[:1], holders=["me"], purpose="x")
    with pytest.raises(WrongKey):
        custody.release([guarded.shares[0]] * 2, holders=["me", "I"], purpose="x")
    with pytest.raises(UsageProblem, match="each another person"):
        custody.release(guarded.shares[:2], holders=["me", "me"], purpose="x")
    with pytest.raises(UsageProblem, match="what it is for"):
        custody.release(guarded.shares[:2], holders=["me", "you"], purpose=" ")
    assert custody.office.ledger.size() == size
    assert not (tmp_path / "again.png").exists()


def test_a_release_ends_with_its_time(guarded: Guarded, tmp_path: Path) -> None:
    guarded.release(minutes=5)
    victim = guarded.copies["victim"]
    assert guarded.custody.fetch(victim.id, tmp_path / "again.png").sha256 == victim.sha256
    guarded.custody.office.clock = FixedClock(AT + timedelta(minutes=5))
    with pytest.raises(KeySealed, match="expired"):
        guarded.custody.fetch(victim.id, tmp_path / "later.png")


def test_what_an_operator_mints_from_the_document_key_names_nobody(guarded: Guarded, tmp_path: Path) -> None:
    """Without the sealed secret the operator's codeword for the victim is not the one committed to."""
    custody, victim = guarded.custody, guarded.copies["victim"]
    version = custody.version(guarded.code)
    with custody.office.staging("mint") as folder:
        forger = books.code_book(custody.office, version)
        made = issue.Workshop(custody.office, version, folder, forger, wrapped=False).make(victim.id)
        photo(made.path, tmp_path / "minted.jpg")
    guarded.release()
    answer = custody.trace([tmp_path / "minted.jpg"])
    assert (answer.answer.result, answer.copies) == ("inconclusive", ())


def test_evidence_with_another_codeword_does_not_hold(guarded: Guarded, tmp_path: Path) -> None:
    """The operator signs evidence that puts the minted codeword in place of the victim's."""
    custody, victim = guarded.custody, guarded.copies["victim"]
    guarded.release()
    answer = custody.trace([photo(guarded.copy("victim"), tmp_path / "leak.jpg")])
    trace = prove.kept(custody.office, answer.trace)
    forger = books.code_book(custody.office, custody.version(guarded.code))
    assert forger is not None
    minted = forger.words(np.array([victim.id.value], np.uint64))[0].tobytes()
    forged = dataclasses.replace(trace, record=trace.record | {"words": [[minted, forger.bias_key]]})
    out = tmp_path / "forged.evidence"
    out.write_bytes(prove.sealed_evidence(custody.office, forged))
    assert failed(verify(out)) == {f"copy {victim.id} has the stated e-value"}


def test_a_copy_that_nobody_asked_for_convicts_nobody(guarded: Guarded, tmp_path: Path) -> None:
    """The operator enters a copy for the victim past the check, leaks it, and has it traced with a quorum."""
    custody, office = guarded.custody, guarded.custody.office
    version, recipient = custody.version(guarded.code), Recipient("victim", "phone of victim", "10.9.0.1")
    with pytest.raises(RequestRefused):
        custody.issue(guarded.code, recipient, tmp_path / "frame.png")
    with office.writing(), issue.workshop(office, version, wrapped=False) as shop:
        copy = CopyId(7)
        made = shop.make(copy)
        issue.enter_copies(office, version, [(copy, recipient)], [(made.sha256, made.marks)], shop.book)
        shutil.copy(made.path, tmp_path / "frame.png")
    guarded.release()
    answer = custody.trace([tmp_path / "frame.png"])
    assert [c.accused.copy for c in answer.copies] == [copy]
    custody.export_evidence(answer.trace, tmp_path / "frame.evidence")
    assert failed(verify(tmp_path / "frame.evidence")) == {f"copy {copy} was asked for by its device"}


def test_an_operator_can_not_switch_sealing_off(guarded: Guarded, tmp_path: Path) -> None:
    copied = tmp_path / "home"
    shutil.copytree(guarded.folder / "home", copied)
    (copied / "keys" / "tracing.json").unlink()
    with Custody.open(copied, clock=FixedClock(AT)) as custody, pytest.raises(Corrupted, match="tracing key"):
        custody.trace([guarded.copy("victim")])
    own = {"public": bytes(32).hex(), "needed": 2, "of": 3}
    (copied / "keys" / "tracing.json").write_text(json.dumps(own), "utf-8")
    with Custody.open(copied, clock=FixedClock(AT)) as custody, pytest.raises(Corrupted, match="tracing key"):
        custody.issue_asked(b"", "10.9.0.1", tmp_path / "x.png") if custody.office.tracing_key else None


def test_evidence_without_its_release_does_not_hold(guarded: Guarded, tmp_path: Path) -> None:
    guarded.release()
    answer = guarded.custody.trace([guarded.copy("victim")])
    whole = tmp_path / "it.evidence"
    guarded.custody.export_evidence(answer.trace, whole)
    content, *_ = evidence.read(whole)
    payload = cbor2.dumps(content | {"release": None}, canonical=True)
    protected = cbor2.dumps({1: -8})
    signing = prove.signing_key(guarded.custody.office.home)
    signature = signing.sign(evidence.to_be_signed(protected, payload))
    forged = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]), canonical=True)
    (tmp_path / "forged.evidence").write_bytes(forged)
    assert failed(verify(tmp_path / "forged.evidence")) == {
        "the sealed keys were released by several people before"
    }


# -- a restored old database ---------------------------------------------------------------------


def test_a_restored_old_database_can_not_give_the_copy_to_another(tmp_path: Path) -> None:
    """The operator goes back to before the issue and gives the same copy id to the victim: publishing stops it."""
    page_image(3, (620, 877)).save(tmp_path / "page.png")
    mine, victim = Recipient("operator", "desk", "10.9.0.1"), Recipient("victim", "desk", "10.9.0.2")
    with Custody.create(tmp_path / "home", org="Test Works", org_code="TW", clock=FixedClock(AT)) as custody:
        [file] = custody.register([tmp_path / "page.png"])
    shutil.copytree(tmp_path / "home", tmp_path / "old")
    with Custody.open(tmp_path / "home", clock=FixedClock(AT)) as custody:
        copy = custody.issue(str(file.code), mine, tmp_path / "mine.png")
        custody.export_log(tmp_path / "public")
        published = custody.office.ledger.checkpoint()
    with Custody.open(tmp_path / "old", clock=FixedClock(AT)) as custody:
        office, version = custody.office, custody.version(str(file.code))
        digest = (copy.sha256, copy.marks)
        issue.enter_copies(office, version, [(copy.id, victim)], [digest], books.code_book(office, version))
        with pytest.raises(HistoryForked):
            custody.export_log(tmp_path / "public")
        answer = custody.trace([tmp_path / "mine.png"])
        assert [c.operator for c in answer.copies] == ["victim"]
        custody.export_evidence(answer.trace, tmp_path / "forged.evidence")
        forged = custody.office.ledger.checkpoint()
    # the evidence agrees with itself, and contradicts what was published at the same size
    older, newer = (standalone.read_checkpoint(note) for note in (published, forged))
    assert (tmp_path / "public" / "checkpoint").read_text("utf-8") == published
    assert older.size < newer.size
    entries = list(standalone.read_entries(tmp_path / "public", older.size))
    issued = evidence.read(tmp_path / "forged.evidence")[0]["accused"][0]["issue"]
    assert entries[issued["index"]] != issued["statement"]
