"""One bit flipped in every column of every table, every published file, and every proof: found, by name.

Tables and columns are read from the database itself, so that a new one can't be forgotten.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import apsw
import pytest

from sealtrace.custody.service import Custody
from sealtrace.errors import HistoryForked, ProofInvalid, SealtraceError
from sealtrace.ledger.check import EVERYTHING
from sealtrace.ledger.monitor import Alarm, Monitor, folder_source
from sealtrace.ledger.verify import (
    open_checkpoint,
    verify_consistency,
    verify_inclusion,
    verify_receipt,
    verify_statement,
)

from .power import CLOCK, OPERATORS, Day, drafts, found

Place = tuple[str, str]


def prepare(root: Path) -> None:
    """A home in which everything has happened at least once."""
    root.mkdir()
    found(root)
    day = Day(root)
    day.set_policy()
    day.append(3)
    day.rotate()
    day.register()
    day.publish()
    day.erase(OPERATORS[1])
    day.publish()
    day.close()
    with Custody.open(root / "home", clock=CLOCK) as custody:
        custody.trace([root.parent / f"{OPERATORS[0]}.txt"])
        custody.office.ledger.empty_write_ahead_log()


def places(database: Path) -> Iterator[Place]:
    """Every column of every table that holds a row."""
    with closing(apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)) as db:
        tables = db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        for (table,) in tables:
            if db.execute(f"SELECT 1 FROM {table}").fetchone():
                for row in db.execute(f"PRAGMA table_info({table})").fetchall():
                    yield str(table), str(row[1])


def flipped(value: object) -> object:
    """The value with one bit changed; something where there was nothing."""
    match value:
        case None:
            return 1
        case int():
            return value ^ 1
        case str():
            at = len(value) // 2
            return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :] if value else "x"
        case bytes():
            at = len(value) // 2
            return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] if value else b"x"
    raise TypeError(value)


def flip(database: Path, place: Place, which: int) -> bool:
    """Change one bit of one row's column, past every constraint; tell whether there is such a row."""
    table, column = place
    with closing(apsw.Connection(str(database))) as db:
        for setting in ("ignore_check_constraints = ON", "foreign_keys = OFF"):
            db.execute(f"PRAGMA {setting}").fetchall()
        keys = [str(r[1]) for r in db.execute(f"PRAGMA table_info({table})") if r[5]] or ["rowid"]
        alive = (
            " WHERE sealed <> x''" if table == "copies" else ""
        )  # an erased copy has nothing to compare with
        rows = db.execute(f"SELECT {', '.join(keys)}, {column} FROM {table}{alive}").fetchall()
        if which >= len(rows):
            return False
        *key, value = rows[which] if which else rows[-1]
        matching = " AND ".join(f"{name} IS ?" for name in keys)
        try:
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {matching}", (flipped(value), *key))
        except apsw.ConstraintError:  # the next row has that key already
            far = value ^ (1 << 20) if isinstance(value, int) else flipped(flipped(value))
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {matching}", (far, *key))
    return True


def findings(home: Path) -> list[str]:
    """What opening and checking say, by name."""
    try:
        with Custody.open(home, clock=CLOCK) as custody:
            return [f"{p.place}: {p.problem}" for p in custody.check(EVERYTHING)]
    except SealtraceError as e:
        return [e.message]


