"""The SM profile: an SM2 line and an SM3 root on every head; the SHA-256 log stays what it was."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import apsw
import pytest

from sealtrace.errors import Corrupted, ProofInvalid
from sealtrace.ledger import merkle
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Profile
from sealtrace.ledger.note import Note, open_checkpoint
from sealtrace.ledger.notekey import SM2, NoteKey
from sealtrace.ledger.tree import HASH_BYTES, HEIGHT, SM3, WIDTH, read_tile, tile_id

from .rig import CLOCK, draft, keys, log_of


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def sm3_root(entries: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word over SM3: the recursive definition, no incremental tree."""
    if not entries:
        return sm3(b"")
    if len(entries) == 1:
        return sm3(b"\x00" + entries[0])
    k = 1 << (len(entries) - 1).bit_length() - 1
    return sm3(b"\x01" + sm3_root(entries[:k]) + sm3_root(entries[k:]))


@pytest.fixture
def log(tmp_path: Path) -> Ledger:
    return log_of(tmp_path / "log.db", 0, profile=Profile.SM)


def signed_sm3_root(note: str) -> bytes:
    [line] = [row for row in note.split("\n") if row.startswith("sm3 ")]
    return base64.b64decode(line.removeprefix("sm3 "))


@pytest.mark.parametrize("batches", [[], [1], [2, 1], [7, 8, 1], [300]])
def test_the_second_root_is_that_of_the_recursive_definition(log: Ledger, batches: list[int]) -> None:
    for batch in batches:
        log.append([draft(i) for i in range(batch)])
    entries = [entry.statement for entry in log.entries()]
    note = log.checkpoint()
    assert signed_sm3_root(note) == sm3_root(entries)
    [key] = [k for k in map(NoteKey.parse, log.keys().cosigner_keys) if k.kind == SM2]
    assert Note.parse(note).held_by([key]) == [key], "every head has its SM2 line from the start"
    assert open_checkpoint(note, log.keys().verifier_keys).root == log.root()


def test_the_sm2_line_signs_the_sm3_root(log: Ledger) -> None:
    log.append([draft(1)])
    note = log.checkpoint()
    [key] = [k for k in map(NoteKey.parse, log.keys().cosigner_keys) if k.kind == SM2]
    altered = note.replace("\nsm3 ", "\nsm4 ")
    with pytest.raises(ProofInvalid):
        Note.parse(altered).held_by([key])


def test_both_profiles_have_the_same_canonical_log(tmp_path: Path, log: Ledger) -> None:
    plain = log_of(tmp_path / "plain.db", 0)
    statements = [plain.append([draft(i)])[0].statement for i in range(9)]
    log.append_signed(statements)
    assert log.root() == plain.root()


def spoil(place: Path, leaf: int) -> None:
    """Flip a bit of a leaf hash in the second tree."""
    with apsw.Connection(str(place)) as db:
        tile, at = leaf // WIDTH, HASH_BYTES * (leaf % WIDTH)
        hashes = bytearray(read_tile(db, 0, tile, SM3))
        hashes[at] ^= 1
        db.execute("UPDATE tiles_sm3 SET hashes = ? WHERE id = ?", (bytes(hashes), tile_id(0, tile)))


def test_a_flipped_bit_in_the_second_tree_is_found_by_name(tmp_path: Path, log: Ledger) -> None:
    log.append([draft(i) for i in range(WIDTH + 8)])
    log.close()
    spoil(tmp_path / "log.db", 5)
    again = Ledger.open(tmp_path / "log.db", keys(profile=Profile.SM), CLOCK)
    places = {problem.place for problem in again.check(EVERYTHING)}
    assert places == {"entry 5", f"SM3 node {merkle.number(HEIGHT, 0)}"}


def test_a_flipped_bit_at_its_right_edge_does_not_open(tmp_path: Path, log: Ledger) -> None:
    log.append([draft(i) for i in range(5)])
    log.close()
    spoil(tmp_path / "log.db", 4)
    with pytest.raises(Corrupted, match="SM3 tree"):
        Ledger.open(tmp_path / "log.db", keys(profile=Profile.SM), CLOCK)


def test_the_default_profile_has_no_second_tree(tmp_path: Path) -> None:
    plain = log_of(tmp_path / "plain.db", 5)
    assert "sm3" not in plain.checkpoint()
    assert not [k for k in plain.keys().cosigner_keys if NoteKey.parse(k).kind == SM2]
