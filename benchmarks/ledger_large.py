"""Part of the ledger's benchmark: searches and proofs in a log of millions of entries with its register of copies.

The statements have 160 bytes, about a commitment's size without certificates. The register's rows are
made in bulk by SQL, with its real tables and indexes: 100,000 people, 100,000 devices, ids and entries in
unrelated order. Nothing of it is durable on the way; it is built to be searched.
"""

import hashlib
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import apsw

from sealtrace.clock import SystemClock
from sealtrace.custody import store
from sealtrace.custody.finding import find
from sealtrace.custody.office import Office
from sealtrace.custody.subjects import Subjects
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.merkle import leaf_hash
from sealtrace.ledger.model import LedgerKeys
from sealtrace.vault.keyring import Keyring

STATEMENT_BYTES, AT_ONCE, NAMES = 160, 20_000, 100_000
SAMPLES = 1000


def statement(number: int) -> bytes:
    """Different bytes for each entry."""
    return hashlib.shake_128(number.to_bytes(8, "big")).digest(STATEMENT_BYTES)


def measure(folder: Path, size: int) -> None:
    """Build, unless it is there, then print the times of searches and proofs."""
    keys = LedgerKeys("bench/large", "urn:bench", lambda name: hashlib.sha256(name.encode()).digest())
    keyring = cast(Keyring, SimpleNamespace(secret=lambda name: hashlib.sha256(name.encode()).digest()))
    path, subjects = folder / "large.db", Subjects(keyring)
    if not path.exists():
        build(path, keys, subjects, size)
    print(f"database {path.stat().st_size / 1e9:.1f} GB")
    search(path, keys, subjects, size)


def build(path: Path, keys: LedgerKeys, subjects: Subjects, size: int) -> None:
    """Fill the log, then the register; print what they take."""
    ledger = Ledger.create(path, keys, SystemClock())
    began = time.perf_counter()
    for start in range(0, size, AT_ONCE):
        ledger.append_signed([statement(number) for number in range(start, min(size, start + AT_ONCE))])
    print(f"built    {size:,} entries in {time.perf_counter() - began:.0f} s")
    ledger.empty_write_ahead_log()
    beyond = (path.stat().st_size - size * STATEMENT_BYTES) / size
    print(f"size     {beyond:.0f} bytes an entry beyond the statement: tree, search runs, lengths, pages")
    began = time.perf_counter()
    copies(path, subjects, size)
    print(f"built    {size:,} copies in {time.perf_counter() - began:.0f} s")
    ledger.close()


def search(path: Path, keys: LedgerKeys, subjects: Subjects, size: int) -> None:
    """Print the times of searches and proofs, the first of each series with the page cache dropped."""
    draw = random.Random(1)
    numbers = [draw.randrange(size) for _ in range(2 * SAMPLES)]
    began = time.perf_counter()
    ledger = Ledger.open(path, keys, SystemClock())
    print(f"open     {(time.perf_counter() - began) * 1e3:.1f} ms")
    office = cast(Office, SimpleNamespace(db=ledger.reader(), subjects=subjects))
    leaves = {number: leaf_hash(statement(number)) for number in numbers}

    def by_hash(number: int) -> None:
        assert ledger.find(leaves[number]) == number

    def by_bytes(number: int) -> None:
        assert len(find(office, sha256=digest(number))) == 1

    def by_person(number: int) -> None:
        assert find(office, operator=f"op-{number % NAMES}")

    def by_device(number: int) -> None:
        assert find(office, device=f"dev-{number * 31 % NAMES}")

    def proof(number: int) -> None:
        ledger.inclusion(number, size)

    series: list[tuple[str, Callable[[int], None]]] = [
        ("leaf hash", by_hash), ("exact bytes", by_bytes), ("person", by_person), ("device", by_device),
        ("proof", proof),
    ]  # fmt: skip
    for name, act in series:
        forget_pages(path)
        cold = times(act, numbers[:SAMPLES])
        warm = times(act, numbers[:SAMPLES])
        print(f"{name:12} first {spread(cold)}   again {spread(warm)}")
    ledger.close()


def times(act: Callable[[int], None], numbers: list[int]) -> list[tuple[float, float]]:
    """Milliseconds of each act: elapsed, and of this thread on a core, which other programs do not add to."""
    taken = []
    for number in numbers:
        began, worked = time.perf_counter(), time.thread_time()
        act(number)
        taken.append(((time.perf_counter() - began) * 1e3, (time.thread_time() - worked) * 1e3))
    return taken


def spread(taken: list[tuple[float, float]]) -> str:
    """Median and 99th percentile of the elapsed times, and the latter of the working times."""
    elapsed, worked = (sorted(each) for each in zip(*taken, strict=True))
    median, high = len(taken) // 2, len(taken) * 99 // 100
    return f"p50 {elapsed[median]:.3f} p99 {elapsed[high]:.3f} (worked {worked[high]:.3f}) ms"


def forget_pages(path: Path) -> None:
    """Ask the system to drop the file from its page cache, so that the next reads come from the disk."""
    handle = os.open(path, os.O_RDONLY)
    os.fdatasync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)


def digest(number: int) -> bytes:
    """The digest that copy `number` of the register carries."""
    return number.to_bytes(8, "big") + b"\x5a" * 24


def copies(path: Path, subjects: Subjects, size: int) -> None:
    """Fill the register's table of copies, then make its indexes."""
    db = apsw.Connection(str(path))
    db.execute("PRAGMA synchronous = OFF").fetchall()
    db.execute("PRAGMA cache_size = -262144").fetchall()
    db.execute("PRAGMA temp_store_directory = '" + str(path.parent) + "'").fetchall()
    db.execute(store.SCHEMA)
    known = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'copies'"
    for (index,) in db.execute(known).fetchall():
        db.execute(f"DROP INDEX {index}")
    db.execute("CREATE TEMP TABLE names(n INTEGER PRIMARY KEY, subject BLOB, device BLOB)")
    names: list[tuple[Any, ...]] = [
        (n, subjects.token("operator", f"op-{n}"), subjects.token("device", f"dev-{n}")) for n in range(NAMES)
    ]
    db.executemany("INSERT INTO names VALUES (?, ?, ?)", names)
    db.execute("BEGIN")
    db.execute("INSERT INTO files VALUES (1, 1, 'large', 'general')")
    db.execute(
        "INSERT INTO versions(id, file, version, name, kind, size_bytes, sha256, iscc, key_id, plan, pages,"
        " registered_at, entry, opening) VALUES (1, 1, 1, 'a', 'pdf', 1, x'00', '', x'00', '{}', 1, '', 0, x'')"
    )
    db.create_scalar_function("digest", digest, 1, deterministic=True)
    db.execute(
        "WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < ?1 - 1)"
        " INSERT INTO copies SELECT i, 1, 'copy', NULL, s.subject, d.device, randomblob(160), '[[\"page\", 64]]',"
        " digest(i), '2026-11-01T00:00:00Z', i * 7919 % ?1 FROM numbers"
        " JOIN names s ON s.n = i % ?2 JOIN names d ON d.n = i * 31 % ?2",
        (size, NAMES),
    )
    db.execute("COMMIT")
    db.execute(store.SCHEMA)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
