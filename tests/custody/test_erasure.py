"""Erasing a person: what was there before is nowhere afterwards, and every receipt still verifies."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from sealtrace.custody import backup
from sealtrace.custody.erasure import ERASED, concerned, erase
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.verify import verify_receipt

from ..conftest import prose
from ..ledger.rig import every_byte

PERSON = Recipient("Ouyang Xiaoming", "LAPTOP-ZZ-4711", "203.0.113.77")
OTHER = Recipient("li.wei", "WS-017", "10.1.2.3")
ORDER = {"authority": "data protection officer", "basis": "PIPL art. 47"}


@pytest.fixture
def copies(custody: Custody, tmp_path: Path) -> list[IssuedCopy]:
    (tmp_path / "notes.txt").write_text("\n".join(prose(5, 40)), "utf-8")
    [done] = custody.register([tmp_path / "notes.txt"])
    made = custody.issue_many(str(done.code), [PERSON, OTHER, PERSON], tmp_path / "copies")
    custody.trace([made[0].path or tmp_path])
    return made


def traces_of_person() -> list[bytes]:
    """The person's name, device and address in the forms that programs write."""
    plain = [word for text in (PERSON.operator, PERSON.device, PERSON.ip) for word in (text, text.lower())]
    encoded = [text.encode(form) for text in plain for form in ("utf-8", "utf-16-le", "utf-16-be")]
    return [*encoded, *(text.encode().hex().encode() for text in plain), b"Ouyang"]


def sealed_of(custody: Custody, copy: IssuedCopy) -> list[bytes]:
    """What the database holds of a person: token, device's token, wrapped key, sealed record, salts' envelope."""
    row = custody.office.copy(copy.id)
    found = custody.office.db.execute("SELECT wrapped_key FROM subjects WHERE token = ?", (row.subject,))
    [(key,)] = found.fetchall()
    return [row.subject, row.device, bytes(key), row.sealed[-40:], row.sealed[:40]]


def where(needles: list[bytes], *places: Path) -> list[str]:
    return [str(path) for path, data in every_byte(*places) if any(needle in data for needle in needles)]


def test_nothing_of_the_person_stays_in_home_tiles_or_backups(
    custody: Custody, tmp_path: Path, copies: list[IssuedCopy]
) -> None:
    home, tiles, backups = tmp_path / "home", tmp_path / "tiles", tmp_path / "backups"
    custody.export_log(tiles)
    backup.create(custody.office, backups)
    sealed = [
        part for copy in copies if copy.operator == PERSON.operator for part in sealed_of(custody, copy)
    ]
    key = sealed_of(custody, copies[0])[2]
    assert where(sealed, home), "before, it is there: the search does find things"
    assert where([key], backups) == [str(backups / "people.cbor")], "keys are in one file, in no snapshot"

    done = erase(custody.office, PERSON.operator, **ORDER)
    assert (done.copies, done.settled) == (2, True)
    custody.export_log(tiles)
    backup.create(custody.office, backups)

    assert where([*traces_of_person(), *sealed], home, tiles) == []
    assert where([*traces_of_person(), key], backups) == [], (
        "the earlier backup has lost the person's key too"
    )
    backup.prune(backups, 1)
    assert where([*traces_of_person(), *sealed], home, tiles, backups) == []


def test_a_restored_earlier_backup_does_not_bring_the_person_back(
    custody: Custody, tmp_path: Path, copies: list[IssuedCopy]
) -> None:
    backups = tmp_path / "backups"
    first = backup.create(custody.office, backups)
    erase(custody.office, PERSON.operator, **ORDER)
    backup.create(custody.office, backups)
    backup.restore(backups, tmp_path / "again", first.name)
    key_file = tmp_path / "home" / "keys" / "home.key"
    with Custody.open(tmp_path / "again", key_file=key_file) as restored:
        shown = [restored.copy(copy.id).operator for copy in copies]
        assert shown == ["(erased)", OTHER.operator, "(erased)"]
        assert restored.check(EVERYTHING) == []


def test_every_receipt_still_verifies_and_the_home_is_whole(
    custody: Custody, copies: list[IssuedCopy]
) -> None:
    ledger = custody.office.ledger
    before = [(e, ledger.receipt(e.index)) for e in ledger.entries()]
    done = erase(custody.office, PERSON.operator, **ORDER)
    keys = ledger.keys().receipt_keys
    for entry, receipt in before:
        assert verify_receipt(receipt, entry.statement, keys).index == entry.index
        assert verify_receipt(ledger.receipt(entry.index), entry.statement, keys).size == ledger.size()
    assert custody.check(EVERYTHING) == []
    [(index, opening)] = custody.office.acts(ERASED)
    assert index == done.entry.index
    assert (opening["authority"][1], opening["basis"][1], opening["copies"][1]) == (*ORDER.values(), 2)
    assert PERSON.operator not in str(opening)


def test_others_are_untouched_and_a_leak_is_still_traced_to_its_copy(
    custody: Custody, tmp_path: Path, copies: list[IssuedCopy]
) -> None:
    erase(custody.office, PERSON.operator, **ORDER)
    assert [c.operator for c in custody.copies()] == ["(erased)", OTHER.operator, "(erased)"]
    assert custody.copies(operator=PERSON.operator) == []
    assert custody.copies(device=PERSON.device) == []
    assert len(custody.copies(operator=OTHER.operator)) == 1
    answer = custody.trace([copies[2].path or tmp_path])
    assert [(str(c.accused.copy), c.operator) for c in answer.copies] == [(str(copies[2].id), "(erased)")]
    with pytest.raises(NotRegistered, match="erased"):
        custody.export_evidence(answer.trace, tmp_path / "evidence")


def test_a_person_can_come_back_under_a_new_key(custody: Custody, copies: list[IssuedCopy]) -> None:
    erase(custody.office, PERSON.operator, **ORDER)
    custody.issue_many(str(copies[0].code), [PERSON], None)
    assert len(custody.copies(operator=PERSON.operator)) == 1, "what was erased stays erased"
    assert erase(custody.office, PERSON.operator, **ORDER).copies == 1


def test_it_needs_a_person_an_authority_and_a_basis(custody: Custody, copies: list[IssuedCopy]) -> None:
    size = custody.office.ledger.size()
    with pytest.raises(NotRegistered):
        erase(custody.office, "nobody", **ORDER)
    for missing in ("authority", "basis"):
        with pytest.raises(UsageProblem):
            erase(custody.office, PERSON.operator, **{**ORDER, missing: "  "})
    assert custody.office.ledger.size() == size
    assert concerned(custody.office, PERSON.operator) == 2
    erase(custody.office, PERSON.operator, **ORDER)
    with pytest.raises(NotRegistered):
        erase(custody.office, PERSON.operator, **ORDER)


def test_a_reader_elsewhere_is_reported_and_the_erasure_stands(
    custody: Custody, tmp_path: Path, copies: list[IssuedCopy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sealtrace.ledger.database.BUSY_MS", 1)
    custody.close()
    place = str(tmp_path / "home" / "register.db")
    with Custody.open(tmp_path / "home") as again, closing(apsw.Connection(place)) as other:
        other.execute("BEGIN; SELECT count(*) FROM copies")
        done = erase(again.office, PERSON.operator, **ORDER)
        other.execute("ROLLBACK")
        assert (done.copies, done.settled) == (2, False)
        assert again.copies(operator=PERSON.operator) == []
    assert where(traces_of_person(), tmp_path / "home") == []
