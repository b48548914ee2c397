"""Rotation: both keys sign during the overlap, the change is an entry, and trust can be followed through it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sealtrace.custody import keys, publication
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.errors import ProofInvalid, UsageProblem
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.note import Note, open_checkpoint
from sealtrace.ledger.notekey import NoteKey
from sealtrace.ledger.rotation import follow
from sealtrace.ledger.verify import verify_receipt, verify_statement
from sealtrace.trace.verify import verify

from ..conftest import prose
from ..ledger.rig import Town, draft


def signed_by(note: str, vkeys: tuple[str, ...]) -> list[str]:
    return [key.text for key in Note.parse(note).held_by(map(NoteKey.parse, vkeys))]


def test_old_and_new_sign_every_head_until_the_old_is_retired(custody: Custody) -> None:
    ledger = custody.office.ledger
    [old] = ledger.keys().verifier_keys
    entry = keys.rotate(custody.office)
    new, also = ledger.keys().verifier_keys
    assert also == old
    assert signed_by(ledger.checkpoint(), (old, new)) == [old, new]
    ledger.append([draft(1)])
    assert signed_by(ledger.checkpoint(), (old, new)) == [old, new]
    assert open_checkpoint(ledger.checkpoint(), [old]) == open_checkpoint(ledger.checkpoint(), [new])
    keys.retire(custody.office)
    assert ledger.keys().verifier_keys == (new,)
    assert ledger.keys().retired_keys == (old,)
    assert signed_by(ledger.checkpoint(), (old, new)) == [new]
    with pytest.raises(ProofInvalid):
        open_checkpoint(ledger.checkpoint(), [old])
    generations = [(s.generation.from_size, s.generation.retired_at) for s in ledger.heads.every_signers]
    assert generations == [(0, 4), (entry.index + 1, None)], "by tree size, never by a clock"


def test_receipts_and_statements_of_every_generation_stay_valid(custody: Custody) -> None:
    ledger = custody.office.ledger
    given = [(ledger.entry(0), ledger.receipt(0))]
    for number in range(3):
        keys.rotate(custody.office)
        keys.retire(custody.office)
        [entry] = ledger.append([draft(number)])
        given.append((entry, ledger.receipt(entry.index)))
    public = ledger.keys()
    assert len(public.receipt_keys) == 4
    for entry, receipt in given:
        verify_receipt(receipt, entry.statement, public.receipt_keys)
        verify_statement(entry.statement, public.statement_keys)
    with pytest.raises(ProofInvalid, match="not among the given"):
        verify_receipt(given[-1][1], given[-1][0].statement, public.receipt_keys[1:])
    assert custody.check(EVERYTHING) == []


def test_the_home_opens_with_all_its_generations(custody: Custody, tmp_path: Path) -> None:
    keys.rotate(custody.office)
    keys.retire(custody.office)
    keys.rotate(custody.office)
    before = custody.office.ledger.keys()
    custody.close()
    with Custody.open(tmp_path / "home") as again:
        assert again.office.ledger.keys() == before
        assert again.check(EVERYTHING) == []


def test_another_process_learns_of_a_rotation(custody: Custody, tmp_path: Path) -> None:
    with Custody.open(tmp_path / "home") as other:
        keys.rotate(custody.office)
        keys.retire(custody.office)
        with other.office.writing():
            other.office.ledger.append([draft(1)])
        assert other.office.ledger.keys() == custody.office.ledger.keys()
    assert custody.check(EVERYTHING) == []


def test_a_statement_by_a_retired_key_is_found_by_the_check(custody: Custody) -> None:
    from sealtrace.ledger.statement import StatementSigner

    ledger = custody.office.ledger
    old = StatementSigner("urn:sealtrace:org:tw", ledger.heads.signers.statement)
    keys.rotate(custody.office)
    ledger.append_signed([old.sign(draft(5))])
    assert custody.check(EVERYTHING) == [], "during the overlap it may"
    keys.retire(custody.office)
    [entry] = ledger.append_signed([old.sign(draft(6))])
    [problem] = custody.check(EVERYTHING)
    assert problem.place == f"entry {entry.index}"
    assert "retired" in problem.problem


def rotations(custody: Custody) -> list[dict[str, Any]]:
    ledger = custody.office.ledger
    return [
        {"statement": ledger.entry(index).statement, "opening": opening}
        for index, opening in custody.office.acts(keys.ROTATED)
    ]


def test_trust_follows_rotations_step_by_step(custody: Custody) -> None:
    first = custody.office.ledger.keys()
    for _ in range(3):
        keys.rotate(custody.office)
        keys.retire(custody.office)
    steps, last = rotations(custody), custody.office.ledger.keys()
    verifiers, statements = follow(first.verifier_keys, first.statement_keys, steps)
    assert verifiers == set(last.of_any_time)
    assert statements == set(last.statement_keys)
    with pytest.raises(ProofInvalid):
        follow(first.verifier_keys, first.statement_keys, steps[1:])
    with pytest.raises(ProofInvalid):
        follow(last.verifier_keys, first.statement_keys, steps)


@pytest.mark.parametrize("field", ["new_verifier_key", "new_statement_key", "old_verifier_key", "possession"])
def test_an_altered_rotation_is_refused(custody: Custody, field: str) -> None:
    first = custody.office.ledger.keys()
    keys.rotate(custody.office)
    [step] = rotations(custody)
    salt, value = step["opening"][field]
    step["opening"][field] = [salt, value[:-1] + ("A" if value[-1] != "A" else "B")]
    with pytest.raises(ProofInvalid):
        follow(first.verifier_keys, first.statement_keys, [step])


def test_retiring_needs_an_older_key(custody: Custody) -> None:
    with pytest.raises(UsageProblem, match="no older key"):
        keys.retire(custody.office)
    keys.rotate(custody.office)
    keys.retire(custody.office)
    with pytest.raises(UsageProblem):
        keys.retire(custody.office)


def test_witnesses_go_on_through_a_rotation(custody: Custody, tmp_path: Path) -> None:
    town = Town(tmp_path, 2, custody.office.ledger.keys().verifier_keys)
    publication.set_policy(custody.office, town.policy(2))
    custody.export_log(tmp_path / "tiles", post=town.post)
    keys.rotate(custody.office)
    custody.export_log(tmp_path / "tiles", post=town.post)  # the old line is still there
    for witness in town.witnesses.values():
        witness.add_log(custody.office.ledger.keys().verifier_keys[0])
    keys.retire(custody.office)
    note = custody.export_log(tmp_path / "tiles", post=town.post)
    assert len(town.policy(2).satisfied(note)) == 2
    town.close()


def test_evidence_verifies_under_the_newest_key_alone(custody: Custody, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("\n".join(prose(3, 30)), "utf-8")
    [done] = custody.register([tmp_path / "notes.txt"])
    custody.issue(str(done.code), Recipient("li.wei", "WS-017", "10.1.2.3"), tmp_path / "copy.txt")
    keys.rotate(custody.office)
    keys.retire(custody.office)
    answer = custody.trace([tmp_path / "copy.txt"])
    custody.export_evidence(answer.trace, tmp_path / "evidence")
    [newest] = custody.office.ledger.keys().verifier_keys
    report = verify(tmp_path / "evidence", expected_key=newest)
    assert report.holds, [c for c in report.claims if not c.holds]
