"""What is stored: bundles, tiles, search runs; harm to any of them is found by name; older layouts are taken over."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealtrace.clock import FixedClock
from sealtrace.errors import Corrupted, HistoryForked, NotRegistered, ProofInvalid
from sealtrace.ledger import bundles, database, heads, merkle, search
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import LedgerKeys, Profile
from sealtrace.ledger.verify import verify_consistency, verify_inclusion

KEYS = LedgerKeys("test.example/log", "urn:test:issuer", lambda name: hashlib.sha256(name.encode()).digest())
CLOCK = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
SIZE = 2 * 4096 + 300


def statement(number: int) -> bytes:
    return f"statement {number} ".encode() * (1 + number % 7)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that grew by single entries, and by batches that end anywhere."""
    place = tmp_path_factory.mktemp("grown") / "log.db"
    ledger = Ledger.create(place, KEYS, CLOCK)
    for number in range(10):
        ledger.append_signed([statement(number)])
    steps = [10, 63, 64, 300, 1000, 1001, 2024, 3024, 4024, 4090, 4200, 5200, 6200, 7200, 8190, SIZE]
    for start, end in pairwise(steps):
        ledger.append_signed([statement(number) for number in range(start, end)])
    ledger.close()
    return place


@pytest.fixture
def place(grown: Path, tmp_path: Path) -> Path:
    shutil.copytree(grown.parent, tmp_path / "copy")
    return tmp_path / "copy" / "log.db"


@pytest.fixture
def ledger(place: Path) -> Ledger:
    return Ledger.open(place, KEYS, CLOCK)


def test_it_is_the_tree_that_the_standard_defines(ledger: Ledger) -> None:
    stored: dict[int, bytes] = {}
    frontier = merkle.Frontier(0, stored.__getitem__)
    roots = {}
    for number in range(SIZE):
        stored.update(frontier.append([merkle.leaf_hash(statement(number))]))
        roots[number + 1] = frontier.root()
    for size in (1, 255, 256, 257, 512, 4095, 4096, 4097, 8192, SIZE):
        assert ledger.root(size) == roots[size]
    for index in (0, 5, 63, 64, 255, 256, 999, 1000, 4095, 4096, 8191, 8192, SIZE - 1):
        assert ledger.leaf(index) == merkle.leaf_hash(statement(index))
        for size in (index + 1, SIZE):
            proof = ledger.inclusion(index, size)
            verify_inclusion(index, size, merkle.leaf_hash(statement(index)), proof, roots[size])
    for old in (1, 200, 256, 4096, 5000):
        verify_consistency(old, SIZE, ledger.consistency(old, SIZE), roots[old], roots[SIZE])


def test_every_entry_is_read_and_found(ledger: Ledger) -> None:
    assert [e.statement for e in ledger.entries()] == [statement(i) for i in range(SIZE)]
    assert [e.index for e in ledger.entries(60, 1030)] == list(range(60, 1030))
    for index in range(0, SIZE, 31):
        assert ledger.entry(index).statement == statement(index)
        assert ledger.find(merkle.leaf_hash(statement(index))) == index
    assert ledger.find(merkle.leaf_hash(b"another")) is None
    for index in (-1, SIZE):
        with pytest.raises(IndexError):
            ledger.entry(index)


def test_of_equal_entries_the_first_is_found(ledger: Ledger) -> None:
    ledger.append_signed([statement(77), statement(SIZE - 1)])
    assert ledger.find(merkle.leaf_hash(statement(77))) == 77
    assert ledger.find(merkle.leaf_hash(statement(SIZE - 1))) == SIZE - 1


