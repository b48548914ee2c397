"""Accounts in PostgreSQL: the same rules, the same receipts, an outbox that crashes can't hurt, no over-issue."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sealtrace.clock import FixedClock
from sealtrace.custody.service import Custody
from sealtrace.errors import (
    Corrupted,
    KeyReused,
    LicenceNotInForce,
    NotOnLicence,
    QuantityExceeded,
    StorageFailed,
)
from sealtrace.licences import accounts, store
from sealtrace.licences import desk as embedded
from sealtrace.licences.account import Amount, Kind, Request, Want
from sealtrace.licences.central import Central
from sealtrace.licences.desk import Terms
from sealtrace.licences.turn import Receipt
from sealtrace.testing.postgres import binaries, cluster

CLOCK = FixedClock(datetime(2026, 6, 1, tzinfo=UTC))
TERMS = Terms("DU-1", "single", date(2026, 1, 1), date(2026, 12, 31))

pytestmark = pytest.mark.skipif(binaries() is None, reason="PostgreSQL (initdb, pg_ctl) is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with cluster(durable=False) as dsn:
        yield dsn


@pytest.fixture
def dsn(server: str, request: pytest.FixtureRequest) -> str:
    name = f"t{abs(hash(request.node.name))}"
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}")
    return server.replace("dbname=postgres", f"dbname={name}")


@pytest.fixture
def central(dsn: str, memory: Path) -> Iterator[Central]:
    with (
        Custody.create(memory / "h", org="C", org_code="C", clock=CLOCK) as custody,
        Central(custody.office, dsn) as made,
    ):
        made.add(TERMS, "1C905.b", "Dy", Amount(1000))
        yield made


def draw(mg: int, key: str, **more: Any) -> Request:
    return Request("DU-1", Kind.DRAW, key, (Want("Dy", Amount(mg)),), **more)


def test_the_same_rules_hold(central: Central) -> None:
    central.add(TERMS, "1C905.b", "Dy", Amount(1000))  # the same words again
    first = central.post(draw(600, "a"))
    assert (first.lines[0][2], first.replayed) == (400, False)
    again = central.post(draw(600, "a"))
    assert (again.entry, again.leaf, again.lines, again.replayed) == (
        first.entry,
        first.leaf,
        first.lines,
        True,
    )
    with pytest.raises(KeyReused):
        central.post(draw(601, "a"))
    with pytest.raises(QuantityExceeded):
        central.post(draw(401, "b"))
    with pytest.raises(NotOnLicence):
        central.post(Request("DU-2", Kind.DRAW, "x", (Want("Dy", Amount(1)),)))
    central.post(Request("DU-1", Kind.RESERVE, "r", (Want("Dy", Amount(400)),)))
    central.post(draw(300, "c", ref="r"))
    central.post(Request("DU-1", Kind.RELEASE, "e", (Want("Dy", Amount(100)),), "r"))
    central.post(draw(100, "d"))
    [line] = central.lines("DU-1")
    assert (line.balance.drawn.element_mg, line.balance.available.element_mg) == (1000, 0)
    with pytest.raises((QuantityExceeded, LicenceNotInForce)):
        central.post(draw(1, "f"))
    assert central.check() == []


def test_receipts_name_the_ledgers_entries(central: Central) -> None:
    receipts = central.post_many([draw(i, f"k{i}") for i in range(1, 6)])
    ledger = central.office.ledger
    for receipt in receipts:
        assert isinstance(receipt, Receipt)
        assert ledger.entry(receipt.entry).leaf == receipt.leaf
    assert ledger.check() == []
    assert central.carry() == 0


def test_postings_can_only_be_added(central: Central) -> None:
    for statement in (
        "UPDATE licence_moves SET key = 'x'", "DELETE FROM licence_postings", "TRUNCATE licence_moves CASCADE",
        "UPDATE licence_lines SET drawn_element = 1001",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.IntegrityError):
            central.db.connection.execute(statement)


def test_one_who_opens_the_accounts_never_waits_in_a_ring_with_one_who_posts(
    central: Central, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening makes the tables where they are missing, which locks them: here in the middle of a posting."""
    real, waiting = store.insert_moves, "SELECT 1 FROM pg_locks WHERE NOT granted"

    def opened_meanwhile(*args: Any) -> list[int]:
        second.start()
        with psycopg.connect(dsn, autocommit=True) as eye:
            while second.is_alive() and eye.execute(waiting).fetchone() is None:
                pass
        monkeypatch.undo()
        return real(*args)

    problems = list[BaseException]()

    def open_it() -> None:
        try:
            Central(central.office, dsn).__exit__()
        except StorageFailed as e:
            problems.append(e)

    second = threading.Thread(target=open_it)
    monkeypatch.setattr(store, "insert_moves", opened_meanwhile)
    assert central.post(draw(1, "a")).lines[0][2] == 999
    second.join()
    assert problems == []


def test_a_crash_before_and_after_the_ledger_carries_each_line_once(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = central.office.ledger.size()

    def dies(*args: Any) -> Any:
        raise RuntimeError("power")

    with monkeypatch.context() as patched:  # the posting is there, its entry is not
        patched.setattr(central, "_into_ledger", dies)
        with pytest.raises(RuntimeError):
            central.post(draw(1, "a"))
    assert (central.office.ledger.size(), len(central.check())) == (size, 1)
    into_ledger = central._into_ledger

    def dies_after(rows: Any) -> Any:
        into_ledger(rows)
        raise RuntimeError("power")

    with monkeypatch.context() as patched:  # the entry is there, the outbox does not know
        patched.setattr(central, "_into_ledger", dies_after)
        with pytest.raises(RuntimeError):
            central.carry()
    assert (central.office.ledger.size(), len(central.check())) == (size + 1, 1)
    assert central.carry() == 1
    assert (central.office.ledger.size(), central.check()) == (size + 1, [])
    again = central.post(draw(1, "a"))
    assert (again.replayed, again.entry) == (True, size)


def test_a_database_that_was_set_back_is_noticed(central: Central) -> None:
    central.post(draw(1, "a"))
    central.db.execute("UPDATE ledger_outbox SET entry = NULL, digest = ?", (bytes(32),))
    with pytest.raises(Corrupted, match="set back"):
        central.carry()


def test_no_server_is_our_error(memory: Path) -> None:
    with (
        Custody.create(memory / "h", org="C", org_code="C", clock=CLOCK) as custody,
        pytest.raises(StorageFailed),
    ):
        Central(custody.office, f"host={memory} user=nobody dbname=none connect_timeout=1")


def test_contending_writers_and_a_kill_never_over_issue(dsn: str, memory: Path) -> None:
    with (
        Custody.create(memory / "h", org="C", org_code="C", clock=CLOCK) as custody,
        Central(custody.office, dsn) as made,
    ):
        made.add(TERMS, "1C905.b", "Dy", Amount(700))
    children = [fork(memory / "h", dsn, seed) for seed in range(3)]
    os.kill(children[0], signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    with Custody.open(memory / "h", clock=CLOCK) as custody, Central(custody.office, dsn) as made:
        made.carry()
        [line] = made.lines("DU-1")
        assert 600 < line.balance.drawn.element_mg <= 700
        assert made.check() == []
        assert custody.office.ledger.check() == []
        assert embedded.check(custody.office) == []
        assert accounts.BATCH == 500


def fork(home: Path, dsn: str, seed: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            with Custody.open(home, clock=CLOCK) as custody, Central(custody.office, dsn) as made:
                for batch in range(6):
                    made.post_many([draw(3, f"{seed} {batch} {i}") for i in range(20)])
        finally:
            os._exit(0)
    return child
