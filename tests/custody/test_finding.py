"""Finding entries by bytes, person and device."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from sealtrace.custody.erasure import erase
from sealtrace.custody.finding import find
from sealtrace.custody.model import IssuedCopy, Recipient
from sealtrace.custody.service import Custody

from ..conftest import prose

LI, CHEN = Recipient("li.wei", "WS-017", "10.1.2.3"), Recipient("chen.tao", "WS-017", "10.1.2.4")


@pytest.fixture
def copies(custody: Custody, tmp_path: Path) -> list[IssuedCopy]:
    (tmp_path / "notes.txt").write_text("\n".join(prose(3, 30)), "utf-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("inner.txt", "\n".join(prose(4, 30)))
    files = custody.register([tmp_path / "notes.txt", tmp_path / "all.zip"])
    return custody.issue_many(str(files[0].code), [LI, CHEN, LI], tmp_path / "copies")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_by_the_bytes_of_an_original_a_copy_and_an_archives_member(
    custody: Custody, tmp_path: Path, copies: list[IssuedCopy]
) -> None:
    def found(data: bytes) -> list[tuple[int, str]]:
        return find(custody.office, sha256=sha256(data))

    assert found((tmp_path / "notes.txt").read_bytes()) == [(1, f"file {copies[0].code}@1")]
    assert copies[1].path is not None
    assert found(copies[1].path.read_bytes()) == [(copies[1].entry.index, f"copy {copies[1].id}")]
    [(index, about)] = found("\n".join(prose(4, 30)).encode())
    assert (index, about.endswith("@1, a member")) == (2, True)
    assert found(b"never seen") == []


def test_by_person_and_device(custody: Custody, copies: list[IssuedCopy]) -> None:
    def indexes(**by: str) -> list[int]:
        return [index for index, _ in find(custody.office, **by)]  # type: ignore[arg-type]

    assert indexes(operator="li.wei") == [copies[0].entry.index, copies[2].entry.index]
    assert indexes(device="WS-017") == [copy.entry.index for copy in copies]
    assert indexes(operator="li.wei", device="nowhere") == indexes(operator="li.wei")
    assert indexes(operator="Li.Wei") == []


def test_an_erased_person_is_not_found_and_the_others_on_the_device_are(
    custody: Custody, copies: list[IssuedCopy]
) -> None:
    erase(custody.office, "li.wei", authority="office", basis="GDPR art. 17")
    assert find(custody.office, operator="li.wei") == []
    assert [index for index, _ in find(custody.office, device="WS-017")] == [copies[1].entry.index]


def test_names_are_not_in_the_database(custody: Custody, tmp_path: Path, copies: list[IssuedCopy]) -> None:
    custody.office.ledger.empty_write_ahead_log()
    data = (tmp_path / "home" / "register.db").read_bytes()
    assert b"li.wei" not in data
    assert b"WS-017" not in data