def test_runs_that_merge_hold_every_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With shorter runs the same code merges twice within a few thousand entries."""
    monkeypatch.setattr(search, "RUNS", (4096, 1024, 256))
    ledger = Ledger.create(tmp_path / "log.db", KEYS, CLOCK)
    for start in range(0, 9000, 900):
        ledger.append_signed([statement(number) for number in range(start, start + 900)])
    assert [length for _, length in search.runs(9000)] == [4096, 4096, 256, 256, 256]
    for index in range(0, 9000, 17):
        assert ledger.find(merkle.leaf_hash(statement(index))) == index
    assert ledger.check() == []


@given(st.integers(0, 1 << 26))
def test_runs_cover_the_log_up_to_less_than_the_shortest(size: int) -> None:
    at = 0
    for first, length in search.runs(size):
        assert first == at
        assert first % length == 0
        at += length
    assert 0 <= size - at < search.RUNS[-1]


@given(st.lists(st.binary(max_size=300), max_size=90))
def test_a_bundle_gives_back_its_statements(statements: list[bytes]) -> None:
    assert list(bundles.split(bundles.join(statements))) == statements


def test_an_entry_that_could_not_be_published_is_refused(ledger: Ledger) -> None:
    [longest] = ledger.append_signed([bytes(0xFFFF)])
    assert ledger.entry(longest.index) == longest
    with pytest.raises(ProofInvalid, match="65535"):
        ledger.append_signed([b"short", bytes(0x10000)])
    assert ledger.size() == SIZE + 1


def change(place: Path, table: str, column: str, row: int, at: int) -> None:
    """Flip one bit of the byte at `at` of a stored value."""
    db = apsw.Connection(str(place))
    [(data,)] = db.execute(f"SELECT {column} FROM {table} WHERE id = ?", (row,))
    db.execute(
        f"UPDATE {table} SET {column} = ? WHERE id = ?",
        (data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], row),
    )
    db.close()


def run(place: Path, sql: str) -> None:
    db = apsw.Connection(str(place))
    db.execute(sql)
    db.close()


def within(index: int, byte: int) -> int:
    """Where a byte of entry `index` stands in its row, lengths included, in the rows of 64 from 64 on."""
    return sum(2 + len(statement(i)) for i in range(64, index)) + byte


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda p: change(p, "bundles", "statements", 7, 9), ["entry 7"]),
        (lambda p: change(p, "bundles", "statements", 7, 1), ["entry 7"]),  # its length
        (lambda p: change(p, "bundles", "statements", 64, within(71, 9)), ["entry 71"]),
        (lambda p: change(p, "bundles", "statements", 64, within(71, 0)), ["entry 71"]),
        (lambda p: change(p, "bundles", "statements", 64, within(71, 1)), ["entry 71"]),
        (lambda p: change(p, "tiles", "hashes", 1, 7 * 32), ["entry 263", "node 767", "entry 263"]),
        (lambda p: change(p, "tiles", "hashes", 32, 7 * 32), ["entry 8199", "node 16639"]),
        (lambda p: change(p, "tiles", "hashes", 33, 7 * 32), ["head", "entry 8455"]),
        (lambda p: change(p, "tiles", "hashes", -(1 << 40), 3 * 32), ["head", "node 1791"]),
        (lambda p: run(p, "DELETE FROM bundles WHERE id = 5"), ["entry 5"]),
        (lambda p: run(p, "DELETE FROM bundles WHERE id = 64"), [f"entry {i}" for i in range(64, 128)]),
        (lambda p: run(p, "INSERT INTO bundles VALUES (9000, x'000161')"), ["head"]),
        (lambda p: run(p, "UPDATE bundles SET statements = statements || x'000161' WHERE id = 9"), ["entry 9"]),
        (lambda p: run(p, "UPDATE buckets SET words = words || x'0011223344556677' WHERE id = 3"),
         ["search bucket 3"]),
    ],
)  # fmt: skip
def test_harm_is_found_by_name(place: Path, harm: Callable[[Path], None], named: list[str]) -> None:
    harm(place)
    assert [problem.place for problem in Ledger(place, KEYS, CLOCK).check()] == named


def test_an_entry_lost_from_the_search_runs_is_named(place: Path) -> None:
    run(place, "UPDATE buckets SET words = substr(words, 9) WHERE id = 40")
    [problem] = Ledger(place, KEYS, CLOCK).check()
    index = int(problem.place.removeprefix("entry "))
    assert Ledger(place, KEYS, CLOCK).find(merkle.leaf_hash(statement(index))) is None
    assert problem.problem == "it can't be found by its leaf hash"


OLD_LAYOUT = """
CREATE TABLE entries(
    id INTEGER PRIMARY KEY, leaf8 INTEGER NOT NULL, statement BLOB NOT NULL
);
CREATE INDEX entries_by_leaf ON entries(leaf8);
CREATE TABLE nodes(id INTEGER PRIMARY KEY, hash BLOB NOT NULL);
CREATE TABLE head(
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL, at TEXT NOT NULL,
    checkpoint TEXT NOT NULL
);
CREATE TABLE cosignatures(
    size INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (size, name, digest)
) WITHOUT ROWID;
CREATE TABLE generations(number INTEGER PRIMARY KEY, from_size INTEGER NOT NULL, retired_at INTEGER);
CREATE TABLE nodes_sm3(id INTEGER PRIMARY KEY, hash BLOB NOT NULL);
CREATE TABLE shards(
    name TEXT PRIMARY KEY, first INTEGER NOT NULL, past INTEGER NOT NULL, sha256 BLOB NOT NULL, purged INTEGER
) WITHOUT ROWID;
"""
"""The tables of the first layout, as released. Frozen: databases in this form exist."""


def in_old_layout(place: Path, old: Path, profile: Profile) -> None:
    """Write the same log as the first layout stored it: a row for each entry and each node."""
    source, db = apsw.Connection(str(place)), apsw.Connection(str(old))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN")
    db.execute(OLD_LAYOUT)
    ledger = Ledger(place, KEYS, CLOCK)
    moved = ledger.shards.all()
    for entry in ledger.entries():
        kept = b"" if any(s.first <= entry.index < s.past for s in moved) else entry.statement
        leaf8 = int.from_bytes(entry.leaf[:8], "big", signed=True)
        db.execute("INSERT INTO entries VALUES (?, ?, ?)", (entry.index, leaf8, kept))
    statements = [entry.statement for entry in ledger.entries()]
    nodes = merkle.Frontier(0, {}.__getitem__).append(map(merkle.leaf_hash, statements))
    db.executemany("INSERT INTO nodes VALUES (?, ?)", nodes)
    if profile is Profile.SM:
        second = merkle.Frontier(0, {}.__getitem__, merkle.sm3_node_hash)
        db.executemany(
            "INSERT INTO nodes_sm3 VALUES (?, ?)", second.append(map(merkle.sm3_leaf_hash, statements))
        )
    db.executemany("INSERT INTO head VALUES (?, ?, ?, ?, ?)", source.execute("SELECT * FROM head").fetchall())
    for s in moved:
        row = (s.name, s.first, s.past, s.sha256, s.purged)
        db.execute("INSERT INTO shards VALUES (?, ?, ?, ?, ?)", row)
    db.execute("COMMIT")
    db.close()
    source.close()
    ledger.close()


@pytest.mark.parametrize("profile", list(Profile))
def test_a_database_of_the_first_layout_is_taken_over(tmp_path: Path, profile: Profile) -> None:
    keys = replace(KEYS, profile=profile)
    made = Ledger.create(tmp_path / "new.db", keys, CLOCK)
    made.append_signed([statement(number) for number in range(4500)])
    shard = made.shards.prepare("2025", 512)
    made.append_signed([], lambda db, _: made.shards.close(db, shard))
    made.close()
    in_old_layout(tmp_path / "new.db", tmp_path / "old.db", profile)
    ledger = Ledger.open(tmp_path / "old.db", keys, CLOCK)
    assert [e.statement for e in ledger.entries()] == [statement(number) for number in range(4500)]
    assert ledger.root() == made.root()
    assert ledger.find(merkle.leaf_hash(statement(100))) == 100
    assert ledger.find(merkle.leaf_hash(statement(4400))) == 4400
    ledger.append_signed([statement(number) for number in range(4500, 5000)])
    assert ledger.check() == []
    tables = {name for (name,) in ledger.reader().execute("SELECT name FROM sqlite_schema")}
    assert not tables & {"entries", "nodes", "nodes_sm3", "entries_by_leaf"}
    ledger.close()
    assert Ledger.open(tmp_path / "old.db", keys, CLOCK).size() == 5000


def test_harm_in_a_database_of_the_first_layout_is_still_found(tmp_path: Path) -> None:
    made = Ledger.create(tmp_path / "new.db", KEYS, CLOCK)
    made.append_signed([statement(number) for number in range(600)])
    made.close()
    in_old_layout(tmp_path / "new.db", tmp_path / "old.db", Profile.DEFAULT)
    run(tmp_path / "old.db", "UPDATE entries SET statement = x'00' WHERE id = 77")
    run(tmp_path / "old.db", "DELETE FROM nodes WHERE id = 42")
    ledger = Ledger.open(tmp_path / "old.db", KEYS, CLOCK)
    assert [problem.place for problem in ledger.check()] == ["entry 21", "entry 77", "node 255"]


def test_a_shard_keeps_what_the_log_lets_go(ledger: Ledger, place: Path) -> None:
    shard = ledger.shards.prepare("first", 1024)
    ledger.append_signed([], lambda db, _: ledger.shards.close(db, shard))
    assert [e.statement for e in ledger.entries(0, 1100)] == [statement(i) for i in range(1100)]
    assert ledger.entry(1000).statement == statement(1000)
    assert ledger.reader().execute("SELECT min(id) FROM bundles").fetchone() == (1024,)
    assert ledger.check() == []
    ledger.append_signed([], lambda db, _: ledger.shards.purge(db, shard, 5, []))
    ledger.shards.remove_purged()
    assert ledger.check() == []
    assert ledger.check(EVERYTHING)[0].place == "entry 1024", (
        "the first statement that is read: it is no COSE"
    )
    with pytest.raises(NotRegistered):
        ledger.entry(3)
    assert ledger.leaf(3) == merkle.leaf_hash(statement(3))


def test_a_damaged_entry_does_not_enter_a_shard(ledger: Ledger, place: Path) -> None:
    change(place, "bundles", "statements", 64, within(71, 9))
    with pytest.raises(Corrupted, match="entry 71 "):
        ledger.shards.prepare("first", 1024)
    run(place, "DELETE FROM bundles WHERE id = 5")
    with pytest.raises(Corrupted, match="entry 5 "):
        ledger.shards.prepare("first", 1024)


def test_the_write_ahead_log_is_moved_while_the_writer_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BESIDE_PAGES", 20)
    monkeypatch.setattr(database, "AUTOCHECKPOINT_PAGES", 200)
    ledger = Ledger.create(tmp_path / "log.db", KEYS, CLOCK)
    for start in range(0, 5000, 100):
        ledger.append_signed([statement(number) * 20 for number in range(start, start + 100)])
    kept, moved = ((tmp_path / name).stat().st_size for name in ("log.db-wal", "log.db"))
    assert kept < 400 * database.PAGE_BYTES < moved
    assert ledger.check() == []
    ledger.close()
    assert Ledger.open(tmp_path / "log.db", KEYS, CLOCK).size() == 5000


def heads_kept(place: Path) -> tuple[Path, bytes]:
    path = place.with_suffix(".head")
    return path, path.read_bytes()


def test_a_torn_head_beside_the_database_leaves_the_one_before(ledger: Ledger, place: Path) -> None:
    for number in range(3):
        ledger.append_signed([statement(number)])
    ledger.close()
    path, data = heads_kept(place)
    assert f"\n{SIZE + 3}\n".encode() in data
    assert f"\n{SIZE + 2}\n".encode() in data
    newest = data.index(f"\n{SIZE + 3}\n".encode()) // heads.WITNESS_BYTES * heads.WITNESS_BYTES
    path.write_bytes(
        data[: newest + 40] + bytes(heads.WITNESS_BYTES - 40) + data[newest + heads.WITNESS_BYTES :]
    )
    again = Ledger.open(place, KEYS, CLOCK)
    again.append_signed([statement(9)])
    again.close()
    assert heads_kept(place)[1].count(b"test.example/log\n") == 2
    whole = heads_kept(place)[1]
    path.write_bytes(bytes(2 * heads.WITNESS_BYTES))
    Ledger.open(place, KEYS, CLOCK).close()
    assert heads_kept(place)[1].count(b"test.example/log\n") == 1, "written again"
    path.write_bytes(whole.replace(b"\n\n", b"\n \n"))
    with pytest.raises(HistoryForked, match="can't be read"):
        Ledger.open(place, KEYS, CLOCK)


def test_a_head_file_that_an_earlier_version_wrote_is_read(
    ledger: Ledger, place: Path, tmp_path: Path
) -> None:
    shutil.copy(place, tmp_path / "before.db")
    ledger.append_signed([statement(1)])
    note = ledger.checkpoint()
    ledger.close()
    place.with_suffix(".head").write_text(note, "utf-8")
    Ledger.open(place, KEYS, CLOCK).close()
    shutil.copy(tmp_path / "before.db", place)
    with pytest.raises(HistoryForked, match="was signed before"):
        Ledger.open(place, KEYS, CLOCK)
