"""The log: durable, one writer, each call whole or not at all, tampering found by name."""

from __future__ import annotations

import gc
import hashlib
import shutil
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest

from sealtrace.clock import FixedClock
from sealtrace.errors import Corrupted, HistoryForked, ProofInvalid, SealtraceError, StorageFailed
from sealtrace.ledger import log as log_module
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.commitment import commit, field_commitment, verify_opening
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, Entry, LedgerKeys
from sealtrace.ledger.publish import publish
from sealtrace.ledger.verify import (
    open_checkpoint,
    verify_commitment,
    verify_consistency,
    verify_receipt,
    verify_statement,
)

KEYS = LedgerKeys("test.example/log", "urn:test:issuer", lambda name: hashlib.sha256(name.encode()).digest())
CLOCK = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))


def draft(number: int) -> Draft:
    return Draft("copy:issued", f"{number:016x}", commit({"n": number}).digest, "application/vnd.test+cbor")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def ledger(place: Path) -> Ledger:
    return Ledger.create(place, KEYS, CLOCK)


def reopen(ledger: Ledger, place: Path) -> Ledger:
    ledger.close()
    return Ledger.open(place, KEYS, CLOCK)


def test_entries_are_there_after_reopening(ledger: Ledger, place: Path) -> None:
    told = [ledger.append([draft(i)])[0] for i in range(5)] + ledger.append([draft(i) for i in range(5, 300)])
    again = reopen(ledger, place)
    assert [e.index for e in told] == list(range(300))
    assert list(again.entries()) == told
    assert again.check(EVERYTHING) == []
    assert again.find(told[123].leaf) == 123
    assert again.find(bytes(32)) is None


def test_old_roots_stay_provable(ledger: Ledger) -> None:
    heads = []
    for batch in (1, 2, 5, 17, 100):
        ledger.append([draft(i) for i in range(batch)])
        heads.append((ledger.size(), ledger.root()))
    for old, old_root in heads:
        for new, new_root in heads:
            if old <= new:
                verify_consistency(old, new, ledger.consistency(old, new), old_root, new_root)


