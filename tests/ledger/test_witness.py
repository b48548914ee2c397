"""A witness: the protocol's answers one by one, and that it remembers before it speaks."""

from __future__ import annotations

import base64
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealtrace.errors import NotRegistered, ProofInvalid
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.note import Note, open_checkpoint
from sealtrace.ledger.notekey import NoteKey
from sealtrace.ledger.witness import Witness, request

from .rig import CLOCK, draft, keys, log_of, signers


@pytest.fixture
def log(tmp_path: Path) -> Ledger:
    return log_of(tmp_path / "log.db", 3)


@pytest.fixture
def witness(tmp_path: Path, log: Ledger) -> Witness:
    made = Witness(tmp_path / "witness.db", signers("w.example"), CLOCK)
    made.add_log(log.keys().verifier_keys[0])
    return made


def add(witness: Witness, log: Ledger, old: int, *, proof: list[bytes] | None = None) -> int:
    size = log.size()
    path = log.consistency(old, size) if proof is None and old <= size else proof or []
    return witness.add_checkpoint(request(old, path, log.checkpoint())).status


def test_it_cosigns_growth_with_both_keys(witness: Witness, log: Ledger) -> None:
    assert add(witness, log, 0) == 200
    log.append([draft(i) for i in range(10, 20)])
    reply = witness.add_checkpoint(request(3, log.consistency(3, 13), log.checkpoint()))
    assert reply.status == 200
    note = Note.parse(log.checkpoint() + reply.body)
    held = note.held_by(NoteKey.parse(key) for key in witness.keys)
    assert [key.name for key in held] == ["w.example", "w.example"]
    times = {
        key.timestamp(line.signature) for key in held for line in note.lines if line.digest == key.digest
    }
    assert times == {int(CLOCK.now().timestamp())}
    assert witness.heads() == [
        ("test.example/log", open_checkpoint(log.checkpoint(), log.keys().verifier_keys).head)
    ]


def test_its_lines_hold_for_a_foreign_verifier(witness: Witness, log: Ledger) -> None:
    from tlog_scales.signing import Vkey
    from tlog_scales.tlog import Checkpoint

    reply = witness.add_checkpoint(request(0, [], log.checkpoint()))
    read = Checkpoint.from_text(log.checkpoint() + reply.body)
    for key in (*witness.keys, *log.keys().verifier_keys):
        read.verify(Vkey.from_string(key))


def test_the_same_head_again_is_cosigned_again(witness: Witness, log: Ledger) -> None:
    assert add(witness, log, 0) == 200
    assert add(witness, log, 3) == 200


