"""Registering: identity, duplicates, versions, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sealtrace.custody.register import Refused
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    InputEmpty,
    InputMissing,
    NotAnOriginal,
    NotRegistered,
    SealtraceError,
    VersionConflict,
)
from sealtrace.ids import FileCode

from ..conftest import prose


def text_file(folder: Path, name: str, seed: int, lines: int = 30) -> Path:
    path = folder / name
    path.write_text("\n".join(prose(seed, lines)) + "\n萃取段流量与酸度控制要求\n", encoding="utf-8")
    return path


def test_identity_is_code_version_digest_iscc_and_entry(custody: Custody, tmp_path: Path) -> None:
    path = text_file(tmp_path, "notes.txt", 1)
    [done] = custody.register([path], level="important", title="Notes")
    assert FileCode.parse(str(done.code)) == done.code
    assert (done.version, done.sha256) == (1, hashlib.sha256(path.read_bytes()).digest())
    assert done.iscc.startswith("ISCC:")
    assert custody.office.ledger.entry(done.entry.index).leaf == done.entry.leaf
    held = custody.version(str(done.code))
    assert (held.title, held.level) == ("Notes", "important")
    assert custody.office.vault.read(held.sha256) == path.read_bytes()


def test_same_bytes_answer_with_the_existing_code_and_no_new_entry(custody: Custody, tmp_path: Path) -> None:
    path = text_file(tmp_path, "notes.txt", 1)
    [first] = custody.register([path])
    size = custody.office.ledger.size()
    twin = tmp_path / "twin.txt"
    twin.write_bytes(path.read_bytes())
    [again] = custody.register([twin])
    assert (again.code, again.version, again.new) == (first.code, 1, False)
    assert again.entry == first.entry
    assert "already registered" in again.notes[0]
    assert custody.office.ledger.size() == size


def test_versions_form_a_chain(custody: Custody, tmp_path: Path) -> None:
    [first] = custody.register([text_file(tmp_path, "notes.txt", 1)])
    [second] = custody.register([text_file(tmp_path, "notes.txt", 2)], new_version_of=str(first.code))
    assert (second.code, second.version) == (first.code, 2)
    assert [v.version for v, _ in custody.chain(str(first.code))] == [1, 2]
    assert custody.version(f"{first.code}@1").sha256 == first.sha256
    with pytest.raises(NotRegistered, match="no version 3"):
        custody.version(f"{first.code}@3")


def test_a_version_can_not_take_bytes_of_another_file(custody: Custody, tmp_path: Path) -> None:
    [one] = custody.register([text_file(tmp_path, "a.txt", 1)])
    [two] = custody.register([text_file(tmp_path, "b.txt", 2)])
    with pytest.raises(VersionConflict, match=str(two.code)):
        custody.register([tmp_path / "b.txt"], new_version_of=str(one.code))


def test_near_duplicates_are_pointed_out(custody: Custody, tmp_path: Path) -> None:
    [first] = custody.register([text_file(tmp_path, "a.txt", 1, lines=400)])
    changed = tmp_path / "b.txt"
    changed.write_text((tmp_path / "a.txt").read_text("utf-8") + "one more line\n", "utf-8")
    [second] = custody.register([changed])
    assert second.code != first.code
    assert any(str(first.code) in note for note in second.notes)
    [third] = custody.register([text_file(tmp_path, "c.txt", 99, lines=400)])
    assert not any("nearly the same" in note for note in third.notes)


def test_a_copy_is_not_registered_as_an_original(
    custody: Custody, tmp_path: Path, page_png: Callable[..., Path]
) -> None:
    [page] = custody.register([page_png(5)])
    from sealtrace.custody.model import Recipient

    issued = custody.issue(str(page.code), Recipient("op", "dev", "10.0.0.1"), tmp_path / "copy.png")
    with pytest.raises(NotAnOriginal, match=str(issued.id)):
        custody.register([tmp_path / "copy.png"])


def test_one_bad_file_does_not_stop_the_rest(custody: Custody, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    results = list(
        custody.register_each(
            [
                text_file(tmp_path, "a.txt", 1),
                tmp_path / "empty.txt",
                tmp_path / "gone.txt",
                text_file(tmp_path, "b.txt", 2),
            ]
        )
    )
    assert [isinstance(r, Refused) for r in results] == [False, True, True, False]
    assert [type(r.error) for r in results if isinstance(r, Refused)] == [InputEmpty, InputMissing]


def test_folders_are_walked_without_hidden_files(custody: Custody, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    text_file(folder, "a.txt", 1)
    text_file(folder / "deep", "b.txt", 2)
    text_file(folder, ".hidden.txt", 3)
    assert {done.path.name for done in custody.register([folder])} == {"a.txt", "b.txt"}


def test_any_bytes_are_taken_as_opaque(custody: Custody, tmp_path: Path) -> None:
    path = tmp_path / "firmware.bin"
    path.write_bytes(bytes(range(7, 256)) * 50)
    [done] = custody.register([path])
    assert (done.kind, done.version) == ("opaque", 1)


def test_every_error_has_a_code_advice_and_an_exit_code() -> None:
    from sealtrace.errors import all_errors

    classes = all_errors()
    assert len({c.code for c in classes}) == len(classes)
    assert all(issubclass(c, SealtraceError) and c.advice and c.exit_code not in (0, 1, 3) for c in classes)