UNCOMMITTED = {
    ("head", "at"): "when the head was written, for people; the log's order needs no clock",
    ("units", "id"): "a number of the text index, which is derived",
    ("units", "part"): "as above",
    ("units", "name"): "as above",
    ("versions", "indexed"): "whether the derived indexes hold it",
    ("witnesses", "url"): "where a witness is asked; who it is, its key says",
}
"""What no entry commits to, and why that does no harm."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tampering") / "disk"
    prepare(root)
    return root / "home"


@pytest.fixture
def copied(home: Path, memory: Path) -> Callable[[], Path]:
    """Give a fresh copy of the home."""

    def copy() -> Path:
        shutil.rmtree(memory / "home", ignore_errors=True)
        return Path(shutil.copytree(home, memory / "home"))

    return copy


def test_nothing_is_found_where_nothing_was_altered(copied: Callable[[], Path]) -> None:
    assert findings(copied()) == []


def test_a_bit_in_any_column_of_any_table_is_found_by_name(home: Path, copied: Callable[[], Path]) -> None:
    missed: set[Place] = set()
    for place in places(home / "register.db"):
        for which in range(2):
            altered = copied()
            if flip(altered / "register.db", place, which) and not findings(altered):
                missed.add(place)
    assert missed == set(UNCOMMITTED)


def test_a_bit_in_the_head_beside_the_database_is_found(copied: Callable[[], Path]) -> None:
    for at in (0, 30, 60, -4):  # what is signed, and a signature; an unknown line is nobody's
        altered = copied() / "register.head"
        data = altered.read_bytes()
        altered.write_bytes(bit(data, at if at >= 0 else len(data.rstrip(b"\0")) + at))
        assert any("head witness" in said for said in findings(altered.parent)), at


def test_a_rolled_back_database_is_named(home: Path, copied: Callable[[], Path]) -> None:
    rolled = copied()
    old = (rolled / "register.db").read_bytes()
    with Custody.open(rolled, clock=CLOCK) as custody:
        custody.office.ledger.append(drafts(0, 2))
        custody.office.ledger.empty_write_ahead_log()
    (rolled / "register.db").write_bytes(old)
    for name in ("register.db-wal", "register.db-shm"):
        (rolled / name).unlink(missing_ok=True)
    with pytest.raises(HistoryForked, match="head witness"):
        Custody.open(rolled, clock=CLOCK)


def test_a_bit_in_any_published_file_is_found_by_name(home: Path, tmp_path: Path) -> None:
    """A monitor that starts afresh names every altered file that gives the log's entries or head."""
    public = home.parent / "public"
    with Custody.open(home, clock=CLOCK) as custody:
        keys = custody.office.ledger.keys()
    for number, path in enumerate(newest_files(public)):
        shown = tmp_path / str(number)
        shutil.copytree(public, shown)
        target = shown / path
        whole = target.read_bytes()
        end = whole.index(b"\n", whole.index(b"\n\n") + 2) if path.name == "checkpoint" else len(whole)
        middle = whole.index(b"\n\n") // 2 if path.name == "checkpoint" else end // 2
        for at in (0, middle, end - 1):  # of the checkpoint what the log's own key signs, and its line
            target.write_bytes(bit(whole, at))
            memory = tmp_path / f"memory-{number}-{at}"
            look = Monitor(
                folder_source(shown), memory, keys.verifier_keys, CLOCK, statement_keys=keys.statement_keys
            ).look()
            assert look.findings, f"{path}: byte {at}"
            assert {finding.alarm for finding in look.findings} <= NAMES
        target.write_bytes(whole)


NAMES = {Alarm.BAD_SIGNATURE, Alarm.BROKEN_TREE, Alarm.BAD_STATEMENT, Alarm.FORK, Alarm.UNREACHABLE}


def newest_files(public: Path) -> list[Path]:
    """The checkpoint and the entry bundle that belongs to it."""
    size = int((public / "checkpoint").read_text("utf-8").split("\n")[1])
    return [Path("checkpoint"), Path(f"tile/entries/000.p/{size}")]


def test_a_bit_in_any_proof_is_found_by_name(home: Path) -> None:
    """Every byte of a statement, a receipt and a checkpoint's signed part; and of every proof's hashes."""
    with Custody.open(home, clock=CLOCK) as custody:
        ledger = custody.office.ledger
        keys, entry, receipt, note = ledger.keys(), ledger.entry(5), ledger.receipt(5), ledger.checkpoint()
        size, root = ledger.size(), ledger.root()
        path, proof, old = ledger.inclusion(5, size), ledger.consistency(7, size), ledger.root(7)
    for at in range(0, len(entry.statement), 3):
        with pytest.raises(ProofInvalid):
            verify_statement(bit(entry.statement, at), keys.statement_keys)
    proved = verify_receipt(receipt, entry.statement, keys.receipt_keys)
    assert (proved.size, proved.root) == (size, root)
    for at in range(len(receipt)):
        with suppress(ProofInvalid):  # the tree size stands beside what RFC 9942 signs: a checkpoint tells
            assert verify_receipt(bit(receipt, at), entry.statement, keys.receipt_keys).size != proved.size
    text = note.encode()
    for at in range(0, len(note.split("\n\n")[0]), 2):
        with pytest.raises(ProofInvalid):
            open_checkpoint(bit(text, at).decode("utf-8", "replace"), keys.verifier_keys)
    for number, node in enumerate(path):
        with pytest.raises(ProofInvalid):
            verify_inclusion(5, size, entry.leaf, [*path[:number], bit(node, 7), *path[number + 1 :]], root)
    for number, node in enumerate(proof):
        with pytest.raises(ProofInvalid):
            verify_consistency(7, size, [*proof[:number], bit(node, 7), *proof[number + 1 :]], old, root)


def bit(data: bytes, at: int) -> bytes:
    """The data with one bit of one byte changed."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