def test_concurrent_callers_share_commits_and_get_their_own_entries(ledger: Ledger) -> None:
    got: dict[int, list[Entry]] = {}

    def caller(name: int) -> None:
        got[name] = [e for i in range(20) for e in ledger.append([draft(name * 1000 + i), draft(name)])]

    threads = [threading.Thread(target=caller, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    indexes = sorted(e.index for entries in got.values() for e in entries)
    assert indexes == list(range(8 * 40))
    for entries in got.values():
        assert all(ledger.entry(e.index) == e for e in entries)
    assert ledger.check(EVERYTHING) == []


def test_rows_stand_or_fall_with_their_entries(ledger: Ledger) -> None:
    ledger.append([], lambda db, _: db.execute("CREATE TABLE mine(entry INTEGER)") and None)

    def good(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        db.execute("INSERT INTO mine VALUES (?)", (entries[0].index,))

    def bad(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        good(db, entries)
        raise RuntimeError("rows failed")

    ledger.append([draft(1)], good)
    with pytest.raises(RuntimeError, match="rows failed"):
        ledger.append([draft(2)], bad)
    ledger.append([draft(3)], good)
    assert ledger.reader().execute("SELECT entry FROM mine").fetchall() == [(0,), (1,)]
    assert ledger.size() == 2
    assert ledger.check(EVERYTHING) == []


def test_one_failing_call_takes_nothing_of_the_others_in_its_batch(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bad(db: apsw.Connection, entries: Sequence[Entry]) -> None:
        raise RuntimeError("no")

    calls = [
        log_module._Call(
            [ledger._statement_signer(ledger.heads.signers).sign(draft(i))], bad if i == 1 else None
        )
        for i in range(3)
    ]
    ledger._queue.extend(calls)
    ledger.append([draft(9)])
    assert [isinstance(c.error, RuntimeError) for c in calls] == [False, True, False]
    assert ledger.size() == 3
    assert ledger.check(EVERYTHING) == []


class Flaky:
    """A connection whose named statement fails once: before it runs (not kept) or after (kept)."""

    def __init__(self, real: apsw.Connection, word: str, *, kept: bool) -> None:
        self.real, self.word, self.kept, self.armed = real, word, kept, True

    def execute(self, sql: str, *args: object) -> object:
        return self._do(self.real.execute, sql, *args)

    def executemany(self, sql: str, *args: object) -> object:
        return self._do(self.real.executemany, sql, *args)

    def _do(self, what: Callable[..., object], sql: str, *args: object) -> object:
        if self.armed and sql.startswith(self.word):
            self.armed = False
            if self.kept:
                what(sql, *args)
            raise apsw.FullError("the disk is full")
        return what(sql, *args)

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    "step",
    ["BEGIN", "SAVEPOINT", "RELEASE", "INSERT INTO bundles", "INSERT OR REPLACE INTO tiles",
     "INSERT OR REPLACE INTO head", "COMMIT"],
)  # fmt: skip
def test_each_write_failing_kept_and_not_kept(ledger: Ledger, place: Path, step: str, kept: bool) -> None:
    ledger.append([draft(0)])
    ledger._writer = Flaky(ledger._writing(), step, kept=kept)  # type: ignore[assignment]
    with pytest.raises(StorageFailed):
        ledger.append([draft(1)], lambda _db, _entries: None)  # a call with rows has a savepoint
    size = ledger.size()
    assert size == (2 if step == "COMMIT" and kept else 1)
    [retried] = ledger.append([draft(1)])  # trying again is harmless
    assert retried.index == size
    assert reopen(ledger, place).check(EVERYTHING) == []


def test_read_only_place_is_storage_failed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.append([draft(0)])
    ledger._writing().execute("PRAGMA query_only = ON")
    with pytest.raises(StorageFailed):
        ledger.append([draft(1)])
    assert ledger.size() == 1


def spoil(place: Path, sql: str, *args: object) -> None:
    db = apsw.Connection(str(place))
    db.execute(sql, args)  # type: ignore[arg-type]
    db.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE head SET size = size - 1",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET checkpoint = replace(checkpoint, 'test.example', 'evil.example')",
        "DELETE FROM head",
    ],
)
def test_a_spoiled_head_does_not_open(ledger: Ledger, place: Path, sql: str) -> None:
    ledger.append([draft(i) for i in range(4)])
    ledger.close()
    spoil(place, sql)
    with pytest.raises(SealtraceError) as caught:
        Ledger.open(place, KEYS, CLOCK)
    assert isinstance(caught.value, Corrupted)


def test_a_restored_old_database_is_called_a_fork(ledger: Ledger, place: Path, tmp_path: Path) -> None:
    ledger.append([draft(1)])
    ledger.close()
    shutil.copy(place, tmp_path / "backup.db")
    later = Ledger.open(place, KEYS, CLOCK)
    later.append([draft(2)])
    later.close()
    shutil.copy(tmp_path / "backup.db", place)
    with pytest.raises(HistoryForked, match="2 entries was signed before"):
        Ledger.open(place, KEYS, CLOCK)


def test_another_history_of_the_same_size_is_called_a_fork(tmp_path: Path) -> None:
    for name, first in (("a", 1), ("b", 2)):
        made = Ledger.create(tmp_path / f"{name}.db", KEYS, CLOCK)
        made.append([draft(first)])
        made.close()
    shutil.copy(tmp_path / "b.db", tmp_path / "a.db")
    with pytest.raises(HistoryForked, match="another root"):
        Ledger.open(tmp_path / "a.db", KEYS, CLOCK)


def test_what_it_publishes_verifies_with_its_public_keys_alone(ledger: Ledger) -> None:
    made = commit({"operator": "op-1", "ip": "10.0.0.1"})
    [entry] = ledger.append([Draft("copy:issued", "00ff", made.digest, "application/vnd.test+cbor")])
    ledger.append([draft(i) for i in range(10)])
    keys = ledger.keys()
    header = verify_statement(entry.statement, keys.statement_keys)
    assert header[15] == {1: "urn:test:issuer", 2: "00ff"}
    proved = verify_receipt(ledger.receipt(0), entry.statement, keys.receipt_keys)
    head = open_checkpoint(ledger.checkpoint(), keys.verifier_keys)
    assert (proved.index, proved.size, proved.root) == (0, head.size, head.root)
    assert verify_commitment(entry.statement, made.opening)
    with pytest.raises(ProofInvalid):
        verify_receipt(ledger.receipt(1), entry.statement, keys.receipt_keys)
    with pytest.raises(ProofInvalid):
        verify_statement(entry.statement, keys.receipt_keys)


def test_no_personal_data_is_on_the_log(ledger: Ledger, place: Path) -> None:
    made = commit({"operator": "Zhang San", "ip": "203.0.113.77"})
    ledger.append([Draft("copy:issued", "00ff", made.digest, "application/vnd.test+cbor")])
    ledger.close()
    for file in place.parent.iterdir():
        assert b"Zhang" not in file.read_bytes()
        assert b"203.0.113.77" not in file.read_bytes()


def test_one_field_can_be_shown_without_the_others() -> None:
    made = commit({"operator": "op-1", "ip": "10.0.0.1", "n": 3})
    shown = {"ip": made.opening["ip"]}
    hidden = [field_commitment(n, s, v) for n, (s, v) in made.opening.items() if n != "ip"]
    assert verify_opening(made.digest, shown, hidden)
    assert not verify_opening(made.digest, {"ip": [made.opening["ip"][0], "10.0.0.2"]}, hidden)
    assert commit({"ip": "10.0.0.1"}).digest != commit({"ip": "10.0.0.1"}).digest, "salts differ"


def test_receipts_and_statements_hold_for_a_foreign_verifier(ledger: Ledger) -> None:
    import scitt_cose

    entries = ledger.append([draft(i) for i in range(21)])
    keys = ledger.keys()
    for index in (0, 7, 16, 20):
        held = scitt_cose.verify_receipt(
            ledger.receipt(index),
            leaf_entry_hex=entries[index].statement.hex(),
            log_public_key_pem=keys.receipt_keys[0],
        )
        assert held.ok, held.errors
        scitt_cose.verify_sign1(entries[index].statement, public_key_pem=keys.statement_keys[0])
    other = scitt_cose.verify_receipt(
        ledger.receipt(3), leaf_entry_hex=entries[4].statement.hex(), log_public_key_pem=keys.receipt_keys[0]
    )
    assert not other.ok


def test_tiles_carry_the_whole_log(ledger: Ledger, tmp_path: Path) -> None:
    """Rebuild entries and root from the published files alone, as C2SP tlog-tiles lays them out."""
    from sealtrace.ledger.merkle import Frontier, leaf_hash
    from sealtrace.ledger.tiles import tile_path

    entries = ledger.append([draft(i) for i in range(700)])
    publish(ledger, tmp_path / "out", ledger.complete())
    size = int((tmp_path / "out" / "checkpoint").read_text().split("\n")[1])
    statements = []
    for tile in range(-(-size // 256)):
        width = min(256, size - 256 * tile)
        name = tile_path(tile) + ("" if width == 256 else f".p/{width}")
        data, at = (tmp_path / "out/tile/entries" / name).read_bytes(), 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 2], "big")
            statements.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        leaves = (tmp_path / "out/tile/0" / name).read_bytes()
        assert leaves == b"".join(leaf_hash(s) for s in statements[256 * tile :])
    assert statements == [e.statement for e in entries]
    frontier = Frontier(0, {}.__getitem__)
    frontier.append([leaf_hash(s) for s in statements])
    assert frontier.root() == open_checkpoint(ledger.checkpoint(), ledger.keys().verifier_keys).root
    assert len((tmp_path / "out/tile/1/000.p/2").read_bytes()) == 64
    assert tile_path(1234067) == "x001/x234/067"


@pytest.mark.parametrize(
    "note",
    [
        "",
        "x\n",
        "a\n1\nb\n",
        "a\n1\nAAAA\n\n",
        "a\n01\n" + "A" * 43 + "=\n\n\u2014 a AAAA\n",
        "\u2014 a b\n\n\n",
    ],
)
def test_malformed_checkpoints_are_refused(ledger: Ledger, note: str) -> None:
    with pytest.raises(ProofInvalid):
        open_checkpoint(note, ledger.keys().verifier_keys)


def test_an_altered_checkpoint_is_refused_at_every_byte(ledger: Ledger) -> None:
    ledger.append([draft(1)])
    note = ledger.checkpoint()
    for at in range(len(note)):
        if note[at] != "\n":
            with pytest.raises((ProofInvalid, UnicodeEncodeError)):
                open_checkpoint(
                    note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :],
                    ledger.keys().verifier_keys,
                )


def test_a_thread_that_ends_takes_its_connection_with_it(ledger: Ledger) -> None:
    ledger.append([draft(1)])
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        thread = threading.Thread(target=ledger.size)
        thread.start()
        thread.join()
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 10