def test_an_empty_log_is_a_first_head(tmp_path: Path, witness: Witness) -> None:
    empty = log_of(tmp_path / "empty.db", 0)
    assert add(witness, empty, 0) == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"old 0", b"old 0\n\n", b"old x\n\nnote", b"old 01\n\nnote", b"old -1\n\nnote", b"new 0\n\nnote",
        b"old 0\n!!!\n\nnote", b"old 0\nAAAA\n\nnote", b"\xff\xfe", b"old 0 \n\nnote",
        b"old 9223372036854775808\n\nnote", b"old 0\n\nno\nsignature\nhere\n",
        b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\nnote", b"old 0\n\n" + b"x" * (1 << 20),
    ],
)  # fmt: skip
def test_400_for_what_is_no_request(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=80).map(lambda t: f"old 0\n\n{t}\n\n\u2014 x {t}\n".encode()),
    )
)
def test_no_foreign_bytes_make_it_fail_or_sign(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status in (400, 403, 404)


def test_400_for_an_old_size_beyond_the_head(witness: Witness, log: Ledger) -> None:
    assert add(witness, log, 4, proof=[]) == 400


def test_404_for_an_unknown_log(tmp_path: Path, witness: Witness) -> None:
    other = Ledger.create(tmp_path / "other.db", keys("other.example/log"), CLOCK)
    assert witness.add_checkpoint(request(0, [], other.checkpoint())).status == 404


def test_403_when_no_trusted_key_signed(tmp_path: Path, log: Ledger) -> None:
    witness = Witness(tmp_path / "w2.db", signers("w.example"), CLOCK)
    other = Ledger.create(tmp_path / "other.db", keys("x"), CLOCK)
    same_name = NoteKey(
        log.heads.signers.checkpoint.name, b"\x01", NoteKey.parse(other.keys().verifier_keys[0]).public
    )
    witness.add_log(same_name.text)
    assert witness.add_checkpoint(request(0, [], log.checkpoint())).status == 403


def test_403_when_the_trusted_line_does_not_hold(witness: Witness, log: Ledger) -> None:
    note = log.checkpoint()
    size_changed = note.replace("\n3\n", "\n4\n", 1)
    assert witness.add_checkpoint(request(0, [], size_changed)).status == 403


def test_409_tells_the_size_it_holds(witness: Witness, log: Ledger) -> None:
    assert add(witness, log, 0) == 200
    log.append([draft(9)])
    reply = witness.add_checkpoint(request(1, log.consistency(1, 4), log.checkpoint()))
    assert (reply.status, reply.body, reply.content_type) == (409, "3\n", "text/x.tlog.size")


def test_409_for_another_root_of_the_same_size_is_a_proven_fork(
    tmp_path: Path, witness: Witness, log: Ledger
) -> None:
    assert add(witness, log, 0) == 200
    fork = log_of(tmp_path / "fork.db", 3, first=100)
    for old in (3, 0):  # whatever old size the fork pretends
        reply = witness.add_checkpoint(request(old, [], fork.checkpoint()))
        assert (reply.status, reply.body) == (409, "3\n")
    [kept] = witness.forks()
    assert kept.proven
    assert kept.held == log.checkpoint()
    assert fork.checkpoint() in kept.offered
    roots = {
        open_checkpoint(note, log.keys().verifier_keys).root
        for note in (kept.held, kept.offered.partition("\n\n")[2])
    }
    assert len(roots) == 2, "both heads are signed by the log and contradict each other"
    assert witness.heads()[0][1].root == log.root(), "the first head stays"


def test_422_for_a_proof_that_does_not_join(tmp_path: Path, witness: Witness, log: Ledger) -> None:
    assert add(witness, log, 0) == 200
    fork = log_of(tmp_path / "fork.db", 8, first=100)
    assert add(witness, fork, 3) == 422
    assert add(witness, fork, 3) == 422
    [kept] = witness.forks()
    assert not kept.proven, "a wrong proof is a suspicion: anybody can send one"
    log.append([draft(i) for i in range(10, 15)])
    good = log.consistency(3, 8)
    assert add(witness, log, 3, proof=[bytes(32), *good[1:]]) == 422
    assert add(witness, log, 3, proof=good) == 200


def test_422_for_a_proof_where_none_belongs(witness: Witness, log: Ledger) -> None:
    assert add(witness, log, 0, proof=[bytes(32)]) == 422
    assert add(witness, log, 0) == 200
    assert add(witness, log, 3, proof=[bytes(32)]) == 422


def test_what_it_cosigned_is_remembered_after_a_restart(
    tmp_path: Path, witness: Witness, log: Ledger
) -> None:
    assert add(witness, log, 0) == 200
    witness.close()
    again = Witness(tmp_path / "witness.db", signers("w.example"), CLOCK)
    fork = log_of(tmp_path / "fork.db", 3, first=100)
    assert again.add_checkpoint(request(0, [], fork.checkpoint())).status == 409
    assert again.heads()[0][1].size == 3


class Refusing:
    """A database whose named statement fails: before it is done (not kept) or after (kept)."""

    def __init__(self, real: apsw.Connection, word: str, *, kept: bool) -> None:
        self.real, self.word, self.kept, self.armed = real, word, kept, True

    def execute(self, sql: str, *args: object) -> object:
        if self.armed and sql.startswith(self.word):
            self.armed = False
            if self.kept:
                self.real.execute(sql, *args)  # type: ignore[arg-type]
            raise apsw.FullError("the disk is full")
        return self.real.execute(sql, *args)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("step", ["BEGIN", "INSERT OR REPLACE INTO heads", "COMMIT"])
def test_it_signs_nothing_that_it_did_not_keep(witness: Witness, log: Ledger, step: str, kept: bool) -> None:
    witness._db = Refusing(witness._db, step, kept=kept)  # type: ignore[assignment]
    reply = witness.add_checkpoint(request(0, [], log.checkpoint()))
    assert reply.status == 503
    assert "—" not in reply.body
    held = witness.heads()[0][1].size
    assert held == (3 if step == "COMMIT" and kept else 0)
    assert add(witness, log, held) == 200, "asking again is harmless"


def test_a_rotated_log_has_two_keys_until_the_old_one_is_removed(
    tmp_path: Path, witness: Witness, log: Ledger
) -> None:
    other = Ledger.create(tmp_path / "x.db", keys("x"), CLOCK)
    new = NoteKey(
        log.heads.signers.checkpoint.name, b"\x01", NoteKey.parse(other.keys().verifier_keys[0]).public
    )
    witness.add_log(new.text)
    assert add(witness, log, 0) == 200
    assert witness.remove_log(log.keys().verifier_keys[0]) == "test.example/log"
    assert add(witness, log, 3) == 403
    with pytest.raises(NotRegistered):
        witness.remove_log(log.keys().verifier_keys[0])
    assert witness.heads()[0][1].size == 3


@pytest.mark.parametrize("key", ["", "x", "x+y+z", "a+00000000+AQ==", "log+12345678+" + "A" * 44])
def test_what_is_no_key_is_refused(witness: Witness, key: str) -> None:
    with pytest.raises(ProofInvalid):
        witness.add_log(key)
